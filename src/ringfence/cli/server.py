"""`ringfence serve`: the API and the background work, until it is told to stop."""

from __future__ import annotations

from enum import StrEnum, unique
from typing import Annotated

import typer

from ringfence.cli.session import session_of


@unique
class ServerRole(StrEnum):
    """What this process does of a deployment."""

    ALL = "all"
    WEB = "web"
    WORKER = "worker"


def serve(
    context: typer.Context,
    listen: Annotated[str | None, typer.Option(metavar="HOST:PORT", help="Default 127.0.0.1:8443 (RINGFENCE_LISTEN).")] = None,
    role: Annotated[ServerRole, typer.Option(help="Answer requests, do the background work, or both.")] = ServerRole.ALL,
    workers: Annotated[int, typer.Option(min=1, max=256, help="Processes that answer requests.")] = 1,
    threads: Annotated[
        int | None, typer.Option(min=1, max=64, help="Long requests at once in a process. Default 4 (RINGFENCE_THREADS).")
    ] = None,
) -> None:
    """Serve the API over HTTPS until SIGTERM or Ctrl-C; requests that are running then are finished.

    The certificate is the server's own, made at the first start; clients trust it by its authority, whose file `status` names.
    `/metrics` answers connections from this machine alone; RINGFENCE_METRICS can be `open`, or `off`. Texts and calls go out by
    the senders in the file that RINGFENCE_SENDERS names (docs/telephony.md), from the process that does the background work.
    With RINGFENCE_DEMO=true, on this machine alone, `/demo/phones` shows phones for the sender `phone-board`.
    """
    options = {"RINGFENCE_LISTEN": listen or "", "RINGFENCE_THREADS": str(threads or "")}
    session_of(context).serve(options, role.value, workers)
