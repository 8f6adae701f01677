"""Settings: frozen, and the only reader of the environment.

| variable | default | meaning |
|---|---|---|
| `RINGFENCE_DATABASE` | `./var/ringfence.db` | a path (SQLite) or a URL: `sqlite:///…`, `postgresql://…` |
| `RINGFENCE_KEY_FILE` | `./var/ringfence.key` | the sealing keys |
| `RINGFENCE_TENANT` | the only tenant | name or directory id |
| `RINGFENCE_PUBLIC_NUMBER_FALLBACK` | `synced_until_window_end` | domain-rules A.5; also `legacy_all`, `off` |
| `RINGFENCE_MIRROR_SOURCES` | `sync,admin` | A17; also `self_service` |
| `RINGFENCE_MIRROR_REQUIRES_CONFIGURED` | `true` | A3 |
| `RINGFENCE_ACCEPT_UNSPACED` | `false` | C.2 step 1, for public numbers |
| `RINGFENCE_BYPASS_OVERRIDES` | `false` | H.4: the directory's `mobile` wins over one written in the cloud, at the next import |
| `RINGFENCE_REJECT_CLOUD_PHONE_WRITES` | `false` | H.4: refuse to write `mobilePhone` of synced users in the cloud |
| `RINGFENCE_LISTEN` | `127.0.0.1:8443` | host and port that the server listens on; `[::1]:8443` for IPv6 |
| `RINGFENCE_PUBLIC_URL` | `https://localhost:PORT` | the server's address as clients know it, without a path |
| `RINGFENCE_HOSTS` | none | further host names or addresses of the server, with commas between them |
| `RINGFENCE_TLS_FOLDER` | `tls` beside the key file | where the server's own certificate authority lies |
| `RINGFENCE_TLS_CERT` | none | a certificate of the server (PEM, with its chain), instead of one of its own |
| `RINGFENCE_TLS_KEY` | none | the key of that certificate |
| `RINGFENCE_METRICS` | `loopback` | who may see `/metrics`: connections of this machine, not through a proxy; `open`, `off` |
| `RINGFENCE_SENDERS` | none | a TOML file of senders for texts and calls (docs/telephony.md) |
| `RINGFENCE_DEMO` | `false` | a demonstration on this machine: the phone board at `/demo/phones` (docs/challenges.md) |
| `RINGFENCE_THREADS` | `4` | requests that may take long which a process of the server answers at once |
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum, unique
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

from ringfence.domain.errors import ErrorCode, InvalidError
from ringfence.domain.numbers.policy import NumberPolicy, PublicNumberFallback, PublicSource

Value = TypeVar("Value")

_WORDS: Final = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}


_PORTS: Final = range(1, 65536)
_THREADS: Final = range(1, 65)


@unique
class MetricsAccess(StrEnum):
    """Who may see `/metrics`."""

    LOOPBACK = "loopback"
    OFF = "off"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Where the server listens, under which names it is known, and its certificate."""

    host: str = "127.0.0.1"
    port: int = 8443
    public_url: str = "https://localhost:8443"
    hosts: tuple[str, ...] = ()
    tls_folder: Path = Path("var/tls")
    certificate: Path | None = None
    """Given together with its key, or neither."""
    key: Path | None = None
    metrics: MetricsAccess = MetricsAccess.LOOPBACK
    threads: int = 4

    @property
    def listen(self) -> str:
        """Host and port as one text."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where a deployment keeps its things, and its switches."""

    database: str = "sqlite:///var/ringfence.db"
    key_file: Path = Path("var/ringfence.key")
    tenant: str | None = None
    policy: NumberPolicy = field(default_factory=NumberPolicy)
    server: ServerSettings = field(default_factory=ServerSettings)
    senders: Path | None = None
    """A file that `ringfence.delivery.sender_file` reads."""
    is_demo: bool = False
    """Whether everybody on this machine may see codes and numbers."""


