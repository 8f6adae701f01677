"""Graph's answers about a user's methods, as `MfaRecord`s: methods, lists of one kind, preferences, the registration report.

Owns: whose answer it is (its `@odata.context`, or a name beside it), and what each shape says and leaves open.
Hands to: `mfa_registrations` for passkeys, apps and the like.
Source: domain-rules A.2, A.3 (name map), G (registration report); shapes of Graph v1.0 and beta.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote

from ringfence.domain.directory.records import UNSENT, MfaRecord, Unsent
from ringfence.domain.methods.entries import ENTRY_OF_KIND
from ringfence.domain.methods.registrations import MethodKind
from ringfence.domain.numbers.pairs import PAIR_METHODS, MethodType, Pair, pair_of_phone_type
from ringfence.sources.anchors import is_guid
from ringfence.sources.json_documents import text_under
from ringfence.sources.mfa_fields import UPN, USER_ID, ParseNumber, email_of, number_of, unique, user_names
from ringfence.sources.mfa_registrations import KIND_OF_COLLECTION, KIND_OF_TYPE, KINDS, stated_methods
from ringfence.sources.unusable import UnusableRowError

PREFERENCE: Final = "userPreferredMethodForSecondaryAuthentication"
REGISTERED: Final = "methodsRegistered"

_CONTEXT: Final = re.compile(r"#users\('(.+)'\)/authentication/(\w+)(?:\([^/]*\))?(/\$entity)?", re.DOTALL)
_PREFERENCES: Final = {
    "push": MethodType.PhoneAppNotification,
    "oath": MethodType.PhoneAppOTP,
    "voiceMobile": MethodType.TwoWayVoiceMobile,
    "voiceAlternateMobile": MethodType.TwoWayVoiceAlternateMobile,
    "voiceOffice": MethodType.TwoWayVoiceOffice,
    "sms": MethodType.OneWaySMS,
}
_NO_PREFERENCE: Final = frozenset({"", "none"})
_REGISTERED: Final = {
    "mobilePhone": PAIR_METHODS[Pair.MOBILE],
    "alternateMobilePhone": PAIR_METHODS[Pair.ALTERNATE],
    "officePhone": PAIR_METHODS[Pair.OFFICE],
    "microsoftAuthenticatorPush": (MethodType.PhoneAppNotification,),
    "softwareOneTimePasscode": (MethodType.PhoneAppOTP,),
    "hardwareOneTimePasscode": (MethodType.PhoneAppOTP,),
}
_PHONE: Final = "phoneAuthenticationMethod"
_EMAIL: Final = "emailAuthenticationMethod"
_UNNAMED: Final = "Nothing here says whose answer this is. Keep @odata.context, or put userPrincipalName beside it."


class Owner:
    """Whose answer it is and of which kind, as far as the document says."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Read `@odata.context`, else the names beside the answer. The `id` of a single method is not the user's."""
        found = _CONTEXT.search(_text(document, "@odata.context"))
        self.kind = found[2] if found else ""
        typed = KIND_OF_TYPE.get(_kind(document))
        self.registers = typed or KIND_OF_COLLECTION.get(self.kind)
        """The kind of the one method, or of those listed, where methods of a kind are registered one by one."""
        self.is_part = "phoneType" in document or typed is not None or (found is not None and found[3] is not None)
        self.upn = _text(document, UPN)
        self.user_id = _text(document, "userId") or ("" if found or self.is_part else _text(document, USER_ID))
        if found:
            name = unquote(found[1]).replace("''", "'").strip()
            if is_guid(name):
                self.user_id = name
            else:
                self.upn = name

    @property
    def keys(self) -> tuple[str, ...]:
        """The names as given."""
        return tuple(filter(None, (self.upn, self.user_id)))

    def names(self) -> tuple[str | None, bytes | None]:
        """The names as a record holds them; raises `UnusableRowError` when there is none or one is malformed."""
        if not self.keys:
            raise UnusableRowError(column="@odata.context", reason=_UNNAMED)
        return user_names(self.upn, self.user_id)


def preference_record(line: int, found: Mapping[str, Any], owner: Owner) -> MfaRecord:
    """The record of signInPreferences: the default, which is added to the entries when it is missing."""
    default = _preference(found)
    return MfaRecord(line, *owner.names(), default=default, add_default=isinstance(default, MethodType))


