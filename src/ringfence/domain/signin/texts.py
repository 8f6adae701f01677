"""What a text to a phone says, by language. Each fits into one short message (160 characters of GSM 03.38) with a short name."""

from __future__ import annotations

from typing import Final

DEFAULT_LANGUAGE: Final = "en"
_LONGEST_NAME: Final = 40
_CODE_TEXTS: Final = {
    "de": "Ihr Code für {who}: {code}. Geben Sie ihn an niemanden weiter.",
    "en": "Your code for {who} is {code}. Do not give it to anybody.",
    "es": "Clave para {who}: {code}. No la comparta con nadie.",
    "fr": "Votre code pour {who} : {code}. Ne le donnez à personne.",
    "it": "Il suo codice per {who}: {code}. Non lo dia a nessuno.",
    "nl": "Uw code voor {who}: {code}. Geef hem aan niemand.",
    "pl": "Kod dla {who}: {code}. Nie podawaj go nikomu.",
    "pt": "Chave para {who}: {code}. Nunca a partilhe.",
}
LANGUAGES: Final = frozenset(_CODE_TEXTS)


def language_of(locale: str | None) -> str:
    """The language that a locale (`de-CH`, `pt_BR`) is served in."""
    first = (locale or "").replace("_", "-").partition("-")[0].casefold()
    return first if first in LANGUAGES else DEFAULT_LANGUAGE


def code_text(language: str, who: str, code: str) -> str:
    """The text with a code; `who` is the organisation."""
    return _CODE_TEXTS[language].format(who=who[:_LONGEST_NAME], code=code)
