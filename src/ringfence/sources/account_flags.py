"""The bits of `userAccountControl` in Active Directory, of which we read one.

Source: Microsoft's description of the attribute: bit 2 is ACCOUNTDISABLE.
"""

from __future__ import annotations

import re
from typing import Final

from ringfence.domain.directory.records import UNSENT, Unsent
from ringfence.sources.unusable import UnusableRowError

_DISABLED: Final = 2
_NUMBER: Final = re.compile(r"[0-9]{1,10}")


def is_enabled(flags: str, column: str) -> bool | Unsent:
    """Whether the account is enabled, UNSENT for empty text; raises `UnusableRowError` for another than a number."""
    flags = flags.strip()
    if not flags:
        return UNSENT
    if not _NUMBER.fullmatch(flags):
        raise UnusableRowError(column=column, reason="This is not a whole number. Export the attribute again.")
    return not int(flags) & _DISABLED
