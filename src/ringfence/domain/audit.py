"""Audit records: what every change of security info leaves behind.

Each change writes two records that share a correlation id: one of the service *Authentication Methods* that tells the
activity, one of *Core Directory* that holds old and new values (domain-rules F.3, T11). This module owns their vocabulary and
content; numbers in them are sealed like everywhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum, unique
from typing import Final, NamedTuple

from ringfence.domain.directory.user import Account, Sealed
from ringfence.domain.numbers.pairs import MethodType, Pair
from ringfence.domain.values import COPY_TASK, MIRROR_TASK, Actor

SERVICE_METHODS: Final = "Authentication Methods"
SERVICE_DIRECTORY: Final = "Core Directory"
CATEGORY: Final = "UserManagement"
CATEGORY_POLICY: Final = "ApplicationManagement"
POLICY_NAME: Final = "Authentication Methods Policy"
NO_USER: Final = bytes(16)
"""Whom a record of a policy is about."""


@unique
class Activity(IntEnum):
    """What happened; the value is what the database stores."""

    ADMIN_REGISTERED = 1
    ADMIN_UPDATED = 2
    ADMIN_DELETED = 3
    UPDATE_USER = 4
    DELETE_USER = 5
    RESTORE_USER = 6
    ADD_USER = 7
    USER_REGISTERED = 10
    POLICY_UPDATED = 20
    POLICY_RESET = 21

    @property
    def title(self) -> str:
        """Microsoft's activity name."""
        return _TITLES[self]

    @property
    def service(self) -> str:
        """The service that logs it."""
        return SERVICE_METHODS if self.tells or self.is_of_policy else SERVICE_DIRECTORY

    @property
    def category(self) -> str:
        """Microsoft's category."""
        return CATEGORY_POLICY if self.is_of_policy else CATEGORY

    @property
    def tells(self) -> bool:
        """Whether it is the first of two records, which tells what the second holds."""
        return self in _TELLING

    @property
    def is_of_policy(self) -> bool:
        """Whether it is about a policy of the tenant and not about a user."""
        return self >= Activity.POLICY_UPDATED


_TELLING: Final = frozenset({Activity.ADMIN_REGISTERED, Activity.ADMIN_UPDATED, Activity.ADMIN_DELETED, Activity.USER_REGISTERED})
"""The first of two records, which tells what the second holds."""
_TITLES: Final = {
    Activity.ADMIN_REGISTERED: "Admin registered security info",
    Activity.ADMIN_UPDATED: "Admin updated security info",
    Activity.ADMIN_DELETED: "Admin deleted security info",
    Activity.UPDATE_USER: "Update user",
    Activity.DELETE_USER: "Delete user",
    Activity.RESTORE_USER: "Restore user",
    Activity.ADD_USER: "Add user",
    Activity.USER_REGISTERED: "User registered security info",
    Activity.POLICY_UPDATED: f"{POLICY_NAME} Update",
    Activity.POLICY_RESET: f"{POLICY_NAME} Reset",
}

REASON_REGISTERED: Final = "Admin registered phone method for user"
REASON_CHANGED: Final = "Admin changed phone method for user"
REASON_DELETED: Final = "Admin deleted phone method for user"
REASON_ENTRIES: Final = "Admin changed the method entries of user"


class Snapshot(NamedTuple):
    """The private side of a user at one moment: the three sealed numbers, the email, the entries and the default."""

    mobile: Sealed | None = None
    office: Sealed | None = None
    alternate: Sealed | None = None
    email: str = ""
    methods: frozenset[MethodType] = frozenset()
    default: MethodType | None = None

    def number(self, pair: Pair) -> Sealed | None:
        """The sealed number of a pair."""
        return (self.mobile, self.office, self.alternate)[pair - 1]

    def with_number(self, pair: Pair, number: Sealed | None) -> Snapshot:
        """The same with another number of a pair."""
        if pair is Pair.MOBILE:
            return self._replace(mobile=number)
        return self._replace(office=number) if pair is Pair.OFFICE else self._replace(alternate=number)


class AuditRecord(NamedTuple):
    """One record. `part` orders the records of one correlation; `old` and `new` are set on *Update user* records."""

    user_id: bytes
    correlation_id: bytes
    part: int
    at: datetime
    activity: Activity
    actor: Actor
    reason: str = ""
    pair: Pair | None = None
    rule: str | None = None
    run_id: bytes | None = None
    old: Snapshot | None = None
    new: Snapshot | None = None
    details: Mapping[str, tuple[str, str]] | None = None
    """Public attributes changed: name -> (old, new). Public numbers are visible to the organisation anyway."""


class Trail(NamedTuple):
    """What the records of one operation on one user share."""

    correlation_id: bytes
    at: datetime
    actor: Actor
    run_id: bytes | None = None


def snapshot(account: Account) -> Snapshot:
    """The private side of this account."""
    sealed = {pair: state.authentication for pair, state in account.pairs.items()}
    user = account.user
    return Snapshot(
        sealed.get(Pair.MOBILE), sealed.get(Pair.OFFICE), sealed.get(Pair.ALTERNATE), user.email, user.methods, user.default
    )


