"""A file as UTF-8 text in big blocks of whole lines, with the place reached, in steady memory.

Owns: opening and reading, byte order marks (UTF-8, UTF-16), the longest line, and how errors name the file.
Does not own: what the text means.
"""

from __future__ import annotations

import codecs
import stat
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Final

from ringfence.domain.errors import ErrorCode, InvalidError

_CHUNK: Final = 1 << 17
_HEAD: Final = 1 << 16

LONGEST_LINE: Final = 8 << 20
"""Bytes of one line that a reader holds in memory; a longer one is no row of an export."""

LARGEST_WHOLE: Final = 64 << 20
"""Bytes of a document that has to be read whole."""

_UTF16: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class SourceFile:
    """A regular file that is read from the start each time `blocks()` is called.

    `size` is in bytes; `position` says how many of them the present pass has read. Raises `InvalidError` (SOURCE_UNREADABLE)
    when there is no such file or it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        """Look at the file; nothing is held open between passes."""
        self.path = path
        self.position = 0
        try:
            found = path.stat()
            if not stat.S_ISREG(found.st_mode):
                raise InvalidError(ErrorCode.SOURCE_UNREADABLE, path=str(path), reason="it is not a file")
            with path.open("rb"):
                self.size = found.st_size
        except (OSError, ValueError) as error:
            raise self._unreadable(error) from error

    def refusal(self, expected: str, *, line: int | None = None, why: str) -> InvalidError:
        """The error that says: this is not what it claims to be (SOURCE_FORMAT)."""
        return self._error(ErrorCode.SOURCE_FORMAT, line, expected=expected, why=why)

    def truncation(self, line: int | None, *, why: str) -> InvalidError:
        """The error that says: the file ends too early (SOURCE_TRUNCATED)."""
        return self._error(ErrorCode.SOURCE_TRUNCATED, line, why=why)

    def _error(self, code: ErrorCode, line: int | None, **facts: object) -> InvalidError:
        if line is not None:
            facts["line"] = line
        return InvalidError(code, path=str(self.path), **facts)

    def head(self) -> bytes:
        """Read the first bytes, as UTF-8 text unless the file is something else altogether."""
        for chunk in self._texts():
            self.position = 0
            return chunk[:_HEAD]
        return b""

    def blocks(self, longest_line: int = LONGEST_LINE) -> Generator[bytes, None, None]:
        """Yield blocks of whole lines; each ends with a line end, but for a last line without one.

        Raises `InvalidError`: SOURCE_FORMAT for a line longer than `longest_line`, SOURCE_TRUNCATED for half a UTF-16 character.
        """
        held: list[bytes] = []
        size = 0
        for chunk in self._texts():
            cut = chunk.rfind(b"\n") + 1
            if cut:
                yield b"".join((*held, chunk[:cut]))
                held, size = [], 0
            if rest := chunk[cut:]:
                held.append(rest)
                size += len(rest)
                if size > longest_line:
                    raise self.refusal(expected=f"lines of at most {longest_line >> 20} MiB", why="line_too_long")
        if held:
            yield b"".join(held)

    def whole(self) -> bytes:
        """Return all of it; raises `InvalidError` (SOURCE_FORMAT) when it is over `LARGEST_WHOLE`."""
        if self.size > LARGEST_WHOLE:
            expected = f"a document of at most {LARGEST_WHOLE >> 20} MiB, or else JSON Lines,"
            raise self.refusal(expected, why="too_large")
        return b"".join(self._texts())

    def _texts(self) -> Iterator[bytes]:
        """Yield the bytes as UTF-8 without a byte order mark. Half surrogates stay wrong, so that their row is rejected."""
        chunks = self._chunks()
        first = next(chunks, b"")
        encoding = _UTF16.get(first[:2])
        if encoding is None:
            yield first.removeprefix(codecs.BOM_UTF8)
            yield from chunks
            return
        decode = codecs.getincrementaldecoder(encoding)("surrogatepass").decode
        yield decode(first[2:]).encode("utf-8", "surrogatepass")
        for chunk in chunks:
            yield decode(chunk).encode("utf-8", "surrogatepass")
        try:
            decode(b"", final=True)
        except UnicodeDecodeError as error:
            raise self.truncation(None, why="half_character") from error

    def _chunks(self) -> Iterator[bytes]:
        self.position = 0
        try:
            with self.path.open("rb", buffering=0) as file:
                while chunk := file.read(_CHUNK):
                    self.position += len(chunk)
                    yield chunk
        except OSError as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> InvalidError:
        reason = error.strerror if isinstance(error, OSError) else None
        return InvalidError(ErrorCode.SOURCE_UNREADABLE, path=str(self.path), reason=reason or str(error))
