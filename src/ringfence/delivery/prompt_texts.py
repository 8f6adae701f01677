"""The sentences of a call, in the languages that it knows, in our own words.

Owns the words. Does not own when each is said (`call_script`) or how it becomes audio (`prompts`). Source: domain rules D.4,
which says what there is to be said, not how.
"""

from __future__ import annotations

from enum import StrEnum, unique
from typing import Final, NamedTuple


@unique
class Sentence(StrEnum):
    """What can be said. Each can be replaced by a recording."""

    APPROVED = "approved"
    CONFIRM_FRAUD = "confirm_fraud"
    DENIED = "denied"
    EXTENSION_AFTER = "extension_after"
    """To whoever takes the call at the extension."""
    EXTENSION_BEFORE = "extension_before"
    """To the operator or exchange that took the call first."""
    FRAUD = "fraud"
    GREETING = "greeting"
    GREETING_WITH_FRAUD = "greeting_with_fraud"
    RETRY = "retry"
    RETRY_WITH_FRAUD = "retry_with_fraud"


class Spoken(NamedTuple):
    """A language as it is spoken: the synthesiser's voice, and the words."""

    voice: str
    words: dict[Sentence, str]


DEFAULT_LANGUAGE: Final = "en"

_ENGLISH: Final = {
    Sentence.APPROVED: "Thank you. You are signed in. Goodbye.",
    Sentence.CONFIRM_FRAUD: "You are reporting this sign-in as fraud, and your account will be blocked. To confirm, press 1.",
    Sentence.DENIED: "The sign-in was denied. Goodbye.",
    Sentence.EXTENSION_AFTER: "This is a call about a sign-in.",
    Sentence.EXTENSION_BEFORE: "Please hold while an extension is dialled.",
    Sentence.FRAUD: "Your report was received, and the sign-in was denied. Goodbye.",
    Sentence.GREETING: "Hello. Somebody is signing in with your account. If it is you, press the pound key.",
    Sentence.GREETING_WITH_FRAUD: (
        "Hello. Somebody is signing in with your account. If it is you, press the pound key. "
        "If it is not you, press 0 and then the pound key."
    ),
    Sentence.RETRY: "That was not understood. If you are signing in now, press only the pound key.",
    Sentence.RETRY_WITH_FRAUD: (
        "That was not understood. If you are signing in now, press only the pound key. "
        "If you are not, press 0 and then the pound key."
    ),
}
_GERMAN: Final = {
    Sentence.APPROVED: "Danke. Sie sind angemeldet. Auf Wiederhören.",
    Sentence.CONFIRM_FRAUD: (
        "Sie melden diese Anmeldung gleich als Betrug, und Ihr Konto wird gesperrt. Drücken Sie zum Bestätigen die 1."
    ),
    Sentence.DENIED: "Die Anmeldung wurde abgelehnt. Auf Wiederhören.",
    Sentence.EXTENSION_AFTER: "Dies ist ein Anruf wegen einer Anmeldung.",
    Sentence.EXTENSION_BEFORE: "Bitte warten Sie, eine Durchwahl wird gewählt.",
    Sentence.FRAUD: "Ihre Meldung ist angekommen, und die Anmeldung wurde abgelehnt. Auf Wiederhören.",
    Sentence.GREETING: "Guten Tag. Jemand meldet sich mit Ihrem Konto an. Wenn Sie das sind, drücken Sie die Rautetaste.",
    Sentence.GREETING_WITH_FRAUD: (
        "Guten Tag. Jemand meldet sich mit Ihrem Konto an. Wenn Sie das sind, drücken Sie die Rautetaste. "
        "Wenn nicht, drücken Sie die 0 und dann die Rautetaste."
    ),
    Sentence.RETRY: "Das war nicht zu verstehen. Wenn Sie sich gerade anmelden, drücken Sie nur die Rautetaste.",
    Sentence.RETRY_WITH_FRAUD: (
        "Das war nicht zu verstehen. Wenn Sie sich gerade anmelden, drücken Sie nur die Rautetaste. "
        "Wenn nicht, drücken Sie die 0 und dann die Rautetaste."
    ),
}
_FRENCH: Final = {
    Sentence.APPROVED: "Merci. Vous êtes connecté. Au revoir.",
    Sentence.CONFIRM_FRAUD: (
        "Vous allez signaler cette connexion comme une fraude, et votre compte sera bloqué. Pour confirmer, appuyez sur 1."
    ),
    Sentence.DENIED: "La connexion a été refusée. Au revoir.",
    Sentence.EXTENSION_AFTER: "Cet appel concerne une connexion.",
    Sentence.EXTENSION_BEFORE: "Veuillez patienter, un poste est appelé.",
    Sentence.FRAUD: "Votre signalement est enregistré, et la connexion a été refusée. Au revoir.",
    Sentence.GREETING: "Bonjour. Quelqu'un se connecte avec votre compte. Si c'est vous, appuyez sur la touche dièse.",
    Sentence.GREETING_WITH_FRAUD: (
        "Bonjour. Quelqu'un se connecte avec votre compte. Si c'est vous, appuyez sur la touche dièse. "
        "Sinon, appuyez sur 0, puis sur la touche dièse."
    ),
    Sentence.RETRY: "Nous n'avons pas compris. Si vous vous connectez en ce moment, appuyez seulement sur la touche dièse.",
    Sentence.RETRY_WITH_FRAUD: (
        "Nous n'avons pas compris. Si vous vous connectez en ce moment, appuyez seulement sur la touche dièse. "
        "Sinon, appuyez sur 0, puis sur la touche dièse."
    ),
}
_SPANISH: Final = {
    Sentence.APPROVED: "Gracias. Ha iniciado sesión. Adiós.",
    Sentence.CONFIRM_FRAUD: (
        "Va a denunciar este inicio de sesión como fraude, y su cuenta quedará bloqueada. Para confirmarlo, pulse 1."
    ),
    Sentence.DENIED: "El inicio de sesión fue rechazado. Adiós.",
    Sentence.EXTENSION_AFTER: "Esta llamada es por un inicio de sesión.",
    Sentence.EXTENSION_BEFORE: "Espere, por favor, mientras se marca una extensión.",
    Sentence.FRAUD: "Hemos recibido su aviso, y el inicio de sesión fue rechazado. Adiós.",
    Sentence.GREETING: "Hola. Alguien está iniciando sesión con su cuenta. Si es usted, pulse la tecla almohadilla.",
    Sentence.GREETING_WITH_FRAUD: (
        "Hola. Alguien está iniciando sesión con su cuenta. Si es usted, pulse la tecla almohadilla. "
        "Si no es usted, pulse 0 y después la tecla almohadilla."
    ),
    Sentence.RETRY: "No le hemos entendido. Si está iniciando sesión ahora, pulse solo la tecla almohadilla.",
    Sentence.RETRY_WITH_FRAUD: (
        "No le hemos entendido. Si está iniciando sesión ahora, pulse solo la tecla almohadilla. "
        "Si no, pulse 0 y después la tecla almohadilla."
    ),
}

LANGUAGES: Final = {
    "de": Spoken("de", _GERMAN),
    "en": Spoken("en-us", _ENGLISH),
    "es": Spoken("es", _SPANISH),
    "fr": Spoken("fr-fr", _FRENCH),
}


def spoken_language(tag: str) -> str:
    """Return the language of the table that a tag means, `de` for `de-AT`; English where it has none (D.4)."""
    language = tag.lower().partition("-")[0]
    return language if language in LANGUAGES else DEFAULT_LANGUAGE
