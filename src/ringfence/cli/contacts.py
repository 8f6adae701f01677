"""`ringfence numbers contacts`: who is contacted at which number, and whether that is what it was before."""

from __future__ import annotations

import csv
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Final, NamedTuple, TextIO

import typer

from ringfence.application.list_contacts import ContactLine, list_contacts
from ringfence.cli.clock import parse_instant, show_instant, show_second
from ringfence.cli.messages import EXIT_DIFFERENT
from ringfence.cli.number_files import shown_number
from ringfence.cli.output import bar, counted, one_line, print_json, print_table, say
from ringfence.cli.session import session_of
from ringfence.cli.whole_files import whole_file
from ringfence.domain.errors import ConflictError, ErrorCode, InvalidError
from ringfence.domain.numbers.pairs import MethodType
from ringfence.domain.numbers.tables import Contact

COLUMNS: Final = (
    "id", "userPrincipalName", "method", "isDefault", "contacts", "source", "rule", "key", "fingerprint"
)  # fmt: skip
"""A contract: others script against it. Sorted by id, then by pair and method."""

_MOST_SHOWN: Final = 1000
_SAYS: Final = {
    "another": "contacted at another number than before",
    "no longer": "contacted before, and no longer",
    "newly": "contacted now, and not before",
}


class _Place(NamedTuple):
    """A method entry of a user, in the order of the file."""

    user_id: bytes
    pair: int
    method: MethodType

    @classmethod
    def of(cls, user_id: bytes, method: MethodType) -> _Place:
        """The place of a method entry; one that contacts no number has none in the file."""
        if method.pair is None:
            raise ValueError
        return cls(user_id, method.pair, method)


class _Before(NamedTuple):
    """What a line of the earlier file says."""

    place: _Place
    upn: str
    key_id: int
    fingerprint: str


class Difference(NamedTuple):
    """A method entry whose number is not the one of before."""

    upn: str
    method: MethodType
    change: str


def contacts(
    context: typer.Context,
    at: Annotated[str | None, typer.Option(metavar="INSTANT", help="For this instant instead of now.")] = None,
    users: Annotated[
        Path | None, typer.Option("--users", metavar="FILE.csv", help="Write one line per user and method to this file.")
    ] = None,
    against: Annotated[
        Path | None, typer.Option("--against", metavar="FILE.csv", help="Compare with such a file, written before.")
    ] = None,
    reveal: Annotated[bool, typer.Option("--reveal", help="Show authentication numbers in full.")] = False,
) -> None:
    """Say which number every method contacts, and prove that nobody is contacted at another number than before.

    Write a file with --users before a copy, and compare with --against after it. The fingerprint is made of the sealed number:
    the same number of the same user has the same one until ringfence key rotate, and nobody can read a number from it. Exit
    code 1 when somebody is contacted at another number.
    """
    session = session_of(context)
    tenant_id = session.tenant().tenant_id
    instant = session.now() if at is None else parse_instant(at)
    differences: list[Difference] = []
    with ExitStack() as stack:
        takers: list[Callable[[ContactLine], None]] = []
        if users is not None:
            takers.append(stack.enter_context(_contact_file(users, reveal=reveal)))
        comparison = None if against is None else _Comparison(stack.enter_context(_opened(against)), against)
        if comparison is not None:
            takers.append(comparison.add)
        counts = list_contacts(session.services, tenant_id, instant, lambda line: _each(takers, line))
        if comparison is not None:
            differences = comparison.close()
    if session.json:
        print_json(
            {
                "at": show_instant(instant),
                "contacts": {source.value: count for source, count in counts.items()},
                "differences": None if against is None else [_document(one) for one in differences],
            }
        )
    else:
        _print(counts, f"Contacts at {show_second(instant)}: {counted(sum(counts.values()), 'method entry', 'method entries')}")
        if against is not None:
            _print_differences(differences, against)
    if differences:
        raise typer.Exit(EXIT_DIFFERENT)


def _each(takers: list[Callable[[ContactLine], None]], line: ContactLine) -> None:
    for taker in takers:
        taker(line)


def _document(one: Difference) -> dict[str, str]:
    return {"user": one.upn, "method": one.method.name, "change": one.change}


def _print(counts: dict[Contact, int], title: str) -> None:
    most = max(counts.values())
    rows = [(f"{source.value}", count, bar(count, most)) for source, count in counts.items()]
    print_table(("source", "entries", ""), rows, title=title, numeric=("entries",))


