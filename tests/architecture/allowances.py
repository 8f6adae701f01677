"""Exceptions to the house rules: `allowed.toml`, a list that may only shrink.

An entry names the rule, the place, the value measured there and the reason. It must fit exactly: a worse value fails, a better
one asks for the entry to be lowered, and an entry whose place keeps the rule by now asks to be removed.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple


class Finding(NamedTuple):
    """One breach: the rule, where (`module` or `module:function`), how it shows, and its measure (1 for a mere occurrence)."""

    rule: str
    where: str
    what: str
    value: int = 1


@dataclass(frozen=True)
class Allowance:
    """One excused breach."""

    rule: str
    where: str
    value: int
    reason: str


@cache
def allowances() -> tuple[Allowance, ...]:
    """Return the entries of `allowed.toml`."""
    with Path(__file__).with_name("allowed.toml").open("rb") as file:
        return tuple(Allowance(**entry) for entry in tomllib.load(file).get("allow", []))


def complaints(rule: str, findings: Iterable[Finding], allowed: Iterable[Allowance]) -> list[str]:
    """Return what is wrong with one rule after the allowances: breaches, and entries that no longer fit."""
    found = [finding for finding in findings if finding.rule == rule]
    entries = {entry.where: entry for entry in allowed if entry.rule == rule}
    measured: Counter[str] = Counter()
    for finding in found:
        measured[finding.where] += finding.value
    breaches = [f"{f.where}: {f.what}" for f in found if f.where not in entries or measured[f.where] > entries[f.where].value]
    stale = [
        f"allowed.toml: {rule} at {where} is {measured[where]}, not {entry.value}: lower or remove the entry"
        for where, entry in entries.items()
        if measured[where] < entry.value
    ]
    return breaches + stale
