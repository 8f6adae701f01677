"""Rotate the sealing key: put everything sealed under a new key, user by user, while everybody goes on working.

Steps, each of which can be the last before a crash: the new key is in the file; the database calls it primary, so new users
are sealed under it; each user's values (authentication, public, baseline, history) move together, then the seeds of
one-time codes; when nothing is left under the old key it is retired in the database. Run again, it goes on where it stopped.
One rotation runs at a time.

A rotation takes no key out of the file: a copy of the database, or a backup, may still be sealed under it, and nothing here
can know. `forget_keys` does, when somebody says so. For the same reason a rotation always makes a key of its own and never
takes one that it finds in the file, though a rotation that was killed early leaves one that nobody uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from ringfence.application.ports import KeyFile, Progress, SealedValue, UnitOfWork, UserUnderKey
from ringfence.application.ports.identity import DEPLOYMENT
from ringfence.application.services import Pace, Services, in_transaction
from ringfence.domain.errors import ConflictError, ErrorCode
from ringfence.domain.values import KeyState, StoredKey

_SEEDS: Final = 500
"""Seeds that move in one transaction."""


class Rotation(NamedTuple):
    """The key that is primary now, the one retired, how many users moved, and whether an interrupted rotation went on."""

    primary: int
    retired: int
    users: int
    resumed: bool


def rotate_key(services: Services, keys: KeyFile, progress: Progress) -> Rotation:
    """Begin a rotation, or finish the one that was interrupted; raises `ConflictError` (KEY_ROTATING) while another runs."""
    with keys.rotating():
        return _rotate(services, keys, progress)


def forget_keys(services: Services, keys: KeyFile) -> list[int]:
    """Take the keys out of the file that this database has retired; return which those were.

    What another database or a backup holds under them can never be read again, and tokens by signing keys under them are void. A
    key that only has the number of a retired one is another database's, and stays.
    """
    with services.store.snapshot() as unit:
        stored = unit.administration.keys()
    retired = {key.key_id: key for key in stored if key.state is KeyState.RETIRED}
    held = [key_id for key_id in keys.key_ids() if key_id in retired]
    forgotten = [key_id for key_id in held if services.sealer.check_value(key_id) == retired[key_id].check_value]
    for key_id in forgotten:
        keys.drop_key(key_id)
    if forgotten:
        in_transaction(services, _look_again)
    return forgotten


def _look_again(unit: UnitOfWork) -> None:
    """Have signing keys and every token looked at anew: the key that signed it may be gone."""
    unit.identity.advance_epoch(DEPLOYMENT)


def _rotate(services: Services, keys: KeyFile, progress: Progress) -> Rotation:
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
    return Rotation(primary, retiring[-1].key_id, moved, resumed)


def _begin(services: Services, keys: KeyFile, stored: list[StoredKey]) -> StoredKey:
    old = next(key for key in stored if key.state is KeyState.PRIMARY)
    new = keys.add_key()
    check, now = services.sealer.check_value(new), services.clock.now()

    def take_over(unit: UnitOfWork) -> None:
        if unit.administration.primary_key() != old.key_id:  # a rotation that uses another key file, from another machine
            raise ConflictError(ErrorCode.KEY_ROTATING)
        unit.administration.add_primary_key(new, check, now)

    in_transaction(services, take_over)
    return old


def _move_all(services: Services, old: int, new: int, report: tuple[Progress, int]) -> int:
    """Move every user from key `old` to key `new`; return how many that were."""
    pace = Pace(services.clock, services.store.chunk_target, first=50, most=1000)
    moved = 0
    after = (0, b"")
    while (first := _next_under(services, old, after)) is not None:
        batch = pace.timed(lambda: in_transaction(services, lambda unit: _move(services, unit, (old, new), first, pace)))
        moved += len(batch)
        report[0](moved, max(report[1], moved))
        services.store.give_way()
        after = (batch[-1].tenant_id, batch[-1].user_id) if batch else first
    while in_transaction(services, lambda unit: _move_seeds(services, unit, old, new)):
        services.store.give_way()
    if not _retire(services, old):
        raise ConflictError(ErrorCode.ROW_CHANGED)
    return moved


def _move_seeds(services: Services, unit: UnitOfWork, old: int, new: int) -> int:
    """Move some seeds of one-time codes, and return how many; new ones are under the primary key."""
    some = unit.seeds.next_under(old, _SEEDS)
    for place, sealed in some:
        seed = services.sealer.unseal_seed(sealed, old, place)
        unit.seeds.reseal(place, (old, sealed), (new, services.sealer.seal_seed(seed, new, place)))
    return len(some)


def _next_under(services: Services, key_id: int, after: tuple[int, bytes]) -> tuple[int, bytes] | None:
    """Where to go on; looked for outside the write, for a rotation that goes on walks over everybody who is moved already."""
    with services.store.snapshot() as unit:
        return unit.sealed.next_under(key_id, after)


def _retire(services: Services, old: int) -> bool:
    """Retire the key once nobody is under it, and say whether it is (by whomever).

    Nobody can get under it again, for the primary key is read in each write.
    """
    with services.store.snapshot() as unit:
        if unit.administration.key_in_use(old):
            return False

    def retire(unit: UnitOfWork) -> bool:
        stored = unit.administration.keys
        return unit.administration.retire_key(old) or any(key[:2] == (old, KeyState.RETIRED) for key in stored())

    return in_transaction(services, retire)


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
