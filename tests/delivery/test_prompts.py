"""Sentences made by the real synthesiser, and recordings made by the real converter."""

from __future__ import annotations

import asyncio
import shutil
import wave
from pathlib import Path
from typing import Final

import pytest

from ringfence.delivery.prompt_texts import LANGUAGES, Sentence
from ringfence.delivery.prompts import Prompts
from ringfence.delivery.recordings import RATE, WIDTH, to_samples
from ringfence.domain.errors import ErrorCode, UnavailableError
from tests.conftest import need

_SAID: Final = frozenset({Sentence.GREETING, Sentence.APPROVED})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the sentences are to lie; not there yet."""
    need(shutil.which("espeak-ng") and shutil.which("sox"), "espeak-ng and sox (apt-get install -y espeak-ng sox)")
    return tmp_path / "state" / "prompts"


def spoken(prompts: Prompts, language: str = "en") -> dict[Sentence, bytes]:
    """Two sentences as audio."""
    return dict(asyncio.run(prompts.audio(language, _SAID)))


@pytest.mark.slow
@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_language_is_spoken(folder: Path, language: str) -> None:
    """Every sentence of every language lasts a second at least, and short enough to be said twice in a quarter of a minute."""
    audio = asyncio.run(Prompts(folder).audio(language, frozenset(Sentence)))
    seconds = {sentence: len(samples) / (RATE * WIDTH) for sentence, samples in audio.items()}
    assert {} == {sentence: length for sentence, length in seconds.items() if not 1 < length < 13}


def test_made_once(folder: Path) -> None:
    """The files are wav as telephones have it, and another process takes them from the folder."""
    first = spoken(Prompts(folder))
    stamps = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert (first, 2) == (spoken(Prompts(folder)), len(stamps))
    assert stamps == {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    with wave.open(str(min(stamps))) as file:
        assert (1, 2, 8000) == (file.getnchannels(), file.getsampwidth(), file.getframerate())


def test_damage_is_mended(folder: Path) -> None:
    """A file that is no audio is made anew, and drafts are not left."""
    prompts = spoken(Prompts(folder))
    victim = min(folder.iterdir())
    victim.write_bytes(b"RIFFxxxx")
    assert prompts == spoken(Prompts(folder))
    assert victim.stat().st_size > 1000
    assert [] == list(folder.glob(".draft-*"))


def test_many_at_once_make_one(folder: Path) -> None:
    """Calls that begin together wait for one synthesiser, and hear the same."""

    async def together() -> list[bytes]:
        prompts = Prompts(folder)
        heard = await asyncio.gather(*(prompts.audio("en", _SAID) for _ in range(20)))
        return [audio[Sentence.GREETING] for audio in heard]

    assert len(set(asyncio.run(together()))) == 1


def test_a_recording_comes_first(tmp_path: Path) -> None:
    """What an organization recorded is said instead, in its language alone, and nothing is made for it."""
    recorded = dict.fromkeys((("de", sentence) for sentence in _SAID), b"\x01\x00")
    assert dict.fromkeys(_SAID, b"\x01\x00") == spoken(Prompts(tmp_path / "prompts", recorded), "de-CH")
    assert not (tmp_path / "prompts").exists()


def test_a_missing_synthesiser_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the program the error says which package has it."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnavailableError) as caught:
        spoken(Prompts(tmp_path))
    assert ErrorCode.PROGRAM_MISSING == caught.value.code
    assert "espeak-ng" in str(caught.value.facts["packages"])


def test_a_folder_that_cannot_be_written(folder: Path) -> None:
    """A file where the folder should be is told as what it is."""
    folder.parent.mkdir()
    folder.write_bytes(b"")
    with pytest.raises(UnavailableError) as caught:
        spoken(Prompts(folder))
    assert ErrorCode.TARGET_UNWRITABLE == caught.value.code


def test_what_is_spoken_is_no_silence(folder: Path) -> None:
    """The samples of a sentence reach at least a quarter of what 16 bits hold."""
    samples = spoken(Prompts(folder))[Sentence.GREETING]
    loudest = max(int.from_bytes(samples[at : at + 2], "little", signed=True) for at in range(0, len(samples), 2))
    assert loudest > 8000
    assert samples == to_samples(next(folder.glob("en-greeting-*.wav")).read_bytes())
