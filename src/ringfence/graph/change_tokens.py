"""The tokens of `delta`: how far a reader is and what the first request asked for, in one opaque text.

Owns: their form, and refusing what is none of ours or another tenant's. They hold nothing that a page did not, and open nothing
that the caller's permissions do not; so they need no seal. Does not own: whether the log still holds the place.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Final, Literal

import msgspec

from ringfence.application.follow_users import Walk
from ringfence.application.ports.changes import LogPlace

MOST_IDS: Final = 50
"""How many users a filter may name."""

_Count = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
_Tag = Annotated[bytes, msgspec.Meta(min_length=8, max_length=8)]
_Id = Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]


class Asked(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What the first request asked for, which holds for all that follow: properties, users, and the size of a page."""

    select: tuple[str, ...]
    only: Annotated[tuple[_Id, ...], msgspec.Meta(max_length=MOST_IDS)]
    top: Annotated[int, msgspec.Meta(ge=1, le=999)]


class _Token(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    form: Literal[1]
    tenant: _Count
    sequence: _Count
    given: _Count
    tag: _Tag
    listed: Annotated[bytes, msgspec.Meta(max_length=16)] | None
    asked: Asked


_decode: Final = msgspec.msgpack.Decoder(_Token).decode


def write_token(tenant_id: int, walk: Walk, asked: Asked) -> str:
    """The token of a walk that has begun."""
    token = _Token(1, tenant_id, *walk.place, walk.listed, asked)
    return urlsafe_b64encode(msgspec.msgpack.encode(token)).decode().rstrip("=")


def read_token(text: str, tenant_id: int) -> tuple[Walk, Asked] | None:
    """The walk and what it asked for; None for a text that is no token of this tenant, in its one spelling."""
    try:
        token = _decode(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, msgspec.DecodeError):
        return None
    walk = Walk(LogPlace(token.sequence, token.given, token.tag), token.listed)
    is_ours = token.tenant == tenant_id and write_token(tenant_id, walk, token.asked) == text
    return (walk, token.asked) if is_ours else None