def record_private_change(
    before: Account, after: Account, trail: Trail, rules: Mapping[Pair, str] | None = None
) -> list[AuditRecord]:
    """The records of one write to the private side: two for each number that changed, or two for the entries alone.

    Entries and email that change together with numbers stand in the last number's records.
    `rules` names per pair the rule that made a task write it (C6, M3); such a record is the task's, not the trail's actor's.
    """
    old, new = snapshot(before), snapshot(after)
    if old == new:
        return []
    changed = [pair for pair in Pair if old.number(pair) != new.number(pair)]
    records: list[AuditRecord] = []
    present = old
    for pair in changed:
        was, now = old.number(pair), new.number(pair)
        target = new if pair is changed[-1] else present.with_number(pair, now)
        rule = None if rules is None else rules.get(pair)
        records += _couple(after.user.user_id, trail, _NUMBER_ACTIVITY[was is None, now is None], pair, rule, (present, target))
        present = target
    if not changed:
        records += _couple(after.user.user_id, trail, _telling_of_rest(old, new), None, None, (old, new))
    return [record._replace(part=part) for part, record in enumerate(records)]


_TASK_OF_RULE: Final = {"C6": COPY_TASK, "M3": MIRROR_TASK}
_NUMBER_ACTIVITY: Final = {
    (True, False): (Activity.ADMIN_REGISTERED, REASON_REGISTERED),
    (False, False): (Activity.ADMIN_UPDATED, REASON_CHANGED),
    (False, True): (Activity.ADMIN_DELETED, REASON_DELETED),
}


_EMAIL_ACTIVITY: Final = {
    (True, False): (Activity.ADMIN_REGISTERED, "Admin registered email method for user"),
    (False, False): (Activity.ADMIN_UPDATED, "Admin changed email method for user"),
    (False, True): (Activity.ADMIN_DELETED, "Admin deleted email method for user"),
}


def _telling_of_rest(old: Snapshot, new: Snapshot) -> tuple[Activity, str]:
    """What is told when no number changed: the address where it alone did, else the entries."""
    if (old.methods, old.default) != (new.methods, new.default):
        return Activity.ADMIN_UPDATED, REASON_ENTRIES
    return _EMAIL_ACTIVITY[not old.email, not new.email]


def _couple(
    user_id: bytes,
    trail: Trail,
    telling: tuple[Activity, str],
    pair: Pair | None,
    rule: str | None,
    change: tuple[Snapshot, Snapshot],
) -> list[AuditRecord]:
    actor = _TASK_OF_RULE.get(rule or "", trail.actor)
    first = AuditRecord(
        user_id, trail.correlation_id, 0, trail.at, telling[0], actor, telling[1], pair, rule, trail.run_id, change[0], change[1]
    )
    return [first, first._replace(activity=Activity.UPDATE_USER, reason="")]


_VERBS: Final = {
    Activity.ADMIN_DELETED: "deleted",
    Activity.ADMIN_REGISTERED: "registered",
    Activity.ADMIN_UPDATED: "changed",
}


def record_method_change(before: Account, after: Account, noun: str, trail: Trail, activity: Activity) -> list[AuditRecord]:
    """The two records of a method that is neither a number nor an address: it came, changed, or went, entries with it."""
    telling = (activity, f"Admin {_VERBS[activity]} {noun} method for user")
    records = _couple(after.user.user_id, trail, telling, None, None, (snapshot(before), snapshot(after)))
    return [record._replace(part=part) for part, record in enumerate(records)]


def record_own_registration(before: Account, after: Account, what: tuple[str, Pair | None], trail: Trail) -> list[AuditRecord]:
    """The two records of a method that somebody registered for themselves: its name, and the pair where it is a number."""
    name, pair = what
    telling = (Activity.USER_REGISTERED, f"User registered {name}")
    records = _couple(after.user.user_id, trail, telling, pair, None, (snapshot(before), snapshot(after)))
    return [record._replace(part=part) for part, record in enumerate(records)]


def record_profile_change(before: Account, after: Account, trail: Trail, activity: Activity) -> AuditRecord | None:
    """One *Core Directory* record of what changed in the profile, or None for an update that changed nothing in it."""
    details = {
        name: (was, now) for name, was, now in zip(_PROFILE_NAMES, _profile(before), _profile(after), strict=True) if was != now
    }
    if not details and activity is Activity.UPDATE_USER:
        return None
    state = snapshot(after)
    user_id = after.user.user_id
    return AuditRecord(
        user_id,
        trail.correlation_id,
        0,
        trail.at,
        activity,
        trail.actor,
        run_id=trail.run_id,
        old=state,
        new=state,
        details=details,
    )


def record_policy_change(changed: Mapping[str, tuple[str, str]], trail: Trail, activity: Activity) -> AuditRecord:
    """The one record of a change of the policy of authentication methods: setting -> (old, new)."""
    return AuditRecord(NO_USER, trail.correlation_id, 0, trail.at, activity, trail.actor, details=changed)


_PROFILE_NAMES: Final = (
    "UserPrincipalName",
    "DisplayName",
    "AccountEnabled",
    "PerUserMfaState",
    "UserType",
    "SyncState",
    "SourceAnchor",
    "OnPremisesDistinguishedName",
    "OtherMail",
    "Mobile",
    "TelephoneNumber",
)


def _profile(account: Account) -> tuple[str, ...]:
    user, pairs = account.user, account.pairs
    return (
        user.upn,
        user.display_name,
        str(user.enabled).lower(),
        user.mfa_state.name,
        user.user_type,
        user.sync_state.name.lower(),
        user.anchor or "",
        user.dn or "",
        ";".join(user.other_mails),
        pairs[Pair.MOBILE].public.text,
        pairs[Pair.OFFICE].public.text,
    )
