"""Measures `import`, `import_again` and `delta`: a whole directory, the same again, and a few changes whatever its size."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from statistics import median
from typing import Final

from bench import bare_import
from bench.engines import Row
from bench.report import Measure, alternate
from bench.stage import Stage, timed

_TURNS: Final = 5
_TABLES: Final = ("users", "pairs", "user_principal_names", "source_anchors")
_SEALED: Final = "SELECT count(public_sealed), count(baseline_sealed) FROM pairs WHERE public_text LIKE '+%'"


def measure_import(stage: Stage, users: int) -> Iterator[Measure]:
    """A new directory into an empty tenant. Raises `RuntimeError` when the two do not fill the same tables."""
    path = stage.file(users)
    sizes: list[list[Row]] = []

    def product() -> float:
        url = stage.empty()
        stage.engine.settle(url)
        seconds = stage.take(path, url).seconds
        sizes.append(_sizes(stage, url))
        stage.keep_imported(users, url)
        return seconds

    def bare() -> float:
        url = stage.empty()
        stage.engine.settle(url)
        hand = stage.engine.connect(url)

        def work() -> None:
            bare_import.import_file(hand, path)
            hand.close()

        seconds = timed(work).seconds
        sizes.append(_sizes(stage, url))
        stage.engine.drop(url)
        return seconds

    value, least = alternate(product, bare)
    if any(other != sizes[0] for other in sizes):
        message = f"import: the product and the bare minimum filled the tables differently: {sizes}"
        raise RuntimeError(message)
    yield Measure("import", stage.engine.name, value, "s", least, users)


def _sizes(stage: Stage, url: str) -> list[Row]:
    """How many rows the tables have, and how many of the numbers with a plus are sealed."""
    counts = [*(f"SELECT count(*) FROM {table}" for table in _TABLES), _SEALED]  # noqa: S608 - names of ours
    with contextlib.closing(stage.engine.connect(url)) as hand:
        return [row for text in counts for row in hand.run(text)]


def measure_import_again(stage: Stage, users: int) -> Iterator[Measure]:
    """The same file again, which changes nothing, against parsing it alone."""
    path = stage.file(users)
    url = stage.imported(users)
    stage.engine.settle(url)
    value, bare = alternate(lambda: stage.take(path, url).seconds, lambda: timed(lambda: bare_import.parse_all(path)).seconds)
    yield Measure("import_again", stage.engine.name, value, "s", bare, users)


def measure_delta(stage: Stage, users: int) -> Iterator[Measure]:
    """One in a hundred users gets another mobile number, mirrored where in use; the same many in smaller directories.

    The bare minimum is the time in the smallest, which is changed whole. The first turn is not counted: it also copies.
    """
    changed = users // 100
    sizes = (changed, users // 10, users)
    took: dict[int, list[float]] = {size: [] for size in sizes}
    with contextlib.ExitStack() as stack:
        urls = {size: stack.enter_context(stage.scratch(stage.copied(size))) for size in sizes}
        for turn in range(_TURNS + 1):
            for size in sizes:
                stage.engine.settle(urls[size])
                done = stage.take(stage.delta(size, changed, turn), urls[size])
                if turn:
                    _check_mirrored(done.result.counts, changed)
                    took[size].append(done.seconds)
    for size in sizes[1:]:
        yield Measure(f"delta_{size}", stage.engine.name, median(took[size]), "s", median(took[sizes[0]]), changed)


def _check_mirrored(counts: dict[str, int], changed: int) -> None:
    """Three of four people have method entries for the mobile number, give or take."""
    if counts["updated"] != changed or not 0.6 < counts["mirrored"] / changed < 0.9:  # noqa: PLR2004 - see above
        message = f"delta: {counts}, of {changed} rows"
        raise RuntimeError(message)
