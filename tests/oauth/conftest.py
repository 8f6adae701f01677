"""The token service that the tests of this folder call, with the API beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from ringfence.application.identity.applications import CreateApplication, Issued, create_application
from tests.contract.deployments import TENANT
from tests.contract.engines import empty_database
from tests.graph.conftest import ENGINES
from tests.graph.served import Api, Reply, served


class Service:
    """The token service of one deployment."""

    def __init__(self, api: Api) -> None:
        """Call it through the API's client, which has both surfaces."""
        self.api = api

    def application(self, **fields: Any) -> Issued:  # noqa: ANN401 - any field of the command
        """A new application, with its secret."""
        command = CreateApplication("scripts", **{"permissions": ("User.Read.All",), "delegated": ("User.Read",), **fields})
        return create_application(self.api.joined.services, TENANT, command, self.api.clock.now())

    def post(self, path: str, headers: dict[str, str] | None = None, /, **fields: str) -> Reply:
        """Send a form to a path of the tenant."""
        sent = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        return self.raw(f"/contoso.example{path}", urlencode(fields), sent)

    def raw(self, path: str, body: str, headers: dict[str, str]) -> Reply:
        """Send a body as it is."""
        path, _, query = path.partition("?")
        got = self.api.client.simulate_post(path, query_string=query, body=body, headers=headers)
        assert not self.api.errors, self.api.errors
        return Reply(got.status_code, json.loads(got.text), {name.lower(): value for name, value in got.headers.items()})


@pytest.fixture(params=ENGINES)
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Service]:
    """The token service, once per engine."""
    with empty_database(request.param, request, tmp_path) as url, served(url, tmp_path / "ringfence.key") as api:
        yield Service(api)
