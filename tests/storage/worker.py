"""What a second process does in these tests: `python -m tests.storage.worker TASK URL KEY_FILE …`."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ringfence.application.phones import RegisterPhone, list_phones, register_phone
from ringfence.application.ports import UnitOfWork
from ringfence.application.services import in_transaction
from ringfence.application.tenancy import initialise_tenant
from ringfence.bootstrap import create_deployment
from ringfence.domain.numbers.pairs import Pair
from ringfence.domain.values import Actor, ActorKind
from ringfence.settings import Settings
from tests.contract.accounts import identifier
from tests.contract.clocks import IN_WINDOW, FakeClock
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


def set_phones(joined: Joined, first: str, count: str, progress: str, stop: str) -> None:
    """Set the office number of one user after the other until the file `stop` exists; `progress` grows by a byte a write."""
    actor = Actor(ActorKind.USER, "adele@contoso.example")
    with Path(progress).open("ab", buffering=0) as written:
        for turn in itertools.count():
            if Path(stop).exists():
                return
            user = int(first) + turn % int(count)
            command = RegisterPhone(f"user{user}@contoso.example", Pair.OFFICE, f"+1 425555{turn % 10_000:04d}", actor)
            register_phone(joined.services, TENANT, command, IN_WINDOW)
            written.write(b".")


def come_and_go(joined: Joined, url: str, user: str, rounds: str) -> None:
    """Open the deployment, set a number, read it back, close: as one command after the other does."""
    actor = Actor(ActorKind.USER, "adele@contoso.example")
    for turn in range(int(rounds)):
        with opened(url, joined.keys.path) as visit:
            command = RegisterPhone(f"user{user}@contoso.example", Pair.MOBILE, f"+1 425555{turn:04d}", actor)
            register_phone(visit.services, TENANT, command, IN_WINDOW)
            [phone] = list_phones(visit.services, TENANT, command.user)
            assert phone.number == command.number


def initialise(joined: Joined, url: str) -> None:
    """Set the deployment up, as `ringfence init` does, and say whether the tenant is new."""
    made = create_deployment(Settings(url, joined.keys.path), FakeClock())
    print(initialise_tenant(made.services, made.keys, "contoso.example", IN_WINDOW)[1])  # noqa: T201 - read by the test
    made.dispose()


TASKS: Final[dict[str, Callable[..., None]]] = {
    "append": append,
    "come_and_go": come_and_go,
    "initialise": initialise,
    "set_phones": set_phones,
}


def main(words: list[str]) -> None:
    """Run the task on the deployment that the first words name."""
    task, url, key_file, *rest = words
    with opened(url, Path(key_file)) as joined:
        TASKS[task](joined, *rest)


if __name__ == "__main__":
    main(sys.argv[1:])
