"""A sign-in on our pages between its first step and its last: who proved what, and for which request.

It is kept by the server; the browser holds a secret that names it. Sources: lessons 1 (a stage skipped by an empty request: what
was not stored as proved is not proved); D.9 (what is demanded), E.3 (the interrupt).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import IntEnum, unique
from typing import Final, NamedTuple

from ringfence.domain.signin.challenge import ChallengeMethod

LIFE: Final = timedelta(minutes=10)
"""How long a sign-in may take from its first step to its last."""


@unique
class Stage(IntEnum):
    """What is asked next; the value is what the database stores."""

    FACTOR = 1
    """A second proof."""
    REGISTRATION = 2
    """A method, for there is none."""


class SignInFlow(NamedTuple):
    """One sign-in under way.

    `request_hash` is of the request that it is for: with another one it is not found. `methods` are the steps proved so far, as
    the `amr` claim names them. `challenge` is the public id of what is asked now.
    """

    secret_hash: bytes
    user_id: bytes
    app_id: bytes
    stage: Stage
    request_hash: bytes
    authenticated_at: datetime
    methods: tuple[str, ...]
    expires_at: datetime
    challenge: str | None = None


AMR: Final = {
    ChallengeMethod.OATH: "otp",
    ChallengeMethod.SMS: "sms",
    ChallengeMethod.TEMPORARY_ACCESS_PASS: "otp",
    ChallengeMethod.VOICE_MOBILE: "tel",
    ChallengeMethod.VOICE_ALTERNATE_MOBILE: "tel",
    ChallengeMethod.VOICE_OFFICE: "tel",
}
"""What the `amr` claim says of a second proof, beside `mfa` (RFC 8176)."""


def proved(methods: tuple[str, ...], method: ChallengeMethod) -> tuple[str, ...]:
    """The steps after a second proof, each once."""
    return tuple(dict.fromkeys((*methods, AMR[method], "mfa")))
