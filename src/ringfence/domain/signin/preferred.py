"""Which method somebody is asked by: the one that was named, else the default, else the first of those there are.

Sources: domain-rules D.1 (the default is offered first), D.2 (the order of the system, and when it goes before the default).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from ringfence.domain.numbers.pairs import PREFERENCE_ORDER, MethodType
from ringfence.domain.signin.challenge import ChallengeMethod

ORDER: Final = tuple(sorted(ChallengeMethod, key=lambda method: PREFERENCE_ORDER.index(method.entry)))
"""D.2."""


def choose_method(
    usable: Collection[ChallengeMethod], default: MethodType | None, *, is_system_preferred: bool
) -> ChallengeMethod | None:
    """The method that is offered first; None where there is none."""
    if not is_system_preferred:
        own = next((method for method in usable if method.entry is default), None)
        if own is not None:
            return own
    return next((method for method in ORDER if method in usable), None)
