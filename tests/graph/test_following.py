"""A copy of the users that is kept up by `users/delta` alone is what `GET /users` lists, whoever wrote and in whatever order."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringfence.application.copy_numbers import copy_numbers, undo_copy
from ringfence.application.housekeeping import forget_old_changes
from ringfence.application.import_directory import ImportOptions, import_directory
from ringfence.application.preferences import set_mfa_state
from ringfence.application.rotate_key import rotate_key
from ringfence.application.sync_cycle import Reporting
from ringfence.domain.directory.records import DirectoryRecord, PerUserState, RecordAction
from ringfence.domain.numbers.transition import PRESETS
from tests.contract.deployments import TENANT
from tests.graph.followers import FIRST, Follower, listed
from tests.graph.served import ADMIN, Api
from tests.storage.imports import PLENTY, ListedRows, configure, mobile_number, quietly, synced_row, take_over

ALL: Final = f"{FIRST}?$select=*"


def synced(number: int, **fields: object) -> DirectoryRecord:
    """A row of a user in the directory."""
    return synced_row(number, mobile_number(number), display_name=f"User {number}", **fields)


def sync(*rows: DirectoryRecord, full: bool = False) -> Callable[[Api], object]:
    """An import of these rows."""
    return lambda api: take_over(api.joined.services, rows, full=full)


SHOWN: Final[dict[str, Callable[[Api], object]]] = {
    "a new user": sync(synced(4), synced(5)),
    "a name": sync(synced(1)._replace(display_name="Somebody")),
    "a principal name": sync(synced(1, upn="other@contoso.example")),
    "a number": sync(synced(1)._replace(mobile=mobile_number(1, 2)), synced(2)),
    "an office number": sync(synced(1, office="+1 4255550199")),
    "a number cleared": sync(synced(1)._replace(mobile="")),
    "a disabled account": sync(synced(1, enabled=False)),
    "other mails": sync(synced(1, other_mails=("one@home.example",))),
    "a distinguished name": sync(synced(1, dn="CN=One,DC=contoso,DC=example")),
    "no longer synced": sync(synced(1)._replace(synced=False)),
    "users who left": sync(synced(1), full=True),
    "a record that deletes": sync(synced(2)._replace(action=RecordAction.DELETE)),
    "names that change hands": sync(synced(1, upn="user2@contoso.example"), synced(2, upn="user1@contoso.example")),
}


@pytest.fixture
def three(api: Api) -> Api:
    """Three synced users with entries, in the window of the transition."""
    take_over(api.joined.services, [synced(number) for number in (1, 2, 3)])
    configure(api.joined.services, (1, 2, 3))
    api.clock.time = PRESETS["entra-2021"][0]
    return api


@pytest.mark.parametrize("act", SHOWN.values(), ids=SHOWN)
def test_what_an_import_changes_is_told(three: Api, act: Callable[[Api], object]) -> None:
    """Exactly those users of whom something is shown otherwise than before, or who came or went."""
    follower = Follower(three, ALL)
    follower.round()
    before = listed(three, "&$select=*")
    act(three)
    told = {one["id"] for one in follower.round()}
    after = listed(three, "&$select=*")
    expected = {one for one in before.keys() | after.keys() if before.get(one) != after.get(one)}
    assert expected
    assert (expected, after) == (told, follower.copy)


def test_who_comes_back_with_an_import_is_told(three: Api) -> None:
    """A user who left with one export and is in the next one again."""
    follower = Follower(three, ALL)
    follower.round()
    sync(synced(1), full=True)(three)
    assert [{"reason": "changed"}] * 2 == [one["@removed"] for one in follower.round()]
    sync(synced(3))(three)
    assert ["user3@contoso.example"] == [one["userPrincipalName"] for one in follower.round()]


def copied_and_undone(api: Api) -> None:
    """Copy the numbers, and take them back."""
    run = copy_numbers(api.joined.services, TENANT, quietly)
    assert 3 == run.copied
    undo_copy(api.joined.services, TENANT, run.run_id, quietly)


HIDDEN: Final[dict[str, Callable[[Api], object]]] = {
    "the copy and its undo": copied_and_undone,
    "entries": lambda api: configure(api.joined.services, (1, 2)),
    "the same rows again": sync(synced(1), synced(2), synced(3), full=True),
    "a new key": lambda api: rotate_key(api.joined.services, api.joined.keys, quietly),
    "per-user MFA": lambda api: set_mfa_state(
        api.joined.services, TENANT, "user1@contoso.example", PerUserState.Enabled, ADMIN, api.clock.now()
    ),
}


@pytest.mark.parametrize("act", HIDDEN.values(), ids=HIDDEN)
def test_what_is_not_shown_is_not_told(three: Api, act: Callable[[Api], object]) -> None:
    """A copy of a million numbers is no news for a reader of users."""
    follower = Follower(three, ALL)
    follower.round()
    act(three)
    assert [] == follower.round()


class Crowd:
    """Writers of every kind over one tenant, and a reader."""

    def __init__(self, api: Api) -> None:
        """Begin with whoever is there."""
        self.api = api
        self.follower = Follower(api, f"{ALL}&$top=3")

    def create(self, number: int) -> None:
        """A user of the cloud."""
        self.api.new_user(f"cloud{number}-{next(_NUMBERS)}")

    def change(self, number: int) -> None:
        """A property of somebody; of a synced one it is refused."""
        self.api.call("PATCH", f"/v1.0/users/{self._somebody(number)}", {"displayName": f"Name {next(_NUMBERS)}"})

    def describe(self, number: int) -> None:
        """A property that stands in another table."""
        self.api.call("PATCH", f"/v1.0/users/{self._somebody(number)}", {"usageLocation": "NO", "department": f"D{number}"})

    def delete(self, number: int) -> None:
        """Somebody leaves."""
        self.api.call("DELETE", f"/v1.0/users/{self._somebody(number)}")

    def restore(self, number: int) -> None:
        """Somebody deleted comes back, unless the name is taken."""
        gone = self.api.call("GET", "/v1.0/directory/deletedItems/microsoft.graph.user").body["value"]
        if gone:
            self.api.call("POST", f"/v1.0/directory/deletedItems/{gone[number % len(gone)]['id']}/restore")

    def sync(self, number: int) -> None:
        """An import of one to four rows, sometimes of all that the directory has."""
        rows = [synced(one, office=f"+1 42555502{next(_NUMBERS) % 90 + 10}") for one in range(number % 4 + 1)]
        reader = ListedRows(rows)
        options = ImportOptions(full=number % 3 == 0, allowed=PLENTY)
        import_directory(self.api.joined.services, TENANT, [reader], options, Reporting(quietly, {str(reader.path): reader}))

    def page(self, _number: int) -> None:
        """The reader asks for one page."""
        self.follower.page()

    def round(self, _number: int) -> None:
        """The reader asks until it is up to date."""
        self.follower.round()

    def tidy(self, _number: int) -> None:
        """The background work runs, a day later."""
        self.api.later(86_400)
        forget_old_changes(self.api.joined.services, self.api.clock.now())

    def _somebody(self, number: int) -> str:
        ids = sorted(listed(self.api))
        return ids[number % len(ids)] if ids else "nobody"


_NUMBERS: Final = itertools.count()
ACTS: Final = (
    Crowd.create,
    Crowd.change,
    Crowd.describe,
    Crowd.delete,
    Crowd.restore,
    Crowd.sync,
    Crowd.page,
    Crowd.round,
    Crowd.tidy,
)
SCRIPTS: Final = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 11)), max_size=20)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(SCRIPTS)
def test_the_copy_is_what_there_is(api: Api, script: Sequence[tuple[Callable[[Crowd, int], None], int]]) -> None:
    """After any sequence of changes and pages, two more rounds (the first may be amid the listing) make both equal."""
    crowd = Crowd(api)
    for act, number in script:
        act(crowd, number)
    crowd.follower.round()
    crowd.follower.round()
    assert listed(api, "&$select=*") == crowd.follower.copy


def test_a_reader_beside_many_writers_misses_nobody(api: Api) -> None:
    """Four writers at once, a reader who comes back all the while: each user is told."""
    follower = Follower(api, f"{FIRST}?$deltatoken=latest")
    follower.round()
    with ThreadPoolExecutor(4) as threads:
        writing: list[Future[None]] = [threads.submit(write_users, api, letter) for letter in "abcd"]
        while not all(one.done() for one in writing):
            follower.round()
        for one in writing:
            one.result()
    follower.round()
    assert (40, listed(api).keys()) == (len(follower.copy), follower.copy.keys())


def write_users(api: Api, letter: str) -> None:
    """Ten users, each in a transaction."""
    for number in range(10):
        api.new_user(f"{letter}{number}")
