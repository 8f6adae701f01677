"""The one error of this package, in Microsoft's words (Microsoft.OData.Core's, which Graph passes on), so that people find them.

A position counts characters from 0. That of a syntax error is the end of the offending token, as in Graph's own
"Invalid filter clause: Syntax error at position 17 in 'jobtitle ge '!' , …'" (microsoft-graph-explorer-v4, issue 3227).
"""

from __future__ import annotations

from typing import Self


class ODataError(ValueError):
    """The caller's query cannot be understood; the message is for the caller, and repeats the caller's own text."""

    @classmethod
    def syntax(cls, position: int, text: str) -> Self:
        """A token stands where it may not; `position` is its end."""
        return cls(f"Syntax error at position {position} in '{text}'.")

    @classmethod
    def character(cls, position: int, text: str) -> Self:
        """No token begins with the character at `position`."""
        return cls(f"Syntax error: character '{text[position]}' is not valid at position {position} in '{text}'.")

    @classmethod
    def unterminated(cls, text: str) -> Self:
        """A quoted text has no end."""
        return cls(f"There is an unterminated string literal at position {len(text)} in '{text}'.")

    @classmethod
    def literal(cls, position: int, literal: str, text: str) -> Self:
        """The token looks like a value and is none: a day that does not exist, a number too large."""
        return cls(f"Unrecognized '{literal}' literal at '{position}' in '{text}'.")

    @classmethod
    def expression(cls, position: int, text: str) -> Self:
        """A condition or a value should begin at `position`."""
        return cls(f"Expression expected at position {position} in '{text}'.")

    @classmethod
    def function(cls, name: str) -> Self:
        """The function is none that a filter may call."""
        return cls(
            f"An unknown function with name '{name}' was found. "
            "This may also be a function import or a key lookup on a navigation property, which is not allowed."
        )
