"""Run a command and print, as JSON, the most memory it ever held; a process of its own, for the reason below.

A child's peak (`ru_maxrss`) begins at the memory of whoever started it, so that has to be something small: this file run as a
script, which imports next to nothing. Source: getrusage(2), execve(2).
"""

from __future__ import annotations

import json
import os
import sys


def run(command: list[str]) -> int:
    """Run it with its output thrown away, print its peak in bytes, and return its exit code."""
    child = os.fork()
    if child == 0:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.execv(command[0], command)  # noqa: S606 - a command of the bench's own
    _, status, usage = os.wait4(child, 0)
    unit = 1 if sys.platform == "darwin" else 1024
    sys.stdout.write(json.dumps({"peak": usage.ru_maxrss * unit}) + "\n")
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
