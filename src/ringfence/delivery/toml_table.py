"""Reading the file of senders: every key has to be asked for, with its type, and what nobody asked for is refused by name."""

from __future__ import annotations

from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any, Final, NoReturn

from ringfence.domain.errors import ErrorCode, InvalidError

_SECRETS: Final = frozenset({"password", "auth_token", "secret"})


class TomlTable:
    """One table of the file: every key has to be asked for, with its type."""

    def __init__(self, name: str, values: Mapping[str, Any], folder: Path) -> None:
        """Read these values; paths count from the folder."""
        self._name = name
        self._values = dict(values)
        self._folder = folder

    def text(self, key: str, default: str | None = None) -> str:
        """A text; a secret may stand in another file instead."""
        if key in _SECRETS and f"{key}_file" in self._values:
            return self._read(key)
        return str(self._take(key, str, default))

    def whole(self, key: str, default: int | None = None) -> int:
        """A whole number."""
        found: int = self._take(key, int, default)
        return found

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        found: bool = self._take(key, bool, default)
        return found

    def has(self, key: str) -> bool:
        """Whether the key stands in it, and was not asked for yet."""
        return key in self._values

    def rest(self) -> Mapping[str, Any]:
        """All that was not asked for yet, which is asked for by this."""
        found, self._values = self._values, {}
        return found

    def path(self, key: str) -> Path | None:
        """A path, from the file's folder on."""
        return self._folder / self.text(key) if key in self._values else None

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        found = self._take(key, list, None)
        if not found or not all(isinstance(one, str) for one in found):
            refuse(f"{self._name}.{key}", "other than a list of names")
        return tuple(found)

    def numbers(self, key: str) -> tuple[int, ...]:
        """A list of whole numbers."""
        found = self._take(key, list, None)
        if not all(isinstance(one, int) and not isinstance(one, bool) for one in found):
            refuse(f"{self._name}.{key}", "other than a list of whole numbers")
        return tuple(found)

    def finish(self) -> None:
        """Refuse what nobody asked for."""
        if self._values:
            refuse(f"{self._name}.{min(self._values)}", "not known here")

    def _take(self, key: str, kind: type, default: object) -> Any:  # noqa: ANN401 - what TOML may hold
        found = self._values.pop(key, default)
        if found is None:
            refuse(f"{self._name}.{key}", "missing")
        if not isinstance(found, kind) or (kind is int and isinstance(found, bool)):
            refuse(f"{self._name}.{key}", "of another type")
        return found

    def _read(self, key: str) -> str:
        path = self._folder / str(self._take(f"{key}_file", str, None))
        try:
            return path.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            refuse(f"{self._name}.{key}_file", "a file that cannot be read", error)


def tables_of(document: Mapping[str, Any], section: str) -> Mapping[str, Any]:
    """The tables of a section, by name."""
    found = document.get(section, {})
    if not isinstance(found, dict) or not all(isinstance(one, dict) for one in found.values()):
        refuse(section, "other than tables")
    return found


def read_route(named: tuple[str, str], values: object, known: Container[str], folder: Path) -> tuple[str, tuple[str, ...]]:
    """A route: its prefix, and the names in it, which have to be known. `named` is its section, and the key of the names."""
    section, key = named
    if not isinstance(values, dict):
        refuse(section, "other than tables")
    table = TomlTable(section, values, folder)
    route = table.text("prefix", ""), table.texts(key)
    table.finish()
    for name in route[1]:
        if name not in known:
            refuse(f"{section}.{key}", f"{name}, which is none of those above")
    return route


def refuse(setting: str, value: str, cause: Exception | None = None) -> NoReturn:
    """Raise `InvalidError` (SETTING_INVALID) for a place of the file."""
    raise InvalidError(ErrorCode.SETTING_INVALID, setting=setting, value=value) from cause
