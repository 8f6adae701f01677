"""Recordings of an organization's own: checked, and made what a call carries.

Owns what may be uploaded, and the conversion by a program of the machine (sox, else ffmpeg). Does not own where a recording is
kept. Blocks while a program runs. Source: domain rules D.4 (wav or mp3, at most 1 MB, shorter than 20 s).
"""

from __future__ import annotations

import io
import shutil
import subprocess
import wave
from collections.abc import Iterator
from typing import Final

from ringfence.domain.errors import ErrorCode, InvalidError, UnavailableError

RATE: Final = 8000
WIDTH: Final = 2
_LARGEST: Final = 1024 * 1024
_LONGEST_SECONDS: Final = 20
_LONGEST: Final = _LONGEST_SECONDS * RATE * WIDTH
_PROGRAM_SECONDS: Final = 20
_CUT: Final = str(_LONGEST_SECONDS + 1)
"""Nothing longer is made of an upload, however long it would play."""
_UNKNOWN_TO_SOX: Final = b"no handler for"
_SOX_SAMPLES: Final = ("-t", "raw", "-r", str(RATE), "-c", "1", "-b", "16", "-e", "signed-integer", "-L", "-")
_FFMPEG_SAMPLES: Final = ("-f", "s16le", "-ar", str(RATE), "-ac", "1", "-t", _CUT, "pipe:1")


def read_recording(upload: bytes) -> bytes:
    """Return an upload as 16-bit samples, 8,000 a second.

    Raises `InvalidError` (AUDIO_SIZE, AUDIO_FORM, AUDIO_LENGTH), and `UnavailableError` (PROGRAM_MISSING) where it takes
    a program to convert it and the machine has none.
    """
    if len(upload) > _LARGEST:
        raise InvalidError(ErrorCode.AUDIO_SIZE, most=_LARGEST)
    samples = to_samples(upload)
    if not samples:
        raise InvalidError(ErrorCode.AUDIO_FORM)
    if len(samples) >= _LONGEST:
        raise InvalidError(ErrorCode.AUDIO_LENGTH, most=_LONGEST_SECONDS)
    return samples


def to_samples(audio: bytes) -> bytes:
    """Return a wav or mp3 file as 16-bit samples, 8,000 a second; raises as `read_recording` does."""
    kind = _kind(audio)
    if kind is None:
        raise InvalidError(ErrorCode.AUDIO_FORM)
    ready = _samples_of_wav(audio) if kind == "wav" else None
    return _converted(audio, kind) if ready is None else ready


def to_wav(samples: bytes) -> bytes:
    """Return samples as a wav file."""
    with io.BytesIO() as file:
        with wave.open(file, "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(WIDTH)
            out.setframerate(RATE)
            out.writeframes(samples)
        return file.getvalue()


def _kind(audio: bytes) -> str | None:
    """Tell the kind by the first bytes: RIFF and WAVE, or ID3, or the head of an MPEG frame of layer III."""
    if audio[:4] == b"RIFF" and audio[8:12] == b"WAVE":
        return "wav"
    is_frame = len(audio) > 3 and audio[0] == 0xFF and audio[1] & 0xE6 == 0xE2 and audio[2] & 0xF0 != 0xF0  # noqa: PLR2004 - bits
    return "mp3" if audio[:3] == b"ID3" or is_frame else None


def _samples_of_wav(audio: bytes) -> bytes | None:
    """Return the samples of a wav that is just as a call wants it, cut to what is too long; None for any other."""
    try:
        with wave.open(io.BytesIO(audio)) as file:
            if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, WIDTH, RATE):
                return None
            samples: bytes = file.readframes(_LONGEST // WIDTH)
            return samples
    except (wave.Error, EOFError):
        return None


def _converted(audio: bytes, kind: str) -> bytes:
    """Convert by whichever program is there and knows the kind: Debian's sox knows mp3 only with a package of its own."""
    is_known = False
    for command in _commands(kind):
        try:
            finished = subprocess.run(command, input=audio, capture_output=True, check=False, timeout=_PROGRAM_SECONDS)  # noqa: S603 - ours
        except subprocess.TimeoutExpired:
            is_known = True
            continue
        if finished.returncode == 0:
            return finished.stdout
        is_known |= _UNKNOWN_TO_SOX not in finished.stderr
    if is_known:
        raise InvalidError(ErrorCode.AUDIO_FORM)
    raise UnavailableError(ErrorCode.PROGRAM_MISSING, program="sox", packages="sox libsox-fmt-mp3")


def _commands(kind: str) -> Iterator[list[str]]:
    if sox := shutil.which("sox"):
        yield [sox, "-D", "-V1", "-t", kind, "-", *_SOX_SAMPLES, "trim", "0", _CUT]
    if ffmpeg := shutil.which("ffmpeg"):
        yield [ffmpeg, "-v", "error", "-nostdin", "-f", kind, "-i", "pipe:0", *_FFMPEG_SAMPLES]
