"""The databases that the tests of this folder ask for."""

from __future__ import annotations

from tests.contract.engines import empty_url

__all__ = ["empty_url"]
