"""Names that stand twice in one file: the first row counts, later ones are rejected.

The first pass notes every name in 4 bytes (`ringfence.domain.directory.seen`); a digest that occurs twice is a suspicion,
which the second pass settles by the text itself.
"""

from __future__ import annotations

from collections.abc import Iterable

from ringfence.domain.directory.seen import SuspectedNames, short_digest

Name = tuple[str, str]
"""A column and the name in it, normalised."""


class RepeatedNames:
    """The names of one file: `note` them in the first pass, `close`, then `take` them row by row in the second."""

    def __init__(self) -> None:
        """Begin with none."""
        self._seen = SuspectedNames()
        self._suspects: set[int] = set()
        self._taken: set[Name] = set()

    def note(self, names: Iterable[Name]) -> None:
        """Note the names of a row."""
        for column, name in names:
            self._seen.add(f"{column}\0{name}")

    def close(self) -> None:
        """The first pass is over."""
        self._suspects = set(self._seen.repeated())
        self._seen = SuspectedNames()

    def take(self, names: Iterable[Name]) -> str | None:
        """Take the names of a row, or return the column of one that an earlier row took."""
        if not self._suspects:
            return None
        suspected = [name for name in names if short_digest(f"{name[0]}\0{name[1]}") in self._suspects]
        for name in suspected:
            if name in self._taken:
                return name[0]
        self._taken.update(suspected)
        return None
