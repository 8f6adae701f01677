"""Which methods a policy lets be used: for signing in, and for resetting a password.

D.3: a method that any honoured policy enables is usable. Which policies are honoured the migration state says; e-mail is for
resets alone, and what serves resets is a part of what there is (domain-rules G).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto, unique
from typing import Final

from ringfence.domain.methods.registrations import MethodKind
from ringfence.domain.numbers.pairs import MethodType
from ringfence.domain.policy.methods_policy import (
    AuthenticatorMode,
    LegacyMfa,
    LegacyReset,
    MethodsPolicy,
    MigrationState,
    PolicyMethod,
)


@unique
class UsableMethod(Enum):
    """Something a policy allows or does not, as finely as any of them tells it apart."""

    ALTERNATE_CALL = auto()
    APP_CODE = auto()
    """Of Microsoft Authenticator."""
    APP_NOTIFICATION = auto()
    CERTIFICATE = auto()
    EMAIL = auto()
    HARDWARE_OATH = auto()
    MOBILE_CALL = auto()
    MOBILE_TEXT = auto()
    OFFICE_CALL = auto()
    PASSKEY = auto()
    QR_CODE = auto()
    SOFTWARE_OATH = auto()
    TEMPORARY_ACCESS_PASS = auto()


Usable = UsableMethod

_CODES: Final = frozenset({Usable.APP_CODE, Usable.HARDWARE_OATH, Usable.SOFTWARE_OATH})
_OF_METHOD: Final[Mapping[PolicyMethod, frozenset[Usable]]] = {
    PolicyMethod.EMAIL: frozenset({Usable.EMAIL}),
    PolicyMethod.FIDO2: frozenset({Usable.PASSKEY}),
    PolicyMethod.HARDWARE_OATH: frozenset({Usable.HARDWARE_OATH}),
    PolicyMethod.MICROSOFT_AUTHENTICATOR: frozenset({Usable.APP_CODE, Usable.APP_NOTIFICATION}),
    PolicyMethod.QR_CODE_PIN: frozenset({Usable.QR_CODE}),
    PolicyMethod.SMS: frozenset({Usable.MOBILE_TEXT}),
    PolicyMethod.SOFTWARE_OATH: frozenset({Usable.SOFTWARE_OATH}),
    PolicyMethod.TEMPORARY_ACCESS_PASS: frozenset({Usable.TEMPORARY_ACCESS_PASS}),
    PolicyMethod.VOICE: frozenset({Usable.ALTERNATE_CALL, Usable.MOBILE_CALL, Usable.OFFICE_CALL}),
    PolicyMethod.X509_CERTIFICATE: frozenset({Usable.CERTIFICATE}),
}
_OF_LEGACY_MFA: Final[Mapping[LegacyMfa, frozenset[Usable]]] = {
    LegacyMfa.CALL: frozenset({Usable.ALTERNATE_CALL, Usable.MOBILE_CALL, Usable.OFFICE_CALL}),
    LegacyMfa.CODE: _CODES,
    LegacyMfa.NOTIFICATION: frozenset({Usable.APP_NOTIFICATION}),
    LegacyMfa.TEXT: frozenset({Usable.MOBILE_TEXT}),
}
_OF_LEGACY_RESET: Final[Mapping[LegacyReset, frozenset[Usable]]] = {
    LegacyReset.CODE: _CODES,
    LegacyReset.EMAIL: frozenset({Usable.EMAIL}),
    LegacyReset.MOBILE_PHONE: frozenset({Usable.MOBILE_CALL, Usable.MOBILE_TEXT}),
    LegacyReset.NOTIFICATION: frozenset({Usable.APP_NOTIFICATION}),
    LegacyReset.OFFICE_PHONE: frozenset({Usable.OFFICE_CALL}),
}
_FOR_RESET: Final = _CODES | {
    Usable.APP_NOTIFICATION,
    Usable.EMAIL,
    Usable.MOBILE_CALL,
    Usable.MOBILE_TEXT,
    Usable.OFFICE_CALL,
}
_FOR_SIGN_IN: Final = frozenset(Usable) - {Usable.EMAIL}
_OF_ENTRY: Final[Mapping[MethodType, frozenset[Usable]]] = {
    MethodType.OneWaySMS: frozenset({Usable.MOBILE_TEXT}),
    MethodType.PhoneAppNotification: frozenset({Usable.APP_NOTIFICATION}),
    MethodType.PhoneAppOTP: _CODES,
    MethodType.TwoWayVoiceAlternateMobile: frozenset({Usable.ALTERNATE_CALL}),
    MethodType.TwoWayVoiceMobile: frozenset({Usable.MOBILE_CALL}),
    MethodType.TwoWayVoiceOffice: frozenset({Usable.OFFICE_CALL}),
}
_OF_KIND: Final[Mapping[MethodKind, frozenset[Usable]]] = {
    MethodKind.FIDO2: frozenset({Usable.PASSKEY}),
    MethodKind.MICROSOFT_AUTHENTICATOR: frozenset({Usable.APP_CODE, Usable.APP_NOTIFICATION}),
    MethodKind.SOFTWARE_OATH: frozenset({Usable.SOFTWARE_OATH}),
    MethodKind.TEMPORARY_ACCESS_PASS: frozenset({Usable.TEMPORARY_ACCESS_PASS}),
}
"""Kinds that the policy has a configuration of; the others it does not govern."""


def usable_methods(policy: MethodsPolicy, *, for_reset: bool) -> frozenset[UsableMethod]:
    """What may be used under the honoured policies: this one, the legacy ones, or both (D.3)."""
    is_new_honoured = not for_reset or policy.migration is not MigrationState.PRE_MIGRATION
    is_legacy_honoured = policy.migration is not MigrationState.COMPLETE
    found = _by_policy(policy) if is_new_honoured else frozenset()
    if is_legacy_honoured:
        found |= _by_legacy(policy, for_reset=for_reset)
    return found & (_FOR_RESET if for_reset else _FOR_SIGN_IN)


def allowed_entries(policy: MethodsPolicy, *, for_reset: bool = False) -> frozenset[MethodType]:
    """The method entries that may be used to sign in, or to reset a password."""
    return entries_among(usable_methods(policy, for_reset=for_reset))


def is_email_allowed(policy: MethodsPolicy) -> bool:
    """Whether a code by e-mail may be a gate of a password reset; it is nothing else."""
    return Usable.EMAIL in usable_methods(policy, for_reset=True)


def is_code_allowed(policy: MethodsPolicy, *, for_reset: bool) -> bool:
    """Whether codes of apps that we know the seed of may be used."""
    return not usable_methods(policy, for_reset=for_reset).isdisjoint(_OF_KIND[MethodKind.SOFTWARE_OATH])


def allowed_kinds(policy: MethodsPolicy) -> frozenset[MethodKind]:
    """The kinds of registered methods that may be used to sign in: one-time codes, passes, passkeys and the rest."""
    usable = usable_methods(policy, for_reset=False)
    return frozenset(kind for kind in MethodKind if kind not in _OF_KIND or not usable.isdisjoint(_OF_KIND[kind]))


def is_sign_in_by_text_allowed(policy: MethodsPolicy) -> bool:
    """Whether a text to the mobile number may stand for the password (C.3): this policy's word alone."""
    return policy.is_sms_sign_in_allowed and PolicyMethod.SMS in policy.enabled


def entries_among(usable: frozenset[UsableMethod]) -> frozenset[MethodType]:
    """The method entries that usable methods make usable."""
    return frozenset(entry for entry, needed in _OF_ENTRY.items() if not usable.isdisjoint(needed))


def _by_policy(policy: MethodsPolicy) -> frozenset[UsableMethod]:
    found = frozenset().union(*(_OF_METHOD[method] for method in policy.enabled))
    if not policy.is_office_phone_allowed:
        found -= {Usable.OFFICE_CALL}
    if not policy.authenticator.is_code_allowed:
        found -= {Usable.APP_CODE}
    if policy.authenticator.mode is AuthenticatorMode.DEVICE_BASED_PUSH:  # without a password, and for nothing else
        found -= {Usable.APP_NOTIFICATION}
    return found


def _by_legacy(policy: MethodsPolicy, *, for_reset: bool) -> frozenset[UsableMethod]:
    if for_reset:
        return frozenset().union(*(_OF_LEGACY_RESET[option] for option in policy.legacy.reset))
    return frozenset().union(*(_OF_LEGACY_MFA[option] for option in policy.legacy.mfa))
