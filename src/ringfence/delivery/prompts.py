"""How the sentences of a call sound: an organization's own recording, else a synthesiser's voice, made once and kept.

Owns the folder it is given: a wav file for each sentence and language, named by what it was made from, so that other words make
another file. A file is there whole or not at all. Does not own the words (`prompt_texts`). The synthesiser is espeak-ng, a
program of the machine.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Final

from ringfence.delivery.prompt_texts import LANGUAGES, Sentence, spoken_language
from ringfence.delivery.recordings import to_samples, to_wav
from ringfence.domain.errors import ErrorCode, InvalidError, UnavailableError

_SYNTHESISER: Final = "espeak-ng"
_WORDS_PER_MINUTE: Final = "150"
_PROGRAM_SECONDS: Final = 20

Recordings = Mapping[tuple[str, Sentence], bytes]
"""Samples as `recordings.read_recording` returns them, by language of the table and sentence."""


class Prompts:
    """Sentences as audio; each is made at most once at a time, and kept in memory too."""

    def __init__(self, folder: Path, recordings: Recordings | None = None) -> None:
        """The folder is made when it is needed, and nothing else is to lie in it."""
        self._folder = folder
        self._recordings = recordings or {}
        self._kept: dict[tuple[str, Sentence], bytes] = {}
        self._turn = asyncio.Lock()

    async def audio(self, language: str, sentences: AbstractSet[Sentence]) -> Mapping[Sentence, bytes]:
        """Return 16-bit samples, 8,000 a second, for each, in the language of the table that the tag means.

        Raises `UnavailableError`: PROGRAM_MISSING, or TARGET_UNWRITABLE for the folder.
        """
        spoken = spoken_language(language)
        if any((spoken, sentence) not in self._kept for sentence in sentences):
            async with self._turn:
                for sentence in sorted(sentences):
                    if (spoken, sentence) not in self._kept:
                        self._kept[spoken, sentence] = await asyncio.to_thread(self._made, spoken, sentence)
        return {sentence: self._kept[spoken, sentence] for sentence in sentences}

    def is_recorded(self, language: str, sentence: Sentence) -> bool:
        """Whether the organization speaks this sentence itself, in words of its own."""
        return (spoken_language(language), sentence) in self._recordings

    def _made(self, language: str, sentence: Sentence) -> bytes:
        """Return what was recorded, what lies in the folder, or what is made now."""
        if (language, sentence) in self._recordings:
            return self._recordings[language, sentence]
        voice, words = LANGUAGES[language].voice, LANGUAGES[language].words[sentence]
        origin = f"{_SYNTHESISER}\n{voice}\n{_WORDS_PER_MINUTE}\n{words}"
        path = self._folder / f"{language}-{sentence}-{hashlib.sha256(origin.encode()).hexdigest()[:16]}.wav"
        try:
            return to_samples(path.read_bytes())
        except (OSError, InvalidError):
            samples = _spoken(voice, words)
        try:
            _write_whole(path, to_wav(samples))
        except OSError as error:
            raise UnavailableError(ErrorCode.TARGET_UNWRITABLE, path=str(path), reason=error.strerror) from error
        return samples


def _spoken(voice: str, words: str) -> bytes:
    program = shutil.which(_SYNTHESISER)
    if program is None:
        raise UnavailableError(ErrorCode.PROGRAM_MISSING, program=_SYNTHESISER, packages="espeak-ng sox")
    command = [program, "-v", voice, "-s", _WORDS_PER_MINUTE, "--stdout", words]
    try:
        finished = subprocess.run(command, capture_output=True, check=True, timeout=_PROGRAM_SECONDS)  # noqa: S603 - our own words
    except subprocess.SubprocessError as error:
        raise UnavailableError(ErrorCode.PROGRAM_MISSING, program=_SYNTHESISER, packages="espeak-ng sox") from error
    return to_samples(_with_length(finished.stdout))


def _with_length(wav: bytes) -> bytes:
    """Return a wav that was written into a pipe, where its length could not be known, with the length it has."""
    at = wav.find(b"data") + 4
    head = wav[:4] + (len(wav) - 8).to_bytes(4, "little") + wav[8:at]
    return head + (len(wav) - at - 4).to_bytes(4, "little") + wav[at + 4 :]


def _write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place, then put it there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(draft).replace(path)
    except OSError:
        Path(draft).unlink(missing_ok=True)
        raise
