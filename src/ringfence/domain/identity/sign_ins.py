"""What the log keeps of a sign-in: who tried, for which application, from where, and how it ended.

Owns: the vocabulary and its words. Does not own: what a password check decides, nor how the log is shown.
Sources: clients 1.3; surface a7, b7.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import IntEnum, unique
from typing import Final, NamedTuple

from ringfence.domain.signin.outcomes import SecondFactor
from ringfence.domain.signin.requirement import Requirement

KEPT: Final = timedelta(days=30)
"""How long a sign-in stays in the log."""
LONGEST_NAME: Final = 256
"""Characters that are kept of a name nobody has vouched for."""


@unique
class SignInResult(IntEnum):
    """How it ended; the value is the number behind `AADSTS`, 0 for a success, and what the database stores."""

    BLOCKED = 50097
    DISABLED = 50057
    ENROLMENT_REFUSED = 53004
    LOCKED = 50053
    MFA_ENROLMENT = 50079
    MFA_REQUIRED = 50074
    MUST_CHANGE = 50055
    STRONG_AUTHENTICATION_FAILED = 500121
    TELEPHONY_LIMIT = 50088
    SUCCESS = 0
    UNKNOWN_USER = 50034
    WRONG_PASSWORD = 50126

    @property
    def reason(self) -> str | None:
        """Why it failed, in words."""
        return _REASONS.get(self)

    @property
    def password_was_right(self) -> bool:
        """Whether the first step was passed, however the sign-in ended."""
        return self in GOES_ON or self in _KNEW_IT


INTERRUPTS: Final = frozenset({SignInResult.MFA_ENROLMENT, SignInResult.MFA_REQUIRED})
"""After these another step follows, whose end is a line of its own: nothing failed."""
GOES_ON: Final = INTERRUPTS | {SignInResult.SUCCESS}
"""After these the sign-in is complete, or another step follows."""
_KNEW_IT: Final = frozenset(
    {SignInResult.BLOCKED, SignInResult.DISABLED, SignInResult.ENROLMENT_REFUSED, SignInResult.MUST_CHANGE}
)
_REASONS: Final = {
    SignInResult.BLOCKED: "The user is blocked for MFA: a second factor is demanded, and denied without a prompt.",
    SignInResult.MFA_ENROLMENT: "A second factor is demanded, and the user has to register one first.",
    SignInResult.MFA_REQUIRED: "A second factor is demanded; the sign-in goes on with it.",
    SignInResult.DISABLED: "The user account is disabled.",
    SignInResult.ENROLMENT_REFUSED: "No second factor can be asked for, and none may be registered on the password alone.",
    SignInResult.LOCKED: "The account is locked: a wrong password was tried too many times.",
    SignInResult.MUST_CHANGE: "The password is expired: it has to be changed before the sign-in can go on.",
    SignInResult.STRONG_AUTHENTICATION_FAILED: "The second factor was not proved: the code is wrong, used, late, or locked.",
    SignInResult.TELEPHONY_LIMIT: "The limit on texts and calls was reached. Try again later, or by another method.",
    SignInResult.UNKNOWN_USER: "No user of this directory has the name that was typed.",
    SignInResult.WRONG_PASSWORD: "The user name or the password is wrong.",
}


@unique
class ClientApp(IntEnum):
    """What a person signs in with; the value is what the database stores."""

    BROWSER = 1
    LEGACY = 3
    NATIVE = 2

    @property
    def title(self) -> str:
        """Microsoft's name."""
        return _CLIENTS[self]


_CLIENTS: Final = {
    ClientApp.BROWSER: "Browser",
    ClientApp.LEGACY: "Other clients",
    ClientApp.NATIVE: "Mobile Apps and Desktop clients",
}


class Attempt(NamedTuple):
    """What surrounds a password that is tried: the application it is for, and where the request came from."""

    app_id: bytes
    app_name: str
    client: ClientApp
    ip_address: str | None
    correlation_id: bytes
    """16 bytes, the client's own where it sent one."""
    is_device_code: bool = False


class SignIn(NamedTuple):
    """One line of the log. `user_id` is None where nobody has the name; then the name is `typed`, of which nothing is known."""

    sign_in_id: bytes
    at: datetime
    user_id: bytes | None
    upn: str
    display_name: str
    typed: str
    attempt: Attempt
    result: SignInResult
    further: int = 0
    """How many more like it, within the same hour, were counted here instead of having their own line."""
    second: SecondFactor | None = None
    """How the second step went, where it came to one."""
    requirement: Requirement | None = None
    """Which second factor was demanded, or why none was, where that was decided."""

    @property
    def is_multi_factor(self) -> bool:
        """Whether more than the password was demanded."""
        return self.second is not None or (self.requirement is not None and self.requirement not in ONE_FACTOR)


ONE_FACTOR: Final = frozenset({Requirement.NOT_REQUIRED, Requirement.UNTIL_ENFORCED})
"""With these the password was enough."""
NO_NAME: Final = "(not a user principal name)"


def plain_name(typed: str) -> str:
    """What is kept of a typed name: its beginning, with nothing in it that could not be printed.

    What has no `@` is no name of a user: it may be a phone number, or a password in the wrong field, and nothing is kept of it.
    """
    if "@" not in typed:
        return NO_NAME
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in typed[:LONGEST_NAME])
