"""Files that a command writes: each is there whole, or stays as it was."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, TextIO

from ringfence.domain.errors import ErrorCode, InvalidError

_DRAFT: Final = ".ringfence."
"""How the name of a draft begins; the rest is anybody's guess, and nobody's link is followed."""


@contextmanager
def whole_file(path: Path, *, private: bool = False) -> Iterator[TextIO]:
    """A text file that takes the place of `path` only when it is whole; raises `InvalidError` (TARGET_UNWRITABLE).

    What is no file (`/dev/stdout`, a pipe) is written to as it is, never replaced. A private one only its owner may read; the
    others are private until they are whole. An error of the block itself goes on as it is.
    """
    with _told(path):
        special = path.exists() and not path.is_file()
        target = path if special else path.resolve()
        handle, draft = (os.open(path, os.O_WRONLY), None) if special else _begin(target)
        file = os.fdopen(handle, "w", encoding="utf-8", newline="")
    try:
        yield file
        with _told(path):
            if draft is not None:
                _finish(file, draft, target, private=private)
            file.close()
    finally:
        with suppress(OSError):
            file.close()
        if draft is not None:
            draft.unlink(missing_ok=True)


def _begin(target: Path) -> tuple[int, Path]:
    """A new file of mode 0600 in the target's folder."""
    handle, name = tempfile.mkstemp(prefix=_DRAFT, dir=target.parent)
    return handle, Path(name)


def _finish(file: TextIO, draft: Path, target: Path, *, private: bool) -> None:
    """Write all of the draft and put it in the target's place."""
    file.flush()
    if not private:
        mask = os.umask(0o077)
        os.umask(mask)
        os.fchmod(file.fileno(), 0o666 & ~mask)
    draft.replace(target)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Say of an error which file cannot be written; that a reader has had enough is none."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise InvalidError(ErrorCode.TARGET_UNWRITABLE, path=str(path), reason=error.strerror) from error
