"""Every command is there under the name of the contract, and explains itself."""

from __future__ import annotations

from importlib.metadata import version

import pytest

from tests.cli import grammar
from tests.cli.conftest import At

_CONTRACT = (
    "init",
    "import directory",
    "import mfa",
    "transition open",
    "transition show",
    "transition close",
    "numbers plan",
    "numbers copy",
    "numbers undo",
    "numbers explain",
    "numbers report",
    "numbers rules",
    "phone list",
    "phone set",
    "phone delete",
    "user show",
    "user list",
    "audit list",
    "audit export",
    "audit sign-ins",
    "key rotate",
    "key forget",
    "serve",
    "status",
    "token",
    "app create",
    "app list",
    "app delete",
    "app rotate-secret",
    "role list",
    "role assign",
    "role revoke",
    "user create",
    "user set-password",
    "user delete",
    "user restore",
)
"""Issue A, "The command line", and the identity part."""

_OPTIONS = {
    "import directory": {"--full", "--dry-run", "--allow-deletes"},
    "transition open": {"--start", "--end", "--preset"},
    "numbers plan": {"--at", "--users", "--reveal"},
    "numbers explain": {"--reveal"},
    "numbers report": {"--users", "--reveal"},
    "audit list": {"--reveal"},
    "audit export": {"--reveal"},
    "audit sign-ins": {"--user", "--since", "--until", "--failed", "--limit"},
    "phone list": {"--reveal"},
    "app create": {"--permission", "--delegated", "--redirect-uri", "--public", "--certificate", "--app-id"},
    "role list": {"--available"},
    "serve": {"--listen", "--role", "--threads", "--workers"},
    "token": {"--app", "--user", "--scope"},
    "user create": {"--display-name", "--password-stdin", "--no-password", "--must-change"},
    "user set-password": {"--password-stdin", "--must-change"},
    "": {"--database", "--tenant", "--json", "--version"},
}
"""The same, by command."""


def _words(path: grammar.Path) -> str:
    return " ".join(path) or "ringfence"


@pytest.mark.parametrize("name", _CONTRACT)
def test_a_command_of_the_contract_is_there(name: str) -> None:
    """Others script against the names."""
    assert tuple(name.split()) in grammar.COMMANDS


@pytest.mark.parametrize("name", _OPTIONS, ids=lambda name: name or "ringfence")
def test_an_option_of_the_contract_is_there(name: str) -> None:
    """And against the options."""
    known = {option for parameter in grammar.TREE[tuple(name.split())].params for option in parameter.opts}
    assert set() == _OPTIONS[name] - known


@pytest.mark.parametrize("path", grammar.TREE, ids=_words)
def test_help_is_printed_with_an_example(path: grammar.Path, at: At) -> None:
    """Every command and group answers --help with a usage line and an example, and needs no database for it."""
    answer = at("")(*path, "--help")
    assert 0 == answer.code
    assert f"Usage: {' '.join(('ringfence', *path))}" in answer.out
    assert "ringfence " in (grammar.TREE[path].epilog or "")


@pytest.mark.parametrize("path", grammar.TREE, ids=_words)
def test_an_example_can_be_typed(path: grammar.Path) -> None:
    """The example in the help is a line that the program takes."""
    grammar.check((grammar.TREE[path].epilog or "").partition(": ")[2])


@pytest.mark.parametrize("path", grammar.COMMANDS, ids=_words)
def test_an_example_shows_the_command(path: grammar.Path) -> None:
    """It is an example of this command."""
    assert (grammar.TREE[path].epilog or "").startswith(f"Example: ringfence {' '.join(path)}")


@pytest.mark.parametrize("path", grammar.TREE, ids=_words)
def test_every_option_says_what_it_is_for(path: grammar.Path) -> None:
    """No option or argument stands in the help without a word."""
    assert [] == [parameter.name for parameter in grammar.TREE[path].params if not getattr(parameter, "help", None)]


def test_the_version_is_that_of_the_package(at: At) -> None:
    """--version, which needs no database either."""
    assert f"ringfence {version('ringfence')}\n" == at("").done("--version")


@pytest.mark.parametrize("words", [(), ("numbers",), ("key",)], ids=["nothing", "group", "group of one"])
def test_half_a_command_gets_help(words: tuple[str, ...], at: At) -> None:
    """Without a command the help is shown, and the exit code says that nothing was done (2)."""
    answer = at("")(*words)
    assert (2, True) == (answer.code, "Usage: ringfence" in answer.out + answer.err)


@pytest.mark.parametrize(
    "line", ["ringfence nmubers plan", "ringfence numbers plan --details 3", "ringfence numbers", "other numbers plan"]
)
def test_the_grammar_refuses_what_the_program_refuses(line: str) -> None:
    """The check that documents go through has teeth."""
    with pytest.raises(AssertionError):
        grammar.check(line)
