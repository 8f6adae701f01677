"""The policy of authentication methods: which methods may be used, and under which conditions.

Values of enumerations are Microsoft's words: they stand in the database, in audit records, on the command line and on the wire.
Sources: surface b4; domain-rules D.2 (nothing is preferred by the system by default), D.3 (the legacy policies), D.8 (the pass).

Owns: the value. What it holds by name is `ringfence.domain.policy.policy_settings`, what follows from it
`ringfence.domain.policy.usable`.
"""

from __future__ import annotations

from enum import Enum, unique
from typing import Final, NamedTuple


@unique
class AuthenticatorMode(Enum):
    """How Microsoft Authenticator may be used: approving, signing in without a password, or both."""

    ANY = "any"
    DEVICE_BASED_PUSH = "deviceBasedPush"
    PUSH = "push"


@unique
class LegacyMfa(Enum):
    """A verification option of the legacy policy of MFA (D.3)."""

    CALL = "call"
    CODE = "code"
    """Of an app or a hardware token."""
    NOTIFICATION = "notification"
    TEXT = "text"


@unique
class LegacyReset(Enum):
    """A method of the legacy policy of password reset (D.3); security questions are not kept here."""

    CODE = "code"
    EMAIL = "email"
    MOBILE_PHONE = "mobilePhone"
    NOTIFICATION = "notification"
    OFFICE_PHONE = "officePhone"


@unique
class Managed(Enum):
    """On, off, or as Microsoft has it today."""

    DEFAULT = "default"
    DISABLED = "disabled"
    ENABLED = "enabled"


@unique
class MigrationState(Enum):
    """Whether the legacy policies are honoured beside this one (D.3)."""

    COMPLETE = "migrationComplete"
    IN_PROGRESS = "migrationInProgress"
    PRE_MIGRATION = "preMigration"


@unique
class PolicyMethod(Enum):
    """A method that the policy has a configuration of; the value is the configuration's id."""

    EMAIL = "Email"
    FIDO2 = "Fido2"
    HARDWARE_OATH = "HardwareOath"
    MICROSOFT_AUTHENTICATOR = "MicrosoftAuthenticator"
    QR_CODE_PIN = "QRCodePin"
    SMS = "Sms"
    SOFTWARE_OATH = "SoftwareOath"
    TEMPORARY_ACCESS_PASS = "TemporaryAccessPass"  # noqa: S105 - a name
    VOICE = "Voice"
    X509_CERTIFICATE = "X509Certificate"


@unique
class Restriction(Enum):
    """What a list of models of passkeys means."""

    ALLOW = "allow"
    BLOCK = "block"


class PassPolicy(NamedTuple):
    """Temporary access passes (D.8): lifetimes in minutes, length in characters."""

    usual_minutes: int = 60
    least_minutes: int = 60
    most_minutes: int = 480
    length: int = 8
    is_usable_once: bool = False
    """Whether every pass is good once only."""


class QrCodePolicy(NamedTuple):
    """QR codes with a PIN."""

    pin_length: int = 8
    lifetime_days: int = 365


class AuthenticatorPolicy(NamedTuple):
    """Microsoft Authenticator."""

    is_code_allowed: bool = True
    mode: AuthenticatorMode = AuthenticatorMode.ANY
    shows_application: Managed = Managed.DEFAULT
    shows_location: Managed = Managed.DEFAULT


class PasskeyPolicy(NamedTuple):
    """Passkeys; `models` are AAGUIDs, alone allowed or blocked where they are enforced."""

    is_self_service: bool = True
    is_attestation_enforced: bool = False
    are_models_enforced: bool = False
    restriction: Restriction = Restriction.ALLOW
    models: tuple[str, ...] = ()


class Campaign(NamedTuple):
    """The campaign that asks for registration of Microsoft Authenticator (D.10)."""

    state: Managed = Managed.DISABLED
    snooze_days: int = 1
    is_enforced: bool = True
    """Whether it cannot be put off any more after three times."""


class SuspiciousActivity(NamedTuple):
    """Reports of suspicious activity (D.6); the code is the key that is pressed on a call."""

    state: Managed = Managed.DISABLED
    voice_code: int = 0


class LegacyPolicy(NamedTuple):
    """The two policies of before; everything is on, so that honouring them takes nothing away."""

    mfa: frozenset[LegacyMfa] = frozenset(LegacyMfa)
    reset: frozenset[LegacyReset] = frozenset(LegacyReset)


class MethodsPolicy(NamedTuple):
    """One tenant's policy; every enabled method is for all users."""

    enabled: frozenset[PolicyMethod]
    registration_required: frozenset[PolicyMethod] = frozenset()
    access_pass: PassPolicy = PassPolicy()
    authenticator: AuthenticatorPolicy = AuthenticatorPolicy()
    campaign: Campaign = Campaign()
    external_email: Managed = Managed.DEFAULT
    is_office_phone_allowed: bool = True
    """The copy fills office numbers, and calls to them must go on."""
    is_sms_sign_in_allowed: bool = False
    legacy: LegacyPolicy = LegacyPolicy()
    migration: MigrationState = MigrationState.COMPLETE
    passkeys: PasskeyPolicy = PasskeyPolicy()
    qr_code: QrCodePolicy = QrCodePolicy()
    reconfirmation_days: int | None = None
    suspicious_activity: SuspiciousActivity = SuspiciousActivity()
    system_preferred: Managed = Managed.DISABLED

    @property
    def is_system_preferred(self) -> bool:
        """Whether the system prefers a method over the user's default: Microsoft's own choice is on (D.2)."""
        return self.system_preferred is not Managed.DISABLED


VERSION: Final = "1.4"
"""`policyVersion`: the form of the policy."""
DEFAULT_POLICY: Final = MethodsPolicy(
    frozenset(PolicyMethod) - {PolicyMethod.HARDWARE_OATH, PolicyMethod.QR_CODE_PIN, PolicyMethod.X509_CERTIFICATE}
)
"""What a tenant has until it is changed: a method is enabled exactly where it can be used."""
