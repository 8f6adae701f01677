"""`policies/authenticationMethodsPolicy` and its configurations. Sources: surface a3, b4; domain-rules D.3."""

from __future__ import annotations

from typing import Any, Final

from ringfence.application.methods_policy import Change, change_policy, reset_configuration, show_policy
from ringfence.application.ports.policies import StoredPolicy
from ringfence.domain.policy.authority import Action
from ringfence.domain.policy.methods_policy import MethodsPolicy, PolicyMethod
from ringfence.domain.policy.policy_settings import SETTINGS, with_value
from ringfence.graph.call import Answer, Call
from ringfence.graph.errors import bad_request, not_found
from ringfence.graph.resources.policy_bodies import Given, read_configuration, read_policy
from ringfence.graph.resources.policy_shape import methods_shown, rendered_configuration, rendered_policy
from ringfence.graph.routes import Route

_POLICY: Final = "policies/authenticationMethodsPolicy"
_CONFIGURATIONS: Final = f"{_POLICY}/authenticationMethodConfigurations"
_ITEM: Final = f"{_CONFIGURATIONS}/{{configuration}}"


def _is_beta(call: Call) -> bool:
    return call.request.version == "beta"


def _shown(call: Call, stored: StoredPolicy) -> Answer:
    return Answer(
        200,
        {
            "@odata.context": call.context("authenticationMethodsPolicy"),
            **rendered_policy(stored, is_beta=_is_beta(call)),
            "authenticationMethodConfigurations@odata.context": call.context(_CONFIGURATIONS),
            "authenticationMethodConfigurations": _configurations(call, stored.policy),
        },
    )


def _configurations(call: Call, policy: MethodsPolicy) -> list[dict[str, Any]]:
    return [rendered_configuration(policy, method) for method in methods_shown(is_beta=_is_beta(call))]


def _get_policy(call: Call) -> Answer:
    return _shown(call, show_policy(call.services, call.tenant_id))


def _patch_policy(call: Call) -> Answer:
    if not call.request.body.strip():
        message = "A JSON object is expected in the body."
        raise bad_request(message, call.family)
    given = read_policy(call.annotated_document(), call.family, is_beta=_is_beta(call))
    return _shown(call, change_policy(call.services, call.tenant_id, _change(given), call.caller.actor, call.now).after)


def _list(call: Call) -> Answer:
    policy = show_policy(call.services, call.tenant_id).policy
    return Answer(200, {"@odata.context": call.context(_CONFIGURATIONS), "value": _configurations(call, policy)})


def _get(call: Call) -> Answer:
    method = _method(call)
    policy = show_policy(call.services, call.tenant_id).policy
    return Answer(200, {"@odata.context": call.context(f"{_CONFIGURATIONS}/$entity"), **rendered_configuration(policy, method)})


def _patch(call: Call) -> Answer:
    given = read_configuration(call.annotated_document(), _method(call), call.family)
    change_policy(call.services, call.tenant_id, _change(given), call.caller.actor, call.now)
    return Answer(204)


def _delete(call: Call) -> Answer:
    reset_configuration(call.services, call.tenant_id, _method(call), call.caller.actor, call.now)
    return Answer(204)


def _method(call: Call) -> PolicyMethod:
    """The method whose configuration stands in the path, in any case."""
    wanted = call.arguments["configuration"].casefold()
    for method in methods_shown(is_beta=_is_beta(call)):
        if method.value.casefold() == wanted:
            return method
    message = "The requested authentication method configuration does not exist."
    raise not_found(message, call.family)


def _change(given: Given) -> Change:
    def change(policy: MethodsPolicy) -> MethodsPolicy:
        for name, value in given.items():
            policy = with_value(policy, SETTINGS[name], value)
        return policy

    return change


ROUTES: Final = (
    Route("GET", _POLICY, _get_policy, Action.READ_POLICY),
    Route("PATCH", _POLICY, _patch_policy, Action.WRITE_POLICY),
    Route("GET", _CONFIGURATIONS, _list, Action.READ_POLICY),
    Route("GET", _ITEM, _get, Action.READ_POLICY),
    Route("PATCH", _ITEM, _patch, Action.WRITE_POLICY),
    Route("DELETE", _ITEM, _delete, Action.WRITE_POLICY),
)
