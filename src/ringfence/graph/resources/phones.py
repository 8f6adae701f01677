"""`phoneMethods`: authentication numbers. Sources: surface a1, b1, b2; domain-rules A.2, C.3, F.1."""

from __future__ import annotations

from typing import Any, Final

from ringfence.application.phones import DeletePhone, Phone, RegisterPhone, delete_phone, list_phones, register_phone
from ringfence.domain.errors import ConflictError, ErrorCode
from ringfence.domain.methods.presence import Presence
from ringfence.domain.numbers.canonical import mask_number
from ringfence.domain.numbers.pairs import Pair, pair_of_phone_type
from ringfence.domain.policy.authority import Action
from ringfence.graph.call import Answer, Call
from ringfence.graph.errors import bad_request, not_found
from ringfence.graph.resources.fields import Fields
from ringfence.graph.routes import BETA, Route

PHONE_IDS: Final = {
    Pair.MOBILE: "3179e48a-750b-4051-897c-87b9720928f7",
    Pair.ALTERNATE: "b6332ec1-7057-4abe-9331-3d72feddfe41",
    Pair.OFFICE: "e37fc753-ff3b-4958-9484-eaa9425c82bc",
}
"""The fixed id of each type, the same for every user."""
PHONE_TYPE: Final = "#microsoft.graph.phoneAuthenticationMethod"

_KIND: Final = "phoneAuthenticationMethod"
_SIGN_IN_STATES: Final = (
    None,
    "notSupported",
    "notAllowedByPolicy",
    "notEnabled",
    "phoneNumberNotUnique",
    "ready",
    "notConfigured",
    "unknownFutureValue",
)
_KNOWN: Final = ("id", "createdDateTime", "phoneNumber", "phoneType", "smsSignInState")
_LONGEST: Final = 64
_PAIRS: Final = {identifier: pair for pair, identifier in PHONE_IDS.items()}
_ORDER: Final = (Pair.MOBILE, Pair.ALTERNATE, Pair.OFFICE)
_NO_SIGN_IN: Final = {
    "notAllowedByPolicy": "SMS sign-in is not allowed by the authentication methods policy.",
    "notConfigured": "SMS sign-in is allowed by the authentication methods policy, but this service does not offer it yet.",
    "notSupported": "SMS sign-in is supported for the mobile phone method only.",
}
_TYPES: Final = "phoneType is one of mobile, alternateMobile, office."


def rendered_phones(call: Call) -> list[dict[str, Any]]:
    """The phones of the user in the path, mobile first."""
    found = {phone.pair: phone for phone in list_phones(call.services, call.tenant_id, call.user)}
    return [_rendered(call, found[pair]) for pair in _ORDER if pair in found]


def _rendered(call: Call, phone: Phone) -> dict[str, Any]:
    return {
        "id": PHONE_IDS[phone.pair],
        "createdDateTime": None,
        "phoneNumber": mask_number(phone.number) if call.masked else phone.number,
        "phoneType": phone.pair.phone_type,
        "smsSignInState": _sign_in_state(phone),
    }


def _sign_in_state(phone: Phone) -> str:
    if phone.pair is not Pair.MOBILE:
        return "notSupported"
    return "notConfigured" if phone.may_sign_in else "notAllowedByPolicy"


def _list(call: Call) -> Answer:
    return Answer(200, {"@odata.context": call.of_user("authentication/phoneMethods"), "value": rendered_phones(call)})


def _pair(call: Call) -> Pair:
    pair = _PAIRS.get(call.arguments["method"].casefold())
    if pair is None:
        message = "The requested authentication method is not registered."
        raise not_found(message, call.family)
    return pair


def _one(call: Call, pair: Pair) -> dict[str, Any]:
    for phone in list_phones(call.services, call.tenant_id, call.user):
        if phone.pair is pair:
            return _rendered(call, phone)
    message = "The requested authentication method is not registered."
    raise not_found(message, call.family)


def _get(call: Call) -> Answer:
    return Answer(200, {"@odata.context": call.of_user("authentication/phoneMethods/$entity"), **_one(call, _pair(call))})


