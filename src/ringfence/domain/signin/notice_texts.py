"""What notices say, by language: what happened, when, for which application, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Final, NamedTuple

from ringfence.domain.signin.notices import Notice, NoticeKind, Thing

DEFAULT_LANGUAGE: Final = "en"


class _Words(NamedTuple):
    """One language. In `happened` `{thing}` is what it is about, `{who}` the user; by kind (subject, sentence)."""

    happened: Mapping[NoticeKind, tuple[str, str]]
    things: Mapping[Thing, str]
    facts: str
    application: str
    by: Mapping[str, str]
    yours: str
    link: str
    no_link: str


def _things(*words: str) -> Mapping[Thing, str]:
    return dict(zip(Thing, words, strict=True))


def _kinds(*words: tuple[str, str]) -> Mapping[NoticeKind, tuple[str, str]]:
    return dict(zip(NoticeKind, words, strict=True))


_WORDS: Final[Mapping[str, _Words]] = {
    "de": _Words(
        _kinds(
            (
                "Zu viele falsche Codes",
                "Beim Konto {who} wurde zu oft ein falscher Code eingegeben. Gesperrt ist: {thing}.",
            ),
            (
                "Ein Zugriffspass wurde ausgestellt",
                "Für das Konto {who} wurde ein befristeter Zugriffspass ausgestellt.",
            ),
            ("Eine Anmeldemethode ist dazugekommen", "Beim Konto {who} ist eine Anmeldemethode dazugekommen: {thing}."),
            ("Eine Anmeldemethode wurde geändert", "Beim Konto {who} wurde eine Anmeldemethode geändert: {thing}."),
            ("Eine Anmeldemethode wurde gelöscht", "Beim Konto {who} wurde eine Anmeldemethode gelöscht: {thing}."),
            ("Ihr Konto ist gesperrt", "Das Konto {who} ist für die Anmeldung mit zweitem Nachweis gesperrt."),
            ("Betrugsmeldung", "{who} hat eine Anmeldung als Betrug gemeldet."),
        ),
        _things(
            "Codes einer App",
            "App-Kennwort",
            "Anruf",
            "E-Mail-Adresse",
            "weitere Methode",
            "befristeter Zugriffspass",
            "Passkey",
            "Telefonnummer",
            "Code per SMS",
        ),
        "Zeitpunkt: {at}",
        "Anwendung: {application}",
        {"admin": "Veranlasst durch: die Verwaltung", "user": "Veranlasst durch: das Konto selbst"},
        "Waren Sie das oder wussten Sie davon, ist nichts zu tun.",
        "Waren Sie es nicht, öffnen Sie diese Adresse. Sie sperrt Ihr Konto, bis die Verwaltung es freigibt, "
        "und meldet Sie überall ab. Sie gilt sieben Tage und einmal:",
        "Wenden Sie sich bei Fragen an Ihre Verwaltung.",
    ),
    "en": _Words(
        _kinds(
            ("Too many wrong codes", "Wrong codes were given too often for the account {who}. Locked for a while: {thing}."),
            ("A temporary access pass was issued", "A temporary access pass was issued for the account {who}."),
            ("A sign-in method was added", "A sign-in method was added to the account {who}: {thing}."),
            ("A sign-in method was changed", "A sign-in method of the account {who} was changed: {thing}."),
            ("A sign-in method was deleted", "A sign-in method of the account {who} was deleted: {thing}."),
            ("Your account is blocked", "The account {who} is blocked from signing in with a second proof."),
            ("Fraud was reported", "{who} reported a sign-in as fraud."),
        ),
        _things(
            "codes of an app",
            "app password",
            "phone call",
            "e-mail address",
            "another method",
            "temporary access pass",
            "passkey",
            "phone number",
            "code by text message",
        ),
        "When: {at}",
        "Application: {application}",
        {"admin": "Done by: an administrator", "user": "Done by: the account itself"},
        "If that was you, or you knew of it, there is nothing to do.",
        "If it was not you, open this address. It blocks your account until an administrator lifts that, and signs you out "
        "everywhere. It works for seven days, and once:",
        "If you have questions, ask your administrator.",
    ),
    "es": _Words(
        _kinds(
            (
                "Demasiados códigos incorrectos",
                "Demasiados códigos incorrectos para la cuenta {who}. Bloqueado: {thing}.",
            ),
            ("Se ha emitido un pase temporal", "Se ha emitido un pase de acceso temporal para la cuenta {who}."),
            ("Se ha añadido un método de acceso", "Se ha añadido un método de acceso a la cuenta {who}: {thing}."),
            ("Se ha cambiado un método de acceso", "Se ha cambiado un método de acceso de la cuenta {who}: {thing}."),
            ("Se ha eliminado un método de acceso", "Se ha eliminado un método de acceso de la cuenta {who}: {thing}."),
            ("Su cuenta está bloqueada", "La cuenta {who} no puede iniciar sesión con una segunda prueba: está bloqueada."),
            ("Aviso de fraude", "{who} ha señalado un inicio de sesión como fraude."),
        ),
        _things(
            "códigos de una aplicación",
            "contraseña de aplicación",
            "llamada",
            "dirección de correo",
            "otro método",
            "pase de acceso temporal",
            "llave de acceso",
            "número de teléfono",
            "código por SMS",
        ),
        "Cuándo: {at}",
        "Aplicación: {application}",
        {"admin": "Hecho por: la administración", "user": "Hecho por: la propia cuenta"},
        "Si ha sido usted, o lo sabía, no tiene que hacer nada.",
        "Si no ha sido usted, abra esta dirección. Bloquea su cuenta hasta que la administración la desbloquee y cierra todas "
        "sus sesiones. Sirve durante siete días, una sola vez:",
        "Si tiene preguntas, diríjase a su administración.",
    ),
    "fr": _Words(
        _kinds(
            ("Trop de codes erronés", "Trop de codes erronés ont été saisis pour le compte {who}. Verrouillé : {thing}."),
            ("Un passe temporaire a été émis", "Un passe d'accès temporaire a été émis pour le compte {who}."),
            ("Une méthode de connexion a été ajoutée", "Une méthode de connexion a été ajoutée au compte {who} : {thing}."),
            ("Une méthode de connexion a été modifiée", "Une méthode de connexion du compte {who} a été modifiée : {thing}."),
            ("Une méthode de connexion a été supprimée", "Une méthode de connexion du compte {who} a été supprimée : {thing}."),
            ("Votre compte est bloqué", "Le compte {who} est bloqué pour la connexion avec une seconde preuve."),
            ("Fraude signalée", "{who} a signalé une connexion comme fraude."),
        ),
        _things(
            "codes d'une application",
            "mot de passe d'application",
            "appel",
            "adresse électronique",
            "autre méthode",
            "passe d'accès temporaire",
            "clé d'accès",
            "numéro de téléphone",
            "code par SMS",
        ),
        "Quand : {at}",
        "Application : {application}",
        {"admin": "Fait par : l'administration", "user": "Fait par : le compte lui-même"},
        "Si c'était vous, ou si vous le saviez, il n'y a rien à faire.",
        "Si ce n'était pas vous, ouvrez cette adresse. Elle bloque votre compte jusqu'à ce que l'administration le débloque, et "
        "ferme toutes vos sessions. Elle vaut sept jours, et une seule fois :",
        "Pour toute question, adressez-vous à votre administration.",
    ),
}
LANGUAGES: Final = frozenset(_WORDS)


class NoticeText(NamedTuple):
    """A mail's subject and text."""

    subject: str
    text: str


