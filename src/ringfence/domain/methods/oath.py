"""One-time codes by time (TOTP, RFC 6238): which step a code is of, and which are refused.

Sources: domain-rules D.7: six digits, 30 or 60 seconds, SHA-1 or SHA-256, one step of drift to either side at sign-in, no step
twice; RFC 4226 section 5.3 (truncation).
"""

from __future__ import annotations

import hmac
from base64 import b32decode, b32encode
from binascii import Error
from collections.abc import Iterable
from datetime import datetime
from enum import IntEnum, unique
from typing import Final, NamedTuple

DIGITS: Final = 6
DRIFT: Final = 1
"""Steps before and after the present one whose codes are taken."""
PERIODS: Final = (30, 60)
"""Seconds."""
LONGEST_SECRET: Final = 128
"""Characters in Base32."""
_LOW_31_BITS: Final = 0x7FFF_FFFF


@unique
class HashFunction(IntEnum):
    """The hash inside; the value is what the database stores."""

    SHA1 = 1
    SHA256 = 2


class OathToken(NamedTuple):
    """What a token or an app shows codes by. `last_step` is the latest step whose code was accepted."""

    seed: bytes
    period: int = 30
    hash_function: HashFunction = HashFunction.SHA1
    last_step: int | None = None


def step_at(now: datetime, period: int) -> int:
    """The step of an instant: whole periods since 1970."""
    return int(now.timestamp()) // period


def code_of(token: OathToken, step: int) -> str:
    """The code of a step."""
    digest = hmac.digest(token.seed, step.to_bytes(8, "big"), token.hash_function.name.lower())
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & _LOW_31_BITS
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def accepted_step(token: OathToken, code: str, now: datetime) -> int | None:
    """The step that this code is of, if it may be taken now: within the drift, and behind the last one accepted.

    Every step is compared, so that the time does not tell which one it was.
    """
    present, found = step_at(now, token.period), None
    given = code.encode("utf-8", "replace")
    for step in range(present - DRIFT, present + DRIFT + 1):
        is_equal = hmac.compare_digest(code_of(token, step).encode(), given)
        if is_equal and step >= 0 and (token.last_step is None or step > token.last_step):
            found = step
    return found


def was_taken(tokens: Iterable[OathToken], code: str, now: datetime) -> bool:
    """Whether the code is one of these that was accepted before: right, but used."""
    given = code.encode("utf-8", "replace")
    return any(
        token.last_step is not None
        and abs(token.last_step - step_at(now, token.period)) <= DRIFT
        and hmac.compare_digest(code_of(token, token.last_step).encode(), given)
        for token in tokens
    )


def read_secret(text: str) -> bytes | None:
    """The seed of a Base32 secret, in either case, with or without blanks and padding; None for anything else.

    The digits are 2 to 7 (domain-rules T12); an empty secret is none.
    """
    letters = text.replace(" ", "").rstrip("=").upper()
    if not letters or len(letters) > LONGEST_SECRET or not letters.isascii():
        return None
    try:
        return b32decode(letters + "=" * (-len(letters) % 8))
    except Error:
        return None


def write_secret(seed: bytes) -> str:
    """A seed in Base32, without padding."""
    return b32encode(seed).decode().rstrip("=")
