"""Second processes: start the worker with one of its tasks, and wait for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]


def start(task: str, *words: object) -> subprocess.Popen[str]:
    """Start `tests.storage.worker` on a task; the words go to it as text."""
    command = [sys.executable, "-W", "error", "-m", "tests.storage.worker", task, *map(str, words)]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> str:
    """Wait for a worker that must end well, and return what it printed."""
    printed, errors = process.communicate()
    assert (0, "") == (process.returncode, errors)
    return printed
