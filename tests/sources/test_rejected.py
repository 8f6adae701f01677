"""`FILE.rejected.csv`: written whole or not at all, and fit to be mended and fed in again (issue A, "Bad input")."""

from __future__ import annotations

import stat
import tempfile
from pathlib import Path

import pytest

from ringfence.domain.directory.records import UNSENT, DirectoryRecord, RejectedRow
from ringfence.domain.errors import ErrorCode, UnavailableError
from ringfence.sources.rejected import RejectedFile
from tests.sources.reading import Folder, rejects, upns

_ROW = RejectedRow(3, "mobile", "Why.", {"upn": "a@contoso.example", "mobile": "+1 425"})


def _reject(folder: Folder, name: str, content: str, *, mfa: bool = False) -> str:
    """Read a file, keep its rejected rows, and return what was written."""
    path = folder.path / name
    with RejectedFile(path) as rejected:
        for row in folder.mfa(name, content) if mfa else folder.directory(name, content):
            if isinstance(row, RejectedRow):
                rejected.add(row)
    return rejected.path.read_bytes().decode()


def _fail_within(path: Path) -> None:
    """Reject one row, and fail."""
    with RejectedFile(path) as rejected:
        rejected.add(_ROW)
        raise ZeroDivisionError


def test_the_file(tmp_path: Path) -> None:
    """UTF-8 without mark, our columns first, `+` as it stands; only the owner may read it."""
    with RejectedFile(tmp_path / "users.csv") as rejected:
        rejected.add(_ROW)
        rejected.add(RejectedRow(5, "", "Zoë, why?", {"upn": "b@contoso.example", "mobile": ""}))
    path = tmp_path / "users.csv.rejected.csv"
    assert (
        'line,column,reason,upn,mobile\n3,mobile,Why.,a@contoso.example,+1 425\n5,,"Zoë, why?",b@contoso.example,\n'
    ).encode() == path.read_bytes()
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert [path] == list(tmp_path.iterdir())


def test_nothing_rejected_leaves_no_file(tmp_path: Path) -> None:
    """And an older one is removed, since its rows were mended."""
    old = tmp_path / "users.csv.rejected.csv"
    old.write_text("old")
    with RejectedFile(tmp_path / "users.csv"):
        pass
    assert [] == list(tmp_path.iterdir())


def test_a_run_that_fails_leaves_the_older_file(tmp_path: Path) -> None:
    """Nothing half written appears."""
    old = tmp_path / "users.csv.rejected.csv"
    old.write_text("old")
    with pytest.raises(ZeroDivisionError):
        _fail_within(tmp_path / "users.csv")
    assert ([old], "old") == (list(tmp_path.iterdir()), old.read_text())


_BLOCKED = pytest.mark.parametrize("name", ["absent/users.csv", "in the way"])


@pytest.fixture
def spare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's temporary folder, and a folder where a file should go."""
    (tmp_path / "in the way.rejected.csv").mkdir()
    folder = tmp_path / "spare"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@_BLOCKED
def test_a_place_that_cannot_be_written(tmp_path: Path, spare: Path, name: str) -> None:
    """Another is found, ours alone, and told."""
    with RejectedFile(tmp_path / name) as rejected:
        rejected.add(_ROW)
    [path] = spare.glob("*/*")
    assert (path, f"{Path(name).name}.rejected.csv", True) == (rejected.path, path.name, "Why." in path.read_text())
    assert (0o700, 0o600) == (stat.S_IMODE(path.parent.stat().st_mode), stat.S_IMODE(path.stat().st_mode))


@_BLOCKED
def test_the_other_place_goes_when_nothing_is_rejected(tmp_path: Path, spare: Path, name: str) -> None:
    """A clean import stays one."""
    with RejectedFile(tmp_path / name):
        pass
    assert [] == list(spare.iterdir())


@_BLOCKED
def test_the_other_place_goes_when_a_run_fails(tmp_path: Path, spare: Path, name: str) -> None:
    """Nothing is left behind."""
    with pytest.raises(ZeroDivisionError):
        _fail_within(tmp_path / name)
    assert [] == list(spare.iterdir())


@_BLOCKED
def test_no_place_at_all_is_told_before_anything_is_done(tmp_path: Path, spare: Path, name: str) -> None:
    """On entering, by the name of the place that was meant."""
    spare.rmdir()
    with pytest.raises(UnavailableError) as caught:
        RejectedFile(tmp_path / name).__enter__()
    assert (ErrorCode.SOURCE_REJECTS_UNWRITABLE, f"{tmp_path / name}.rejected.csv") == (
        caught.value.code,
        caught.value.facts["path"],
    )


def test_a_place_that_is_taken_meanwhile(tmp_path: Path, spare: Path) -> None:
    """The rows are not lost."""
    with RejectedFile(tmp_path / "users.csv") as rejected:
        rejected.add(_ROW)
        rejected.path.mkdir()
    assert [rejected.path] == list(spare.glob("*/*"))


