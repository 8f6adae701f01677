"""Every way to give a code leads through the one verifier: a list of routes that take one, which no other may join unseen."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from tests.docs.documents import ROOT

_SOURCES: Final = ROOT / "src" / "ringfence"
_VERIFIER: Final = Path("application/mfa/answers.py")
_COMPARING: Final = re.compile(r"\b(accepted_step|take_step|was_taken|sent_code)\(")
_ALLOWED: Final = {
    _VERIFIER,
    Path("application/mfa/outbox.py"),  # writes the code into the text, and compares nothing
    Path("domain/methods/oath.py"),
    Path("storage/seed_store.py"),
    Path("application/ports/mfa.py"),
}
TAKES_A_CODE: Final = {"POST /mfa/v1/challenges/{challenge}/answer": "answer_challenge"}
"""Routes that take a one-time code, and the use case behind each."""


def test_codes_are_compared_in_one_place() -> None:
    """Zitadel's newer API had its own check, without the lockout."""
    found = {path.relative_to(_SOURCES) for path in _SOURCES.rglob("*.py") if _COMPARING.search(path.read_text("utf-8"))}
    assert _ALLOWED == found


def test_passwords_are_compared_in_one_place() -> None:
    """With the lockout behind it; app passwords, which are compared by their fingerprints, in one more."""
    sources = {path.relative_to(_SOURCES): path.read_text("utf-8") for path in _SOURCES.rglob("*.py")}
    hashed = {path for path, text in sources.items() if "passwords.verify(" in text}
    given = {path for path, text in sources.items() if "find_given(" in text}
    assert {Path("application/identity/passwords.py"), _VERIFIER} == hashed  # which takes passes
    assert {Path("application/mfa/app_passwords.py"), Path("application/mfa/requirements.py")} == given


def test_app_passwords_are_counted_where_they_count() -> None:
    """One use case looks at a password of a legacy client, and every try of it is settled with a count."""
    asking = [path.name for path in _SOURCES.rglob("*.py") if "Client.LEGACY," in path.read_text("utf-8")]
    assert {"legacy_passwords.py", "requirement.py"} == set(asking)


def test_every_route_that_takes_a_code_is_listed() -> None:
    """A body with a field `code` is given to the use case of the list."""
    surface = (_SOURCES / "api" / "surface.py").read_text("utf-8")
    assert list(TAKES_A_CODE.values()) == re.findall(r"(\w+)\([^)]*body\.code", surface)
