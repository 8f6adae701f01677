"""`DirectoryStore`: what goes in comes out, writes are conditional, and every look-up leads where it should."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringfence.application.ports import UserFilter
from ringfence.domain.directory.distinguished_names import dn_key
from ringfence.domain.directory.records import SyncState
from ringfence.domain.directory.user import Account, PairState, User, upn_key
from ringfence.domain.errors import ConflictError, ErrorCode
from ringfence.domain.numbers.pairs import Pair
from ringfence.storage.unit_of_work import SqlStore
from tests.contract import values
from tests.contract.accounts import BY_ADMIN, account, identifier, mobile_pair, plain_user, to_copy
from tests.contract.clocks import IN_WINDOW

MANY = 1000
"""More than one statement's worth of keys on SQLite."""
again = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def insert(store: SqlStore, tenant: int, *accounts: Account) -> None:
    """Store accounts in a transaction of their own."""
    with store.begin() as unit:
        unit.directory.insert(tenant, accounts)
        unit.commit()


def update(store: SqlStore, tenant: int, *changes: tuple[Account, Account]) -> None:
    """Store changes in a transaction of their own."""
    with store.begin() as unit:
        unit.directory.update(tenant, changes)
        unit.commit()


def load(store: SqlStore, tenant: int, number: int) -> Account:
    """The account of the `number`-th user."""
    with store.snapshot() as unit:
        return unit.directory.load(tenant, [identifier(number)])[identifier(number)]


def names_lead_to(store: SqlStore, tenant: int, user: User) -> list[dict[str, bytes]]:
    """What the three names of a user lead to."""
    with store.snapshot() as unit:
        return [
            unit.directory.ids_by_upn(tenant, [upn_key(user.upn)]),
            unit.directory.ids_by_anchor(tenant, [user.anchor] if user.anchor else []),
            unit.directory.ids_by_dn(tenant, [dn_key(user.dn)] if user.dn else []),
        ]


@again
@given(values.accounts(1), values.accounts(2))
def test_an_inserted_account_comes_back(store: SqlStore, tenant: int, one: Account, other: Account) -> None:
    """Every field of user and pairs is read as it was written."""
    with store.begin() as unit:
        unit.directory.insert(tenant, [other, one])
        found = unit.directory.load(tenant, [identifier(1), identifier(2), identifier(3)])
    assert {identifier(1): one, identifier(2): other} == found


@again
@given(values.accounts(1), values.accounts(1))
def test_an_updated_account_comes_back(store: SqlStore, tenant: int, before: Account, after: Account) -> None:
    """Every field can change; what changed has the next version (the user too when a pair is added), the rest keeps its own."""
    after = Account(after.user, {**before.pairs, **after.pairs})
    with store.begin() as unit:
        unit.directory.insert(tenant, [before])
        unit.directory.update(tenant, [(before, after)])
        [found] = unit.directory.load(tenant, [identifier(1)]).values()
    user = before.user if (after.user, len(after.pairs)) == (before.user, len(before.pairs)) else after.user._replace(version=2)
    assert user == found.user
    assert {pair: _stored(before, state) for pair, state in after.pairs.items()} == found.pairs


def _stored(before: Account, state: PairState) -> PairState:
    old = before.pairs.get(state.pair, state)
    return state if state == old else state._replace(version=old.version + 1)


@pytest.mark.parametrize("count", [0, 1, MANY])
def test_many_are_loaded_at_once(store: SqlStore, tenant: int, count: int) -> None:
    """A load takes any number of ids."""
    insert(store, tenant, *(to_copy(number) for number in range(count)))
    with store.snapshot() as unit:
        found = unit.directory.load(tenant, [identifier(number) for number in range(MANY)])
    assert {identifier(number): to_copy(number) for number in range(count)} == found


@pytest.mark.parametrize("count", [0, 1, MANY])
def test_many_are_looked_up_at_once(store: SqlStore, tenant: int, count: int) -> None:
    """A look-up takes any number of names and answers for those that exist."""
    insert(store, tenant, *(to_copy(number) for number in range(count)))
    with store.snapshot() as unit:
        found = unit.directory.ids_by_upn(tenant, [f"user{number}@contoso.example" for number in range(MANY)])
    assert {f"user{number}@contoso.example": identifier(number) for number in range(count)} == found


