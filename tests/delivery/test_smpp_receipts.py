"""Reading receipts, and joining those of a text in parts."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.application.ports.delivery import DeliveryReceipt
from ringfence.delivery.smpp_receipts import MESSAGE_STATE, RECEIPTED_MESSAGE_ID, AwaitedParts, PartReceipts, read_receipt

# SMPP 3.4, appendix B, with the fields in its order.
_TEXT = b"id:0123456789 sub:001 dlvrd:001 submit date:0105211200 done date:0105211201 stat:%b err:000 text:Your code"

READ: dict[str, tuple[int, bytes, Mapping[int, bytes], DeliveryReceipt | None]] = {
    "delivered": (4, _TEXT % b"DELIVRD", {}, DeliveryReceipt("0123456789", is_delivered=True, status="DELIVRD")),
    "expired": (4, _TEXT % b"EXPIRED", {}, DeliveryReceipt("0123456789", is_delivered=False, status="EXPIRED")),
    "lower-case": (4, b"id:7 stat:delivrd", {}, DeliveryReceipt("7", is_delivered=True, status="DELIVRD")),
    "on-its-way": (4, _TEXT % b"ENROUTE", {}, None),
    "taken-for-the-phone": (4, _TEXT % b"ACCEPTD", {}, None),
    "parameters-go-before": (
        4,
        _TEXT % b"DELIVRD",
        {RECEIPTED_MESSAGE_ID: b"a1\0", MESSAGE_STATE: b"\x05"},
        DeliveryReceipt("a1", is_delivered=False, status="UNDELIV"),
    ),
    "intermediate-notification": (0x20, _TEXT % b"DELIVRD", {}, None),
    "a-phone-s-own-text": (0, _TEXT % b"DELIVRD", {}, None),
    "without-id": (4, b"stat:DELIVRD", {}, None),
}


@pytest.mark.parametrize(("esm_class", "text", "parameters", "receipt"), READ.values(), ids=READ)
def test_reading(esm_class: int, text: bytes, parameters: Mapping[int, bytes], receipt: DeliveryReceipt | None) -> None:
    """Final states count, others do not; and a phone cannot write a receipt by texting its words."""
    assert receipt == read_receipt(esm_class, text, parameters)


@given(st.integers(0, 255), st.binary(), st.dictionaries(st.sampled_from([RECEIPTED_MESSAGE_ID, MESSAGE_STATE]), st.binary()))
def test_whatever_comes_can_be_read(esm_class: int, text: bytes, parameters: dict[int, bytes]) -> None:
    """No deliver_sm raises."""
    read_receipt(esm_class, text, parameters)


def joined(*fates: bool) -> list[DeliveryReceipt]:
    """What comes of the receipts of a text of so many parts, in order."""
    receipts, text = PartReceipts(), AwaitedParts(len(fates))
    for index in range(len(fates)):
        receipts.note(text, f"m{index}")
    said = [DeliveryReceipt(f"m{index}", fate, "DELIVRD" if fate else "UNDELIV") for index, fate in enumerate(fates)]
    return [whole for receipt in said if (whole := receipts.take(receipt)) is not None]


@given(st.lists(st.booleans(), min_size=1, max_size=10))
def test_a_text_has_one_receipt(fates: list[bool]) -> None:
    """Under the first part's reference: delivered when every part is, else failed, and that once."""
    status = "DELIVRD" if all(fates) else "UNDELIV"
    assert [DeliveryReceipt("m0", all(fates), status)] == joined(*fates)


def test_a_receipt_that_overtakes_its_answer() -> None:
    """It waits until the submission is settled, and is then the text's."""
    receipts, text = PartReceipts(), AwaitedParts(2)
    first = receipts.submitting()
    assert receipts.take(DeliveryReceipt("m0", is_delivered=True, status="DELIVRD")) is None
    receipts.note(text, "m0")
    assert [] == receipts.settled(first)
    second = receipts.submitting()
    assert receipts.take(DeliveryReceipt("m1", is_delivered=True, status="DELIVRD")) is None
    receipts.note(text, "m1")
    assert [DeliveryReceipt("m0", is_delivered=True, status="DELIVRD")] == receipts.settled(second)


def test_a_stranger_s_receipt_waits_for_what_was_under_way_alone() -> None:
    """Submissions that began after it cannot be its own, so it does not wait for them."""
    receipts, old = PartReceipts(), DeliveryReceipt("old", is_delivered=True, status="DELIVRD")
    before = receipts.submitting()
    assert receipts.take(old) is None
    after = receipts.submitting()
    assert [old] == receipts.settled(before)
    assert [] == receipts.settled(after)


def test_what_is_not_known_passes() -> None:
    """A receipt for a message of before a restart is handed on as it is."""
    receipt = DeliveryReceipt("old", is_delivered=True, status="DELIVRD")
    assert receipt == PartReceipts().take(receipt)
