"""The first gate: which permissions of a token open which request, and which permissions there are.

`permissions.json` holds Microsoft's published permission data, cut to our paths: microsoftgraph/microsoft-graph-devx-content
at 6cbd6bb, `permissions/new/permissions.json` with the ids of `provisioningInfo.json` (MIT). What it lacks stands in
`_SUPPLEMENT`, and where it names a request oddly `_plain` says how. A request without an entry is refused to everybody.

Does not own: the second gate, the role of the caller (`ringfence.domain.policy.authority`).
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum, unique
from functools import cache
from importlib.resources import files
from typing import Any, Final, NamedTuple


@unique
class Scheme(Enum):
    """How a token was given; the values are the data's. Personal accounts (`DelegatedPersonal`) have no place here."""

    APPLICATION = "Application"
    DELEGATED = "DelegatedWork"


class Permission(NamedTuple):
    """A permission, with its id for people and its id for applications; None where it does not exist for them."""

    name: str
    delegated_id: str | None
    application_id: str | None
    level: int
    """Microsoft's privilege level: 1, the least, to 5, for people; for applications where no person can have it."""


class _Grant(NamedTuple):
    method: str
    path: str
    scheme: Scheme
    is_least: bool


class _Index(NamedTuple):
    permissions: Mapping[str, Permission]
    granted: Mapping[tuple[str, str, Scheme], frozenset[str]]
    least: frozenset[str]
    """Marked as least privileged for some request."""


NARROW_WRITES: Final[Mapping[str, frozenset[str]]] = {
    "User-Mail.ReadWrite.All": frozenset({"otherMails"}),
    "User-PasswordProfile.ReadWrite.All": frozenset({"passwordProfile"}),
    "User-Phone.ReadWrite.All": frozenset({"businessPhones", "mobilePhone"}),
    "User.EnableDisableAccount.All": frozenset({"accountEnabled"}),
    "User.ManageIdentities.All": frozenset({"identities"}),
}
"""Permissions that open `PATCH /users/{id}` for these properties alone; the data does not say so, their own texts do."""

NARROW_READS: Final[Mapping[str, frozenset[str]]] = {
    "User.ReadBasic.All": frozenset({"displayName", "givenName", "id", "mail", "surname", "userPrincipalName"}),
}
"""Permissions that open the reading of users for these properties alone, so for no phone number."""

_NOT_HERE: Final = ("AgentIdUser.", "User.ReadWrite.CrossCloud")
"""They reach only the users of agents, or of another cloud. There are none here, and they must not reach anybody else."""

_NOT_ALONE: Final = frozenset(
    {("Directory.Read.All", "/auditlogs/directoryaudits"), ("Directory.Read.All", "/auditlogs/directoryaudits/{id}")}
)
"""The data has it beside `AuditLog.Read.All`; the API pages once asked for both. Alone it would show an application the numbers
in the log, which `Directory.Read.All` is not about."""

_METHODS_READ: Final = ("UserAuthenticationMethod.Read.All", "UserAuthenticationMethod.ReadWrite.All")
_METHODS_WRITE: Final = ("UserAuthenticationMethod.ReadWrite.All",)
_PASSKEYS: Final = (*_METHODS_READ, "UserAuthMethod-Passkey.ReadWrite.All")
_OWN_READ: Final = ("UserAuthenticationMethod.Read", "UserAuthenticationMethod.ReadWrite")
_OWN_WRITE: Final = ("UserAuthenticationMethod.ReadWrite",)
_POLICY_READ: Final = ("Policy.Read.AuthenticationMethod", "Policy.Read.All", "Policy.ReadWrite.AuthenticationMethod")
_POLICY_WRITE: Final = ("Policy.ReadWrite.AuthenticationMethod",)
_TOKENS_READ: Final = ("Policy.Read.AuthenticationMethod", "Policy.ReadWrite.AuthenticationMethod")
_RESTORE: Final = ("User.DeleteRestore.All", "User.ReadWrite.All", "Directory.ReadWrite.All")
_DELETED_READ: Final = ("User.Read.All", "Directory.Read.All", *_RESTORE)
_CONFIGURATIONS: Final = "/policies/authenticationmethodspolicy/authenticationmethodconfigurations"
_DEVICES: Final = "/directory/authenticationmethoddevices/hardwareoathdevices"
_DELETED: Final = "/directory/deleteditems"

_Row = tuple[str, str, tuple[str, ...], tuple[str, ...]]
_SUPPLEMENT: Final[tuple[_Row, ...]] = (
    # The default method (beta). The API page names the generic four; the data has no entry.
    ("GET", "/users/{id}/authentication/signinpreferences", (*_OWN_READ, *_METHODS_READ), _METHODS_READ),
    ("PATCH", "/users/{id}/authentication/signinpreferences", (*_OWN_WRITE, *_METHODS_WRITE), _METHODS_WRITE),
    ("GET", "/me/authentication/signinpreferences", (*_OWN_READ, *_METHODS_READ), ()),
    ("PATCH", "/me/authentication/signinpreferences", (*_OWN_WRITE, *_METHODS_WRITE), ()),
    # The list of passkeys: the data grants the item to the generic permissions, and forgets them for the list.
    ("GET", "/users/{id}/authentication/fido2methods", _PASSKEYS, _PASSKEYS),
    # The list of configurations, as the policy that contains them; a new external one, as a change of one.
    ("GET", _CONFIGURATIONS, _POLICY_READ, _POLICY_READ),
    ("POST", _CONFIGURATIONS, _POLICY_WRITE, _POLICY_WRITE),
    # The inventory of hardware tokens (beta) belongs to the administrator of the policy.
    ("GET", _DEVICES, _TOKENS_READ, _TOKENS_READ),
    ("POST", _DEVICES, _POLICY_WRITE, _POLICY_WRITE),
    ("PATCH", _DEVICES, _POLICY_WRITE, _POLICY_WRITE),
    ("GET", f"{_DEVICES}/{{id}}", _TOKENS_READ, _TOKENS_READ),
    ("PATCH", f"{_DEVICES}/{{id}}", _POLICY_WRITE, _POLICY_WRITE),
    ("DELETE", f"{_DEVICES}/{{id}}", _POLICY_WRITE, _POLICY_WRITE),
    # Deleted users. The data was cut to other paths; the API pages name these for users.
    ("GET", f"{_DELETED}/microsoft.graph.user", _DELETED_READ, _DELETED_READ),
    ("GET", f"{_DELETED}/{{id}}", _DELETED_READ, _DELETED_READ),
    ("DELETE", f"{_DELETED}/{{id}}", _RESTORE[:2], _RESTORE[:2]),
    ("POST", f"{_DELETED}/{{id}}/restore", _RESTORE, _RESTORE),
)
"""Requests that must work though the data has no entry: method, path, delegated permissions, application permissions."""

