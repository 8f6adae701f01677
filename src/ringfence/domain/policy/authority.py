"""The second gate of a delegated call: whether a role of the caller permits an action on a person who holds certain roles.

Sources: domain-rules F.1 (methods, per-user MFA, oneself), F.2 (who may act on whom), and the API pages' least privileged
roles for policies, reports and logs (entra-docs `licensing-monitoring-health.md`). An application that acts by itself does not
come here: its permission is enough (F.1), but for a password profile, where its own roles are asked as a person's are.

Not modelled, since there are no groups: a member of a role-assignable group, whom only the two unbounded roles may touch.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto, unique
from typing import Final, NamedTuple

from ringfence.domain.policy.roles import DirectoryRole as Role


@unique
class Action(Enum):
    """What is asked for: `VERB_OBJECT`, alphabetical. The actions on methods are those of the API, not of our own pages."""

    CHANGE_PASSWORD = auto()
    CREATE_USERS = auto()
    DELETE_METHODS = auto()
    ENROL_DEVICES = auto()
    """Passkeys, and assigning and activating hardware tokens."""
    ISSUE_TEMPORARY_ACCESS_PASS = auto()
    MANAGE_TOKENS = auto()
    """The inventory of hardware tokens: create, update, delete."""
    READ_LOGS = auto()
    """Of the directory and of sign-ins."""
    READ_METHODS = auto()
    READ_PER_USER_MFA = auto()
    READ_POLICY = auto()
    READ_REPORTS = auto()
    READ_TOKENS = auto()
    READ_USERS = auto()
    RESET_PASSWORD = auto()
    REVOKE_SESSIONS = auto()
    SWITCH_SMS_SIGN_IN = auto()
    WRITE_CONTACT_PROFILE = auto()
    """`businessPhones`, `mobilePhone`, `otherMails`: whoever may reset a password may write these."""
    WRITE_METHODS = auto()
    """Create and update phone numbers and mail addresses."""
    WRITE_PASSWORD_PROFILE = auto()
    WRITE_PER_USER_MFA = auto()
    WRITE_POLICY = auto()
    WRITE_PREFERENCES = auto()
    """The default method."""
    WRITE_PROFILE = auto()
    """Properties that are not sensitive."""
    WRITE_SENSITIVE_PROFILE = auto()
    """`accountEnabled`, `onPremisesImmutableId`, `userPrincipalName`, and deleting and restoring."""


class Authority(NamedTuple):
    """The answer.

    `masked` says that authentication numbers are shown to this reader only masked. `sufficient` are the roles of which one
    would do for this target, the least privileged first; empty when none would.
    """

    allowed: bool
    masked: bool
    sufficient: tuple[Role, ...]


@unique
class _Own(Enum):
    ALWAYS = auto()
    """Without any role."""
    BY_ROLE = auto()
    """As on anybody else."""
    NEVER = auto()
    """Whatever roles one holds."""


class _Rule(NamedTuple):
    roles: tuple[Role, ...]
    """The least privileged first."""
    own: _Own = _Own.BY_ROLE
    is_bounded: bool = True
    """Whether the roles of the target matter (F.2)."""
    is_open: bool = False
    """Whether everybody may, without any role."""


_HARMLESS: Final = frozenset({Role.DIRECTORY_READERS, Role.GUEST_INVITER, Role.PASSWORD_ADMINISTRATOR})
_READERS: Final = frozenset(
    {
        Role.MESSAGE_CENTER_READER,
        Role.REPORTS_READER,
        Role.USAGE_SUMMARY_REPORTS_READER,
        Role.USER_EXPERIENCE_SUCCESS_MANAGER,
    }
)
_EVERYONE: Final = frozenset(Role)

MAY_ACT_ON: Final[Mapping[Role, frozenset[Role]]] = {
    Role.AUTHENTICATION_ADMINISTRATOR: _HARMLESS | _READERS | {Role.AUTHENTICATION_ADMINISTRATOR},
    Role.GLOBAL_ADMINISTRATOR: _EVERYONE,
    Role.GLOBAL_READER: _EVERYONE,
    Role.HELPDESK_ADMINISTRATOR: _HARMLESS | _READERS | {Role.HELPDESK_ADMINISTRATOR},
    Role.PASSWORD_ADMINISTRATOR: _HARMLESS,
    Role.AUTHENTICATION_POLICY_ADMINISTRATOR: _EVERYONE,
    Role.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR: _EVERYONE,
    Role.USER_ADMINISTRATOR: (
        _HARMLESS | _READERS | {Role.GROUPS_ADMINISTRATOR, Role.HELPDESK_ADMINISTRATOR, Role.USER_ADMINISTRATOR}
    ),
}
"""F.2 by actor: the roles a target may hold, every one of which must be here. A role that is missing acts on nobody."""

FULL_READERS: Final = frozenset({Role.GLOBAL_ADMINISTRATOR, Role.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR})
"""Who sees the authentication numbers of others in full (F.1)."""

_WRITERS: Final = (
    Role.AUTHENTICATION_ADMINISTRATOR,
    Role.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR,
    Role.GLOBAL_ADMINISTRATOR,
)
_SENSITIVE: Final = (Role.USER_ADMINISTRATOR, *_WRITERS)
_PASSWORDS: Final = (Role.PASSWORD_ADMINISTRATOR, Role.HELPDESK_ADMINISTRATOR, *_SENSITIVE)
_POLICY: Final = (Role.AUTHENTICATION_POLICY_ADMINISTRATOR, Role.GLOBAL_ADMINISTRATOR)
_LOGS: Final = (
    Role.REPORTS_READER,
    Role.SECURITY_READER,
    Role.SECURITY_ADMINISTRATOR,
    Role.GLOBAL_READER,
    Role.GLOBAL_ADMINISTRATOR,
)

_RULES: Final[Mapping[Action, _Rule]] = {
    Action.CHANGE_PASSWORD: _Rule((), _Own.ALWAYS),
    Action.CREATE_USERS: _Rule((Role.USER_ADMINISTRATOR, Role.GLOBAL_ADMINISTRATOR)),
    Action.DELETE_METHODS: _Rule(_WRITERS, _Own.ALWAYS),
    Action.ENROL_DEVICES: _Rule(_WRITERS, _Own.ALWAYS),
    Action.ISSUE_TEMPORARY_ACCESS_PASS: _Rule(_WRITERS, _Own.NEVER),
    Action.MANAGE_TOKENS: _Rule(_POLICY),
    Action.READ_LOGS: _Rule(_LOGS, is_bounded=False),
    Action.READ_METHODS: _Rule((Role.GLOBAL_READER, *_WRITERS), _Own.ALWAYS),
    # F.1 settles three contradicting texts: the policy's administrator writes, the methods' one reads. The API page adds the
    # reader of everything.
    Action.READ_PER_USER_MFA: _Rule((Role.GLOBAL_READER, Role.AUTHENTICATION_ADMINISTRATOR, *_POLICY), _Own.ALWAYS),
    Action.READ_POLICY: _Rule((Role.GLOBAL_READER, *_POLICY)),
    Action.READ_REPORTS: _Rule(_LOGS, is_bounded=False),
    Action.READ_TOKENS: _Rule((Role.GLOBAL_READER, *_POLICY)),
    Action.READ_USERS: _Rule((), is_open=True),
    Action.RESET_PASSWORD: _Rule(_PASSWORDS, _Own.NEVER),
    Action.REVOKE_SESSIONS: _Rule(_PASSWORDS, _Own.ALWAYS),
    Action.SWITCH_SMS_SIGN_IN: _Rule(_WRITERS, _Own.ALWAYS),
    Action.WRITE_CONTACT_PROFILE: _Rule(_PASSWORDS),
    # Older texts let the holder of a role add an own phone through `/me`; the newer ones do not (F.1).
    Action.WRITE_METHODS: _Rule(_WRITERS, _Own.NEVER),
    # Writing one's own is a reset of one's own password, which F.1 never allows; there is CHANGE_PASSWORD.
    Action.WRITE_PASSWORD_PROFILE: _Rule(_SENSITIVE, _Own.NEVER),
    Action.WRITE_PER_USER_MFA: _Rule(_POLICY),
    Action.WRITE_POLICY: _Rule(_POLICY),
    Action.WRITE_PREFERENCES: _Rule(_WRITERS, _Own.ALWAYS),
    Action.WRITE_PROFILE: _Rule(_SENSITIVE, is_bounded=False),
    Action.WRITE_SENSITIVE_PROFILE: _Rule(_SENSITIVE),
}

_SHOWS_NUMBERS: Final = frozenset({Action.READ_LOGS, Action.READ_METHODS})
"""The log too: F.3 masks numbers for readers without the right, where the original does not."""


def decide_authority(action: Action, actor_roles: frozenset[Role], target_roles: frozenset[Role], *, is_self: bool) -> Authority:
    """Whether one of the caller's roles permits the action on somebody who holds `target_roles` (empty where nobody is meant)."""
    rule = _RULES[action]
    if is_self and rule.own is not _Own.BY_ROLE:
        return Authority(rule.own is _Own.ALWAYS, masked=False, sufficient=())
    sufficient = tuple(role for role in rule.roles if not rule.is_bounded or target_roles <= MAY_ACT_ON[role])
    return Authority(
        rule.is_open or not actor_roles.isdisjoint(sufficient),
        masked=action in _SHOWS_NUMBERS and actor_roles.isdisjoint(FULL_READERS),
        sufficient=sufficient,
    )
