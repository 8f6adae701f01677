"""The check a reader makes of a user principal name.

Whether it is free, and to whom it belongs, is decided elsewhere. Source: the form `name@domain`, domain-rules H.3.
"""

from __future__ import annotations

from typing import Final

WRITE_PRINCIPAL_NAME: Final = "This is not a user principal name. Write it as name@domain."


def is_principal_name(text: str) -> bool:
    """Whether it has the form `name@domain` in printable characters."""
    name, _, domain = text.rpartition("@")
    return bool(name and domain) and text.isprintable()
