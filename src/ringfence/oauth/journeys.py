"""What somebody signs in for: an application's request at the authorize endpoint, or a device that shows a code.

The steps of a sign-in are the same for both; here is what differs: where its forms go, and what happens at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

import falcon

from ringfence.application.mfa.flows import Errand
from ringfence.domain.identity.sign_ins import Attempt
from ringfence.domain.values import Tenant


class Arrival(NamedTuple):
    """Who signed in, by which steps, and when the first of them was."""

    user_id: bytes
    methods: tuple[str, ...]
    at: datetime


class Journey(NamedTuple):
    """One sign-in. `action` is the address of its pages, `leads_to` the one that the last form may end at besides this site."""

    tenant: Tenant
    application: str
    attempt: Attempt
    request: bytes
    action: str
    leads_to: str
    hidden: Mapping[str, str]
    arrive: Callable[[falcon.Response, Arrival], None]

    @property
    def errand(self) -> Errand:
        """What the sign-in is bound to."""
        return Errand(self.attempt, self.request)
