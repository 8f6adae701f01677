"""`ringfence token`."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from typing import Any

import pytest

from tests.cli.command_line import CommandLine
from tests.cli.conftest import At

_KIM = "kim@contoso.example"
_APP = ("app", "create", "scripts", "--permission", "User.Read.All", "--delegated", "User.Read", "--delegated", "User.ReadWrite")


def _begin(at: At) -> CommandLine:
    cli = at("imported")
    cli.done(*_APP)
    return cli


def _claims(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    claims: dict[str, Any] = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims


def test_an_application_gets_a_token_of_its_own(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its permissions; issued under the public address of the server."""
    monkeypatch.setenv("RINGFENCE_PUBLIC_URL", "https://graph.contoso.example/")
    cli = _begin(at)
    answer = cli.json("token", "--app", "scripts")
    claims = _claims(answer["accessToken"])
    assert ("app", ["User.Read.All"], f"https://graph.contoso.example/{answer['tenantId']}/v2.0") == (
        claims["idtyp"],
        claims["roles"],
        claims["iss"],
    )


def test_a_token_says_when_it_expires(at: At) -> None:
    """An hour from now, and so does the answer: 2021-02-15T13:00Z is 1613394000."""
    answer = _begin(at).json("token", "--app", "scripts")
    assert ("2021-02-15T13:00:00Z", 1613394000) == (answer["expiresAt"], _claims(answer["accessToken"])["exp"])


def test_a_person_gets_the_delegated_permissions(at: At) -> None:
    """All of the application's, in the person's name."""
    claims = _claims(_begin(at).done("token", "--app", "scripts", "--user", _KIM).strip())
    assert ("user", _KIM, "User.Read User.ReadWrite") == (claims["idtyp"], claims["upn"], claims["scp"])


def test_fewer_scopes_may_be_asked_for(at: At) -> None:
    """As spelled in the data; those of OpenID give nothing here, and no refresh token is kept."""
    cli = _begin(at)
    answer = cli.done("token", "--app", "scripts", "--user", _KIM, "--scope", "user.read", "--scope", "offline_access")
    assert ("User.Read", []) == (_claims(answer)["scp"], cli.sql("SELECT * FROM refresh_tokens"))


def test_the_token_is_all_that_is_printed(at: At) -> None:
    """For `$(ringfence token --app scripts)`."""
    answer = _begin(at)("token", "--app", "scripts")
    assert (0, 2, 1, "") == (answer.code, answer.out.count("."), answer.out.count("\n"), answer.err)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--app", "other"), "No application, or more than one, is called other."),
        (("--app", "scripts", "--user", "nobody"), "There is no user nobody."),
        (("--app", "scripts", "--scope", "User.Read"), "scopes are what a person gives: name one with"),
        (("--app", "scripts", "--user", _KIM, "--scope", "Mail.Read"), "scripts may not ask for Mail.Read"),
        ((), "Missing option '--app'"),
    ],
    ids=["application", "user", "nobody's scope", "scope", "no application"],
)
def test_what_cannot_be_had_is_told(words: tuple[str, ...], says: str, at: At) -> None:
    """Exit 2, nothing on stdout."""
    answer = _begin(at)("token", *words)
    assert (2, "", True) == (answer.code, answer.out, says in answer.err)


def test_a_disabled_user_gets_none(at: At) -> None:
    """Exit 2."""
    cli = _begin(at)
    cli.sql("UPDATE users SET enabled = 0 WHERE upn LIKE 'kim@%'")
    answer = cli("token", "--app", "scripts", "--user", _KIM)
    assert (2, "", True) == (answer.code, answer.out, f"{_KIM} is disabled" in answer.err)