_SAME_PLACE: Final = ("/identity/conditionalaccess/authenticationstrength/policies", "/policies/authenticationstrengthpolicies")


def permissions_for(method: str, path: str, scheme: Scheme) -> frozenset[str]:
    """The permissions of which one opens the request; none when it has no entry, and then it is refused to everybody.

    `path` is a template such as `/users/{id}/authentication/phoneMethods/{id}`: without version, in any case, with any names in
    the braces. Functions may carry `microsoft.graph.` and their arguments. `/me` is a person's, so never an application's.
    """
    return _index().granted.get((*_plain(method, path), scheme), frozenset())


def least_first(permissions: Iterable[str]) -> list[str]:
    """Permissions in the order to name them in: those the data marks as least privileged first, then by level and name.

    The marks are those of any request: by request they often name two, of which one is far from the least.
    """
    index = _index()
    return sorted(permissions, key=lambda name: (name not in index.least, index.permissions[name].level, name))


def known_permissions() -> Mapping[str, Permission]:
    """Every permission that an application may be given, by name."""
    return _index().permissions


def reaches_others(name: str) -> bool:
    """Whether a delegated permission reaches beyond its bearer: `User.Read` and its like open `/users/{id}` for oneself alone."""
    return not (name.startswith("User") and name.endswith((".Read", ".ReadWrite")))


def _plain(method: str, path: str) -> tuple[str, str]:
    """The one spelling of a request, for the data's rows and for questions alike."""
    method = method.upper()
    path = re.sub(r"\{[^{}]*\}", "{id}", path.rstrip("/").lower())
    path = re.sub(r"\([^()]*\)", "", path.replace("/microsoft.graph.", "/"))
    path = re.sub(f"^{_SAME_PLACE[0]}(?=/|$)", _SAME_PLACE[1], path)
    if method == "GET":
        # Counting is in no row; it tells less than the list it counts.
        path = path.removesuffix("/$count")
    elif method == "PUT" and path.endswith("/phonemethods/{id}"):
        # The documents of 2021 said PUT, and the data still does.
        method = "PATCH"
    elif method == "POST":
        # The data has this action on the collection, the model on the item.
        path = re.sub(r"/hardwareoathmethods/\{id\}/deactivate$", "/hardwareoathmethods/deactivate", path)
    elif method == "PATCH" and path.endswith("/pin/updatepin"):
        # The data calls this action with PATCH, the model with POST.
        method = "POST"
    return method, path


@cache
def _index() -> _Index:
    data = json.loads(files("ringfence.graph").joinpath("permissions.json").read_text("utf-8"))
    ours = {name: entry for name, entry in data.items() if not name.startswith(_NOT_HERE)}
    granted: defaultdict[tuple[str, str, Scheme], set[str]] = defaultdict(set)
    least: set[str] = set()
    for name, entry in ours.items():
        for grant in _grants(name, entry["pathSets"]):
            granted[grant.method, grant.path, grant.scheme].add(name)
            if grant.is_least:
                least.add(name)
    for method, path, delegated, application in _SUPPLEMENT:
        for scheme, names in ((Scheme.DELEGATED, delegated), (Scheme.APPLICATION, application)):
            granted[*_plain(method, path), scheme].update(names)
    return _Index(
        {name: _permission(name, entry["schemes"]) for name, entry in ours.items()},
        {key: frozenset(names) for key, names in granted.items() if names},
        frozenset(least),
    )


def _grants(name: str, path_sets: list[dict[str, Any]]) -> Iterator[_Grant]:
    for rows in path_sets:
        for path, marks in rows["paths"].items():
            if (name, path) in _NOT_ALONE:
                continue
            least = marks.removeprefix("least=").split(",")
            for scheme in Scheme:
                # The data lists applications on some paths of `/me`, where nobody would be meant.
                if scheme.value not in rows["schemes"] or (scheme is Scheme.APPLICATION and path.startswith("/me")):
                    continue
                for method in rows["methods"]:
                    yield _Grant(*_plain(method, path), scheme, is_least=scheme.value in least)


def _permission(name: str, schemes: dict[str, dict[str, Any]]) -> Permission:
    delegated, application = (schemes.get(scheme.value, {}) for scheme in (Scheme.DELEGATED, Scheme.APPLICATION))
    level = (delegated or application)["privilegeLevel"]
    return Permission(name, delegated.get("id"), application.get("id"), level)
