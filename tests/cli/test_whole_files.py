"""Files that commands write: whole, or as they were; and what is no file is not replaced."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ringfence.cli.whole_files import whole_file
from ringfence.domain.errors import ErrorCode, InvalidError
from tests.cli.conftest import At


def test_a_file_is_replaced_when_it_is_whole(tmp_path: Path) -> None:
    """Until then the old one stays."""
    path = tmp_path / "a.csv"
    path.write_text("old")
    with whole_file(path) as file:
        file.write("new")
        assert "old" == path.read_text()
    assert "new" == path.read_text()


def test_a_file_stays_when_the_new_one_is_not_whole(tmp_path: Path) -> None:
    """And the draft goes."""
    path = tmp_path / "a.csv"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), whole_file(path) as file:
        file.write(str(1 // 0))
    assert ([path], "old") == (list(tmp_path.iterdir()), path.read_text())


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """What it leads to is replaced."""
    (tmp_path / "link.csv").symlink_to("a.csv")
    with whole_file(tmp_path / "link.csv") as file:
        file.write("new")
    assert (True, "new") == ((tmp_path / "link.csv").is_symlink(), (tmp_path / "a.csv").read_text())


@pytest.mark.parametrize("line", ["numbers plan --users file", "numbers report --users file", "audit export file"])
@pytest.mark.parametrize(("option", "mode"), [(" --reveal", 0o600), ("", 0o644)], ids=["revealed", "masked"])
def test_only_the_owner_may_read_revealed_numbers(option: str, mode: int, line: str, at: At) -> None:
    """What is masked is left to the umask."""
    cli = at("copied")
    before = os.umask(0o022)
    cli.type(line + option)
    os.umask(before)
    assert mode == (cli.folder / "file").stat().st_mode & 0o777


def test_a_draft_is_private_and_has_a_name_of_its_own(tmp_path: Path) -> None:
    """What somebody laid out before, a link or an open file, is neither followed nor reused."""
    (tmp_path / ".a.csv.part").symlink_to("elsewhere")
    with whole_file(tmp_path / "a.csv") as file:
        [draft] = set(tmp_path.iterdir()) - {tmp_path / ".a.csv.part"}
        assert 0o600 == draft.stat().st_mode & 0o777
        file.write("new")
    assert {"a.csv": False, ".a.csv.part": True} == {path.name: path.is_symlink() for path in tmp_path.iterdir()}


def test_a_revealed_file_leaves_the_old_mode_behind(tmp_path: Path) -> None:
    """A file that everybody could read is not filled with numbers."""
    path = tmp_path / "a.csv"
    path.touch(0o666)
    with whole_file(path, private=True):
        pass
    assert 0o600 == path.stat().st_mode & 0o777


def test_an_error_of_the_block_is_not_taken_for_the_files(tmp_path: Path) -> None:
    """A pipe behind stdout that broke meanwhile."""
    with pytest.raises(BrokenPipeError), whole_file(tmp_path / "a.csv"):
        raise BrokenPipeError
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("place", ["/dev/full", "absent/a.csv"])
def test_a_place_that_cannot_be_written_is_named(place: str, tmp_path: Path) -> None:
    """TARGET_UNWRITABLE, also when it turns out at the end."""
    path = tmp_path / place
    with pytest.raises(InvalidError) as caught, whole_file(path) as file:
        file.write("new")
    assert (ErrorCode.TARGET_UNWRITABLE, str(path)) == (caught.value.code, caught.value.facts["path"])


@pytest.mark.parametrize("line", ["numbers plan --users pipe", "numbers report --users pipe", "audit export pipe"])
def test_a_pipe_is_written_to(line: str, at: At) -> None:
    """`--users >(sort > sorted.csv)` and `/dev/stdout` are there to be written to, not to be replaced."""
    cli = at("copied")
    os.mkfifo(cli.folder / "pipe")
    reading = os.open(cli.folder / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    answer = cli.type(line)
    written = os.read(reading, 1 << 16)
    os.close(reading)
    assert (0, True, True) == (answer.code, (cli.folder / "pipe").is_fifo(), b"kim@contoso.example" in written)
