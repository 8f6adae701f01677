"""The databases and stores that the tests of this folder ask for."""

from __future__ import annotations

from tests.contract.engines import database, empty_url, own_database, store, tenant

__all__ = ["database", "empty_url", "own_database", "store", "tenant"]
