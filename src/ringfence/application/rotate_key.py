"""Rotate the sealing key: put everything sealed under a new key, user by user, while everybody goes on working.

Steps, each of which can be the last before a crash: the new key is in the file; the database calls it primary, so new users
are sealed under it; each user's values (authentication, public, baseline, history) move together; when no user is left under
the old key it is retired in the database and leaves the file. Run again, it goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ringfence.application.ports import KeyFile, Progress, SealedValue, UnitOfWork, UserUnderKey
from ringfence.application.services import Pace, Services, in_transaction
from ringfence.domain.errors import ConflictError, ErrorCode
from ringfence.domain.values import KeyState, StoredKey


class Rotation(NamedTuple):
    """The key that is primary now, the one retired, how many users moved, and whether an interrupted rotation went on."""

    primary: int
    retired: int
    users: int
    resumed: bool


def rotate_key(services: Services, keys: KeyFile, progress: Progress) -> Rotation:
    """Begin a rotation, or finish the one that was interrupted."""
    with services.store.snapshot() as unit:
        stored = unit.administration.keys()
        total = unit.sealed.count_users()
    retiring = [key for key in stored if key.state is KeyState.RETIRING]
    resumed = bool(retiring)
    if not retiring:
        retiring = [_begin(services, keys, stored)]
    with services.store.snapshot() as unit:
        primary = unit.administration.primary_key()
    moved = 0
    for old in retiring:
        moved += _move_all(services, old.key_id, primary, (progress, total))
        keys.drop_key(old.key_id)
    _drop_forgotten(services, keys)
    return Rotation(primary, retiring[-1].key_id, moved, resumed)


def _begin(services: Services, keys: KeyFile, stored: list[StoredKey]) -> StoredKey:
    old = next(key for key in stored if key.state is KeyState.PRIMARY)
    known = {key.key_id for key in stored}
    unused = [key_id for key_id in keys.key_ids() if key_id not in known and key_id > old.key_id]
    new = unused[-1] if unused else keys.add_key()
    check, now = services.sealer.check_value(new), services.clock.now()
    in_transaction(services, lambda unit: unit.administration.add_primary_key(new, check, now))
    return old


def _move_all(services: Services, old: int, new: int, report: tuple[Progress, int]) -> int:
    """Move every user from key `old` to key `new`; return how many that were."""
    pace = Pace(services.clock, first=50, most=1000)
    moved = 0
    after = (0, b"")
    while (first := _next_under(services, old, after)) is not None:
        batch = pace.timed(lambda: in_transaction(services, lambda unit: _move(services, unit, (old, new), first, pace)))
        moved += len(batch)
        report[0](moved, max(report[1], moved))
        services.store.give_way()
        after = (batch[-1].tenant_id, batch[-1].user_id) if batch else first
    if not _retire(services, old):
        raise ConflictError(ErrorCode.ROW_CHANGED)
    return moved


def _next_under(services: Services, key_id: int, after: tuple[int, bytes]) -> tuple[int, bytes] | None:
    """Where to go on; looked for outside the write, for a rotation that goes on walks over everybody who is moved already."""
    with services.store.snapshot() as unit:
        return unit.sealed.next_under(key_id, after)


def _retire(services: Services, old: int) -> bool:
    """Retire the key once nobody is under it; nobody can get under it again, for the primary key is read in each write."""
    with services.store.snapshot() as unit:
        if unit.administration.key_in_use(old):
            return False
    return in_transaction(services, lambda unit: unit.administration.retire_key(old))


def _move(
    services: Services, unit: UnitOfWork, keys: tuple[int, int], first: tuple[int, bytes], pace: Pace
) -> list[UserUnderKey]:
    """Move the next users, as many as there is time for (a long history takes long), and return them."""
    moved: list[UserUnderKey] = []
    for user in unit.sealed.users_under(keys[0], first, pace.size):
        unit.sealed.reseal(user, keys[1], _resealed(services, user, keys, unit.sealed.sealed_values(user)))
        moved.append(user)
        if pace.is_spent:
            break
    return moved


def _resealed(services: Services, user: UserUnderKey, keys: tuple[int, int], values: Sequence[SealedValue]) -> list[SealedValue]:
    """The values under the new key; the same number stands in many places of a history and is sealed once."""
    unseal, seal, own = services.sealer.unseal, services.sealer.seal, (user.tenant_id, user.user_id)
    distinct = {(value.sealed, value.pair) for value in values}
    again = {(old, pair): seal(unseal(old, keys[0], *own, pair), keys[1], *own, pair) for old, pair in distinct}
    return [value._replace(sealed=again[value.sealed, value.pair]) for value in values]


def _drop_forgotten(services: Services, keys: KeyFile) -> None:
    """Take keys out of the file that the database retired before a crash kept them there."""
    with services.store.snapshot() as unit:
        stored = unit.administration.keys()
    retired = {key.key_id for key in stored if key.state is KeyState.RETIRED}
    for key_id in keys.key_ids():
        if key_id in retired:
            keys.drop_key(key_id)
