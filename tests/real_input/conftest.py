"""The real directory that the tests of this folder share, and a folder in it for each test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Final

import pytest

from tests.conftest import need
from tests.servers import samba
from tests.servers.active_directory import ActiveDirectory

_numbers: Final = itertools.count(1)


@pytest.fixture(scope="session")
def active_directory() -> Iterator[ActiveDirectory]:
    """A domain of this session's own (with xdist: of this worker's), ready for writes; six seconds."""
    missing = samba.find_missing()
    need(missing is None, missing or "")
    with samba.throw_away_domain() as directory:
        yield directory


@pytest.fixture
def folder(active_directory: ActiveDirectory) -> Iterator[str]:
    """DN of an empty organizational unit that no other test sees and that is gone afterwards, names and all."""
    dn = active_directory.add_folder(f"Test {next(_numbers)}")
    yield dn
    active_directory.delete_folder(dn)
