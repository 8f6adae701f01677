"""The legacy strong-authentication state of one user, field by field, as an `MfaRecord`: shared by CSV and flat JSON.

Owns: names of methods and states, and how a private number that cannot be used is spoken of: never in full.
Source: domain-rules A.2, A.3 (names), D.9 (states).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from ringfence.domain.directory.records import UNSENT, MfaRecord, PerUserState, Unsent
from ringfence.domain.errors import ErrorCode, InvalidError
from ringfence.domain.numbers.pairs import RETIRED_METHODS, MethodType, Pair
from ringfence.sources.anchors import user_id_of
from ringfence.sources.cells import number_text
from ringfence.sources.principal_names import WRITE_PRINCIPAL_NAME, is_principal_name
from ringfence.sources.unusable import UnusableRowError

ParseNumber = Callable[[str, Pair], str]
"""Text and pair -> canonical number; raises `InvalidError` with a code `number.…`."""

USER_ID, UPN, METHODS, DEFAULT, MOBILE, ALTERNATE, OFFICE, EMAIL, STATE = (
    "id",
    "userPrincipalName",
    "methods",
    "defaultMethod",
    "phoneNumber",
    "alternativePhoneNumber",
    "voiceOnlyPhoneNumber",
    "email",
    "state",
)
"""The fields, by their names in JSON and in the header of a CSV."""

FIELDS: Final = (UPN, METHODS, DEFAULT, MOBILE, ALTERNATE, OFFICE, EMAIL, STATE)

METHOD_OF: Final = {name.casefold(): method for name, method in {**MethodType.__members__, **RETIRED_METHODS}.items()}
"""MSOnline's names, lower case, the retired ones included."""

STATE_OF: Final = {name.casefold(): state for name, state in PerUserState.__members__.items()}
_KNOWN_METHODS: Final = ", ".join(sorted(MethodType.__members__))
_KNOWN_STATES: Final = ", ".join(PerUserState.__members__)
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")
_MASKED: Final = re.compile(r"[Xx*]{3}")

_WHY: Final = {
    ErrorCode.NUMBER_COUNTRY: "The country code is not assigned.",
    ErrorCode.NUMBER_EXTENSION: "Only an office number may have an extension. Take it out.",
    ErrorCode.NUMBER_FORM: "The number is malformed.",
    ErrorCode.NUMBER_LENGTH: "The number is too short or too long for its country.",
}
_WRITE_NUMBER: Final = "Write it as +1 4255550100: country code, one space, digits."


def flat_record(line: int, sent: Mapping[str, str], methods: list[str] | None, parse_number: ParseNumber) -> MfaRecord:
    """The record of a row whose fields were sent as text (`""`: there is none); raises `UnusableRowError`."""
    upn, user_id = user_names(sent.get(UPN, ""), sent.get(USER_ID, ""))
    types = UNSENT if methods is None else _methods(methods)
    return MfaRecord(
        line,
        upn,
        user_id,
        methods=types,
        default=_default(sent.get(DEFAULT, ""), types),
        mobile=_number(sent, MOBILE, Pair.MOBILE, parse_number),
        alternate=_number(sent, ALTERNATE, Pair.ALTERNATE, parse_number),
        office=_number(sent, OFFICE, Pair.OFFICE, parse_number),
        email=UNSENT if EMAIL not in sent else email_of(sent[EMAIL], EMAIL),
        state=_state(sent.get(STATE, "")),
    )


def user_names(upn: str, user_id: str) -> tuple[str | None, bytes | None]:
    """The names that tell the user; raises `UnusableRowError` when there is none or one is malformed."""
    upn, user_id = upn.strip(), user_id.strip()
    if not (upn or user_id):
        raise UnusableRowError(column=UPN, reason="Nothing here names the user. Fill in the user principal name.")
    if upn and not is_principal_name(upn):
        raise UnusableRowError(column=UPN, reason=WRITE_PRINCIPAL_NAME)
    return upn or None, user_id_of(user_id, USER_ID) if user_id else None


def number_of(text: str, pair: Pair, column: str, parse_number: ParseNumber) -> str:
    """The canonical number, `""` for none; the reason of an `UnusableRowError` never holds the number."""
    text = number_text(text)
    if not text.strip():
        return ""
    try:
        return parse_number(text, pair)
    except InvalidError as error:
        if _MASKED.search(text):
            reason = "The number is masked. Export it again in a role that may read it in full."
        else:
            reason = f"{_WHY.get(error.code, _WHY[ErrorCode.NUMBER_FORM])} {_WRITE_NUMBER}"
        raise UnusableRowError(column=column, reason=reason) from error


def email_of(text: str, column: str) -> str:
    """The address, `""` for none; raises `UnusableRowError` when it is surely none."""
    text = text.strip()
    if text and not _EMAIL.fullmatch(text):
        raise UnusableRowError(column=column, reason="This is not an e-mail address. Write it as name@domain.")
    return text


def unique(methods: Iterable[MethodType]) -> tuple[MethodType, ...]:
    """The methods without repetition, in their order."""
    return tuple(dict.fromkeys(methods))


def _number(sent: Mapping[str, str], field: str, pair: Pair, parse_number: ParseNumber) -> str | Unsent:
    return number_of(sent[field], pair, field, parse_number) if field in sent else UNSENT


def _methods(names: list[str]) -> tuple[MethodType, ...]:
    return unique(_method(name, METHODS) for name in names)


def _method(name: str, column: str) -> MethodType:
    method = METHOD_OF.get(name.strip().casefold())
    if method is None:
        raise UnusableRowError(column=column, reason=f"There is no method of this name. The methods are {_KNOWN_METHODS}.")
    return method


def _default(name: str, methods: tuple[MethodType, ...] | Unsent) -> MethodType | Unsent:
    """The default, UNSENT when the source names none: then nothing is said about it."""
    if not name.strip():
        return UNSENT
    default = _method(name, DEFAULT)
    if methods and methods is not UNSENT and default not in methods:
        raise UnusableRowError(
            column=DEFAULT, reason="The default is not among the methods. Add it to them, or name one of them."
        )
    return default


def _state(text: str) -> PerUserState | Unsent:
    """The state; an empty cell says nothing, as everywhere in this import."""
    word = text.strip().casefold()
    if not word:
        return UNSENT
    if word not in STATE_OF:
        raise UnusableRowError(column=STATE, reason=f"There is no state of this name. The states are {_KNOWN_STATES}.")
    return STATE_OF[word]
