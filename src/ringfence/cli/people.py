"""`ringfence phone list|set|delete` and `ringfence user show|list`."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

import typer

from ringfence.application.accounts import list_users, show_user
from ringfence.application.explain_user import unseal_number
from ringfence.application.phones import DeletePhone, Phone, RegisterPhone, delete_phone, list_phones, register_phone
from ringfence.application.ports import UserFilter
from ringfence.cli.clock import show_instant, show_second
from ringfence.cli.number_files import shown_number
from ringfence.cli.output import print_json, print_table, say
from ringfence.cli.session import Session, session_of
from ringfence.domain.directory.records import SyncState
from ringfence.domain.directory.user import Account, User
from ringfence.domain.numbers.pairs import Pair, pair_of_phone_type

phones = typer.Typer(
    no_args_is_help=True,
    help="The authentication numbers of a user.",
    epilog="Example: ringfence phone list kim@contoso.example",
)
users = typer.Typer(
    no_args_is_help=True, help="The users, as the directory has them.", epilog="Example: ringfence user list --limit 20"
)

_PHONE_TYPES = "{text} is no type of phone; write mobile, office or alternateMobile"
_EITHER = "give one of --synced, --cloud-only and --formerly-synced"
_PHONE = ("type", "number", "origin", "writtenAt", "writtenBy")
_SYNC_FLAG = {SyncState.CLOUD_ONLY: None, SyncState.SYNCED: True, SyncState.FORMERLY_SYNCED: False}


def _pair(text: str) -> Pair:
    try:
        return pair_of_phone_type("alternateMobile" if text.casefold() == "alternate" else text)
    except KeyError as error:
        raise typer.BadParameter(_PHONE_TYPES.format(text=text), param_hint="TYPE") from error


_USER = Annotated[str, typer.Argument(metavar="USER", help="User principal name or id.")]
_TYPE = Annotated[str, typer.Argument(metavar="TYPE", help="mobile, office or alternateMobile.")]
_REVEAL = Annotated[bool, typer.Option("--reveal", help="Show authentication numbers in full.")]


@phones.command("list", epilog="Example: ringfence phone list kim@contoso.example")
def phone_list(
    context: typer.Context,
    user: _USER,
    phone_type: Annotated[str | None, typer.Argument(metavar="TYPE", help="Only this type.")] = None,
    reveal: _REVEAL = False,
) -> None:
    """List the authentication numbers of a user."""
    session = session_of(context)
    wanted = tuple(Pair) if phone_type is None else (_pair(phone_type),)
    all_phones = list_phones(session.services, session.tenant().tenant_id, user)
    found = [phone for phone in all_phones if phone.pair in wanted]
    if session.json:
        print_json(
            {
                "user": user,
                "phones": [dict(zip(_PHONE, _phone(phone, show_instant, reveal=reveal), strict=True)) for phone in found],
            }
        )
    elif found:
        rows = [_phone(phone, show_second, reveal=reveal) for phone in found]
        print_table(("type", "number", "origin", "written at", "written by"), rows)
    else:
        say("No authentication numbers.")


def _phone(phone: Phone, show: Callable[[datetime | None], str | None], *, reveal: bool) -> tuple[str | None, ...]:
    written = phone.written
    return (
        phone.pair.phone_type,
        shown_number(phone.number, reveal=reveal),
        None if written is None else written.origin.name.lower(),
        None if written is None else show(written.at),
        None if written is None else written.by,
    )


@phones.command("set", epilog='Example: ringfence phone set kim@contoso.example mobile "+1 4255550100"')
def phone_set(
    context: typer.Context,
    user: _USER,
    phone_type: _TYPE,
    number: Annotated[
        str, typer.Argument(metavar="NUMBER", help="+1 4255550100; office numbers may have an extension: +1 4255550100x123.")
    ],
) -> None:
    """Set an authentication number and add its method entries; the first of them becomes the default if there is none."""
    session = session_of(context)
    pair = _pair(phone_type)
    command = RegisterPhone(user, pair, number, session.actor())
    changed = register_phone(session.services, session.tenant().tenant_id, command, session.now())
    if session.json:
        print_json({"user": user, "type": pair.phone_type, "changed": changed})
    else:
        say(f"The {pair.phone_type} number of {user} {'is set' if changed else 'was the same already'}.")


@phones.command("delete", epilog="Example: ringfence phone delete kim@contoso.example office")
def phone_delete(context: typer.Context, user: _USER, phone_type: _TYPE) -> None:
    """Delete an authentication number and its method entries.

    Refused (exit 4) while it serves the default method and another method exists.
    """
    session = session_of(context)
    pair = _pair(phone_type)
    delete_phone(session.services, session.tenant().tenant_id, DeletePhone(user, pair, session.actor()), session.now())
    if session.json:
        print_json({"user": user, "type": pair.phone_type, "changed": True})
    else:
        say(f"The {pair.phone_type} number of {user} is deleted.")


@users.command("show", epilog="Example: ringfence user show kim@contoso.example --json")
def user_show(context: typer.Context, user: _USER, reveal: _REVEAL = False) -> None:
    """Show one user: profile, public numbers, authentication numbers, method entries."""
    session = session_of(context)
    tenant = session.tenant()
    account = show_user(session.services, tenant.tenant_id, user)
    document = {**_profile(account.user), **_numbers(session, tenant.tenant_id, account, reveal=reveal)}
    if session.json:
        print_json(document)
    else:
        print_table(("attribute", "value"), [(name, _cell(value)) for name, value in document.items()])


@users.command("list", epilog="Example: ringfence user list --synced --limit 20")
@dataclass(frozen=True)
class UserList:
    """List users by name, a page at a time."""

    context: typer.Context
    synced: Annotated[bool | None, typer.Option("--synced/--cloud-only", help="Only synced, or only cloud-only users.")] = None
    formerly_synced: Annotated[bool, typer.Option("--formerly-synced", help="Only users that are not synced any more.")] = False
    deleted: Annotated[bool, typer.Option("--deleted", help="Soft-deleted users instead.")] = False
    starts_with: Annotated[str, typer.Option(help="Only names that begin with this.")] = ""
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most this many.")] = 100
    after: Annotated[str, typer.Option(metavar="NAME", help="Go on behind this name.")] = ""

    def __post_init__(self) -> None:
        """Run the command: typer calls it with its options, which are the fields."""
        wanted = UserFilter(self.after, self.limit, self._state(), self.deleted, self.starts_with)
        session = session_of(self.context)
        page = list_users(session.services, session.tenant().tenant_id, wanted)
        following = page[-1].upn if len(page) >= self.limit else None
        if session.json:
            print_json({"users": [_profile(user) for user in page], "next": following})
            return
        rows = [(user.upn, user.display_name, user.sync_state.name.lower().replace("_", " "), _methods(user)) for user in page]
        if rows:
            print_table(("user", "name", "source", "methods"), rows)
        else:
            say("No users.")
        if following is not None:
            say(f"More: --after {following}")

    def _state(self) -> SyncState | None:
        """The state that the options name; None for all."""
        if self.formerly_synced and self.synced is not None:
            raise typer.BadParameter(_EITHER, param_hint="--formerly-synced")
        if self.formerly_synced:
            return SyncState.FORMERLY_SYNCED
        return None if self.synced is None else SyncState.SYNCED if self.synced else SyncState.CLOUD_ONLY


def _profile(user: User) -> dict[str, Any]:
    return {
        "id": str(uuid.UUID(bytes=user.user_id)),
        "userPrincipalName": user.upn,
        "displayName": user.display_name,
        "userType": user.user_type,
        "accountEnabled": user.enabled,
        "onPremisesSyncEnabled": _SYNC_FLAG[user.sync_state],
        "onPremisesImmutableId": user.anchor,
        "onPremisesDistinguishedName": user.dn,
        "otherMails": list(user.other_mails),
        "perUserMfaState": user.mfa_state.name.lower(),
        "methods": [method.name for method in sorted(user.methods)],
        "defaultMethod": None if user.default is None else user.default.name,
        "deletedDateTime": show_instant(user.deleted_at),
    }


def _numbers(session: Session, tenant_id: int, account: Account, *, reveal: bool) -> dict[str, Any]:
    private = {
        pair.phone_type: shown_number(
            unseal_number(session.services, tenant_id, account.user, pair, state.authentication), reveal=reveal
        )
        for pair, state in sorted(account.pairs.items())
    }
    office = account.pairs[Pair.OFFICE].public.text
    return {
        "mobilePhone": account.pairs[Pair.MOBILE].public.text or None,
        "businessPhones": [office] if office else [],
        "authenticationPhones": private,
        "authenticationEmail": account.user.email or None,
    }


def _methods(user: User) -> str:
    return ", ".join(method.name + (" (default)" if method is user.default else "") for method in sorted(user.methods))


def _cell(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {number}" for name, number in value.items() if number)
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
