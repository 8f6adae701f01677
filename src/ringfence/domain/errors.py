"""The closed family of things that can go wrong, each with a stable code and typed facts.

Owns the vocabulary only: no HTTP, no exit codes, no prose. Every surface translates a code through one table of its own
(`ringfence.cli.messages` for the command line). Expected answers of a decision are values, never these.
"""

from __future__ import annotations

from enum import StrEnum, unique


@unique
class ErrorCode(StrEnum):
    """Stable codes; the text after the dot names the case, the text before it the subject."""

    ADDRESS_UNUSABLE = "address.unusable"
    APP_EXISTS = "app.exists"
    APP_NAME = "app.name"
    APP_PASSWORDS_FULL = "app_passwords.full"
    APP_PASSWORDS_NOT_ENFORCED = "app_passwords.not_enforced"
    APP_PASSWORDS_OFF = "app_passwords.off"
    APP_PASSWORD_ABSENT = "app_password.absent"  # noqa: S105 - a code
    APP_PASSWORD_NAME = "app_password.name"  # noqa: S105 - a code
    APP_PUBLIC = "app.public"
    APP_REDIRECT_URI = "app.redirect_uri"
    APP_UNKNOWN = "app.unknown"
    AUDIO_FORM = "audio.form"
    AUDIO_LENGTH = "audio.length"
    AUDIO_SIZE = "audio.size"
    CHALLENGE_NOT_SENT = "challenge.not_sent"
    CHALLENGE_OVER = "challenge.over"
    CHALLENGE_PURPOSE = "challenge.purpose"
    CHALLENGE_TAKES_NO_CODE = "challenge.takes_no_code"
    CHALLENGE_UNKNOWN = "challenge.unknown"
    CERTIFICATE_INVALID = "certificate.invalid"
    CONTACTS_UNDER_ANOTHER_KEY = "contacts.under_another_key"
    DATABASE_BUSY = "database.busy"
    DATABASE_EMPTY = "database.empty"
    DATABASE_MISSING = "database.missing"
    DATABASE_NEWER = "database.newer"
    DATABASE_OLDER = "database.older"
    DATABASE_UNREACHABLE = "database.unreachable"
    DATABASE_UNSUPPORTED = "database.unsupported"
    DATE_INVALID = "date.invalid"
    DEMO_ONLY = "demo.only"
    EMAIL_ABSENT = "email.absent"
    EMAIL_EXISTS = "email.exists"
    EMAIL_FORM = "email.form"
    GUARD_CLEARS = "guard.clears"
    GUARD_DELETES = "guard.deletes"
    GUARD_EMPTY = "guard.empty"
    GUARD_MIDWAY = "guard.midway"
    KEY_EXISTS = "key.exists"
    KEY_LOST = "key.lost"
    KEY_MISSING = "key.missing"
    KEY_ROTATING = "key.rotating"
    KEY_UNREADABLE = "key.unreadable"
    KEY_WRONG = "key.wrong"
    METHOD_NOT_FOR_PURPOSE = "method.not_for_purpose"
    METHODS_FULL = "methods.full"
    METHOD_ABSENT = "method.absent"
    METHOD_IS_DEFAULT = "method.is_default"
    METHOD_NAME = "method.name"
    METHOD_NOT_REGISTERED = "method.not_registered"
    MFA_BLOCKED = "mfa.blocked"
    MFA_BLOCK_REASON = "mfa.block_reason"
    MFA_FRAUD_CODE = "mfa.fraud_code"
    MFA_NOT_BLOCKED = "mfa.not_blocked"
    MFA_REMEMBER_DAYS = "mfa.remember_days"
    MFA_TRUSTED_FULL = "mfa.trusted_full"
    MFA_TRUSTED_RANGE = "mfa.trusted_range"
    NUMBER_COUNTRY = "number.country"
    NUMBER_EXTENSION = "number.extension"
    NUMBER_FORM = "number.form"
    NUMBER_LENGTH = "number.length"
    OATH_PERIOD = "oath.period"
    PASSWORD_WEAK = "password.weak"  # noqa: S105 - a code
    PASS_LIFETIME = "pass.lifetime"  # noqa: S105 - a code
    PASS_ONCE_ONLY = "pass.once_only"  # noqa: S105 - a code
    PERMISSION_UNKNOWN = "permission.unknown"
    PHONE_ABSENT = "phone.absent"
    PHONE_ALTERNATE_EXISTS = "phone.alternate_exists"
    PHONE_EXISTS = "phone.exists"
    PHONE_MOBILE_REQUIRED = "phone.mobile_required"
    POLICY_METHOD = "policy.method"
    POLICY_SETTING = "policy.setting"
    POLICY_UNREADABLE = "policy.unreadable"
    POLICY_VALUE = "policy.value"
    PROFILE_MANAGED_ON_PREMISES = "profile.managed_on_premises"
    PROGRAM_MISSING = "program.missing"
    ROLE_UNKNOWN = "role.unknown"
    ROW_CHANGED = "row.changed"
    RUN_UNKNOWN = "run.unknown"
    SERVICE_BUSY = "service.busy"
    SETTING_INVALID = "setting.invalid"
    SOURCE_FORMAT = "source.format"
    SOURCE_REJECTS_UNWRITABLE = "source.rejects_unwritable"
    SOURCE_TRUNCATED = "source.truncated"
    SOURCE_UNREADABLE = "source.unreadable"
    TARGET_UNWRITABLE = "target.unwritable"
    TELEPHONY_LIMIT = "telephony.limit"
    TELEPHONY_MONEY = "telephony.money"
    TELEPHONY_OFF = "telephony.off"
    TELEPHONY_PREFIX = "telephony.prefix"
    TELEPHONY_PRICE = "telephony.price"
    TENANT_ABSENT = "tenant.absent"
    TENANT_AMBIGUOUS = "tenant.ambiguous"
    TENANT_NAME = "tenant.name"
    TENANT_UNKNOWN = "tenant.unknown"
    TRANSITION_ABSENT = "transition.absent"
    TRANSITION_ENDED = "transition.ended"
    TRANSITION_OPEN = "transition.open"
    TRANSITION_ORDER = "transition.order"
    USER_EXISTS = "user.exists"
    USER_NAME = "user.name"
    USER_UNKNOWN = "user.unknown"


class RingfenceError(Exception):
    """Base of the family: `code` is stable, `facts` are what a message may mention (never a secret)."""

    def __init__(self, code: ErrorCode, **facts: object) -> None:
        """Keep the code and the facts; `str()` gives both, for logs only."""
        super().__init__(code.value, facts)
        self.code = code
        self.facts = facts


class ConflictError(RingfenceError):
    """The stored state does not allow it, or it changed under us."""


class DeniedError(RingfenceError):
    """A guard stopped it: before anything was written, or (GUARD_MIDWAY) before the write that would have gone too far."""


class InvalidError(RingfenceError):
    """The input is not what it has to be."""


class NotFoundError(RingfenceError):
    """What was named does not exist."""


class UnavailableError(RingfenceError):
    """A part we need (key, database) is absent, wrong or too new."""
