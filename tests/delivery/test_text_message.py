"""The message that every sender takes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from ringfence.application.ports.delivery import TextMessage
from tests.delivery.messages import NOW, text_to

REFUSED: dict[str, dict[str, Any]] = {
    "identifier-of-fifteen": {"message_id": bytes(15)},
    "number-without-space": {"number": "+4915112345678"},
    "number-with-extension": {"number": "+1 4255550100x123"},
    "number-without-plus": {"number": "49 15112345678"},
    "number-with-a-line-end": {"number": "+49 15112345678\n"},
    "other-digits": {"number": "+49 ١٥١١٢٣٤٥٦٧٨"},
    "instant-without-zone": {"expires_at": NOW.replace(tzinfo=None)},
}


@pytest.mark.parametrize("fields", REFUSED.values(), ids=REFUSED)
def test_refused(fields: dict[str, Any]) -> None:
    """What is not canonical does not become a message."""
    right: dict[str, Any] = {"message_id": bytes(16), "number": "+49 15112345678", "text": "Hello", "expires_at": NOW}
    with pytest.raises(ValueError, match=r"16 bytes|canonical|zone"):
        TextMessage(**(right | fields))


def test_neither_number_nor_text_is_shown() -> None:
    """`repr` of a message may reach a log."""
    shown = repr(text_to("+49 15112345678", "Your code is 123456.", dt.timedelta(minutes=5)))
    assert not any(secret in shown for secret in ("15112345678", "123456."))


def test_digits() -> None:
    """What goes over the wire has neither sign nor space."""
    assert "4915112345678" == text_to("+49 15112345678").digits
