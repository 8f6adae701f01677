"""A challenge: what somebody is asked for as a second proof, bound to user, method, number, purpose and asking application.

Sources: domain-rules D.5 (six digits, 180 seconds, a new code voids the old), D.10 (results).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum, IntEnum, unique
from typing import Final, NamedTuple

from ringfence.domain.numbers.pairs import MethodType, Pair
from ringfence.domain.numbers.tables import Contact
from ringfence.domain.signin.transitions import State

LIFE: Final = timedelta(seconds=180)
"""How long an answer is waited for."""
KEPT: Final = timedelta(days=1)
"""How long a challenge that is over can be asked for."""
LONGEST_PURPOSE: Final = 64
DIGITS: Final = 6
"""Of a code that is sent."""


@unique
class Channel(IntEnum):
    """What a message goes over; the value is what the database stores."""

    SMS = 1
    VOICE = 2
    MAIL = 3

    @property
    def is_telephony(self) -> bool:
        """Whether it goes to a number, which costs money and stands under the send guard's limits."""
        return self is not Channel.MAIL


@unique
class ChallengeMethod(IntEnum):
    """How the answer is given; the value is what the database stores."""

    OATH = 1
    """A code of an app or a token (TOTP)."""
    SMS = 2
    """A code that is texted to the mobile number."""
    VOICE_MOBILE = 3
    """A call to the mobile number, answered by a key."""
    VOICE_ALTERNATE_MOBILE = 4
    VOICE_OFFICE = 5
    TEMPORARY_ACCESS_PASS = 6
    """A pass that an administrator issued."""
    EMAIL = 7
    """A code that is mailed to the authentication e-mail address: for password resets alone."""

    @property
    def wire_name(self) -> str:
        """Graph's word for it, as in `userPreferredMethodForSecondaryAuthentication`."""
        first, *others = self.name.lower().split("_")
        return first + "".join(map(str.title, others))

    @property
    def entry(self) -> MethodType | None:
        """The method entry that it needs; None for what is none."""
        return _ENTRIES.get(self)

    @property
    def pair(self) -> Pair | None:
        """The pair whose number it goes to."""
        return None if self.entry is None else self.entry.pair

    @property
    def channel(self) -> Channel | None:
        """What it is sent over; None where nothing is sent."""
        return _CHANNELS.get(self)

    @property
    def takes_code(self) -> bool:
        """Whether the answer is a code: a call is answered on the phone."""
        return self.channel is not Channel.VOICE


_ENTRIES: Final = {
    ChallengeMethod.OATH: MethodType.PhoneAppOTP,
    ChallengeMethod.SMS: MethodType.OneWaySMS,
    ChallengeMethod.VOICE_MOBILE: MethodType.TwoWayVoiceMobile,
    ChallengeMethod.VOICE_ALTERNATE_MOBILE: MethodType.TwoWayVoiceAlternateMobile,
    ChallengeMethod.VOICE_OFFICE: MethodType.TwoWayVoiceOffice,
}
_CHANNELS: Final = {
    ChallengeMethod.EMAIL: Channel.MAIL,
    ChallengeMethod.SMS: Channel.SMS,
    ChallengeMethod.VOICE_MOBILE: Channel.VOICE,
    ChallengeMethod.VOICE_ALTERNATE_MOBILE: Channel.VOICE,
    ChallengeMethod.VOICE_OFFICE: Channel.VOICE,
}


class Destination(NamedTuple):
    """Where a challenge goes, as it was when the challenge was made: nobody can move it meanwhile.

    `sealed` opens under `key_id` as the user's number of the pair. Without a pair it is an address, and `sealed` is the keyed
    fingerprint that the user's address must still have. It is None for nobody's, which nothing is ever sent to.
    """

    pair: Pair | None
    masked: str
    numbers: Contact
    """Which number set it is from."""
    sealed: bytes | None = None
    key_id: int = 0


class Enrolment(NamedTuple):
    """A challenge whose right answer registers what it was asked by: the app with this seed, or the number that it goes to.

    `sealed` opens under `key_id` as the seed of the method `method_id`; both are empty for a number.
    """

    method_id: str = ""
    sealed: bytes = b""
    key_id: int = 0


class Origin(NamedTuple):
    """Where a challenge was asked for: what the log of sign-ins is told when it ends without a further request."""

    correlation_id: bytes
    ip_address: str | None = None
    is_browser: bool = False


class Challenge(NamedTuple):
    """One challenge. `user_id` is of nobody where no user has the name that was asked for; then no answer is ever right."""

    challenge_id: bytes
    user_id: bytes
    app_id: bytes
    login: str
    """The name that was asked for, as it may be logged."""
    method: ChallengeMethod
    purpose: str
    state: State
    created_at: datetime
    expires_at: datetime
    is_anybody: bool
    """Whether there is such a user, who has this method."""
    origin: Origin
    destination: Destination | None = None
    language: str = "en"
    sends: int = 0
    """How often it was sent, which is the number of the one code that is right."""
    resend_at: datetime | None = None
    """From when on it may be sent again."""
    enrolment: Enrolment | None = None


_RINGS_ON: Final = timedelta(seconds=15)
"""How long a call goes on ringing from the moment on when it may be placed again: for 45 seconds in all (D.4)."""


def state_at(challenge: Challenge, now: datetime) -> State:
    """Where it stands: one whose time is over has expired, whether or not anybody noted it.

    A call that goes to nobody ends like one that nobody takes.
    """
    if not challenge.state.is_open:
        return challenge.state
    if now >= challenge.expires_at:
        return State.EXPIRED
    to, again = challenge.destination, challenge.resend_at
    if challenge.method.channel is not Channel.VOICE or to is None or to.sealed is not None or again is None:
        return challenge.state
    return State.FAILED if now >= again + _RINGS_ON else challenge.state


def code_from(secret: bytes) -> str:
    """The code that 16 secret bytes stand for: six digits, each as likely as any other (a share of 2**-108 apart)."""
    return f"{int.from_bytes(secret, 'big') % 10**DIGITS:0{DIGITS}d}"


@unique
class AnswerResult(Enum):
    """What becomes of an answer, in Microsoft's words (D.10)."""

    ALREADY_USED = "code already used"
    APPROVED = "completed in the cloud"
    EXPIRED = "never entered code"
    INCORRECT_CODE = "incorrect code"
    LOCKED = "incorrect code too many times"
    OVER = "duplicate attempt"


class Verdict(NamedTuple):
    """What became of an answer, until when the method is locked if it is, and the challenge as it stands once approved."""

    result: AnswerResult
    locked_until: datetime | None = None
    approved: Challenge | None = None
