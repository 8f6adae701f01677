"""Measures `parse` and `seal`: one number, in microseconds, against the library's parser and the bare cipher."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import phonenumbers
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from bench import people
from bench.report import Measure, alternate
from bench.stage import timed
from ringfence.crypto.key_file import FileKeys
from ringfence.crypto.sealing import AesSivSealer
from ringfence.domain.numbers.canonical import parse_public_number
from ringfence.domain.numbers.pairs import Pair

_PEOPLE: Final = 50_000
_USER: Final = b"sixteen bytes id"


def measure_parse() -> Iterator[Measure]:
    """Read a public number of the mix."""
    texts = people.numbers(_PEOPLE)
    fewer = texts[:2000]

    def product() -> None:
        for text in texts:
            parse_public_number(text, Pair.MOBILE)

    def library() -> None:
        for text in fewer:
            try:
                phonenumbers.is_possible_number(phonenumbers.parse(text))
            except phonenumbers.NumberParseException:
                continue

    value, bare = alternate(lambda: _each(product, len(texts)), lambda: _each(library, len(fewer)))
    yield Measure("parse", None, value, "us", bare)


def measure_seal() -> Iterator[Measure]:
    """Seal a canonical number for a user."""
    texts = ["+1 4255550100"] * _PEOPLE
    with tempfile.TemporaryDirectory() as folder:
        keys = FileKeys(Path(folder) / "key")
        keys.create()
        key_id = keys.add_key()
        seal = AesSivSealer(keys).seal
        cipher = AESSIV(keys.key(key_id) or b"")

        def product() -> None:
            for text in texts:
                seal(text, key_id, 1, _USER, Pair.MOBILE)

        def bare() -> None:
            for text in texts:
                cipher.encrypt(text.encode(), [_USER])

        value, least = alternate(lambda: _each(product, len(texts)), lambda: _each(bare, len(texts)))
    yield Measure("seal", None, value, "us", least)


def _each(work: Callable[[], None], count: int) -> float:
    return timed(work).seconds * 1_000_000 / count
