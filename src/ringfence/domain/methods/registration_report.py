"""What the registration report says of one user: registered, capable, preferred. Source: domain-rules G, D.2.

*Registered* ignores policies, *capable* asks that the method is allowed; every method is allowed while no policy governs.
Self-service password reset covers nobody yet, so nobody is enabled or capable of it.
"""

from __future__ import annotations

from enum import Enum, auto, unique
from typing import Final, NamedTuple

from ringfence.domain.directory.user import User
from ringfence.domain.methods.registrations import MethodKind
from ringfence.domain.numbers.pairs import PAIR_METHODS, PREFERENCE_ORDER, MethodType, Pair
from ringfence.domain.policy.roles import DirectoryRole


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
    """The report's row of one user. `preferred` is the first of the methods by D.2; None is *none*."""

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


def report_registration(
    user: User, numbers: frozenset[Pair], kinds: frozenset[MethodKind], roles: frozenset[DirectoryRole]
) -> RegistrationReport:
    """The row of a user who has authentication numbers of these pairs, and registered methods of these kinds."""
    methods = {_OF_PAIR[pair] for pair in numbers} | {_OF_KIND[kind] for kind in kinds}
    methods |= {_OF_ENTRY[entry] for entry in user.methods if entry in _OF_ENTRY}
    if user.email:
        methods.add(RegisteredMethod.EMAIL)
    is_strong = not methods <= _WEAK
    needed = _NEEDED_OF_ADMINS if roles else _NEEDED
    return RegistrationReport(
        user,
        frozenset(methods),
        _groups(roles),
        _preferred(methods, numbers),
        is_mfa_registered=is_strong,
        is_mfa_capable=is_strong,
        is_passwordless_capable=not methods.isdisjoint(_PASSWORDLESS),
        is_sspr_registered=len(methods & _FOR_RESET) >= needed,
    )


def _groups(roles: frozenset[DirectoryRole]) -> frozenset[RoleGroup]:
    if not roles:
        return frozenset({RoleGroup.USER})
    return frozenset({RoleGroup.ADMIN} if roles.isdisjoint(_PRIVILEGED) else {RoleGroup.ADMIN, RoleGroup.PRIVILEGED_ADMIN})


def _preferred(methods: set[RegisteredMethod], numbers: frozenset[Pair]) -> MethodType | None:
    usable = {entry for pair in numbers for entry in PAIR_METHODS[pair]}
    usable |= {entry for entry, method in _OF_ENTRY.items() if method in methods}
    return next((entry for entry in PREFERENCE_ORDER if entry in usable), None)
