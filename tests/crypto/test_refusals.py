"""A lost or wrong key is refused at start, with the code that says which; nothing is readable without the key."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import inspect

from ringfence.application.phones import RegisterPhone, list_phones, register_phone
from ringfence.bootstrap import create_deployment, open_deployment
from ringfence.crypto.key_file import FileKeys
from ringfence.domain.errors import ErrorCode, UnavailableError
from ringfence.domain.numbers.pairs import Pair
from ringfence.domain.values import Actor, ActorKind
from ringfence.settings import Settings
from ringfence.storage.engine import Database
from tests.contract.clocks import IN_WINDOW, FakeClock
from tests.contract.deployments import TENANT, deployed
from tests.storage.imports import synced_row, take_over

PRIVATE: Final = "4255550199"
ADMIN: Final = Actor(ActorKind.USER, "adele@contoso.example")


@contextlib.contextmanager
def peopled(url: str, folder: Path) -> Iterator[Settings]:
    """A deployment in which somebody has an authentication number and a history of it."""
    with deployed(url, folder / "ringfence.key") as joined:
        take_over(joined.services, [synced_row(1, "+1 4255550100")])
        for number in ("+1 4255550198", f"+1 {PRIVATE}"):
            command = RegisterPhone("user1@contoso.example", Pair.MOBILE, number, ADMIN)
            register_phone(joined.services, TENANT, command, IN_WINDOW)
        yield Settings(url, folder / "ringfence.key")


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    """Such a deployment on SQLite; what is refused is the key, whatever holds the data."""
    with peopled(f"sqlite:///{tmp_path}/ringfence.db", tmp_path) as made:
        yield made


def remove(path: Path) -> None:
    """The file is gone."""
    path.unlink()


def exchange(path: Path) -> None:
    """Somebody else's key under the same id."""
    path.unlink()
    keys = FileKeys(path)
    keys.create()
    keys.add_key()


def exchange_for_later(path: Path) -> None:
    """Only a key that came later is left."""
    keys = FileKeys(path)
    keys.drop_key(1)
    keys.add_key()
    document = json.loads(path.read_text())
    document["keys"][0]["id"] = 2
    path.write_text(json.dumps(document))


def cut(path: Path) -> None:
    """Half of the file is left."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def overlay(path: Path) -> None:
    """A folder is in its place."""
    path.unlink()
    path.mkdir()


def change_a_letter(path: Path) -> None:
    """One letter of the key is another one, so that it is well-formed and wrong."""
    document = json.loads(path.read_text())
    key = document["keys"][0]["key"]
    document["keys"][0]["key"] = ("B" if key[0] == "A" else "A") + key[1:]
    path.write_text(json.dumps(document))


@pytest.mark.parametrize("opening", [open_deployment, create_deployment], ids=["use", "init"])
@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (remove, ErrorCode.KEY_MISSING),
        (exchange, ErrorCode.KEY_WRONG),
        (exchange_for_later, ErrorCode.KEY_LOST),
        (cut, ErrorCode.KEY_UNREADABLE),
        (overlay, ErrorCode.KEY_UNREADABLE),
        (change_a_letter, ErrorCode.KEY_WRONG),
    ],
    ids=["removed", "another's", "a later one", "cut", "a folder", "one letter"],
)
def test_a_deployment_without_its_key_is_refused(
    settings: Settings, harm: Callable[[Path], None], code: ErrorCode, opening: Callable[[Settings, FakeClock], object]
) -> None:
    """Neither use nor `init` goes on, and `init` makes no new key for a database that has one."""
    harm(settings.key_file)
    before = settings.key_file.read_bytes() if settings.key_file.is_file() else None
    with pytest.raises(UnavailableError) as caught:
        opening(settings, FakeClock())
    after = settings.key_file.read_bytes() if settings.key_file.is_file() else None
    assert (code, before) == (caught.value.code, after)


def test_a_message_mentions_no_secret(settings: Settings) -> None:
    """What an error of a wrong key tells is the file and the key's number."""
    exchange(settings.key_file)
    with pytest.raises(UnavailableError) as caught:
        open_deployment(settings, FakeClock())
    assert {"path", "key_id"} == set(caught.value.facts)


def test_the_key_put_back_opens_everything(settings: Settings) -> None:
    """A refusal harms nothing: with the right file in its place the numbers are there."""
    kept = settings.key_file.read_bytes()
    exchange(settings.key_file)
    with pytest.raises(UnavailableError):
        open_deployment(settings, FakeClock())
    settings.key_file.write_bytes(kept)
    opened = open_deployment(settings, FakeClock())
    numbers = [phone.number for phone in list_phones(opened.services, TENANT, "user1@contoso.example")]
    opened.dispose()
    assert [f"+1 {PRIVATE}"] == numbers


def test_the_database_holds_no_readable_private_number(empty_url: str, tmp_path: Path) -> None:
    """Neither the present number nor the one before stands anywhere in the database's text, the public one does."""
    database = Database(empty_url)
    with peopled(empty_url, tmp_path), database.connect(write=False) as connection:
        tables = inspect(connection).get_table_names()
        rows = [repr(row) for table in tables for row in connection.exec_driver_sql(f"SELECT * FROM {table}")]  # noqa: S608
    database.dispose()
    found = [number for number in ("4255550100", "4255550198", PRIVATE) if any(number in row for row in rows)]
    assert ["4255550100"] == found


def test_the_files_hold_no_readable_private_number(settings: Settings) -> None:
    """Not even a byte of SQLite's files, the log of writes included, gives a private number away."""
    contents = [path.read_bytes() for path in settings.key_file.parent.iterdir() if path.is_file()]
    found = [number for number in ("4255550100", "4255550198", PRIVATE) if any(number.encode() in one for one in contents)]
    assert ["4255550100"] == found
