"""`ringfence mfa …`, and what `ringfence user` does to a second factor."""

from __future__ import annotations

import pytest

from tests.cli.conftest import At

_SAM = "sam@contoso.example"


def test_settings_are_changed_one_by_one(at: At) -> None:
    """What is not named stays; who changed them stands in the list of runs."""
    cli = at("imported")
    assert (False, None) == ((found := cli.json("mfa", "settings", "show"))["appPasswords"], found["rememberDays"])
    cli.done("mfa", "settings", "set", "--app-passwords", "--trust-range", "203.0.113.0/24", "--trust-range", "8.8.8.8")
    cli.done("mfa", "settings", "set", "--remember", "--distrust-range", "8.8.8.8/32", "--fraud-alert")
    found = cli.json("mfa", "settings", "set", "--fraud-recipient", "ada@contoso.example", "--fraud-code", "42")
    assert (True, 14, ["203.0.113.0/24"]) == (found["appPasswords"], found["rememberDays"], found["trustedRanges"])
    fraud = [found[name] for name in ("fraudAlert", "fraudBlock", "fraudCode", "fraudRecipients")]
    assert [True, True, "42", ["ada@contoso.example"]] == fraud
    assert 3 == len([one for one in cli.sql("SELECT label FROM runs WHERE kind = 9") if "Ringfence command line" in one[0]])


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(("--trust-range", "10.0.0.0/8"), "mfa.trusted_range", id="private"),
        pytest.param(("--remember-days", "366"), "mfa.remember_days", id="too long"),
        pytest.param(("--fraud-code", "x"), "mfa.fraud_code", id="no digits"),
        pytest.param(("--no-remember", "--remember-days", "3"), "usage", id="both"),
    ],
)
def test_what_cannot_be_set_is_told(at: At, words: tuple[str, ...], code: str) -> None:
    """And nothing changes."""
    cli = at("imported")
    answer = cli("mfa", "settings", "set", *words, "--json")
    assert (2, True, []) == (answer.code, code in answer.err, cli.sql("SELECT * FROM mfa_settings"))


def test_the_state_of_a_user(at: At) -> None:
    """Shown and set; enabled becomes enforced for who is registered."""
    cli = at("imported")
    cli.done("mfa", "state", "set", _SAM, "disabled")
    assert "disabled" == cli.json("mfa", "state", "show", _SAM)["perUserMfaState"]
    assert "enforced" == cli.json("mfa", "state", "set", _SAM, "enabled")["perUserMfaState"]
    assert 2 == cli("mfa", "state", "set", _SAM, "maybe").code


def test_blocked_and_unblocked(at: At) -> None:
    """With reasons, and a history."""
    cli = at("imported")
    cli.done("mfa", "block", _SAM, "--reason", "stolen")
    assert [(_SAM, "stolen")] == [(one["user"], one["reason"]) for one in cli.json("mfa", "blocked")["blocked"]]
    cli.done("mfa", "unblock", _SAM, "--reason", "found")
    assert [] == cli.json("mfa", "blocked")["blocked"]
    assert "found" == cli.json("mfa", "blocked", "--all")["blocked"][0]["unblockReason"]
    assert 4 == cli("mfa", "unblock", _SAM, "--reason", "found").code


def test_registering_anew(at: At) -> None:
    """Methods go, or stay."""
    cli = at("copied")
    assert 0 == cli.json("user", "require-reregister", _SAM, "--keep-methods")["deleted"]
    assert 0 < cli.json("user", "require-reregister", _SAM)["deleted"]
    assert [] == cli.json("user", "show", _SAM)["methods"]


def test_what_has_nothing_to_do(at: At) -> None:
    """Says so, and is no error."""
    cli = at("imported")
    assert 0 == cli.json("user", "revoke-mfa-sessions", _SAM)["forgotten"]
    assert (0, []) == (
        cli.json("mfa", "app-passwords", "delete-all", _SAM)["deleted"],
        cli.json("mfa", "app-passwords", "list", _SAM)["appPasswords"],
    )


def test_notices_are_listed(at: At) -> None:
    """The newest first, with what they are about; a tenant can do without."""
    cli = at("imported")
    cli.done("mfa", "block", _SAM, "--reason", "stolen")
    (found,) = cli.json("mfa", "notices")["notices"]
    assert (_SAM, "user_blocked", "pending") == (found["user"], found["kind"], found["state"])
    assert "user blocked" in cli.done("mfa", "notices")
    assert False is cli.json("mfa", "settings", "set", "--no-notices")["notices"]
    cli.done("phone", "set", _SAM, "mobile", "+4915112345678")
    assert 1 == len(cli.json("mfa", "notices")["notices"])
