"""The words of a call."""

from __future__ import annotations

import pytest

from ringfence.delivery.prompt_texts import LANGUAGES, Sentence, spoken_language


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_language_has_every_sentence(language: str) -> None:
    """No call falls silent for want of a word."""
    assert set(Sentence) == set(LANGUAGES[language].words)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_fraud_is_spoken_of_only_where_it_can_be_reported(language: str) -> None:
    """The plain greeting names no code (D.4); the other one names the default."""
    words = LANGUAGES[language].words
    naming = {sentence for sentence in words if "0" in words[sentence]}
    assert {Sentence.GREETING_WITH_FRAUD, Sentence.RETRY_WITH_FRAUD} == naming


TAGS = {"de": "de", "de-AT": "de", "FR-fr": "fr", "es-419": "es", "en-GB": "en", "ja": "en", "ger": "en"}


@pytest.mark.parametrize(("tag", "language"), TAGS.items(), ids=TAGS)
def test_tags(tag: str, language: str) -> None:
    """A tag means its language, and English where we do not speak it (D.4)."""
    assert language == spoken_language(tag)
