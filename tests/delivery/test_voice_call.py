"""What a call may say, and which numbers are dialled."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from ringfence.application.ports.calls import VoiceCall
from ringfence.delivery.dialling import dialled_digits
from tests.delivery.messages import NOW
from tests.delivery.telephones import call_to

REFUSED: dict[str, dict[str, Any]] = {
    "identifier-of-fifteen": {"call_id": bytes(15)},
    "number-without-country": {"number": "4255550100"},
    "number-without-space": {"number": "+14255550100"},
    "number-with-letters": {"number": "+1 425555HELP"},
    "number-of-arabic-digits": {"number": "+1 ٤٢٥٥٥٥٠١٠٠"},
    "extension-of-eleven": {"number": "+1 4255550100x12345678901"},
    "number-with-more-after": {"number": "+1 4255550100;phone-context=x"},
    "language-of-a-path": {"language": "../en"},
    "naive-end": {"expires_at": dt.datetime(2026, 11, 24)},  # noqa: DTZ001 - that is the point
    "code-of-letters": {"fraud_code": "a"},
}


@pytest.mark.parametrize("fields", REFUSED.values(), ids=REFUSED)
def test_refused(fields: dict[str, Any]) -> None:
    """What no caller of ours should hand over is refused at once."""
    right: dict[str, Any] = {"call_id": bytes(16), "number": "+1 4255550100", "language": "en", "expires_at": NOW}
    with pytest.raises(ValueError, match=r"has|is|goes|needs"):
        VoiceCall(**(right | fields))


def test_the_number_stays_out_of_repr() -> None:
    """A call that lands in a log tells nobody's number."""
    assert "4255550100" not in repr(call_to("+1 4255550100x123"))


def test_parts_of_a_number() -> None:
    """The extension is no part of what is dialled."""
    call = call_to("+1 4255550100x123")
    assert ("14255550100", "4255550100", "123") == (call.digits, call.national, call.extension)


DIALLED: dict[str, tuple[str, str | None]] = {
    "mobile": ("+49 15112345678", "4915112345678"),
    "office": ("+1 4255550100x123", "14255550100"),
    "italian-zero": ("+39 0612345678", "390612345678"),
    "fifteen-digits": ("+49 1234567890123", "491234567890123"),
    "sixteen-digits": ("+49 12345678901234", None),
    "112-behind-a-zero": ("+49 0112", None),
    "911-behind-zeros": ("+1 00911", None),
    "area-code-911": ("+1 9115550100", None),
    "area-code-411": ("+1 4115550100", None),
    "extension-911": ("+1 4255550100x911", None),
    "extension-dials-out": ("+49 30123456x0112", None),
    "extension-like-it": ("+49 30123456x1120", "4930123456"),
    "begins-like-it": ("+44 1122334455", "441122334455"),
}


@pytest.mark.parametrize(("number", "digits"), DIALLED.values(), ids=DIALLED)
def test_dialled(number: str, digits: str | None) -> None:
    """No form of a number that could reach an emergency service is dialled, nor one longer than E.164 has."""
    assert digits == dialled_digits(call_to(number))
