"""Receipts of an SMSC: reading one, and joining those of a text in parts.

Owns the text's grammar, the optional parameters that go before it, and which states are final. Source: SMPP 3.4, appendix B,
5.2.28 (message_state), 5.3.2.12 (receipted_message_id) and 5.2.12 (esm_class).
"""

from __future__ import annotations

import itertools
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ringfence.application.ports.delivery import DeliveryReceipt

RECEIPTED_MESSAGE_ID: Final = 0x001E
MESSAGE_STATE: Final = 0x0427
_TYPE_BITS: Final = 0x3C
_IS_RECEIPT: Final = 0x04
_DELIVERED: Final = "DELIVRD"
_FAILED: Final = frozenset({"DELETED", "EXPIRED", "REJECTD", "UNDELIV", "UNKNOWN"})
_STATES: Final = {2: _DELIVERED, 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 7: "UNKNOWN", 8: "REJECTD"}
"""Final states by their number; 1 (on its way) and 6 (taken for the phone) are not."""
_ID: Final = re.compile(rb"\bid:(\S{1,64})", re.IGNORECASE)
_STAT: Final = re.compile(rb"\bstat:([A-Z]{2,10})", re.IGNORECASE)
_MOST_AWAITED: Final = 10_000


def read_receipt(esm_class: int, text: bytes, parameters: Mapping[int, bytes]) -> DeliveryReceipt | None:
    """The receipt in a deliver_sm; None when it is none, is not final, or does not say whose."""
    if esm_class & _TYPE_BITS != _IS_RECEIPT:
        return None
    reference = parameters.get(RECEIPTED_MESSAGE_ID, b"").rstrip(b"\0") or _found(_ID, text)
    state = parameters.get(MESSAGE_STATE)
    status = _STATES.get(int.from_bytes(state)) if state else _found(_STAT, text).decode("ascii").upper()
    if not reference or not (status == _DELIVERED or status in _FAILED):
        return None
    return DeliveryReceipt(reference.decode("ascii", "replace"), status == _DELIVERED, status)


def _found(pattern: re.Pattern[bytes], text: bytes) -> bytes:
    match = pattern.search(text)
    return match[1] if match else b""


@dataclass(slots=True)
class AwaitedParts:
    """A text in parts: how many of them no receipt has come for, and their references, the first of which is the text's."""

    missing: int
    references: list[str] = field(default_factory=list)


class PartReceipts:
    """Makes one receipt of those of a text's parts: delivered with the last part, failed with the first that fails.

    A receipt may overtake the answer that says whose it is. So one that nobody knows is held until every submission of before
    it is settled; one still unknown then passes as it is, for it belongs to an earlier run. Remembers the latest
    10,000 parts.
    """

    def __init__(self) -> None:
        """Nothing is awaited yet."""
        self._awaited: OrderedDict[str, AwaitedParts] = OrderedDict()
        self._serials = itertools.count(1)
        self._latest = 0
        self._under_way: dict[int, None] = {}
        self._held: list[tuple[int, DeliveryReceipt]] = []

    def submitting(self) -> int:
        """A part is about to go; the serial is for `settled`."""
        self._latest = next(self._serials)
        self._under_way[self._latest] = None
        return self._latest

    def note(self, text: AwaitedParts, reference: str) -> None:
        """A further part of this text was taken under this reference."""
        text.references.append(reference)
        self._awaited[reference] = text
        if len(self._awaited) > _MOST_AWAITED:
            self._awaited.popitem(last=False)

    def settled(self, serial: int) -> list[DeliveryReceipt]:
        """A submission is over, noted if it was taken; the receipts that this makes known."""
        del self._under_way[serial]
        if not self._held:
            return []
        oldest = next(iter(self._under_way), self._latest + 1)
        held, self._held = self._held, []
        known: list[DeliveryReceipt | None] = []
        for latest, receipt in held:
            if latest < oldest or receipt.reference in self._awaited:
                known.append(self._joined(receipt))
            else:
                self._held.append((latest, receipt))
        return [receipt for receipt in known if receipt is not None]

    def take(self, receipt: DeliveryReceipt) -> DeliveryReceipt | None:
        """The receipt of the whole text, once it is known."""
        if receipt.reference in self._awaited or not self._under_way or len(self._held) >= _MOST_AWAITED:
            return self._joined(receipt)
        self._held.append((self._latest, receipt))
        return None

    def _joined(self, receipt: DeliveryReceipt) -> DeliveryReceipt | None:
        text = self._awaited.pop(receipt.reference, None)
        if text is None:
            return receipt
        text.missing -= 1
        if text.missing < 0 or (receipt.is_delivered and text.missing > 0):
            return None
        if not receipt.is_delivered:
            text.missing = 0  # whatever the others say, the text is not whole
        return DeliveryReceipt(text.references[0], receipt.is_delivered, receipt.status)
