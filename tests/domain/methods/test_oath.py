"""One-time codes: RFC 6238's own values, the window, and no step twice (domain-rules D.7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.methods.oath import (
    HashFunction,
    OathToken,
    accepted_step,
    code_of,
    read_secret,
    step_at,
    was_taken,
    write_secret,
)

DIGITS: Final = b"1234567890"
NOW: Final = datetime(2026, 11, 24, 12, 0, 10, tzinfo=UTC)
TOKEN: Final = OathToken(DIGITS * 2)


@pytest.mark.parametrize(
    ("seconds", "sha1", "sha256"),
    [
        (59, "287082", "119246"),
        (1111111109, "081804", "084774"),
        (1111111111, "050471", "062674"),
        (1234567890, "005924", "819424"),
        (2000000000, "279037", "698825"),
        (20000000000, "353130", "737706"),
    ],
)
def test_the_values_of_the_standard(seconds: int, sha1: str, sha256: str) -> None:
    """RFC 6238, appendix B: the last six of its eight digits."""
    step = step_at(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds), 30)
    longer = OathToken((DIGITS * 4)[:32], hash_function=HashFunction.SHA256)
    assert (sha1, sha256) == (code_of(TOKEN, step), code_of(longer, step))


@given(offset=st.integers(-5, 5), last=st.none() | st.integers(-5, 5), period=st.sampled_from([30, 60]))
def test_the_window_is_one_step_to_either_side_and_no_step_is_taken_twice(offset: int, last: int | None, period: int) -> None:
    """Keycloak's CVE-2024-7318 took one more; LinOTP's CVE-2019-12887 took one twice."""
    present = step_at(NOW, period)
    token = OathToken(DIGITS, period, HashFunction.SHA1, None if last is None else present + last)
    expected = present + offset if abs(offset) <= 1 and (last is None or offset > last) else None
    assert expected == accepted_step(token, code_of(token, present + offset), NOW)


@pytest.mark.parametrize("code", ["", "00000", "0000000", "12345x", "\uff11\uff12\uff13\uff14\uff15\uff16", "\ud800", "287082 "])
def test_what_is_no_code(code: str) -> None:
    """Refused without a fuss."""
    assert accepted_step(TOKEN, code, NOW) is None


def test_a_code_that_was_taken_is_told_from_a_wrong_one() -> None:
    """Results of D.10: used, or incorrect."""
    step = step_at(NOW, 30)
    taken = TOKEN._replace(last_step=step)
    assert (True, False) == (was_taken([taken], code_of(taken, step), NOW), was_taken([taken], code_of(taken, step - 1), NOW))


@pytest.mark.parametrize(
    ("text", "seed"),
    [
        pytest.param("GEZDGNBVGY3TQOJQ", DIGITS, id="as it is"),
        pytest.param("gezd gnbv gy3t qojq", DIGITS, id="small, in groups"),
        pytest.param("GEZA====", b"12", id="padded"),
        pytest.param("GEZDGNBVGY3TQOJ1", None, id="1 is no digit of Base32 (T12)"),
        pytest.param("", None, id="empty"),
        pytest.param("A" * 136, None, id="over 128 characters"),
        pytest.param("ÄÖ", None, id="other letters"),
        pytest.param("A", None, id="no whole byte"),
    ],
)
def test_secrets_are_read(text: str, seed: bytes | None) -> None:
    """Base32 in either case."""
    assert seed == read_secret(text)


@given(st.binary(min_size=1, max_size=64))
def test_secrets_come_back(seed: bytes) -> None:
    """What is written is read."""
    assert seed == read_secret(write_secret(seed))
