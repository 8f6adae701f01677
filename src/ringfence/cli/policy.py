"""`ringfence policy show|enable|disable|set|reset`: the policy of authentication methods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Final

import typer

from ringfence.application.methods_policy import Change, ChangedPolicy, change_policy, reset_configuration, show_policy
from ringfence.application.ports.policies import StoredPolicy
from ringfence.cli.clock import show_instant, show_second
from ringfence.cli.output import print_json, print_table, say
from ringfence.cli.session import Session, session_of
from ringfence.domain.errors import ErrorCode, InvalidError
from ringfence.domain.policy.methods_policy import DEFAULT_POLICY, MethodsPolicy, PolicyMethod
from ringfence.domain.policy.policy_settings import (
    SETTINGS,
    Setting,
    changed_settings,
    expected_values,
    setting_named,
    with_value,
    with_written_value,
    written_policy,
)

app = typer.Typer(
    no_args_is_help=True,
    help="The policy of authentication methods: what may be used to sign in. It counts from the next sign-in on.",
    epilog="Example: ringfence policy disable sms",
)

SHORT: Final = {
    "migration": "policyMigrationState",
    "office-calls": "Voice.isOfficePhoneAllowed",
    "pass-least": "TemporaryAccessPass.minimumLifetimeInMinutes",
    "pass-length": "TemporaryAccessPass.defaultLength",
    "pass-minutes": "TemporaryAccessPass.defaultLifetimeInMinutes",
    "pass-most": "TemporaryAccessPass.maximumLifetimeInMinutes",
    "pass-once": "TemporaryAccessPass.isUsableOnce",
    "system-preferred": "systemCredentialPreferences.state",
}
"""Short names of what is changed most; every other setting has the name that `policy show` gives it."""

_METHOD = Annotated[str, typer.Argument(metavar="METHOD", help="Such as sms, voice, software-oath, temporary-access-pass.")]
_SETTINGS = Annotated[
    list[str],
    typer.Argument(metavar="NAME=VALUE...", help=f"Names as policy show has them, in any case, or {', '.join(SHORT)}."),
]


@app.command("show", epilog="Example: ringfence policy show --json")
def show(context: typer.Context) -> None:
    """Show every setting; those that were changed are marked."""
    session = session_of(context)
    stored = show_policy(session.services, session.tenant().tenant_id)
    settings = written_policy(stored.policy)
    if session.json:
        print_json({"settings": settings, **_standing(stored)})
        return
    since = "" if stored.changed_at is None else f", changed at {show_second(stored.changed_at)}"
    usual = written_policy(DEFAULT_POLICY)
    rows = [(name, value, "" if value == usual[name] else f"instead of {usual[name]}") for name, value in settings.items()]
    print_table(("setting", "value", ""), rows, title=f"Authentication methods policy{since}")


@app.command("enable", epilog="Example: ringfence policy enable software-oath")
def enable(context: typer.Context, method: _METHOD) -> None:
    """Let everybody use a method."""
    _switch(session_of(context), method, is_on=True)


@app.command("disable", epilog="Example: ringfence policy disable sms")
def disable(context: typer.Context, method: _METHOD) -> None:
    """Let nobody use a method. What is registered stays registered."""
    _switch(session_of(context), method, is_on=False)


@app.command("set", epilog="Example: ringfence policy set pass-least=30 pass-minutes=30 system-preferred=enabled")
def set_(context: typer.Context, settings: _SETTINGS) -> None:
    """Change settings, all of them or none."""
    session = session_of(context)
    _tell(session, _changed(session, _written_change(settings)))


@app.command("reset", epilog="Example: ringfence policy reset temporary-access-pass")
def reset(context: typer.Context, method: _METHOD) -> None:
    """Put everything about a method back to what it is at first."""
    session = session_of(context)
    meant = _meant(method)
    _tell(session, reset_configuration(session.services, session.tenant().tenant_id, meant, session.actor(), session.now()))


def _switch(session: Session, method: str, *, is_on: bool) -> None:
    setting = SETTINGS[f"{_meant(method).value}.state"]
    _tell(session, _changed(session, lambda policy: with_value(policy, setting, is_on)))


def _changed(session: Session, change: Change) -> ChangedPolicy:
    return change_policy(session.services, session.tenant().tenant_id, change, session.actor(), session.now())


def _meant(text: str) -> PolicyMethod:
    """The method with this name, in any case, with or without strokes."""
    wanted = text.replace("-", "").replace("_", "").casefold()
    for method in PolicyMethod:
        if method.value.casefold() == wanted:
            return method
    raise InvalidError(ErrorCode.POLICY_METHOD, method=text, known=[method.value for method in PolicyMethod])


def _written_change(settings: Sequence[str]) -> Change:
    wanted = [_pair(text) for text in settings]

    def change(policy: MethodsPolicy) -> MethodsPolicy:
        for setting, value in wanted:
            try:
                policy = with_written_value(policy, setting, value)
            except ValueError as error:
                raise InvalidError(ErrorCode.POLICY_VALUE, setting=setting.name, expected=expected_values(setting)) from error
        return policy

    return change


def _pair(text: str) -> tuple[Setting, str]:
    name, sign, value = text.partition("=")
    try:
        setting = setting_named(SHORT.get(name.strip().casefold(), name))
    except KeyError as error:
        raise InvalidError(ErrorCode.POLICY_SETTING, setting=text) from error
    if not sign:
        raise InvalidError(ErrorCode.POLICY_SETTING, setting=text)
    return setting, value


def _standing(stored: StoredPolicy) -> dict[str, object]:
    return {
        "version": stored.version,
        "lastModifiedDateTime": None if stored.changed_at is None else show_instant(stored.changed_at),
    }


def _tell(session: Session, done: ChangedPolicy) -> None:
    changed = changed_settings(done.before.policy, done.after.policy)
    if session.json:
        print_json({"changed": {name: {"old": old, "new": new} for name, (old, new) in changed.items()}, **_standing(done.after)})
    elif changed:
        print_table(("setting", "before", "now"), [(name, old, new) for name, (old, new) in changed.items()])
    else:
        say("It was so already.")
