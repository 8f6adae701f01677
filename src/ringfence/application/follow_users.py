"""Follow the users of a tenant: all of them once, then whoever changed, a page at a time and as often as a reader comes back.

The place in the log is taken before the first user is listed, so that what changes during the listing is told behind it. A user
may be told twice; what the reader has at the end is what there is.
"""

from __future__ import annotations

import uuid
from typing import NamedTuple

from ringfence.application.ports import UnitOfWork
from ringfence.application.ports.changes import LogPlace
from ringfence.application.ports.people import Person, UserQuestion
from ringfence.application.services import Services
from ringfence.domain.directory.query import In


class Walk(NamedTuple):
    """How far a reader is: the place in the log, and the last user listed (b"" before the first) while not all are."""

    place: LogPlace
    listed: bytes | None = None


class Following(NamedTuple):
    """What a reader wants: at most `limit` users a page, and among these ids alone unless there are none."""

    limit: int
    only: tuple[bytes, ...] = ()


class UserChange(NamedTuple):
    """A user in the present state, which may be a deleted one; None where there is none any more."""

    user_id: bytes
    person: Person | None


class ChangePage(NamedTuple):
    """A page, where to go on, and whether there is more already."""

    changes: list[UserChange]
    walk: Walk
    more: bool


def walk_from_now(services: Services, tenant_id: int) -> Walk:
    """The walk of a reader who knows the users already."""
    with services.store.snapshot() as unit:
        return Walk(unit.changes.end(tenant_id))


def follow_users(services: Services, tenant_id: int, following: Following, walk: Walk | None = None) -> ChangePage | None:
    """The next page of a walk, the first of a new one without; None for a walk that has to begin again.

    A walk has to when what it goes on from is kept no longer, or never was in this database, which was restored from a backup.
    """
    with services.store.snapshot() as unit:
        if walk is None:
            walk = Walk(unit.changes.end(tenant_id), b"")
        elif not unit.changes.holds(tenant_id, walk.place):
            return None
        if walk.listed is not None:
            return _list(unit, tenant_id, following, walk)
        page = unit.changes.read(tenant_id, walk.place, following.limit, frozenset(following.only))
        people = unit.people.among(tenant_id, page.user_ids)
        changes = [UserChange(user_id, people.get(user_id)) for user_id in page.user_ids]
        return ChangePage(changes, Walk(page.place), page.more)


def _list(unit: UnitOfWork, tenant_id: int, following: Following, walk: Walk) -> ChangePage:
    """A page of the users there are, in the order of their ids."""
    among = In("id", tuple(str(uuid.UUID(bytes=one)) for one in following.only)) if following.only else None
    after = ("", walk.listed) if walk.listed else None
    page = unit.people.page(tenant_id, UserQuestion(filter=among, after=after, limit=following.limit))
    changes = [UserChange(one.user.user_id, one) for one in page.people]
    return ChangePage(changes, Walk(walk.place, None if page.after is None else page.after[1]), page.after is not None)
