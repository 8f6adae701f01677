"""What is heard at the other end, by a telephone of another make."""

from __future__ import annotations

import asyncio
import datetime as dt
import operator
import shutil
import struct
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from ringfence.application.ports.calls import CallEnd
from ringfence.delivery.prompt_texts import Sentence
from ringfence.delivery.prompts import Prompts
from ringfence.delivery.recordings import to_samples
from tests.conftest import need
from tests.delivery.telephones import QUICK, account_at, call_to, outcome_of
from tests.servers.telephone import telephone

pytestmark = pytest.mark.slow

_STRETCH: Final = 4000
_PIECE: Final = 400
_PATIENT: Final = replace(QUICK, after_greetings=dt.timedelta(seconds=8))


def values(samples: bytes) -> Sequence[int]:
    """Samples as numbers."""
    return struct.unpack(f"<{len(samples) // 2}h", samples)


def product(one: Sequence[int], other: Sequence[int]) -> int:
    """Their inner product."""
    return sum(map(operator.mul, one, other))


def power(one: Sequence[int]) -> int:
    """Its inner product with itself."""
    return product(one, one)


def place_of(said: Sequence[int], at: int, heard: Sequence[int]) -> int:
    """Where half a second of what was said lies in what was heard, by its loudest 50 ms: up to 200 ms later."""
    loudest = max(
        range(at, at + _STRETCH - _PIECE, 100), key=lambda one: product(said[one : one + _PIECE], said[one : one + _PIECE])
    )
    piece = said[loudest : loudest + _PIECE]
    places = range(min(loudest, len(heard) - _PIECE - 1), min(loudest + 1600, len(heard) - _PIECE))
    return at + max(places, key=lambda one: product(piece, heard[one : one + _PIECE])) - loudest


def likeness(said: Sequence[int], heard: Sequence[int]) -> float:
    """The correlation of what was said with what was heard: 1 when it sounds the same, whatever its loudness.

    Half a second at a time is looked for at its place, for a telephone's buffer may take 20 ms out of a pause.
    """
    together, power_said, power_heard = 0, 0, 0
    for at in range(0, len(said) - _STRETCH, _STRETCH):
        place = place_of(said, at, heard)
        one, other = said[at : at + _STRETCH], heard[place : place + _STRETCH]
        together += product(one, other)
        power_said += power(one)
        power_heard += power(other)
    return float(together / (power_said * power_heard) ** 0.5)


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_question_reaches_the_ear(tmp_path: Path, language: str) -> None:
    """A greeting that the synthesiser made is what the telephone records: a correlation of 0.9 at least (0.99 was measured)."""
    need(shutil.which("espeak-ng") and shutil.which("sox"), "espeak-ng and sox (apt-get install -y espeak-ng sox)")
    prompts = Prompts(tmp_path / "prompts")
    said = asyncio.run(prompts.audio(language, frozenset(Sentence)))[Sentence.GREETING]
    call = call_to(language=language, is_fraud_reportable=False)
    with telephone(tmp_path, "#", len(said) / 16000 + 0.5) as phone:
        assert CallEnd.APPROVED == outcome_of(account_at(phone.port), call, voice=prompts)
        assert {"event": "over"} == phone.told()[-1]
    assert likeness(values(said), values(to_samples(phone.recording.read_bytes()))) >= 0.9


def test_an_extension_is_dialled(tmp_path: Path) -> None:
    """The digits of an extension arrive as keys, each once, in order."""
    with telephone(tmp_path, "#", 4) as phone:
        assert CallEnd.APPROVED == outcome_of(account_at(phone.port), call_to("+1 4255550100x9073"), spans=_PATIENT)
        assert list("9073") == [event["key"] for event in phone.told() if event["event"] == "key"]


def test_fraud_from_a_telephone_of_another_make(tmp_path: Path) -> None:
    """Keys in the way of PJSIP, one upon the other, report fraud too."""
    with telephone(tmp_path, "0#", 0.3) as phone:
        assert CallEnd.FRAUD == outcome_of(account_at(phone.port), call_to())
