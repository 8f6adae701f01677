"""Which names a file has, in a few bytes each: to find a name that stands twice, and users a full file does not hold.

Names are kept as digests in sorted buckets. Where absence is asked for, a digest has 64 bits: a million names cost 8 MB, and two
of them share a digest with a probability of about 3 in 100 million, when a missing user is merely not deleted this time. Where
repetition is asked for, 32 bits do: about a hundred pairs of a million share one, and what is suspected is checked by its text.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

_BUCKETS: Final = 256
_MASK: Final = 2**64 - 1
_SHORT_MASK: Final = 2**32 - 1


def digest(name: str) -> int:
    """64 bits of the name, the same within this process only."""
    return hash(name) & _MASK


def short_digest(name: str) -> int:
    """32 bits of the name, the same within this process only."""
    return hash(name) & _SHORT_MASK


class SuspectedNames:
    """A growing multiset of short digests, of which only the repeated ones are of interest."""

    def __init__(self) -> None:
        """Begin empty."""
        self._buckets = [array("I") for _ in range(_BUCKETS)]

    def add(self, name: str) -> None:
        """Note a name, normalised by the caller."""
        value = hash(name) & _SHORT_MASK
        self._buckets[value % _BUCKETS].append(value)

    def repeated(self) -> Iterator[int]:
        """The short digests noted more than once, each once or several times."""
        for bucket in self._buckets:
            yield from (value for value, following in pairwise(sorted(bucket)) if value == following)


class SeenNames:
    """A growing set of digests; `close()` before asking."""

    def __init__(self) -> None:
        """Begin empty."""
        self._buckets = [array("Q") for _ in range(_BUCKETS)]

    def add(self, name: str) -> None:
        """Note a name, normalised by the caller."""
        value = digest(name)
        self._buckets[value % _BUCKETS].append(value)

    def close(self) -> None:
        """Sort the buckets, one after the other."""
        self._buckets = [array("Q", sorted(bucket)) for bucket in self._buckets]

    def __contains__(self, name: str) -> bool:
        """Tell whether the name was noted."""
        value = digest(name)
        bucket = self._buckets[value % _BUCKETS]
        place = bisect_left(bucket, value)
        return place < len(bucket) and bucket[place] == value
