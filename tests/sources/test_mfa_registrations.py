"""Passkeys, apps and the like in Graph's answers: lists of one kind, single methods, among all methods (surface b1)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from ringfence.domain.directory.records import UNSENT, MfaRecord, RejectedRow
from ringfence.domain.methods.registrations import MethodKind, StatedMethod
from ringfence.sources.mfa_registrations import LONGEST_ID
from ringfence.sources.rejected import RejectedFile
from tests.sources.reading import Folder, rejects

_UPN: Final = "adele@contoso.example"
_ROOT: Final = "https://graph.microsoft.com/v1.0/$metadata"
_AT: Final = datetime(2020, 8, 13, 18, 44, 23, tzinfo=UTC)
_CREATED: Final = {"createdDateTime": "2020-08-13T18:44:23Z"}
_DEVICE: Final = {"id": "d", "displayName": "Laptop", "deviceId": "0f6a3f8e", "trustType": "AzureAd"}
_PASSKEY: Final = {
    "id": "-2_GRUg2-HYz6_1YG4YRAQ2",
    **_CREATED,
    "displayName": "Red key",
    "aaGuid": "2fc0579f-8113-47ea-b116-bb5a8db9202a",
    "model": "YubiKey 5",
    "attestationCertificates": ["c2"],
    "attestationLevel": "attested",
    "passkeyType": "deviceBound",
    "publicKeyCredential": {"id": "secret"},
}
_OWN: Final[dict[str, tuple[MethodKind, dict[str, Any], dict[str, Any]]]] = {
    "fido2": (
        MethodKind.FIDO2,
        _PASSKEY,
        {
            "aaGuid": "2fc0579f-8113-47ea-b116-bb5a8db9202a",
            "model": "YubiKey 5",
            "attestationLevel": "attested",
            "passkeyType": "deviceBound",
            "attestationCertificates": ["c2"],
        },
    ),
    "microsoftAuthenticator": (
        MethodKind.MICROSOFT_AUTHENTICATOR,
        {"id": "a", **_CREATED, "displayName": "NE2213", "deviceTag": "SoftwareTokenActivated", "phoneAppVersion": "6.2"},
        {"deviceTag": "SoftwareTokenActivated", "phoneAppVersion": "6.2"},
    ),
    "platformCredential": (
        MethodKind.PLATFORM_CREDENTIAL,
        {"id": "p", **_CREATED, "displayName": "Mac", "keyStrength": "normal", "platform": "macOS", "device": _DEVICE},
        {"keyStrength": "normal", "platform": "macOS", "device": {"id": "d", "displayName": "Laptop", "deviceId": "0f6a3f8e"}},
    ),
    "softwareOath": (MethodKind.SOFTWARE_OATH, {"id": "s", **_CREATED, "secretKey": "JBSWY3DP", "displayName": None}, {}),
    "windowsHelloForBusiness": (
        MethodKind.WINDOWS_HELLO,
        {"id": "w", **_CREATED, "displayName": "Desk", "keyStrength": "weak", "device": None},
        {"keyStrength": "weak"},
    ),
}
_EACH: Final = [pytest.param(stem, *case, id=stem) for stem, case in _OWN.items()]


def _context(kind: str) -> dict[str, str]:
    return {"@odata.context": f"{_ROOT}#users('adele%40contoso.example')/authentication/{kind}"}


def _read(folder: Folder, document: dict[str, Any]) -> MfaRecord:
    """The record, without the text that it came from."""
    record = folder.state("a.json", json.dumps(document))
    assert json.dumps(document) == record.document
    return record._replace(document="")


def _stated(kind: MethodKind, item: dict[str, Any], details: dict[str, Any]) -> StatedMethod:
    return StatedMethod(item["id"], kind, _AT, item["displayName"] or "", details)


@pytest.mark.parametrize(("stem", "kind", "item", "details"), _EACH)
def test_a_list_of_one_kind(folder: Folder, stem: str, kind: MethodKind, item: dict[str, Any], details: dict[str, Any]) -> None:
    """Id, creation, name and the kind's own properties; no secret. It states all of its kind, and nothing of the rest."""
    found = _read(folder, {**_context(f"{stem}Methods"), "value": [item]})
    assert MfaRecord(1, _UPN, registrations=(_stated(kind, item, details),), listed=frozenset({kind})) == found


@pytest.mark.parametrize("ending", ["/$entity", "(device())/$entity"])
@pytest.mark.parametrize(("stem", "kind", "item", "details"), _EACH)
def test_one_method(
    folder: Folder, stem: str, kind: MethodKind, item: dict[str, Any], details: dict[str, Any], ending: str
) -> None:
    """As a list of its kind, but it says nothing of the others; with `$expand=device` the context names that too."""
    found = _read(folder, {**_context(f"{stem}Methods{ending}"), **item})
    assert MfaRecord(1, _UPN, registrations=(_stated(kind, item, details),)) == found


@pytest.mark.parametrize("beside", [_context("methods/$entity"), {"userPrincipalName": _UPN}])
@pytest.mark.parametrize(("stem", "kind", "item", "details"), _EACH)
def test_one_of_all_methods(
    folder: Folder, stem: str, kind: MethodKind, item: dict[str, Any], details: dict[str, Any], beside: dict[str, str]
) -> None:
    """Its type tells the kind, and that its id is not the user's."""
    found = _read(folder, {**beside, "@odata.type": f"#microsoft.graph.{stem}AuthenticationMethod", **item})
    assert MfaRecord(1, _UPN, registrations=(_stated(kind, item, details),)) == found