def test_names_lead_to_the_user(store: SqlStore, tenant: int) -> None:
    """User principal name, anchor and distinguished name are look-ups, without regard to case where names have none."""
    user = plain_user(1, upn="Adele@Contoso.Example", anchor="AbC=", dn="CN=Adele, DC=Contoso")
    insert(store, tenant, account(user))
    expected = [{"adele@contoso.example": identifier(1)}, {"AbC=": identifier(1)}, {"cn=adele,dc=contoso": identifier(1)}]
    assert expected == names_lead_to(store, tenant, user)


def test_tenants_are_apart(store: SqlStore, tenant: int) -> None:
    """Another tenant's users are neither found nor counted."""
    insert(store, tenant, to_copy(1))
    with store.snapshot() as unit:
        directory, other = unit.directory, tenant + 10_000
        found = (directory.ids_by_upn(other, ["user1@contoso.example"]), directory.load(other, [identifier(1)]))
        counted = (directory.count_users(other), directory.users(other, UserFilter()), list(directory.synced_users(other)))
    assert ({}, {}, 0, [], []) == (*found, *counted)


@pytest.mark.parametrize(
    "fields",
    [{"user_id": identifier(1)}, {"upn": "USER1@contoso.example"}, {"anchor": "anchor1"}],
    ids=["id", "name", "anchor"],
)
def test_an_existing_key_is_a_conflict(store: SqlStore, tenant: int, fields: dict[str, object]) -> None:
    """Inserting what exists by now raises ROW_CHANGED and stores nothing of the transaction."""
    insert(store, tenant, account(plain_user(1, anchor="anchor1")))
    with pytest.raises(ConflictError) as caught:
        insert(store, tenant, to_copy(3), account(plain_user(2, **{"anchor": "anchor2", **fields})))
    with store.snapshot() as unit:
        assert (ErrorCode.ROW_CHANGED, 1) == (caught.value.code, unit.directory.count_users(tenant))


@pytest.mark.parametrize("stale", ["user", "pair"])
def test_a_stale_version_is_a_conflict(store: SqlStore, tenant: int, stale: str) -> None:
    """An update from an outdated read raises ROW_CHANGED, and nothing of its transaction stays (A21)."""
    first, second = to_copy(1), to_copy(2)
    insert(store, tenant, first, second)
    named = Account(first.user._replace(display_name="Adele"), first.pairs)
    numbered = Account(first.user, {**first.pairs, Pair.MOBILE: first.pairs[Pair.MOBILE]._replace(authentication=b"new")})
    changed = named if stale == "user" else numbered
    update(store, tenant, (first, changed))
    with pytest.raises(ConflictError) as caught:
        update(store, tenant, (second, second._replace(user=second.user._replace(email="x"))), (first, changed))
    assert (ErrorCode.ROW_CHANGED, second) == (caught.value.code, load(store, tenant, 2))


def test_a_pair_added_twice_is_a_conflict(store: SqlStore, tenant: int) -> None:
    """Two writers who both add the alternate number do not both succeed."""
    before = to_copy(1)
    after = account(before.user, *before.pairs.values(), PairState(Pair.ALTERNATE, authentication=b"sealed", written=BY_ADMIN))
    insert(store, tenant, before)
    update(store, tenant, (before, after))
    with pytest.raises(ConflictError) as caught:
        update(store, tenant, (before, after))
    assert ErrorCode.ROW_CHANGED is caught.value.code


def test_renaming_moves_the_names(store: SqlStore, tenant: int) -> None:
    """After a rename the new names lead to the user and the old ones to nobody."""
    old = plain_user(1, upn="old@contoso.example", anchor="old", dn="CN=old")
    new = old._replace(upn="new@contoso.example", anchor="new", dn="CN=new")
    insert(store, tenant, account(old))
    update(store, tenant, (account(old), account(new)))
    assert [{}, {}, {}] == names_lead_to(store, tenant, old)
    assert [{"new@contoso.example": identifier(1)}, {"new": identifier(1)}, {"cn=new": identifier(1)}] == names_lead_to(
        store, tenant, new
    )


def test_two_users_swap_their_names(store: SqlStore, tenant: int) -> None:
    """Names that change hands within one update end with their new holders."""
    one, two = account(plain_user(1, anchor="a", dn="CN=a")), account(plain_user(2, anchor="b", dn="CN=b"))
    swapped_one = Account(one.user._replace(upn=two.user.upn, anchor="b", dn="CN=b"), one.pairs)
    swapped_two = Account(two.user._replace(upn=one.user.upn, anchor="a", dn="CN=a"), two.pairs)
    insert(store, tenant, one, two)
    update(store, tenant, (one, swapped_one), (two, swapped_two))
    leads = [list(found.values()) for found in names_lead_to(store, tenant, swapped_one.user)]
    assert [[identifier(1)], [identifier(1)], [identifier(1)]] == leads


