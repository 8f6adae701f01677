"""`ringfence import directory` and `ringfence import mfa`."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from ringfence.application.deployment import RejectedPlace
from ringfence.application.import_directory import ImportOptions, ImportResult, import_directory
from ringfence.application.import_mfa import import_mfa
from ringfence.application.ports import DirectoryReader, MfaReader, RejectedRows
from ringfence.application.sync_cycle import Reporting
from ringfence.cli.messages import EXIT_REJECTED
from ringfence.cli.output import JsonList, counted, note, one_line, print_json, progress, say
from ringfence.cli.session import Session, session_of
from ringfence.domain.directory.deletion_guard import THRESHOLD
from ringfence.domain.directory.records import RejectedRow
from ringfence.domain.directory.sync_plan import Change
from ringfence.domain.directory.user import Account
from ringfence.domain.numbers.pairs import PUBLIC_PAIRS
from ringfence.domain.numbers.tables import COPY, MIRROR, MirrorAction

app = typer.Typer(
    no_args_is_help=True,
    help="Take over exports: the directory, and who uses which MFA method.",
    epilog="Example: ringfence import directory users.ldif",
)

_DIRECTORY_EXAMPLE = "Example: ringfence import directory users.ldif --full --dry-run"
_MFA_EXAMPLE = "Example: ringfence import mfa strong-authentication.csv"
_TWICE: Final = "{path} is the same file as {first}; give each file once"
_SAYS: Final = {row.id: row.says for table in (COPY, MIRROR) for row in table.rows}
_WRITING: Final = frozenset(row.id for row in MIRROR.rows if row.outcome is MirrorAction.MIRROR)
_USER_RESULTS: Final = ("added", "updated", "deleted", "restored", "taken_over", "unsynced", "unchanged")
_NUMBER_RESULTS: Final = ("mirrored", "copied", "cleared")


class _Shown:
    """The rejected rows of a dry run: told on stderr, kept nowhere."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, row: RejectedRow) -> None:
        """Tell one."""
        note(f"{self._path.name}, line {row.line}{', ' + row.column if row.column else ''}: {row.reason}")


@app.command("directory", epilog=_DIRECTORY_EXAMPLE)
def directory(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="LDIF, CSV, or JSON Lines in Graph's user shape.")],
    full: Annotated[
        bool, typer.Option("--full", help="The files hold all synced users: soft-delete those that are missing.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, person by person; write nothing.")] = False,
    allow_deletes: Annotated[
        int,
        typer.Option("--allow-deletes", metavar="N", min=0, help="Let up to N users be deleted, and up to N numbers be cleared."),
    ] = THRESHOLD,
) -> None:
    """Import the directory as one sync cycle: create, update, and with --full soft-delete; mirror changed public numbers.

    In LDIF and CSV an attribute that stands nowhere in the file was not sent and is left alone; one that stands in the file
    and is empty for a user is cleared. In JSON a missing key was not sent, null and "" are cleared. Rows that cannot be used
    go to FILE.rejected.csv, to be mended and imported again. Users from LDIF are synced.
    """
    _refuse_twice(files)
    session = session_of(context)
    tenant = session.tenant()
    readers = [session.deployment.open_directory(path) for path in files]
    for opened in readers:
        _tell_ignored(opened)
    changes = JsonList("changes") if dry_run and session.json else None
    with ExitStack() as stack:
        places = {} if dry_run else {path: stack.enter_context(session.deployment.rejected_rows(path)) for path in files}
        rejected: dict[str, RejectedRows] = {str(path): places.get(path) or _Shown(path) for path in files}
        report = stack.enter_context(progress("import directory"))
        on_change = _teller(changes) if dry_run else None
        options = ImportOptions(full, allow_deletes, dry_run)
        result = import_directory(session.services, tenant.tenant_id, readers, options, Reporting(report, rejected, on_change))
    told = {"rejectedFiles": rejected_files(places), "ignoredColumns": _ignored(readers)}
    _tell(session, result, told, changes)
    if result.counts["rejected"]:
        raise typer.Exit(EXIT_REJECTED)


def _refuse_twice(files: Sequence[Path]) -> None:
    """Raise `BadParameter` when a file is given twice, under whatever name."""
    seen: dict[object, Path] = {}
    for path in files:
        try:
            status = path.stat()
        except OSError:
            continue  # whoever opens it says what is wrong with it
        first = seen.setdefault((status.st_dev, status.st_ino), path)
        if first is not path:
            raise typer.BadParameter(_TWICE.format(first=first, path=path), param_hint="FILE…")


def rejected_files(places: Mapping[Path, RejectedPlace]) -> list[str]:
    """The files that rejected rows went to; says so where that is not beside the source, or where an older one stays."""
    for source, place in places.items():
        beside = source.with_name(source.name + ".rejected.csv")
        if place.count and place.path != beside:
            note(f"{beside} cannot be written, so the rejected rows of {source} went to a temporary folder.")
        elif not place.count and beside.is_file():
            note(f"{beside} is from an earlier import and could not be removed; its rows are out of date.")
    return [str(place.path) for place in places.values() if place.count]


def _tell(session: Session, result: ImportResult, files: Mapping[str, list[str]], changes: JsonList | None) -> None:
    document: dict[str, Any] = {
        "run": str(uuid.UUID(bytes=result.run_id)) if result.run_id else None,
        "dryRun": not result.run_id,
        **{_camel(name): count for name, count in result.counts.items()},
        **files,
        "deletesDisabled": result.deletes_disabled,
    }
    if changes is not None:
        changes.close(**document)
    elif session.json:
        print_json(document)
    else:
        parts = [_rows(result.counts), *_named("Users", result.counts, _USER_RESULTS)]
        parts += _named("Numbers", result.counts, _NUMBER_RESULTS)
        say(("" if result.run_id else "Dry run, nothing was written: ") + " ".join(parts))
        if result.deletes_disabled:
            note("A row could not be read, so nobody was deleted.")
        for path in files["rejectedFiles"]:
            note(f"Rejected rows: {path}")


