"""`ringfence mfa …`: settings of the tenant, per-user state, app passwords, and who is blocked."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Annotated, Any, Final

import typer

from ringfence.application.accounts import show_active_user
from ringfence.application.mfa.app_passwords import (
    CreateAppPassword,
    create_app_password,
    delete_all_app_passwords,
    delete_app_password,
    list_app_passwords,
)
from ringfence.application.mfa.blocked_users import BlockUser, ShownBlock, block_user, list_blocks, unblock_user
from ringfence.application.mfa.notices import ShownNotice, list_notices
from ringfence.application.mfa.settings import change_settings, show_settings
from ringfence.application.preferences import set_mfa_state
from ringfence.cli.clock import show_instant, show_second
from ringfence.cli.output import counted, one_line, print_json, print_table, say
from ringfence.cli.session import Session, session_of
from ringfence.domain.directory.records import PerUserState
from ringfence.domain.methods.app_password import StoredAppPassword
from ringfence.domain.policy.mfa_settings import USUAL_DAYS, FraudAlert, MfaSettings, trusted_range
from ringfence.domain.signin.blocks import is_in_force
from ringfence.domain.signin.notices import Notice

_NO_ID: Final = "the id is that of app-passwords list"
app = typer.Typer(
    no_args_is_help=True,
    help="When a second factor is demanded, and of whom.",
    epilog="Example: ringfence mfa state set kim@contoso.example enabled",
)
settings = typer.Typer(no_args_is_help=True, help="What holds for all users.", epilog="Example: ringfence mfa settings show")
state = typer.Typer(
    no_args_is_help=True, help="The per-user MFA state.", epilog="Example: ringfence mfa state show kim@contoso.example"
)
app_passwords = typer.Typer(
    no_args_is_help=True,
    help="Passwords for legacy clients of users whose MFA is enforced.",
    epilog="Example: ringfence mfa app-passwords list kim@contoso.example",
)
app.add_typer(settings, name="settings")
app.add_typer(state, name="state")
app.add_typer(app_passwords, name="app-passwords")

_USER = Annotated[str, typer.Argument(metavar="USER", help="User principal name or id.")]
_REASON = Annotated[str, typer.Option(metavar="TEXT", help="Why; it is kept in the history.")]
_STATES: Final = {one.name.lower(): one for one in PerUserState}
_NO_STATE: Final = "{text} is no state; write disabled, enabled or enforced"
_DAYS_OFF: Final = "browsers that are not remembered are so for no days"


@settings.command("show", epilog="Example: ringfence mfa settings show --json")
def settings_show(context: typer.Context) -> None:
    """Show the settings."""
    session = session_of(context)
    _tell_settings(session, show_settings(session.services, session.tenant().tenant_id))


@settings.command("set", epilog="Example: ringfence mfa settings set --remember-days 30 --trust-range 203.0.113.0/24")
@dataclass(frozen=True)
class SettingsSet:
    """Change settings; what is not named stays. Who changed them stands in the list of runs."""

    context: typer.Context
    allow_app_passwords: Annotated[
        bool | None, typer.Option("--app-passwords/--no-app-passwords", help="Whether users may make app passwords.")
    ] = None
    remember: Annotated[
        bool | None, typer.Option("--remember/--no-remember", help=f"Remember browsers, for {USUAL_DAYS} days unless told.")
    ] = None
    remember_days: Annotated[int | None, typer.Option(metavar="DAYS", help="Remember browsers for so many days: 1 to 365.")] = (
        None
    )
    trust_range: Annotated[
        list[str] | None, typer.Option(metavar="CIDR", help="No second factor from these public IPv4 addresses; may be repeated.")
    ] = None
    distrust_range: Annotated[list[str] | None, typer.Option(metavar="CIDR", help="Trust these no more; may be repeated.")] = None
    trust_inside: Annotated[
        bool | None,
        typer.Option("--trust-inside/--no-trust-inside", help="Trust the claim to be inside the corporate network."),
    ] = None
    fraud_alert: Annotated[
        bool | None, typer.Option("--fraud-alert/--no-fraud-alert", help="Whether users may report fraud.")
    ] = None
    fraud_block: Annotated[
        bool | None, typer.Option("--fraud-block/--no-fraud-block", help="Whether a report blocks its user.")
    ] = None
    fraud_code: Annotated[
        str | None,
        typer.Option(
            metavar="DIGITS", help="What is keyed in at a call to report; 0 but where your own recording names another code."
        ),
    ] = None
    fraud_recipient: Annotated[
        list[str] | None, typer.Option(metavar="ADDRESS", help="Who is told of reports, in place of those before.")
    ] = None

    notices: Annotated[
        bool | None,
        typer.Option("--notices/--no-notices", help="Whether people are told by mail what happens to their accounts."),
    ] = None

    def __post_init__(self) -> None:
        """Run the command: typer calls it with its options, which are the fields."""
        if self.remember is False and self.remember_days is not None:
            raise typer.BadParameter(_DAYS_OFF, param_hint="--remember-days")
        session = session_of(self.context)
        tenant_id = session.tenant().tenant_id
        change_settings(session.services, tenant_id, self._changed, session.actor(), session.now())
        _tell_settings(session, show_settings(session.services, tenant_id))

    def _changed(self, before: MfaSettings) -> MfaSettings:
        fraud = before.fraud
        gone = {trusted_range(one) for one in self.distrust_range or ()}
        ranges = dict.fromkeys((*before.trusted_ranges, *map(trusted_range, self.trust_range or ())))
        return before._replace(
            app_passwords=_given(self.allow_app_passwords, before.app_passwords),
            trusted_ranges=tuple(one for one in ranges if one not in gone),
            trust_inside=_given(self.trust_inside, before.trust_inside),
            remember_days=self._days(before.remember_days),
            notices=_given(self.notices, before.notices),
            fraud=FraudAlert(
                _given(self.fraud_alert, fraud.allowed),
                _given(self.fraud_block, fraud.auto_block),
                fraud.code if self.fraud_code is None else self.fraud_code,
                fraud.recipients if self.fraud_recipient is None else tuple(self.fraud_recipient),
            ),
        )

    def _days(self, before: int | None) -> int | None:
        if self.remember_days is not None:
            return self.remember_days
        if self.remember is None:
            return before
        return before or USUAL_DAYS if self.remember else None


def _given(wanted: bool | None, before: bool) -> bool:  # noqa: FBT001 - two settings
    return before if wanted is None else wanted


def _tell_settings(session: Session, found: MfaSettings) -> None:
    document: dict[str, Any] = {
        "appPasswords": found.app_passwords,
        "rememberDays": found.remember_days,
        "trustedRanges": list(found.trusted_ranges),
        "trustInside": found.trust_inside,
        "fraudAlert": found.fraud.allowed,
        "fraudBlock": found.fraud.auto_block,
        "fraudCode": found.fraud.code,
        "fraudRecipients": list(found.fraud.recipients),
        "notices": found.notices,
    }
    if session.json:
        print_json(document)
    else:
        print_table(("setting", "value"), [(name, _cell(value)) for name, value in document.items()])


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return ", ".join(value) if isinstance(value, list) else "off" if value is None else str(value)


@state.command("show", epilog="Example: ringfence mfa state show kim@contoso.example")
def state_show(context: typer.Context, user: _USER) -> None:
    """Show the per-user state of a user."""
    session = session_of(context)
    _tell_state(session, user, show_active_user(session.services, session.tenant().tenant_id, user).user.mfa_state)


@state.command("set", epilog="Example: ringfence mfa state set kim@contoso.example enabled")
def state_set(
    context: typer.Context,
    user: _USER,
    wanted: Annotated[str, typer.Argument(metavar="STATE", help="disabled, enabled or enforced.")],
) -> None:
    """Set the per-user state: enabled becomes enforced for a user with a registered method."""
    session = session_of(context)
    if wanted.casefold() not in _STATES:
        raise typer.BadParameter(_NO_STATE.format(text=wanted), param_hint="STATE")
    tenant_id = session.tenant().tenant_id
    _tell_state(
        session,
        user,
        set_mfa_state(session.services, tenant_id, user, _STATES[wanted.casefold()], session.actor(), session.now()),
    )


def _tell_state(session: Session, user: str, found: PerUserState) -> None:
    if session.json:
        print_json({"user": user, "perUserMfaState": found.name.lower()})
    else:
        say(f"Per-user MFA of {one_line(user)} is {found.name.lower()}.")


@app_passwords.command("create", epilog="Example: ringfence mfa app-passwords create kim@contoso.example 'Old mail client'")
def app_passwords_create(
    context: typer.Context, user: _USER, name: Annotated[str, typer.Argument(help="What it is for.")]
) -> None:
    """Make an app password for a user, shown this once: sixteen letters, for a client that asks for no second factor."""
    session = session_of(context)
    command = CreateAppPassword(user, name, session.actor())
    made = create_app_password(session.deployment.identity(), session.tenant().tenant_id, command, session.now())
    if session.json:
        print_json({"id": _id_of(made.stored), "name": made.stored.name, "appPassword": made.password})
        return
    say(f"App password of {one_line(user)}, shown this once: {made.password}")


def _id_of(stored: StoredAppPassword) -> str:
    return str(uuid.UUID(bytes=stored.app_password_id))


@app_passwords.command("delete", epilog="Example: ringfence mfa app-passwords delete kim@contoso.example ID")
def app_passwords_delete(
    context: typer.Context,
    user: _USER,
    app_password: Annotated[str, typer.Argument(metavar="ID", help="As app-passwords list shows it.")],
) -> None:
    """Delete one app password of a user."""
    session = session_of(context)
    try:
        identifier = uuid.UUID(app_password).bytes
    except ValueError as error:
        raise typer.BadParameter(_NO_ID) from error
    delete_app_password(session.services, session.tenant().tenant_id, (user, identifier), session.actor(), session.now())
    if session.json:
        print_json({"user": user, "deleted": 1})
    else:
        say(f"App password {app_password} of {one_line(user)} deleted.")


@app_passwords.command("list", epilog="Example: ringfence mfa app-passwords list kim@contoso.example")
def app_passwords_list(context: typer.Context, user: _USER) -> None:
    """List the app passwords of a user by their names; the passwords themselves are not kept."""
    session = session_of(context)
    found = list_app_passwords(session.services, session.tenant().tenant_id, user)
    if session.json:
        documents = [
            {
                "id": _id_of(one),
                "name": one.name,
                "createdAt": show_instant(one.created_at),
                "lastUsedAt": show_instant(one.last_used_at),
            }
            for one in found
        ]
        print_json({"user": user, "appPasswords": documents})
    elif found:
        rows = [(_id_of(one), one.name, show_second(one.created_at), show_second(one.last_used_at)) for one in found]
        print_table(("id", "name", "created at", "last used at"), rows)
    else:
        say("No app passwords.")


@app_passwords.command("delete-all", epilog="Example: ringfence mfa app-passwords delete-all kim@contoso.example")
def app_passwords_delete_all(context: typer.Context, user: _USER) -> None:
    """Delete all app passwords of a user."""
    session = session_of(context)
    deleted = delete_all_app_passwords(session.services, session.tenant().tenant_id, user, session.actor(), session.now())
    if session.json:
        print_json({"user": user, "deleted": deleted})
    else:
        say(f"{counted(deleted, 'app password', 'app passwords')} of {one_line(user)} deleted.")


@app.command("block", epilog='Example: ringfence mfa block kim@contoso.example --reason "phone was stolen"')
def block(context: typer.Context, user: _USER, reason: _REASON) -> None:
    """Deny a user every second factor, for 90 days or until unblocked."""
    session = session_of(context)
    command = BlockUser(user, reason, session.actor())
    made = block_user(session.services, session.tenant().tenant_id, command, session.now())
    if session.json:
        print_json({"user": user, "blockedUntil": show_instant(made.until)})
    else:
        say(f"{one_line(user)} is blocked until {show_second(made.until)}.")


@app.command("unblock", epilog='Example: ringfence mfa unblock kim@contoso.example --reason "has a new phone"')
def unblock(context: typer.Context, user: _USER, reason: _REASON) -> None:
    """Lift the block of a user."""
    session = session_of(context)
    unblock_user(session.services, session.tenant().tenant_id, BlockUser(user, reason, session.actor()), session.now())
    if session.json:
        print_json({"user": user, "changed": True})
    else:
        say(f"{one_line(user)} is not blocked any more.")


@app.command("blocked", epilog="Example: ringfence mfa blocked --all")
def blocked(
    context: typer.Context,
    history: Annotated[bool, typer.Option("--all", help="Those that are over too.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Look at most at this many, the newest.")] = 1000,
) -> None:
    """List who is blocked, and why."""
    session = session_of(context)
    now = session.now()
    found = [
        one for one in list_blocks(session.services, session.tenant().tenant_id, limit) if history or is_in_force(one.block, now)
    ]
    if session.json:
        print_json({"blocked": [_block(one) for one in found]})
    elif found:
        rows = [(one.upn, show_second(one.block.at), show_second(one.block.until), _why(one)) for one in found]
        print_table(("user", "blocked at", "until", "why"), rows)
    else:
        say("Nobody is blocked.")


def _block(one: ShownBlock) -> dict[str, Any]:
    lifted = one.block.lifted
    return {
        "user": one.upn,
        "blockedAt": show_instant(one.block.at),
        "blockedUntil": show_instant(one.block.until),
        "blockedBy": one.block.by,
        "reason": one.block.reason,
        "unblockedAt": None if lifted is None else show_instant(lifted.at),
        "unblockedBy": None if lifted is None else lifted.by,
        "unblockReason": None if lifted is None else lifted.reason,
    }


def _why(one: ShownBlock) -> str:
    lifted = one.block.lifted
    ended = "" if lifted is None else f"; unblocked {show_second(lifted.at)} by {lifted.by}: {lifted.reason}"
    return f"{one.block.reason} ({one.block.by}){ended}"


@app.command("notices", epilog="Example: ringfence mfa notices --limit 20")
def notices(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Show at most so many, the newest.")] = 100,
) -> None:
    """List what people were told by mail, or are to be; never the links."""
    session = session_of(context)
    found = list_notices(session.services, session.tenant().tenant_id, limit)
    if session.json:
        print_json({"notices": [_notice(one) for one in found]})
    elif found:
        rows = [(one.upn, show_second(one.notice.created_at), _told(one.notice), one.notice.state.name.lower()) for one in found]
        print_table(("user", "at", "what", "state"), rows)
    else:
        say("No notices.")


def _told(notice: Notice) -> str:
    return f"{notice.kind.name}: {notice.facts.get('thing', '')}".lower().replace("_", " ")


def _notice(one: ShownNotice) -> dict[str, Any]:
    notice = one.notice
    return {
        "user": one.upn,
        "at": show_instant(notice.created_at),
        "kind": notice.kind.name.lower(),
        "thing": notice.facts.get("thing", "").lower(),
        "state": notice.state.name.lower(),
        "attempts": notice.attempts,
        "linkUsedAt": show_instant(notice.link_used_at),
    }
