"""Names that change hands within one import: the rows that wait until all others have been applied.

Owns: which rows wait, what is left of them when later rows speak of the same user, and in which order they are tried again.
Does not own: trying them, which is the import's (`ringfence.application.sync_cycle`).

A row waits when nothing but the owner of the name it asks for stands against it, for a later row may give the owner another one.
No user has more than one row waiting, so that each waits for one other at most: what they wait for is either given up by a row
further on (a chain), or by nobody, or they go round in a circle (a rotation), which no order of rows resolves, only all at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from ringfence.domain.directory.matching import CLASHES, MatchRefusal
from ringfence.domain.directory.records import UNSENT, DirectoryRecord, RecordAction
from ringfence.domain.directory.user import User, upn_key

LIMIT: Final = 10_000
"""How many rows of an import may wait, for they do so in memory. Further ones are rejected at once, as if no later row could free
their names; the import may be run again for them."""
LONGEST_ROTATION: Final = 1_000
"""How many users may go round in one circle: a rotation is one transaction, for which others wait. A longer one is rejected."""

_ATTRIBUTES: Final = ("synced", "display_name", "enabled", "user_type", "other_mails", "mobile", "office")

Subject = bytes | str
"""By what rows are known to speak of the same user: the id, or the source anchor."""


class Refused(NamedTuple):
    """A row that is rejected: the file it came from (its path), the row as it came, and why."""

    path: str
    row: DirectoryRecord
    refusal: MatchRefusal


class Claim(NamedTuple):
    """What became of a row: why it was refused (None: it was applied), and the user it is about (None: a new one, or unknown)."""

    row: DirectoryRecord
    refusal: MatchRefusal | None
    user: User | None

    @property
    def user_id(self) -> bytes | None:
        """The user's id, stored or given."""
        return self.row.user_id if self.user is None else self.user.user_id

    @property
    def subjects(self) -> list[Subject]:
        """By what later rows about the same user are known."""
        return [name for name in (self.user_id, self.row.anchor) if name]

    @property
    def wanted(self) -> str:
        """The name the user is to have, the one they have where the row gives none."""
        return upn_key(self.row.upn or ("" if self.user is None else self.user.upn))


class Plan(NamedTuple):
    """How to try again: rotations, each of them whole, then the other rows, each behind the one that gives up its name."""

    rotations: list[list[DirectoryRecord]]
    rest: list[DirectoryRecord]
    refused: dict[DirectoryRecord, list[Refused]]
    """What is rejected when a row is refused again."""


@dataclass(slots=True, eq=False)
class _Waiting:
    """What is to be applied to a user at the end, and the rows it came from."""

    row: DirectoryRecord
    user_id: bytes | None
    wanted: str
    refused: list[Refused]
    subjects: list[Subject]


class ExchangedNames:
    """The rows of an import that wait for names: `note` what became of rows, then make a `plan` of those that are left."""

    def __init__(self) -> None:
        """Begin with none."""
        self._by_subject: dict[Subject, _Waiting] = {}
        self._count = 0

    def subjects(self) -> set[Subject]:
        """Whose rows wait: what becomes of further rows about them is to be noted, too."""
        return set(self._by_subject)

    def wanted(self) -> list[str]:
        """The names (`upn_key`) that are waited for."""
        return sorted({one.wanted for one in self._by_subject.values()})

    def note(self, path: str, claim: Claim) -> list[Refused]:
        """Note what became of a row of this file; return the rows that are to be rejected now."""
        row, refusal = claim.row, claim.refusal
        earlier = dict.fromkeys(self._by_subject[name] for name in claim.subjects if name in self._by_subject)
        if refusal is None:
            return [refused for one in earlier for refused in self._overtake(one, claim)]
        refused = [Refused(path, row, refusal)]
        if refusal not in CLASHES or not claim.subjects or self._count >= LIMIT:
            return refused
        given_up: list[Refused] = []
        for one in earlier:
            self._drop(one)
            if one.wanted == claim.wanted:
                row, refused = _joined(one.row, row), one.refused + refused
            else:
                given_up += one.refused
        self._keep(_Waiting(row, claim.user_id, claim.wanted, refused, claim.subjects))
        return given_up

    def _overtake(self, earlier: _Waiting, claim: Claim) -> list[Refused]:
        """A later row was applied before the one that waits; where it settles the user's name, nothing waits any more."""
        if claim.row.action is RecordAction.DELETE or (claim.row.upn and claim.wanted != earlier.wanted):
            self._drop(earlier)
            return earlier.refused
        earlier.user_id = claim.user_id
        earlier.row = _left_over(earlier.row, claim.row)
        return []

    def _keep(self, waiting: _Waiting) -> None:
        self._count += len(waiting.refused)
        self._by_subject.update(dict.fromkeys(waiting.subjects, waiting))

    def _drop(self, waiting: _Waiting) -> None:
        self._count -= len(waiting.refused)
        for name in waiting.subjects:
            self._by_subject.pop(name, None)

    def plan(self, owners: Mapping[str, bytes]) -> Plan:
        """Plan with the present owners of the names (`upn_key` -> user id); nothing waits any more then."""
        everybody = list(dict.fromkeys(self._by_subject.values()))
        self._by_subject, self._count = {}, 0
        by_user = {one.user_id: one for one in everybody}
        plan = Plan([], [], {one.row: one.refused for one in everybody})
        seen: set[_Waiting] = set()
        for first in everybody:
            path: list[_Waiting] = []
            one: _Waiting | None = first
            while one is not None and one not in seen:
                seen.add(one)
                path.append(one)
                owner = owners.get(one.wanted)
                one = None if owner is None else by_user.get(owner)
            if one in path:
                start = path.index(one)
                if len(path) - start <= LONGEST_ROTATION:
                    plan.rotations.append([waiting.row for waiting in path[start:]])
                    del path[start:]
            plan.rest.extend(waiting.row for waiting in reversed(path))
        return plan


def _sent(row: DirectoryRecord) -> dict[str, Any]:
    return {name: value for name in _ATTRIBUTES if (value := getattr(row, name)) is not UNSENT}


def _joined(row: DirectoryRecord, later: DirectoryRecord) -> DirectoryRecord:
    """Both rows as one: what the later one does not speak of is taken from the earlier one."""
    settled = _sent(later)
    row = row._replace(**settled, edits=(*(edit for edit in row.edits if edit.attribute not in settled), *later.edits))
    return row._replace(
        line=later.line,
        action=later.action,
        user_id=later.user_id or row.user_id,
        anchor=later.anchor or row.anchor,
        upn=later.upn or row.upn,
        dn=later.dn or row.dn,
    )


def _left_over(row: DirectoryRecord, later: DirectoryRecord) -> DirectoryRecord:
    """What is left of a row to be applied behind a later one, at the place the user has moved to."""
    done: dict[str, Any] = dict.fromkeys((*_sent(later), *(edit.attribute for edit in later.edits)), UNSENT)
    edits = tuple(edit for edit in row.edits if edit.attribute not in done)
    return row._replace(upn=later.upn or row.upn, dn=later.new_dn or later.dn or row.dn, edits=edits, **done)
