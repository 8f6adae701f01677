"""`ringfence telephony`: what it changes and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.command_line import CommandLine
from tests.cli.conftest import At


@pytest.fixture
def telephony(at: At) -> CommandLine:
    """A new tenant in Germany."""
    cli = at("")
    cli.done("init", "--country", "de")
    return cli


def _show(cli: CommandLine) -> dict[str, Any]:
    found: dict[str, Any] = cli.json("telephony", "show")
    return found


def test_a_new_tenant_may_text_its_own_country(telephony: CommandLine) -> None:
    """And no other."""
    assert (["49"], []) == (_show(telephony)["allowed"], _show(telephony)["denied"])


def test_allow_and_deny(telephony: CommandLine) -> None:
    """What stands below something allowed is denied by name; what was allowed itself is just taken away."""
    telephony.done("telephony", "allow", "+1", "43")
    telephony.done("telephony", "deny", "1684", "43")
    assert (["1", "49"], ["1684"]) == (_show(telephony)["allowed"], _show(telephony)["denied"])


def test_the_last_country_is_denied(telephony: CommandLine) -> None:
    """It is said that nothing is sent now, and how to allow a country; in JSON beside the document."""
    answer = telephony("telephony", "deny", "49")
    told = "Nothing is allowed now: no text and no call goes anywhere. To allow a country: ringfence telephony allow 49\n"
    assert (0, True, told) == (answer.code, answer.out.startswith("Allowed: no country, so nothing is sent"), answer.err)
    assert "" == telephony("telephony", "allow", "43").err


def test_limits_and_budget(telephony: CommandLine) -> None:
    """Each by itself; the rest stays."""
    telephony.done("telephony", "limits", "--user", "7", "--user-day", "70")
    telephony.done("telephony", "budget", "200", "--price", "sms=0.079", "--price", "voice:1=0.02", "--currency", "chf")
    shown = _show(telephony)
    assert {"number": 10, "prefix": 250, "tenant": 500, "user": 7, "userDay": 70} == shown["limits"]
    assert ("200.000", {"sms": "0.079", "voice:1": "0.020"}, "CHF") == (shown["budget"], shown["prices"], shown["currency"])
    assert "none" in telephony.done("telephony", "budget", "none")


@pytest.mark.parametrize(
    "words",
    [
        ("allow", "de"),
        ("allow", "049"),
        ("deny", ""),
        ("limits", "--user", "0"),
        ("budget", "many"),
        ("budget", "-1"),
        ("budget", "1.0001"),
        ("budget", "NaN"),
        ("budget", "10", "--price", "fax=1"),
        ("budget", "10", "--price", "sms"),
        ("budget", "10", "--price", "sms:=1"),
        ("budget", "10", "--currency", "euro"),
    ],
)
def test_what_is_refused(telephony: CommandLine, words: tuple[str, ...]) -> None:
    """Exit code 2, and nothing changes."""
    before = _show(telephony)
    assert 2 == telephony("telephony", *words).code
    assert before == _show(telephony)


def test_a_country_that_is_none(at: At) -> None:
    """Is told before anything is made."""
    cli = at("")
    assert (2, []) == (cli("init", "--country", "Germany").code, list(cli.folder.iterdir()))
