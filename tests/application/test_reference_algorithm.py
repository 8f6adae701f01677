"""Random histories give what B.5 gives: the product beside an independent transcription (`reference`), compared after each step.

Directory changes with malformed and cleared values, takeover, unsync, delete and restore, an administrator's edits, MFA
imports, copies, self-service edits, the clock over both boundaries, an early close, and any `mirror_sources`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.application.plan_numbers import NumberLine, plan_numbers
from ringfence.application.transitions import close_transition
from ringfence.domain.directory.records import UNSENT
from ringfence.domain.directory.user import PairState
from ringfence.domain.errors import RingfenceError
from ringfence.domain.numbers.pairs import MethodType, Pair
from ringfence.domain.numbers.policy import NumberPolicy, PublicSource
from tests.application.conftest import WorldUnder
from tests.application.reference import APP, END, ENTRIES, MEANING, NUMBERS, START, Person, Rules
from tests.application.worlds import ADMIN, ANNOUNCED, World, entries, person, removal

PAIRS: Final = {"mobile": Pair.MOBILE, "office": Pair.OFFICE}
TICK: Final = timedelta(microseconds=1)
INSTANTS: Final = (ANNOUNCED, START - TICK, START, datetime(2021, 3, 1, tzinfo=START.tzinfo), END - TICK, END, END + 30 * TICK)


class History(NamedTuple):
    """Both sides of the comparison."""

    world: World
    rules: Rules
    people: dict[str, Person]


Step = Callable[[History], None]


def directory(name: str, synced: bool | None, mobile: str | None, office: str | None) -> Step:  # noqa: FBT001 - Microsoft's flag
    """A directory export with one row; None for a number is "not sent"."""

    def take(history: History) -> None:
        anchor = None if synced is None else f"{name}-anchor=="
        sent = [UNSENT if text is None else text for text in (mobile, office)]
        history.world.sync(person(name, synced=synced, anchor=anchor, mobile=sent[0], office=sent[1]))
        history.people[name].directory_says(synced, {"mobile": mobile, "office": office})

    return take


def leaves(name: str) -> Step:
    """The directory deletes the user."""

    def take(history: History) -> None:
        history.world.sync(removal(name)._replace(upn=person(name).upn, synced=True))
        history.people[name].deleted |= history.people[name].synced  # H.5: nobody whom it does not master

    return take


def mfa_export(name: str, methods: tuple[str, ...], number: str | None) -> Step:
    """An MFA export with one row."""

    def take(history: History) -> None:
        kinds = [MethodType[method] for method in methods]
        history.world.mfa(entries(name, *kinds, mobile=UNSENT if number is None else number))
        if not history.people[name].deleted:
            history.people[name].mfa_export_says(methods, number)

    return take


def administrator_sets(name: str, pair: str, number: str) -> Step:
    """An administrator sets a number; nobody does for a deleted user."""

    def take(history: History) -> None:
        if not history.people[name].deleted:
            history.world.set_phone(name, number, PAIRS[pair])
            history.people[name].administrator_sets(pair, number)

    return take


def administrator_deletes(name: str, pair: str) -> Step:
    """An administrator deletes a number, or is refused by both."""

    def take(history: History) -> None:
        one = history.people[name]
        if not one.deleted and one.administrator_deletes(pair):
            history.world.delete_phone(name, PAIRS[pair])
        else:
            with pytest.raises(RingfenceError):
                history.world.delete_phone(name, PAIRS[pair])

    return take


def self_service(name: str, text: str) -> Step:
    """The user edits their own profile."""

    def take(history: History) -> None:
        if not history.people[name].deleted:
            history.world.edit_own_profile(name, text)
            history.people[name].edits_own_profile(text)

    return take


def copy(history: History) -> None:
    """The copy runs over everybody; a deleted user is skipped (A14)."""
    history.world.copy()
    for one in history.people.values():
        if not one.deleted:
            one.copy("mobile")
            one.copy("office")


def clock(instant: datetime) -> Step:
    """Time passes, never backwards."""

    def take(history: History) -> None:
        history.rules.now = history.world.clock.time = max(instant, history.world.clock.time)

    return take


def close_early(history: History) -> None:
    """The operator closes the transition, unless it has ended."""
    if history.rules.now < history.rules.end:
        close_transition(history.world.services, history.world.tenant_id, history.rules.now, ADMIN)
        history.rules.end = history.rules.now


names = st.sampled_from(["ada", "bob"])
texts = st.sampled_from(sorted(MEANING))
sent_texts = st.one_of(st.none(), texts, texts)
methods = st.permutations([*ENTRIES["mobile"], *ENTRIES["office"], APP])
some_methods = st.builds(lambda chosen, count: tuple(chosen[:count]), methods, st.integers(1, 4))
STEPS: Final = st.one_of(
    st.builds(directory, names, st.just(value=True), sent_texts, sent_texts),
    st.builds(directory, names, st.just(value=True), texts, texts),
    st.builds(directory, names, st.sampled_from([True, False, None]), sent_texts, sent_texts),
    st.builds(leaves, names),
    st.builds(mfa_export, names, some_methods, st.one_of(st.none(), st.sampled_from(NUMBERS))),
    st.builds(administrator_sets, names, st.sampled_from(sorted(PAIRS)), st.sampled_from(NUMBERS)),
    st.builds(administrator_deletes, names, st.sampled_from(sorted(PAIRS))),
    st.builds(self_service, names, texts),
    st.just(copy),
    st.builds(clock, st.sampled_from(INSTANTS)),
    st.sampled_from([copy, copy, close_early]),
)
POLICIES: Final = st.builds(
    NumberPolicy,
    mirror_sources=st.one_of(st.just(NumberPolicy().mirror_sources), st.frozensets(st.sampled_from(PublicSource))),
    mirror_requires_configured=st.sampled_from([True, True, False]),
)


def begin(world: World) -> History:
    """Ada is synced, Bob is not; both have a number in the directory and use it by text message."""
    policy = world.services.policy
    sources = frozenset(source.name.lower() for source in policy.mirror_sources)
    rules = Rules(world.clock.time, sources, policy.mirror_requires_configured)
    history = History(world, rules, {"ada": Person(rules), "bob": Person(rules)})
    world.open_window()
    for name, synced in (("ada", True), ("bob", None)):
        directory(name, synced, NUMBERS[0], NUMBERS[1])(history)
        mfa_export(name, ("OneWaySMS", "TwoWayVoiceOffice"), None)(history)
    return history


def seen(history: History, name: str) -> dict[str, object]:
    """What the product has and would do for a user, in the words of the reference."""
    world, account, explanation = history.world, history.world.account(name), history.world.explain(name)
    user = account.user

    def opened(pair: Pair, sealed: bytes | None) -> str | None:
        return sealed and world.services.sealer.unseal(sealed, user.key_id, world.tenant_id, user.user_id, pair)  # type: ignore[return-value]

    def half(state: PairState) -> tuple[str | None, str | None]:
        return opened(state.pair, state.authentication), opened(state.pair, state.baseline)

    return {
        "authentication and baseline": {word: half(account.pairs[pair]) for word, pair in PAIRS.items()},
        "entries": {method.name for method in user.methods},
        "default": None if user.default is None else user.default.name,
        "contacts": {one.method.name: one.contacts for one in explanation.methods if one.method.pair is not None},
    }


def expected(one: Person) -> dict[str, object]:
    """The same by the reference."""
    return {
        "authentication and baseline": {word: (half.authentication, half.baseline) for word, half in one.halves.items()},
        "entries": one.entries,
        "default": one.default,
        "contacts": one.contacts(),
    }


def follow(world: World, steps: list[Step]) -> None:
    """Take every step on both sides and compare both people after each; at the end, compare SQL's view with Python's."""
    history = begin(world)
    for step in steps:
        step(history)
        for name, one in history.people.items():
            actual = seen(history, name)
            assert expected(one) == actual
            assert (user_default := actual["default"]) is None or user_default in one.entries
    lines: list[NumberLine] = []
    plan_numbers(world.services, world.tenant_id, world.clock.time, lines.append)
    for line in lines:
        one_pair = world.pair(line.upn.partition("@")[0], line.pair)
        assert (one_pair.status, one_pair.rule, one_pair.follows) == (line.status, line.rule, line.follows)


@settings(max_examples=25)
@given(POLICIES, st.lists(STEPS, min_size=4, max_size=14))
def test_a_history_gives_what_b5_gives(world_under: WorldUnder, policy: NumberPolicy, steps: list[Step]) -> None:
    """Authentication number, baseline, entries, default and contacts agree after every step."""
    follow(world_under(policy), steps)


@pytest.mark.slow
@settings(max_examples=100)
@given(POLICIES, st.lists(STEPS, min_size=10, max_size=25))
def test_a_long_history_gives_what_b5_gives(world_under: WorldUnder, policy: NumberPolicy, steps: list[Step]) -> None:
    """The same over longer histories, and more of them."""
    follow(world_under(policy), steps)
