"""Which names a file has, in a few bytes each: to find a name that stands twice, and users a full file does not hold.

Names are kept as 64-bit digests in sorted buckets: 8 bytes a name, so a million names cost 8 MB. Two different names share a
digest with a probability of about 3 in 100 million at a million names; both uses stay safe then: a suspected duplicate is
checked again by its text, and a user who is taken for present is merely not deleted this time.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

_BUCKETS: Final = 256
_MASK: Final = 2**64 - 1


def digest(name: str) -> int:
    """64 bits of the name, the same within this process only."""
    return hash(name) & _MASK


class SeenNames:
    """A growing multiset of digests; `close()` before asking."""

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

    def repeated(self) -> Iterator[int]:
        """The digests noted more than once."""
        for bucket in self._buckets:
            yield from {value for value, following in pairwise(bucket) if value == following}
