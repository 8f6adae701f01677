"""What has to be cleared away from time to time: grants that expired long ago. Nothing depends on it for its truth."""

from __future__ import annotations

from datetime import datetime

from ringfence.application.services import Services, in_transaction


def forget_expired_grants(services: Services, now: datetime) -> int:
    """Remove codes and refresh tokens that expired more than a day ago; return how many."""
    return in_transaction(services, lambda unit: unit.grants.forget_expired(now))
