"""Keys pressed during a call."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.signin.call_keys import NO_KEYS, Heard, KeyRules, keys_after_pause, next_keys

_PLAIN: Final = KeyRules("0", must_confirm_fraud=False)
_CONFIRMED: Final = KeyRules("0", must_confirm_fraud=True)
_OFF: Final = KeyRules(None, must_confirm_fraud=False)
_LONG: Final = KeyRules("4711", must_confirm_fraud=False)
_PAUSE: Final = " "
_KEYS: Final = "0123456789*#ABCD"


def heard(rules: KeyRules, pressed: str) -> list[Heard]:
    """What each key, or pause, of a row amounts to."""
    keys, row = NO_KEYS, []
    for key in pressed:
        keys, one = keys_after_pause(keys) if key == _PAUSE else next_keys(rules, keys, key)
        row.append(one)
    return row


ROWS: dict[str, tuple[KeyRules, str, Heard]] = {
    "approve": (_PLAIN, "#", Heard.APPROVED),
    "fraud": (_PLAIN, "0#", Heard.FRAUD),
    "fraud-to-confirm": (_CONFIRMED, "0#", Heard.FRAUD_TO_CONFIRM),
    "fraud-confirmed": (_CONFIRMED, "0#1", Heard.FRAUD),
    "fraud-not-confirmed": (_CONFIRMED, "0#2", Heard.OTHER),
    "pound-confirms-nothing": (_CONFIRMED, "0##", Heard.OTHER),
    "approve-after-not-confirming": (_CONFIRMED, "0#2#", Heard.APPROVED),
    "fraud-off": (_OFF, "0#", Heard.OTHER),
    "another-code": (_LONG, "4711#", Heard.FRAUD),
    "half-a-code": (_LONG, "47#", Heard.OTHER),
    "the-default-beside-another-code": (_LONG, "0#", Heard.OTHER),
    "digit-and-pound": (_PLAIN, "5#", Heard.OTHER),
    "digit-pause": (_PLAIN, "5 ", Heard.OTHER),
    "digit-pause-pound": (_PLAIN, "5 #", Heard.APPROVED),
    "digit-and-pound-then-pound": (_PLAIN, "5##", Heard.APPROVED),
    "pause": (_PLAIN, " ", Heard.NOTHING_YET),
    "zero-twice": (_PLAIN, "00#", Heard.OTHER),
    "star": (_PLAIN, "*#", Heard.OTHER),
}


@pytest.mark.parametrize(("rules", "pressed", "last"), ROWS.values(), ids=ROWS)
def test_rows(rules: KeyRules, pressed: str, last: Heard) -> None:
    """D.4: `#` approves, the code and `#` report fraud, confirmed by `1` where that is asked for, others are asked again."""
    assert last == heard(rules, pressed)[-1]


@given(st.sampled_from([_PLAIN, _CONFIRMED, _OFF, _LONG]), st.text(_KEYS + _PAUSE, max_size=12))
def test_only_a_pound_by_itself_approves(rules: KeyRules, pressed: str) -> None:
    """Whatever was pressed, an approval is a `#` that follows nothing, a pause, or the end of another entry."""
    row = heard(rules, pressed)
    for at, one in enumerate(row):
        if one is Heard.APPROVED:
            assert pressed[at] == "#"
            assert at == 0 or pressed[at - 1] == _PAUSE or row[at - 1] is not Heard.NOTHING_YET


@given(st.text(_KEYS + _PAUSE, max_size=12))
def test_no_fraud_where_it_is_off(pressed: str) -> None:
    """Without fraud reports no keys report fraud."""
    assert not {Heard.FRAUD, Heard.FRAUD_TO_CONFIRM} & set(heard(_OFF, pressed))


def test_an_entry_without_end_stays_short() -> None:
    """Somebody who leans on a key fills no memory, and comes to no code either."""
    keys = NO_KEYS
    for _ in range(1000):
        keys, _heard = next_keys(_PLAIN, keys, "0")
    assert (16, Heard.OTHER) == (len(keys.entry), next_keys(_PLAIN, keys, "#")[1])
