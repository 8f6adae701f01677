"""What is asked of the logs for one user, by one person or by an id is found by an index: nothing walks over everybody's lines.

The plans are those of the databases themselves, for the very statements that the questions run.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import pytest
from sqlalchemy import event

from ringfence.application.ports import AuditFilter
from ringfence.application.ports.audit_queries import AuditQuestion
from ringfence.application.ports.sign_ins import SignInKey, SignInQuestion
from ringfence.domain.directory.query import AnyOf, Comparison, Operator
from ringfence.domain.identity.sign_ins import Attempt, ClientApp, SignIn, SignInResult
from ringfence.domain.numbers.policy import NumberPolicy
from ringfence.domain.values import Actor, ActorKind
from ringfence.storage.engine import Database
from ringfence.storage.unit_of_work import SqlStore, SqlUnitOfWork
from tests.contract.accounts import identifier, to_copy
from tests.contract.clocks import IN_WINDOW
from tests.contract.engines import database
from tests.contract.test_audit_store import plain_record

__all__ = ["database"]
TENANT: Final = 1
USERS: Final = 100
EACH: Final = 40
SOMEBODY: Final = identifier(7)
PERSON: Final = Actor(ActorKind.USER, "ada@contoso.example", identifier(9_000_001))
ATTEMPT: Final = Attempt(identifier(90), "Scripts", ClientApp.BROWSER, "192.0.2.7", identifier(91))
SIGN_IN: Final = SignIn(identifier(0), IN_WINDOW, None, "kim", "Kim", "kim", ATTEMPT, SignInResult.WRONG_PASSWORD)


@pytest.fixture(scope="module")
def filled(database: Database) -> SqlStore:
    """A store with four thousand lines in each log, of which the planner knows."""
    store = SqlStore(database, NumberPolicy())
    numbers = [(at, at % USERS, IN_WINDOW + timedelta(seconds=at)) for at in range(USERS * EACH)]
    with store.begin() as unit:
        unit.directory.insert(TENANT, [to_copy(number) for number in range(USERS)])
        records = [plain_record(1, user)._replace(correlation_id=identifier(at), at=time) for at, user, time in numbers]
        unit.audit.append(TENANT, [*records, plain_record(USERS * EACH, 3)._replace(actor=PERSON)])
        for at, user, time in numbers:
            unit.sign_ins.add(TENANT, SIGN_IN._replace(sign_in_id=identifier(at), at=time, user_id=identifier(user)))
        unit.commit()
    with database.connect(write=True) as connection:
        database.refresh_statistics(connection, ("audit_records", "sign_ins", "users"), USERS * EACH)
        connection.commit()
    return store


def plan_of(store: SqlStore, ask: Callable[[SqlUnitOfWork], object], patch: pytest.MonkeyPatch) -> str:
    """How the database runs the last statement of a question."""
    ran: list[tuple[str, Any]] = []
    fetch = Database.fetch

    def noted(self: Database, connection: Any, text: str, values: Any) -> Any:  # noqa: ANN401 - passed on
        ran.append((text, tuple(values)))
        return fetch(self, connection, text, values)

    patch.setattr(Database, "fetch", noted)
    with store.database.connect(write=False) as connection:
        event.listen(connection, "before_cursor_execute", lambda *given: ran.append((given[2], given[3])))
        ask(SqlUnitOfWork(store.database, connection, NumberPolicy(), writes=False))
        explain = "EXPLAIN QUERY PLAN" if store.database.is_sqlite else "EXPLAIN"
        text, values = ran[-1]
        return "\n".join(row[-1] for row in connection.exec_driver_sql(f"{explain} {text}", values))


def equals(field: str, value: bytes) -> Comparison:
    """The field is the identifier."""
    return Comparison(field, Operator.EQ, str(uuid.UUID(bytes=value)))


_OF_SOMEBODY: Final = AnyOf("targetResources", equals("id", SOMEBODY))
_BEHIND: Final = SignInKey(IN_WINDOW + timedelta(hours=1), SOMEBODY)


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        pytest.param(
            lambda unit: unit.audit_queries.page(TENANT, AuditQuestion(_OF_SOMEBODY)), "audit_records", id="changes of a user"
        ),
        pytest.param(
            lambda unit: list(unit.audit.records(TENANT, AuditFilter(SOMEBODY, limit=50))), "audit_records", id="the same, listed"
        ),
        pytest.param(
            lambda unit: unit.audit_queries.find(TENANT, SOMEBODY, identifier(8), 0), "audit_records", id="a change by its id"
        ),
        pytest.param(
            lambda unit: unit.audit_queries.page(TENANT, AuditQuestion(equals("initiatedBy/user/id", SOMEBODY))),
            "audit_by_actor",
            id="changes by a person",
        ),
        pytest.param(lambda unit: unit.audit_queries.page(TENANT, AuditQuestion()), "audit_by_time", id="newest changes"),
        pytest.param(lambda unit: unit.sign_ins.page(TENANT, SignInQuestion()), "sign_in_by_time", id="newest sign-ins"),
        pytest.param(
            lambda unit: unit.sign_ins.page(TENANT, SignInQuestion(after=_BEHIND)), "sign_in_by_time", id="a page behind"
        ),
        pytest.param(
            lambda unit: unit.sign_ins.page(TENANT, SignInQuestion(equals("userId", SOMEBODY))),
            "sign_in_by_user",
            id="sign-ins of a user",
        ),
        pytest.param(
            lambda unit: unit.sign_ins.latest_failures(TENANT, None, IN_WINDOW, 100), "sign_in_by_user", id="nobody's failures"
        ),
        pytest.param(lambda unit: unit.sign_ins.find(TENANT, SOMEBODY), "sign_ins", id="a sign-in by its id"),
        pytest.param(lambda unit: unit.sign_ins.forget_before(TENANT, IN_WINDOW, 100), "sign_in_by_time", id="old sign-ins"),
    ],
)
def test_an_index_answers(
    filled: SqlStore, monkeypatch: pytest.MonkeyPatch, ask: Callable[[SqlUnitOfWork], object], index: str
) -> None:
    """The one named, or the table's own key; few users are read as quickly without one."""
    plan = plan_of(filled, ask, monkeypatch)
    is_key = index in {"audit_records", "sign_ins"}
    used = index if not is_key else "USING PRIMARY KEY" if filled.database.is_sqlite else f"{index}_pkey"
    others = {"audit_by_actor", "audit_by_time", "sign_in_by_time", "sign_in_by_user"} - {index}
    assert used in plan, plan
    assert not [one for one in ("Seq Scan on audit", "Seq Scan on sign", "SCAN ", *others) if one in plan], plan
