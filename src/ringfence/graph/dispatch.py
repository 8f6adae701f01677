"""From a request to an answer: route, both gates, handler, errors. `$batch` comes through here too, item by item."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any, Final, NamedTuple

from ringfence.application.accounts import find_active_account
from ringfence.application.identity.parts import Identity
from ringfence.domain.errors import RingfenceError
from ringfence.domain.identity.callers import Caller
from ringfence.domain.policy.authority import Authority, decide_authority
from ringfence.domain.policy.roles import DirectoryRole
from ringfence.graph.call import Answer, Call, Request
from ringfence.graph.errors import Family, GraphError, bad_request, denied, not_allowed, translate
from ringfence.graph.odata.errors import ODataError
from ringfence.graph.odata.options import QueryOptions, parse_options
from ringfence.graph.permissions import Scheme, least_first, permissions_for, reaches_others
from ringfence.graph.routes import Found, Route, Router

_ALIASES: Final = {"PUT": "PATCH"}
"""Permission data and the documents of 2021 have PUT where PATCH is meant today (surface, trap 5)."""
_OWN: Final = (
    "Nobody may do this to their own account through the API: somebody else has to, who holds the directory role for it."
)
_UNPRINTABLE: Final = "The address has characters that cannot be used."
_ANYBODY: Final = Authority(allowed=True, masked=False, sufficient=())


class Dispatcher:
    """Answers requests of callers who are known already."""

    def __init__(self, identity: Identity, router: Router, note: Callable[[Exception], None]) -> None:
        """Serve these routes; `note` is told of errors nobody expected."""
        self._identity = identity
        self._router = router
        self._note = note

    def answer(self, request: Request, caller: Caller, now: datetime, ids: dict[str, Any]) -> Answer:
        """The answer, errors included."""
        family = Family.DIRECTORY
        try:
            found = self._router.find(request.version, _without_me(request.path, caller), request.query)
            route = _choose(found, request)
            family = route.family
            answer = route.handler(self._call(request, caller, now, (route, found)))
            return Answer(200, str(len(answer.body["value"]))) if route.counts else answer
        except GraphError as error:
            refusal = error
        except RingfenceError as error:
            refusal = translate(error, family)
        except ODataError as error:
            refusal = bad_request(str(error), family)
        except Exception as error:  # noqa: BLE001 - the outermost handler of this surface; a batch goes on with its next item
            self._note(error)
            refusal = GraphError(500, "generalException", "Internal error.")
        return Answer(refusal.status, refusal.document(now, ids), refusal.headers)

    def _call(self, request: Request, caller: Caller, now: datetime, way: tuple[Route, Found | None]) -> Call:
        route, found = way
        is_me = _is_me(request.path)
        arguments = {} if found is None else found.arguments
        target = self._target(route, caller, arguments.get("user"))
        granted = _check_scope(route, caller, is_me=is_me, is_own=is_me or (target is not None and target.is_self))
        authority = _authority(route, caller, target)
        if not authority.allowed:
            roles = [role.title for role in authority.sufficient]
            own = target is not None and target.is_self
            raise denied(route.family, [], roles, _OWN if own and not roles else _why_role(roles))
        options = parse_options(request.query) if request.query else _NO_OPTIONS
        return Call(request, caller, now, self._identity, arguments, options, route.family, authority.masked, is_me, granted)

    def _target(self, route: Route, caller: Caller, user: str | None) -> _Target | None:
        """The person in the path, where a person asks: an application needs its permission alone."""
        if caller.user_id is None or route.action is None or user is None:
            return None
        with self._identity.services.store.look() as unit:
            target = find_active_account(unit, caller.tenant_id, user).user.user_id
            held = unit.identity.roles_of(caller.tenant_id, [target]).get(target, frozenset())
        return _Target(held, target == caller.user_id)


class _Target(NamedTuple):
    roles: frozenset[DirectoryRole]
    is_self: bool


def _authority(route: Route, caller: Caller, target: _Target | None) -> Authority:
    """The second gate: a person's directory role, by who the target is."""
    if caller.user_id is None or route.action is None:
        return _ANYBODY
    if target is None:
        return decide_authority(route.action, caller.roles, frozenset(), is_self=False)
    return decide_authority(route.action, caller.roles, target.roles, is_self=target.is_self)


_NO_OPTIONS: Final = QueryOptions()


def _is_me(path: str) -> bool:
    return path.strip("/").partition("/")[0].casefold() == "me"


def _without_me(path: str, caller: Caller) -> str:
    """The path with the caller's id in place of `me`, which an application has not; raises for one that cannot be used."""
    if not path.isprintable():
        raise GraphError(400, "BadRequest", _UNPRINTABLE)
    if not _is_me(path):
        return path
    if caller.user_id is None:
        message = "/me request is only valid with delegated authentication flow."
        raise GraphError(400, "BadRequest", message)
    return f"users/{uuid.UUID(bytes=caller.user_id)}/{path.strip('/').partition('/')[2]}".rstrip("/")


def _choose(found: Found | None, request: Request) -> Route:
    if found is None:
        name = request.path.strip("/").partition("/")[0][:64]
        raise GraphError(404, "BadRequest", f"Resource not found for the segment '{name}'.")
    route = found.routes.get(request.method) or found.routes.get(_ALIASES.get(request.method, ""))
    if route is None:
        raise not_allowed(request.method, _served(found, is_me=_is_me(request.path)))
    return route


def _key(route: Route, *, is_me: bool) -> str:
    return f"/me{route.key.removeprefix('/users/{id}')}" if is_me else route.key


def _served(found: Found, *, is_me: bool) -> set[str]:
    """The verbs that some permission opens, other words for them included; `/me` cannot be changed or deleted."""
    keys = {verb: _key(route, is_me=is_me) for verb, route in found.routes.items()}
    served = {verb for verb, key in keys.items() if any(permissions_for(verb, key, scheme) for scheme in Scheme)}
    return served | {alias for alias, verb in _ALIASES.items() if verb in served}


def _check_scope(route: Route, caller: Caller, *, is_me: bool, is_own: bool) -> frozenset[str]:
    """The first gate: those permissions of the token that the data lists for this path and verb; raises when there is none."""
    scheme = Scheme.DELEGATED if caller.is_delegated else Scheme.APPLICATION
    sufficient = _sufficient(route, scheme, is_me, is_own)
    granted = sufficient & caller.permissions
    if not granted:
        wanted = least_first(sufficient)
        raise denied(route.family, wanted, [], _why_permission(wanted, scheme))
    return granted


@cache
def _sufficient(route: Route, scheme: Scheme, is_me: bool, is_own: bool) -> frozenset[str]:  # noqa: FBT001 - a key
    permissions = permissions_for(route.verb, _key(route, is_me=is_me), scheme)
    if scheme is Scheme.DELEGATED and not is_own:  # the data lists scopes for oneself beside `/users/{id}` too
        return frozenset(permission for permission in permissions if reaches_others(permission))
    return permissions


def _why_permission(wanted: list[str], scheme: Scheme) -> str:
    kind = "delegated" if scheme is Scheme.DELEGATED else "application"
    if not wanted:
        return f"No {kind} permission allows this operation."
    return f"The token has none of the {kind} permissions that allow this operation: {', '.join(wanted)}."


def _why_role(roles: list[str]) -> str:
    if not roles:
        return "Nobody may do this to this user."
    return f"The signed-in user holds none of the directory roles that allow this on this user: {', '.join(roles)}."
