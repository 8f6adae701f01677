"""docs/graph-coverage.md tells the truth: it is what the routes serve, and what is refused is refused."""

from __future__ import annotations

import pytest

from tests.graph.coverage import IMPLEMENTED, PAGE, REFUSED, concrete, operations, page
from tests.graph.served import Api


def test_the_page_is_what_the_routes_serve() -> None:
    """Written anew by `python -m tests.graph.coverage`."""
    assert page() == PAGE.read_text("utf-8")


@pytest.mark.parametrize("version", ["v1.0", "beta"])
def test_what_the_real_service_refuses_is_refused(api: Api, version: str) -> None:
    """Operations that SDKs have and nobody may call answer 4xx, in Graph's shape."""
    token = api.token()
    for one in operations(version):
        if one.standing == REFUSED:
            path = concrete(one.path).replace("/x", f"/{'kim@contoso.example'}", 1)
            got = api.call(one.verb.upper(), f"/{version}/{path}", {} if one.verb in {"post", "patch"} else None, token=token)
            assert got.status in {400, 403, 404, 405}, one.path
            assert got.body["error"]["code"], one.path


@pytest.mark.parametrize("version", ["v1.0", "beta"])
def test_counts_of_methods_are_plain_numbers(api: Api, version: str) -> None:
    """Every collection has `$count`; the module's `…Count` cmdlets ask for it."""
    kim = api.new_user("kim")
    paths = [f"/{version}/users/{kim}/authentication/{name}/$count" for name in ("phoneMethods", "methods", "fido2Methods")]
    assert [0, 1, 0] == [int(str(api.call("GET", path).body)) for path in paths]


def test_something_is_implemented() -> None:
    """The page would be true of an empty table too."""
    assert 60 < sum(one.standing == IMPLEMENTED for one in operations("v1.0"))
