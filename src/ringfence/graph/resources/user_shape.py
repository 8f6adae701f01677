"""A user on the wire: which properties there are, which come without being asked for. Source: surface b7, trap 14."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any, Final

from ringfence.application.ports.people import Person
from ringfence.domain.directory.records import SyncState
from ringfence.graph.resources.fields import shown_instant
from ringfence.graph.resources.selection import spelled

_SYNC_FLAG: Final = {SyncState.CLOUD_ONLY: None, SyncState.SYNCED: True, SyncState.FORMERLY_SYNCED: False}

PROFILE_NAMES: Final = {
    "givenName": "given_name",
    "surname": "surname",
    "mail": "mail",
    "jobTitle": "job_title",
    "officeLocation": "office_location",
    "preferredLanguage": "preferred_language",
    "department": "department",
    "employeeId": "employee_id",
    "mailNickname": "mail_nickname",
    "usageLocation": "usage_location",
    "passwordPolicies": "password_policies",
}
"""The wire names of a profile."""

_SHOWN: Final[dict[str, Callable[[Person], Any]]] = {
    "businessPhones": lambda one: [one.office] if one.office else [],
    "displayName": lambda one: one.user.display_name or None,
    "givenName": lambda one: one.profile.given_name,
    "jobTitle": lambda one: one.profile.job_title,
    "mail": lambda one: one.profile.mail,
    "mobilePhone": lambda one: one.mobile or None,
    "officeLocation": lambda one: one.profile.office_location,
    "preferredLanguage": lambda one: one.profile.preferred_language,
    "surname": lambda one: one.profile.surname,
    "userPrincipalName": lambda one: one.user.upn,
    "id": lambda one: str(uuid.UUID(bytes=one.user.user_id)),
    "accountEnabled": lambda one: one.user.enabled,
    "createdDateTime": lambda one: shown_instant(one.user.created_at),
    "deletedDateTime": lambda one: shown_instant(one.user.deleted_at),
    "department": lambda one: one.profile.department,
    "employeeId": lambda one: one.profile.employee_id,
    "identities": lambda one: [
        {"signInType": "userPrincipalName", "issuer": one.user.upn.rpartition("@")[2], "issuerAssignedId": one.user.upn}
    ],
    "mailNickname": lambda one: one.profile.mail_nickname,
    "onPremisesDistinguishedName": lambda one: one.user.dn,
    "onPremisesImmutableId": lambda one: one.user.anchor,
    "onPremisesSyncEnabled": lambda one: _SYNC_FLAG[one.user.sync_state],
    "otherMails": lambda one: list(one.user.other_mails),
    "passwordPolicies": lambda one: one.profile.password_policies,
    "passwordProfile": lambda _: None,
    "proxyAddresses": lambda _: [],
    "usageLocation": lambda one: one.profile.usage_location,
    "userType": lambda one: one.user.user_type,
}
_DEFAULT: Final = tuple(_SHOWN)[:11]
NAMES: Final = {name.casefold(): name for name in _SHOWN}


def selected(select: Sequence[str]) -> tuple[str, ...]:
    """The properties to show, as they are spelled; raises `GraphError` for one that does not exist."""
    if not select:
        return _DEFAULT
    return spelled(select, _SHOWN, "user")


def rendered_user(person: Person, names: Sequence[str]) -> dict[str, Any]:
    """The properties with their values; the id is always there."""
    shown = {name: _SHOWN[name](person) for name in names}
    return shown if "id" in shown else {**shown, "id": _SHOWN["id"](person)}
