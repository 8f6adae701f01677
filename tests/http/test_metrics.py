"""Who is shown `/metrics`, by the setting and by where the connection comes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest
from falcon import testing

from ringfence.application.deployment import Deployment
from ringfence.bootstrap import create_deployment
from ringfence.serving import build_web
from ringfence.settings import read_settings
from tests.application.fakes import FakeClock
from tests.contract.clocks import IN_WINDOW


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """One that exists."""
    folder = tmp_path_factory.mktemp("measured")
    settings = {"RINGFENCE_DATABASE": str(folder / "ringfence.db"), "RINGFENCE_KEY_FILE": str(folder / "ringfence.key")}
    made = create_deployment(read_settings({}, settings), FakeClock(IN_WINDOW))
    yield made
    made.dispose()


SHOWN: Final = {
    "this machine": ("", "127.0.0.1", {}, 200),
    "this machine, another of its addresses": ("loopback", "127.9.9.9", {}, 200),
    "this machine, IPv6": ("loopback", "::1", {}, 200),
    "this machine, IPv4 in IPv6": ("loopback", "::ffff:127.0.0.1", {}, 200),
    "elsewhere": ("loopback", "192.0.2.1", {}, 404),
    "elsewhere, IPv4 in IPv6": ("loopback", "::ffff:192.0.2.1", {}, 404),
    "elsewhere, and says otherwise": ("loopback", "192.0.2.1", {"X-Forwarded-For": "127.0.0.1"}, 404),
    "a proxy of this machine": ("loopback", "127.0.0.1", {"X-Forwarded-For": "192.0.2.1"}, 404),
    "a proxy of this machine, RFC 7239": ("loopback", "127.0.0.1", {"Forwarded": "for=192.0.2.1"}, 404),
    "no address": ("loopback", "", {}, 404),
    "open": ("open", "192.0.2.1", {"X-Forwarded-For": "192.0.2.1"}, 200),
    "off": ("off", "127.0.0.1", {}, 404),
}


@pytest.mark.parametrize(("setting", "peer", "headers", "status"), SHOWN.values(), ids=SHOWN)
def test_metrics_are_shown_to(deployment: Deployment, setting: str, peer: str, headers: dict[str, str], status: int) -> None:
    """Connections of this machine unless it is set otherwise; others are told what they are told of any unknown path."""
    settings = read_settings({"RINGFENCE_METRICS": setting}, {})
    client = testing.TestClient(build_web(deployment, settings))
    client.simulate_get("/health/live")
    got = client.simulate_get("/metrics", headers=headers, extras={"REMOTE_ADDR": peer})
    unknown = client.simulate_get("/unknown", headers=headers)
    assert (status, status == 200) == (got.status_code, b"ringfence_http_requests_total{" in got.content)
    assert status == 200 or unknown.content == got.content
