"""What the pages say of a refusal of the send guard."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ringfence.domain.signin.send_guard import Refused, SendRefusal
from ringfence.oauth.second_words import limit_problem
from tests.contract.clocks import IN_WINDOW


@pytest.mark.parametrize("reason", [SendRefusal.USER, SendRefusal.USER_DAY])
def test_the_end_of_an_own_limit_is_told(reason: SendRefusal) -> None:
    """Of both, and another number makes no difference: the form is not offered again."""
    found = limit_problem(Refused(reason, IN_WINDOW + timedelta(minutes=4)), IN_WINDOW, "")
    assert (True, True) == ("in 4 minutes" in found.words, found.is_limit)


def test_a_long_wait_is_told_in_hours() -> None:
    """Begun ones count."""
    refused = Refused(SendRefusal.USER_DAY, IN_WINDOW + timedelta(hours=22, minutes=10))
    assert "in 23 hours" in limit_problem(refused, IN_WINDOW, "").words


def test_the_end_of_a_limit_of_others_is_not_told() -> None:
    """It would say how much the whole organization sends."""
    assert "later" in limit_problem(Refused(SendRefusal.TENANT, IN_WINDOW + timedelta(minutes=4)), IN_WINDOW, "").words