def _typed(call: Call, text: str) -> Pair:
    try:
        return pair_of_phone_type(text)
    except KeyError as error:
        message = f"Invalid phoneType '{text[:32]}': {_TYPES}"
        raise bad_request(message, call.family) from error


def _fields(call: Call) -> Fields:
    fields = Fields(call.document(), _KNOWN, _KIND, call.family)
    fields.pass_over()
    if fields.text("smsSignInState") not in _SIGN_IN_STATES:
        message = f"The property 'smsSignInState' is one of {', '.join(filter(None, _SIGN_IN_STATES))}."
        raise bad_request(message, call.family)
    return fields


def _create(call: Call) -> Answer:
    fields = _fields(call)
    number, pair = fields.required("phoneNumber", _LONGEST), _typed(call, fields.required("phoneType"))
    command = RegisterPhone(call.user, pair, number, call.caller.actor, Presence.ABSENT)
    register_phone(call.services, call.tenant_id, command, call.now)
    location = f"{call.request.root}/{call.request.version}/users/{call.user}/authentication/phoneMethods/{PHONE_IDS[pair]}"
    document = {"@odata.context": call.of_user("authentication/phoneMethods/$entity"), **_one(call, pair)}
    return Answer(201, document, {"Location": location})


def _update(call: Call) -> Answer:
    pair = _pair(call)
    fields = _fields(call)
    named = fields.text("phoneType")
    if named is not None and _typed(call, named) is not pair:
        message = "The phoneType of a phone method cannot be changed."
        raise bad_request(message, call.family)
    number = fields.required("phoneNumber", _LONGEST)
    command = RegisterPhone(call.user, pair, number, call.caller.actor, Presence.PRESENT)
    register_phone(call.services, call.tenant_id, command, call.now)
    return Answer(204)


def _delete(call: Call) -> Answer:
    pair = _pair(call)
    try:
        delete_phone(call.services, call.tenant_id, DeletePhone(call.user, pair, call.caller.actor), call.now)
    except ConflictError as error:
        if error.code is ErrorCode.METHOD_IS_DEFAULT:
            raise ConflictError(error.code, id=PHONE_IDS[pair]) from error
        raise
    return Answer(204)


def _enable_sign_in(call: Call) -> Answer:
    """Refused, and why (C.3): not a mobile phone, not allowed by the policy, or else not served by this version."""
    state = _one(call, _pair(call))["smsSignInState"]
    raise bad_request(_NO_SIGN_IN[state], call.family)


def _disable_sign_in(call: Call) -> Answer:
    """It is not enabled for anybody, so there is nothing to do."""
    _one(call, _pair(call))
    return Answer(204)


_ALL: Final = "users/{user}/authentication/phoneMethods"
_ITEM: Final = f"{_ALL}/{{method}}"
_METHOD: Final = "users/{user}/authentication/methods/{method}"
"""Beta binds the two actions to the base type."""

ROUTES: Final = (
    Route("GET", _ALL, _list, Action.READ_METHODS),
    Route("POST", _ALL, _create, Action.WRITE_METHODS),
    Route("GET", _ITEM, _get, Action.READ_METHODS),
    Route("PATCH", _ITEM, _update, Action.WRITE_METHODS),
    Route("DELETE", _ITEM, _delete, Action.DELETE_METHODS),
    Route("POST", f"{_ITEM}/enableSmsSignIn", _enable_sign_in, Action.SWITCH_SMS_SIGN_IN),
    Route("POST", f"{_ITEM}/disableSmsSignIn", _disable_sign_in, Action.SWITCH_SMS_SIGN_IN),
    Route("POST", f"{_METHOD}/enableSmsSignIn", _enable_sign_in, Action.SWITCH_SMS_SIGN_IN, versions=BETA),
    Route("POST", f"{_METHOD}/disableSmsSignIn", _disable_sign_in, Action.SWITCH_SMS_SIGN_IN, versions=BETA),
)
