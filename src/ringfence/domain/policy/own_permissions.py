"""Permissions of our own API, beside those of Graph: for applications alone."""

from __future__ import annotations

from typing import Final

CHALLENGE: Final = "Mfa.Challenge"
"""Ask users for a second proof, and hear whether they gave it."""
LEGACY_PASSWORD: Final = "Mfa.LegacyPassword"  # noqa: S105 - a name
"""Ask whether a name and a password may be used by a legacy protocol."""
WRITE_METHODS: Final = "UserAuthenticationMethod.ReadWrite.All"
"""Graph's: register methods of users."""
OWN: Final = frozenset({CHALLENGE, LEGACY_PASSWORD})
