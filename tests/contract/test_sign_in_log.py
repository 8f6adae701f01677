"""`SignInLog`: lines come back as they were added, newest first; failures are found to be counted; old ones go."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import pytest

from ringfence.application.ports.sign_ins import SignInKey, SignInQuestion
from ringfence.domain.directory.query import Comparison, Operator
from ringfence.domain.identity.sign_ins import Attempt, ClientApp, SignIn, SignInResult
from ringfence.domain.signin.requirement import Requirement
from ringfence.storage.unit_of_work import SqlStore
from tests.contract.accounts import identifier
from tests.contract.clocks import IN_WINDOW

ATTEMPT: Final = Attempt(identifier(90), "Scripts", ClientApp.NATIVE, "192.0.2.7", identifier(91), is_device_code=True)
FIRST: Final = SignIn(
    identifier(1), IN_WINDOW, identifier(50), "kim@contoso.example", "Kim", "KIM", ATTEMPT, SignInResult.SUCCESS
)
LINES: Final = (
    FIRST,
    FIRST._replace(sign_in_id=identifier(3), result=SignInResult.WRONG_PASSWORD, attempt=ATTEMPT._replace(ip_address=None)),
    FIRST._replace(sign_in_id=identifier(2), user_id=None, result=SignInResult.UNKNOWN_USER, further=7),
    FIRST._replace(
        sign_in_id=identifier(4),
        at=IN_WINDOW + timedelta(microseconds=1),
        result=SignInResult.LOCKED,
        requirement=Requirement.SKIPPED_LOCATION,
    ),
)
NEWEST_FIRST: Final = [LINES[3], LINES[1], LINES[2], LINES[0]]


@pytest.fixture
def kept(store: SqlStore, tenant: int) -> SqlStore:
    """The store with four lines, three of one moment."""
    with store.begin() as unit:
        for line in LINES:
            unit.sign_ins.add(tenant, line)
        unit.commit()
    return store


def test_lines_come_back_newest_first(kept: SqlStore, tenant: int) -> None:
    """Every field as it was added; those of one moment by their ids; none in another tenant."""
    with kept.snapshot() as unit:
        pages = [unit.sign_ins.page(one, SignInQuestion()).sign_ins for one in (tenant, tenant + 10_000)]
    assert [NEWEST_FIRST, []] == pages


def test_pages_hold_every_line_once(kept: SqlStore, tenant: int) -> None:
    """Lines of one moment are told apart by their ids."""
    walked: list[SignIn] = []
    after: SignInKey | None = None
    with kept.snapshot() as unit:
        while not walked or after is not None:
            page = unit.sign_ins.page(tenant, SignInQuestion(after=after, limit=1))
            walked, after = walked + page.sign_ins, page.after
    assert NEWEST_FIRST == walked


def test_one_line_by_its_id(kept: SqlStore, tenant: int) -> None:
    """In its own tenant alone."""
    with kept.snapshot() as unit:
        found = [unit.sign_ins.find(one, identifier(3)) for one in (tenant, tenant + 10_000)]
    assert [LINES[1], None] == found


@pytest.mark.parametrize(
    ("user_id", "since", "limit", "expected"),
    [
        pytest.param(identifier(50), IN_WINDOW, 9, [4, 3], id="a user's, newest first"),
        pytest.param(identifier(50), IN_WINDOW, 1, [4], id="limited"),
        pytest.param(identifier(50), IN_WINDOW + timedelta(microseconds=1), 9, [4], id="since"),
        pytest.param(None, IN_WINDOW, 9, [2], id="nobody's"),
        pytest.param(identifier(51), IN_WINDOW, 9, [], id="somebody else's"),
    ],
)
def test_failures_are_found(
    kept: SqlStore, tenant: int, user_id: bytes | None, since: object, limit: int, expected: list[int]
) -> None:
    """Successes are none of them."""
    with kept.snapshot() as unit:
        found = unit.sign_ins.latest_failures(tenant, user_id, since, limit)  # type: ignore[arg-type] # from a table
    assert [identifier(one) for one in expected] == [key.sign_in_id for key in found]


def test_one_more_is_counted_on_its_line(kept: SqlStore, tenant: int) -> None:
    """And on no other."""
    with kept.begin() as unit:
        unit.sign_ins.count_further(tenant, SignInKey(IN_WINDOW, identifier(2)))
        unit.commit()
    with kept.snapshot() as unit:
        assert [0, 0, 8, 0] == [line.further for line in unit.sign_ins.page(tenant, SignInQuestion()).sign_ins]


def test_the_oldest_lines_are_removed_in_parts(kept: SqlStore, tenant: int) -> None:
    """Those of one moment together; nothing of the instant itself, or later."""
    with kept.begin() as unit:
        removed = [unit.sign_ins.forget_before(tenant, IN_WINDOW + timedelta(microseconds=later), 1) for later in (0, 1, 1, 2, 2)]
        unit.commit()
    assert [0, 3, 0, 1, 0] == removed


def test_names_are_found_without_case(store: SqlStore, tenant: int) -> None:
    """Letters beyond ASCII too, on both engines."""
    with store.begin() as unit:
        unit.sign_ins.add(tenant, FIRST._replace(upn="Ödön@contoso.example"))
        question = SignInQuestion(Comparison("userPrincipalName", Operator.STARTS_WITH, "öD"))
        assert 1 == len(unit.sign_ins.page(tenant, question).sign_ins)
