"""Two writers at once never lose an update, in threads and in processes, on both engines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ringfence.domain.directory.user import Account
from ringfence.domain.numbers.pairs import Pair
from tests.contract.accounts import account, identifier, plain_user
from tests.contract.deployments import TENANT, Joined, deployed
from tests.storage import processes, worker

ROUNDS = 200


@pytest.fixture
def joined(empty_url: str, tmp_path: Path) -> Iterator[Joined]:
    """A deployment with one user without name and numbers."""
    with deployed(empty_url, tmp_path / "key") as made:
        with made.services.store.begin() as unit:
            unit.directory.insert(TENANT, [account(plain_user(1))])
            unit.commit()
        yield made


def texts(joined: Joined) -> list[Counter[str]]:
    """The letters in the three texts that the writers append to."""
    with joined.services.store.snapshot() as unit:
        found: Account = unit.directory.load(TENANT, [identifier(1)])[identifier(1)]
    return [Counter(found.user.display_name), *(Counter(found.pairs[pair].public.text) for pair in (Pair.MOBILE, Pair.OFFICE))]


def test_two_threads_lose_nothing(joined: Joined) -> None:
    """Each of two threads reads, changes and writes the same user; all their changes are there."""
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(worker.append, (joined, joined), "ab", ("30", "30")))
    assert [Counter(a=30, b=30)] * 3 == texts(joined)


@pytest.mark.slow
def test_two_processes_lose_nothing(joined: Joined, empty_url: str, tmp_path: Path) -> None:
    """Each of two processes reads, changes and writes the same user 200 times; all 400 changes are there."""
    started = [processes.start("worker", "append", empty_url, tmp_path / "key", letter, ROUNDS) for letter in "ab"]
    for process in started:
        processes.finish(process)
    assert [Counter(a=ROUNDS, b=ROUNDS)] * 3 == texts(joined)
