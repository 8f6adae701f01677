"""`users` with all verbs, `/me`, changePassword, revokeSignInSessions, deleted users. Sources: surface a6, b7, d2."""

from __future__ import annotations

from typing import Any, Final

from ringfence.application.find_people import count_people, find_person, list_people
from ringfence.application.identity.passwords import SignInFailure, change_password, revoke_sessions
from ringfence.application.identity.people import CreateUser, UpdateUser, create_user, delete_user, restore_user, update_user
from ringfence.application.ports.people import UnknownField
from ringfence.domain.directory.records import UNSENT, DirectoryRecord
from ringfence.domain.identity.profiles import Profile
from ringfence.domain.policy.authority import Action, decide_authority
from ringfence.graph.call import Answer, Call
from ringfence.graph.errors import Family, GraphError, bad_request, denied
from ringfence.graph.paging import next_link
from ringfence.graph.permissions import NARROW_READS, NARROW_WRITES
from ringfence.graph.resources.fields import Fields
from ringfence.graph.resources.selection import projection
from ringfence.graph.resources.user_options import is_eventual, question_of
from ringfence.graph.resources.user_shape import NAMES, PROFILE_NAMES, rendered_user, selected
from ringfence.graph.routes import Route

_READ_ONLY: Final = ("onPremisesDistinguishedName", "onPremisesImmutableId")
_PASSWORD: Final = ("password", "forceChangePasswordNextSignIn", "forceChangePasswordNextSignInWithMfa")
_NO_PHONE: Final = "businessPhones holds one number at most."
_SENSITIVE: Final = frozenset({"accountEnabled", "userPrincipalName", "onPremisesImmutableId"})
_CONTACT: Final = frozenset({"mobilePhone", "businessPhones", "otherMails"})


def _list(call: Call) -> Answer:
    return _page(call, "users", deleted=False)


def _list_deleted(call: Call) -> Answer:
    return _page(call, "directory/deletedItems/microsoft.graph.user", deleted=True)


def _page(call: Call, path: str, *, deleted: bool) -> Answer:
    names = _readable(call, selected(call.options.select))
    _check_asked(call)
    question = question_of(call, deleted=deleted)
    counted = call.options.count and is_eventual(call) and question.after is None
    try:
        page, count = list_people(call.services, call.tenant_id, question, count=counted)
    except UnknownField as error:
        raise _unsupported(error) from error
    document: dict[str, Any] = {"@odata.context": call.context(f"users{projection(call.options.select, names)}")}
    if count is not None:
        document["@odata.count"] = count
    if page.after is not None:
        document["@odata.nextLink"] = next_link(call, path, page.after)
    document["value"] = [rendered_user(one, names) for one in page.people]
    return Answer(200, document)


def _unsupported(error: UnknownField) -> GraphError:
    message = f"Unsupported or invalid query filter clause specified for property '{error}' of resource 'User'."
    return GraphError(400, "Request_UnsupportedQuery", message)


def _count(call: Call) -> Answer:
    if not is_eventual(call):
        message = "$count is not currently supported."
        raise bad_request(message, call.family)
    _check_asked(call)
    try:
        return Answer(200, str(count_people(call.services, call.tenant_id, question_of(call))))
    except UnknownField as error:
        raise _unsupported(error) from error


def _get(call: Call) -> Answer:
    names = _readable(call, selected(call.options.select))
    person = find_person(call.services, call.tenant_id, call.user)
    context = call.context(f"users{projection(call.options.select, names)}/$entity")
    return Answer(200, {"@odata.context": context, **rendered_user(person, names)})


def _fields(call: Call) -> Fields:
    known = (*NAMES.values(), "passwordProfile")
    fields = Fields(call.document(), known, "user", call.family)
    fields.pass_over(*_READ_ONLY, instants=("createdDateTime", "deletedDateTime"))
    fields.truth("onPremisesSyncEnabled")
    fields.texts("proxyAddresses")
    return fields


