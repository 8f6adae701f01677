"""The import of a tidy file into an empty tenant as somebody would write it by hand: parse, make rows, insert in plain batches.

Parsing is msgspec into a struct, the fastest plain way there is; rows go in by `executemany` or `COPY`, in the order of the file,
10,000 users at a time, and all of it is one transaction, which nobody else could write beside. Nothing is checked, matched or
sealed: what stands for a sealed number is as long as one.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from bench.engines import Hand, Row

_BATCH: Final = 10_000
_KEY_ID: Final = 1
_SEAL: Final = b"\x5a" * 16
"""What AES-SIV adds to a number."""

_USERS: Final = (
    "tenant_id",
    "user_id",
    "key_id",
    "upn",
    "display_name",
    "user_type",
    "enabled",
    "sync_state",
    "anchor",
    "other_mails",
    "methods",
    "mfa_state",
    "email",
    "created_at",
    "version",
)
_PAIRS: Final = (
    "tenant_id",
    "user_id",
    "pair",
    "public_text",
    "public_state",
    "public_source",
    "public_sealed",
    "baseline_sealed",
    "version",
)


class _Person(msgspec.Struct, gc=False):
    id: str
    userPrincipalName: str  # noqa: N815 - Graph's names
    displayName: str  # noqa: N815
    mobilePhone: str | None  # noqa: N815
    businessPhones: list[str]  # noqa: N815
    onPremisesSyncEnabled: bool  # noqa: N815
    onPremisesImmutableId: str  # noqa: N815
    accountEnabled: bool  # noqa: N815
    userType: str  # noqa: N815
    otherMails: list[str]  # noqa: N815


_decode: Final = msgspec.json.Decoder(_Person).decode


def parse(path: Path) -> Iterator[_Person]:
    """The rows of the file."""
    with path.open("rb") as file:
        yield from map(_decode, file)


def parse_all(path: Path) -> int:
    """Parse the file and nothing else."""
    return sum(1 for _ in parse(path))


def import_file(hand: Hand, path: Path) -> None:
    """Parse and insert everybody."""
    people = parse(path)
    hand.run("BEGIN")
    while batch := list(islice(people, _BATCH)):
        _insert(hand, batch)
    hand.run("COMMIT")


def _insert(hand: Hand, batch: list[_Person]) -> None:
    users: list[Row] = []
    pairs: list[Row] = []
    names: list[Row] = []
    anchors: list[Row] = []
    for person in batch:
        user_id = bytes.fromhex(person.id.replace("-", ""))
        mails = None if not person.otherMails else f'["{person.otherMails[0]}"]'
        upn, anchor = person.userPrincipalName, person.onPremisesImmutableId
        profile = (person.displayName, person.userType, int(person.accountEnabled), int(person.onPremisesSyncEnabled))
        users.append((1, user_id, _KEY_ID, upn, *profile, anchor, mails, 0, 0, "", 1, 1))
        pairs += (_pair(user_id, 1, person.mobilePhone or ""), _pair(user_id, 2, "".join(person.businessPhones[:1])))
        names.append((1, upn.lower(), user_id))
        anchors.append((1, anchor, user_id))
    hand.insert("users", _USERS, users)
    hand.insert("pairs", _PAIRS, pairs)
    hand.insert("user_principal_names", ("tenant_id", "upn_key", "user_id"), names)
    hand.insert("source_anchors", ("tenant_id", "anchor", "user_id"), anchors)


def _pair(user_id: bytes, pair: int, text: str) -> Row:
    valid = text.startswith("+")
    sealed = _SEAL + text.encode() if valid else None
    return 1, user_id, pair, text, 2 if valid else bool(text) * 1, 1, sealed, sealed, 1
