"""`reports/authenticationMethods`: who registered which methods, and how many. Sources: surface a5, b6; domain-rules G.

Differs from the original: disabled users are in the report, since their numbers can be used once they are enabled again.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from ringfence.application.ports.people import UnknownField, UserQuestion
from ringfence.application.report_registrations import (
    Wanted,
    each_registration,
    find_registration_of_user,
    list_registrations_of_users,
)
from ringfence.domain.directory.query import And, AnyOf, Comparison, Filter, Operator
from ringfence.domain.methods.registration_report import RegisteredMethod, RegistrationReport, RoleGroup
from ringfence.domain.numbers.pairs import MethodType
from ringfence.domain.policy.authority import Action
from ringfence.graph.call import Answer, Call
from ringfence.graph.errors import Family, GraphError, bad_request
from ringfence.graph.paging import next_link, read_key
from ringfence.graph.resources.fields import shown_instant
from ringfence.graph.resources.log_pages import absent, log_page_size, unsupported
from ringfence.graph.resources.preferences import PREFERRED
from ringfence.graph.resources.selection import Selection
from ringfence.graph.routes import Route

_ROOT: Final = "reports/authenticationMethods"
_DETAILS: Final = f"{_ROOT}/userRegistrationDetails"
_RESOURCE: Final = "userRegistrationDetails"
METHOD_NAMES: Final = {
    RegisteredMethod.ALTERNATE_MOBILE_PHONE: "alternateMobilePhone",
    RegisteredMethod.AUTHENTICATOR_PUSH: "microsoftAuthenticatorPush",
    RegisteredMethod.EMAIL: "email",
    RegisteredMethod.MOBILE_PHONE: "mobilePhone",
    RegisteredMethod.OFFICE_PHONE: "officePhone",
    RegisteredMethod.PASSKEY: "passKeyDeviceBound",
    RegisteredMethod.PLATFORM_CREDENTIAL: "macOsSecureEnclaveKey",
    RegisteredMethod.SOFTWARE_OATH: "softwareOneTimePasscode",
    RegisteredMethod.TEMPORARY_ACCESS_PASS: "temporaryAccessPass",
    RegisteredMethod.WINDOWS_HELLO: "windowsHelloForBusiness",
}
_DEFAULTS: Final = {
    MethodType.OneWaySMS: "mobilePhone",
    MethodType.PhoneAppNotification: "microsoftAuthenticatorPush",
    MethodType.PhoneAppOTP: "softwareOneTimePasscode",
    MethodType.TwoWayVoiceAlternateMobile: "alternateMobilePhone",
    MethodType.TwoWayVoiceMobile: "mobilePhone",
    MethodType.TwoWayVoiceOffice: "officePhone",
}
_FLAGS: Final[dict[str, Callable[[RegistrationReport], bool]]] = {
    "isAdmin": lambda row: row.is_admin,
    "isMfaCapable": lambda row: row.is_mfa_capable,
    "isMfaRegistered": lambda row: row.is_mfa_registered,
    "isPasswordlessCapable": lambda row: row.is_passwordless_capable,
    "isSsprCapable": lambda row: row.is_sspr_capable,
    "isSsprEnabled": lambda row: row.is_sspr_enabled,
    "isSsprRegistered": lambda row: row.is_sspr_registered,
    "isSystemPreferredAuthenticationMethodEnabled": lambda row: row.is_system_preferred,
}
_FLAG_NAMES: Final = {name.casefold(): name for name in _FLAGS}
_NAMES: Final = {"userdisplayname": "displayName", "userprincipalname": "userPrincipalName"}
_FEATURES: Final = {
    "ssprRegistered": "isSsprRegistered",
    "ssprEnabled": "isSsprEnabled",
    "ssprCapable": "isSsprCapable",
    "passwordlessCapable": "isPasswordlessCapable",
    "mfaCapable": "isMfaCapable",
}
_TYPES: Final = ("all", "member", "guest")
_ROLES: Final = {
    "all": None,
    "privilegedadmin": RoleGroup.PRIVILEGED_ADMIN,
    "admin": RoleGroup.ADMIN,
    "user": RoleGroup.USER,
}
_ROLE_NAMES: Final = {"privilegedadmin": "privilegedAdmin"}


_PROPERTIES: Final = (
    "id",
    "userPrincipalName",
    "userDisplayName",
    "userType",
    *_FLAGS,
    "methodsRegistered",
    "systemPreferredAuthenticationMethods",
    "userPreferredMethodForSecondaryAuthentication",
    "lastUpdatedDateTime",
)


def _selection(call: Call) -> Selection:
    known = (*_PROPERTIES, "defaultMfaMethod") if call.request.version == "beta" else _PROPERTIES
    return Selection(call, known, _RESOURCE)


def _shown(call: Call, row: RegistrationReport) -> dict[str, Any]:
    user = row.user
    shown = {
        "id": str(uuid.UUID(bytes=user.user_id)),
        "userPrincipalName": user.upn,
        "userDisplayName": user.display_name,
        "userType": user.user_type.lower(),
        **{name: flag(row) for name, flag in _FLAGS.items()},
        "methodsRegistered": _registered(row),
        "systemPreferredAuthenticationMethods": ["none" if row.preferred is None else PREFERRED[row.preferred]],
        "userPreferredMethodForSecondaryAuthentication": "none" if user.default is None else PREFERRED[user.default],
        "lastUpdatedDateTime": shown_instant(call.now),
    }
    if call.request.version == "beta":
        shown["defaultMfaMethod"] = "none" if user.default is None else _DEFAULTS[user.default]
    return shown


def _registered(row: RegistrationReport) -> list[str]:
    return sorted(METHOD_NAMES[method] for method in row.methods)


def _list(call: Call) -> Answer:
    selection = _selection(call)
    question, wanted = _question(call)
    try:
        page = list_registrations_of_users(call.services, call.tenant_id, question, wanted, call.now)
    except UnknownField as error:
        raise unsupported(str(error), _RESOURCE) from error
    document: dict[str, Any] = {"@odata.context": call.context(f"{_DETAILS}{selection.projection}")}
    if page.after is not None:
        document["@odata.nextLink"] = next_link(call, _DETAILS, page.after)
    document["value"] = [selection.of(_shown(call, row)) for row in page.rows]
    return Answer(200, document)


def _get(call: Call) -> Answer:
    selection = _selection(call)
    name = call.arguments["detail"]
    try:
        identifier = uuid.UUID(name)
    except ValueError as error:
        raise absent(name, call) from error
    row = find_registration_of_user(call.services, call.tenant_id, str(identifier), call.now)
    context = call.context(f"{_DETAILS}{selection.projection}/$entity")
    return Answer(200, {"@odata.context": context, **selection.of(_shown(call, row))})


def _question(call: Call) -> tuple[UserQuestion, Wanted | None]:
    """What the database is asked, names and order, and what is looked at in each row."""
    options = call.options
    if len(options.orderby) > 1:
        message = "Only one property can be sorted by."
        raise GraphError(400, "Request_UnsupportedQuery", message)
    order = options.orderby[0] if options.orderby else None
    if order is not None and order.field.casefold() not in _NAMES:
        raise unsupported(order.field, _RESOURCE)
    named, others = [], []
    for part in [] if options.filter is None else _parts(options.filter):
        name = _of_name(part)
        if name is None:
            others.append(_wanted(part))
        else:
            named.append(name)
    question = UserQuestion(
        filter=None if not named else named[0] if len(named) == 1 else And(tuple(named)),
        order=None if order is None else _NAMES[order.field.casefold()],
        descending=order is not None and order.descending,
        after=read_key(call),
        limit=log_page_size(call),
    )
    return question, (lambda row: all(one(row) for one in others)) if others else None


def _parts(asked: Filter) -> list[Filter]:
    return [one for part in asked.parts for one in _parts(part)] if isinstance(asked, And) else [asked]


def _of_name(part: Filter) -> Filter | None:
    """The same about a user, where it is about one of the two names."""
    if not isinstance(part, Comparison) or part.field.casefold() not in _NAMES:
        return None
    if part.operator not in {Operator.EQ, Operator.STARTS_WITH} or not isinstance(part.value, str):
        raise unsupported(part.field, _RESOURCE)
    return Comparison(_NAMES[part.field.casefold()], part.operator, part.value)


def _wanted(part: Filter) -> Wanted:
    if isinstance(part, Comparison) and part.operator is Operator.EQ and isinstance(part.value, bool):
        name = _FLAG_NAMES.get(part.field.casefold())
        if name is not None:
            return partial(_has_flag, name, part.value)
    if isinstance(part, AnyOf) and part.field.casefold() == "methodsregistered":
        condition = part.condition
        if condition.field == "" and condition.operator is Operator.EQ and isinstance(condition.value, str):
            return partial(_has_method, condition.value.casefold())
    raise unsupported(str(getattr(part, "field", type(part).__name__.lower())), _RESOURCE)


def _has_flag(name: str, value: bool, row: RegistrationReport) -> bool:  # noqa: FBT001 - bound by position
    return _FLAGS[name](row) is value


def _has_method(name: str, row: RegistrationReport) -> bool:
    return any(METHOD_NAMES[method].casefold() == name for method in row.methods)


def _by_feature(call: Call) -> Answer:
    total, counts = _counted(call, lambda row: [name for name, flag in _FEATURES.items() if _FLAGS[flag](row)])
    listed = [{"feature": name, "userCount": counts[name]} for name in _FEATURES]
    return _summary(call, "userRegistrationFeature", total, listed)


def _by_method(call: Call) -> Answer:
    total, counts = _counted(call, _registered)
    listed = [{"authenticationMethod": name, "userCount": counts[name]} for name in sorted(METHOD_NAMES.values())]
    return _summary(call, "userRegistrationMethod", total, listed)


def _summary(call: Call, name: str, total: int, counts: list[dict[str, Any]]) -> Answer:
    kind, role = _included(call)
    return Answer(
        200,
        {
            "@odata.context": call.context(f"microsoft.graph.{name}Summary"),
            "totalUserCount": total,
            "userTypes": kind,
            "userRoles": _ROLE_NAMES.get(role, role),
            f"{name}Counts": counts,
        },
    )


def _counted(call: Call, named: Callable[[RegistrationReport], list[str]]) -> tuple[int, Counter[str]]:
    kind, role = _included(call)
    group = _ROLES[role]
    counts: Counter[str] = Counter()
    total = 0
    for row in each_registration(call.services, call.tenant_id, call.now):
        if (kind == "all" or row.user.user_type.lower() == kind) and (group is None or group in row.groups):
            total += 1
            counts.update(named(row))
    return total, counts


def _included(call: Call) -> tuple[str, str]:
    """The function's two arguments, in any case and order; all of both without them."""
    given = {name.casefold(): value.casefold() for name, value in call.arguments.items()}
    kind, role = given.pop("includedusertypes", "all"), given.pop("includeduserroles", "all")
    if given or kind not in _TYPES or role not in _ROLES:
        message = "includedUserTypes is all, member or guest; includedUserRoles is all, privilegedAdmin, admin or user."
        raise bad_request(message, call.family)
    return kind, role


ROUTES: Final = (
    Route("GET", _DETAILS, _list, Action.READ_REPORTS, Family.DIRECTORY),
    Route("GET", f"{_DETAILS}/{{detail}}", _get, Action.READ_REPORTS, Family.DIRECTORY),
    Route("GET", f"{_ROOT}/usersRegisteredByFeature", _by_feature, Action.READ_REPORTS, Family.DIRECTORY),
    Route("GET", f"{_ROOT}/usersRegisteredByMethod", _by_method, Action.READ_REPORTS, Family.DIRECTORY),
)
