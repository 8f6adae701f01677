"""What carries a mail: the message, and who sends it. The answers are those of texts (`delivery`), and mean the same."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from ringfence.application.ports.delivery import SendOutcome

LONGEST_ADDRESS: Final = 254
"""RFC 5321, 4.5.3.1.3, without the angle brackets."""
_ADDRESS: Final = re.compile(r"[^\s@<>\"(),:;\[\]\\]{1,64}@[^\s@<>\"(),:;\[\]\\]{1,253}")
_IDENTIFIER_LENGTH: Final = 16


def is_address(text: str) -> bool:
    """Whether a mail can be addressed so: one mailbox, nothing quoted, no name beside it, nothing that ends a line."""
    return len(text) <= LONGEST_ADDRESS and text.isprintable() and _ADDRESS.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class MailMessage:
    """A mail to one address. The same `message_id` is the same mail, however often it is sent; only that is in `repr`.

    Raises `ValueError` for an identifier that has not 16 bytes, what is no address, or a subject of more than one line.
    """

    message_id: bytes
    to: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what no caller of ours should hand over."""
        if len(self.message_id) != _IDENTIFIER_LENGTH:
            message = "a mail's identifier has 16 bytes"
        elif not is_address(self.to):
            message = "a mail goes to one address"
        elif not self.subject.isprintable() or not self.subject:
            message = "a subject is one line"
        else:
            return
        raise ValueError(message)


class MailSender(Protocol):
    """One way for mails. It is used in one event loop, by any number of tasks."""

    async def start(self) -> None:
        """Begin; nothing is sent yet."""

    async def stop(self) -> None:
        """End, and leave nothing running; what is under way may come back `Unknown`."""

    async def send(self, message: MailMessage, now: datetime) -> SendOutcome:
        """Hand the mail over and say what became of it."""