def _rows(counts: Mapping[str, int]) -> str:
    rejected = f", {counts['rejected']} rejected" if counts["rejected"] else ""
    return f"{counted(counts['read'], 'row', 'rows')} read{rejected}."


def _named(title: str, counts: Mapping[str, int], names: Sequence[str]) -> list[str]:
    """The results that are not zero, as a sentence; none when all are."""
    found = [f"{counts[name]} {name.replace('_', ' ')}" for name in names if counts[name]]
    return [f"{title}: {', '.join(found)}."] if found else []


def _ignored(readers: Sequence[DirectoryReader | MfaReader]) -> list[str]:
    """All columns that meant nothing, each once."""
    return list(dict.fromkeys(name for reader in readers for name in reader.ignored_columns))


def _tell_ignored(reader: DirectoryReader | MfaReader) -> None:
    """A column with an unknown name is no error, but it may be a misspelt one."""
    if reader.ignored_columns:
        names = ", ".join(reader.ignored_columns)
        note(f"{reader.path.name}: columns that mean nothing here: {names}. Is one of them misspelt?")


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _teller(changes: JsonList | None) -> Callable[[Change], None]:
    """Tell each change of a dry run: as JSON into the list, or as a line."""

    def as_json(change: Change) -> None:
        if changes is not None:
            changes.add(
                {
                    "user": change.after.user.upn,
                    "effect": change.effect.name.lower(),
                    "changed": {name: {"from": was, "to": now} for name, was, now in _difference(change.before, change.after)},
                    "rules": {number.pair.phone_type: number.rule for number in change.numbers},
                }
            )

    def as_line(change: Change) -> None:
        difference = _difference(change.before, change.after)
        if change.before is None:
            parts = [f"{name} {now}" for name, _, now in difference if name != "userPrincipalName"]
        else:
            parts = [f"{name} {was or '(none)'} -> {now or '(none)'}" for name, was, now in difference]
        effect = change.effect.name.lower().replace("_", " ")
        say(one_line(f"{change.after.user.upn} {effect}{': ' if parts else ''}{', '.join(parts)}"))
        for number in change.numbers:
            same = " It is the same number, so nothing is written." if number.rule in _WRITING and not number.wrote else ""
            say(f"    {number.pair.phone_type} {number.rule}: {_SAYS[number.rule]}{same}")

    return as_line if changes is None else as_json


def _difference(before: Account | None, after: Account) -> list[tuple[str, str, str]]:
    old = {} if before is None else _profile(before)
    return [(name, old.get(name, ""), value) for name, value in _profile(after).items() if value != old.get(name, "")]


def _profile(account: Account) -> dict[str, str]:
    user = account.user
    numbers = {
        ("mobilePhone", "businessPhones")[index]: account.pairs[pair].public.text for index, pair in enumerate(PUBLIC_PAIRS)
    }
    return {
        "userPrincipalName": user.upn,
        "displayName": user.display_name,
        "syncState": user.sync_state.name.lower(),
        "accountEnabled": str(user.enabled).lower(),
        **numbers,
    }


@app.command("mfa", epilog=_MFA_EXAMPLE)
def mfa(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, JSON Lines, or JSON as Graph answers it.")],
) -> None:
    """Import who uses which MFA method, and the private numbers.

    CSV or JSON Lines with userPrincipalName, methods (joined by ;), defaultMethod, phoneNumber, alternativePhoneNumber,
    voiceOnlyPhoneNumber, email, state; or Graph's answers for phoneMethods, methods, signInPreferences and
    userRegistrationDetails, and for fido2Methods, microsoftAuthenticatorMethods, softwareOathMethods,
    windowsHelloForBusinessMethods and platformCredentialMethods, lists or single methods. Methods that are sent replace the
    user's method entries; numbers never add entries, a registered app adds its own; what is empty or missing in the file is
    never taken away. Rows that cannot be used go to FILE.rejected.csv.
    """
    session = session_of(context)
    tenant = session.tenant()
    reader = session.deployment.open_mfa(file)
    _tell_ignored(reader)
    with session.deployment.rejected_rows(file) as place, progress("import mfa") as report:
        result = import_mfa(session.services, tenant.tenant_id, reader, report, place)
    rejected = rejected_files({file: place})
    counts = result.counts
    if session.json:
        run = str(uuid.UUID(bytes=result.run_id))
        files = {"rejectedFiles": rejected, "ignoredColumns": _ignored([reader])}
        print_json({"run": run, **{_camel(name): count for name, count in counts.items()}, **files})
    else:
        say(" ".join([_rows(counts), *_named("Users", counts, ("changed", "unchanged"))]))
        if counts["kept"]:
            note(f"{counted(counts['kept'], 'stored value is', 'stored values are')} empty or missing in the file and kept.")
        if counts["unused_numbers"]:
            unused = counted(counts["unused_numbers"], "number has", "numbers have")
            note(f"{unused} no method entry, and without one MFA does not use a number; import the methods too.")
        for path in rejected:
            note(f"Rejected rows: {path}")
    if counts["rejected"]:
        raise typer.Exit(EXIT_REJECTED)
