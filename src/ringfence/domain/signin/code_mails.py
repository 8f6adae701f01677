"""What a mail with a code says, by language, and how its address is shown while the code is waited for."""

from __future__ import annotations

from typing import Final, NamedTuple

from ringfence.domain.signin.texts import code_text

_SUBJECTS: Final = {
    "de": "{who}: Ihr Code",
    "en": "{who}: your code",
    "es": "{who}: su clave",
    "fr": "{who} : votre code",
    "it": "{who}: il suo codice",
    "nl": "{who}: uw code",
    "pl": "{who}: Twój kod",
    "pt": "{who}: a sua chave",
}
_ENDS: Final = {
    "de": "Er gilt drei Minuten. Haben Sie ihn nicht angefordert, so versucht vielleicht jemand, Ihr Kennwort zurückzusetzen.",
    "en": "It is good for three minutes. If you did not ask for it, somebody may be trying to reset your password.",
    "es": "Vale tres minutos. Si no la ha pedido, puede que alguien intente restablecer su contraseña.",
    "fr": "Il vaut trois minutes. Si vous ne l'avez pas demandé, quelqu'un essaie peut-être de changer votre mot de passe.",
    "it": "Vale tre minuti. Se non lo ha chiesto, forse qualcuno sta cercando di reimpostare la sua password.",
    "nl": "Hij geldt drie minuten. Hebt u er niet om gevraagd, dan probeert misschien iemand uw wachtwoord te wijzigen.",
    "pl": "Jest ważny trzy minuty. Jeśli to nie Twoja prośba, ktoś może próbować zmienić Twoje hasło.",
    "pt": "Vale três minutos. Se não a pediu, talvez alguém esteja a tentar repor a sua palavra-passe.",
}
_LONGEST_NAME: Final = 40
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


class CodeMail(NamedTuple):
    """A subject of one line, and a text."""

    subject: str
    text: str


def code_mail(language: str, who: str, code: str) -> CodeMail:
    """The mail with a code; `who` is the organisation. The subject, which is shown on locked screens, does not hold the code."""
    text = f"{code_text(language, who, code)}\n\n{_ENDS[language]}\n"
    return CodeMail(_SUBJECTS[language].format(who=who[:_LONGEST_NAME]), text)


def mask_address(address: str) -> str:
    """The first letter on both sides: `k***@m***`. Its domain would tell a real address from nobody's."""
    local, _, domain = address.casefold().partition("@")
    return f"{local[:1]}***@{domain[:1]}***"


def nobodys_address(stand_in: bytes) -> str:
    """What is shown of the address of who has none: always the same for the same name."""
    local, domain = (_LETTERS[one % len(_LETTERS)] for one in stand_in[1:3])
    return f"{local}***@{domain}***"
