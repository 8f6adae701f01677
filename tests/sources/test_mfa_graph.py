"""Graph's answers as the strong-authentication state: each shape, alone, in arrays, lines and batches (A.3's name map)."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from ringfence.domain.directory.records import UNSENT, MfaRecord, RejectedRow
from ringfence.domain.methods.registrations import MethodKind, StatedMethod
from ringfence.domain.numbers.pairs import MethodType
from ringfence.sources.mfa_registrations import KINDS
from tests.sources import samples
from tests.sources.reading import Folder, rejects
from tests.sources.test_mfa_flat import ALTERNATE, CODE, OFFICE, PUSH, SMS, VOICE

_ID = uuid.UUID("0f6a3f8e-9a53-4f6d-8a43-1d4c4f3f0001")
_UPN = "adele@contoso.example"
_ROOT = "https://graph.microsoft.com/v1.0/$metadata"
_MOBILE = {"id": "3179e48a-750b-4051-897c-87b9720928f7", "phoneType": "mobile", "phoneNumber": "+1 2065550111"}
_OFFICE = {"id": "e37fc753-ff3b-4958-9484-eaa9425c82bc", "phoneType": "office", "phoneNumber": "+1 4255550100x12"}
_ALTERNATE = {"id": "b6332ec1-7057-4abe-9331-3d72feddfe41", "phoneType": "alternateMobile", "phoneNumber": "+44 7700900123"}


def _context(kind: str, name: str = "adele%40contoso.example") -> dict[str, str]:
    return {"@odata.context": f"{_ROOT}#users('{name}')/authentication/{kind}"}


def _typed(kind: str, **keys: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    return {"@odata.type": f"#microsoft.graph.{kind}AuthenticationMethod", "id": "x", **keys}


_PHONES: dict[str, Any] = {**_context("phoneMethods"), "value": [_MOBILE, _OFFICE]}
_METHODS: dict[str, Any] = {
    **_context("methods", str(_ID)),
    "value": [
        _typed("password"),
        _typed("phone", **{key: value for key, value in _MOBILE.items() if key != "id"}),
        _typed("microsoftAuthenticator", id="phone", displayName="Phone"),
        _typed("microsoftAuthenticator", id="tablet", displayName="Tablet"),
        _typed("softwareOath", id="token"),
        _typed("fido2", id="key", displayName="Key"),
        _typed("email", emailAddress="adele@example.org"),
    ],
}
_PREFERENCES: dict[str, Any] = {**_context("signInPreferences"), "userPreferredMethodForSecondaryAuthentication": "voiceMobile"}
_REGISTRATION: dict[str, Any] = {
    "id": str(_ID),
    "userPrincipalName": _UPN,
    "methodsRegistered": ["mobilePhone", "microsoftAuthenticatorPush", "windowsHelloForBusiness"],
    "userPreferredMethodForSecondaryAuthentication": "push",
}

PHONES = MfaRecord(1, _UPN, mobile="+1 2065550111", alternate="", office="+1 4255550100x12")
METHODS = MfaRecord(
    1,
    user_id=_ID.bytes,
    methods=(SMS, VOICE, PUSH, CODE),
    mobile="+1 2065550111",
    alternate="",
    office="",
    email="adele@example.org",
    registrations=(
        StatedMethod("phone", MethodKind.MICROSOFT_AUTHENTICATOR, display_name="Phone"),
        StatedMethod("tablet", MethodKind.MICROSOFT_AUTHENTICATOR, display_name="Tablet"),
        StatedMethod("token", MethodKind.SOFTWARE_OATH),
        StatedMethod("key", MethodKind.FIDO2, display_name="Key"),
    ),
    listed=KINDS,
)
PREFERENCES = MfaRecord(1, _UPN, default=VOICE, add_default=True)
REGISTRATION = MfaRecord(1, _UPN, _ID.bytes, methods=(SMS, VOICE, PUSH), default=PUSH)

_SHAPES = [
    pytest.param(_PHONES, PHONES, id="phoneMethods"),
    pytest.param(_METHODS, METHODS, id="methods"),
    pytest.param(_PREFERENCES, PREFERENCES, id="signInPreferences"),
    pytest.param(_REGISTRATION, REGISTRATION, id="a row of userRegistrationDetails"),
    pytest.param(
        {"@odata.context": f"{_ROOT}#reports/userRegistrationDetails", "value": [_REGISTRATION]}, REGISTRATION, id="the report"
    ),
]


@pytest.mark.parametrize(("document", "record"), _SHAPES)
def test_one_document(folder: Folder, document: dict[str, Any], record: MfaRecord) -> None:
    """As Graph answers it, in one line or indented; in a .json file, or a line of JSON Lines."""
    assert record == folder.state("a.json", json.dumps(document))._replace(document="")
    assert record == folder.state("a.json", json.dumps(document, indent=2))._replace(line=1, document="")
    assert record == folder.state("a.jsonl", json.dumps(document) + "\n")._replace(document="")


@pytest.mark.parametrize(("document", "record"), _SHAPES)
def test_many_documents(folder: Folder, document: dict[str, Any], record: MfaRecord) -> None:
    """In an array, one a line, strung together indented, and as answers of a batch."""
    batch = {"responses": [{"id": str(at), "status": 200, "headers": {}, "body": document} for at in range(2)]}
    line, indented = json.dumps(document), json.dumps(document, indent=1)
    contents = [
        f"[{line},\n{line}]",
        f"{line}\n{line}\n",
        f"{indented}\n{indented}",
        json.dumps(batch),
        json.dumps(batch, indent=1),
    ]
    for content in contents:
        rows = folder.mfa("a.json", content)
        assert [record, record] == [row._replace(line=1, document="") for row in rows if isinstance(row, MfaRecord)]


def test_an_array_of_answers(folder: Folder) -> None:
    """Each knows the line it begins in."""
    assert [
        MfaRecord(2, _UPN, mobile="+1 2065550111", alternate="", office="+1 4255550100x12"),
        MfaRecord(9, user_id=_ID.bytes, default=PUSH, add_default=True),
    ] == folder.mfa("a.json", samples.MFA_GRAPH)


@pytest.mark.parametrize(
    ("name", "upn"),
    [
        ("adele%40contoso.example", "adele@contoso.example"),
        ("adele@contoso.example", "adele@contoso.example"),
        ("o''neill%40contoso.example", "o'neill@contoso.example"),
        ("a_b.example%23EXT%23%40contoso.example", "a_b.example#EXT#@contoso.example"),
    ],
)
def test_the_user_of_the_context(folder: Folder, name: str, upn: str) -> None:
    """Percent-encoded, quotes doubled (OData)."""
    assert upn == folder.state("a.json", json.dumps({**_PHONES, **_context("phoneMethods", name)})).upn


@pytest.mark.parametrize(
    ("beside", "expected"),
    [
        ({"userPrincipalName": _UPN}, (_UPN, None)),
        ({"userId": str(_ID)}, (None, _ID.bytes)),
        ({"id": str(_ID)}, (None, _ID.bytes)),
        ({"userPrincipalName": _UPN, "userId": str(_ID)}, (_UPN, _ID.bytes)),
    ],
)
def test_the_user_beside_the_answer(folder: Folder, beside: dict[str, str], expected: tuple[object, object]) -> None:
    """Where a script took the context away and put the name there."""
    record = folder.state("a.json", json.dumps({**beside, "value": [_MOBILE]}))
    assert (*expected, "+1 2065550111", UNSENT) == (record.upn, record.user_id, record.mobile, record.methods)


def test_a_list_of_all_methods_is_known_without_its_context(folder: Folder) -> None:
    """It holds more than phones; a list of phones alone is not taken for all methods, or the app would be lost."""
    assert (SMS, VOICE, PUSH, CODE) == folder.state(
        "a.json", json.dumps({"userPrincipalName": _UPN, "value": _METHODS["value"]})
    ).methods
    phones = [_typed("phone", phoneType="mobile", phoneNumber="+1 2065550111")]
    assert UNSENT is folder.state("a.json", json.dumps({"userPrincipalName": _UPN, "value": phones})).methods


def test_a_single_phone_says_nothing_of_the_others(folder: Folder) -> None:
    """And its id is not the user's."""
    record = folder.state("a.json", json.dumps({**_context("phoneMethods/$entity"), **_ALTERNATE}))
    assert MfaRecord(1, _UPN, alternate="+44 7700900123") == record


