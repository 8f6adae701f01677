"""Password hashes: Argon2id, a few at a time.

Owns: the algorithm, its cost, and how many are computed at once. Does not own: which passwords are good enough, and what a wrong
one leads to.

A password is hashed as the UTF-8 of its NFC form, so that it is the same one from every keyboard (RFC 8265 4.2.2; a Mac may send
an accent as a character of its own). Nothing else is changed: no trimming, no case, no cutting off.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import threading
import unicodedata
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from argon2 import Parameters, PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from ringfence.domain.errors import ErrorCode, UnavailableError

LONGEST: Final = 256
"""Characters, as given: Entra's limit, and it keeps the work before the hash small."""

OWASP_LEAST: Final = Parameters(
    type=Type.ID, version=19, salt_len=16, hash_len=32, time_cost=2, memory_cost=19 * 1024, parallelism=1
)
"""OWASP's Password Storage Cheat Sheet, least for Argon2id: 19 MiB, two passes, one lane. More would be fewer sign-ins a second
on one core, and guessing over the network is stopped by the lockout long before the cost of a hash matters."""

PATIENCE: Final = timedelta(seconds=3)

_HASH: Final = re.compile(r"\$argon2id\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{16,}")


class Argon2Passwords:
    """`PasswordHasher` with Argon2id."""

    def __init__(self, at_once: int = 2, parameters: Parameters = OWASP_LEAST, patience: timedelta = PATIENCE) -> None:
        """Hash `at_once` in this process and let others wait for `patience`: a flood of sign-ins must not take all cores."""
        self._hasher = PasswordHasher.from_parameters(parameters)
        self._turns = threading.Semaphore(at_once)
        self._patience = patience.total_seconds()
        self._nobody = _hash_of_nothing(parameters)

    def hash(self, password: str) -> str:
        """A hash that names its own parameters; raises `ValueError` for what cannot be a password."""
        text = _bytes(password)
        if text is None:
            message = f"a password has 1 to {LONGEST} characters"
            raise ValueError(message)
        with self._turn():
            return self._hasher.hash(text)

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is the one that was hashed; None does the same work and is False."""
        text = _bytes(password)
        if text is None:  # at once, whoever the user is: it tells nothing but what the caller sent
            return False
        known = password_hash if password_hash and _HASH.fullmatch(password_hash) else None
        with self._turn():
            try:
                self._hasher.verify(known or self._nobody, text)
            except VerifyMismatchError:
                return False
        return known is not None

    def needs_rehash(self, password_hash: str) -> bool:
        """Whether it was made with other parameters than today's."""
        try:
            return self._hasher.check_needs_rehash(password_hash)
        except InvalidHashError:
            return True

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=self._patience):
            raise UnavailableError(ErrorCode.SERVICE_BUSY)
        try:
            yield
        finally:
            self._turns.release()


def _bytes(password: str) -> bytes | None:
    if not 1 <= len(password) <= LONGEST:
        return None
    try:
        return unicodedata.normalize("NFC", password).encode("utf-8")
    except UnicodeEncodeError:  # half of a surrogate pair is no character
        return None


def _hash_of_nothing(parameters: Parameters) -> str:
    """A hash by no password, that costs as much to check as a real one; made without hashing, so that starting is cheap."""
    cost = f"m={parameters.memory_cost},t={parameters.time_cost},p={parameters.parallelism}"
    parts = (b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (parameters.salt_len, parameters.hash_len))
    return f"$argon2id$v={parameters.version}${cost}${'$'.join(parts)}"
