"""The entry point: options anywhere on the line, the commands, and the one place where errors become words and exit codes."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from typing import Annotated, Final

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from ringfence.bootstrap import create_deployment, open_deployment
from ringfence.cli import (
    apps,
    audit,
    imports,
    key,
    mfa,
    numbers,
    passes,
    people,
    policy,
    roles,
    telephony,
    transition,
    user_accounts,
)
from ringfence.cli.clock import SystemClock
from ringfence.cli.deployments import init
from ringfence.cli.messages import EXIT_BAD_INPUT, EXIT_DONE, EXIT_INTERNAL, EXIT_INTERRUPTED, EXIT_STATE, exit_code, message
from ringfence.cli.output import print_json
from ringfence.cli.server import serve
from ringfence.cli.session import Session
from ringfence.cli.status import status
from ringfence.cli.tokens import token
from ringfence.domain.errors import RingfenceError
from ringfence.settings import read_settings


class _Interrupted(Exception):  # noqa: N818 - no error
    """Somebody pressed Ctrl-C."""


class _ReaderGone(Exception):  # noqa: N818 - no error
    """Whoever read our output has had enough (`ringfence user list | head -1`)."""


class _Commands(TyperGroup):
    """Keeps from typer what ends a command early; its own words and exit codes for them are not ours."""

    def invoke(self, ctx: object) -> object:
        """Run the command; raises `_Interrupted` or `_ReaderGone`."""
        try:
            return super().invoke(ctx)  # type: ignore[arg-type]
        except KeyboardInterrupt as error:
            raise _Interrupted from error
        except BrokenPipeError as error:
            raise _ReaderGone from error


app = typer.Typer(
    name="ringfence",
    cls=_Commands,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="Two sets of phone numbers, public and authentication, and one transition between them.",
    epilog="Begin with: ringfence init --tenant contoso.example",
)
app.command("init", epilog="Example: ringfence init --tenant contoso.example --country DE")(init)
app.command("status", epilog="Example: ringfence status --json")(status)
app.command("serve", epilog="Example: ringfence serve --listen 127.0.0.1:8443")(serve)
app.command("token", epilog="Example: ringfence token --app scripts")(token)
app.add_typer(imports.app, name="import")
app.add_typer(transition.app, name="transition")
app.add_typer(numbers.app, name="numbers")
app.add_typer(people.phones, name="phone")
people.users.add_typer(user_accounts.app)
people.users.add_typer(passes.app)
app.add_typer(people.users, name="user")
app.add_typer(apps.app, name="app")
app.add_typer(roles.app, name="role")
app.add_typer(policy.app, name="policy")
app.add_typer(audit.app, name="audit")
app.add_typer(telephony.app, name="telephony")
app.add_typer(mfa.app, name="mfa")
app.add_typer(key.app, name="key")

_WITH_VALUE: Final = ("--database", "--tenant", "--key-file")
_FLAGS: Final = ("--json",)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer hands the flag over
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - slow to import, needed here alone

        sys.stdout.write(f"ringfence {version('ringfence')}\n")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    database: Annotated[
        str | None, typer.Option(metavar="URL", help="Path or URL; default ./var/ringfence.db (RINGFENCE_DATABASE).")
    ] = None,
    tenant: Annotated[
        str | None, typer.Option(metavar="NAME", help="Which tenant; the only one by default (RINGFENCE_TENANT).")
    ] = None,
    key_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="Default ./var/ringfence.key (RINGFENCE_KEY_FILE).")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Two sets of phone numbers and one transition; the options below may stand before or after the command."""
    named = {"RINGFENCE_DATABASE": database, "RINGFENCE_TENANT": tenant, "RINGFENCE_KEY_FILE": key_file}
    overrides = {name: value for name, value in named.items() if value}
    settings = read_settings(overrides)
    clock = SystemClock()
    session = Session(
        lambda: open_deployment(settings, clock),
        lambda: create_deployment(settings, clock),
        clock,
        settings.tenant,
        json,
        lambda options, *crew: _serve({**overrides, **options}, *crew),
    )
    context.obj = session
    context.call_on_close(session.close)