def _record(call: Call, fields: Fields) -> DirectoryRecord:
    """What the body says of names, numbers and the account; what it does not say is UNSENT."""
    phones = fields.texts("businessPhones", longest=64)
    if phones is not None and len(phones) > 1:
        raise bad_request(_NO_PHONE, call.family)
    return DirectoryRecord(
        0,
        upn=fields.text("userPrincipalName", 1024),
        display_name=fields.required("displayName") if fields.has("displayName") else UNSENT,
        enabled=_truth(call, fields, "accountEnabled"),
        user_type=fields.text("userType") or "Member" if fields.has("userType") else UNSENT,
        other_mails=fields.texts("otherMails") or () if fields.has("otherMails") else UNSENT,
        mobile=fields.text("mobilePhone", 64) or "" if fields.has("mobilePhone") else UNSENT,
        office=(phones or ("",))[0] if fields.has("businessPhones") else UNSENT,
    )


def _truth(call: Call, fields: Fields, name: str) -> Any:  # noqa: ANN401 - bool or UNSENT
    if not fields.has(name):
        return UNSENT
    value = fields.truth(name)
    if value is None:
        message = f"The property '{name}' cannot be null."
        raise bad_request(message, call.family)
    return value


def _profile(fields: Fields) -> tuple[tuple[str, str | None], ...]:
    return tuple((ours, fields.text(wire, 128)) for wire, ours in PROFILE_NAMES.items() if fields.has(wire))


def _password(fields: Fields) -> tuple[str | None, bool]:
    inner = fields.inner("passwordProfile", _PASSWORD, "passwordProfile")
    if inner is None:
        return None, False
    force = inner.truth("forceChangePasswordNextSignIn")
    return inner.text("password"), True if force is None else force


def _create(call: Call) -> Answer:
    fields = _fields(call)
    for name in ("displayName", "mailNickname", "userPrincipalName"):
        fields.required(name, 1024)
    password, must_change = _password(fields)
    if password is None or not fields.has("accountEnabled"):
        message = "The properties accountEnabled and passwordProfile.password are required."
        raise bad_request(message, call.family)
    profile = Profile(**dict(_profile(fields)))
    command = CreateUser(_record(call, fields), profile, password, must_change, call.caller.actor)
    created = create_user(call.identity, call.tenant_id, command, call.now)
    person = find_person(call.services, call.tenant_id, created.user.upn)
    document = rendered_user(person, selected(()))
    location = f"{call.request.root}/{call.request.version}/users/{document['id']}"
    return Answer(201, {"@odata.context": call.context("users/$entity"), **document}, {"Location": location})


def _update(call: Call) -> Answer:
    fields = _fields(call)
    password, must_change = _password(fields)
    _check_narrow(call)
    _check_roles(call, fields, sets_password=password is not None)
    command = UpdateUser(call.user, _record(call, fields), _profile(fields), password, must_change, call.caller.actor)
    update_user(call.identity, call.tenant_id, command, call.now)
    return Answer(204)


def _check_narrow(call: Call) -> None:
    """A token that has only permissions for single properties changes no other."""
    if call.granted - NARROW_WRITES.keys():
        return
    allowed = frozenset().union(*(NARROW_WRITES[name] for name in call.granted))
    beyond = sorted(call.document().keys() - allowed)
    if beyond:
        raise denied(call.family, ["User.ReadWrite.All"], [], f"The token's permissions do not cover: {', '.join(beyond)[:200]}.")


def _readable(call: Call, names: tuple[str, ...]) -> tuple[str, ...]:
    """The names without those that the token's permissions do not show."""
    if call.is_me or call.granted - NARROW_READS.keys():
        return names
    allowed = frozenset().union(*(NARROW_READS[name] for name in call.granted))
    return tuple(name for name in names if name in allowed)


def _check_asked(call: Call) -> None:
    """Nor do they let a filter or an order ask for what they do not show."""
    if call.is_me or call.granted - NARROW_READS.keys() or not (call.options.filter or call.options.search):
        return
    raise denied(call.family, ["User.Read.All"], [], "User.ReadBasic.All does not allow $filter or $search here.")


