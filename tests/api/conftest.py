"""The API that the tests of this folder call."""

from __future__ import annotations

from tests.graph.conftest import api

__all__ = ["api"]
