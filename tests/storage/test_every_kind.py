"""SQL and Python agree on every combination of facts there is, not only on those that chance brings."""

from __future__ import annotations

from collections import Counter
from typing import Final

import pytest

from ringfence.domain.directory.user import Account, PairState
from ringfence.domain.numbers.canonical import PublicState
from ringfence.domain.numbers.facts import Moment
from ringfence.domain.numbers.pairs import PUBLIC_PAIRS
from ringfence.domain.numbers.policy import NumberPolicy
from ringfence.domain.numbers.standing import decide_copy, decide_status, follows_directory, resolve_contact
from ringfence.domain.numbers.tables import CopyAction, Status, StatusRule
from ringfence.domain.values import Run, RunKind
from ringfence.storage.engine import Database
from ringfence.storage.unit_of_work import SqlStore
from tests.contract.accounts import identifier
from tests.contract.clocks import IN_WINDOW
from tests.storage.populations import every_kind
from tests.storage.test_sql_equals_python import EVERYBODY, POLICIES

TENANT: Final = 99
RUN: Final = Run(identifier(9), RunKind.IMPORT_DIRECTORY, IN_WINDOW)
LIVING: Final = [one for one in every_kind() if one.user.deleted_at is None]
PAIRS: Final = [(one, one.pairs[pair]) for one in LIVING for pair in PUBLIC_PAIRS]
Decided = tuple[StatusRule, bool]

pytestmark = [
    pytest.mark.parametrize("moment", Moment, ids=lambda moment: moment.name.lower()),
    pytest.mark.parametrize(
        "policy",
        [POLICIES[0], *(pytest.param(policy, marks=pytest.mark.slow) for policy in POLICIES[1:])],
        ids=range(len(POLICIES)),
    ),
]


@pytest.fixture(scope="module")
def everybody(database: Database) -> Database:
    """A database with every kind of user, as an import leaves it."""
    with SqlStore(database, NumberPolicy()).begin() as unit:
        unit.directory.insert(TENANT, every_kind())
        unit.administration.add_run(TENANT, RUN)
        unit.administration.finish_run(TENANT, RUN.run_id, IN_WINDOW, {"read": len(every_kind())})
        unit.commit()
    return database


def decided(one: Account, state: PairState, moment: Moment, policy: NumberPolicy) -> Decided:
    """The status row of a pair, and whether it follows the directory."""
    status = decide_status(one.user, state, moment, policy).outcome
    return status, follows_directory(one.user, state, moment, policy)


def test_every_kind_is_counted_as_the_rules_say(everybody: Database, moment: Moment, policy: NumberPolicy) -> None:
    """The counts are those of the status table walked in Python."""
    dropped = PublicState.EXTENSION_DROPPED
    expected = Counter((*decided(*pair, moment, policy), pair[1].public.state is dropped) for pair in PAIRS)
    with SqlStore(everybody, policy).snapshot() as unit:
        found = {outcome[:3]: outcome.pairs for outcome in unit.numbers.outcomes(TENANT, moment)}
    assert dict(expected) == found


def test_who_would_be_left_behind_is_counted_with_them(everybody: Database, moment: Moment, policy: NumberPolicy) -> None:
    """At any moment the counts tell for each row how many of its pairs the window's end would leave behind."""
    expected = Counter(
        decided(*pair, moment, policy)[0]
        for pair in PAIRS
        if decided(*pair, Moment.AFTER, policy)[0].status is Status.LEFT_BEHIND
    )
    found: Counter[StatusRule] = Counter()
    with SqlStore(everybody, policy).snapshot() as unit:
        for outcome in unit.numbers.outcomes(TENANT, moment):
            found[outcome.row] += outcome.left_behind
    assert expected == +found


def test_every_kind_is_contacted_as_the_rules_say(everybody: Database, moment: Moment, policy: NumberPolicy) -> None:
    """Each configured pair contacts the number that the table of A.5, walked in Python, says."""
    expected = set()
    for one in LIVING:
        for method in one.user.methods:
            if method.pair is not None:
                contact = resolve_contact(one, method, moment, policy)
                assert contact is not None
                expected.add((one.user.user_id, method.pair, contact.kind, contact.rule, contact.sealed))
    with SqlStore(everybody, policy).snapshot() as unit:
        found = [(line.user_id, line.pair, line.source, line.rule, line.sealed) for line in unit.numbers.contacts(TENANT, moment)]
    assert (expected, sorted(found)) == (set(found), found)


@pytest.mark.slow
def test_every_kind_is_listed_as_the_rules_say(everybody: Database, moment: Moment, policy: NumberPolicy) -> None:
    """The line of each pair has the row that matches in Python."""
    expected = {(one.user.user_id, state.pair): decided(one, state, moment, policy) for one, state in PAIRS}
    with SqlStore(everybody, policy).snapshot() as unit:
        found = {(line.user_id, line.pair): (line.row, line.follows) for line in unit.numbers.lines(TENANT, moment)}
    assert expected == found


def test_every_kind_is_copied_as_the_rules_say(everybody: Database, moment: Moment, policy: NumberPolicy) -> None:
    """The pairs written by a copy are those that row C6 matches in Python."""
    expected = {
        (one.user.user_id, state.pair)
        for one, state in PAIRS
        if decide_copy(one.user, state, moment, policy).outcome is CopyAction.COPY
    }
    with SqlStore(everybody, policy).begin() as unit:
        foretold = unit.numbers.count_to_copy(TENANT, moment)
        told = unit.numbers.copy(TENANT, EVERYBODY, moment, (identifier(1), IN_WINDOW))
        after = unit.directory.load(TENANT, [one.user.user_id for one in LIVING])
    found = {(one.user.user_id, state.pair) for one, state in PAIRS if after[one.user.user_id].pairs[state.pair] != state}
    assert (expected, len(expected), len(expected)) == (found, told, foretold)
