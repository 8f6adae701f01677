"""Measures `plan` and `copy`: the product against hand-written SQL on the same database, or on two copies of it."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator

from bench import bare_numbers
from bench.engines import Row
from bench.report import Measure, alternate
from bench.stage import TENANT, Stage, timed
from ringfence.application.copy_numbers import copy_numbers
from ringfence.application.plan_numbers import NumbersPlan, plan_numbers


def measure_plan(stage: Stage, users: int) -> Iterator[Measure]:
    """Count everybody's pairs by outcome. Raises `RuntimeError` when the two do not count the same."""
    url = stage.prepared(users)
    deployment = stage.open(url)
    services = deployment.services
    with contextlib.closing(stage.engine.connect(url)) as hand:

        def product() -> NumbersPlan:
            return plan_numbers(services, TENANT, services.clock.now())

        told = Counter({(one.row.name, one.follows, one.extension_dropped): one.pairs for one in product().outcomes})
        _agree("plan", told, bare_numbers.plan(hand))
        value, bare = alternate(lambda: timed(product).seconds, lambda: timed(lambda: bare_numbers.plan(hand)).seconds)
    deployment.dispose()
    yield Measure("plan", stage.engine.name, value, "s", bare, users)


def measure_copy(stage: Stage, users: int) -> Iterator[Measure]:
    """Copy with audit records. Raises `RuntimeError` when the two leave different states."""
    states: list[list[set[Row]]] = []

    def run(work: Callable[[str], float]) -> float:
        with stage.scratch(stage.prepared(users)) as url:
            stage.engine.settle(url)
            seconds = work(url)
            with contextlib.closing(stage.engine.connect(url)) as hand:
                states.append(bare_numbers.state(hand))
        return seconds

    value, bare = alternate(lambda: run(lambda url: _copy(stage, url)), lambda: run(lambda url: _bare_copy(stage, url)))
    for other in states[1:]:
        _agree("copy", states[0], other)
    yield Measure("copy", stage.engine.name, value, "s", bare, users)


def _copy(stage: Stage, url: str) -> float:
    deployment = stage.open(url)

    def work() -> None:
        copy_numbers(deployment.services, TENANT, lambda done, total: None)  # noqa: ARG005 - nobody watches
        deployment.dispose()

    return timed(work).seconds


def _bare_copy(stage: Stage, url: str) -> float:
    hand = stage.engine.connect(url)

    def work() -> None:
        bare_numbers.copy(hand, 1, b"bare minimum ###")
        hand.close()

    return timed(work).seconds


def _agree(name: str, product: object, bare: object) -> None:
    if product != bare:
        message = f"{name}: the product and the bare minimum differ:\n{product}\n{bare}"
        raise RuntimeError(message)
