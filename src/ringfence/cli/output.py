"""Printing: JSON on demand, tables for people, progress on anything over a second. Results go to stdout, all else to stderr."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

_SHOW_AFTER: Final = 1.0
"""Seconds of work before a progress bar appears."""


def print_json(document: object) -> None:
    """One JSON document and a line end."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=None) + "\n")


class JsonList:
    """A JSON object whose list is written item by item, so that a long one needs no memory: `{"name": [...], ...}`."""

    def __init__(self, name: str) -> None:
        """Begin the object and its list."""
        sys.stdout.write(f"{{{json.dumps(name)}: [")
        self._first = True

    def add(self, item: object) -> None:
        """Write one item."""
        sys.stdout.write(("" if self._first else ",\n") + json.dumps(item, ensure_ascii=False))
        self._first = False

    def close(self, **members: object) -> None:
        """End the list and write the object's other members."""
        rest = "".join(f", {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in members.items())
        sys.stdout.write(f"]{rest}}}\n")


def say(text: str) -> None:
    """A sentence for people, on stdout."""
    sys.stdout.write(text + "\n")


def note(text: str) -> None:
    """A remark for people, on stderr."""
    sys.stderr.write(text + "\n")


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str | None = None, numeric: Sequence[str] = ()
) -> None:
    """A table on stdout, as wide as its content needs when stdout is no terminal."""
    if title is not None:
        say(title)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    on_terminal = sys.stdout.isatty()
    console = Console(soft_wrap=False, highlight=False, width=None if on_terminal else 200, markup=False)
    with console.capture() as printed:
        console.print(table)
    text = printed.get()
    sys.stdout.write(text if on_terminal else "".join(f"{line.rstrip()}\n" for line in text.splitlines()))


def counted(count: int, one: str, many: str) -> str:
    """A count with its noun: `1 number`, `2 numbers`."""
    return f"{count} {one if count == 1 else many}"


def bar(count: int, most: int, width: int = 30) -> str:
    """A bar of blocks: `count` of `most`; anything above zero shows at least one."""
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
