"""Text as tokens with positions, and a cursor over them.

Owns: what a word, a quoted text, a GUID, an instant and a number look like, and the limits: length of a text, depth of nesting.
Does not own: what a sequence of tokens means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Final, NamedTuple

from ringfence.graph.odata.errors import ODataError

MAX_LENGTH: Final = 10_000
"""Characters of one expression."""

MAX_DEPTH: Final = 50
"""Parentheses, negations and lambdas around one condition; keeps the parsers, which call themselves, far from Python's limit."""

_UNSTORABLE: Final = re.compile(r"[\0\ud800-\udfff]")
"""What no stored text holds and a database may choke on."""


class Kind(Enum):
    """The kinds of token; the value is the group in a grammar that matches it.

    NAME covers operators too; OPEN is a quote without its end, PHRASE a text in double quotes.
    """

    ALIAS = "alias"
    END = "end"
    GUID = "guid"
    INSTANT = "instant"
    NAME = "name"
    NUMBER = "number"
    OPEN = "open"
    PHRASE = "phrase"
    SIGN = "sign"
    STRING = "string"


EXPRESSION: Final = re.compile(
    r"""
    (?P<string> '(?:[^']|'')*+' )
  | (?P<open>   ' )
  | (?P<guid>   [0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\w-]) )
  | (?P<instant>[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:.]*(?:Z|[+-][0-9]{2}:[0-9]{2})?)? )
  | (?P<number> -?[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)? )
  | (?P<name>   \$?[a-z_]\w{0,127} )
  | (?P<alias>  @[a-z_]\w{0,127} )
  | (?P<sign>   [(),/:=] )
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
"""The tokens of OData's expressions: OData 4.01, ABNF construction rules; the case of words does not count, as in Graph."""

_SPACE: Final = re.compile(r"[ \t\r\n]*")


class Token(NamedTuple):
    """One token as it was written, and where it begins."""

    kind: Kind
    text: str
    position: int

    @property
    def end(self) -> int:
        """The position after its last character."""
        return self.position + len(self.text)


def check_text(text: str) -> None:
    """Raise `ODataError` when the text holds NUL or half a character, which no stored text does."""
    if found := _UNSTORABLE.search(text):
        message = f"The query has a character that is not valid at position {found.start()}."
        raise ODataError(message)


def _tokens(text: str, grammar: re.Pattern[str]) -> Iterator[Token]:
    at = _after_space(text, 0)
    while at < len(text):
        found = grammar.match(text, at)
        if found is None:
            raise ODataError.character(at, text)
        kind = Kind(found.lastgroup)
        if kind is Kind.OPEN:
            raise ODataError.unterminated(text)
        yield Token(kind, found[0], at)
        at = _after_space(text, found.end())
    yield Token(Kind.END, "", len(text))


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return at if found is None else found.end()


class Cursor:
    """The tokens of one text, and the next of them to be read.

    Raises `ODataError` for a text that is too long, or has no tokens by the grammar.
    """

    def __init__(self, text: str, grammar: re.Pattern[str] = EXPRESSION) -> None:
        """Read the tokens; each named group of the grammar is a `Kind`."""
        if len(text) > MAX_LENGTH:
            message = f"The expression has {len(text)} characters; at most {MAX_LENGTH} are allowed."
            raise ODataError(message)
        check_text(text)
        self.text = text
        self._tokens = tuple(_tokens(text, grammar))
        self._at = 0
        self._depth = 0

    @property
    def next(self) -> Token:
        """The next token; at the end, and ever after, one of the kind END."""
        return self._tokens[self._at]

    def take(self) -> Token:
        """Return the next token and go past it."""
        token = self.next
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def accept(self, kind: Kind, *words: str) -> Token | None:
        """Take the next token when it is of the kind, and one of the words (lower case) where any are given; else stay."""
        token = self.next
        return self.take() if token.kind is kind and (not words or token.text.lower() in words) else None

    def expect(self, kind: Kind, *words: str) -> Token:
        """As `accept`, but raise `ODataError` where it would stay."""
        token = self.accept(kind, *words)
        if token is None:
            raise self.syntax_error()
        return token

    def is_call(self, *words: str) -> bool:
        """Whether a word comes next, one of these where any are given, with an opening parenthesis right after."""
        token = self.next
        return token.kind is Kind.NAME and (not words or token.text.lower() in words) and self._tokens[self._at + 1].text == "("

    def syntax_error(self) -> ODataError:
        """The error that says that the next token may not stand where it does."""
        return ODataError.syntax(self.next.end, self.text)

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """One level of nesting; raises `ODataError` beyond `MAX_DEPTH`."""
        if self._depth == MAX_DEPTH:
            message = f"Recursion depth exceeded allowed limit of {MAX_DEPTH}."
            raise ODataError(message)
        self._depth += 1
        yield
        self._depth -= 1