def _print_differences(differences: list[Difference], against: Path) -> None:
    if not differences:
        say(f"As in {against}: nobody is contacted at another number.")
        return
    for one in differences[:_MOST_SHOWN]:
        say(f"{one_line(one.upn)} {one.method.name}: {_SAYS[one.change]}")
    if len(differences) > _MOST_SHOWN:
        say(f"… and {len(differences) - _MOST_SHOWN} more; --json lists them all")
    say(f"Not as in {against}: {counted(len(differences), 'method entry differs', 'method entries differ')}.")


@contextmanager
def _contact_file(path: Path, *, reveal: bool) -> Iterator[Callable[[ContactLine], None]]:
    """A CSV file that takes the place of `path` only when it is whole."""
    with whole_file(path, private=reveal) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)

        def add(line: ContactLine) -> None:
            number = line.number if line.source is Contact.PUBLIC else shown_number(line.number, reveal=reveal)
            writer.writerow(
                (
                    uuid.UUID(bytes=line.user_id),
                    line.upn,
                    line.method.name,
                    str(line.is_default).lower(),
                    number,
                    line.source.value,
                    line.rule,
                    line.key_id,
                    line.fingerprint,
                )
            )

        yield add


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    try:
        file = path.open(encoding="utf-8", newline="")
    except OSError as error:
        raise InvalidError(ErrorCode.SOURCE_UNREADABLE, path=str(path), reason=error.strerror) from error
    with file:
        yield file


class _Comparison:
    """Walks through an earlier file and the lines of now side by side, both in the same order, in steady memory."""

    def __init__(self, file: TextIO, path: Path) -> None:
        self._path = path
        self._earlier = _earlier_lines(file, path)
        self._next = next(self._earlier, None)
        self._found: list[Difference] = []

    def add(self, line: ContactLine) -> None:
        """Compare one line of now."""
        place = _Place.of(line.user_id, line.method)
        before = self._upto(place)
        if before is None:
            if line.fingerprint:
                self._found.append(Difference(line.upn, line.method, "newly"))
            return
        if before.fingerprint and line.fingerprint and before.key_id != line.key_id:
            raise ConflictError(ErrorCode.CONTACTS_UNDER_ANOTHER_KEY, path=str(self._path))
        if before.fingerprint != line.fingerprint:
            change = "newly" if not before.fingerprint else "another" if line.fingerprint else "no longer"
            self._found.append(Difference(line.upn, line.method, change))

    def close(self) -> list[Difference]:
        """Compare what is left, and return all differences."""
        self._upto(None)
        return self._found

    def _upto(self, place: _Place | None) -> _Before | None:
        """Pass over the earlier lines before this place; return the one at it."""
        while self._next is not None and (place is None or self._next.place < place):
            if self._next.fingerprint:
                self._found.append(Difference(self._next.upn, self._next.place.method, "no longer"))
            self._next = next(self._earlier, None)
        before = self._next
        if before is None or before.place != place:
            return None
        self._next = next(self._earlier, None)
        return before


def _earlier_lines(file: TextIO, path: Path) -> Iterator[_Before]:
    """The lines of a file that `--users` wrote; raises `InvalidError` (SOURCE_FORMAT) for anything else."""
    rows = csv.reader(file, strict=True)
    before: _Before | None = None
    try:
        _require(tuple(next(rows, ())) == COLUMNS)
        for row in rows:
            earlier, before = before, _before(row)
            _require(earlier is None or earlier.place < before.place)
            yield before
    except (ValueError, KeyError, csv.Error) as error:
        expected = "the file that numbers contacts --users wrote, unchanged,"
        raise InvalidError(ErrorCode.SOURCE_FORMAT, path=str(path), expected=expected, line=rows.line_num) from error


def _require(holds: bool) -> None:  # noqa: FBT001 - reads like a sentence
    """Raise `ValueError` unless what every such file has is so."""
    if not holds:
        raise ValueError


def _before(row: list[str]) -> _Before:
    cells = dict(zip(COLUMNS, row, strict=True))
    place = _Place.of(uuid.UUID(cells["id"]).bytes, MethodType[cells["method"]])
    return _Before(place, cells["userPrincipalName"], int(cells["key"]), cells["fingerprint"])