def test_an_empty_list_states_that_there_is_none(folder: Folder) -> None:
    """So that what is stored can be counted as kept."""
    found = _read(folder, {**_context("fido2Methods"), "value": []})
    assert MfaRecord(1, _UPN, listed=frozenset({MethodKind.FIDO2})) == found


def test_passes_are_not_taken_over(folder: Folder) -> None:
    """No answer tells their codes."""
    taken = {"id": "t", "@odata.type": "#microsoft.graph.temporaryAccessPassAuthenticationMethod"}
    assert [] == folder.mfa("a.json", json.dumps({**_context("temporaryAccessPassMethods"), "value": [taken]}))
    assert () == _read(folder, {**_context("methods"), "value": [taken]}).registrations


def test_a_typed_list_sends_no_entries(folder: Folder) -> None:
    """Entries that are sent replace the others, and this is not all a user has."""
    found = _read(folder, {**_context("microsoftAuthenticatorMethods"), "value": [{"id": "a"}]})
    assert (UNSENT, UNSENT) == (found.methods, found.mobile)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        pytest.param("2020-08-13T18:44:23Z", _AT, id="UTC"),
        pytest.param("2020-08-13T20:44:23+02:00", _AT, id="an offset"),
        pytest.param("2020-08-13T18:44:23", _AT, id="none"),
        pytest.param("2020-08-13T18:44:23.1234567Z", _AT + timedelta(microseconds=123456), id="seven digits"),
        pytest.param("0001-01-01T00:00:00Z", None, id="the year one"),
        pytest.param(None, None, id="null"),
        pytest.param("", None, id="empty"),
    ],
)
def test_when_it_was_created(folder: Folder, text: str | None, at: datetime | None) -> None:
    """In UTC, to the microsecond; where nothing is said, nothing is known."""
    [stated] = _read(folder, {**_context("fido2Methods"), "value": [{"id": "k", "createdDateTime": text}]}).registrations
    assert StatedMethod("k", MethodKind.FIDO2, at) == stated


@pytest.mark.parametrize(
    ("item", "column"),
    [
        pytest.param({}, "id", id="no id"),
        pytest.param({"id": None}, "id", id="a null id"),
        pytest.param({"id": " "}, "id", id="a blank id"),
        pytest.param({"id": 5}, "id", id="an id that is a number"),
        pytest.param({"id": "a/b"}, "id", id="a slash"),
        pytest.param({"id": "a\nb"}, "id", id="a line end"),
        pytest.param({"id": "a" * (LONGEST_ID + 1)}, "id", id="too long"),
        pytest.param({"id": "k", "createdDateTime": "yesterday"}, "createdDateTime", id="no instant"),
        pytest.param({"id": "k", "createdDateTime": "9999-12-31T23:00:00-02:00"}, "createdDateTime", id="beyond all time"),
        pytest.param({"id": "k", "createdDateTime": 5}, "createdDateTime", id="a number for an instant"),
        pytest.param({"id": "k", "displayName": ["x"]}, "displayName", id="a name that is a list"),
        pytest.param({"id": "k", "model": 5}, "model", id="a model that is a number"),
        pytest.param({"id": "k", "attestationCertificates": "x"}, "attestationCertificates", id="no list"),
        pytest.param({"id": "k", "attestationCertificates": [1]}, "attestationCertificates", id="a list of numbers"),
    ],
)
def test_a_malformed_method_is_rejected(folder: Folder, item: dict[str, Any], column: str) -> None:
    """Alone, in its list and among all methods; the other answers are read."""
    typed = {"@odata.type": "#microsoft.graph.fido2AuthenticationMethod", **item}
    good = {**_context("fido2Methods"), "value": [_PASSKEY]}
    for document in (
        {**_context("fido2Methods/$entity"), **item},
        {**_context("fido2Methods"), "value": [item]},
        {**_context("methods"), "value": [typed]},
    ):
        rows = folder.mfa("a.json", json.dumps([good, document, good]))
        assert ([column], 3) == ([place for _, place in rejects(rows)], len(rows))


@pytest.mark.parametrize("device", ["x", [], {"id": 5}])
def test_a_device_that_is_none(folder: Folder, device: object) -> None:
    """An object of texts, or null."""
    good = {**_context("fido2Methods"), "value": [_PASSKEY]}
    bad = {**_context("windowsHelloForBusinessMethods/$entity"), "id": "w", "device": device}
    rows = folder.mfa("a.json", json.dumps([good, bad]))
    assert (1, 2) == (len(rejects(rows)), len(rows))


@pytest.mark.parametrize("other", ["fido2", "windowsHelloForBusiness"])
def test_an_id_stands_once(folder: Folder, other: str) -> None:
    """Of one kind or of two."""
    items = [{"@odata.type": f"#microsoft.graph.{kind}AuthenticationMethod", "id": "k"} for kind in ("fido2", other)]
    good = {**_context("fido2Methods"), "value": [_PASSKEY]}
    rows = folder.mfa("a.json", json.dumps([good, {**_context("methods"), "value": items}]))
    assert ["id"] == [column for _, column in rejects(rows)]


def test_what_is_refused_later_comes_back_as_it_was(folder: Folder) -> None:
    """The columns of the CSV cannot hold it, so the rejected file holds the answer."""
    record = folder.state("a.json", json.dumps({**_context("fido2Methods"), "value": [_PASSKEY]}))
    with RejectedFile(folder.path / "a.json") as rejected:
        rejected.add(RejectedRow(1, "userPrincipalName", "Why.", {}, record=record))
    [found] = folder.mfa("b.csv", rejected.path.read_bytes())
    assert record._replace(line=2) == found