def test_nothing_is_removed_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read-only file system refuses even that."""
    removed: list[Path] = []
    monkeypatch.setattr(Path, "unlink", lambda path, **_: removed.append(path))
    with RejectedFile(tmp_path / "users.csv"):
        pass
    assert [] == removed


def test_a_cell_that_was_not_there_does_not_come_back_as_cleared(folder: Folder) -> None:
    """Rows of one file may have different columns; a number that was not sent must not be wiped by the next import."""
    with RejectedFile(folder.path / "a.jsonl") as rejected:
        rejected.add(RejectedRow(1, "", "Why.", {"userPrincipalName": "a@contoso.example", "mobilePhone": ""}))
        rejected.add(RejectedRow(2, "", "Why.", {"userPrincipalName": "b@contoso.example", "displayName": "B"}))
    rows = folder.directory("mended.csv", rejected.path.read_bytes())
    assert [("", UNSENT), (UNSENT, "B")] == [(row.mobile, row.display_name) for row in rows if isinstance(row, DirectoryRecord)]


def test_rows_of_csv_are_mended_and_fed_in_again(folder: Folder) -> None:
    """The columns line, column and reason are passed over."""
    text = _reject(folder, "a.csv", "upn,mobile,department\nadele,+1 425,IT\nb@contoso.example,+1 426\nc@contoso.example,,\n")
    rows = folder.directory("b.csv", text.replace(",adele,", ",adele@contoso.example,"))
    assert [("adele@contoso.example", "+1 425"), ("b@contoso.example", "+1 426")] == [
        (row.upn, row.mobile) for row in rows if isinstance(row, DirectoryRecord)
    ]


def test_rows_of_json_are_mended_and_fed_in_again(folder: Folder) -> None:
    """As JSON in a cell; a key that is missing is still not sent."""
    text = _reject(folder, "a.jsonl", '{"userPrincipalName":"a@contoso.example","mobilePhone":425}\n')
    user = folder.user("b.csv", text.replace("425}", '""+1 425""}'))
    assert ("a@contoso.example", "+1 425", UNSENT) == (user.upn, user.mobile, user.office)


def test_entries_of_ldif_are_mended_and_fed_in_again(folder: Folder) -> None:
    """As LDIF in a cell; what the entry lacks is not sent, whatever the file it came from named."""
    entry = "dn: cn=a\nobjectClass: user\nuserPrincipalName: adele\n\n"
    text = _reject(folder, "a.ldif", entry + "dn: cn=b\nmobile: +1 425\nuid: b\n\n")
    user = folder.user("b.csv", text.replace("Name: adele", "Name: adele@contoso.example"))
    assert ("adele@contoso.example", "cn=a", True, UNSENT) == (user.upn, user.dn, user.synced, user.mobile)


def test_answers_of_graph_are_mended_and_fed_in_again(folder: Folder) -> None:
    """As JSON in a cell."""
    answer = '{"userPrincipalName":"a@contoso.example","value":[{"phoneType":"mobile","phoneNumber":"206"}]}\n'
    text = _reject(folder, "a.jsonl", answer, mfa=True)
    assert "+1 2065550111" == folder.state("b.csv", text.replace("206", "+1 2065550111")).mobile


@pytest.mark.parametrize("record", ["", "nonsense", "{", "dn: cn=a\nno colon", "(not sent)"])
def test_a_row_that_was_not_mended_is_rejected_again(folder: Folder, record: str) -> None:
    """It does not stop the others."""
    with RejectedFile(folder.path / "a") as rejected:
        rejected.add(RejectedRow(1, "", "Why.", {"record": record}))
        rejected.add(RejectedRow(2, "", "Why.", {"record": '{"userPrincipalName":"a@contoso.example"}'}))
    rows = folder.directory("b.csv", rejected.path.read_bytes())
    assert (1, ["a@contoso.example"]) == (len(rejects(rows)), upns(rows))


def test_a_column_called_record_means_nothing_elsewhere(folder: Folder) -> None:
    """Only in our own files."""
    reader = folder.open_directory("a.csv", 'upn,record\na@contoso.example,"{""mobilePhone"":""1""}"\n')
    assert (("record",), 1) == (reader.ignored_columns, len(list(reader.records())))


@pytest.mark.parametrize(
    ("first", "second", "header"),
    [
        ({"UserPrincipalName": "a"}, {"userPrincipalName": "b"}, "UserPrincipalName"),
        ({"mobile": "a"}, {"mobilePhone": "b"}, "mobile"),
        ({"mobilePhone": "a"}, {"mobile": "b"}, "mobilePhone"),
        ({"ObjectId": "a"}, {"id": "b"}, "ObjectId"),
    ],
    ids=["case", "another name", "the other way round", "of both exports"],
)
def test_one_thing_has_one_column(first: dict[str, str], second: dict[str, str], header: str, tmp_path: Path) -> None:
    """However rows name it, the file is read back by that column, so it has no other of the same meaning."""
    with RejectedFile(tmp_path / "users.csv") as rejected:
        rejected.add(RejectedRow(2, "", "Why.", first))
        rejected.add(RejectedRow(3, "", "Why.", second))
    expected = f"line,column,reason,{header}\n2,,Why.,a\n3,,Why.,b\n"
    assert expected == (tmp_path / "users.csv.rejected.csv").read_text("utf-8")


def test_two_columns_of_one_row_stay_two(tmp_path: Path) -> None:
    """A file may have both; a later row's cell goes where it is read from."""
    with RejectedFile(tmp_path / "users.csv") as rejected:
        rejected.add(RejectedRow(2, "", "Why.", {"name": "a", "displayName": "b"}))
        rejected.add(RejectedRow(3, "", "Why.", {"displayName": "c"}))
    expected = "line,column,reason,name,displayName\n2,,Why.,a,b\n3,,Why.,(not sent),c\n"
    assert expected == (tmp_path / "users.csv.rejected.csv").read_text("utf-8")
