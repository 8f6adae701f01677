"""Write a file, read it with the real reader, and say what came out in few words."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.domain.directory.records import DirectoryRecord, MfaRecord, RejectedRow
from ringfence.domain.errors import InvalidError
from ringfence.domain.numbers.canonical import parse_authentication_number
from ringfence.sources.files import DirectoryReader, MfaReader, open_directory, open_mfa


class Folder:
    """A folder whose files are read as soon as they are written."""

    def __init__(self, path: Path) -> None:
        """Use an existing folder."""
        self.path = path

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file, text as UTF-8."""
        path = self.path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def open_directory(self, name: str, content: str | bytes) -> DirectoryReader:
        """Open a directory export."""
        return open_directory(self.write(name, content))

    def open_mfa(self, name: str, content: str | bytes) -> MfaReader:
        """Open an export of the strong-authentication state."""
        return open_mfa(self.write(name, content), parse_authentication_number)

    def directory(self, name: str, content: str | bytes) -> list[DirectoryRecord | RejectedRow]:
        """All rows of a directory export."""
        return list(self.open_directory(name, content).records())

    def user(self, name: str, content: str | bytes) -> DirectoryRecord:
        """The one record of a directory export."""
        [row] = self.directory(name, content)
        assert isinstance(row, DirectoryRecord), row
        return row

    def mfa(self, name: str, content: str | bytes) -> list[MfaRecord | RejectedRow]:
        """All rows of an export of the strong-authentication state."""
        return list(self.open_mfa(name, content).records())

    def state(self, name: str, content: str | bytes) -> MfaRecord:
        """The one record of an export of the strong-authentication state."""
        [row] = self.mfa(name, content)
        assert isinstance(row, MfaRecord), row
        return row

    def refusal(self, name: str, content: str | bytes, *, mfa: bool = False) -> tuple[str, object, object]:
        """Code, line and reason word of the error that refuses the whole file."""
        with pytest.raises(InvalidError) as caught:
            self.mfa(name, content) if mfa else self.directory(name, content)
        facts = caught.value.facts
        assert str(self.path / name) == facts["path"]
        return caught.value.code.value, facts.get("line"), facts.get("why")


def rejects(rows: list[DirectoryRecord | RejectedRow] | list[MfaRecord | RejectedRow]) -> list[tuple[int, str]]:
    """Line and column of the rejected rows."""
    return [(row.line, row.column) for row in rows if isinstance(row, RejectedRow)]


def upns(rows: list[DirectoryRecord | RejectedRow] | list[MfaRecord | RejectedRow]) -> list[str | None]:
    """Names of the users of the good rows."""
    return [row.upn for row in rows if not isinstance(row, RejectedRow)]