def _check_roles(call: Call, fields: Fields, *, sets_password: bool) -> None:
    """Sensitive properties ask for more than the scope: the matrix of c2; a password asks it of applications too."""
    wanted = []
    if any(fields.has(name) for name in _SENSITIVE):
        wanted.append(Action.WRITE_SENSITIVE_PROFILE)
    if any(fields.has(name) for name in _CONTACT):
        wanted.append(Action.WRITE_CONTACT_PROFILE)
    if call.document().keys() - _SENSITIVE - _CONTACT - {"passwordProfile"}:
        wanted.append(Action.WRITE_PROFILE)
    asked = [action for action in wanted if call.caller.is_delegated] + [Action.WRITE_PASSWORD_PROFILE] * sets_password
    if not asked:
        return
    target = find_person(call.services, call.tenant_id, call.user).user.user_id
    with call.services.store.snapshot() as unit:
        held = unit.identity.roles_of(call.tenant_id, [target]).get(target, frozenset())
    for action in asked:
        authority = decide_authority(action, call.caller.roles, held, is_self=target == call.caller.user_id)
        if not authority.allowed:
            roles = [role.title for role in authority.sufficient]
            raise denied(call.family, [], roles, f"Needs one of the directory roles: {', '.join(roles)}.")


def _delete(call: Call) -> Answer:
    delete_user(call.services, call.tenant_id, call.user, call.caller.actor, call.now)
    return Answer(204)


def _change_password(call: Call) -> Answer:
    fields = Fields(call.document(), ("currentPassword", "newPassword"), "changePasswordPostRequestBody", call.family)
    present, new = fields.required("currentPassword"), fields.required("newPassword")
    user = find_person(call.services, call.tenant_id, call.user).user
    if user.user_id != call.caller.user_id:
        raise denied(call.family, [], [], "Only one's own password can be changed; an administrator resets it.")
    changed = change_password(call.identity, call.tenant_id, user, (present, new), call.now)
    if isinstance(changed, SignInFailure):
        locked = changed is SignInFailure.LOCKED
        message = "The account is locked. Try again later." if locked else "The specified password is not the current one."
        raise bad_request(message, call.family)
    return Answer(204)


def _revoke(call: Call) -> Answer:
    user = find_person(call.services, call.tenant_id, call.user).user
    revoke_sessions(call.identity, call.tenant_id, user.user_id, call.now)
    return Answer(200, {"@odata.context": call.context("Edm.Boolean"), "value": True})


def _get_deleted(call: Call) -> Answer:
    person = find_person(call.services, call.tenant_id, call.arguments["deleted"], deleted=True)
    return Answer(
        200, {"@odata.context": call.context("directoryObjects/$entity"), **_typed(rendered_user(person, selected(())))}
    )


def _restore(call: Call) -> Answer:
    restored = restore_user(call.services, call.tenant_id, call.arguments["deleted"], call.caller.actor, call.now)
    person = find_person(call.services, call.tenant_id, restored.user.upn)
    return Answer(
        200, {"@odata.context": call.context("directoryObjects/$entity"), **_typed(rendered_user(person, selected(())))}
    )


def _typed(document: dict[str, Any]) -> dict[str, Any]:
    return {"@odata.type": "#microsoft.graph.user", **document}


_DIRECTORY: Final = Family.DIRECTORY
_DELETED: Final = "directory/deletedItems"

ROUTES: Final = (
    Route("GET", "users", _list, Action.READ_USERS, _DIRECTORY),
    Route("POST", "users", _create, Action.CREATE_USERS, _DIRECTORY),
    Route("GET", "users/$count", _count, Action.READ_USERS, _DIRECTORY),
    Route("GET", "users/{user}", _get, Action.READ_USERS, _DIRECTORY),
    Route("PATCH", "users/{user}", _update, None, _DIRECTORY),
    Route("DELETE", "users/{user}", _delete, Action.WRITE_SENSITIVE_PROFILE, _DIRECTORY),
    Route("POST", "users/{user}/changePassword", _change_password, Action.CHANGE_PASSWORD, _DIRECTORY),
    Route("POST", "users/{user}/revokeSignInSessions", _revoke, Action.REVOKE_SESSIONS, _DIRECTORY),
    Route("GET", f"{_DELETED}/microsoft.graph.user", _list_deleted, Action.READ_USERS, _DIRECTORY),
    Route("GET", f"{_DELETED}/{{deleted}}", _get_deleted, Action.READ_USERS, _DIRECTORY),
    Route("POST", f"{_DELETED}/{{deleted}}/restore", _restore, Action.WRITE_SENSITIVE_PROFILE, _DIRECTORY),
)
