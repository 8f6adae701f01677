"""Reading the properties of a body: right type or a clear error, and nothing that is not known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

from ringfence.graph.errors import Family, bad_request


class Fields:
    """The properties of one JSON object."""

    def __init__(self, document: Mapping[str, Any], known: Iterable[str], kind: str, family: Family) -> None:
        """Raises `GraphError` (400) for a property that the type does not have."""
        self._document = document
        self._kind = kind
        self._family = family
        for name in document:
            if name not in known:
                message = f"The property '{name[:64]}' does not exist on type 'microsoft.graph.{kind}'."
                raise bad_request(message, family)

    def has(self, name: str) -> bool:
        """Whether it was sent, be it as null."""
        return name in self._document

    def text(self, name: str, longest: int = 256) -> str | None:
        """A text, or None for null and for nothing sent."""
        value = self._document.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self._wrong(name, "a string")
        if len(value) > longest:
            message = f"The property '{name}' is longer than {longest} characters."
            raise bad_request(message, self._family)
        if not value.isprintable():
            message = f"The property '{name}' has characters that cannot be used."
            raise bad_request(message, self._family)
        return value

    def required(self, name: str, longest: int = 256) -> str:
        """A text that must be there and not be empty."""
        value = self.text(name, longest)
        if value is None or not value.strip():
            message = f"The property '{name}' is required."
            raise bad_request(message, self._family)
        return value

    def truth(self, name: str) -> bool | None:
        """True or false, or None."""
        value = self._document.get(name)
        if value is None or isinstance(value, bool):
            return value
        raise self._wrong(name, "true or false")

    def number(self, name: str) -> int | None:
        """A whole number, or None."""
        value = self._document.get(name)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        raise self._wrong(name, "a whole number")

    def texts(self, name: str, most: int = 250, longest: int = 256) -> tuple[str, ...] | None:
        """A list of texts, or None."""
        value = self._document.get(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(one, str) and one.isprintable() for one in value):
            raise self._wrong(name, "a list of strings")
        if len(value) > most or any(len(one) > longest for one in value):
            message = f"The property '{name}' has too many or too long values."
            raise bad_request(message, self._family)
        return tuple(value)

    def instant(self, name: str) -> datetime | None:
        """An instant with its offset, in UTC, or None."""
        value = self.text(name, 64)
        if value is None:
            return None
        try:
            found = datetime.fromisoformat(value)
            return found.astimezone(UTC) if found.tzinfo is not None else found.replace(tzinfo=UTC)
        except (ValueError, OverflowError) as error:
            raise self._wrong(name, "a date and time such as 2026-11-24T12:00:00Z") from error

    def pass_over(self, *texts: str, instants: Iterable[str] = ("createdDateTime",)) -> None:
        """Check the form of what nobody can write, the id among it, and callers send back as they read it."""
        if self.has("id"):
            self.required("id")
        for name in instants:
            self.instant(name)
        for name in texts:
            self.text(name)

    def word(self, name: str, words: Iterable[str]) -> str | None:
        """One of some words, in any case, as they are spelled here; or None."""
        value = self.text(name)
        if value is None:
            return None
        spelled = {word.casefold(): word for word in words}
        if value.casefold() not in spelled:
            raise self._wrong(name, f"one of {', '.join(spelled.values())}")
        return spelled[value.casefold()]

    def objects(self, name: str, most: int = 100) -> list[dict[str, Any]] | None:
        """A list of objects as they came, annotations included; or None."""
        value = self._document.get(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value) or len(value) > most:
            raise self._wrong(name, f"a list of at most {most} objects")
        return value

    def each(self, name: str, known: Iterable[str], kind: str) -> list[Fields] | None:
        """A list of objects, or None."""
        found = self.objects(name)
        return None if found is None else [self._inside(one, known, kind) for one in found]

    def check_fixed(self, name: str, shown: object) -> None:
        """Raises `GraphError` where something else was sent than what is shown and cannot be changed."""
        if self.has(name) and without_annotations(self._document[name]) != shown:
            message = f"The property '{name}' cannot be changed here: send it as it is shown, or not at all."
            raise bad_request(message, self._family)

    def refuse(self, name: str, wanted: str) -> NoReturn:
        """Raise `GraphError` for a property that is not what it has to be."""
        raise self._wrong(name, wanted)

    def inner(self, name: str, known: Iterable[str], kind: str) -> Fields | None:
        """An object inside, or None."""
        value = self._document.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self._wrong(name, "an object")
        return self._inside(value, known, kind)

    def _inside(self, value: Mapping[str, Any], known: Iterable[str], kind: str) -> Fields:
        return Fields({key: one for key, one in value.items() if "@odata." not in key}, known, kind, self._family)

    def _wrong(self, name: str, wanted: str) -> Exception:
        message = f"Invalid value for property '{name}' of type 'microsoft.graph.{self._kind}': {wanted} is expected."
        return bad_request(message, self._family)


def without_annotations(value: object) -> object:
    """A JSON value without OData's annotations, at any depth."""
    if isinstance(value, dict):
        return {name: without_annotations(one) for name, one in value.items() if "@odata." not in name}
    return [without_annotations(one) for one in value] if isinstance(value, list) else value


def shown_instant(instant: datetime | None) -> str | None:
    """As Graph writes instants."""
    return None if instant is None else f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
