"""The files and rows that `numbers plan` and `numbers report` write: one per user and pair."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from ringfence.application.plan_numbers import NumberLine
from ringfence.cli.whole_files import whole_file
from ringfence.domain.numbers.canonical import mask_number

COLUMNS = ("userPrincipalName", "pair", "public", "authentication", "status", "rule")
"""A contract: others script against it."""


class UserFile:
    """Writes the lines as CSV: UTF-8 without BOM, `+` as it is."""

    def __init__(self, file: TextIO, *, reveal: bool) -> None:
        """Write the header."""
        self._writer = csv.writer(file, lineterminator="\n")
        self._reveal = reveal
        self._writer.writerow(COLUMNS)

    def add(self, line: NumberLine) -> None:
        """Write one line; the authentication number is masked unless it is to be revealed."""
        number = shown_number(line.authentication, reveal=self._reveal) or ""
        self._writer.writerow((line.upn, line.pair.phone_type, line.public, number, line.status.value, line.rule))


@contextmanager
def user_file(path: Path, *, reveal: bool) -> Iterator[UserFile]:
    """A CSV file that takes the place of `path` only when it is whole."""
    with whole_file(path, private=reveal) as file:
        yield UserFile(file, reveal=reveal)


def shown_number(number: str | None, *, reveal: bool) -> str | None:
    """An authentication number as people may see it: masked unless revealed; None and "" stay."""
    return mask_number(number) if number and not reveal else number
