"""`ringfence status`."""

from __future__ import annotations

import pytest

from ringfence.settings import MetricsAccess, ServerSettings, read_settings
from ringfence.storage.schema import HEAD
from tests.cli.conftest import At


def test_a_deployment_says_what_it_is(at: At) -> None:
    """Tenant, users, schema, key file."""
    cli = at("imported")
    status = cli.json("status")
    assert (cli.json("init")["tenantId"], "contoso.example", 13, HEAD, str(cli.folder / "ringfence.key")) == tuple(
        status[key] for key in ("tenantId", "tenant", "users", "schema", "keyFile")
    )


def test_a_deployment_says_where_its_server_is(at: At) -> None:
    """The defaults."""
    cli = at("initialised")
    status = cli.json("status")
    assert ("127.0.0.1:8443", "https://localhost:8443", f"{cli.folder}/tls/ca.pem") == tuple(
        status[key] for key in ("listen", "publicUrl", "ca")
    )


def test_a_server_with_a_certificate_of_somebody_else_has_no_authority(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients trust its issuer already."""
    monkeypatch.setenv("RINGFENCE_TLS_CERT", "server.pem")
    monkeypatch.setenv("RINGFENCE_TLS_KEY", "server.key")
    assert None is at("initialised").json("status")["ca"]


@pytest.mark.parametrize("lacking", ["CERT", "KEY"])
def test_certificate_and_key_come_together(lacking: str, at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 2, and which one is missing."""
    other = {"CERT": "KEY", "KEY": "CERT"}[lacking]
    monkeypatch.setenv(f"RINGFENCE_TLS_{other}", "server.pem")
    told = f"ringfence: RINGFENCE_TLS_{lacking} cannot be empty while RINGFENCE_TLS_{other} is not.\n"
    assert (2, told) == at("initialised")("status")[::2]


def test_of_several_tenants_none_is_meant(at: At) -> None:
    """They are listed; named, one is shown."""
    cli = at("imported")
    cli.done("init", "--tenant", "fabrikam.example")
    status = cli.json("status")
    assert (None, None, None, ["contoso.example", "fabrikam.example"]) == tuple(
        status[key] for key in ("tenantId", "tenant", "users", "tenants")
    )
    assert 0 == cli.json("status", "--tenant", "fabrikam.example")["users"]


def test_people_get_a_table(at: At) -> None:
    """A line for each; an address says that it is what was set, not that somebody is there."""
    lines = [line.split(maxsplit=1) for line in at("imported").done("status").splitlines()]
    assert ["publicUrl", "(as set)  https://localhost:8443"] in lines


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, ServerSettings()),
        ({"RINGFENCE_LISTEN": "[::1]:9000"}, ServerSettings("::1", 9000, "https://localhost:9000")),
        ({"RINGFENCE_LISTEN": "0.0.0.0:443"}, ServerSettings("0.0.0.0", 443, "https://localhost:443")),  # noqa: S104 - as set
        ({"RINGFENCE_PUBLIC_URL": "https://a.example:444/"}, ServerSettings(public_url="https://a.example:444")),
        ({"RINGFENCE_HOSTS": " a.example, b.example,,"}, ServerSettings(hosts=("a.example", "b.example"))),
        ({"RINGFENCE_METRICS": "open"}, ServerSettings(metrics=MetricsAccess.OPEN)),
        ({"RINGFENCE_THREADS": "64"}, ServerSettings(threads=64)),
    ],
    ids=["defaults", "IPv6", "everywhere", "public address", "hosts", "metrics", "threads"],
)
def test_settings_of_the_server(values: dict[str, str], expected: ServerSettings) -> None:
    """The public address follows the port unless it is given."""
    assert expected == read_settings({}, values).server
