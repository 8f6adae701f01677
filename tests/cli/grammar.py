"""The command line's own grammar: which commands there are, and whether a line of text is one of them.

Used on examples in `--help` and on the command lines that the documents show.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Final, cast

import typer
from typer.core import TyperCommand, TyperGroup

from ringfence.cli.main import app, global_options_first

Path = tuple[str, ...]

_UsageError: Final = cast("type[Exception]", typer.BadParameter.__base__)
"""What typer raises for a line it does not take; it has no public name."""

ROOT: Final = typer.main.get_command(app)


def _walk(group: TyperGroup, path: Path) -> Iterator[tuple[Path, TyperGroup | TyperCommand]]:
    yield path, group
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from _walk(command, (*path, name))
        elif isinstance(command, TyperCommand):
            yield (*path, name), command


def everything() -> dict[Path, TyperGroup | TyperCommand]:
    """All groups and commands by the words that lead to them; the program itself under no words."""
    assert isinstance(ROOT, TyperGroup)
    return dict(_walk(ROOT, ()))


TREE: Final = everything()
COMMANDS: Final = [path for path, command in TREE.items() if not isinstance(command, TyperGroup)]


def check(line: str, *, path_alone_is_enough: bool = False) -> None:
    """Fail unless the line is `ringfence …` with commands, options and arguments that exist.

    With `path_alone_is_enough`, a command may stand without its arguments, as it does in running text.
    """
    words = shlex.split(line, comments=True)
    assert ["ringfence"] == words[:1], line
    words = _without_global_options(words[1:])
    path: Path = ()
    while words and (*path, words[0]) in TREE:
        path = (*path, words.pop(0))
    command = TREE[path]
    if words == ["--help"] or (path_alone_is_enough and not words):
        return
    assert not isinstance(command, TyperGroup), line
    try:
        command.make_context(path[-1], words)
    except _UsageError as error:
        raise AssertionError(line) from error


def _without_global_options(words: list[str]) -> list[str]:
    """What is left of a line without the options that may stand anywhere."""
    values = iter(global_options_first(words))
    rest: list[str] = []
    for word in values:
        if word in {"--database", "--tenant", "--key-file"}:
            next(values)
        elif word not in {"--json", "--version"} and not word.startswith(("--database=", "--tenant=", "--key-file=")):
            rest += [word, *values]
    return rest
