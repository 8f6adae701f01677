"""The policy of authentication methods: which methods may be used, and under which conditions.

A tenant has the default one until it can be changed; nothing is governed by it yet. So a method is enabled here exactly where it
can be used. Sources: surface b4; domain-rules D.2 (nothing is preferred by the system), D.3, D.8 (the pass).
"""

from __future__ import annotations

from enum import Enum, auto, unique
from typing import Final, NamedTuple


@unique
class PolicyMethod(Enum):
    """A method that the policy has a configuration of."""

    EMAIL = auto()
    FIDO2 = auto()
    HARDWARE_OATH = auto()
    MICROSOFT_AUTHENTICATOR = auto()
    QR_CODE_PIN = auto()
    SMS = auto()
    SOFTWARE_OATH = auto()
    TEMPORARY_ACCESS_PASS = auto()
    VOICE = auto()
    X509_CERTIFICATE = auto()


class PassPolicy(NamedTuple):
    """Temporary access passes (D.8): lifetimes in minutes, length in characters."""

    usual_minutes: int = 60
    least_minutes: int = 60
    most_minutes: int = 480
    length: int = 8
    is_usable_once: bool = False


class QrCodePolicy(NamedTuple):
    """QR codes with a PIN."""

    pin_length: int = 8
    lifetime_days: int = 365


class MethodsPolicy(NamedTuple):
    """One tenant's policy; every enabled method is for all users."""

    enabled: frozenset[PolicyMethod]
    access_pass: PassPolicy = PassPolicy()
    qr_code: QrCodePolicy = QrCodePolicy()
    is_attestation_enforced: bool = False
    is_code_in_authenticator: bool = True
    is_office_phone_allowed: bool = True
    """The copy fills office numbers, and calls to them must go on."""
    is_passkey_self_service: bool = True
    is_sms_sign_in_allowed: bool = False
    is_system_preferred: bool = False
    snooze_days: int = 1
    version: str = "1.4"


DEFAULT_POLICY: Final = MethodsPolicy(
    frozenset(PolicyMethod) - {PolicyMethod.HARDWARE_OATH, PolicyMethod.QR_CODE_PIN, PolicyMethod.X509_CERTIFICATE}
)
