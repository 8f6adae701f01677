"""A phone without a network, and the person at it, who presses keys at sentences."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from ringfence.delivery.phone import Answered, Closed, Key, LegEvent, Ringing, Standing
from ringfence.delivery.prompt_texts import Sentence
from ringfence.delivery.sip_account import SipAccount

HANGS_UP = "hangs up"
Person = Mapping[Sentence, Sequence[str]]
"""What somebody presses when a sentence has begun, one key for each time it does; `HANGS_UP` is no key."""


class NamedSentences:
    """Sentences that sound like their names."""

    async def audio(self, language: str, sentences: AbstractSet[Sentence]) -> Mapping[Sentence, bytes]:
        """The name of each, with the language."""
        return {sentence: f"{language}:{sentence}".encode() for sentence in sentences}

    def is_recorded(self, language: str, sentence: Sentence) -> bool:
        """The greeting, in German."""
        return (language, sentence) == ("de", Sentence.GREETING_WITH_FRAUD)


class FakeLeg:
    """A call to a person; `told` is what happens before anything is said."""

    def __init__(self, person: Person, told: Sequence[LegEvent]) -> None:
        """Nothing was heard yet."""
        self.events: asyncio.Queue[LegEvent] = asyncio.Queue()
        self.heard: list[str] = []
        self.is_over = False
        self._keys = {sentence: list(keys) for sentence, keys in person.items()}
        for event in told:
            self.events.put_nowait(event)

    async def play(self, audio: bytes) -> None:
        """Be heard, and let the person press what it presses at that."""
        if self.is_over:
            return
        sentence = audio.decode().partition(":")[2]
        self.heard.append(sentence)
        keys = self._keys.get(Sentence(sentence), [])
        for key in keys.pop(0) if keys and keys[0] != HANGS_UP else keys[:1]:
            self.events.put_nowait(Closed(None, is_ours=False) if key == HANGS_UP else Key(key))
        await asyncio.sleep(0)

    async def dial_on(self, digits: str) -> None:
        """Be heard too."""
        self.heard.append(f"keys {digits}")

    async def hang_up(self) -> None:
        """End."""
        if not self.is_over:
            self.is_over = True
            self.heard.append("hung up")
            self.events.put_nowait(Closed(None, is_ours=True))


class FakePhone:
    """A phone whose lines lead to one person."""

    def __init__(self, person: Person | None = None, told: Sequence[LegEvent] = (Ringing(), Answered())) -> None:
        """A trunk that answers."""
        self.person = person or {}
        self.told = told
        self.standing = Standing.READY
        self.next_standing: Standing | None = None
        self.is_silent = False
        self.dialled: list[str] = []
        self.legs: list[FakeLeg] = []
        self.users = 0

    async def start(self) -> None:
        """Count."""
        self.users += 1

    async def stop(self) -> None:
        """Count back."""
        self.users -= 1

    async def open(self, account: SipAccount) -> FakePhone:
        """Be the only line."""
        assert account.trunk
        return self

    async def register(self) -> None:
        """Ask the trunk again."""
        self.standing = self.next_standing or self.standing

    async def dial(self, number: str) -> FakeLeg | None:
        """Ring the person."""
        self.dialled.append(number)
        if self.is_silent:
            return None
        self.legs.append(FakeLeg(self.person, self.told))
        return self.legs[-1]
