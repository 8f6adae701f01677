"""The short way through JSON Lines: whole blocks of rows that all have the same keys, decoded in one call.

A directory export has millions of rows of one shape. A `Struct` that demands exactly the keys of a block's first row, and one
count, prove at once what would else be checked row by row: every row has each of these keys, once, and with the right type. Any
doubt, and `read` declines; the block then goes the long way (`directory_json`), which alone finds faults and words reasons. Both
ways give the same records; a property test holds them together.
"""

from __future__ import annotations

import io
import re
from binascii import unhexlify
from collections.abc import Callable, Iterable, Sequence
from itertools import count, repeat
from typing import Annotated, Any, Final

import msgspec
from msgspec import Raw
from msgspec.structs import astuple

from ringfence.domain.directory.records import UNSENT, DirectoryRecord, RecordAction

_Text: Final = str | None
_FIELDS: Final[dict[str, Any]] = {
    "id": Annotated[str, msgspec.Meta(min_length=36, max_length=36)],
    "userPrincipalName": _Text,
    "onPremisesImmutableId": _Text,
    "onPremisesDistinguishedName": _Text,
    "onPremisesSyncEnabled": bool | None,
    "displayName": _Text,
    "accountEnabled": bool | None,
    "userType": _Text,
    "otherMails": list[str] | None,
    "mobilePhone": _Text,
    "businessPhones": list[str] | None,
}
_IDENTITY: Final = frozenset({"id", "userPrincipalName", "onPremisesImmutableId", "onPremisesDistinguishedName"})
_NEVER: Final = frozenset({"@removed", "@odata.type", "value", "responses"})
"""Keys that make a row something else than a plain user."""

_PLAIN_KEY: Final = re.compile(r"[@A-Za-z0-9._#-]+")
_ID_LENGTH: Final = 36
_DASHES: Final = (8, 13, 18, 23)
_MOST_SHAPES: Final = 64
"""A file whose blocks keep changing shape has none, and trying again and again would only cost."""

_new_record: Final[Callable[[type[DirectoryRecord], tuple[object, ...]], DirectoryRecord]] = tuple.__new__


class _Shape:
    """Rows with exactly these keys, as a decoder of one line; the fields of `_FIELDS` come first, in their order."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        self.keys = keys
        fields: list[tuple[str, Any, Any]] = [
            (f"f{at}", kind, msgspec.field(name=name)) if name in keys else (f"f{at}", Any, None if name in _IDENTITY else UNSENT)
            for at, (name, kind) in enumerate(_FIELDS.items())
        ]
        others = [(f"x{at}", Raw, msgspec.field(name=key)) for at, key in enumerate(keys) if key not in _FIELDS]
        row = msgspec.defstruct("Row", fields + others, kw_only=True, gc=False, forbid_unknown_fields=True)
        self.decode: Callable[[bytes], msgspec.Struct] = msgspec.json.Decoder(row).decode


class ShapedRows:
    """Remembers the shape of the last block, since the next will most likely have it too."""

    def __init__(self) -> None:
        """No shape is known yet."""
        self._shape: _Shape | None = None
        self._shapes_seen = 0

    def read(self, block: bytes, line: int) -> list[DirectoryRecord] | None:
        """The records of a block that begins in this line, one a line, or None when it is not beyond doubt."""
        shape = self._shape or self._learn(block)
        self._shape = None
        if shape is None:
            return None
        rows = _decode(block, shape)
        records = _build(rows, line, shape.keys) if rows is not None else None
        if records is not None:
            self._shape = shape
        return records

    def _learn(self, block: bytes) -> _Shape | None:
        """The shape of the block's first row, if it is that of a plain user."""
        self._shapes_seen += 1
        if self._shapes_seen > _MOST_SHAPES:
            return None
        try:
            first = msgspec.json.decode(block[: block.find(b"\n") + 1])
        except (ValueError, RecursionError):
            return None
        if not isinstance(first, dict):
            return None
        keys = tuple(first)
        plain = all(map(_PLAIN_KEY.fullmatch, keys)) and _NEVER.isdisjoint(keys) and not _IDENTITY.isdisjoint(keys)
        return _Shape(keys) if plain else None


def _decode(block: bytes, shape: _Shape) -> list[msgspec.Struct] | None:
    """The rows of a block of the shape.

    Every key stands in every row at least once, because the shape demands it; so when the block holds no more colons than that
    (but for those inside values), none stands twice.
    """
    if not block.endswith(b"\n") or (b"\\" in block and b"\\u0000" in block) or not _is_utf8(block):
        return None
    try:
        rows = list(map(shape.decode, io.BytesIO(block)))
    except (ValueError, RecursionError):
        return None
    keys = len(rows) * len(shape.keys)
    return rows if block.count(b":") == keys or block.count(b'":') == keys else None


def _is_utf8(block: bytes) -> bool:
    if block.isascii():
        return True
    try:
        block.decode()
    except UnicodeDecodeError:
        return False
    return True


def _build(rows: list[msgspec.Struct], line: int, keys: tuple[str, ...]) -> list[DirectoryRecord] | None:
    """The records, column by column."""
    columns = dict(zip(_FIELDS, zip(*map(astuple, rows), strict=True), strict=False))
    ids: Iterable[bytes | None] | None = _user_ids(columns["id"]) if "id" in keys else repeat(None)
    upns = columns["userPrincipalName"]
    if ids is None or not _are_principal_names(upns, all_named="id" in keys):
        return None
    mails, phones, enabled = columns["otherMails"], columns["businessPhones"], columns["accountEnabled"]
    return list(
        map(
            _new_record,
            repeat(DirectoryRecord),
            zip(
                count(line),
                repeat(RecordAction.UPSERT),
                ids,
                [text or None for text in columns["onPremisesImmutableId"]],
                [text or None for text in upns],
                [text or None for text in columns["onPremisesDistinguishedName"]],
                repeat(None),
                columns["onPremisesSyncEnabled"],
                [text or "" for text in columns["displayName"]],
                [UNSENT if told is None else told for told in enabled] if None in enabled else enabled,
                [text or "" for text in columns["userType"]],
                [tuple(texts) if texts else () for texts in mails] if "otherMails" in keys else mails,
                [text or "" for text in columns["mobilePhone"]],
                [texts[0] if texts else "" for texts in phones] if "businessPhones" in keys else phones,
                repeat(()),
                strict=False,
            ),
        )
    )


def _are_principal_names(upns: Sequence[str | None], *, all_named: bool) -> bool:
    """Whether all are surely well formed; empty ones are fine where the id names the user."""
    given = [upn for upn in upns if upn]
    if len([upn for upn in given if "@" in upn]) < len(given) or not (all_named or len(given) == len(upns)):
        return False
    lines = "\n".join(("", *given, ""))
    return "\n@" not in lines and "@\n" not in lines and "".join(given).isprintable()


def _user_ids(texts: Sequence[str]) -> list[bytes] | None:
    """All ids in one go: dashes out, hexadecimal digits to bytes. Each is 36 characters long, as the shape demands."""
    joined = "".join(texts)
    if any(joined[at::_ID_LENGTH].strip("-") for at in _DASHES):
        return None
    try:
        raw = unhexlify(joined.encode("ascii").translate(None, b"-"))
    except ValueError:
        return None
    return [raw[at : at + 16] for at in range(0, len(raw), 16)] if len(raw) == 16 * len(texts) else None
