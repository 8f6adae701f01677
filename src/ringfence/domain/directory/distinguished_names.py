r"""One form for a distinguished name, however a tool wrote it.

RFC 4514 lets the same name be written in many ways: `\3B`, `\;`, blanks around commas, either case. Tools differ (Samba
writes `\3D` where others write `=`), so names are compared in the form made here.
"""

from __future__ import annotations

from typing import Final

_SPECIAL: Final = frozenset(',+"\\<>;=#')
_HEX: Final = frozenset("0123456789abcdefABCDEF")


def dn_key(dn: str) -> str:
    """The form in which distinguished names are looked up: without case, escapes made alike, blanks around parts dropped."""
    parts = [_part(part) for part in _split(_unescape(dn), ",")]
    return ",".join(parts).casefold()


def _unescape(dn: str) -> list[str]:
    """The characters of the name, an escaped one as a backslash and itself."""
    characters: list[str] = []
    place = 0
    while place < len(dn):
        if dn[place] != "\\":
            characters.append(dn[place])
            place += 1
            continue
        octets = bytearray()
        while place + 2 < len(dn) and dn[place] == "\\" and dn[place + 1] in _HEX and dn[place + 2] in _HEX:
            octets.append(int(dn[place + 1 : place + 3], 16))
            place += 3
        if octets:
            characters += [f"\\{character}" for character in octets.decode("utf-8", "replace")]
        else:
            characters.append(dn[place : place + 2])
            place += 2
    return characters


def _split(characters: list[str], separator: str) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for character in characters:
        if character == separator:
            parts.append([])
        else:
            parts[-1].append(character)
    return parts


def _part(characters: list[str]) -> str:
    """One `type=value`, each trimmed; a special character in the value always escaped, any other never."""
    kind, *values = _split(characters, "=")
    value = _trimmed([character for index, one in enumerate(values) for character in (["\\="] if index else []) + one])
    plain = "".join(_shown(character) for character in value)
    return "".join(_trimmed(kind)) + ("=" + plain if values else "")


def _trimmed(characters: list[str]) -> list[str]:
    start, end = 0, len(characters)
    while start < end and characters[start] == " ":
        start += 1
    while end > start and characters[end - 1] == " ":
        end -= 1
    return characters[start:end]


def _shown(character: str) -> str:
    bare = character[1:] if character.startswith("\\") and len(character) > 1 else character
    return f"\\{bare}" if bare in _SPECIAL else bare
