"""Measure `memory`: the peak of the real command line doing import, plan with a file, and copy."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bench.report import Measure
from bench.stage import Stage

_PEAK: Final = str(Path(__file__).with_name("peak.py"))
_MEGABYTE: Final = 1_000_000
_REJECTED: Final = 1


def measure_memory(stage: Stage, users: int) -> Iterator[Measure]:
    """The bare minimum is the peak at a tenth of the users: memory is flat when the ratio is 1."""
    fewer, all_of_them = (_peaks(stage, size) for size in (users // 10, users))
    for name, peak in all_of_them.items():
        yield Measure(f"memory_{name}", stage.engine.name, peak, "MB", fewer[name])


def _peaks(stage: Stage, users: int) -> dict[str, float]:
    path = stage.file(users)
    url = stage.empty()
    peaks = {"import": _peak(stage, url, "import", "directory", str(path))}
    stage.give_private_side(url)
    _peak(stage, url, "transition", "open", "--start", "2021-02-01", "--end", "2999-01-01")
    report = path.with_suffix(".csv")
    peaks["plan"] = _peak(stage, url, "numbers", "plan", "--users", str(report))
    report.unlink()
    peaks["copy"] = _peak(stage, url, "numbers", "copy")
    stage.engine.drop(url)
    return peaks


def _peak(stage: Stage, url: str, *command: str) -> float:
    """Run a command and return its peak in megabytes; raises `RuntimeError` when it fails."""
    options = ["--database", url, "--key-file", str(stage.key_file), "--json"]
    line = [sys.executable, "-S", _PEAK, sys.executable, "-m", "ringfence", *options, *command]
    done = subprocess.run(line, check=False, capture_output=True, text=True)  # noqa: S603 - a command of the bench's own
    if done.returncode not in {0, _REJECTED}:
        raise RuntimeError(done.stderr)
    return float(json.loads(done.stdout)["peak"]) / _MEGABYTE
