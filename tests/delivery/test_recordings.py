"""Recordings that an organization uploads."""

from __future__ import annotations

import io
import math
import shutil
import struct
import subprocess
import wave
from typing import Final

import pytest

from ringfence.delivery.recordings import read_recording, to_wav
from ringfence.domain.errors import ErrorCode, InvalidError, UnavailableError
from tests.conftest import need

_MEGABYTE: Final = 1024 * 1024


def tone(seconds: float, rate: int = 8000, channels: int = 1, width: int = 2) -> bytes:
    """A wav of 440 Hz."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(width)
        out.setframerate(rate)
        values = [int(0.5 * 2 ** (8 * width - 1) * math.sin(2 * math.pi * 440 * at / rate)) for at in range(int(seconds * rate))]
        frames = [value.to_bytes(width, "little", signed=True) if width > 1 else bytes([value + 128]) for value in values]
        out.writeframes(b"".join(frame * channels for frame in frames))
    return file.getvalue()


def as_mp3(wav: bytes) -> bytes:
    """The same, made mp3 by sox."""
    sox = shutil.which("sox")
    formats = subprocess.run([sox, "-h"], capture_output=True, check=False).stdout if sox else b""
    need(b" mp3" in formats, "sox that knows mp3 (apt-get install -y sox libsox-fmt-mp3)")
    command = [str(sox), "-t", "wav", "-", "-t", "mp3", "-"]
    return subprocess.run(command, input=wav, capture_output=True, check=True).stdout


def loudness_at(samples: bytes, hertz: float) -> float:
    """How much of a frequency there is, from 0 to about 0.5 for a tone of half the scale."""
    values = struct.unpack(f"<{len(samples) // 2}h", samples)
    parts = [sum(v * trig(2 * math.pi * hertz * i / 8000) for i, v in enumerate(values)) for trig in (math.sin, math.cos)]
    return math.hypot(*parts) * 2 / len(values) / 32768


FORMS: dict[str, dict[str, int]] = {
    "ready": {},
    "44100-stereo": {"rate": 44100, "channels": 2},
    "8-bit": {"width": 1},
    "24-bit": {"width": 3, "rate": 16000},
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("is_mp3", [False, True], ids=["wav", "mp3"])
def test_whatever_form_it_comes_in(form: dict[str, int], is_mp3: bool) -> None:  # noqa: FBT001 - a column
    """It becomes 8,000 samples a second that sound as before: a second of 440 Hz, and nothing an octave higher."""
    need(shutil.which("sox"), "sox (apt-get install -y sox)")
    wav = tone(1, **form)
    samples = read_recording(as_mp3(wav) if is_mp3 else wav)
    assert 16000 == pytest.approx(len(samples), rel=0.1)
    assert loudness_at(samples, 440) > 0.4
    assert loudness_at(samples, 880) < 0.02


REFUSED: dict[str, tuple[bytes, ErrorCode]] = {
    "empty": (b"", ErrorCode.AUDIO_FORM),
    "text": (b"press the pound key", ErrorCode.AUDIO_FORM),
    "other-sound": (b"OggS" + bytes(100), ErrorCode.AUDIO_FORM),
    "wav-in-name-only": (b"RIFF\x24\x00\x00\x00WAVE" + bytes(100), ErrorCode.AUDIO_FORM),
    "mp3-in-name-only": (b"ID3" + bytes(1000), ErrorCode.AUDIO_FORM),
    "playlist-of-a-file": (b"#EXTM3U\n/etc/passwd\n", ErrorCode.AUDIO_FORM),
    "without-a-sample": (to_wav(b""), ErrorCode.AUDIO_FORM),
    "a-byte-too-large": (b"RIFF" + bytes(_MEGABYTE - 3), ErrorCode.AUDIO_SIZE),
    "twenty-seconds": (to_wav(bytes(2 * 8000 * 20)), ErrorCode.AUDIO_LENGTH),
    "an-hour-of-little": (tone(60, rate=4000, width=1), ErrorCode.AUDIO_LENGTH),
}


@pytest.mark.parametrize(("upload", "code"), REFUSED.values(), ids=REFUSED)
def test_refused(upload: bytes, code: ErrorCode) -> None:
    """D.4: wav or mp3, at most 1 MB, shorter than 20 s, by what is in it and not by its name."""
    need(shutil.which("sox"), "sox (apt-get install -y sox)")
    with pytest.raises(InvalidError) as caught:
        read_recording(upload)
    assert code == caught.value.code


def test_a_sample_less_than_twenty_seconds() -> None:
    """The limit itself is out, what is below is in."""
    assert 2 * (8000 * 20 - 1) == len(read_recording(to_wav(bytes(2 * (8000 * 20 - 1)))))


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a converter the error says what to install; what needs none is taken all the same."""
    mp3 = as_mp3(tone(1))
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(UnavailableError) as caught:
        read_recording(mp3)
    assert (ErrorCode.PROGRAM_MISSING, "sox") == (caught.value.code, caught.value.facts["program"])
    assert 16000 == len(read_recording(tone(1)))