def test_a_name_taken_by_a_rename_is_a_conflict(store: SqlStore, tenant: int) -> None:
    """Nobody gets a user principal name that somebody else holds."""
    insert(store, tenant, to_copy(1), to_copy(2))
    renamed = to_copy(2)._replace(user=to_copy(2).user._replace(upn="User1@contoso.example"))
    with pytest.raises(ConflictError) as caught:
        update(store, tenant, (to_copy(2), renamed))
    assert ErrorCode.ROW_CHANGED is caught.value.code


def test_a_distinguished_name_goes_to_the_latest(store: SqlStore, tenant: int) -> None:
    """A distinguished name may be used again for somebody else; the holder before loses the look-up without a conflict."""
    insert(store, tenant, account(plain_user(1, dn="CN=a")))
    insert(store, tenant, account(plain_user(2, dn="CN=A")))
    with store.snapshot() as unit:
        assert {"cn=a": identifier(2)} == unit.directory.ids_by_dn(tenant, ["cn=a"])


def test_a_freed_name_can_be_given_away(store: SqlStore, tenant: int) -> None:
    """A deleted user's name is free for somebody else once it was taken away."""
    insert(store, tenant, account(plain_user(1, deleted_at=IN_WINDOW)))
    with store.begin() as unit:
        unit.directory.free_upns(tenant, ["user1@contoso.example"])
        unit.directory.insert(tenant, [account(plain_user(2, upn="user1@contoso.example"))])
        unit.commit()
    with store.snapshot() as unit:
        assert {"user1@contoso.example": identifier(2)} == unit.directory.ids_by_upn(tenant, ["user1@contoso.example"])


def test_a_restored_user_gets_the_name_back(store: SqlStore, tenant: int) -> None:
    """Who lost the name while deleted has it again when restored, once the one who had it meanwhile loses it."""
    gone = account(plain_user(1, deleted_at=IN_WINDOW))
    insert(store, tenant, gone)
    with store.begin() as unit:
        unit.directory.free_upns(tenant, ["user1@contoso.example"])
        unit.directory.insert(tenant, [account(plain_user(2, upn="user1@contoso.example", deleted_at=IN_WINDOW))])
        unit.directory.free_upns(tenant, ["user1@contoso.example"])
        unit.directory.update(tenant, [(gone, gone._replace(user=gone.user._replace(deleted_at=None)))])
        unit.commit()
    assert [{"user1@contoso.example": identifier(1)}, {}, {}] == names_lead_to(store, tenant, gone.user)


def test_a_restored_user_keeps_the_name(store: SqlStore, tenant: int) -> None:
    """Who was deleted and did not lose the name is found by it after the restore."""
    gone = account(plain_user(1, deleted_at=IN_WINDOW, anchor="a", dn="CN=a"))
    insert(store, tenant, gone)
    update(store, tenant, (gone, gone._replace(user=gone.user._replace(deleted_at=None))))
    assert [{"user1@contoso.example": identifier(1)}, {"a": identifier(1)}, {"cn=a": identifier(1)}] == names_lead_to(
        store, tenant, gone.user
    )


def test_synced_users_are_the_synced_ones(store: SqlStore, tenant: int) -> None:
    """Neither deleted nor unsynced users are among them."""
    states = dict(enumerate(SyncState))
    insert(store, tenant, *(account(plain_user(number, sync_state=state)) for number, state in states.items()))
    insert(store, tenant, account(plain_user(9, deleted_at=IN_WINDOW)))
    with store.snapshot() as unit:
        found = [user.user_id for user in unit.directory.synced_users(tenant)]
    assert [identifier(number) for number, state in states.items() if state is SyncState.SYNCED] == found


def test_the_count_leaves_out_the_deleted(store: SqlStore, tenant: int) -> None:
    """Users that are not deleted are counted."""
    insert(store, tenant, to_copy(1), to_copy(2), account(plain_user(3, deleted_at=IN_WINDOW)))
    with store.snapshot() as unit:
        assert unit.directory.count_users(tenant) == 2


