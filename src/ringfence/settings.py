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
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from ringfence.domain.errors import ErrorCode, InvalidError
from ringfence.domain.numbers.policy import NumberPolicy, PublicNumberFallback, PublicSource

Value = TypeVar("Value")

_WORDS: Final = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}


@dataclass(frozen=True, slots=True)
class Settings:
    """Where a deployment keeps its things, and its switches."""

    database: str = "sqlite:///var/ringfence.db"
    key_file: Path = Path("var/ringfence.key")
    tenant: str | None = None
    policy: NumberPolicy = field(default_factory=NumberPolicy)


def read_settings(overrides: Mapping[str, str], environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment, with `overrides` (by variable name) before it; raises `InvalidError` (SETTING_INVALID)."""
    values = {**(os.environ if environment is None else environment), **overrides}
    default = Settings()
    return Settings(
        database=as_url(values.get("RINGFENCE_DATABASE") or default.database),
        key_file=Path(values.get("RINGFENCE_KEY_FILE") or default.key_file),
        tenant=values.get("RINGFENCE_TENANT") or None,
        policy=NumberPolicy(
            _read(values, "RINGFENCE_PUBLIC_NUMBER_FALLBACK", PublicNumberFallback, default.policy.public_number_fallback),
            _read(values, "RINGFENCE_MIRROR_SOURCES", _sources, default.policy.mirror_sources),
            _read(values, "RINGFENCE_MIRROR_REQUIRES_CONFIGURED", _word, default.policy.mirror_requires_configured),
            _read(values, "RINGFENCE_ACCEPT_UNSPACED", _word, default.policy.accept_unspaced),
        ),
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
    return frozenset(PublicSource[name.strip().upper()] for name in text.split(",") if name.strip())
