"""Each error that can be reached from the command line: its exit code and its words, filled in."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from typing import Final, NamedTuple

import pytest

from ringfence.storage import engine, unit_of_work
from ringfence.storage.schema import KNOWN
from tests.cli.command_line import DIRECTORY, CommandLine
from tests.cli.conftest import At

_SET: Final = "phone set nora@contoso.example"
_HEAD: Final = "userPrincipalName,mobilePhone,onPremisesSyncEnabled"


class Case(NamedTuple):
    """A command that fails: at which stage, with which exit code, and what it says."""

    stage: str
    line: str
    code: int
    says: str
    before: Callable[[CommandLine], object] = lambda cli: cli


def _place_wrong_key(cli: CommandLine) -> None:
    (cli.folder / "ringfence.key").unlink()
    cli.done("init", "--database", "other.db")


def _use_yesterdays_key(cli: CommandLine) -> None:
    shutil.copy("ringfence.key", "yesterday.key")
    cli.done("key", "rotate")
    shutil.copy("yesterday.key", "ringfence.key")


_CASES: Final = {
    "database.empty": Case(
        "initialised", "user list", 4, "no key yet", lambda cli: cli.sql("DELETE FROM tenants", "DELETE FROM sealing_keys")
    ),
    "database.missing": Case("", "user list", 4, "There is no Ringfence database at sqlite:////"),
    "database.newer": Case(
        "initialised",
        "user list",
        4,
        "has schema 9999; this version of Ringfence knows ",
        lambda cli: cli.sql("UPDATE alembic_version SET version_num = '9999'"),
    ),
    "database.newer, init": Case(
        "initialised", "init", 4, "has schema 9999", lambda cli: cli.sql("UPDATE alembic_version SET version_num = '9999'")
    ),
    "database.unreachable": Case(
        "", "user list", 4, "the file is not a database, or it is damaged.", lambda cli: cli.write("ringfence.db", "x" * 200)
    ),
    "database.unsupported": Case(
        "", "user list --database mysql://kim:secret@h/d", 2, "Not a database we know: mysql://kim:***@h/d."
    ),
    "database.unsupported, no URL": Case("", "user list --database ://", 2, "Not a database we know: ://."),
    "key.lost": Case("copied", "user list", 4, "Key 2, which the database is sealed with, is not in ", _use_yesterdays_key),
    "key.missing": Case(
        "copied", "user list", 4, "There is no key file at /", lambda cli: (cli.folder / "ringfence.key").unlink()
    ),
    "key.unreadable": Case(
        "copied", "user list", 4, "it is not a Ringfence key file.", lambda cli: cli.write("ringfence.key", "{}")
    ),
    "key.wrong": Case("copied", "user list", 4, "is not the one this database was sealed with.", _place_wrong_key),
    "method.is_default": Case("copied", "phone delete kim@contoso.example mobile", 4, "The mobile method serves as the default"),
    "number.country": Case("copied", f"{_SET} mobile '+999 4255550100'", 2, "an assigned country code."),
    "number.extension": Case("copied", f"{_SET} mobile '+1 4255550100x1'", 2, "Only an office number may have an extension"),
    "number.form": Case("copied", f"{_SET} mobile 4255550100", 2, "Not a phone number. Write + country code, a space"),
    "number.length": Case("copied", f"{_SET} mobile '+1 425555'", 2, "The number is too short or too long for its country."),
    "phone.absent": Case("copied", "phone delete nora@contoso.example office", 2, "The user has no office number."),
    "phone.alternate_exists": Case("copied", "phone delete sam@contoso.example mobile", 4, "Set mobile to the other number"),
    "phone.mobile_required": Case("copied", f"{_SET} alternateMobile '+1 4255550100'", 4, "Set the mobile number first."),
    "run.unknown": Case("copied", "numbers undo x", 2, "There is no copy run x."),
    "source.format": Case(
        "initialised", f"import mfa {DIRECTORY[0]}", 2, "is not what it claims to be (CSV, JSON Lines or JSON expected, line 1)."
    ),
    "source.truncated": Case(
        "initialised",
        "import directory a.ldif",
        2,
        "a.ldif ends in the middle of a record, line ",
        lambda cli: (cli.folder / "a.ldif").write_text("dn: CN=Ann,DC=contoso,DC=example\nobjectClass: us"),
    ),
    "source.unreadable": Case("initialised", "import directory a.csv", 2, "a.csv cannot be read: No such file or directory."),
    "source.unreadable, folder": Case("initialised", "import mfa .", 2, ". cannot be read: it is not a file."),
    "target.unwritable": Case("copied", "numbers plan --users no/a.csv", 2, "no/a.csv cannot be written: No such file"),
    "target.unwritable, audit": Case("copied", "audit export no/a.jsonl", 2, "no/a.jsonl cannot be written: No such file"),
    "target.unwritable, folder": Case("copied", "numbers plan --users .", 2, ". cannot be written: Is a directory."),
    "target.unwritable, audit, folder": Case("copied", "audit export ..", 2, ".. cannot be written: Is a directory."),
    "tenant.absent": Case("initialised", "user list", 4, "There is no tenant yet.", lambda cli: cli.sql("DELETE FROM tenants")),
    "tenant.name": Case("", "init --tenant ' '", 2, "A tenant needs a name"),
    "tenant.unknown": Case("initialised", "user list --tenant x", 2, "There is no tenant x. Known: contoso.example."),
    "transition.absent": Case("imported", "numbers undo 6f1c0a52-58a3-4d0f-9a5e-0c3f2b7f4c1d", 4, "No transition was opened yet"),
    "transition.ended": Case(
        "copied", "transition close", 4, "ended at 2021-02-15T12:00:00Z", lambda cli: cli.done("transition", "close")
    ),
    "transition.open": Case(
        "opened", "transition open --start 2021-02-01 --end 2022-01-01", 4, "from 2021-02-01T00:00:00Z to 2021-05-01T00:00:00Z"
    ),
    "user.unknown": Case("copied", "audit list --user x", 2, "There is no user x."),
    "user.unknown, no text": Case("copied", "user show \udcff", 2, "cannot be written in utf-8."),
}


@pytest.mark.parametrize("case", _CASES.values(), ids=_CASES)
def test_an_error_is_told_and_has_its_exit_code(case: Case, at: At) -> None:
    """One line on stderr, nothing on stdout."""
    cli = at(case.stage)
    case.before(cli)
    answer = cli.type(case.line)
    assert (case.code, "", True) == (answer.code, answer.out, answer.err.startswith("ringfence: "))
    assert case.says in answer.err
    assert 1 == answer.err.count("\n")


def test_a_password_is_not_told(at: At) -> None:
    """Nor is the one in a database's address."""
    assert "secret" not in at("")("user", "list", "--database", "postgresql://kim:secret@localhost:1/d").err


