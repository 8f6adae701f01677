"""What a sign-in leaves in the log: one line, written in the transaction that decides it.

Failures may come in floods. Of one user, and of all names that nobody has, so many have a line of their own within an hour;
those beyond are counted on the last one. So every try writes once, whoever it is about, and a flood of invented names adds no
more than 72,000 lines a month to a tenant.
"""

from __future__ import annotations

from typing import Final

from ringfence.application.ports import UnitOfWork
from ringfence.domain.identity.sign_ins import SignIn, SignInResult

MOST_FAILURES: Final = 20
"""Lines of one user's failures in an hour."""
MOST_UNKNOWN: Final = 100
"""Lines of names that nobody has in an hour, in a tenant."""


def record_sign_in(unit: UnitOfWork, tenant_id: int, sign_in: SignIn) -> None:
    """Write the line, or count a failure on the last one like it where there are too many of them in this hour."""
    if sign_in.result is not SignInResult.SUCCESS:
        most = MOST_UNKNOWN if sign_in.user_id is None else MOST_FAILURES
        hour = sign_in.at.replace(minute=0, second=0, microsecond=0)
        others = unit.sign_ins.latest_failures(tenant_id, sign_in.user_id, hour, most)
        if len(others) == most:
            unit.sign_ins.count_further(tenant_id, others[0])
            return
    unit.sign_ins.add(tenant_id, sign_in)
