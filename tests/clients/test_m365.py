"""CLI for Microsoft 365, with an entry of its table of clouds added before it starts. Source: clients 2.6."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from tests.clients.conftest import ROOT, run_program
from tests.conftest import need

pytestmark = pytest.mark.slow

_M365: Final = ROOT / "var" / "clients" / "m365" / "node_modules" / ".bin" / "m365"
_CLOUD: Final = Path(__file__).with_name("m365") / "cloud.mjs"
_PHONES: Final = "@graph/users/kim@contoso.example/authentication/phoneMethods"
_MOBILE: Final = f"{_PHONES}/3179e48a-750b-4051-897c-87b9720928f7"
_JSON: Final = ("--content-type", "application/json")


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """The CLI in an empty home that knows the cloud, and tells nobody what it does."""
    need(_M365.exists(), "CLI for Microsoft 365 (./dev test installs it)")
    own = {**environment, "NODE_OPTIONS": f"--import {_CLOUD}", "CLIMICROSOFT365_NOUPDATE": "1"}
    run_program(own, _M365, "cli", "config", "set", "--key", "disableTelemetry", "--value", "true")
    return own


def m365(environment: dict[str, str], *words: str) -> Any:  # noqa: ANN401 - JSON
    """What a command of the CLI answers."""
    return json.loads(run_program(environment, _M365, *words, "--output", "json"))


def sign_in(environment: dict[str, str], app: str, *proof: str) -> Any:  # noqa: ANN401 - JSON
    """Log in as an application."""
    return m365(environment, "login", "--cloud", "Ringfence", "--appId", app, "--tenant", environment["TENANT"], *proof)


def test_m365_signs_in_by_secret_and_reads_users(environment: dict[str, str]) -> None:
    """`m365 login --authType secret`, `m365 entra user list/get`."""
    account = sign_in(environment, environment["APP"], "--authType", "secret", "--secret", environment["SECRET"])
    listed = m365(environment, "entra", "user", "list", "--properties", "id,displayName")
    found = m365(environment, "entra", "user", "list", "--displayName", "Le", "--properties", "displayName")
    shown = m365(environment, "entra", "user", "get", "--userName", "kim@contoso.example")
    assert ("scripts", "Ringfence") == (account["connectedAs"], account["cloudType"])
    names = [sorted(one["displayName"] for one in users) for users in (listed, found)]
    assert [["Kim", "Lee", "Max"], ["Lee"]] == names
    assert next(one["id"] for one in listed if one["displayName"] == "Kim") == shown["id"]


def test_m365_signs_in_by_certificate_and_keeps_phones(environment: dict[str, str]) -> None:
    """`m365 login --authType certificate`; `m365 request` creates, changes, reads and deletes a phone, and tells a 404."""
    proof = ("--authType", "certificate", "--certificateFile", environment["CERTIFICATE"])
    assert "certified" == sign_in(environment, environment["CERTIFIED_APP"], *proof)["connectedAs"]
    new, other = '{"phoneNumber":"+1 4255550133","phoneType":"mobile"}', '{"phoneNumber":"+1 4255550134"}'
    made = m365(environment, "request", "--url", _PHONES, "--method", "post", "--body", new, *_JSON)
    m365(environment, "request", "--url", _MOBILE, "--method", "patch", "--body", other, *_JSON)
    read = m365(environment, "request", "--url", _MOBILE)
    m365(environment, "request", "--url", _MOBILE, "--method", "delete")
    gone = subprocess.run(
        [_M365, "request", "--url", _MOBILE], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert ("+1 4255550133", "+1 4255550134") == (made["phoneNumber"], read["phoneNumber"])
    assert (1, True) == (gone.returncode, "404" in gone.stderr)
