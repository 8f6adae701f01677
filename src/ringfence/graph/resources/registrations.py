"""Methods that are stored one by one: read and delete, and the temporary access pass, which is created here too.

Sources: surface a1, b1; domain-rules D.8.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, NamedTuple

from ringfence.application.registered_methods import (
    IssuePass,
    Usability,
    delete_registration,
    issue_pass,
    list_registrations,
    usability,
)
from ringfence.domain.methods.registrations import MethodKind, Registration
from ringfence.domain.policy.authority import Action
from ringfence.domain.policy.methods_policy import MethodsPolicy
from ringfence.graph.call import Answer, Call
from ringfence.graph.errors import not_expandable, not_found
from ringfence.graph.resources.fields import Fields, shown_instant
from ringfence.graph.routes import Route


class _Shape(NamedTuple):
    """A kind on the wire: its collection, its type, and its own properties with their values where none is stored."""

    collection: str
    type: str
    properties: tuple[tuple[str, Any], ...]
    has_device: bool = False
    """Whether it hangs on a device, which `$expand=device` shows where one method is asked for."""


_KEYED: Final = (("displayName", None), ("keyStrength", None))
SHAPES: Final = {
    MethodKind.FIDO2: _Shape(
        "fido2Methods",
        "#microsoft.graph.fido2AuthenticationMethod",
        (
            ("displayName", None),
            ("aaGuid", None),
            ("model", None),
            ("attestationCertificates", []),
            ("attestationLevel", None),
            ("passkeyType", None),
        ),
    ),
    MethodKind.MICROSOFT_AUTHENTICATOR: _Shape(
        "microsoftAuthenticatorMethods",
        "#microsoft.graph.microsoftAuthenticatorAuthenticationMethod",
        (("displayName", None), ("deviceTag", None), ("phoneAppVersion", None)),
        has_device=True,
    ),
    MethodKind.PLATFORM_CREDENTIAL: _Shape(
        "platformCredentialMethods",
        "#microsoft.graph.platformCredentialAuthenticationMethod",
        (*_KEYED, ("platform", None)),
        has_device=True,
    ),
    MethodKind.SOFTWARE_OATH: _Shape(
        "softwareOathMethods", "#microsoft.graph.softwareOathAuthenticationMethod", (("secretKey", None),)
    ),
    MethodKind.TEMPORARY_ACCESS_PASS: _Shape(
        "temporaryAccessPassMethods", "#microsoft.graph.temporaryAccessPassAuthenticationMethod", ()
    ),
    MethodKind.WINDOWS_HELLO: _Shape(
        "windowsHelloForBusinessMethods",
        "#microsoft.graph.windowsHelloForBusinessAuthenticationMethod",
        _KEYED,
        has_device=True,
    ),
}
_PASS_PROPERTIES: Final = (
    "id",
    "createdDateTime",
    "temporaryAccessPass",
    "startDateTime",
    "lifetimeInMinutes",
    "isUsableOnce",
    "isUsable",
    "methodUsabilityReason",
)
_DEVICE: Final = "device"
_ABSENT: Final = "The requested authentication method is not registered."


def rendered_registration(registration: Registration, policy: MethodsPolicy, now: datetime) -> dict[str, Any]:
    """The method on the wire, without its type; the code of a pass is nowhere any more."""
    common = {"id": registration.method_id, "createdDateTime": shown_instant(registration.created_at)}
    if registration.kind is MethodKind.TEMPORARY_ACCESS_PASS:
        reason = usability(registration, policy, now)
        return {
            **common,
            "temporaryAccessPass": None,
            "startDateTime": shown_instant(registration.starts_at),
            "lifetimeInMinutes": registration.details.get("lifetimeInMinutes"),
            "isUsableOnce": registration.details.get("isUsableOnce"),
            "isUsable": reason is Usability.EnabledByPolicy,
            "methodUsabilityReason": reason.value,
        }
    own = {name: registration.details.get(name, usual) for name, usual in SHAPES[registration.kind].properties}
    if "displayName" in own:
        own["displayName"] = registration.display_name or None
    return {**common, **own}


def _held(call: Call, kind: MethodKind) -> list[tuple[Registration, dict[str, Any]]]:
    """Those of a kind, each as it is stored and as it is shown."""
    held, policy = list_registrations(call.services, call.tenant_id, call.user)
    return [(one, rendered_registration(one, policy, call.now)) for one in held if one.kind is kind]


def _lister(kind: MethodKind) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        context = call.of_user(f"authentication/{SHAPES[kind].collection}")
        return Answer(200, {"@odata.context": context, "value": [shown for _, shown in _held(call, kind)]})

    return answer


def _expanded(call: Call, registration: Registration) -> dict[str, Any]:
    """What `$expand` adds: the device as an import stored it, else null; raises `GraphError` for any other relation."""
    has_device = SHAPES[registration.kind].has_device
    for one in call.options.expand:
        if not has_device or one.field.casefold() != _DEVICE:
            raise not_expandable(one.field)
    return {_DEVICE: registration.details.get(_DEVICE)} if call.options.expand else {}


def _getter(kind: MethodKind) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        for one, shown in _held(call, kind):
            if one.method_id == call.arguments["method"]:
                context = call.of_user(f"authentication/{SHAPES[kind].collection}/$entity")
                return Answer(200, {"@odata.context": context, **shown, **_expanded(call, one)})
        raise not_found(_ABSENT, call.family)

    return answer


def _deleter(kind: MethodKind) -> Callable[[Call], Answer]:
    def answer(call: Call) -> Answer:
        method = (call.user, kind, call.arguments["method"])
        delete_registration(call.services, call.tenant_id, method, call.caller.actor, call.now)
        return Answer(204)

    return answer


def _issue(call: Call) -> Answer:
    fields = Fields(call.document(), _PASS_PROPERTIES, "temporaryAccessPassAuthenticationMethod", call.family)
    fields.pass_over("methodUsabilityReason", "temporaryAccessPass")
    fields.truth("isUsable")
    command = IssuePass(
        call.user,
        call.caller.actor,
        fields.instant("startDateTime"),
        fields.number("lifetimeInMinutes"),
        fields.truth("isUsableOnce"),
    )
    issued = issue_pass(call.identity, call.tenant_id, command, call.now)
    context = call.of_user("authentication/temporaryAccessPassMethods/$entity")
    shown = rendered_registration(issued.registration, issued.policy, call.now)
    return Answer(201, {"@odata.context": context, **shown, "temporaryAccessPass": issued.code})


def _routes(kind: MethodKind) -> tuple[Route, ...]:
    collection = f"users/{{user}}/authentication/{SHAPES[kind].collection}"
    item = f"{collection}/{{method}}"
    return (
        Route("GET", collection, _lister(kind), Action.READ_METHODS),
        Route("GET", item, _getter(kind), Action.READ_METHODS),
        Route("DELETE", item, _deleter(kind), Action.DELETE_METHODS),
    )


ROUTES: Final = (
    *(route for kind in MethodKind for route in _routes(kind)),
    Route("POST", "users/{user}/authentication/temporaryAccessPassMethods", _issue, Action.ISSUE_TEMPORARY_ACCESS_PASS),
)
