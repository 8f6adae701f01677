"""Private numbers are shown as `+X XXXXXXX34` everywhere unless --reveal; public numbers are never masked.

Digits of numbers that the example company has as private numbers only, or with other blanks than the public one.
"""

from __future__ import annotations

import shlex

import pytest

from tests.cli import grammar
from tests.cli.command_line import CHANGES, MFA, CommandLine
from tests.cli.conftest import At

_DORA, _SAM = "dora@contoso.example", "sam@contoso.example"
_PRIVATE = ("4255550199", "7700900101", "7700900199", "612345678", "7700900102")
_PUBLIC = ("+44 7700 900101", "+34 612 345 678 x9", "+1 4255550104")

_LINES = (
    "init",
    f"import directory {CHANGES}",
    f"import directory {CHANGES} --dry-run",
    f"import mfa {MFA}",
    "transition open --preset entra-2021",
    "transition show",
    "transition close",
    "numbers plan --details --users users.csv",
    "numbers contacts --users contacts.csv",
    "numbers copy",
    "numbers undo RUN",
    "numbers report --users users.csv",
    "numbers runs",
    "numbers rules",
    f"numbers explain {_SAM}",
    f"numbers explain {_DORA}",
    f"phone list {_SAM}",
    f"phone set {_DORA} mobile '+1 4255550199'",
    f"phone set {_DORA} mobile '+1 42555501990000000'",
    f"phone delete {_SAM} alternateMobile",
    f"user show {_SAM}",
    "user list",
    "audit list",
    "audit export audit.jsonl",
    "audit export",
    "audit sign-ins",
    "telephony show",
    "telephony allow 49",
    "telephony deny 49",
    "telephony limits --user 7",
    "telephony budget 200 --price sms=0.079",
    "key rotate",
    "key forget",
    "serve --listen nowhere",
    "status",
    "app create scripts",
    "app list",
    "app show scripts",
    "app delete scripts",
    "app rotate-secret scripts",
    "policy show",
    "policy enable sms",
    "policy disable sms",
    "policy set office-calls=false",
    "policy reset voice",
    "role list",
    f"role assign global-reader {_SAM}",
    f"role revoke global-reader {_SAM}",
    f"token --app scripts --user {_SAM}",
    "user create kai@contoso.example",
    f"user set-password {_SAM}",
    f"user add-software-oath {_SAM}",
    f"user create-pass {_SAM}",
    f"user list-passes {_SAM}",
    f"user delete-pass {_SAM}",
    f"user require-reregister {_SAM}",
    f"user revoke-mfa-sessions {_SAM}",
    "mfa settings show",
    "mfa settings set --app-passwords",
    f"mfa state show {_SAM}",
    f"mfa state set {_SAM} enabled",
    f"mfa app-passwords create {_SAM} mail",
    f"mfa app-passwords delete {_SAM} 00000000-0000-0000-0000-000000000000",
    f"mfa app-passwords list {_SAM}",
    f"mfa app-passwords delete-all {_SAM}",
    f"mfa block {_SAM} --reason stolen",
    f"mfa unblock {_SAM} --reason found",
    "mfa blocked",
    "mfa notices",
    f"user delete {_SAM}",
    f"user restore {_SAM}",
)

_WITH_NUMBERS = (
    "numbers plan --users users.csv",
    "numbers report --users users.csv",
    "numbers contacts --users contacts.csv",
    f"numbers explain {_DORA}",
    f"phone list {_DORA}",
    f"user show {_DORA}",
    "audit list",
    "audit export audit.jsonl",
    "audit export",
)


def _everything(cli: CommandLine, line: str) -> str:
    """All that a command tells, on both streams and in files."""
    answer = cli(*shlex.split(line.replace("RUN", cli.run_of("copy")) if "RUN" in line else line))
    files = [path.read_text("utf-8") for path in cli.folder.iterdir() if path.suffix in {".csv", ".jsonl"}]
    return "".join((answer.out, answer.err, *files))


def test_the_lines_cover_every_command() -> None:
    """A command that comes later has to be masked too."""
    known = {next(path for path in grammar.COMMANDS if tuple(line.split()[: len(path)]) == path) for line in _LINES}
    assert set(grammar.COMMANDS) == known


@pytest.mark.parametrize("json", ["", " --json"], ids=["words", "JSON"])
@pytest.mark.parametrize("line", _LINES, ids=lambda line: " ".join(line.split()[:2]))
def test_no_command_shows_a_private_number(line: str, json: str, at: At) -> None:
    """Not on stdout, not on stderr, not in a file it writes, and not what was typed."""
    told = _everything(at("copied"), line + json)
    assert [] == [number for number in _PRIVATE if number in told]


@pytest.mark.parametrize("json", ["", " --json"], ids=["words", "JSON"])
@pytest.mark.parametrize("line", _WITH_NUMBERS, ids=lambda line: " ".join(line.split()[:2]))
def test_masked_it_is_the_last_two_digits(line: str, json: str, at: At) -> None:
    """Where a number is, its mask is."""
    assert "+X XXXXXXX99" in _everything(at("copied"), line + json)


@pytest.mark.parametrize("line", _WITH_NUMBERS, ids=lambda line: " ".join(line.split()[:2]))
def test_revealed_it_is_shown_in_full(line: str, at: At) -> None:
    """--reveal, wherever there is something to reveal."""
    assert "+1 4255550199" in _everything(at("copied"), f"{line} --reveal")


@pytest.mark.parametrize("line", ["numbers plan --users users.csv", "numbers report --users users.csv"])
@pytest.mark.parametrize("number", _PUBLIC)
def test_public_numbers_are_never_masked_in_files(number: str, line: str, at: At) -> None:
    """Everybody in the organisation can read them anyway, and as they are written."""
    assert number in _everything(at("copied"), line)


@pytest.mark.parametrize("line", [f"numbers explain {_SAM}", f"user show {_SAM}"])
@pytest.mark.parametrize("json", ["", " --json"], ids=["words", "JSON"])
def test_public_numbers_are_never_masked_for_a_user(line: str, json: str, at: At) -> None:
    """Nor for one person."""
    assert "+44 7700 900101" in _everything(at("copied"), line + json)


def test_a_public_number_that_is_contacted_is_not_masked(at: At) -> None:
    """`methods[].contacts` with the source `public`."""
    [method] = at("opened").json("numbers", "explain", "ines@contoso.example")["methods"]
    assert ("+34 612345678", "public") == (method["contacts"], method["source"])


def test_a_changed_public_number_is_not_masked_in_the_audit(at: At) -> None:
    """Old and new value of the profile."""
    cli = at("copied")
    cli.done("import", "directory", CHANGES)
    told = cli.done("audit", "export", "--user", _DORA)
    assert (True, True) == ("+1 4255550104" in told, "+1 4255550114" in told)
