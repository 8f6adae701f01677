"""`ResealStore`: everything sealed of a user can be read and put back, and nothing sealed can be forgotten."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from ringfence.application.ports import AuditFilter, UserUnderKey
from ringfence.domain.audit import Activity, AuditRecord, Snapshot
from ringfence.domain.directory.user import PairState
from ringfence.domain.errors import ConflictError, ErrorCode
from ringfence.domain.numbers.pairs import Pair
from ringfence.domain.numbers.policy import NumberPolicy
from ringfence.domain.values import COPY_TASK
from ringfence.storage.engine import Database
from ringfence.storage.mfa_tables import TABLES
from ringfence.storage.unit_of_work import SqlStore
from tests.contract.accounts import BY_ADMIN, account, identifier, plain_user, public
from tests.contract.clocks import IN_WINDOW

EVERY_PLACE = {
    (table.name, column.name) for table in TABLES.tables.values() for column in table.columns if column.name.endswith("_sealed")
}
"""Wherever the schema keeps something sealed."""


def sealed_pair(pair: Pair) -> PairState:
    """A pair with a value in every sealed column, each its own."""
    name = pair.name.encode()
    return PairState(pair, public(b"public-" + name), b"baseline-" + name, b"private-" + name, BY_ADMIN)


WHOLE = account(plain_user(1), *(sealed_pair(pair) for pair in Pair))
RECORDS = [
    AuditRecord(
        identifier(1),
        identifier(9),
        int(pair),
        IN_WINDOW,
        Activity.UPDATE_USER,
        COPY_TASK,
        pair=pair,
        old=Snapshot(**{**new._asdict(), pair.name.lower(): b"was-" + pair.name.encode()}),
        new=new,
    )
    for pair in Pair
    for new in [Snapshot(b"now-MOBILE", b"now-OFFICE", b"now-ALTERNATE")]
]


@pytest.fixture
def whole(store: SqlStore, tenant: int) -> UserUnderKey:
    """A stored user with a value in every sealed column there is."""
    with store.begin() as unit:
        unit.directory.insert(tenant, [WHOLE])
        unit.audit.append(tenant, RECORDS)
        unit.commit()
    return UserUnderKey(tenant, identifier(1), 1)


def reseal(store: SqlStore, user: UserUnderKey) -> None:
    """Put a user under the second key."""
    with store.begin() as unit:
        unit.sealed.reseal(user, 2, unit.sealed.sealed_values(user))
        unit.commit()


def test_no_sealed_column_is_left_out(store: SqlStore, whole: UserUnderKey) -> None:
    """Every column of the schema that ends in `_sealed` is among what is read to be put under another key.

    Whoever adds such a column, or a table with one, must teach the reseal store to move it: this test fails until then.
    """
    with store.begin() as unit:
        found = {(value.table, value.column) for value in unit.sealed.sealed_values(whole)}
    assert EVERY_PLACE == found


def test_what_is_not_named_sealed_holds_no_sealed_value(database: Database, store: SqlStore, whole: UserUnderKey) -> None:
    """No value that was stored sealed stands in a column of another name, where the rotation would not find it."""
    with store.begin() as unit:
        sealed = {value.sealed for value in unit.sealed.sealed_values(whole)}
    found: set[tuple[str, str]] = set()
    with database.connect(write=False) as connection:
        for table in TABLES.tables:
            for row in connection.execute(text(f"SELECT * FROM {table}")).mappings():  # noqa: S608 - names of ours
                found |= {(table, name) for name, value in row.items() if isinstance(value, bytes) and value in sealed}
    assert EVERY_PLACE == found


def test_every_sealed_value_has_its_pair(store: SqlStore, whole: UserUnderKey) -> None:
    """The pair given with a value is the one it was sealed for."""
    with store.begin() as unit:
        values = unit.sealed.sealed_values(whole)
    assert [value.pair.name for value in values] == [value.sealed.decode().partition("-")[2] for value in values]


def test_resealed_values_are_where_they_were(store: SqlStore, whole: UserUnderKey) -> None:
    """Written back, every value stands in its old place in its new form; the user is under the new key."""
    with store.begin() as unit:
        values = unit.sealed.sealed_values(whole)
        unit.sealed.reseal(whole, 2, [value._replace(sealed=b"2:" + value.sealed) for value in values])
        again = unit.sealed.sealed_values(whole)
        [found] = unit.directory.load(whole.tenant_id, [whole.user_id]).values()
    assert [value._replace(sealed=b"2:" + value.sealed) for value in values] == again
    assert (2, 2) == (found.user.key_id, found.user.version)


def test_resealing_changes_nothing_else(store: SqlStore, whole: UserUnderKey) -> None:
    """With the same forms written back, users, pairs and records are the same but for key and versions."""
    with store.begin() as unit:
        unit.sealed.reseal(whole, 2, unit.sealed.sealed_values(whole))
        [found] = unit.directory.load(whole.tenant_id, [whole.user_id]).values()
        records = [line.record for line in unit.audit.records(whole.tenant_id, AuditFilter())]
    bumped = {pair: state._replace(version=2) for pair, state in WHOLE.pairs.items()}
    assert (WHOLE.user._replace(key_id=2, version=2), bumped, RECORDS) == (found.user, found.pairs, records)


def test_a_changed_user_is_a_conflict(store: SqlStore, whole: UserUnderKey) -> None:
    """Values of a user whom somebody changed meanwhile are not written back."""
    with pytest.raises(ConflictError) as caught, store.begin() as unit:
        unit.sealed.reseal(whole._replace(version=7), 2, [])
    assert ErrorCode.ROW_CHANGED is caught.value.code


def test_an_outdated_pair_is_a_conflict_after_resealing(store: SqlStore, whole: UserUnderKey) -> None:
    """Who read a pair before it was put under another key cannot write it any more (it would be under the old one)."""
    changed = WHOLE.pairs[Pair.OFFICE]._replace(authentication=b"old key")
    reseal(store, whole)
    with pytest.raises(ConflictError) as caught, store.begin() as unit:
        unit.directory.update(whole.tenant_id, [(WHOLE, account(WHOLE.user, *WHOLE.pairs.values(), changed))])
    assert ErrorCode.ROW_CHANGED is caught.value.code


def test_a_pair_added_by_an_outdated_reader_is_a_conflict(store: SqlStore, tenant: int) -> None:
    """Who read a user before a rotation cannot add a number either, although no stored pair is written by that."""
    before = account(plain_user(1), sealed_pair(Pair.MOBILE))
    after = account(plain_user(1), sealed_pair(Pair.MOBILE), sealed_pair(Pair.ALTERNATE))
    with store.begin() as unit:
        unit.directory.insert(tenant, [before])
        unit.commit()
    reseal(store, UserUnderKey(tenant, identifier(1), 1))
    with pytest.raises(ConflictError) as caught, store.begin() as unit:
        unit.directory.update(tenant, [(before, after)])
    assert ErrorCode.ROW_CHANGED is caught.value.code


def test_users_under_a_key_come_in_order(store: SqlStore, tenant: int) -> None:
    """The users under a key come by tenant and id, from a place on, among as many as asked for."""
    key_ids = {1: 70, 2: 71, 3: 70, 4: 70}
    with store.begin() as unit:
        unit.directory.insert(tenant, [account(plain_user(number, key_id=key)) for number, key in key_ids.items()])
        unit.directory.insert(tenant + 10_000, [account(plain_user(5, key_id=70))])
        found = [
            unit.sealed.users_under(70, (tenant, identifier(1)), 5000),
            unit.sealed.users_under(70, (tenant, identifier(3)), 2),
            unit.sealed.users_under(70, (tenant, identifier(5)), 5000),
        ]
    ones = [UserUnderKey(tenant, identifier(number), 1) for number in (1, 3, 4)]
    other = UserUnderKey(tenant + 10_000, identifier(5), 1)
    assert [[*ones, other], ones[1:], [other]] == found


def test_the_users_that_are_looked_at_are_limited(store: SqlStore, tenant: int) -> None:
    """Users under other keys count too: to walk on over a million of them is nothing for a write."""
    with store.begin() as unit:
        unit.directory.insert(tenant, [account(plain_user(number, key_id=70 + number % 2)) for number in range(1, 9)])
        found = unit.sealed.users_under(70, (tenant, identifier(2)), 5)
    assert [identifier(number) for number in (2, 4, 6)] == [user.user_id for user in found]


@pytest.mark.parametrize(("after", "found"), [(0, 1), (1, 3), (2, 3), (3, None)])
def test_the_next_user_under_a_key_is_found(store: SqlStore, tenant: int, after: int, found: int | None) -> None:
    """The next user under a key behind a place, over those under another one."""
    with store.begin() as unit:
        unit.directory.insert(tenant, [account(plain_user(number, key_id=key)) for number, key in {1: 70, 2: 71, 3: 70}.items()])
        place = unit.sealed.next_under(70, (tenant, identifier(after)))
    assert (None if found is None else (tenant, identifier(found))) == place


def test_all_users_are_counted(own_database: Database) -> None:
    """Users of every tenant and key count."""
    with SqlStore(own_database, NumberPolicy()).begin() as unit:
        unit.directory.insert(1, [account(plain_user(1)), account(plain_user(2, key_id=2, deleted_at=IN_WINDOW))])
        unit.directory.insert(2, [account(plain_user(1))])
        assert unit.sealed.count_users() == 3