def read_settings(overrides: Mapping[str, str], environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment, with `overrides` (by variable name) before it; raises `InvalidError` (SETTING_INVALID)."""
    values = {**(os.environ if environment is None else environment), **overrides}
    default = Settings()
    key_file = Path(values.get("RINGFENCE_KEY_FILE") or default.key_file)
    return Settings(
        database=as_url(values.get("RINGFENCE_DATABASE") or default.database),
        key_file=key_file,
        tenant=values.get("RINGFENCE_TENANT") or None,
        policy=NumberPolicy(
            _read(values, "RINGFENCE_PUBLIC_NUMBER_FALLBACK", PublicNumberFallback, default.policy.public_number_fallback),
            _read(values, "RINGFENCE_MIRROR_SOURCES", _sources, default.policy.mirror_sources),
            _read(values, "RINGFENCE_MIRROR_REQUIRES_CONFIGURED", _word, default.policy.mirror_requires_configured),
            _read(values, "RINGFENCE_ACCEPT_UNSPACED", _word, default.policy.accept_unspaced),
            _read(values, "RINGFENCE_BYPASS_OVERRIDES", _word, default.policy.bypass_overrides),
            _read(values, "RINGFENCE_REJECT_CLOUD_PHONE_WRITES", _word, default.policy.reject_cloud_phone_writes),
        ),
        server=_server(values, default.server, key_file),
        senders=Path(values["RINGFENCE_SENDERS"]) if values.get("RINGFENCE_SENDERS") else None,
        is_demo=_read(values, "RINGFENCE_DEMO", _word, default.is_demo),
    )


def as_url(database: str) -> str:
    """A database URL; a plain path names an SQLite file."""
    return database if "://" in database else f"sqlite:///{database}"


def _read(values: Mapping[str, str], name: str, parse: Callable[[str], Value], default: Value) -> Value:
    text = values.get(name, "").strip()
    if not text:
        return default
    try:
        return parse(text)
    except (KeyError, ValueError) as error:
        raise InvalidError(ErrorCode.SETTING_INVALID, setting=name, value=text) from error


def _word(text: str) -> bool:
    return _WORDS[text.casefold()]


def _sources(text: str) -> frozenset[PublicSource]:
    found = frozenset(PublicSource[name.strip().upper()] for name in text.split(",") if name.strip())
    if PublicSource.OVERRIDE in found:  # it is an administrator's
        raise ValueError
    return found


def _server(values: Mapping[str, str], default: ServerSettings, key_file: Path) -> ServerSettings:
    host, port = _read(values, "RINGFENCE_LISTEN", _host_and_port, (default.host, default.port))
    certificate, key = values.get("RINGFENCE_TLS_CERT") or None, values.get("RINGFENCE_TLS_KEY") or None
    if (certificate is None) is not (key is None):
        both = ("RINGFENCE_TLS_CERT", "RINGFENCE_TLS_KEY")
        lacking, other = both if certificate is None else reversed(both)
        raise InvalidError(ErrorCode.SETTING_INVALID, setting=lacking, value=f"empty while {other} is not")
    return ServerSettings(
        host=host,
        port=port,
        public_url=_read(values, "RINGFENCE_PUBLIC_URL", _root, f"https://localhost:{port}"),
        hosts=_read(values, "RINGFENCE_HOSTS", _names, default.hosts),
        tls_folder=Path(values.get("RINGFENCE_TLS_FOLDER") or key_file.parent / "tls"),
        certificate=None if certificate is None else Path(certificate),
        key=None if key is None else Path(key),
        metrics=_read(values, "RINGFENCE_METRICS", MetricsAccess, default.metrics),
        threads=_read(values, "RINGFENCE_THREADS", _threads, default.threads),
    )


def _host_and_port(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise ValueError
    if not host or set(host) & set("/@[] ") or not (port.isascii() and port.isdigit()) or int(port) not in _PORTS:
        raise ValueError
    return host, int(port)


def _root(text: str) -> str:
    """An address without a path; over https alone, for tokens and secrets go there."""
    parts = urlsplit(text.rstrip("/"))
    if parts.scheme != "https" or not parts.hostname or parts.port == 0 or "@" in parts.netloc or not text.isprintable():
        raise ValueError
    if parts.path or parts.query or parts.fragment or set(text) & set(" ?#\\"):
        raise ValueError
    return f"https://{parts.netloc}"


def _threads(text: str) -> int:
    if int(text) not in _THREADS:
        raise ValueError
    return int(text)


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


def export(overrides: Mapping[str, str]) -> None:
    """Put settings into the environment, for the processes that are started from this one."""
    os.environ.update(overrides)
