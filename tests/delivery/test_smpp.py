"""Texts over SMPP, to an SMSC that shares no code with the client."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from ringfence.application.ports.delivery import (
    Accepted,
    DeliveryReceipt,
    Later,
    LaterReason,
    RefusalReason,
    Refused,
    SendOutcome,
    Unknown,
)
from ringfence.delivery.smpp import SmppSender
from ringfence.delivery.smpp_account import Patience, SmppAccount
from tests.delivery.messages import NOW, SECONDS, Receipts, run, send_until_settled, text_to, until
from tests.servers.certificates import write_certificates
from tests.servers.smsc import PASSWORD, USER, MessageCentre, message_centre

_SHORT: Final = dt.timedelta(milliseconds=20)
_PATIENCE: Final = Patience(dt.timedelta(seconds=1), dt.timedelta(seconds=1), _SHORT, _SHORT * 5)
_MAX: Final = "+49 15112345"
pytestmark = pytest.mark.slow  # for they need a server beyond PostgreSQL


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MessageCentre]:
    """An SMSC for all tests that leave it running; each uses numbers of its own."""
    with message_centre(tmp_path_factory.mktemp("smsc")) as one:
        yield one


@contextlib.asynccontextmanager
async def bound(port: int, receipts: Receipts | None = None, **account: Any) -> AsyncIterator[SmppSender]:  # noqa: ANN401 - fields
    """A sender between start and stop."""
    wanted: dict[str, Any] = {
        "host": "127.0.0.1",
        "system_id": USER,
        "password": PASSWORD,
        "source": "Ringfence",
        "patience": _PATIENCE,
    }
    sender = SmppSender(SmppAccount(port=port, **(wanted | account)), (Receipts() if receipts is None else receipts).append)
    await sender.start()
    try:
        yield sender
    finally:
        await sender.stop()


def outcome_of(centre: MessageCentre, number: str, text: str = "Your code is 123456.", **account: Any) -> SendOutcome:  # noqa: ANN401 - fields
    """What one message's fate is."""
    outcomes: list[SendOutcome] = []

    async def send() -> None:
        async with bound(centre.port, **account) as sender:
            outcomes.append(await sender.send(text_to(number, text), NOW))

    run(send())
    return outcomes[0]


def submitted(centre: MessageCentre, number: str, count: int = 1) -> list[dict[str, Any]]:
    """What the SMSC got for a number."""
    digits = number[1:].replace(" ", "")
    got = centre.wait_for("submit", count, lambda event: event["number"] == digits)
    assert count == len(got), got
    return got


def test_what_is_submitted(centre: MessageCentre) -> None:
    """An international number, a named source, a wanted receipt, and the time left to live, in SMPP's form."""
    assert isinstance(outcome_of(centre, f"{_MAX}001", "Code: 1€"), Accepted)
    got = submitted(centre, f"{_MAX}001")[0]
    assert 290 < got.pop("secondsLeft") <= 301
    assert {
        "event": "submit",
        "number": "4915112345001",
        "text": "Code: 1€",
        "header": "",
        "source": ["Ringfence", 5, 0],
        "destination": [1, 1],
        "coding": 0,
        "wantsReceipt": 1,
    } == got


RECEIPTS = {
    "delivered": (f"{_MAX[:-1]}1002", True, "DELIVRD"),
    "undelivered-after-on-its-way": (f"{_MAX}104", False, "UNDELIV"),
    "in-text-alone": (f"{_MAX}108", True, "DELIVRD"),
    "in-parameters-alone": (f"{_MAX}109", True, "DELIVRD"),
}


@pytest.mark.parametrize(("number", "is_delivered", "status"), RECEIPTS.values(), ids=RECEIPTS)
def test_receipts(centre: MessageCentre, number: str, is_delivered: bool, status: str) -> None:  # noqa: FBT001 - a table's column
    """The final state comes once, with the reference of the acceptance; a state on the way does not count."""

    async def send() -> None:
        receipts = Receipts()
        async with bound(centre.port, receipts) as sender:
            outcome = await sender.send(text_to(number), NOW)
            assert isinstance(outcome, Accepted)
            await until(lambda: receipts)
        assert [DeliveryReceipt(outcome.reference, is_delivered, status)] == receipts

    run(send())


def test_no_receipt(centre: MessageCentre) -> None:
    """A message that no receipt follows stays accepted, and those after it get theirs."""

    async def send() -> None:
        receipts = Receipts()
        async with bound(centre.port, receipts) as sender:
            silent = await sender.send(text_to(f"{_MAX}105"), NOW)
            spoken = await sender.send(text_to(f"{_MAX}003"), NOW)
            assert isinstance(silent, Accepted)
            assert isinstance(spoken, Accepted)
            await until(lambda: receipts.of(spoken.reference))
        assert [] == receipts.of(silent.reference)

    run(send())


