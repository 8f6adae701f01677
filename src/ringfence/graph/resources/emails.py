"""`emailMethods`: the address for password reset. Sources: surface a1, b1, b2."""

from __future__ import annotations

from typing import Any, Final

from ringfence.application.accounts import show_active_user
from ringfence.application.emails import SetEmail, delete_email, set_email
from ringfence.domain.methods.presence import Presence
from ringfence.domain.policy.authority import Action
from ringfence.graph.call import Answer, Call
from ringfence.graph.errors import not_found
from ringfence.graph.resources.fields import Fields
from ringfence.graph.routes import Route

EMAIL_ID: Final = "3ddfcfc8-9383-446f-83cc-3ab9be4be18f"
EMAIL_TYPE: Final = "#microsoft.graph.emailAuthenticationMethod"

_KIND: Final = "emailAuthenticationMethod"
_KNOWN: Final = ("id", "createdDateTime", "emailAddress")
_ABSENT: Final = "The requested authentication method is not registered."


def rendered_email(address: str, *, masked: bool) -> dict[str, Any]:
    """The method on the wire."""
    return {"id": EMAIL_ID, "createdDateTime": None, "emailAddress": _masked(address) if masked else address}


def _masked(address: str) -> str:
    local, _, domain = address.partition("@")
    return f"{local[:1]}***@{domain}"


def _found(call: Call) -> list[dict[str, Any]]:
    address = show_active_user(call.services, call.tenant_id, call.user).user.email
    return [rendered_email(address, masked=call.masked)] if address else []


def _list(call: Call) -> Answer:
    return Answer(200, {"@odata.context": call.of_user("authentication/emailMethods"), "value": _found(call)})


def _check_id(call: Call) -> None:
    if call.arguments["method"].casefold() != EMAIL_ID:
        raise not_found(_ABSENT, call.family)


def _get(call: Call) -> Answer:
    _check_id(call)
    found = _found(call)
    if not found:
        raise not_found(_ABSENT, call.family)
    return Answer(200, {"@odata.context": call.of_user("authentication/emailMethods/$entity"), **found[0]})


def _set(call: Call, expects: Presence) -> None:
    fields = Fields(call.document(), _KNOWN, _KIND, call.family)
    fields.pass_over()
    address = fields.required("emailAddress")
    set_email(call.services, call.tenant_id, SetEmail(call.user, address, call.caller.actor, expects), call.now)


def _create(call: Call) -> Answer:
    _set(call, Presence.ABSENT)
    location = f"{call.request.root}/{call.request.version}/users/{call.user}/authentication/emailMethods/{EMAIL_ID}"
    document = {"@odata.context": call.of_user("authentication/emailMethods/$entity"), **_found(call)[0]}
    return Answer(201, document, {"Location": location})


def _update(call: Call) -> Answer:
    _check_id(call)
    _set(call, Presence.PRESENT)
    return Answer(204)


def _delete(call: Call) -> Answer:
    _check_id(call)
    delete_email(call.services, call.tenant_id, call.user, call.caller.actor, call.now)
    return Answer(204)


_ALL: Final = "users/{user}/authentication/emailMethods"
_ITEM: Final = f"{_ALL}/{{method}}"

ROUTES: Final = (
    Route("GET", _ALL, _list, Action.READ_METHODS),
    Route("POST", _ALL, _create, Action.WRITE_METHODS),
    Route("GET", _ITEM, _get, Action.READ_METHODS),
    Route("PATCH", _ITEM, _update, Action.WRITE_METHODS),
    Route("DELETE", _ITEM, _delete, Action.DELETE_METHODS),
)
