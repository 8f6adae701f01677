"""Passwords that somebody hands to a command: never as an argument, which everybody on the machine could read."""

from __future__ import annotations

import getpass
import sys
from typing import Final

import typer

_LONGEST_LINE: Final = 4096
"""Bytes; longer ones are cut, and are too long for a password in any case."""


def read_password() -> str:
    """The first line of stdin without its end, as UTF-8; at a terminal it is asked for and not shown."""
    if sys.stdin.isatty():
        return getpass.getpass("Password: ")
    line = sys.stdin.buffer.readline(_LONGEST_LINE)
    try:
        return line.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8")
    except UnicodeDecodeError as error:
        message = "the password is not UTF-8"
        raise typer.BadParameter(message, param_hint="--password-stdin") from error
