"""`ringfence audit list|export`; `audit sign-ins` is in `sign_ins.py`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final, TextIO

import typer

from ringfence.application.accounts import show_user
from ringfence.application.audit_trail import each_audit_record
from ringfence.application.ports import AuditFilter
from ringfence.cli.clock import parse_instant
from ringfence.cli.output import JsonList, counted, note, print_table, say
from ringfence.cli.session import Session, session_of
from ringfence.cli.sign_ins import SignIns
from ringfence.cli.whole_files import whole_file
from ringfence.domain.audit import SERVICE_DIRECTORY
from ringfence.domain.numbers.pairs import MethodType, Pair

app = typer.Typer(
    no_args_is_help=True,
    help="The audit records, two for every change of an authentication number; and the sign-ins.",
    epilog="Example: ringfence audit list --limit 10",
)

app.command("sign-ins", epilog="Example: ringfence audit sign-ins --failed --user kim@contoso.example")(SignIns)

_FIELD_OF_TYPE: Final = {
    Pair.MOBILE.phone_type: "PhoneNumber",
    Pair.OFFICE.phone_type: "VoiceOnlyPhoneNumber",
    Pair.ALTERNATE.phone_type: "AlternativePhoneNumber",
}

_USER = Annotated[str | None, typer.Option("--user", metavar="USER", help="Only this user.")]
_SINCE = Annotated[str | None, typer.Option(metavar="INSTANT", help="Only from this instant on.")]
_UNTIL = Annotated[str | None, typer.Option(metavar="INSTANT", help="Only before this instant.")]
_REVEAL = Annotated[bool, typer.Option("--reveal", help="Show authentication numbers in full.")]


@app.command("list", epilog="Example: ringfence audit list --user kim@contoso.example --limit 10")
def list_(
    context: typer.Context,
    user: _USER = None,
    since: _SINCE = None,
    until: _UNTIL = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="At most this many.")] = 50,
    reveal: _REVEAL = False,
) -> None:
    """List the newest records, newest first."""
    session = session_of(context)
    wanted = _filter(session, user, since, until)._replace(limit=limit)
    tenant_id = session.tenant().tenant_id
    if session.json:
        records = JsonList("records")
        each_audit_record(session.services, tenant_id, wanted, records.add, reveal=reveal)
        records.close()
        return
    rows: list[tuple[str, ...]] = []
    each_audit_record(session.services, tenant_id, wanted, lambda record: rows.append(_row(record)), reveal=reveal)
    if rows:
        print_table(("at", "service", "activity", "user", "number", "by", "details"), rows)
    else:
        say("No records.")


@app.command("export", epilog="Example: ringfence audit export audit.jsonl --since 2021-02-01")
def export(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="Where to; stdout without it.")] = None,
    user: _USER = None,
    since: _SINCE = None,
    until: _UNTIL = None,
    reveal: _REVEAL = False,
) -> None:
    """Export the records as JSON Lines, oldest first, in the shape of Graph's directoryAudit."""
    session = session_of(context)
    wanted = _filter(session, user, since, until)._replace(oldest_first=True)
    tenant_id = session.tenant().tenant_id
    if file is None:
        each_audit_record(session.services, tenant_id, wanted, lambda record: _write(sys.stdout, record), reveal=reveal)
        return
    with whole_file(file, private=reveal) as target:
        count = each_audit_record(session.services, tenant_id, wanted, lambda record: _write(target, record), reveal=reveal)
    note(f"{counted(count, 'record', 'records')} written to {file}")


def _write(target: TextIO, record: dict[str, Any]) -> None:
    target.write(json.dumps(record, ensure_ascii=False) + "\n")


def _filter(session: Session, user: str | None, since: str | None, until: str | None) -> AuditFilter:
    user_id = None if user is None else show_user(session.services, session.tenant().tenant_id, user).user.user_id
    return AuditFilter(
        user_id,
        since=None if since is None else parse_instant(since),
        until=None if until is None else parse_instant(until),
    )


def _row(record: dict[str, Any]) -> tuple[str, ...]:
    initiator = record["initiatedBy"]
    by = initiator["app"]["displayName"] if initiator["app"] else initiator["user"]["userPrincipalName"]
    details = [f"{detail['key']} {detail['value']}" for detail in record["additionalDetails"] if detail["key"] != "run"]
    target = record["targetResources"][0]
    if record["loggedByService"] == SERVICE_DIRECTORY and record["resultReason"]:
        details.append(f"rule {record['resultReason']}")
    told = next((_FIELD_OF_TYPE[one["value"]] for one in record["additionalDetails"] if one["key"] == "pair"), None)
    details += [change for part in target["modifiedProperties"] if part["oldValue"] for change in _changes(part, told)]
    number = next((part["newValue"] for part in target["modifiedProperties"] if part["displayName"] == "PhoneNumber"), "null")
    return (
        record["activityDateTime"][:19] + "Z",
        record["loggedByService"],
        record["activityDisplayName"],
        target["userPrincipalName"] or "",
        json.loads(number) or "",
        by,
        ", ".join(details),
    )


def _changes(part: dict[str, Any], told: str | None) -> Iterator[str]:
    """What a property of the second record says that changed: each field with its old and its new value.

    The field that the record is about (`told`) changed, though masked it may look the same.
    """
    old, new = json.loads(part["oldValue"]), json.loads(part["newValue"])
    name = part["displayName"]
    if name == "StrongAuthenticationUserDetails":
        private = ((field, was, new[0][field]) for field, was in old[0].items())
        changed = ((field, was, now) for field, was, now in private if was != now or field == told)
        yield from (f"{field} {_or_none(was)} -> {_or_none(now)}" for field, was, now in changed)
    elif name == "StrongAuthenticationMethod":
        yield f"methods {_entries(old)} -> {_entries(new)}"
    else:
        yield f"{name} {_or_none(old[0])} -> {_or_none(new[0])}"


def _entries(entries: list[dict[str, Any]]) -> str:
    names = [MethodType(entry["MethodType"]).name + (" (default)" if entry["Default"] else "") for entry in entries]
    return _or_none(" ".join(names))


def _or_none(value: object) -> str:
    return str(value or "(none)")
