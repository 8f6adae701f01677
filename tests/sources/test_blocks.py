"""Files as blocks of whole lines: encodings, limits, what cannot be read, and memory."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.errors import ErrorCode, InvalidError
from ringfence.sources import blocks
from ringfence.sources.blocks import SourceFile
from tests.sources import samples
from tests.sources.reading import Folder, upns

_TABLE = "userPrincipalName,displayName\nzoe@contoso.example,Zoë\n"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(_TABLE.encode(), id="UTF-8"),
        pytest.param(b"\xef\xbb\xbf" + _TABLE.encode(), id="UTF-8 with mark"),
        pytest.param(b"\xff\xfe" + _TABLE.encode("utf-16-le"), id="UTF-16, little end first"),
        pytest.param(b"\xfe\xff" + _TABLE.encode("utf-16-be"), id="UTF-16, big end first"),
        pytest.param(_TABLE.replace("\n", "\r\n").encode(), id="CRLF"),
    ],
)
def test_encodings(folder: Folder, content: bytes) -> None:
    """The same table is the same user in every encoding."""
    user = folder.user("users.csv", content)
    assert ("zoe@contoso.example", "Zoë") == (user.upn, user.display_name)


def test_half_a_character_at_the_end_is_a_cut(folder: Folder) -> None:
    """UTF-16 has an even number of bytes."""
    assert ("source.truncated", None, "half_character") == folder.refusal("users.csv", samples.DIRECTORY["utf16.csv"][:-1])


def test_half_a_utf16_pair_spoils_its_row_only(folder: Folder) -> None:
    """An unpaired surrogate cannot become UTF-8; the next row is read."""
    table = "userPrincipalName,displayName\na@contoso.example,\ud800\nb@contoso.example,B\n"
    rows = folder.directory("users.csv", b"\xff\xfe" + table.encode("utf-16-le", "surrogatepass"))
    assert ["b@contoso.example"] == upns(rows)


@pytest.mark.parametrize("name", ["absent.csv", ".", "absent/users.csv", "nul\0.csv"])
def test_unreadable(tmp_path: Path, name: str) -> None:
    """What is no readable file is refused by its name, with the reason."""
    with pytest.raises(InvalidError) as caught:
        SourceFile(tmp_path / name)
    assert (ErrorCode.SOURCE_UNREADABLE, str(tmp_path / name)) == (caught.value.code, caught.value.facts["path"])
    assert caught.value.facts["reason"]


def test_a_file_that_vanishes_between_passes_is_unreadable(folder: Folder) -> None:
    """The reader reports it as it reports a missing file."""
    reader = folder.open_directory("users.csv", _TABLE)
    reader.path.unlink()
    with pytest.raises(InvalidError) as caught:
        list(reader.records())
    assert caught.value.code is ErrorCode.SOURCE_UNREADABLE


@pytest.mark.parametrize("name", sorted(samples.DIRECTORY))
def test_each_pass_begins_at_the_start(folder: Folder, name: str) -> None:
    """Two passes give the same rows, and position and size meet at the end of each."""
    reader = folder.open_directory(name, samples.DIRECTORY[name])
    assert (list(reader.records()), reader.size) == (list(reader.records()), reader.position)


@given(content=st.binary(max_size=60), chunk=st.integers(1, 9))
def test_blocks_are_the_file(tmp_path_factory: pytest.TempPathFactory, content: bytes, chunk: int) -> None:
    """Joined they give the file, and every block but the last ends with a line end, however it is read."""
    path = tmp_path_factory.getbasetemp() / "blocks"
    path.write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "_CHUNK", chunk)
        if content[:2] not in blocks._UTF16 and not content.startswith(b"\xef\xbb\xbf"):  # noqa: SLF001 - chunk size is private
            found = list(SourceFile(path).blocks())
            assert content == b"".join(found)
            assert all(block.endswith(b"\n") for block in found[:-1])


def test_a_line_without_end_is_refused_before_it_fills_the_memory(folder: Folder) -> None:
    """Eight megabytes of one line are no row."""
    code, _, why = folder.refusal("users.csv", "userPrincipalName\n" + "x" * (blocks.LONGEST_LINE + 200_000))
    assert ("source.format", "line_too_long") == (code, why)


@pytest.mark.parametrize("name", ["bare.ldif", "graph.csv", "graph.jsonl"])
def test_memory_does_not_grow_with_the_file(folder: Folder, name: str) -> None:
    """Two megabytes are read within one and a half, as two hundred are."""
    content = samples.DIRECTORY[name]
    header, body = content.split(b"\n", 1) if name.endswith(".csv") else (b"", content)
    reader = folder.open_directory(name, (header + b"\n" if header else b"") + body * (2_000_000 // len(body)))
    tracemalloc.start()
    try:
        count = sum(1 for _ in reader.records())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count > 5_000
    assert peak < 1_500_000