def test_a_busy_database_is_told(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer that never gets its turn gives up: exit 4."""
    cli = at("copied")
    monkeypatch.setattr(engine, "_TRIES", 1)
    other = sqlite3.connect(cli.folder / "ringfence.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answer = cli("transition", "close")
    other.close()
    assert (4, True) == (answer.code, "The database stayed locked for half a minute." in answer.err)


def test_an_older_schema_is_told(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 4, and which command brings it to date."""
    cli = at("copied")
    monkeypatch.setattr(unit_of_work, "KNOWN", (*KNOWN, "9999"))
    monkeypatch.setattr(unit_of_work, "HEAD", "9999")
    answer = cli("user", "list")
    assert (4, True) == (answer.code, "this version needs 9999. Make a backup, then run: ringfence init" in answer.err)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("RINGFENCE_PUBLIC_NUMBER_FALLBACK", "sometimes"),
        ("RINGFENCE_MIRROR_SOURCES", "sync,everybody"),
        ("RINGFENCE_MIRROR_REQUIRES_CONFIGURED", "perhaps"),
        ("RINGFENCE_ACCEPT_UNSPACED", "2"),
        ("RINGFENCE_MIRROR_SOURCES", "sync,override"),
        ("RINGFENCE_BYPASS_OVERRIDES", "sometimes"),
        ("RINGFENCE_REJECT_CLOUD_PHONE_WRITES", "-"),
        ("RINGFENCE_LISTEN", "localhost"),
        ("RINGFENCE_LISTEN", "::1:8443"),
        ("RINGFENCE_LISTEN", "localhost:0"),
        ("RINGFENCE_PUBLIC_URL", "http://graph.contoso.example"),
        ("RINGFENCE_PUBLIC_URL", "https://graph.contoso.example/graph"),
        ("RINGFENCE_PUBLIC_URL", "https://kim@graph.contoso.example"),
        ("RINGFENCE_PUBLIC_URL", "https://graph.contoso.example:x"),
    ],
)
def test_a_wrong_setting_is_told(variable: str, value: str, at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 2, with its name and value."""
    monkeypatch.setenv(variable, value)
    answer = at("copied")("user", "list")
    assert (2, f"ringfence: {variable} cannot be {value}.\n") == (answer.code, answer.err)


@pytest.mark.parametrize("words", [("init",), ("import", "directory", *DIRECTORY)], ids=lambda words: words[0])
def test_what_the_system_refuses_is_told(words: tuple[str, ...], at: At) -> None:
    """A folder where there cannot be one: exit 4, and no traceback."""
    cli = at("")
    cli.write("file")
    answer = cli(*words, "--database", "file/ringfence.db")
    assert (4, True, 1) == (answer.code, answer.err.startswith("ringfence: "), answer.err.count("\n"))
