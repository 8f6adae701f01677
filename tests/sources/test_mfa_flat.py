"""The strong-authentication state in rows, CSV and JSON alike (domain-rules A.3; C.2 for the numbers)."""

from __future__ import annotations

import csv
import io
import json
import uuid
from collections.abc import Callable

import pytest

from ringfence.domain.directory.records import UNSENT, MfaRecord, PerUserState, RejectedRow
from ringfence.domain.numbers.pairs import MethodType
from tests.sources import samples
from tests.sources.reading import Folder, rejects, upns

SMS, VOICE, OFFICE, ALTERNATE = (
    MethodType.OneWaySMS,
    MethodType.TwoWayVoiceMobile,
    MethodType.TwoWayVoiceOffice,
    MethodType.TwoWayVoiceAlternateMobile,
)
PUSH, CODE = MethodType.PhoneAppNotification, MethodType.PhoneAppOTP
_UPN = "adele@contoso.example"


def _csv(**fields: str) -> tuple[str, str]:
    out = io.StringIO()
    csv.writer(out).writerows([["userPrincipalName", *fields, "x"], [_UPN, *fields.values(), ""]])
    return "a.csv", out.getvalue()


def _json(**fields: str) -> tuple[str, str]:
    return "a.jsonl", json.dumps({"userPrincipalName": _UPN, **fields}) + "\n"


form = pytest.mark.parametrize("form", [_csv, _json], ids=["CSV", "JSON"])
Form = Callable[..., tuple[str, str]]


def test_a_whole_row_of_csv(folder: Folder) -> None:
    """Every column."""
    assert (
        MfaRecord(
            2,
            _UPN,
            methods=(SMS, VOICE),
            default=SMS,
            mobile="+1 2065550111",
            alternate="",
            office="+1 4255550100x12",
            email="adele@example.org",
            state=PerUserState.Enforced,
        )
        == folder.mfa("a.csv", samples.MFA_CSV)[0]
    )


def test_rows_of_json(folder: Folder) -> None:
    """Methods as a list and as text; null is what an empty cell is."""
    assert [
        MfaRecord(1, _UPN, methods=(SMS, VOICE), default=SMS, mobile="+1 2065550111", state=PerUserState.Enforced),
        MfaRecord(2, "zoe@contoso.example", methods=(CODE, VOICE), default=CODE, email=""),
    ] == folder.mfa("a.jsonl", samples.MFA_LINES)


@form
@pytest.mark.parametrize(
    ("names", "methods"),
    [
        ("OneWaySMS;TwoWayVoiceMobile", (SMS, VOICE)),
        ("onewaysms; TWOWAYVOICEMOBILE ;", (SMS, VOICE)),
        ("TwoWayVoiceOffice;TwoWayVoiceAlternateMobile;PhoneAppNotification;PhoneAppOTP", (OFFICE, ALTERNATE, PUSH, CODE)),
        ("OneWaySMS;OneWaySMS", (SMS,)),
        ("TwoWaySms", (VOICE,)),
        ("TwoWaySms;TwoWayVoiceMobile", (VOICE,)),
        ("TwoWayVoiceOtherMobile;TwoWaySmsOtherMobile", (ALTERNATE,)),
        ("", ()),
    ],
)
def test_names_of_methods(folder: Folder, form: Form, names: str, methods: tuple[MethodType, ...]) -> None:
    """In any case, without repetition; the retired ones count as what replaced them."""
    assert methods == folder.state(*form(methods=names)).methods


@form
@pytest.mark.parametrize(
    ("fields", "default"),
    [
        ({"methods": "OneWaySMS;PhoneAppOTP", "defaultMethod": "phoneappotp"}, CODE),
        ({"methods": "TwoWayVoiceMobile", "defaultMethod": "TwoWaySms"}, VOICE),
        ({"methods": "OneWaySMS", "defaultMethod": ""}, UNSENT),
        ({"methods": "OneWaySMS"}, UNSENT),
        ({"methods": "", "defaultMethod": "OneWaySMS"}, SMS),
        ({"defaultMethod": "OneWaySMS"}, SMS),
        ({"phoneNumber": ""}, UNSENT),
    ],
)
def test_the_default(folder: Folder, form: Form, fields: dict[str, str], default: object) -> None:
    """One of the methods where they are sent; where none is named nothing is said about it."""
    assert default == folder.state(*form(**fields)).default


@form
@pytest.mark.parametrize(
    ("field", "cell", "attribute", "expected"),
    [
        ("phoneNumber", "+1 (425) 555-0100", "mobile", "+1 4255550100"),
        ("phoneNumber", "'+1 4255550100", "mobile", "+1 4255550100"),
        ("phoneNumber", "", "mobile", ""),
        ("phoneNumber", " ", "mobile", ""),
        ("alternativePhoneNumber", "+44 7700900123", "alternate", "+44 7700900123"),
        ("voiceOnlyPhoneNumber", "+1 4255550100x12", "office", "+1 4255550100x12"),
        ("email", " a@example.org ", "email", "a@example.org"),
        ("email", "", "email", ""),
        ("state", "enforced", "state", PerUserState.Enforced),
        ("state", "ENABLED", "state", PerUserState.Enabled),
        ("state", "Disabled", "state", PerUserState.Disabled),
        ("state", "", "state", UNSENT),
    ],
)
def test_numbers_address_and_state(folder: Folder, form: Form, field: str, cell: str, attribute: str, expected: object) -> None:
    """Canonical numbers, the address as it stands, the state in any case; an empty state says nothing."""
    record = folder.state(*form(methods="", **{field: cell}))
    assert expected == getattr(record, attribute)


