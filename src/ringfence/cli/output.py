"""Printing: JSON on demand, tables for people, progress on anything over a second. Results go to stdout, all else to stderr."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, Literal

from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

_SHOW_AFTER: Final = 1.0
"""Seconds of work before a progress bar appears."""
_NARROWEST: Final = 20
"""What a column may be folded to."""
_WIDE: Final = 120
"""Columns of a terminal that has room for long bars."""
_NO_CELL: Final = dict.fromkeys(
    (*range(0x20), *range(0x7F, 0xA0), *range(0x2028, 0x202F), *range(0x2066, 0x206A)), "\N{REPLACEMENT CHARACTER}"
)
_UNSHOWN: Final = {code: shown for code, shown in _NO_CELL.items() if chr(code) not in "\n\t"}
"""What a directory's text must not do to a terminal: move its cursor, clear it, end a line, turn the direction of reading."""


def print_json(document: object) -> None:
    """One JSON document and a line end."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=None) + "\n")


class JsonList:
    """A JSON object whose list is written item by item, so that a long one needs no memory: `{"name": [...], ...}`.

    Nothing is written before the first item or the end, so an error before them leaves stdout empty.
    """

    def __init__(self, name: str) -> None:
        """Write nothing yet."""
        self._head = f"{{{json.dumps(name)}: ["
        self._before = self._head

    def add(self, item: object) -> None:
        """Write one item."""
        sys.stdout.write(self._before + json.dumps(item, ensure_ascii=False))
        self._before = ",\n"

    def close(self, **members: object) -> None:
        """End the list and write the object's other members."""
        rest = "".join(f", {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in members.items())
        head = self._head if self._before is self._head else ""
        sys.stdout.write(f"{head}]{rest}}}\n")


def say(text: str) -> None:
    """A sentence for people, on stdout."""
    sys.stdout.write(text.translate(_UNSHOWN) + "\n")


def one_line(text: str) -> str:
    """A text as it may stand in a line or a cell: without control characters."""
    return text.translate(_NO_CELL)


def note(text: str) -> None:
    """A remark for people, on stderr."""
    sys.stderr.write(text.translate(_UNSHOWN) + "\n")


class _Console(Console):
    """Leaves it to the entry point what a reader who has gone means; rich would end the program with exit code 1."""

    def on_broken_pipe(self) -> None:
        """Say that nobody reads."""
        raise BrokenPipeError


def print_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    title: str | None = None,
    numeric: Sequence[str] = (),
    folds: Sequence[str] = (),
) -> None:
    """A table on stdout.

    On a terminal the last column, or those of `folds`, are folded to its width. Where even that is too wide, and where there
    is no terminal, each row is one line.
    """
    if title is not None:
        say(title)
    cells = [tuple("" if cell is None else one_line(str(cell)) for cell in row) for row in rows]
    folding = folds or columns[-1:]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        justify: Literal["left", "right"] = "right" if column in numeric else "left"
        table.add_column(column, justify=justify, overflow="fold", no_wrap=column not in folding)
    for row in cells:
        table.add_row(*row)
    widths = [max(map(cell_len, column)) for column in zip(columns, *cells, strict=True)]
    console = _Console(highlight=False, markup=False, emoji=False, width=_width(columns, widths, folding))
    with console.capture() as printed:
        console.print(table)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in printed.get().splitlines()))


def _width(columns: Sequence[str], widths: Sequence[int], folding: Sequence[str]) -> int:
    """How wide a table is printed."""
    natural = sum(widths) + 2 * (len(widths) - 1)
    least = natural - sum(max(0, width - _NARROWEST) for column, width in zip(columns, widths, strict=True) if column in folding)
    room = _room()
    return natural if room is None or least > room else min(natural, room)


def _room() -> int | None:
    """The columns of the terminal that stdout is; None when it is none."""
    return Console().width if sys.stdout.isatty() else None


def counted(count: int, one: str, many: str) -> str:
    """A count with its noun: `1 number`, `2 numbers`."""
    return f"{count} {one if count == 1 else many}"


def bar(count: int, most: int) -> str:
    """A bar of blocks: `count` of `most`; anything above zero shows at least one. Short on a narrow terminal."""
    width = 30 if (_room() or _WIDE) >= _WIDE else 10
    return "" if not count or not most else "█" * max(1, round(width * count / most))


@contextmanager
def progress(label: str) -> Iterator[_Reporter]:
    """Somewhere to report progress to: a bar on stderr once a second has passed, nothing when stderr is no terminal."""
    reporter = _Reporter(label)
    try:
        yield reporter
    finally:
        reporter.stop()


class _Reporter:
    """Reports to a bar that appears late."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._began = time.monotonic()
        self._bar: Progress | None = None
        self._wanted = sys.stderr.isatty()

    def __call__(self, done: int, total: int) -> None:
        """`done` of `total`."""
        if not self._wanted:
            return
        if self._bar is None:
            if time.monotonic() - self._began < _SHOW_AFTER:
                return
            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                TaskProgressColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
            )
            # Rich would send stdout to the bar's terminal too, also when stdout is a file or a pipe.
            redirect = sys.stdout.isatty()
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=redirect)
            self._bar.add_task(self._label, total=total)
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], completed=done, total=total)

    def stop(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
