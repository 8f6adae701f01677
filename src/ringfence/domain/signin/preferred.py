"""Which method somebody is asked by: the one that was named, else the default, else the first of those there are.

Sources: domain-rules D.1 (the default is offered first), D.2 (the order of the system, and when it goes before the default).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from ringfence.domain.numbers.pairs import MethodType
from ringfence.domain.signin.challenge import ChallengeMethod

ORDER: Final = (
    ChallengeMethod.TEMPORARY_ACCESS_PASS,
    ChallengeMethod.OATH,
    ChallengeMethod.SMS,
    ChallengeMethod.VOICE_MOBILE,
    ChallengeMethod.VOICE_ALTERNATE_MOBILE,
    ChallengeMethod.VOICE_OFFICE,
    ChallengeMethod.EMAIL,
)
"""D.2; e-mail, which is for resets alone, comes last (P)."""


def choose_method(
    usable: Collection[ChallengeMethod], default: MethodType | None, *, is_system_preferred: bool
) -> ChallengeMethod | None:
    """The method that is offered first; None where there is none."""
    if not is_system_preferred:
        own = next((method for method in usable if default is not None and method.entry is default), None)
        if own is not None:
            return own
    return next((method for method in ORDER if method in usable), None)