@pytest.mark.parametrize(
    ("value", "methods"),
    [
        ([_typed("phone", phoneType="mobile", phoneNumber="+1 2065550111")], (SMS, VOICE)),
        ([_typed("phone", phoneType="office", phoneNumber="+1 2065550111")], (OFFICE,)),
        ([_typed("phone", phoneType="alternateMobile", phoneNumber="+1 2065550111")], (ALTERNATE,)),
        ([_typed("microsoftAuthenticator")], (PUSH,)),
        ([_typed("softwareOath")], (CODE,)),
        ([_typed("password"), _typed("windowsHelloForBusiness"), _typed("temporaryAccessPass")], ()),
        ([], ()),
    ],
)
def test_methods_by_type(folder: Folder, value: list[dict[str, str]], methods: tuple[MethodType, ...]) -> None:
    """Other kinds are passed over."""
    assert methods == folder.state("a.json", json.dumps({**_context("methods"), "value": value})).methods


@pytest.mark.parametrize(
    ("word", "default"),
    [
        ("push", PUSH),
        ("oath", CODE),
        ("voiceMobile", VOICE),
        ("voiceAlternateMobile", ALTERNATE),
        ("voiceOffice", OFFICE),
        ("sms", SMS),
        ("none", None),
        ("", None),
        (None, None),
    ],
)
def test_preferences(folder: Folder, word: str | None, default: MethodType | None) -> None:
    """Each word of A.3's name map; a default that is named is added to the entries."""
    record = folder.state("a.json", json.dumps({**_PREFERENCES, "userPreferredMethodForSecondaryAuthentication": word}))
    assert MfaRecord(1, _UPN, default=default, add_default=default is not None) == record


