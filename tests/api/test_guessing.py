"""Guessing: a hundred sessions at once get no more tries than one (lessons: AuthQuake)."""

from __future__ import annotations

import itertools
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pytest

from ringfence.application.mfa.answers import answer_challenge
from ringfence.domain.identity.sign_ins import Attempt, ClientApp
from ringfence.domain.methods.oath import DIGITS, DRIFT
from ringfence.domain.signin.challenge import AnswerResult
from ringfence.domain.signin.lockout import FAILURES, guessing_probability
from tests.api.test_challenges import Kim, kim
from tests.contract.deployments import TENANT

__all__ = ["kim"]

pytestmark = pytest.mark.slow

_SESSIONS: Final = 100
_GUESSES: Final = 10_000
_AT_ONCE: Final = 16


def test_ten_thousand_guesses_over_a_hundred_sessions(kim: Kim) -> None:
    """The codes that are looked at are those before the lock; all others are refused unseen, the right one too."""
    api = kim.app.api
    attempt = Attempt(kim.app.application.app_id, "till", ClientApp.NATIVE, None, bytes(16))
    sessions = [kim.app.challenge(kim.upn) for _ in range(_SESSIONS)]
    right = {kim.app.shown(kim.token, ahead) for ahead in (-1, 0, 1)}
    wrong = itertools.islice((code for number in range(10**DIGITS) if (code := f"{number:06d}") not in right), _GUESSES)

    def guess(session: str, code: str) -> AnswerResult:
        return answer_challenge(api.identity, TENANT, attempt, (session, code), api.clock.now()).result

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        results = Counter(pool.map(guess, itertools.cycle(sessions), wrong))
    looked_at = results[AnswerResult.INCORRECT_CODE] + 1  # the one that locked it is told as locked
    chance = guessing_probability(looked_at, 10**DIGITS, 2 * DRIFT + 1)
    print(f"{_GUESSES} guesses, {looked_at} looked at: one in {1 / chance:,.0f} is right")  # noqa: T201 - for whoever asks how safe it is
    assert (FAILURES, _GUESSES - FAILURES + 1) == (looked_at, results[AnswerResult.LOCKED])
    assert AnswerResult.LOCKED is guess(kim.app.challenge(kim.upn), kim.app.shown(kim.token))
