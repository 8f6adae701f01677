"""What one call of the command line works with: options given anywhere on the line, and the deployment they lead to."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import typer

from ringfence.application.deployment import Deployment
from ringfence.application.ports import Clock
from ringfence.application.services import Services
from ringfence.application.tenancy import resolve_tenant
from ringfence.domain.values import Actor, ActorKind, Tenant


@dataclass(slots=True)
class Session:
    """One call. `open` and `create` come from the entry point, which asks `ringfence.bootstrap`."""

    open: Callable[[], Deployment]
    create: Callable[[], Deployment]
    clock: Clock
    tenant_name: str | None
    json: bool
    serve: Callable[[dict[str, str], str, int], None]
    """Listen on an address (None for the setting's), in a role, with so many workers, until told to stop."""
    _deployment: Deployment | None = field(default=None)

    @property
    def deployment(self) -> Deployment:
        """The deployment, opened at first use."""
        if self._deployment is None:
            self._deployment = self.open()
        return self._deployment

    @property
    def services(self) -> Services:
        """The deployment's services."""
        return self.deployment.services

    def tenant(self) -> Tenant:
        """The tenant meant: the one named, or the only one."""
        return resolve_tenant(self.services.store, self.tenant_name)

    def now(self) -> datetime:
        """The instant of this call's write."""
        return self.clock.now()

    def actor(self) -> Actor:
        """Who sits at the command line, for the audit: by the system's word, not by a variable that anybody may set."""
        try:
            name = pwd.getpwuid(os.getuid()).pw_name
        except KeyError:  # a container may run under a user that has no name
            name = f"user {os.getuid()}"
        return Actor(ActorKind.APP, f"Ringfence command line ({name})")

    def close(self) -> None:
        """Close the deployment if it was opened."""
        if self._deployment is not None:
            self._deployment.dispose()


def session_of(context: typer.Context) -> Session:
    """The session of a command."""
    found = context.find_object(Session)
    if found is None:
        raise typer.Exit(code=2)
    return found
