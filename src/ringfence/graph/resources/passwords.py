"""`passwordMethods`: every user has one, whether a password is set or not; its value never comes back. Source: surface a1, b2."""

from __future__ import annotations

from typing import Any, Final

from ringfence.application.accounts import show_active_user
from ringfence.application.identity.passwords import show_credential
from ringfence.domain.policy.authority import Action
from ringfence.graph.call import Answer, Call
from ringfence.graph.errors import not_found
from ringfence.graph.resources.fields import shown_instant
from ringfence.graph.routes import Route

PASSWORD_ID: Final = "28c10230-6103-485e-b985-444c60001490"  # noqa: S105 - an id
PASSWORD_TYPE: Final = "#microsoft.graph.passwordAuthenticationMethod"  # noqa: S105 - a type


def rendered_password(call: Call) -> dict[str, Any]:
    """The method on the wire: when it was set, and nothing of it."""
    user = show_active_user(call.services, call.tenant_id, call.user).user
    changed = show_credential(call.services, call.tenant_id, user.user_id).changed_at
    return {"id": PASSWORD_ID, "createdDateTime": shown_instant(changed), "password": None}


def _list(call: Call) -> Answer:
    context = call.of_user("authentication/passwordMethods")
    return Answer(200, {"@odata.context": context, "value": [rendered_password(call)]})


def _get(call: Call) -> Answer:
    if call.arguments["method"].casefold() != PASSWORD_ID:
        message = "The requested authentication method is not registered."
        raise not_found(message, call.family)
    context = call.of_user("authentication/passwordMethods/$entity")
    return Answer(200, {"@odata.context": context, **rendered_password(call)})


ROUTES: Final = (
    Route("GET", "users/{user}/authentication/passwordMethods", _list, Action.READ_METHODS),
    Route("GET", "users/{user}/authentication/passwordMethods/{method}", _get, Action.READ_METHODS),
)
