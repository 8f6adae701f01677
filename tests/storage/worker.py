"""What a second process does in these tests: `python -m tests.storage.worker TASK URL KEY_FILE …`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ringfence.application.ports import UnitOfWork
from ringfence.application.services import in_transaction
from ringfence.domain.numbers.pairs import Pair
from tests.contract.accounts import identifier
from tests.contract.deployments import TENANT, Joined, opened


def append(joined: Joined, letter: str, rounds: str) -> None:
    """Read, modify, write: append the letter to the user's name and to the public text of both pairs, so many times."""

    def work(unit: UnitOfWork) -> None:
        [before] = unit.directory.load(TENANT, [identifier(1)]).values()
        user = before.user._replace(display_name=before.user.display_name + letter)
        pairs = dict(before.pairs)
        for pair in (Pair.MOBILE, Pair.OFFICE):
            public = pairs[pair].public
            pairs[pair] = pairs[pair]._replace(public=public._replace(text=public.text + letter))
        unit.directory.update(TENANT, [(before, before._replace(user=user, pairs=pairs))])

    for _ in range(int(rounds)):
        in_transaction(joined.services, work)


TASKS: Final[dict[str, Callable[..., None]]] = {"append": append}


def main(words: list[str]) -> None:
    """Run the task on the deployment that the first words name."""
    task, url, key_file, *rest = words
    with opened(url, Path(key_file)) as joined:
        TASKS[task](joined, *rest)


if __name__ == "__main__":
    main(sys.argv[1:])
