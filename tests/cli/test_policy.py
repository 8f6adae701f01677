"""`ringfence policy show|enable|disable|set|reset`."""

from __future__ import annotations

import pytest

from ringfence.cli.policy import SHORT
from ringfence.domain.policy.methods_policy import DEFAULT_POLICY
from ringfence.domain.policy.policy_settings import SETTINGS, written_policy
from tests.cli.conftest import At

_LEAST = "TemporaryAccessPass.minimumLifetimeInMinutes"
_TWICE = ("policy", "set", "pass-least=30", "pass-minutes=30")


def test_the_default_is_shown(at: At) -> None:
    """Every setting, of no version."""
    shown = at("initialised").json("policy", "show")
    assert {"settings": written_policy(DEFAULT_POLICY), "version": 0, "lastModifiedDateTime": None} == shown


@pytest.mark.parametrize("name", ["sms", "SMS", "Sms"])
def test_a_method_is_disabled_and_enabled(name: str, at: At) -> None:
    """Once; a second time it was so already. `show` marks what is not as at first."""
    cli = at("initialised")
    done = cli.json("policy", "disable", name)
    assert ({"Sms.state": {"old": "enabled", "new": "disabled"}}, 1) == (done["changed"], done["version"])
    assert "It was so already.\n" == cli.done("policy", "disable", name)
    assert ["Sms.state", "disabled", "instead", "of", "enabled"] in [
        line.split() for line in cli.done("policy", "show").splitlines()
    ]
    assert "disabled  enabled" in cli.done("policy", "enable", name)


@pytest.mark.parametrize("name", ["temporary-access-pass", "TemporaryAccessPass", "TEMPORARY_ACCESS_PASS"])
def test_a_method_is_put_back(name: str, at: At) -> None:
    """With all its settings."""
    cli = at("initialised")
    cli.done("policy", "disable", name)
    cli.done(*_TWICE)
    assert 3 == len(cli.json("policy", "reset", name)["changed"])
    assert written_policy(DEFAULT_POLICY) == cli.json("policy", "show")["settings"]


def test_settings_are_changed_together(at: At) -> None:
    """The shortest and the usual lifetime: each alone would do, or not; by long names in any case too."""
    cli = at("initialised")
    assert [_LEAST, "TemporaryAccessPass.defaultLifetimeInMinutes"] == sorted(cli.json(*_TWICE)["changed"], reverse=True)
    assert {_LEAST: {"old": "30", "new": "20"}} == cli.json("policy", "set", f"{_LEAST.upper()}=20")["changed"]


@pytest.mark.parametrize("short", sorted(SHORT))
def test_short_names_are_of_settings(short: str) -> None:
    """Each leads somewhere."""
    assert SHORT[short] in SETTINGS


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("disable fax", "The policy has no method fax. Known: Email, "),
        ("reset fax", "The policy has no method fax."),
        ("set fax=1", "Not a setting of the policy with its value: fax=1."),
        ("set office-calls", "Not a setting of the policy with its value: office-calls."),
        ("set office-calls=maybe", "Voice.isOfficePhoneAllowed has to be false or true."),
        ("set migration=done", "policyMigrationState has to be migrationComplete or migrationInProgress or preMigration."),
        ("set pass-length=x", "TemporaryAccessPass.defaultLength has to be a whole number."),
        ("set pass-length=7", "TemporaryAccessPass.defaultLength has to be a whole number from 8 to 48."),
        ("set office-calls=false pass-least=481", f"{_LEAST} has to be at most maximumLifetimeInMinutes (480)."),
    ],
)
def test_what_cannot_be_is_told(line: str, says: str, at: At) -> None:
    """Exit 2, and nothing is changed."""
    cli = at("initialised")
    answer = cli.type(f"policy {line}")
    assert (2, "", True) == (answer.code, answer.out, says in answer.err)
    assert 0 == cli.json("policy", "show")["version"]


def test_a_change_is_in_the_log(at: At) -> None:
    """With its old and its new value, and who made it; it is about no user."""
    cli = at("initialised")
    cli.done("policy", "disable", "sms")
    assert "Authentication Methods Policy Update" in cli.done("audit", "list")
    assert "Sms.state enabled -> disabled" in cli.done("audit", "list")
    [record] = cli.json("audit", "list")["records"]
    assert ("ApplicationManagement", None) == (record["category"], record["targetResources"][0]["userPrincipalName"])
