"""What makes a deployment a demonstration: somebody said so, and nobody but this machine reaches its server."""

from __future__ import annotations

from ipaddress import ip_address

from ringfence.application.services import Services
from ringfence.domain.errors import ErrorCode, InvalidError


class Demonstration:
    """A deployment that is one: whatever shows codes and numbers to everybody asks for it."""

    def __init__(self, services: Services, host: str, *, is_demo: bool) -> None:
        """Raise `InvalidError` (DEMO_ONLY) unless it `is_demo` and its server listens on loopback alone."""
        if not is_demo or not is_loopback(host):
            raise InvalidError(ErrorCode.DEMO_ONLY, host=host)
        self.services = services


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens there."""
    if host.casefold() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
