"""Password hashes: the right one only, what they cost, and what happens when too many come at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Final

import pytest
from argon2 import Parameters, Type, extract_parameters
from hypothesis import given
from hypothesis import strategies as st

from ringfence.crypto.passwords import LONGEST, OWASP_LEAST, Argon2Passwords
from ringfence.domain.errors import ErrorCode, UnavailableError

CHEAP: Final = Parameters(type=Type.ID, version=19, salt_len=8, hash_len=16, time_cost=1, memory_cost=8, parallelism=1)
PASSWORDS: Final = Argon2Passwords(parameters=CHEAP)
CHARACTERS: Final = st.characters(exclude_categories=["Cs"])
TEXT: Final = st.text(CHARACTERS, min_size=1, max_size=LONGEST)


def test_the_cost_is_owasps() -> None:
    """Argon2id, 19 MiB, two passes, one lane, a salt of 16 bytes: OWASP's Password Storage Cheat Sheet, Argon2id."""
    assert Parameters(Type.ID, 19, 16, 32, 2, 19456, 1) == extract_parameters(Argon2Passwords().hash("Tr0ub4dor&3"))


@given(TEXT)
def test_the_right_password_is_right(password: str) -> None:
    """Whatever characters it has, up to the longest."""
    assert True is PASSWORDS.verify(PASSWORDS.hash(password), password)


@pytest.mark.parametrize(
    "other", ["correct horse ", "Correct horse", "correct hors", "correct horse\0", "", "correct horse" * 20], ids=repr
)
def test_a_near_miss_is_wrong(other: str) -> None:
    """No trimming, no case, no cutting off at any length or at a zero byte."""
    assert False is PASSWORDS.verify(PASSWORDS.hash("correct horse"), other)


def test_an_accent_is_the_same_from_every_keyboard() -> None:
    """One character, or a letter and a combining accent: RFC 8265 4.2.2 rule 4 (NFC)."""
    assert True is PASSWORDS.verify(PASSWORDS.hash("caf\N{LATIN SMALL LETTER E WITH ACUTE}"), "cafe\N{COMBINING ACUTE ACCENT}")


@pytest.mark.parametrize("password", ["", "x" * 257, "half a pair \ud83d"], ids=["empty", "257 characters", "surrogate"])
def test_what_is_no_password_is_not_hashed(password: str) -> None:
    """It raises, and at a check it is simply wrong."""
    with pytest.raises(ValueError, match="1 to 256 characters"):
        PASSWORDS.hash(password)
    assert False is PASSWORDS.verify(PASSWORDS.hash("x" * 256), password)


@given(TEXT)
def test_nobody_has_a_password(password: str) -> None:
    """A user who is unknown or has no password is refused, whatever is tried."""
    assert False is PASSWORDS.verify(None, password)


def test_nobody_costs_as_much_as_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same Argon2 parameters are worked through, so the time tells nothing about who exists."""
    worked: list[Parameters] = []
    monkeypatch.setattr(
        "argon2._password_hasher.verify_secret", lambda encoded, *_: worked.append(extract_parameters(encoded.decode()))
    )
    passwords = Argon2Passwords()
    assert (True, False) == (passwords.verify(passwords.hash("x"), "x"), passwords.verify(None, "x"))
    assert [OWASP_LEAST, OWASP_LEAST] == worked


@pytest.mark.parametrize("stored", ["", "x", "$argon2id$", "$2b$12$" + "a" * 53], ids=repr)
def test_what_is_no_hash_lets_nobody_in(stored: str) -> None:
    """An empty or foreign text in the database is not equal to anything, and wants to be replaced."""
    assert (False, True) == (PASSWORDS.verify(stored, "x"), PASSWORDS.needs_rehash(stored))


def test_a_hash_at_another_cost_is_still_checked_and_is_to_be_replaced() -> None:
    """So the cost can be raised without asking anybody for a new password."""
    old, today = PASSWORDS.hash("correct horse"), Argon2Passwords()
    assert (True, True, False) == (
        today.verify(old, "correct horse"),
        today.needs_rehash(old),
        today.needs_rehash(today.hash("x")),
    )


@pytest.mark.parametrize("work", [lambda p: p.hash("x"), lambda p: p.verify(None, "x")], ids=["hash", "verify"])
def test_who_waits_too_long_is_told_so(work: object) -> None:
    """No slot becomes free in the time that one waits."""
    busy = Argon2Passwords(at_once=0, parameters=CHEAP, patience=timedelta(0))
    assert callable(work)
    with pytest.raises(UnavailableError) as caught:
        work(busy)
    assert ErrorCode.SERVICE_BUSY is caught.value.code


def test_a_slot_is_given_back_whatever_happens() -> None:
    """One slot serves right, wrong and foreign hashes from many threads, one after the other."""
    passwords = Argon2Passwords(at_once=1, parameters=CHEAP)
    stored = [passwords.hash("x"), passwords.hash("y"), "no hash", None] * 8
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda one: passwords.verify(one, "x"), stored))
    assert [True, False, False, False] * 8 == found


def test_no_more_than_the_cap_are_hashed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """While one is at work, the only slot is taken: the second, asked from within, is told that it is busy."""
    passwords = Argon2Passwords(at_once=1, parameters=CHEAP, patience=timedelta(0))
    stored = passwords.hash("x")

    def verify_secret(*_: object) -> bool:
        with pytest.raises(UnavailableError):
            passwords.verify(None, "x")
        return True

    monkeypatch.setattr("argon2._password_hasher.verify_secret", verify_secret)
    assert True is passwords.verify(stored, "x")
