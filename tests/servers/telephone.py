"""A telephone of another make than the phones of `sipp` and than our own stack: PJSIP, a process of its own, that really listens.

Owns start, stop, and what it told. Does not own how it behaves (`tests/clients/pjsua`); `./dev test` sets its environment up.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.conftest import need

_ROOT: Final = Path(__file__).parents[2]
_PYTHON: Final = _ROOT / "var" / "clients" / "pjsua" / "bin" / "python"
_SCRIPT: Final = _ROOT / "tests" / "clients" / "pjsua" / "telephone.py"
_SECONDS: Final = 60


class Telephone(NamedTuple):
    """A running one."""

    port: int
    recording: Path
    process: subprocess.Popen[str]

    def told(self) -> list[dict[str, Any]]:
        """All that it told, once its call is over and the recording whole."""
        said, _ = self.process.communicate(timeout=_SECONDS)
        return [json.loads(line) for line in said.splitlines() if line.startswith("{")]


@contextlib.contextmanager
def telephone(folder: Path, keys: str, listens: float) -> Iterator[Telephone]:
    """Run one that presses keys so many seconds after it took the call."""
    need(_PYTHON.exists(), "PJSIP for Python (./dev test installs it)")
    recording = folder / "heard.wav"
    command = [str(_PYTHON), str(_SCRIPT), str(recording), keys, str(listens)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, cwd=folder) as process:
        try:
            assert process.stdout is not None
            ready = next(json.loads(line) for line in process.stdout if line.startswith("{"))
            yield Telephone(int(ready["port"]), recording, process)
        finally:
            process.kill()
