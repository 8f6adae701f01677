"""What the registration report says of one user: registered, capable, preferred. Source: domain-rules G, D.2.

*Registered* ignores policies, *capable* asks that the method is allowed by the policy of authentication methods (D.3).
Self-service password reset covers nobody yet, so nobody is enabled or capable of it.
"""

from __future__ import annotations

from enum import Enum, auto, unique
from typing import Final, NamedTuple

from ringfence.domain.directory.user import User
from ringfence.domain.methods.registrations import MethodKind
from ringfence.domain.numbers.pairs import PAIR_METHODS, PREFERENCE_ORDER, MethodType, Pair
from ringfence.domain.policy.methods_policy import MethodsPolicy
from ringfence.domain.policy.roles import DirectoryRole
from ringfence.domain.policy.usable import UsableMethod, entries_among, usable_methods


@unique
class RegisteredMethod(Enum):
    """A method as the report names it, alphabetical."""

    ALTERNATE_MOBILE_PHONE = auto()
    AUTHENTICATOR_PUSH = auto()
    EMAIL = auto()
    MOBILE_PHONE = auto()
    OFFICE_PHONE = auto()
    PASSKEY = auto()
    PLATFORM_CREDENTIAL = auto()
    SOFTWARE_OATH = auto()
    TEMPORARY_ACCESS_PASS = auto()
    WINDOWS_HELLO = auto()


@unique
class RoleGroup(Enum):
    """Whom a summary counts by role."""

    ADMIN = auto()
    """Who holds any role."""
    PRIVILEGED_ADMIN = auto()
    """Who holds a role that may give itself every other."""
    USER = auto()


class RegistrationReport(NamedTuple):
    """The report's row of one user. `preferred` is the first of the allowed methods by D.2; None is *none*."""

    user: User
    methods: frozenset[RegisteredMethod]
    groups: frozenset[RoleGroup]
    preferred: MethodType | None
    is_mfa_registered: bool
    is_mfa_capable: bool
    is_passwordless_capable: bool
    is_sspr_registered: bool
    is_sspr_enabled: bool = False
    is_system_preferred: bool = False

    @property
    def is_admin(self) -> bool:
        """Whether the user holds any role."""
        return RoleGroup.ADMIN in self.groups

    @property
    def is_sspr_capable(self) -> bool:
        """Both registered and enabled."""
        return self.is_sspr_registered and self.is_sspr_enabled


_OF_PAIR: Final = {
    Pair.ALTERNATE: RegisteredMethod.ALTERNATE_MOBILE_PHONE,
    Pair.MOBILE: RegisteredMethod.MOBILE_PHONE,
    Pair.OFFICE: RegisteredMethod.OFFICE_PHONE,
}
_OF_KIND: Final = {
    MethodKind.FIDO2: RegisteredMethod.PASSKEY,
    MethodKind.MICROSOFT_AUTHENTICATOR: RegisteredMethod.AUTHENTICATOR_PUSH,
    MethodKind.PLATFORM_CREDENTIAL: RegisteredMethod.PLATFORM_CREDENTIAL,
    MethodKind.SOFTWARE_OATH: RegisteredMethod.SOFTWARE_OATH,
    MethodKind.TEMPORARY_ACCESS_PASS: RegisteredMethod.TEMPORARY_ACCESS_PASS,
    MethodKind.WINDOWS_HELLO: RegisteredMethod.WINDOWS_HELLO,
}
_OF_ENTRY: Final = {
    MethodType.PhoneAppNotification: RegisteredMethod.AUTHENTICATOR_PUSH,
    MethodType.PhoneAppOTP: RegisteredMethod.SOFTWARE_OATH,
}
"""Entries that need no number: an import states them without a registration."""

