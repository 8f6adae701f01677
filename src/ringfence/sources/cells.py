"""What people and spreadsheets write into cells, read back: numbers kept from a spreadsheet, lists, yes and no.

Does not own: whether a number is well formed; a public number is data, whatever it is.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from ringfence.sources.unusable import UnusableRowError

_KEPT_AS_TEXT: Final = re.compile(r"""'(?=\+)|="(?=\+)(.*)"$""", re.DOTALL)
"""`'+1…` and `="+1…"`, with which people keep a spreadsheet from calculating."""

_BOOLEANS: Final = {"true": True, "false": False}
_PLACEHOLDER: Final = re.compile(r"System\.\S+|Microsoft\.\S+")

_LIST: Final = msgspec.json.Decoder(list[str])
_LIST_STARTS: Final = ("[", "System.", "Microsoft.")

BOOLEAN_WORDS: Final = frozenset(_BOOLEANS)


def number_text(cell: str) -> str:
    """The number a cell holds, as it stands, without a spreadsheet's wrapping."""
    kept = _KEPT_AS_TEXT.match(cell)
    if kept is None:
        return cell
    return cell[1:] if kept[1] is None else kept[1]


def listed(cell: str, column: str) -> list[str]:
    """The elements of a list written as `["a","b"]` or `a;b`; raises `UnusableRowError` for PowerShell's placeholder."""
    text = cell.strip()
    if _PLACEHOLDER.fullmatch(text):
        raise UnusableRowError(
            column=column, reason="PowerShell wrote the name of a type instead of the list. Export the joined elements."
        )
    if not text.startswith("["):
        return [part for piece in text.split(";") if (part := piece.strip())]
    try:
        elements = _LIST.decode(text)
    except ValueError:
        elements = ["\0"]
    if any("\0" in element for element in elements):
        raise UnusableRowError(column=column, reason='The list is broken. Write it as ["first","second"] or as first;second.')
    return [element for element in elements if element.strip()]


def first_number(cell: str, column: str) -> str:
    """The first number of a cell that may hold a list of them; raises `UnusableRowError` for a broken list."""
    if ";" not in cell and not cell.lstrip().startswith(_LIST_STARTS):
        return number_text(cell)
    numbers = listed(cell, column)
    return number_text(numbers[0]) if numbers else ""


def boolean(cell: str, column: str) -> bool | None:
    """True, False, or None for an empty cell; raises `UnusableRowError` for another word."""
    word = cell.strip().casefold()
    if word and word not in _BOOLEANS:
        raise UnusableRowError(
            column=column, reason="This is neither true nor false. Write one of them, or leave the cell empty."
        )
    return _BOOLEANS.get(word)
