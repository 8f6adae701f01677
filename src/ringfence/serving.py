"""Joins the web application to a deployment, and starts the server. With `bootstrap` the only place that joins concrete parts.

A worker process of the server builds its application by itself, from the environment: `whole_application` and
`web_application` are named to it as text.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum, unique
from functools import partial
from typing import Final

from ringfence.api.surface import MfaSurface
from ringfence.application.board import forget_old_board
from ringfence.application.deployment import Deployment
from ringfence.application.housekeeping import (
    forget_expired_grants,
    forget_old_browsers,
    forget_old_challenges,
    forget_old_changes,
    forget_old_messages,
    forget_old_notices,
    forget_old_sign_ins,
)
from ringfence.application.identity.callers import Callers
from ringfence.application.identity.keyring import Keyring
from ringfence.application.identity.parts import Identity
from ringfence.application.mfa.flows import forget_expired_flows
from ringfence.application.mfa.notice_outbox import SqlMailOutbox
from ringfence.application.mfa.outbox import SqlOutbox
from ringfence.application.ports.delivery import DeliveryReceipt
from ringfence.application.services import Services
from ringfence.bootstrap import certificates, demonstration_of, open_deployment, senders_of
from ringfence.cli.clock import SystemClock
from ringfence.delivery.drain import Drain, DrainThread, NoCaller, NoMailer
from ringfence.delivery.receivers import Receivers
from ringfence.demo.board import BoardSurface
from ringfence.graph.routes import VERSIONS
from ringfence.graph.surface import GraphSurface, reads_one_user
from ringfence.http.application import Surface, asks_if_alive, build_application, note_on_stderr
from ringfence.http.around import Around
from ringfence.http.gate import Gate
from ringfence.http.metrics import anybody, nobody, this_machine
from ringfence.http.roots import Roots
from ringfence.http.server import Listener, WorkerApplication, begin_as_worker, check_address, hold_stops, serve
from ringfence.http.worker import Task, Worker
from ringfence.oauth.surface import OAuthSurface
from ringfence.settings import MetricsAccess, Settings, export, read_settings

_OWN_NAMES: Final = ("localhost", "127.0.0.1", "::1")
_TIDY_EVERY: Final = 600.0
_MAY_SEE_METRICS: Final = {
    MetricsAccess.LOOPBACK: this_machine,
    MetricsAccess.OFF: nobody,
    MetricsAccess.OPEN: anybody,
}


@unique
class Role(StrEnum):
    """What a process of the deployment does."""

    ALL = "all"
    WEB = "web"
    WORKER = "worker"


def build_web(deployment: Deployment, settings: Settings) -> Around:
    """The application over a deployment that is open."""
    identity, server = deployment.identity(), settings.server
    keyring = Keyring(identity)
    callers = Callers(identity, keyring)
    roots = Roots(server.public_url, (*_OWN_NAMES, *server.hosts))
    graph = GraphSurface(identity, callers, roots, note_on_stderr)
    mfa = MfaSurface(identity, callers, _receivers(settings, identity), roots)
    surfaces: list[Surface] = [OAuthSurface(identity, keyring, callers, roots), mfa]
    if settings.is_demo:
        surfaces.append(BoardSurface(demonstration_of(settings, deployment.services), roots))
    metrics = _MAY_SEE_METRICS[server.metrics]
    return build_application(deployment.services, dict.fromkeys(VERSIONS, graph), surfaces, note_on_stderr, metrics)


def _receivers(settings: Settings, identity: Identity) -> Receivers:
    """Where receipts go that come over HTTP."""
    outbox, clock = SqlOutbox(identity), identity.services.clock

    def take(receipt: DeliveryReceipt) -> None:
        outbox.receipt(receipt, clock.now())

    plan = senders_of(settings, identity.services)
    return Receivers({} if plan is None else plan.build(take)[1])


def open_drain(settings: Settings, deployment: Deployment) -> DrainThread | None:
    """The worker that drains the outbox; None where there is no sender."""
    plan = senders_of(settings, deployment.services)
    if plan is None:
        return None
    identity = deployment.identity()
    mailer = plan.mailer()
    mails = None if mailer is None else SqlMailOutbox(identity, settings.server.public_url)
    drain = Drain(SqlOutbox(identity), identity.services.clock.now, note_on_stderr, mails)
    caller = plan.caller(drain.take_progress) or NoCaller()
    return DrainThread(drain, (plan.build(drain.take_receipt)[0], caller, mailer or NoMailer()))


def build_gate(deployment: Deployment, settings: Settings) -> Gate:
    """What the server gives requests to: the application behind an event loop, which answers short reads of a file itself."""
    is_short = _is_short if deployment.services.store.reads_at_once else asks_if_alive
    return Gate(build_web(deployment, settings), settings.server.threads, is_short, note_on_stderr)


def _is_short(method: str, path: str) -> bool:
    return reads_one_user(method, path) or asks_if_alive(method, path)


def web_application() -> WorkerApplication:
    """The application of one worker process, without background work."""
    begin_as_worker()
    settings = read_settings({})
    deployment = open_deployment(settings, SystemClock())
    hold_stops()
    return WorkerApplication(build_gate(deployment, settings))


def whole_application() -> WorkerApplication:
    """The same with background work beside it, which ends with it."""
    begin_as_worker()
    settings = read_settings({})
    deployment = open_deployment(settings, SystemClock())
    drain = open_drain(settings, deployment)
    gate = build_gate(deployment, settings)
    hold_stops()
    tidying = background(deployment)
    tidying.start()
    if drain is None:
        return WorkerApplication(gate, (tidying.stop,))
    drain.start()
    return WorkerApplication(gate, (tidying.stop, drain.stop))


def background(deployment: Deployment) -> Worker:
    """The background work of a deployment."""
    services = deployment.services
    work = (
        forget_expired_flows,
        forget_expired_grants,
        forget_old_browsers,
        forget_old_board,
        forget_old_challenges,
        forget_old_changes,
        forget_old_messages,
        forget_old_notices,
        forget_old_sign_ins,
    )
    tidy = [Task(_TIDY_EVERY, partial(_run_now, forget, services)) for forget in work]
    return Worker(tidy, note_on_stderr)


def _run_now(forget: Callable[[Services, datetime], int], services: Services) -> int:
    return forget(services, services.clock.now())


def start(settings: Settings, overrides: dict[str, str], role: Role, workers: int) -> None:
    """Serve until told to stop. The deployment is opened first, so that what is wrong with it is told here."""
    deployment = open_deployment(settings, SystemClock())
    senders_of(settings, deployment.services)
    if settings.is_demo:
        demonstration_of(settings, deployment.services)
    if role is Role.WORKER:
        drain = open_drain(settings, deployment)
        if drain is not None:
            drain.start()
        background(deployment).run_until_stopped()
        if drain is not None:
            drain.stop()
        deployment.dispose()
        return
    deployment.dispose()
    export(overrides)
    certificate, key = certificates(settings.server, SystemClock().now())
    target = whole_application if role is Role.ALL else web_application
    listener = Listener(settings.server.host, settings.server.port, certificate, key)
    check_address(listener)
    sys.stderr.write(f"Serving {settings.server.public_url} on {settings.server.listen}. Ctrl-C ends it.\n")
    serve(f"{__name__}:{target.__name__}", listener, workers)
