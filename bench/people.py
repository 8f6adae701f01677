"""An invented directory of any size, and the files that tell of it in Graph's user shape.

Every person follows from a number alone, so that a file of a few can speak of the same people as a file of a million. The mix:
four of five have a mobile number and three of five an office number, some with extension, some written with separators, some
malformed; all are synced and have an id and a source anchor. The ids are spread like real ones.
"""

from __future__ import annotations

from binascii import b2a_base64
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path
from typing import Final

_FIRST: Final = ("Kim", "Åse", "Noor", "Ana", "Jürgen", "Li", "Priya", "Tomás")
_LAST: Final = ("Hansen", "Okafor", "Müller", "Silva", "Chen", "Patel", "Novák", "Smith", "Rossi", "Dubois", "Sato", "Larsen")
_COUNTRIES: Final = (("1", 10), ("44", 10), ("49", 11), ("33", 9), ("45", 8), ("91", 10), ("61", 9), ("1", 10))

_MOBILE_KINDS: Final = (130, 180, 196, 204)
"""Of 256: written canonically, with separators, malformed, with an extension; the rest has none."""
_OFFICE_KINDS: Final = (70, 100, 108, 153)


def _digest(index: int) -> bytes:
    return blake2b(index.to_bytes(8, "big"), digest_size=48).digest()


def _number(kind: int, kinds: tuple[int, ...], seed: bytes) -> str | None:
    """A number as it stands in a directory."""
    if kind >= kinds[3]:
        return None
    code, length = _COUNTRIES[seed[0] & 7]
    digits = f"{int.from_bytes(seed, 'big'):013}"[-length:]
    if kind < kinds[0]:
        return f"+{code} {digits}"
    if kind < kinds[1]:
        return f"+{code} ({digits[:3]}) {digits[3:6]}-{digits[6:]}"
    if kind < kinds[2]:
        return f"0{digits[:4]}/{digits[4:]}"
    return f"+{code} {digits}x{seed[1]}"


def _row(index: int, mobile: str | None = None) -> str:
    """One line of the file; `mobile` stands in for the person's own."""
    seed = _digest(index)
    own = seed[:16].hex()
    first, last = _FIRST[seed[32] & 7], _LAST[seed[33] % 12]
    upn = f"{first}.{last}{index}@contoso.example".lower().translate(_PLAIN)
    number = mobile or _number(seed[34], _MOBILE_KINDS, seed[36:41])
    office = _number(seed[35], _OFFICE_KINDS, seed[41:46])
    mails = f'["{first.lower().translate(_PLAIN)}{index}@example.net"]' if seed[46] < 16 else "[]"  # noqa: PLR2004 - one of 16
    return (
        f'{{"id":"{own[:8]}-{own[8:12]}-{own[12:16]}-{own[16:20]}-{own[20:]}","userPrincipalName":"{upn}",'
        f'"displayName":"{first} {last}","mobilePhone":{_quoted(number)},"businessPhones":[{_quoted(office) if office else ""}],'
        f'"onPremisesSyncEnabled":true,"onPremisesImmutableId":"{b2a_base64(seed[16:32], newline=False).decode()}",'
        f'"accountEnabled":{"true" if seed[47] > 12 else "false"},"userType":"Member","otherMails":{mails}}}\n'  # noqa: PLR2004 - one of 20
    )


_PLAIN: Final = str.maketrans("åüáë", "auae")


def _quoted(text: str | None) -> str:
    return "null" if text is None else f'"{text}"'


def write_directory(path: Path, users: int) -> Path:
    """Write everybody."""
    return _write(path, map(_row, range(users)))


def write_delta(path: Path, users: int, changed: int, turn: int) -> Path:
    """Write `changed` of `users` people, spread over all of them, each with another mobile number in every turn."""
    spread = range(0, users, users // changed)[:changed]
    return _write(path, (_row(index, f"+1 425{turn:02}{index % 100_000:05}") for index in spread))


def _write(path: Path, rows: Iterable[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(rows)
    return path


def numbers(count: int) -> list[str]:
    """As many public mobile numbers as people, those without left out."""
    seeds = map(_digest, range(count))
    found = (_number(seed[34], _MOBILE_KINDS, seed[36:41]) for seed in seeds)
    return [number for number in found if number is not None]
