"""What notices say: in every language all of it, on lines of its own, with a link where there is one."""

from __future__ import annotations

import datetime as dt

import pytest

from ringfence.domain.signin.notice_texts import LANGUAGES, notice_language, notice_text
from ringfence.domain.signin.notices import LONGEST_PAUSE, Notice, NoticeKind, Thing, is_link_good, pause_after

_AT = dt.datetime(2026, 11, 24, 20, 0, tzinfo=dt.UTC)
_NAMES = ("Contoso", "kim@contoso.example")


def notice(kind: NoticeKind, **facts: str) -> Notice:
    """One."""
    return Notice(bytes(16), bytes(16), kind, facts, _AT)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("kind", NoticeKind)
def test_every_notice_in_every_language(kind: NoticeKind, language: str) -> None:
    """Says whom it is about, when and for which application, and no placeholder is left."""
    for thing in Thing:
        said = notice_text(notice(kind, thing=thing.name, application="shop", by="admin"), language, _NAMES, "https://x.example")
        assert all(part in said.text for part in (_NAMES[1], "2026-11-24 20:00 UTC", "shop", "https://x.example"))
        assert "{" not in said.subject + said.text
        assert said.subject.startswith("Contoso: ")


def test_names_stay_on_their_line() -> None:
    """Neither an organisation nor an application adds one."""
    said = notice_text(notice(NoticeKind.METHOD_LOCKED, application="shop\nEvil: 1"), "en", ("Con\ntoso", "kim"), None)
    assert ("Con toso: Too many wrong codes", False) == (said.subject, "\nEvil" in said.text)


@pytest.mark.parametrize(
    ("locale", "language"), [("de-CH", "de"), ("fr_CA", "fr"), ("ES", "es"), ("it", "en"), (None, "en"), ("", "en")]
)
def test_languages(locale: str | None, language: str) -> None:
    """By the first part of the tag; English for others."""
    assert language == notice_language(locale)


def test_pauses_grow_to_two_hours() -> None:
    """From a minute on."""
    assert [60, 120, 240] == [pause_after(attempts).total_seconds() for attempts in range(3)]
    assert LONGEST_PAUSE == pause_after(1000)


@pytest.mark.parametrize(
    ("kind", "days", "is_good"),
    [
        (NoticeKind.PASS_ISSUED, 0, True),
        (NoticeKind.PASS_ISSUED, 7, False),
        (NoticeKind.USER_BLOCKED, 0, False),
        (NoticeKind.FRAUD_REPORTED, 0, False),
    ],
)
def test_links(kind: NoticeKind, days: int, is_good: bool) -> None:  # noqa: FBT001 - a table
    """For seven days, and only where the reader can say that it was somebody else."""
    assert is_good is is_link_good(notice(kind), _AT + dt.timedelta(days=days))
