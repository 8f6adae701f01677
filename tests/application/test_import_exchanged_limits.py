"""How many rows may wait for names, and how many users may go round in a circle."""

from __future__ import annotations

import pytest

from ringfence.application import exchanged_names
from ringfence.domain.directory.matching import MatchRefusal
from tests.application.test_import_exchanged_names import crowd, everybody, named, names, told
from tests.application.worlds import World


def test_only_so_many_wait(early: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row beyond the bound is rejected at once, and with it those that wait for it; a second run brings them in."""
    monkeypatch.setattr(exchanged_names, "LIMIT", 2)
    early.sync(*crowd(4))
    rows = [named(f"user{number}", f"user{number + 1}", line=number) for number in range(4)]
    early.sync(*rows)
    assert [(number, "userPrincipalName", MatchRefusal.DUPLICATE_UPN) for number in (2, 1, 0)] == told(early)
    early.sync(*rows)
    assert ({f"user{number}": f"user{number + 1}" for number in range(4)}, []) == (names(early), told(early))


def test_only_so_many_go_round(early: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rotation is one transaction, for which others wait: a longer one is rejected, and nobody's name changes."""
    monkeypatch.setattr(exchanged_names, "LONGEST_ROTATION", 2)
    early.sync(*everybody())
    early.sync(named("ada", "bob"), named("bob", "eve"), named("eve", "ada"))
    assert ({"ada": "ada", "bob": "bob", "eve": "eve"}, 3) == (names(early), len(early.rejected))
