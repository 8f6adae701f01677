"""Plays the files of `examples/contoso` in order, and notes at each point which rule met whom.

`./dev run` tells the same story in one screen; here it is asked about in JSON, also before the transition and after its end.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.cli.command_line import CommandLine


@dataclass
class Chapters:
    """What the program said, by chapter: `copy` and `mirror` as {(user, pair): rule}, `contacts` as {(user, method): number}."""

    copy: dict[str, dict[tuple[str, str], str]] = field(default_factory=dict)
    mirror: dict[str, dict[tuple[str, str], str]] = field(default_factory=dict)
    contacts: dict[str, dict[tuple[str, str], str | None]] = field(default_factory=dict)
    statuses: dict[str, set[str]] = field(default_factory=dict)


def play(cli: CommandLine, examples: Path) -> Chapters:
    """Before, the copy, a working day, the day after, and after the end."""
    told = Chapters()
    cli.done("init")
    _import(cli, examples, "1-directory.ldif")
    _import(cli, examples, "2-cloud-users.jsonl")
    cli.done("import", "mfa", str(examples / "3-strong-authentication.csv"))
    _look(cli, told, "before")
    _dry_run(cli, told, "before", examples / "4-changes.ldif")
    cli.done("transition", "open", "--preset", "entra-2021")
    _look(cli, told, "open")
    _look(cli, told, "the end, uncopied", "--at", "2021-05-01")
    cli.done("numbers", "copy")
    _look(cli, told, "copied")
    for chapter, name in (("a working day", "4-changes.ldif"), ("the day after", "5-more-changes.ldif")):
        _dry_run(cli, told, chapter, examples / name)
        _import(cli, examples, name)
        _look(cli, told, chapter)
    cli.done("transition", "close")
    _look(cli, told, "after the end")
    _dry_run(cli, told, "after the end", examples / "6-after-the-end.ldif")
    return told


def _import(cli: CommandLine, examples: Path, name: str) -> None:
    cli.done("import", "directory", str(examples / name))


def _look(cli: CommandLine, told: Chapters, chapter: str, *when: str) -> None:
    pairs = cli.json("numbers", "plan", "--details", *when)["pairs"]
    told.copy[chapter] = {(_short(one["user"]), one["pair"]): one["rule"] for one in pairs}
    told.statuses[chapter] = {one["status"] for one in pairs}
    told.contacts[chapter] = {
        (_short(user), method["type"]): method["contacts"]
        for user in {one["user"] for one in pairs}
        for method in _explained(cli, user)["methods"]
    }


def _dry_run(cli: CommandLine, told: Chapters, chapter: str, file: Path) -> None:
    changes = cli.json("import", "directory", str(file), "--dry-run")["changes"]
    told.mirror[chapter] = {(_short(one["user"]), pair): rule for one in changes for pair, rule in one["rules"].items()}


def _explained(cli: CommandLine, user: str) -> dict[str, Any]:
    found: dict[str, Any] = cli.json("numbers", "explain", user, "--reveal")
    return found


def _short(user: str) -> str:
    return user.partition("@")[0].partition("_")[0]