@pytest.mark.parametrize(
    ("registered", "preferred", "expected"),
    [
        (["mobilePhone"], "sms", ((SMS, VOICE), SMS)),
        (["officePhone", "alternateMobilePhone"], "voiceOffice", ((OFFICE, ALTERNATE), OFFICE)),
        (["softwareOneTimePasscode", "hardwareOneTimePasscode"], "oath", ((CODE,), CODE)),
        (["mobilePhone"], "push", ((SMS, VOICE), UNSENT)),
        (["mobilePhone"], "none", ((SMS, VOICE), UNSENT)),
        (["fido2SecurityKey", "email"], "none", ((), None)),
        ([], "", ((), None)),
    ],
)
def test_registration(folder: Folder, registered: list[str], preferred: str, expected: tuple[object, object]) -> None:
    """Names of A.3's map; a preference that is not registered says nothing."""
    row = {**_REGISTRATION, "methodsRegistered": registered, "userPreferredMethodForSecondaryAuthentication": preferred}
    record = folder.state("a.json", json.dumps({"value": [row]}))
    assert expected == (record.methods, record.default)


@pytest.mark.parametrize(
    ("document", "column"),
    [
        pytest.param({"value": [_MOBILE]}, "@odata.context", id="nobody is named"),
        pytest.param({**_PHONES, "value": [{**_MOBILE, "phoneNumber": "206"}]}, "phoneNumber", id="a malformed number"),
        pytest.param({**_PHONES, "value": [{**_MOBILE, "phoneNumber": "+1 XXXXXXXX11"}]}, "phoneNumber", id="a masked number"),
        pytest.param({**_PHONES, "value": [{**_MOBILE, "phoneType": "fax"}]}, "phoneType", id="another type"),
        pytest.param({**_PHONES, "value": [_MOBILE, _MOBILE]}, "phoneType", id="a type twice"),
        pytest.param({**_PHONES, "value": [1]}, "value", id="no methods"),
        pytest.param(
            {**_PREFERENCES, "userPreferredMethodForSecondaryAuthentication": "fax"},
            "userPreferredMethodForSecondaryAuthentication",
            id="another word",
        ),
        pytest.param({**_REGISTRATION, "methodsRegistered": "mobilePhone"}, "methodsRegistered", id="no list"),
        pytest.param({**_METHODS, "value": [_typed("email", emailAddress="x")]}, "emailAddress", id="no address"),
        pytest.param({"error": {"code": "Authorization_RequestDenied"}}, "", id="an error"),
        pytest.param({"responses": [{"id": "1", "status": 404, "body": {}}]}, "status", id="a failed request"),
        pytest.param({"responses": [5]}, "status", id="no answer"),
    ],
)
def test_an_answer_that_cannot_be_used_is_rejected(folder: Folder, document: dict[str, Any], column: str) -> None:
    """And the others are read."""
    rows = folder.mfa("a.json", json.dumps([_PHONES, document, _PHONES]))
    assert ([column], 3) == ([column for _, column in rejects(rows)], len(rows))


def test_an_empty_page_of_a_report_says_nothing(folder: Folder) -> None:
    """A page may be empty."""
    page = {"@odata.context": f"{_ROOT}#reports/userRegistrationDetails", "value": []}
    assert [] == folder.mfa("a.json", json.dumps(page))


def test_a_rejected_answer_is_kept_with_its_user(folder: Folder) -> None:
    """So that it can be mended."""
    document = json.dumps({"userPrincipalName": _UPN, "value": [{**_MOBILE, "phoneNumber": "206"}]})
    [row] = folder.mfa("a.json", document)
    assert isinstance(row, RejectedRow)
    assert ((_UPN,), {"record": document}) == (row.keys, row.fields)
