"""What a challenge is for, where that says which methods will do.

Every purpose is a second factor's, but for one: the self-service reset of a password, whose gates are others. A code by e-mail is
such a gate and no second factor; a pass and the alternate mobile are no gates. Sources: domain-rules D.3, E.4; surface b1.
"""

from __future__ import annotations

from typing import Final

from ringfence.domain.signin.challenge import ChallengeMethod

PASSWORD_RESET: Final = "passwordReset"  # noqa: S105 - a purpose
_NO_GATES: Final = frozenset({ChallengeMethod.TEMPORARY_ACCESS_PASS, ChallengeMethod.VOICE_ALTERNATE_MOBILE})
_GATES_ALONE: Final = frozenset({ChallengeMethod.EMAIL})


def is_reset(purpose: str) -> bool:
    """Whether it is the reset of a password."""
    return purpose == PASSWORD_RESET


def methods_for(*, reset: bool) -> frozenset[ChallengeMethod]:
    """The methods that serve for a reset, or for anything else, whoever is asked."""
    return frozenset(ChallengeMethod) - (_NO_GATES if reset else _GATES_ALONE)
