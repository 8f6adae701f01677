"""What challenges leave behind is cleared away, and not before its time."""

from __future__ import annotations

from datetime import timedelta

from ringfence.application.housekeeping import forget_old_challenges
from ringfence.domain.signin.challenge import KEPT, LIFE, ChallengeMethod
from ringfence.domain.signin.lockout import KEPT as FAILURES_KEPT
from ringfence.domain.signin.lockout import Failures
from tests.api.test_challenges import Kim, kim
from tests.contract.deployments import TENANT

__all__ = ["kim"]


def _held(kim: Kim) -> Failures:
    api = kim.app.api
    with api.joined.services.store.begin() as unit:
        user_id = unit.directory.ids_by_upn(TENANT, [kim.upn])[kim.upn]
        return unit.challenges.hold(TENANT, user_id, ChallengeMethod.OATH, api.clock.now())


def test_old_challenges_go(kim: Kim) -> None:
    """A day after their end; those that are open stay."""
    api, old = kim.app.api, kim.app.challenge(kim.upn)
    api.later((LIFE + KEPT).total_seconds())
    assert 0 == forget_old_challenges(api.joined.services, api.clock.now())
    api.later(1)
    present = kim.app.challenge(kim.upn)
    assert 1 == forget_old_challenges(api.joined.services, api.clock.now())
    assert ("pending", 404) == (kim.app.state(present), kim.app.call("GET", f"/mfa/v1/challenges/{old}").status)


def test_wrong_codes_are_forgotten_thirty_days_after_the_last(kim: Kim) -> None:
    """So that invented names fill nothing; a day earlier they count."""
    api = kim.app.api
    kim.app.answer(kim.app.challenge(kim.upn), kim.app.wrong(kim.token))
    for later, failures in ((FAILURES_KEPT, 1), (timedelta(seconds=1), 0)):
        api.later(later.total_seconds())
        forget_old_challenges(api.joined.services, api.clock.now())
        assert failures == _held(kim).failures