@pytest.mark.parametrize(("number", "tries"), [(f"{_MAX}101", 2), (f"{_MAX}102", 1)], ids=["throttled", "queue-full"])
def test_throttled_then_accepted(centre: MessageCentre, number: str, tries: int) -> None:
    """A throttle is `Later`, during its pause nothing is submitted, and after it the message goes."""

    async def send() -> None:
        async with bound(centre.port) as sender:
            outcome, earlier = await send_until_settled(sender, text_to(number))
        assert isinstance(outcome, Accepted)
        assert {LaterReason.THROTTLED} == {later.reason for later in earlier}

    run(send())
    submitted(centre, number, tries + 1)


def test_a_throttle_holds_for_all(centre: MessageCentre) -> None:
    """During the pause, a message to another number is `Later` too, and the SMSC does not hear of it."""

    async def send() -> None:
        patience = Patience(_PATIENCE.for_bind, _PATIENCE.for_answer, dt.timedelta(seconds=60), dt.timedelta(seconds=60))
        async with bound(centre.port, patience=patience) as sender:
            await sender.send(text_to("+43 66412345101"), NOW)
            outcome = await sender.send(text_to("+43 66412345001"), NOW)
        assert isinstance(outcome, Later)
        assert dt.timedelta(seconds=50) < outcome.after <= dt.timedelta(seconds=60)

    run(send())
    submitted(centre, "+43 66412345001", 0)


FATES = {
    "invalid-destination": (f"{_MAX}103", Refused(RefusalReason.DESTINATION)),
    "no-answer": (f"{_MAX}106", Unknown(None)),
    "connection-cut": (f"{_MAX}107", Unknown(None)),
    "its-own-fault": (f"{_MAX}111", Later(_SHORT, LaterReason.FAULT)),
}


@pytest.mark.parametrize(("number", "fate"), FATES.values(), ids=FATES)
def test_fates(centre: MessageCentre, number: str, fate: SendOutcome) -> None:
    """What the SMSC refuses is refused; what it does not answer may have been sent, and is not sent again."""
    assert fate == outcome_of(centre, number)
    submitted(centre, number)


def test_a_nack_is_an_answer(centre: MessageCentre) -> None:
    """An SMSC may throttle by a generic_nack (SMPP 3.4, 4.3), which says as well that nothing was sent."""
    outcome = outcome_of(centre, f"{_MAX}112")
    assert isinstance(outcome, Later)
    assert LaterReason.THROTTLED == outcome.reason


def test_wrong_password(centre: MessageCentre) -> None:
    """A refused bind is a matter of configuration, which another sender may not share."""
    outcome = outcome_of(centre, f"{_MAX}004", password="wrong")  # noqa: S106 - wrong indeed
    assert Refused(RefusalReason.CONFIGURATION) == outcome
    submitted(centre, f"{_MAX}004", 0)


def test_nobody_there(centre: MessageCentre) -> None:
    """A link that never came about is `Later`: nothing was sent."""
    outcome = outcome_of(centre._replace(port=1), f"{_MAX}005")
    assert isinstance(outcome, Later)
    assert LaterReason.UNREACHABLE == outcome.reason


def test_expired(centre: MessageCentre) -> None:
    """A dead code is not sent."""

    async def send() -> None:
        async with bound(centre.port) as sender:
            message = text_to(f"{_MAX}006", lasts=dt.timedelta())
            assert Refused(RefusalReason.EXPIRED) == await sender.send(message, NOW)

    run(send())
    submitted(centre, f"{_MAX}006", 0)


def test_a_long_cyrillic_text(centre: MessageCentre) -> None:
    """It goes in two parts of UCS-2 under one reference, and has one receipt, with the last part's."""
    text = "Ваш код подтверждения: 123456. Никому его не сообщайте, даже сотрудникам службы поддержки."  # noqa: RUF001

    async def send() -> None:
        receipts = Receipts()
        async with bound(centre.port, receipts) as sender:
            outcome = await sender.send(text_to(f"{_MAX}007", text), NOW)
            assert isinstance(outcome, Accepted)
            await until(lambda: receipts)
        assert [DeliveryReceipt(outcome.reference, is_delivered=True, status="DELIVRD")] == receipts

    run(send())
    first, second = submitted(centre, f"{_MAX}007", 2)
    assert text == first["text"] + second["text"]
    assert (8, 8) == (first["coding"], second["coding"])
    assert (first["header"][-4:], second["header"][-4:]) == ("0201", "0202")


