"""Take over the registered methods that an export states of a user, beside those that are stored.

Source: domain-rules A.3. As with numbers, an export never takes anything away: what it lacks is kept, and a property it does not
state stays as it is stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum, unique
from typing import NamedTuple

from ringfence.domain.directory.records import MfaRecord
from ringfence.domain.methods.registrations import Registration, StatedMethod


@unique
class RegistrationRefusal(StrEnum):
    """Why a row is refused."""

    OTHER_KIND = "the user has a method of another kind with the id of one of these; leave that one out"


class RegistrationImport(NamedTuple):
    """What an export adds, what it changes, and how many stored methods it should list and does not."""

    added: tuple[Registration, ...] = ()
    changed: tuple[Registration, ...] = ()
    kept: int = 0

    @property
    def is_change(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.added or self.changed)


def decide_registration_import(
    held: Iterable[Registration], record: MfaRecord, now: datetime
) -> RegistrationImport | RegistrationRefusal:
    """What the row makes of the methods the user holds; one whose age it does not state is as old as `now`."""
    known = {one.method_id: one for one in held}
    added: list[Registration] = []
    changed: list[Registration] = []
    for stated in record.registrations:
        present = known.get(stated.method_id)
        if present is None:
            created_at = now if stated.created_at is None else stated.created_at
            added.append(stated_registration(stated, created_at))
        elif present.kind is not stated.kind:
            return RegistrationRefusal.OTHER_KIND
        elif (merged := _merged(present, stated)) != present:
            changed.append(merged)
    sent = {stated.method_id for stated in record.registrations}
    kept = sum(1 for one in known.values() if one.kind in record.listed and one.method_id not in sent)
    return RegistrationImport(tuple(added), tuple(changed), kept)


def stated_registration(stated: StatedMethod, created_at: datetime) -> Registration:
    """The method as it is stored at first."""
    return Registration(stated.method_id, stated.kind, created_at, stated.display_name, dict(stated.details))


def _merged(present: Registration, stated: StatedMethod) -> Registration:
    return present._replace(
        created_at=stated.created_at or present.created_at,
        display_name=stated.display_name or present.display_name,
        details={**present.details, **stated.details},
    )
