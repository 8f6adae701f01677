"""A command line, for what documents say of it."""

from __future__ import annotations

from tests.cli.conftest import at, stages

__all__ = ["at", "stages"]