@pytest.mark.parametrize("page", [1, 3, 100])
def test_pages_join_to_the_whole(store: SqlStore, tenant: int, page: int) -> None:
    """Going on behind the last name of each page shows every user once, in the order of code points."""
    upns = [f"{name}@contoso.example" for name in ("B", "a", "Å", "z", "ß", "a.b", "a-b", "🙂")]
    insert(store, tenant, *(account(plain_user(number, upn=upn)) for number, upn in enumerate(upns)))
    seen: list[str] = []
    with store.snapshot() as unit:
        while found := unit.directory.users(tenant, UserFilter(after=seen[-1] if seen else "", limit=page)):
            seen += [user.upn for user in found]
    assert sorted(upns, key=upn_key) == seen


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (UserFilter(), [1, 2]),
        (UserFilter(limit=1), [1]),
        (UserFilter(sync_state=SyncState.CLOUD_ONLY), [2]),
        (UserFilter(deleted=True), [3]),
        (UserFilter(starts_with="USER2"), [2]),
        (UserFilter(starts_with="user"), [1, 2]),
        (UserFilter(after="USER1@contoso.example"), [2]),
        (UserFilter(starts_with="user_"), []),
        (UserFilter(starts_with="%"), []),
    ],
)
def test_lists_are_filtered(store: SqlStore, tenant: int, wanted: UserFilter, expected: list[int]) -> None:
    """Every field of the filter does what it says, and wild cards are plain characters."""
    cloud_only, deleted = plain_user(2, sync_state=SyncState.CLOUD_ONLY), plain_user(3, deleted_at=IN_WINDOW)
    insert(store, tenant, to_copy(1), account(cloud_only), account(deleted))
    with store.snapshot() as unit:
        found = [int.from_bytes(user.user_id, "big") for user in unit.directory.users(tenant, wanted)]
    assert expected == found


def test_a_deleted_user_whose_name_was_given_away_is_listed(store: SqlStore, tenant: int) -> None:
    """The look-up leads to somebody else by now."""
    insert(store, tenant, account(plain_user(1, upn="Ann@contoso.example", deleted_at=IN_WINDOW)))
    with store.begin() as unit:
        unit.directory.free_upns(tenant, ["ann@contoso.example"])
        unit.directory.insert(tenant, [account(plain_user(2, upn="ann@contoso.example"))])
        unit.commit()
    with store.snapshot() as unit:
        wanted = UserFilter(deleted=True, starts_with="ANN", sync_state=SyncState.SYNCED)
        assert [identifier(1)] == [user.user_id for user in unit.directory.users(tenant, wanted)]


@pytest.mark.parametrize("page", [1, 2, 100])
def test_pages_of_deleted_users_join_to_the_whole(store: SqlStore, tenant: int, page: int) -> None:
    """Several may have had one name, one after the other: they stay together, and nobody is left out."""
    names = ("É", "b", "a", "b", "é", "B", "c")
    for number, name in enumerate(names):
        insert(store, tenant, account(plain_user(number, upn=f"{name}@contoso.example", deleted_at=IN_WINDOW)))
        with store.begin() as unit:
            unit.directory.free_upns(tenant, [upn_key(f"{name}@contoso.example")])
            unit.commit()
    seen: list[tuple[str, bytes]] = []
    with store.snapshot() as unit:
        while found := unit.directory.users(tenant, UserFilter(seen[-1][0] if seen else "", page, deleted=True)):
            seen += [(upn_key(user.upn), user.user_id) for user in found]
    assert sorted((f"{name.casefold()}@contoso.example", identifier(number)) for number, name in enumerate(names)) == seen


@again
@given(st.integers(0, 6), st.integers(1, 8))
def test_bounds_cut_the_users_in_order(store: SqlStore, tenant: int, after: int, count: int) -> None:
    """The bound is the `count`-th user behind `after`, and there is none when fewer are left."""
    with store.begin() as unit:
        unit.directory.insert(tenant, [to_copy(number) for number in (1, 2, 3, 4, 5)])
        bound = unit.directory.bounds_after(tenant, identifier(after), count)
    assert (identifier(after + count) if after + count <= 5 else None) == bound


def test_instants_keep_their_microseconds(store: SqlStore, tenant: int) -> None:
    """An instant with microseconds is the same after the round trip, whatever the zone it was given in."""
    moment = IN_WINDOW + timedelta(microseconds=1)
    insert(store, tenant, account(plain_user(1, created_at=moment)))
    assert moment == load(store, tenant, 1).user.created_at


def test_a_pair_without_change_is_not_written(store: SqlStore, tenant: int) -> None:
    """Only what changed is written: the other pair keeps its version, so that two writers of two pairs do not collide."""
    before = to_copy(1)
    insert(store, tenant, before)
    update(store, tenant, (before, account(before.user, mobile_pair(b"other"), before.pairs[Pair.OFFICE])))
    found = load(store, tenant, 1)
    assert (1, 2, 1) == (found.user.version, found.pairs[Pair.MOBILE].version, found.pairs[Pair.OFFICE].version)
