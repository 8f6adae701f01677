"""A measure as a line: JSON for machines, a row of a table for people."""

from __future__ import annotations

import json
from collections.abc import Callable
from statistics import median
from time import monotonic
from typing import Final, NamedTuple

_TARGETS: Final = {
    "plan": 1.5,
    "copy": 2.0,
    "import": 3.0,
    "delta": 1.3,
    "memory": 1.3,
    "page": 1.2,
    "phones_p99": 3.0,
}
"""What the ratio should not exceed, by the name or its first word. Nothing fails here; the table tells."""
_FLOORS: Final = {"phones": 0.6, "grant": 0.6, "challenges": 0.5}
"""What the ratio of rates should reach, by the name."""
_CEILINGS: Final = {"calls": 1.0, "idle": 1.0, "texts": 1.5}
"""What the value itself should not exceed, by the name."""
_MOST_MEGABYTES: Final = 300

_MOST_ROUNDS: Final = 5
_SECONDS: Final = 60.0


class Measure(NamedTuple):
    """One figure; `bare` is what the bare minimum took, in the same unit. `users` is how many the work was about."""

    name: str
    engine: str | None
    value: float
    unit: str
    bare: float | None = None
    users: int = 0

    @property
    def ratio(self) -> float | None:
        """How many times the bare minimum."""
        return None if not self.bare else round(self.value / self.bare, 3)

    def as_json(self) -> str:
        """The line that scripts read."""
        bare = None if self.bare is None else round(self.bare, 3)
        fields = {"name": self.name, "engine": self.engine, "value": round(self.value, 3), "unit": self.unit}
        return json.dumps({**fields, "bare": bare, "ratio": self.ratio})

    def as_row(self) -> str:
        """The row that people read; `HEADING` stands above it."""
        bare = "" if self.bare is None else f"{self.bare:.3f}"
        speed = f"{self.users / self.value:,.0f}" if self.users and self.unit == "s" else ""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        figures = f"{self.value:>12.3f} {self.unit:<4}{bare:>12}{ratio:>8}"
        return f"{self.name:<22}{self.engine or '':<12}{figures}  {self._verdict():<10}{speed:>12}"

    def _verdict(self) -> str:
        if self.name in _CEILINGS:
            return f"{'<=' if self.value <= _CEILINGS[self.name] else 'over'} {_CEILINGS[self.name]}"
        if self.name in _FLOORS and self.ratio is not None:
            return f"{'>=' if self.ratio >= _FLOORS[self.name] else 'under'} {_FLOORS[self.name]}"
        target = None if self.name == "import_again" else _TARGETS.get(self.name) or _TARGETS.get(self.name.partition("_")[0])
        if target is None or self.ratio is None:
            return ""
        met = self.ratio <= target and (self.unit != "MB" or self.value <= _MOST_MEGABYTES)
        return f"{'<=' if met else 'over'} {target}"


HEADING: Final = f"{'name':<22}{'engine':<12}{'value':>12} {'unit':<4}{'bare':>12}{'ratio':>8}  {'target':<10}{'users/s':>12}"


def alternate(product: Callable[[], float], bare: Callable[[], float]) -> tuple[float, float]:
    """Let both, each returning its seconds, take turns; return the medians.

    Short work is repeated up to five times. Long work is done twice, for a machine has better and worse minutes.
    """
    products: list[float] = []
    bares: list[float] = []
    began = monotonic()
    while len(products) < _MOST_ROUNDS and (len(products) < 2 or monotonic() - began < _SECONDS):  # noqa: PLR2004 - at least twice
        bares.append(bare())
        products.append(product())
    return median(products), median(bares)
