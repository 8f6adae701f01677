"""A database of before the log of changes gets one for every tenant in it, and readers can begin at once."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from ringfence.domain.numbers.policy import NumberPolicy
from ringfence.storage.engine import Database
from ringfence.storage.schema import migrate
from ringfence.storage.unit_of_work import SqlStore
from tests.contract.accounts import account, plain_user
from tests.contract.engines import new_tenant


@pytest.fixture
def older(own_database: Database) -> tuple[Database, list[int]]:
    """A database at the revision before, with two tenants."""
    store = SqlStore(own_database, NumberPolicy())
    made = [new_tenant(store), new_tenant(store)]
    with own_database.connect(write=True) as connection:
        for table in (
            "app_passwords",
            "blocked_users",
            "board_calls",
            "board_texts",
            "challenges",
            "change_marks",
            "change_sequences",
            "directory_changes",
            "messages",
            "method_failures",
            "methods_policies",
            "mfa_settings",
            "mfa_standings",
            "notices",
            "remembered_browsers",
            "seeds",
            "sign_in_flows",
            "sign_ins",
            "telephony",
            "telephony_months",
            "telephony_refusals",
        ):
            connection.execute(text(f"DROP TABLE {table}"))
        connection.execute(text("DROP INDEX audit_by_actor"))
        connection.execute(text("ALTER TABLE audit_records DROP COLUMN actor_id"))
        connection.execute(text("ALTER TABLE device_codes DROP COLUMN methods"))
        connection.execute(text("ALTER TABLE credentials DROP COLUMN signed_in_at"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0002'"))
        connection.commit()
    return own_database, made


def test_tenants_that_are_there_get_a_log(older: tuple[Database, list[int]]) -> None:
    """Its end is held, and the next change is told behind it; the two are told apart by their tags."""
    database, (first, second) = older
    migrate(database)
    store = SqlStore(database, NumberPolicy())
    with store.snapshot() as unit:
        places = [unit.changes.end(tenant) for tenant in (first, second)]
        assert [True, True, False] == [
            unit.changes.holds(tenant, place) for tenant, place in zip((first, second, first), [*places, places[1]], strict=True)
        ]
    with store.begin() as unit:
        unit.directory.insert(first, [account(plain_user(1))])
        unit.commit()
    with store.snapshot() as unit:
        assert [plain_user(1).user_id] == unit.changes.read(first, places[0], 10, frozenset()).user_ids