def test_half_a_text(centre: MessageCentre) -> None:
    """When the second part is throttled for good, a part is out: the outcome is unknown, and names it."""
    outcome = outcome_of(centre, f"{_MAX}110", "ж" * 100)
    assert isinstance(outcome, Unknown)
    assert outcome.reference is not None
    submitted(centre, f"{_MAX}110", 4)


def test_killed_and_started_again(tmp_path: Path) -> None:
    """After the SMSC is killed a message is `Later`; once it is there again, messages go, without anybody's help."""

    async def send() -> None:
        with message_centre(tmp_path) as first:
            async with bound(first.port) as sender:
                assert isinstance(await sender.send(text_to(f"{_MAX}001"), NOW), Accepted)
                first.kill()
                outcome = await sender.send(text_to(f"{_MAX}002"), NOW)
                assert isinstance(outcome, Later | Unknown)
                with message_centre(tmp_path, first.port) as second:
                    outcome, _ = await send_until_settled(sender, text_to(f"{_MAX}003"))
                    assert isinstance(outcome, Accepted)
                    submitted(second, f"{_MAX}003")

    run(send())


def test_a_link_gone_mute_is_bound_anew(centre: MessageCentre) -> None:
    """Three messages without an answer, and the link is taken for dead."""

    async def send() -> None:
        binds = len(centre.events("bind"))
        async with bound(centre.port, patience=_PATIENCE) as sender:
            outcomes = await asyncio.gather(*(sender.send(text_to(f"+41 7911{end}106"), NOW) for end in "123"))
            assert [Unknown(None)] * 3 == outcomes
            await until(lambda: len(centre.events("bind")) == binds + 2)

    run(send())


def test_over_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With TLS the certificate has to stand under the trust store; another authority's server gets neither bind nor text."""
    trusted, strange = tmp_path / "trusted", tmp_path / "strange"
    for folder in (trusted, strange):
        folder.mkdir()
    files = write_certificates(trusted, ["localhost"], ["127.0.0.1"])
    monkeypatch.setenv("SSL_CERT_FILE", str(files.authority))
    with message_centre(trusted, tls=files) as right:
        assert isinstance(outcome_of(right, f"{_MAX}001", is_tls=True), Accepted)
    with message_centre(strange, tls=write_certificates(strange, ["localhost"], ["127.0.0.1"])) as wrong:
        assert isinstance(outcome_of(wrong, f"{_MAX}001", is_tls=True), Later)
        assert [] == wrong.events("bind")


def test_the_window_holds(centre: MessageCentre) -> None:
    """No more messages are without an answer at a time than the account may have (SMPP 3.4, 2.9.1)."""

    async def send() -> None:
        async with bound(centre.port, window=5) as sender:
            outcomes = await asyncio.gather(*(sender.send(text_to(f"+47 400{end:02}113"), NOW) for end in range(30)))
            assert {Accepted} == {type(outcome) for outcome in outcomes}

    run(send())
    assert 1 < max(event["underWay"] for event in centre.wait_for("slow", 30)) <= 5


def test_stopped_before_the_first_try_is_over() -> None:
    """Who stops while nobody answers waits for nothing, and leaves nothing running."""

    async def stop() -> None:
        with socket.create_server(("127.0.0.1", 0)) as mute:
            port = int(mute.getsockname()[1])
            patience = Patience(dt.timedelta(minutes=1), _SHORT, _SHORT, _SHORT)
            sender = SmppSender(SmppAccount("127.0.0.1", port, USER, PASSWORD, "Ringfence", patience=patience), Receipts().append)
            starting = asyncio.create_task(sender.start())
            await asyncio.sleep(0)
            async with asyncio.timeout(SECONDS):
                await sender.stop()
                await starting
        assert {asyncio.current_task()} == asyncio.all_tasks()

    asyncio.run(stop())


def test_two_thousand_texts(centre: MessageCentre) -> None:
    """All are taken, and each has its receipt. How long they take is measured in `./dev bench texts`."""

    async def send() -> None:
        receipts = Receipts()
        messages = [text_to(f"+44 77{number:05}001") for number in range(2000)]
        async with bound(centre.port, receipts) as sender:
            outcomes = await asyncio.gather(*(sender.send(message, NOW) for message in messages))
            assert {Accepted} == {type(outcome) for outcome in outcomes}
            await until(lambda: len(receipts) >= 2000)
        assert 2000 == len({receipt.reference for receipt in receipts})

    run(send())
