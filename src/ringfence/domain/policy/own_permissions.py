"""Permissions of our own API, beside those of Graph: for applications alone."""

from __future__ import annotations

from typing import Final

CHALLENGE: Final = "Mfa.Challenge"
"""Ask users for a second proof, and hear whether they gave it."""
WRITE_METHODS: Final = "UserAuthenticationMethod.ReadWrite.All"
"""Graph's: register methods of users."""
OWN: Final = frozenset({CHALLENGE})