def _serve(overrides: dict[str, str], role: str, workers: int) -> None:
    from ringfence.serving import Role, start  # noqa: PLC0415 - slow to import, needed by one command

    given = {name: value for name, value in overrides.items() if value}
    start(read_settings(given), given, Role(role), workers)


def global_options_first(arguments: Sequence[str]) -> list[str]:
    """Move the options that may stand anywhere before the command; what stands behind `--` is left alone.

    An option whose value is missing at the end stands last and alone, for typer to complain of it.
    """
    first: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word in _FLAGS or word.startswith(tuple(f"{name}=" for name in _WITH_VALUE)):
            first.append(word)
        elif word in _WITH_VALUE:
            value = next(words, None)
            if value is None:
                return [*first, word]
            first += [word, value]
        else:
            rest.append(word)
    return first + rest


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 done with rejected rows, 2 bad input or usage, 3 a guard, 4 refused by state."""
    words = global_options_first(sys.argv[1:] if arguments is None else arguments)
    sys.exit(_flushed(_run(words)))


def _run(words: list[str]) -> int:
    as_json = "--json" in words[: words.index("--")] if "--" in words else "--json" in words
    try:
        ended = app(words, prog_name="ringfence", standalone_mode=not as_json)
    except SystemExit as finished:
        return finished.code if isinstance(finished.code, int) else EXIT_DONE
    except _ReaderGone:
        return EXIT_DONE
    except (_Interrupted, KeyboardInterrupt, typer.Abort):
        sys.stderr.write("Stopped. What was committed stays; run the command again to go on.\n")
        return EXIT_INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the outermost handler: nobody else is left to tell
        return _told(error, as_json=as_json)
    return ended if isinstance(ended, int) else EXIT_DONE


def _told(error: Exception, *, as_json: bool) -> int:
    """Tell an error, and return its exit code; only with --json does wrong usage come here, else typer words it in a box."""
    if isinstance(error, RingfenceError):
        _tell(error.code.value, message(error), as_json=as_json)
        return exit_code(error)
    if isinstance(error, TyperException):
        _tell("usage", error.format_message(), as_json=as_json)
        return EXIT_BAD_INPUT
    if isinstance(error, UnicodeEncodeError):
        what = f"A character of an argument or of the answer cannot be written in {error.encoding}."
        _tell("system.encoding", what, as_json=as_json)
        return EXIT_BAD_INPUT
    if isinstance(error, OSError):
        _tell("system.refused", _refusal(error), as_json=as_json)
        return EXIT_STATE
    sys.stderr.write(f"Internal error: {type(error).__name__}. Please report it with what you did.\n")
    _log(error)
    return EXIT_INTERNAL


def _flushed(code: int) -> int:
    """Write out what is still held back, so that the interpreter has nothing to complain of at its end."""
    try:
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if error.errno != errno.EPIPE:
            _tell("system.refused", _refusal(error), as_json=False)
            return EXIT_STATE
    return code


def _refusal(error: OSError) -> str:
    where = "" if error.filename is None else f" ({os.fsdecode(error.filename)})"
    return f"The system refuses: {error.strerror or type(error).__name__}{where}."


def _tell(code: str, words: str, *, as_json: bool) -> None:
    """An error on stderr, as JSON or in words."""
    if not as_json:
        sys.stderr.write(f"ringfence: {words}\n")
        return
    stdout, sys.stdout = sys.stdout, sys.stderr
    try:
        print_json({"error": {"code": code, "message": words}})
    finally:
        sys.stdout = stdout


def _log(error: Exception) -> None:
    """The traceback's places only: its values might hold numbers."""
    trace = error.__traceback__
    while trace is not None:
        sys.stderr.write(f"  {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno} {trace.tb_frame.f_code.co_name}\n")
        trace = trace.tb_next