_WEAK: Final = frozenset({RegisteredMethod.EMAIL, RegisteredMethod.TEMPORARY_ACCESS_PASS})
_PASSWORDLESS: Final = frozenset({RegisteredMethod.PASSKEY, RegisteredMethod.PLATFORM_CREDENTIAL, RegisteredMethod.WINDOWS_HELLO})
_FOR_RESET: Final = frozenset(
    {
        RegisteredMethod.AUTHENTICATOR_PUSH,
        RegisteredMethod.EMAIL,
        RegisteredMethod.MOBILE_PHONE,
        RegisteredMethod.OFFICE_PHONE,
        RegisteredMethod.SOFTWARE_OATH,
    }
)
_NEEDED: Final = 1
_NEEDED_OF_ADMINS: Final = 2
_PRIVILEGED: Final = frozenset(
    {
        DirectoryRole.GLOBAL_ADMINISTRATOR,
        DirectoryRole.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR,
        DirectoryRole.PRIVILEGED_ROLE_ADMINISTRATOR,
    }
)


_NEEDS: Final = {
    RegisteredMethod.ALTERNATE_MOBILE_PHONE: frozenset({UsableMethod.ALTERNATE_CALL}),
    RegisteredMethod.AUTHENTICATOR_PUSH: frozenset({UsableMethod.APP_CODE, UsableMethod.APP_NOTIFICATION}),
    RegisteredMethod.MOBILE_PHONE: frozenset({UsableMethod.MOBILE_CALL, UsableMethod.MOBILE_TEXT}),
    RegisteredMethod.OFFICE_PHONE: frozenset({UsableMethod.OFFICE_CALL}),
    RegisteredMethod.PASSKEY: frozenset({UsableMethod.PASSKEY}),
    RegisteredMethod.SOFTWARE_OATH: frozenset({UsableMethod.APP_CODE, UsableMethod.SOFTWARE_OATH}),
}
"""What has to be usable, one of it, for a strong method to be allowed; the others no policy governs."""


class Governed(NamedTuple):
    """What the policy of the tenant means for a report: worked out once, not for every row."""

    allowed: frozenset[RegisteredMethod]
    entries: frozenset[MethodType]
    is_system_preferred: bool


def governed_by(policy: MethodsPolicy) -> Governed:
    """What a policy means for a report."""
    usable = usable_methods(policy, for_reset=False)
    allowed = {one for one in RegisteredMethod if one not in _NEEDS or not usable.isdisjoint(_NEEDS[one])}
    return Governed(frozenset(allowed - _WEAK), entries_among(usable), policy.is_system_preferred)


def report_registration(
    user: User, numbers: frozenset[Pair], kinds: frozenset[MethodKind], roles: frozenset[DirectoryRole], governed: Governed
) -> RegistrationReport:
    """The row of a user who has authentication numbers of these pairs, and registered methods of these kinds."""
    methods = {_OF_PAIR[pair] for pair in numbers} | {_OF_KIND[kind] for kind in kinds}
    methods |= {_OF_ENTRY[entry] for entry in user.methods if entry in _OF_ENTRY}
    if user.email:
        methods.add(RegisteredMethod.EMAIL)
    allowed = methods & governed.allowed
    needed = _NEEDED_OF_ADMINS if roles else _NEEDED
    return RegistrationReport(
        user,
        frozenset(methods),
        _groups(roles),
        _preferred(methods, numbers, governed.entries),
        is_mfa_registered=not methods <= _WEAK,
        is_mfa_capable=bool(allowed),
        is_passwordless_capable=not allowed.isdisjoint(_PASSWORDLESS),
        is_sspr_registered=len(methods & _FOR_RESET) >= needed,
        is_system_preferred=governed.is_system_preferred,
    )


def _groups(roles: frozenset[DirectoryRole]) -> frozenset[RoleGroup]:
    if not roles:
        return frozenset({RoleGroup.USER})
    return frozenset({RoleGroup.ADMIN} if roles.isdisjoint(_PRIVILEGED) else {RoleGroup.ADMIN, RoleGroup.PRIVILEGED_ADMIN})


def _preferred(methods: set[RegisteredMethod], numbers: frozenset[Pair], allowed: frozenset[MethodType]) -> MethodType | None:
    usable = {entry for pair in numbers for entry in PAIR_METHODS[pair]}
    usable |= {entry for entry, method in _OF_ENTRY.items() if method in methods}
    return next((entry for entry in PREFERENCE_ORDER if entry in usable & allowed), None)
