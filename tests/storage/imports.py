"""Directory imports without files: rows made up here, and the import run over them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from ringfence.application.import_directory import ImportOptions, ImportResult, import_directory
from ringfence.application.import_mfa import MfaResult, import_mfa
from ringfence.application.services import Services
from ringfence.application.sync_cycle import Reporting
from ringfence.domain.directory.records import DirectoryRecord, MfaRecord, RejectedRow
from ringfence.domain.numbers.pairs import MethodType
from tests.contract.accounts import identifier
from tests.contract.deployments import TENANT

PLENTY: Final = 1_000_000


class ListedRows:
    """`DirectoryReader` and `MfaReader` over rows in memory, and `RejectedRows` that holds what comes."""

    def __init__(self, rows: Sequence[DirectoryRecord] | Sequence[MfaRecord]) -> None:
        """Read these rows."""
        self.path = Path("listed")
        self.size = len(rows)
        self.position = 0
        self.ignored_columns: tuple[str, ...] = ()
        self.rejected: list[RejectedRow] = []
        self._rows = rows

    def records(self) -> Iterator[DirectoryRecord | RejectedRow]:
        """The rows of a directory."""
        for position, row in enumerate(self._rows, 1):
            self.position = position
            assert isinstance(row, DirectoryRecord)
            yield row

    def add(self, row: RejectedRow) -> None:
        """Keep one."""
        self.rejected.append(row)


class ListedStates(ListedRows):
    """The same for strong-authentication states."""

    def records(self) -> Iterator[MfaRecord | RejectedRow]:  # type: ignore[override]
        """The rows of an export of methods."""
        for position, row in enumerate(self._rows, 1):
            self.position = position
            assert isinstance(row, MfaRecord)
            yield row


def quietly(done: int, total: int) -> None:
    """`Progress` that nobody looks at."""
    del done, total


def mobile_number(number: int, line: int = 0) -> str:
    """A public mobile number of the `number`-th user; each line gives another one."""
    return f"+1 425{line}{number:06d}"


def synced_row(number: int, mobile: str, **fields: object) -> DirectoryRecord:
    """The row of a synced user."""
    row = DirectoryRecord(number, user_id=identifier(number), upn=f"user{number}@contoso.example", synced=True, mobile=mobile)
    return row._replace(**fields)  # type: ignore[arg-type]


def take_over(services: Services, rows: Sequence[DirectoryRecord], *, full: bool = False) -> ImportResult:
    """Import the rows; none may be rejected."""
    reader = ListedRows(rows)
    options = ImportOptions(full=full, allowed=PLENTY)
    result = import_directory(services, TENANT, [reader], options, Reporting(quietly, {str(reader.path): reader}))
    assert [] == reader.rejected
    return result


def configure(services: Services, numbers: Sequence[int]) -> MfaResult:
    """Import SMS and voice entries for these users, without any number."""
    entries = (MethodType.OneWaySMS, MethodType.TwoWayVoiceMobile)
    reader = ListedStates([MfaRecord(number, user_id=identifier(number), methods=entries) for number in numbers])
    result = import_mfa(services, TENANT, reader, quietly, reader)
    assert [] == reader.rejected
    return result
