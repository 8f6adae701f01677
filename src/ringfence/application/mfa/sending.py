"""Sending a challenge: the send guard is asked, and the message goes into the outbox, in the challenge's own transaction."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from ringfence.application.identity.parts import Identity
from ringfence.application.mfa.offers import Offer, digits_of
from ringfence.application.ports import UnitOfWork
from ringfence.application.ports.telephony import Message
from ringfence.domain.numbers.prefixes import prefix_of
from ringfence.domain.signin.challenge import Challenge, Channel
from ringfence.domain.signin.send_guard import (
    MAIL_LIMIT,
    Refused,
    Scope,
    TelephonySettings,
    Traffic,
    day_of,
    decide_mail,
    decide_send,
    month_of,
)

_NO_PREFIX = "0"


class _Target(NamedTuple):
    """Where a message goes, as the send guard sees it."""

    digits: str
    prefix: str
    number: bytes


def order_message(
    identity: Identity, unit: UnitOfWork, asked: tuple[int, Challenge, str | None], now: datetime
) -> Refused | None:
    """Put the next message of a challenge (tenant, challenge, number or address; None for nobody's) into the outbox.

    Return why it may not go out instead; then that is counted, and nothing else is stored. Messages to nobody count like others.
    """
    tenant_id, challenge, number = asked
    channel = challenge.method.channel
    assert channel is not None, "only what has a channel is sent"  # noqa: S101
    unit.telephony.hold(tenant_id)
    if not channel.is_telephony:
        return _order_mail(identity, unit, asked, now)
    settings = unit.telephony.settings(tenant_id) or TelephonySettings()
    target = _target(identity, settings, (tenant_id, challenge.user_id, number))
    price, month = settings.price(channel, target.prefix), month_of(now)
    refused = _decide(unit, (tenant_id, settings), (challenge.user_id, target, price), now)
    if refused is not None:
        unit.telephony.count_refusal(tenant_id, day_of(now), refused.reason)
        return refused
    if number is not None and price:
        unit.telephony.spend(tenant_id, month, price)
    unit.messages.add(tenant_id, _message(identity, (challenge, channel), target, (now, price), is_decoy=number is None))
    return None


def _order_mail(identity: Identity, unit: UnitOfWork, asked: tuple[int, Challenge, str | None], now: datetime) -> Refused | None:
    """The same for a mail, whose one limit is counted by what stands in the place of a number: its user."""
    tenant_id, challenge, address = asked
    target = _Target("", _NO_PREFIX, identity.fingerprint(b"mails to:%d:%b" % (tenant_id, challenge.user_id)))
    full_since = unit.messages.nth_latest(tenant_id, Scope.NUMBER, target.number, MAIL_LIMIT.most)
    refused = decide_mail(full_since, now)
    if refused is not None:
        unit.telephony.count_refusal(tenant_id, day_of(now), refused.reason)
        return refused
    unit.messages.add(tenant_id, _message(identity, (challenge, Channel.MAIL), target, (now, 0), is_decoy=address is None))
    return None


def foresee_refusal(identity: Identity, unit: UnitOfWork, asked: tuple[int, bytes, Offer], now: datetime) -> Refused | None:
    """Why a message to a user (tenant, user, what is offered) would not go out now; None where it would, or nothing is sent.

    Nothing is counted by the question.
    """
    tenant_id, user_id, offer = asked
    channel = offer.method.channel
    if channel is None:
        return None
    settings = unit.telephony.settings(tenant_id) or TelephonySettings()
    target = _target(identity, settings, (tenant_id, user_id, offer.number))
    return _decide(unit, (tenant_id, settings), (user_id, target, settings.price(channel, target.prefix)), now)


def _decide(
    unit: UnitOfWork, whose: tuple[int, TelephonySettings], what: tuple[bytes, _Target, int], now: datetime
) -> Refused | None:
    (tenant_id, settings), (user_id, target, price) = whose, what
    spent = unit.telephony.spent(tenant_id, month_of(now))
    return decide_send(settings, target.digits, price, _traffic(unit, whose, _keys(user_id, target), now)._replace(spent=spent))


def _target(identity: Identity, settings: TelephonySettings, asked: tuple[int, bytes, str | None]) -> _Target:
    tenant_id, user_id, number = asked
    if number is None:
        prefix = min(settings.allowed, default=_NO_PREFIX)
        return _Target(prefix, prefix, identity.fingerprint(b"nobody's number:%d:%b" % (tenant_id, user_id)))
    digits = digits_of(number)
    return _Target(digits, prefix_of(number), identity.fingerprint(b"number:%d:%b" % (tenant_id, digits.encode())))


def _keys(user_id: bytes, target: _Target) -> dict[Scope, object]:
    user = dict.fromkeys((Scope.USER, Scope.USER_DAY), user_id)
    return {**user, Scope.NUMBER: target.number, Scope.PREFIX: target.prefix, Scope.TENANT: None}


def _traffic(unit: UnitOfWork, whose: tuple[int, TelephonySettings], keys: dict[Scope, object], now: datetime) -> Traffic:
    tenant_id, settings = whose
    full: dict[Scope, datetime] = {}
    for scope, key in keys.items():
        window = settings.window(scope)
        since = unit.messages.nth_latest(tenant_id, scope, key, window.most)
        if since is not None and since > now - window.span:
            full[scope] = since
    return Traffic(full)


def _message(
    identity: Identity, what: tuple[Challenge, Channel], target: _Target, when: tuple[datetime, int], *, is_decoy: bool
) -> Message:
    (challenge, channel), (now, price) = what, when
    return Message(
        identity.services.new_id(),
        challenge.challenge_id,
        challenge.user_id,
        channel,
        target.prefix,
        target.number,
        now,
        challenge.expires_at,
        challenge.sends,
        price,
        is_decoy,
    )
