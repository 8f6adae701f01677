"""Azure CLI with nothing but its documented configuration. Source: clients 2.5."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.clients.conftest import ROOT, run_program
from tests.conftest import need

pytestmark = pytest.mark.slow

_AZ = ROOT / "var" / "clients" / "azure" / "bin" / "az"


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """The CLI in an empty home, signed in as the application, in a cloud of its own."""
    need(_AZ.exists(), "Azure CLI (./dev test installs it)")
    own = {**environment, "AZURE_CORE_INSTANCE_DISCOVERY": "false", "AZURE_CORE_COLLECT_TELEMETRY": "false"}
    root = environment["ROOT"]
    addresses = {
        "active-directory": root,
        "active-directory-resource-id": f"{root}/",
        "active-directory-graph-resource-id": f"{root}/",
        "microsoft-graph-resource-id": f"{root}/",
        "resource-manager": root,
        "management": root,
    }
    endpoints = [word for name, address in addresses.items() for word in (f"--endpoint-{name}", address)]
    run_program(own, _AZ, "cloud", "register", "-n", "Ringfence", "--skip-endpoint-discovery", *endpoints)
    run_program(own, _AZ, "cloud", "set", "-n", "Ringfence")
    person = ("-u", environment["APP"], "-p", environment["SECRET"], "--tenant", environment["TENANT"])
    run_program(own, _AZ, "login", "--service-principal", *person, "--allow-no-subscriptions")
    return own


def az(environment: dict[str, str], *words: str) -> Any:  # noqa: ANN401 - JSON
    """What a command of the CLI answers."""
    return json.loads(run_program(environment, _AZ, *words))


def test_az_lists_shows_and_asks(environment: dict[str, str]) -> None:
    """`az login --service-principal`, `az ad user list/show`, `az rest`."""
    listed = az(environment, "ad", "user", "list", "--query", "[].userPrincipalName")
    shown = az(environment, "ad", "user", "show", "--id", "kim@contoso.example", "--query", "displayName")
    path = f"{environment['ROOT']}/v1.0/users/kim@contoso.example/authentication/passwordMethods"
    assert (3, "Kim") == (len(listed), shown)
    assert 1 == len(az(environment, "rest", "--url", path)["value"])