def notice_language(locale: str | None) -> str:
    """The language that a locale (`de-CH`) is written in."""
    first = (locale or "").replace("_", "-").partition("-")[0].casefold()
    return first if first in LANGUAGES else DEFAULT_LANGUAGE


def notice_text(notice: Notice, language: str, names: tuple[str, str], link: str | None) -> NoticeText:
    """The mail; `names` are the organisation's and the user's, `link` the address that says "not me"."""
    words, (organisation, who) = _WORDS[language], names
    subject, sentence = words.happened[notice.kind]
    facts = notice.facts
    thing = words.things[Thing[facts.get("thing", Thing.OTHER.name)]]
    lines = [sentence.format(who=who, thing=thing), ""]
    lines.append(words.facts.format(at=f"{notice.created_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"))
    if facts.get("application"):
        lines.append(words.application.format(application=one_line(facts["application"])))
    if facts.get("by") in words.by:
        lines.append(words.by[facts["by"]])
    after = [words.yours, "", words.link, link] if link else [words.no_link]
    return NoticeText(f"{one_line(organisation)}: {subject}", "\n".join([*lines, "", *after, ""]))


def one_line(text: str) -> str:
    """The text without anything that ends a line or is not shown."""
    return "".join(char if char.isprintable() else " " for char in text)
