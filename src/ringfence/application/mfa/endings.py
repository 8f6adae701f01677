"""What becomes of a message, and of its challenge, by what the network said. Sources: domain-rules D.4, D.10."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, NamedTuple

from ringfence.application.ports.calls import CallEnd, CallOutcome
from ringfence.application.ports.delivery import Accepted, Later, RefusalReason, Refused, SendOutcome, Unknown
from ringfence.application.ports.telephony import MessageState
from ringfence.domain.signin.challenge import Channel
from ringfence.domain.signin.outcomes import StrongResult
from ringfence.domain.signin.transitions import Move


class Ending(NamedTuple):
    """The next state of a message, the move of its challenge, and the result where that ends it.

    With `again_after` the message waits so long and is tried again.
    """

    state: MessageState
    move: Move | None = None
    result: StrongResult | None = None
    reference: str | None = None
    again_after: timedelta | None = None


_REFUSED: Final = {
    RefusalReason.CONFIGURATION: StrongResult.MISCONFIGURATION,
    RefusalReason.CONTENT: StrongResult.SERVICE_ERROR,
    RefusalReason.DESTINATION: StrongResult.INVALID_FORMAT,
    RefusalReason.EXPIRED: StrongResult.SERVICE_ERROR,
}
_CALLS: Final = {
    CallEnd.APPROVED: (Move.ANSWER, StrongResult.APPROVED),
    CallEnd.BUSY: (Move.GIVE_UP, StrongResult.UNREACHABLE),
    CallEnd.DECLINED: (Move.DECLINE, StrongResult.USER_DECLINED),
    CallEnd.FRAUD: (Move.DECLINE, StrongResult.FRAUD),
    CallEnd.HUNG_UP: (Move.DECLINE, StrongResult.HUNG_UP),
    CallEnd.NO_ANSWER: (Move.GIVE_UP, StrongResult.UNREACHABLE),
    CallEnd.NO_KEY: (Move.DECLINE, StrongResult.EXPIRED),
    CallEnd.UNREACHABLE: (Move.GIVE_UP, StrongResult.UNREACHABLE),
}


def ending_of(outcome: SendOutcome | CallOutcome, channel: Channel) -> Ending:
    """What an outcome means. The log has no word for an address that does not exist: "service error" is the nearest."""
    match outcome:
        case Accepted(reference=reference):
            return Ending(MessageState.SENT, Move.SEND, reference=reference or None)
        case Unknown(reference=known):
            return Ending(MessageState.SENT, Move.SEND, reference=known)
        case Later(after=after):
            return Ending(MessageState.PENDING, again_after=after)
        case Refused(reason=reason):
            is_address = reason is RefusalReason.DESTINATION and channel is Channel.MAIL
            return Ending(MessageState.FAILED, Move.GIVE_UP, StrongResult.SERVICE_ERROR if is_address else _REFUSED[reason])
        case CallEnd():
            move, result = _CALLS[outcome]
            return Ending(MessageState.DELIVERED if move is not Move.GIVE_UP else MessageState.FAILED, move, result)
