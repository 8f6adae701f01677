"""Files that a command writes: each is there whole, or stays as it was."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO

from ringfence.domain.errors import ErrorCode, InvalidError

_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


@contextmanager
def whole_file(path: Path, *, private: bool = False) -> Iterator[TextIO]:
    """A text file that takes the place of `path` only when it is whole; raises `InvalidError` (TARGET_UNWRITABLE).

    What is no file (`/dev/stdout`, a pipe) is written to as it is, never replaced. A private one only its owner may read.
    """
    try:
        if path.exists() and not path.is_file():
            with path.open("w", encoding="utf-8", newline="") as file:
                yield file
            return
        target = path.resolve()
        draft = target.with_name(f".{target.name}.part")
        try:
            with os.fdopen(os.open(draft, _NEW, 0o600 if private else 0o666), "w", encoding="utf-8", newline="") as file:
                yield file
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise InvalidError(ErrorCode.TARGET_UNWRITABLE, path=str(path), reason=error.strerror) from error
