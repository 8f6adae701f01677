"""`/metrics` in Prometheus's text format, of one worker, and who may see it: it tells how much this deployment is used."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from typing import Final

import falcon
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

MaySee = Callable[[falcon.Request], bool]

_FORWARDED: Final = ("FORWARDED", "X-FORWARDED-FOR")


def anybody(_request: falcon.Request) -> bool:
    """Whoever reaches the port."""
    return True


def nobody(_request: falcon.Request) -> bool:
    """No one: there are no metrics."""
    return False


def this_machine(request: falcon.Request) -> bool:
    """Whoever connects from this machine and does not say that it asks for somebody else, as a proxy does."""
    try:
        peer = ip_address(request.remote_addr)
    except ValueError:
        return False
    peer = getattr(peer, "ipv4_mapped", None) or peer
    return peer.is_loopback and not any(request.get_header(name) for name in _FORWARDED)


class Metrics:
    """The path. Whom it is not for is told that it does not exist."""

    def __init__(self, registry: CollectorRegistry, may_see: MaySee) -> None:
        """Show this registry."""
        self._registry = registry
        self._may_see = may_see

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """Answer."""
        if not self._may_see(request):
            raise falcon.HTTPRouteNotFound
        response.content_type = CONTENT_TYPE_PLAIN_0_0_4
        response.data = generate_latest(self._registry)
