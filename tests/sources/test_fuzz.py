"""Bytes in, rows or our error out: never another exception, and never a record that a cut has falsified.

Source: issue A, "Bad input". The long runs are marked `slow`.
"""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.domain.directory.records import UNSENT, DirectoryRecord, MfaRecord, RejectedRow
from ringfence.domain.errors import InvalidError
from tests.sources import samples
from tests.sources.reading import Folder

pytestmark = pytest.mark.slow  # many inputs

Row = DirectoryRecord | MfaRecord | RejectedRow

_WHOLE: Final = {**samples.DIRECTORY, **samples.MFA}
_NAMES: Final = sorted({*_WHOLE, "a", "a.txt"})
_TOKENS: Final = (
    *(b"\n", b"\n\n", b"\r\n", b"\r", b"\0", b'"', b'""', b",", b";", b"\t", b":", b"::", b":<", b" ", b"\n ", b"#", b"-"),
    *(b"{", b"}", b"[", b"]", b"[" * 3000, b'{"a":' * 3000, b"9" * 5000, b"1e999", b"null", b"true", b"5"),
    *(b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\\u0000", b"\\ud800", b"\\u0061", b"'+", b"=", b"+1 4255550100"),
    *(b"dn: cn=x", b"changetype: modify", b"replace: mobile", b"objectGUID:: !!", b"# numEntries: 1"),
    *(b"record", b"value", b"userPrincipalName", b"@odata.context", b"System.String[]", b"(not sent)"),
)


@st.composite
def _damaged(draw: st.DrawFn) -> bytes:
    """A real file with pieces put in, taken out, changed, or copied from another file."""
    content = bytearray(draw(st.sampled_from(list(_WHOLE.values()))))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(content)))
        kind = draw(st.integers(0, 3))
        if kind == 0:
            content[at:at] = draw(st.sampled_from(_TOKENS))
        elif kind == 1:
            del content[at : at + draw(st.integers(1, 60))]
        elif kind == 2:
            content[at : at + 1] = draw(st.binary(max_size=2))
        else:
            other = draw(st.sampled_from(list(_WHOLE.values())))
            start = draw(st.integers(0, len(other)))
            content[at:at] = other[start : start + draw(st.integers(1, 80))]
    return bytes(content)


def _read(folder: Folder, name: str, content: bytes, *, mfa: bool) -> list[Row] | None:
    """All rows, or None when the file was refused; anything else is raised."""
    try:
        return list(folder.mfa(name, content) if mfa else folder.directory(name, content))
    except InvalidError as error:
        assert error.code.startswith("source.")  # noqa: PT017 - what else may come out is what this is about
        return None


def _check(row: Row) -> None:
    """Texts can be stored, and a rejected row names its user or says that it cannot."""
    texts = [value for value in row if isinstance(value, str)]
    assert all(text.encode().decode() == text for text in texts)
    if isinstance(row, RejectedRow):
        assert row.line >= 1
        assert row.reason.endswith((".", "no."))
        assert row.unreadable or row.keys
        assert all(f"{name}{text}".encode() is not None for name, text in row.fields.items())
    else:
        assert not any("\0" in text for text in texts)


def _survives(folder: Folder, name: str, content: bytes) -> None:
    for mfa in (False, True):
        for row in _read(folder, name, content, mfa=mfa) or ():
            _check(row)


@given(name=st.sampled_from(_NAMES), content=st.binary(max_size=200))
def test_random_bytes(memory: Folder, name: str, content: bytes) -> None:
    """Whatever the bytes and the name."""
    _survives(memory, name, content)


@given(name=st.sampled_from(_NAMES), content=st.text(alphabet='dn: ,;"{}[]\n\r\t#-<ab@+1\0é\\u', max_size=80))
def test_random_text(memory: Folder, name: str, content: str) -> None:
    """Made of what the forms are made of."""
    _survives(memory, name, content.encode())


@given(name=st.sampled_from(_NAMES), content=_damaged())
def test_damaged_files(memory: Folder, name: str, content: bytes) -> None:
    """Under their own or another's name."""
    _survives(memory, name, content)


@pytest.mark.slow
@settings(max_examples=3000)
@given(name=st.sampled_from(_NAMES), content=_damaged())
def test_many_damaged_files(memory: Folder, name: str, content: bytes) -> None:
    """The same for longer."""
    _survives(memory, name, content)


def _is_true_to(row: Row, whole: dict[int, Row]) -> bool:
    """Whether the row is the whole file's row of this line, or says less."""
    if isinstance(row, RejectedRow):
        return True
    original = whole.get(row.line)
    if isinstance(row, DirectoryRecord) and isinstance(original, DirectoryRecord):
        if not set(row.edits) <= set(original.edits):
            return False
        row, original = row._replace(edits=()), original._replace(edits=())
    return original is not None and all(
        found == said or found is UNSENT or found is None for found, said in zip(row, original, strict=True)
    )


@pytest.mark.parametrize("name", sorted(_WHOLE))
def test_a_cut_at_any_place_is_refused_or_harmless(memory: Folder, name: str) -> None:
    """A cut file is refused, or yields only what the whole file says of the same users in the same lines."""
    content, mfa = _WHOLE[name], name in samples.MFA
    whole = {row.line: row for row in _read(memory, name, content, mfa=mfa) or ()}
    assert whole
    for cut in range(len(content)):
        rows = _read(memory, name, content[:cut], mfa=mfa) or ()
        assert all(_is_true_to(row, whole) for row in rows), (cut, content[max(0, cut - 40) : cut])
