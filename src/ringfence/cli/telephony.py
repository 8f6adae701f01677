"""`ringfence telephony show|allow|deny|limits|budget`: the send guard."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Final

import typer

from ringfence.application.mfa.telephony import (
    By,
    TelephonyStatus,
    allow_prefixes,
    deny_prefixes,
    set_budget,
    set_limits,
    show_telephony,
)
from ringfence.cli.output import note, print_json, print_table, say
from ringfence.cli.session import Session, session_of
from ringfence.domain.signin.challenge import Channel
from ringfence.domain.signin.send_guard import MILLS, Scope, TelephonySettings

app = typer.Typer(
    no_args_is_help=True,
    help="Texts and calls: which countries they go to, how many, and for how much money.",
    epilog="Example: ringfence telephony allow 49 43 41",
)

_PREFIXES = typer.Argument(help="Country codes, or longer prefixes of numbers: 49, +1, 1684.")
_PLACES: Final = Decimal("0.001")
_NO_COUNTRY: Final = "no country, so nothing is sent (to allow one: ringfence telephony allow 49)"
_SPANS: Final = {timedelta(hours=1): "an hour", timedelta(days=1): "a day"}
_MONEY: Final = "an amount of money, such as 0.079"


@app.command("show", epilog="Example: ringfence telephony show --json")
def show(context: typer.Context) -> None:
    """Show the settings, this month's spending, and how many of the last hour's messages were answered, by prefix."""
    session = session_of(context)
    status = show_telephony(session.services, session.tenant().tenant_id, session.now())
    if session.json:
        print_json(_document(status))
        return
    _say_settings(status.settings, status.spent)
    if not any(channel.is_telephony for channel in session.deployment.channels()):
        note("There is no sender: RINGFENCE_SENDERS names none, so nothing is sent.")
    if status.refusals:
        say("Refused today: " + ", ".join(f"{count} because {reason.value}" for reason, count in status.refusals.items()))
    if status.completion:
        rows = [(one.prefix, str(one.sent), str(one.answered), "ALARM" if one.is_alarming else "") for one in status.completion]
        print_table(("prefix", "sent in the last hour", "answered", ""), rows)


@app.command("allow", epilog="Example: ringfence telephony allow 49 1684")
def allow(context: typer.Context, prefixes: Annotated[list[str], _PREFIXES]) -> None:
    """Allow texts and calls to numbers that begin so. The longest prefix that is named counts."""
    session = session_of(context)
    _tell(session, allow_prefixes(session.services, session.tenant().tenant_id, prefixes, _by(session)))


@app.command("deny", epilog="Example: ringfence telephony deny 1684")
def deny(context: typer.Context, prefixes: Annotated[list[str], _PREFIXES]) -> None:
    """Send nothing more to numbers that begin so, also where a shorter prefix is allowed."""
    session = session_of(context)
    settings = deny_prefixes(session.services, session.tenant().tenant_id, prefixes, _by(session))
    _tell(session, settings)
    if not settings.allowed:
        note("Nothing is allowed now: no text and no call goes anywhere. To allow a country: ringfence telephony allow 49")


@app.command("limits", epilog="Example: ringfence telephony limits --tenant-hour 2000")
def limits(
    context: typer.Context,
    user: Annotated[int | None, typer.Option(help="To one user in five minutes, 1 to 10,000,000. Default 5.")] = None,
    user_day: Annotated[int | None, typer.Option(help="To one user in a day; the same range. Default 50.")] = None,
    number: Annotated[int | None, typer.Option(help="To one number in an hour; the same range. Default 10.")] = None,
    prefix: Annotated[int | None, typer.Option(help="To one prefix in an hour; the same range. Default 250.")] = None,
    tenant_hour: Annotated[int | None, typer.Option(help="Of the whole tenant in an hour; the same range. Default 500.")] = None,
) -> None:
    """Change how many texts and calls may go out, all together; without an option, show it.

    Each limit is a whole number from 1 to 10,000,000: to send nothing at all, deny the countries.
    """
    session = session_of(context)
    named = {
        Scope.USER: user,
        Scope.USER_DAY: user_day,
        Scope.NUMBER: number,
        Scope.PREFIX: prefix,
        Scope.TENANT: tenant_hour,
    }
    given = {scope: most for scope, most in named.items() if most is not None}
    _tell(session, set_limits(session.services, session.tenant().tenant_id, given, _by(session)))


@app.command("budget", epilog="Example: ringfence telephony budget 200 --price sms=0.079 --price voice:1=0.02 --currency EUR")
def budget(
    context: typer.Context,
    amount: Annotated[str, typer.Argument(help="What a calendar month (UTC) may cost; `none` for no limit.")],
    price: Annotated[
        list[str] | None, typer.Option(help="sms=AMOUNT, voice=AMOUNT, or for a prefix sms:49=AMOUNT; may stand several times.")
    ] = None,
    currency: Annotated[str | None, typer.Option(help="Its name, three letters. Default EUR.")] = None,
) -> None:
    """Limit what texts and calls cost in a month: at the limit nothing more is sent. Prices have three decimals."""
    session = session_of(context)
    most = None if amount.casefold() == "none" else _mills(amount)
    prices = dict(_price(one) for one in price or [])
    _tell(session, set_budget(session.services, session.tenant().tenant_id, most, prices, currency, _by(session)))


def _by(session: Session) -> By:
    return session.actor(), session.now()


def _price(text: str) -> tuple[str, int]:
    name, equals, amount = text.partition("=")
    if not equals:
        raise typer.BadParameter(_MONEY, param_hint="--price")
    return name.strip().casefold(), _mills(amount)


def _mills(text: str) -> int:
    try:
        amount = Decimal(text.strip())
        exact = amount.quantize(_PLACES) == amount
    except (InvalidOperation, ValueError) as error:
        raise typer.BadParameter(_MONEY) from error
    if not exact or amount < 0:
        raise typer.BadParameter(_MONEY)
    return int(amount * MILLS)


def _tell(session: Session, settings: TelephonySettings) -> None:
    if session.json:
        print_json(_settings(settings))
    else:
        _say_settings(settings, None)


def _say_settings(settings: TelephonySettings, spent: int | None) -> None:
    document = _settings(settings)
    say(f"Allowed: {', '.join(document['allowed']) or _NO_COUNTRY}")
    if document["denied"]:
        say(f"Denied: {', '.join(document['denied'])}")
    windows = {scope: settings.window(scope) for scope in Scope}
    words = [
        f"{window.most} a {scope.value.removesuffix('Day')} in {_SPANS.get(window.span) or f'{window.span.seconds // 60} min'}"
        for scope, window in windows.items()
    ]
    say(f"Limits: {', '.join(words)}")
    month = "" if spent is None else f"; spent this month: {_money(spent)} {settings.currency}"
    limit = "none" if settings.budget is None else f"{_money(settings.budget)} {settings.currency}"
    say(f"Budget of a month: {limit}{month}")
    if settings.prices:
        say("Prices: " + ", ".join(f"{name} {_money(mills)}" for name, mills in sorted(settings.prices.items())))


def _money(mills: int) -> str:
    return f"{Decimal(mills) / MILLS:.3f}"


def _settings(settings: TelephonySettings) -> dict[str, Any]:
    return {
        "allowed": sorted(settings.allowed),
        "denied": sorted(settings.denied),
        "limits": {scope.value: settings.window(scope).most for scope in Scope},
        "budget": None if settings.budget is None else _money(settings.budget),
        "prices": {name: _money(mills) for name, mills in sorted(settings.prices.items())},
        "currency": settings.currency,
    }


def _document(status: TelephonyStatus) -> dict[str, Any]:
    sent: dict[str, dict[str, int]] = {channel.name.lower(): {} for channel in Channel}
    for channel, state, count in status.states:
        sent[channel.name.lower()][state.name.lower()] = count
    return {
        **_settings(status.settings),
        "month": status.month,
        "spent": _money(status.spent),
        "lastHour": sent,
        "refusedToday": {reason.name.lower(): count for reason, count in status.refusals.items()},
        "completion": [
            {"prefix": one.prefix, "sent": one.sent, "answered": one.answered, "alarm": one.is_alarming}
            for one in status.completion
        ],
    }
