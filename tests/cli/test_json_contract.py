"""The JSON that others script against: exactly these keys, one document on stdout, nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ringfence.domain.numbers.tables import Status
from tests.cli.command_line import CHANGES, MFA
from tests.cli.conftest import At

_KIM = "kim@contoso.example"
_DIRECTORY_COUNTS = (
    "read added updated deleted restored takenOver unsynced unchanged mirrored copied cleared rejected rejectedFiles "
    "ignoredColumns deletesDisabled"
)

_KEYS = {
    "init": "ca created database keyFile tenant tenantId tenants",
    f"import directory {CHANGES}": f"run dryRun {_DIRECTORY_COUNTS}",
    f"import directory {CHANGES} --dry-run": f"changes run dryRun {_DIRECTORY_COUNTS}",
    f"import mfa {MFA}": "run read changed unchanged rejected kept unusedNumbers rejectedFiles ignoredColumns",
    "transition open --preset entra-2021": "start end preset state openedAt closedAt changed leftBehind",
    "transition close": "start end preset state openedAt closedAt changed leftBehind",
    "transition show": "transition earlier",
    "numbers plan": "at outcomes users follows extensionsDropped leftBehindAtEnd",
    "numbers plan --details": "pairs at outcomes users follows extensionsDropped leftBehindAtEnd",
    "numbers copy": "run copied reason",
    "numbers contacts": "at contacts differences",
    "numbers report": "at statuses users follows leftBehindAtEnd",
    "numbers runs": "runs",
    "numbers rules": "tables",
    f"numbers explain {_KIM}": "user id synced deleted pairs alternateMobile methods",
    f"phone list {_KIM}": "user phones",
    f"phone set {_KIM} mobile '+1 4255550109'": "user type changed",
    f"phone delete {_KIM} office": "user type changed",
    f"user show {_KIM}": (
        "id userPrincipalName displayName userType accountEnabled onPremisesSyncEnabled onPremisesImmutableId "
        "onPremisesDistinguishedName otherMails perUserMfaState methods defaultMethod deletedDateTime mobilePhone "
        "businessPhones authenticationPhones authenticationEmail"
    ),
    "user list": "users next",
    "audit list": "records",
    "audit sign-ins": "signIns",
    "key rotate": "primaryKey retiredKey users resumed",
    "key forget": "forgottenKeys",
    "status": "tenantId tenant tenants database schema listen publicUrl ca keyFile users",
    "app create scripts": "appId secret tenantId name objectId",
    "app list": "applications",
    "app show scripts": "appId objectId name proof permissions delegated redirectUris createdDateTime",
    "app rotate-secret scripts": "appId secret tenantId name objectId",
    "app delete scripts": "appId name changed",
    "policy show": "settings version lastModifiedDateTime",
    "policy enable sms": "changed version lastModifiedDateTime",
    "policy disable sms": "changed version lastModifiedDateTime",
    "policy set office-calls=false": "changed version lastModifiedDateTime",
    "policy reset voice": "changed version lastModifiedDateTime",
    "role list": "assignments",
    "role list --available": "roles",
    f"role assign global-reader {_KIM}": "role templateId holder changed",
    f"role revoke global-reader {_KIM}": "role templateId holder changed",
    "token --app scripts": "accessToken expiresAt tenantId",
    "user create kai@contoso.example": "id userPrincipalName displayName password mustChange",
    f"user set-password {_KIM}": "user password mustChange",
    f"user create-pass {_KIM}": "user pass id startsAt expiresAt isUsableOnce isUsable reason",
    f"user list-passes {_KIM}": "user passes",
    f"user delete-pass {_KIM}": "user changed",
    f"user delete {_KIM}": "user changed",
    f"user restore {_KIM}": "id userPrincipalName changed",
}

_BEFORE = {
    "app rotate-secret scripts": "app create scripts",
    "app show scripts": "app create scripts",
    "app delete scripts": "app create scripts",
    f"user delete-pass {_KIM}": f"user create-pass {_KIM}",
    "token --app scripts": "app create scripts",
    f"user restore {_KIM}": f"user delete {_KIM}",
}
"""What has to be done first."""


@pytest.mark.parametrize("line", _KEYS, ids=lambda line: " ".join(word for word in line.split() if "/" not in word))
def test_the_keys_of_an_answer(line: str, at: At) -> None:
    """New keys may be added here; none may go."""
    cli = at("copied")
    if line in _BEFORE:
        cli.type_json(_BEFORE[line])
    assert sorted(_KEYS[line].split()) == sorted(cli.type_json(line))


def _shape(document: Any) -> Any:  # noqa: ANN401 - JSON is what it is
    """Keys and kinds of a document."""
    if isinstance(document, dict):
        return {key: _shape(value) for key, value in document.items()}
    if isinstance(document, list):
        return [_shape(document[0])] if document else []
    return type(document)


def test_the_shape_of_a_plan(at: At) -> None:
    """Issue A: `{"at":…, "outcomes":{"copied":n, …}, "users": n}`."""
    plan = _shape(at("copied").json("numbers", "plan"))
    assert (str, {status.value: int for status in Status}, int) == (plan["at"], plan["outcomes"], plan["users"])


def test_the_shape_of_an_explanation(at: At) -> None:
    """Issue A: the keys named there, of these kinds."""
    explained = _shape(at("copied").json("numbers", "explain", "sam@contoso.example"))
    assert (str, bool, str) == (explained["user"], explained["synced"], explained["alternateMobile"])
    assert ["mobile", "office"] == list(explained["pairs"])
    assert {
        **dict.fromkeys(("public", "authentication", "origin", "status", "rule", "why", "writtenAt", "writtenBy", "run"), str),
        **dict.fromkeys(("follows", "managedInCloud"), bool),
    } == explained["pairs"]["mobile"]
    assert [{**dict.fromkeys(("type", "contacts", "source", "rule"), str), "isDefault": bool}] == explained["methods"]


def test_what_there_is_none_of_is_null(at: At) -> None:
    """Not a missing key, and not an empty text."""
    office = at("copied").json("numbers", "explain", "sam@contoso.example")["pairs"]["office"]
    assert dict.fromkeys(("public", "authentication", "origin", "writtenAt", "writtenBy", "run")) == {
        name: value for name, value in office.items() if value is None
    }


@pytest.mark.parametrize(("origin", "user"), [("import", "sam"), ("copy", "kim"), ("admin", "nora"), ("mirror", "sam")], ids=str)
def test_an_origin_is_a_word_of_the_contract(origin: str, user: str, at: At) -> None:
    """Who wrote a number: user, admin, import, copy, mirror."""
    cli = at("copied")
    if origin == "admin":
        cli.done("phone", "set", "nora@contoso.example", "mobile", "+1 4255550109")
    if origin == "mirror":
        cli.done("import", "directory", CHANGES)
    assert origin == cli.pair(user)["origin"]


def test_an_error_is_a_document_too(at: At) -> None:
    """On stderr: a stable code, and words for people; stdout stays empty."""
    answer = at("copied")("user", "show", "nobody@contoso.example", "--json")
    assert (2, "", '{"error": {"code": "user.unknown", "message": "There is no user nobody@contoso.example."}}\n') == answer


@pytest.mark.parametrize(
    "line",
    [
        "numbers plan --details --tenant nobody.example",
        "audit list --tenant nobody.example",
        "numbers undo 6f1c0a52-58a3-4d0f-9a5e-0c3f2b7f4c1d",
        "import directory cut.ldif --dry-run",
    ],
    ids=["plan", "audit", "undo", "dry run"],
)
def test_an_error_leaves_no_half_document(line: str, at: At) -> None:
    """A list that has not begun is not begun: stdout is empty, and stderr is one document."""
    cli = at("copied")
    (cli.folder / "cut.ldif").write_text("dn: cn=a\nobjectClass: user\nuserPrincipalName: a@contoso.exa")
    answer = cli(*line.split(), "--json")
    assert (2, "", ["error"]) == (answer.code, answer.out, list(json.loads(answer.err)))


@pytest.mark.parametrize("line", ["audit list --limit 2", "audit list --since 2030-01-01"], ids=["items", "no items"])
def test_a_list_is_one_document(line: str, at: At) -> None:
    """With items or without."""
    cli = at("copied")
    assert (2 if "--limit" in line else 0) == len(cli.type_json(line)["records"])


@pytest.mark.parametrize("line", ["user show {}", "user list --starts-with {}", "numbers explain {}"])
def test_json_is_written_as_utf_8(line: str, at: At) -> None:
    """Names as they are, not escaped."""
    answer = at("copied")(*line.format("ines@contoso.example").split(), "--json")
    assert (False, line.startswith("user")) == ("\\u" in answer.out, "Inés Álvarez" in answer.out)
