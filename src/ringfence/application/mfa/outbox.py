"""The outbox: messages that wait become texts, calls and mails, and what becomes of those is told to their challenges.

A message is claimed in a transaction of its own before it is handed to a network. Whoever dies with it in hand leaves the claim
to run out; then it is due again, so that none is lost, and only what was in hand can go out twice. What may have gone out
(`Unknown`) does not go again: the person can ask for another one. Sources: lessons 1 (zitadel #7186: nothing is sent when it is
dead); domain-rules D.4, D.5, D.10.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from ringfence.application.identity.parts import Identity
from ringfence.application.identity.sign_in_log import record_sign_in
from ringfence.application.mfa.answers import line_of, sent_code
from ringfence.application.mfa.blocked_users import FraudReport, report_fraud
from ringfence.application.mfa.challenges import contact_of
from ringfence.application.mfa.endings import Ending, ending_of
from ringfence.application.mfa.found import find_user_of, may_go_on
from ringfence.application.mfa.obstacles import record_obstacle
from ringfence.application.mfa.registering import complete_enrolment
from ringfence.application.ports import UnitOfWork
from ringfence.application.ports.calls import CallOutcome, VoiceCall
from ringfence.application.ports.delivery import DeliveryReceipt, SendOutcome, TextMessage
from ringfence.application.ports.mail import MailMessage
from ringfence.application.ports.outbox import CALL_LEASE, LEASE, Outgoing
from ringfence.application.ports.telephony import Message, MessageState, Order, Settled
from ringfence.application.services import in_transaction
from ringfence.domain.errors import UnavailableError
from ringfence.domain.identity.sign_ins import Attempt, ClientApp
from ringfence.domain.signin.blocks import FraudOutcome
from ringfence.domain.signin.challenge import Challenge, Channel, state_at
from ringfence.domain.signin.code_mails import code_mail
from ringfence.domain.signin.outcomes import SecondFactor, StrongResult
from ringfence.domain.signin.texts import code_text
from ringfence.domain.signin.transitions import Move, State, next_state

TELEPHONY: Final = {Channel.SMS: LEASE, Channel.VOICE: CALL_LEASE}
"""What goes to phones, and how long it may be in hand."""
_LONGEST_PAUSE: Final = timedelta(seconds=30)
_NOT_ENROLLED: Final = Ending(MessageState.DELIVERED, Move.GIVE_UP, StrongResult.SERVICE_ERROR)
_GONE: Final = "an application that is gone"


class SqlOutbox:
    """`Outbox` of a deployment."""

    def __init__(self, identity: Identity, leases: Mapping[Channel, timedelta] = TELEPHONY) -> None:
        """Drain this deployment's, of the channels that have a lease: so long one may be in hand."""
        self._identity = identity
        self._leases = leases
        self._names: dict[int, str] = {}

    def waits(self, now: datetime) -> bool:
        """Whether anything is due."""
        with self._identity.services.store.look() as unit:
            return unit.messages.waits(now, self._leases)

    def take(self, now: datetime, limit: int) -> Sequence[Outgoing]:
        """Take messages that are due. What is too late, or not wanted any more, is closed instead."""
        claimed = in_transaction(self._identity.services, lambda unit: self._claim(unit, now, limit))
        ready: list[Outgoing] = []
        closed: list[Settled] = []
        gone: list[tuple[int, Message]] = []
        with self._identity.services.store.look() as unit:
            for tenant_id, message in claimed:
                found = self._ready(unit, (tenant_id, message), now)
                if isinstance(found, Outgoing):
                    ready.append(found)
                elif found is not None:
                    closed.append(found)
                else:
                    gone.append((tenant_id, message))
        if closed or gone:
            for order in in_transaction(self._identity.services, lambda unit: self._close_all(unit, closed, gone)):
                self._note_why(order, now)
        return ready

    def _close_all(self, unit: UnitOfWork, closed: Sequence[Settled], gone: Sequence[tuple[int, Message]]) -> list[Order]:
        """Return those to nobody that were closed here."""
        ordered = sorted(closed, key=lambda one: one.order.challenge.challenge_id)
        ours = [settled.order for settled in ordered if self._close(unit, settled)]
        for tenant_id, message in gone:
            unit.messages.drop(tenant_id, message)
        return ours

    def _claim(self, unit: UnitOfWork, now: datetime, limit: int) -> Sequence[tuple[int, Message]]:
        return unit.messages.claim(now, {channel: now + lease for channel, lease in self._leases.items()}, limit)

    def _ready(self, unit: UnitOfWork, claimed: tuple[int, Message], now: datetime) -> Outgoing | Settled | None:
        tenant_id, message = claimed
        challenge = unit.challenges.find(tenant_id, message.challenge_id)
        if challenge is None:
            return None  # cleared away with all that is about it
        order = Order(tenant_id, message, challenge)
        if now >= message.expires_at:
            return Settled(order, MessageState.FAILED)
        if not state_at(challenge, now).is_open or challenge.sends != message.sending:
            return Settled(order, MessageState.DROPPED)
        if message.is_decoy:
            return Settled(order, MessageState.SENT)
        try:
            what = self._what(unit, order)
        except UnavailableError:  # a key that was forgotten meanwhile
            what = None
        return Settled(order, MessageState.DROPPED) if what is None else Outgoing(order, what)

    def _what(self, unit: UnitOfWork, order: Order) -> TextMessage | VoiceCall | MailMessage | None:
        tenant_id, message, challenge = order
        contact = contact_of(self._identity, unit, (tenant_id, challenge))
        if contact is None:
            return None
        if message.channel is Channel.VOICE:
            fraud = unit.mfa.settings(tenant_id).fraud
            said = (fraud.allowed, fraud.auto_block, fraud.code)
            return VoiceCall(message.message_id, contact, challenge.language, message.expires_at, *said)
        code = sent_code(self._identity, tenant_id, challenge)
        if code is None:
            return None
        name = self._name(unit, tenant_id)
        if message.channel is Channel.MAIL:
            return MailMessage(message.message_id, contact, *code_mail(challenge.language, name, code))
        text = code_text(challenge.language, name, code)
        return TextMessage(message.message_id, contact.partition("x")[0], text, message.expires_at)

    def _name(self, unit: UnitOfWork, tenant_id: int) -> str:
        if tenant_id not in self._names:
            self._names = {tenant.tenant_id: tenant.name for tenant in unit.administration.tenants()}
        return self._names[tenant_id]

    def settle(self, ended: Sequence[tuple[Outgoing, SendOutcome | CallOutcome]], now: datetime) -> None:
        """Store what became of messages that were taken, and of their challenges, in the order in which others lock them."""
        ordered = sorted(ended, key=lambda one: one[0].order.challenge.challenge_id)

        def work(unit: UnitOfWork) -> None:
            for outgoing, outcome in ordered:
                self._settle(unit, outgoing.order, ending_of(outcome, outgoing.order.message.channel), now)

        in_transaction(self._identity.services, work)

    def _settle(self, unit: UnitOfWork, order: Order, ending: Ending, now: datetime) -> None:
        due_at = None
        if ending.again_after is not None:
            due_at = now + min(max(ending.again_after, timedelta(seconds=1) * 2**order.message.attempts), _LONGEST_PAUSE)
            if due_at >= order.message.expires_at:
                ending, due_at = Ending(MessageState.FAILED, Move.GIVE_UP, StrongResult.SERVICE_ERROR), None
        challenge = unit.challenges.find(order.tenant_id, order.challenge.challenge_id)
        if not unit.messages.settle(order.tenant_id, Settled(order, ending.state, due_at, ending.reference)):
            return  # the claim ran out, and somebody else has it
        if challenge is not None and challenge.sends == order.message.sending:
            self._tell(unit, (order.tenant_id, challenge), ending, now)

    def _tell(self, unit: UnitOfWork, whose: tuple[int, Challenge], ending: Ending, now: datetime) -> None:
        """Move the challenge, unless it is over by now, and note how it ended if it did."""
        tenant_id, challenge = whose
        after, ending = self._end(unit, whose, ending, now)
        if after is None or not unit.challenges.move(tenant_id, challenge, after):
            return
        if ending.result is None:
            return
        if ending.result.is_satisfied:
            unit.messages.mark_answered(tenant_id, challenge.challenge_id)
        attempt = _attempt(unit, tenant_id, challenge)
        if ending.result is StrongResult.FRAUD and challenge.is_anybody:  # which leaves its own line in the log
            report = FraudReport(challenge.user_id, attempt)
            if report_fraud(self._identity.services, unit, tenant_id, report, now) is not FraudOutcome.IGNORED:
                return
        asked = (tenant_id, challenge, find_user_of(unit, tenant_id, challenge))
        record_sign_in(unit, tenant_id, line_of(self._identity, asked, (attempt, ending.result), now))

    def _end(self, unit: UnitOfWork, whose: tuple[int, Challenge], ending: Ending, now: datetime) -> tuple[State | None, Ending]:
        """The next state of the challenge, None where there is none, and how it ends: a key that approves may count no more."""
        challenge = whose[1]
        after = None if ending.move is None else next_state(state_at(challenge, now), ending.move)
        if after is not State.APPROVED:
            return after, ending
        if not self._may_approve(unit, whose, now):
            return State.FAILED, Ending(ending.state, Move.GIVE_UP, StrongResult.BLOCKED)
        if challenge.enrolment is None or complete_enrolment(self._identity, unit, whose, None, now):
            return after, ending
        return State.FAILED, _NOT_ENROLLED

    def _may_approve(self, unit: UnitOfWork, whose: tuple[int, Challenge], now: datetime) -> bool:
        """Whether the key that was pressed counts: the user may have been blocked or disabled while the phone rang."""
        user = find_user_of(unit, *whose)
        return user is not None and may_go_on(unit, whose[0], user, whose[1].created_at, now)

    def _note_why(self, order: Order, now: datetime) -> None:
        """Why somebody's message went to nobody, in the log; noted here, for in the request the time it takes would tell."""
        tenant_id, challenge = order.tenant_id, order.challenge

        def work(unit: UnitOfWork) -> None:
            user = find_user_of(unit, tenant_id, challenge)
            if user is None:
                return
            account = unit.directory.load(tenant_id, [user.user_id])[user.user_id]
            tried = _attempt(unit, tenant_id, challenge), SecondFactor(challenge.method, StrongResult.NO_METHODS)
            record_obstacle(self._identity, unit, (tenant_id, account), tried, now)

        with contextlib.suppress(UnavailableError):  # a key that was forgotten meanwhile
            in_transaction(self._identity.services, work)

    def _close(self, unit: UnitOfWork, settled: Settled) -> bool:
        """Close a message that does not go out; one to nobody counts as sent, like any other that the network has.

        Return whether it was such a one, and closed here.
        """
        tenant_id, message, _ = settled.order
        challenge = unit.challenges.find(tenant_id, message.challenge_id)
        if not unit.messages.settle(tenant_id, settled) or challenge is None or settled.state is not MessageState.SENT:
            return False
        after = next_state(challenge.state, Move.SEND)
        if after is not None:
            unit.challenges.move(tenant_id, challenge, after)
        return True

    def answered(self, order: Order) -> None:
        """Note that the phone was answered."""

        def work(unit: UnitOfWork) -> None:
            challenge = unit.challenges.find(order.tenant_id, order.challenge.challenge_id)
            after = None if challenge is None else next_state(challenge.state, Move.DELIVER)
            if challenge is not None and after is not None and challenge.sends == order.message.sending:
                unit.challenges.move(order.tenant_id, challenge, after)

        in_transaction(self._identity.services, work)

    def receipt(self, receipt: DeliveryReceipt, now: datetime) -> bool:
        """Take the last word on a text; False when no such text is known (yet). A second word on it is passed over."""

        def work(unit: UnitOfWork) -> bool:
            found = unit.messages.find_sent(receipt.reference)
            if found is None:
                return False
            tenant_id, message = found
            challenge = unit.challenges.find(tenant_id, message.challenge_id)
            state = MessageState.DELIVERED if receipt.is_delivered else MessageState.FAILED
            if not unit.messages.close(tenant_id, message, state) or challenge is None:
                return True
            if challenge.sends == message.sending:
                failed = Ending(state, Move.GIVE_UP, StrongResult.UNREACHABLE)
                ending = Ending(state, Move.DELIVER) if receipt.is_delivered else failed
                self._tell(unit, (tenant_id, challenge), ending, now)
            return True

        return in_transaction(self._identity.services, work)


def _attempt(unit: UnitOfWork, tenant_id: int, challenge: Challenge) -> Attempt:
    """What surrounded the request for a challenge."""
    application = unit.identity.application(tenant_id, challenge.app_id)
    origin = challenge.origin
    client = ClientApp.BROWSER if origin.is_browser else ClientApp.NATIVE
    name = _GONE if application is None else application.name
    return Attempt(challenge.app_id, name, client, origin.ip_address, origin.correlation_id)
