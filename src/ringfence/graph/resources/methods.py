"""`methods`: everything a user has registered, each with its type; and `resetPassword`, which hangs on the password of them."""

from __future__ import annotations

import uuid
from typing import Any, Final

from ringfence.application.accounts import show_active_user
from ringfence.application.identity.passwords import find_operation, reset_password
from ringfence.application.registered_methods import list_registrations
from ringfence.domain.directory.records import SyncState
from ringfence.domain.policy.authority import Action
from ringfence.graph.call import Answer, Call
from ringfence.graph.errors import bad_request, not_found
from ringfence.graph.resources.emails import EMAIL_TYPE, rendered_email
from ringfence.graph.resources.fields import Fields, shown_instant
from ringfence.graph.resources.passwords import PASSWORD_ID, PASSWORD_TYPE, rendered_password
from ringfence.graph.resources.phones import PHONE_TYPE, rendered_phones
from ringfence.graph.resources.registrations import SHAPES, rendered_registration
from ringfence.graph.routes import Route

_ALL: Final = "users/{user}/authentication/methods"


def _everything(call: Call) -> list[dict[str, Any]]:
    user = show_active_user(call.services, call.tenant_id, call.user).user
    email = [{"@odata.type": EMAIL_TYPE, **rendered_email(user.email, masked=call.masked)}] if user.email else []
    held, policy = list_registrations(call.services, call.tenant_id, call.user)
    return [
        {"@odata.type": PASSWORD_TYPE, **rendered_password(call)},
        *({"@odata.type": PHONE_TYPE, **phone} for phone in rendered_phones(call)),
        *email,
        *({"@odata.type": SHAPES[one.kind].type, **rendered_registration(one, policy, call.now)} for one in held),
    ]


def _list(call: Call) -> Answer:
    return Answer(200, {"@odata.context": call.of_user("authentication/methods"), "value": _everything(call)})


def _get(call: Call) -> Answer:
    """By its id. The case of those that are fixed says nothing; others may differ in it alone, so the exact one comes first."""
    wanted = call.arguments["method"]
    for one in sorted(_everything(call), key=lambda one: one["id"] != wanted):
        if one["id"].casefold() == wanted.casefold():
            return Answer(200, {"@odata.context": call.of_user("authentication/methods/$entity"), **one})
    message = "The requested authentication method is not registered."
    raise not_found(message, call.family)


def _reset(call: Call) -> Answer:
    if call.arguments["method"].casefold() != PASSWORD_ID:
        message = "Only the password method can be reset."
        raise bad_request(message, call.family)
    fields = Fields(call.document(), ("newPassword",), "passwordAuthenticationMethod", call.family)
    given = fields.text("newPassword")
    user = show_active_user(call.services, call.tenant_id, call.user).user
    if given is None and user.sync_state is SyncState.SYNCED:
        message = "newPassword is required for a user whose directory is on-premises."
        raise bad_request(message, call.family)
    reset = reset_password(call.identity, call.tenant_id, call.user, given, call.now)
    operation = uuid.UUID(bytes=reset.operation_id)
    where = f"{call.request.root}/{call.request.version}/users/{call.user}/authentication/operations/{operation}"
    document: dict[str, Any] = {}
    if reset.password is not None:
        document = {"@odata.context": call.context("microsoft.graph.passwordResetResponse"), "newPassword": reset.password}
    return Answer(202, document, {"Location": where})


def _operation(call: Call) -> Answer:
    """A reset is done before it is answered, so an operation that exists has succeeded."""
    message = "There is no such operation."
    try:
        identifier = uuid.UUID(call.arguments["operation"])
    except ValueError as error:
        raise not_found(message, call.family) from error
    at = find_operation(call.services, call.tenant_id, call.user, identifier.bytes)
    if at is None:
        raise not_found(message, call.family)
    return Answer(
        200,
        {
            "@odata.context": call.of_user("authentication/operations/$entity"),
            "id": str(identifier),
            "status": "succeeded",
            "statusDetail": None,
            "createdDateTime": shown_instant(at),
            "lastActionDateTime": shown_instant(at),
            "resourceLocation": None,
        },
    )


ROUTES: Final = (
    Route("GET", _ALL, _list, Action.READ_METHODS),
    Route("GET", f"{_ALL}/{{method}}", _get, Action.READ_METHODS),
    Route("POST", f"{_ALL}/{{method}}/resetPassword", _reset, Action.RESET_PASSWORD),
    Route("GET", "users/{user}/authentication/operations/{operation}", _operation, Action.READ_METHODS),
)