@form
@pytest.mark.parametrize("attribute", ["mobile", "alternate", "office", "email", "state", "default"])
def test_what_has_no_column_was_not_sent(folder: Folder, form: Form, attribute: str) -> None:
    """A file may hold the methods alone."""
    assert UNSENT is getattr(folder.state(*form(methods="OneWaySMS")), attribute)


@form
@pytest.mark.parametrize(
    ("fields", "column"),
    [
        ({"methods": "OneWaySMS;Pigeon"}, "methods"),
        ({"methods": "OneWaySMS", "defaultMethod": "PhoneAppOTP"}, "defaultMethod"),
        ({"methods": "", "defaultMethod": "Pigeon"}, "defaultMethod"),
        ({"phoneNumber": "4255550100"}, "phoneNumber"),
        ({"phoneNumber": "+1 4255550100x12"}, "phoneNumber"),
        ({"alternativePhoneNumber": "+999 1234567"}, "alternativePhoneNumber"),
        ({"voiceOnlyPhoneNumber": "+1 12"}, "voiceOnlyPhoneNumber"),
        ({"email": "nobody"}, "email"),
        ({"email": "a b@example.org"}, "email"),
        ({"state": "On"}, "state"),
    ],
)
def test_a_bad_row_is_rejected(folder: Folder, form: Form, fields: dict[str, str], column: str) -> None:
    """With the column that is wrong."""
    assert [column] == [column for _, column in rejects(folder.mfa(*form(**fields)))]


@form
@pytest.mark.parametrize("number", ["2065550188", "+1 20655501881234", "+999 2065550188", "+1 2065550188x12", "+1 XXXXXXXX88"])
def test_the_reason_does_not_hold_the_number(folder: Folder, form: Form, number: str) -> None:
    """It may be shown where private numbers may not; it says what is wrong, and what to write."""
    [row] = folder.mfa(*form(phoneNumber=number))
    assert isinstance(row, RejectedRow)
    assert not any(part in row.reason for part in (number, number[-8:], "555018"))
    assert ("masked" in row.reason) == ("XXX" in number)


@pytest.mark.parametrize(
    "line",
    [
        '{"userPrincipalName":"a@b.c","phoneNumber":14255550100}',
        '{"userPrincipalName":"a@b.c","methods":["OneWaySMS",1]}',
        '{"userPrincipalName":"a@b.c","methods":{}}',
        '{"userPrincipalName":"a@b.c","state":"Enabled","state":"Disabled"}',
        '{"userPrincipalName":5,"state":"Enabled"}',
        '{"userPrincipalName":"nobody","state":"Enabled"}',
        '{"state":"Enabled"}',
        '{"userPrincipalName":"a@b.c"}',
        '{"userPrincipalName":"a@b.c","value":{}}',
        "[]",
        "{",
    ],
)
def test_bad_json_is_rejected_and_reading_goes_on(folder: Folder, line: str) -> None:
    """Wrong types, keys given twice, nobody named, nothing said."""
    good = samples.MFA_LINES.decode().splitlines()[0]
    rows = folder.mfa("a.jsonl", f"{good}\n{line}\n{good}\n")
    assert ([2], [_UPN, _UPN]) == ([line for line, _ in rejects(rows)], upns(rows))


def test_a_user_may_be_named_by_id(folder: Folder) -> None:
    """Where the export has no userPrincipalName."""
    user_id = uuid.UUID("6c9d2d0e-6d4b-4f0e-8a51-6f4f7d1b2c3a")
    assert user_id.bytes == folder.state("a.csv", f"userId,state\n{user_id},Enabled\n").user_id
    assert user_id.bytes == folder.state("a.jsonl", json.dumps({"id": str(user_id), "state": "Enabled"})).user_id


@pytest.mark.parametrize(
    ("header", "last", "why"),
    [
        pytest.param("upn,state,methods", "a@b.c,,OneWaySMS", "line_end", id="a list may go on"),
        pytest.param("upn,state,defaultMethod", "a@b.c,,TwoWaySms", "line_end", id="a name that begins another"),
        pytest.param("upn,state", "a@b.c,Enab", "line_end", id="half a state"),
        pytest.param("upn,phoneNumber", "a@b.c,+1 42555501", "line_end", id="half a number"),
    ],
)
def test_a_last_row_that_may_be_cut_refuses_the_file(folder: Folder, header: str, last: str, why: str) -> None:
    """A file that ends in the middle of a record changes nothing at all."""
    assert ("source.truncated", 2, why) == folder.refusal("a.csv", f"{header}\n{last}", mfa=True)


@pytest.mark.parametrize(("header", "last"), [("upn,state", "a@b.c,Enforced"), ("upn,state,defaultMethod", "a@b.c,,PhoneAppOTP")])
def test_a_last_row_without_line_end_is_whole(folder: Folder, header: str, last: str) -> None:
    """Where it ends with a whole word."""
    assert ["a@b.c"] == upns(folder.mfa("a.csv", f"{header}\n{last}"))


def test_a_last_cell_that_may_be_cut_says_nothing(folder: Folder) -> None:
    """It must not look like a state."""
    assert UNSENT is folder.state("a.csv", "upn,methods,state\na@b.c,,").state
