"""Second processes: start one of the programs of this folder, and wait for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]


def start(program: str, *words: object) -> subprocess.Popen[str]:
    """Start one of the programs of this folder; the words go to it as text."""
    command = [sys.executable, "-W", "error", "-m", f"tests.storage.{program}", *map(str, words)]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> str:
    """Wait for a program that must end well, and return what it printed."""
    printed, errors = process.communicate()
    assert (0, "") == (process.returncode, errors)
    return printed