def registration_record(line: int, found: Mapping[str, Any], owner: Owner) -> MfaRecord:
    """The record of a row of userRegistrationDetails: the methods, and the default when it is among them."""
    names = found.get(REGISTERED)
    if names is not None and not (isinstance(names, list) and all(isinstance(name, str) for name in names)):
        raise UnusableRowError(column=REGISTERED, reason='This is not a list of names. Write ["mobilePhone"], or [] for none.')
    methods = unique(method for name in names or () for method in _REGISTERED.get(name, ()))
    default = _preference(found) if PREFERENCE in found else UNSENT
    if methods and default not in methods:
        default = UNSENT
    return MfaRecord(line, *owner.names(), methods=methods, default=default)


def phone_record(line: int, items: list[dict[str, Any]], owner: Owner, parse_number: ParseNumber) -> MfaRecord:
    """The record of phoneMethods: the numbers. A whole list that lacks a type says that there is none of it."""
    numbers = _numbers(items, parse_number)
    absent = UNSENT if owner.is_part else ""
    return MfaRecord(
        line,
        *owner.names(),
        mobile=numbers.get(Pair.MOBILE, absent),
        alternate=numbers.get(Pair.ALTERNATE, absent),
        office=numbers.get(Pair.OFFICE, absent),
    )


def methods_record(line: int, items: list[dict[str, Any]], owner: Owner, parse_number: ParseNumber) -> MfaRecord:
    """The record of the list of all methods: numbers, address, entries, registrations; kinds we do not keep are passed over."""
    kinds = [(item, _kind(item)) for item in items]
    numbers = phone_record(line, [item for item, kind in kinds if kind == _PHONE], owner, parse_number)
    emails = [item for item, kind in kinds if kind == _EMAIL]
    email = email_of(_text(emails[0], "emailAddress"), "emailAddress") if emails else ""
    registrations = stated_methods((item, KIND_OF_TYPE[kind]) for item, kind in kinds if kind in KIND_OF_TYPE)
    entries = unique(method for item, kind in kinds for method in _entries(item, kind))
    return numbers._replace(methods=entries, email=email, registrations=registrations, listed=KINDS)


def registered_record(line: int, found: Mapping[str, Any], owner: Owner, kind: MethodKind) -> MfaRecord:
    """The record of one method that is registered one by one."""
    return MfaRecord(line, *owner.names(), registrations=stated_methods([(found, kind)]))


def collection_records(line: int, items: list[dict[str, Any]], owner: Owner, parse_number: ParseNumber) -> Iterator[MfaRecord]:
    """The record of a collection about one user; which one its context says, else its items. An empty page says nothing."""
    if not (items or owner.keys):
        return
    kind = owner.kind or ("methods" if any(_kind(item) not in ("", _PHONE) for item in items) else "phoneMethods")
    if kind == "phoneMethods":
        yield phone_record(line, items, owner, parse_number)
    elif kind == "methods":
        yield methods_record(line, items, owner, parse_number)
    elif (listed := KIND_OF_COLLECTION.get(kind)) is not None:
        registrations = stated_methods((item, listed) for item in items)
        yield MfaRecord(line, *owner.names(), registrations=registrations, listed=frozenset({listed}))


def _entries(item: Mapping[str, Any], kind: str) -> tuple[MethodType, ...]:
    """The entries that a method of this type is, or none."""
    if kind == _PHONE:
        return PAIR_METHODS[_pair(item)]
    registered = KIND_OF_TYPE.get(kind)
    return (ENTRY_OF_KIND[registered],) if registered in ENTRY_OF_KIND else ()


def _numbers(items: list[dict[str, Any]], parse_number: ParseNumber) -> dict[Pair, str | Unsent]:
    numbers: dict[Pair, str | Unsent] = {}
    for item in items:
        pair = _pair(item)
        if pair in numbers:
            raise UnusableRowError(column="phoneType", reason="This type is given twice. A user has one number of each type.")
        numbers[pair] = number_of(_text(item, "phoneNumber"), pair, "phoneNumber", parse_number)
    return numbers


def _pair(item: Mapping[str, Any]) -> Pair:
    try:
        return pair_of_phone_type(_text(item, "phoneType"))
    except KeyError as error:
        raise UnusableRowError(
            column="phoneType", reason="There is no such type. The types are mobile, alternateMobile and office."
        ) from error


def _kind(item: Mapping[str, Any]) -> str:
    return _text(item, "@odata.type").rpartition(".")[2]


def _preference(found: Mapping[str, Any]) -> MethodType | None:
    name = _text(found, PREFERENCE)
    if name not in _PREFERENCES and name not in _NO_PREFERENCE:
        known = ", ".join(_PREFERENCES)
        raise UnusableRowError(column=PREFERENCE, reason=f"There is no preference of this name. They are {known} and none.")
    return _PREFERENCES.get(name)


def _text(found: Mapping[str, Any], key: str) -> str:
    return text_under(found, key) or ""
