"""The reader of directory exports meets what a real Active Directory and the real ldapsearch write.

Source: domain-rules A.2 (pairs), H.3 (anchor); issue A, "Bad input" (an attribute named nowhere counts as not sent).
"""

from __future__ import annotations

import base64
import uuid
from pathlib import Path
from typing import Final

import pytest

from ringfence.domain.directory.records import UNSENT, DirectoryRecord, RecordAction, RejectedRow
from ringfence.sources.files import open_directory
from tests.servers.active_directory import ActiveDirectory

pytestmark = pytest.mark.slow

_WANTED: Final = ("objectGUID", "userPrincipalName", "displayName", "userAccountControl", "telephoneNumber", "mobile")
_SHOW_DELETED: Final = ("-e", "!1.2.840.113556.1.4.417")


def _records(export: Path) -> list[DirectoryRecord]:
    """Return the records in the order of their names; no row of a real export is rejected."""
    rows = list(open_directory(export).records())
    records = [row for row in rows if isinstance(row, DirectoryRecord)]
    assert [] == [row for row in rows if isinstance(row, RejectedRow)]
    return sorted(records, key=lambda record: record.upn or "")


def _anchor(directory: ActiveDirectory, dn: str) -> str:
    return base64.b64encode(directory.object_guid(dn)).decode()


@pytest.mark.parametrize("options", [[], ["-L"], ["-LLL"], ["-o", "ldif-wrap=no"], ["-E", "pr=1/noprompt"]], ids=" ".join)
def test_each_user_becomes_one_record(active_directory: ActiveDirectory, folder: str, tmp_path: Path, options: list[str]) -> None:
    """Anchor, names and numbers are what the directory holds, whatever options ldapsearch was given."""
    one = active_directory.add_user(
        "One",
        folder=folder,
        userPrincipalName="one@contoso.example",
        telephoneNumber="+1 425 555 0100 x12",
        mobile="206.555.0101",
    )
    two = active_directory.add_user("Two", folder=folder, userPrincipalName="two@contoso.example", mobile=" +1 (206) 555-0102")
    export = active_directory.export(tmp_path / "x.ldif", *_WANTED, base=folder, extra_args=options)
    assert [
        (_anchor(active_directory, one), "one@contoso.example", "+1 425 555 0100 x12", "206.555.0101", True, True),
        (_anchor(active_directory, two), "two@contoso.example", "", " +1 (206) 555-0102", True, True),
    ] == [(record.anchor, record.upn, record.office, record.mobile, record.synced, record.enabled) for record in _records(export)]


def test_a_cleared_number_is_empty_and_one_not_asked_for_is_unsent(
    active_directory: ActiveDirectory, folder: str, tmp_path: Path
) -> None:
    """The bug that wipes phone numbers: the two must not look alike."""
    active_directory.add_user("Other", folder=folder, userPrincipalName="a@contoso.example", mobile="+1 425 5550101")
    dn = active_directory.add_user("Cleared", folder=folder, userPrincipalName="b@contoso.example", mobile="+1 425 5550100")
    active_directory.modify(dn, {"mobile": None, "telephoneNumber": "+1 425 5550102"})
    asked = ("objectGUID", "userPrincipalName", "mobile")
    export = active_directory.export(tmp_path / "x.ldif", *asked, base=folder, extra_args=["-LLL"])
    assert [("+1 425 5550101", UNSENT), ("", UNSENT)] == [(record.mobile, record.office) for record in _records(export)]


@pytest.mark.parametrize(("options", "expected"), [([], ""), (["-LLL"], UNSENT)], ids=["with-comments", "without-comments"])
def test_a_number_that_nobody_has(
    active_directory: ActiveDirectory, folder: str, tmp_path: Path, options: list[str], expected: object
) -> None:
    """It was cleared where the export's comments name it as asked for; else the file does not speak of it."""
    active_directory.add_user("Nobody", folder=folder)
    export = active_directory.export(tmp_path / "x.ldif", *_WANTED, base=folder, extra_args=options)
    assert [expected] == [record.mobile for record in _records(export)]


def test_names_survive_base64_and_folding(active_directory: ActiveDirectory, folder: str, tmp_path: Path) -> None:
    """A display name beyond ASCII and longer than a line comes out as it went in; so does a DN with a comma."""
    name = "Zoë Łukasiewicz 山田, " * 12
    dn = active_directory.add_user("Łukasiewicz, Zoë", folder=folder, displayName=name.strip())
    [record] = _records(active_directory.export(tmp_path / "x.ldif", *_WANTED, base=folder))
    assert (name.strip(), dn) == (record.display_name, record.dn)


def test_a_disabled_account_is_disabled(active_directory: ActiveDirectory, folder: str, tmp_path: Path) -> None:
    """`userAccountControl` says so in one of its bits."""
    active_directory.add_user("Off", folder=folder, userAccountControl="546")
    [record] = _records(active_directory.export(tmp_path / "x.ldif", *_WANTED, base=folder))
    assert record.enabled is False


def test_the_consistency_guid_comes_first(active_directory: ActiveDirectory, folder: str, tmp_path: Path) -> None:
    """A user whose anchor was written back keeps it, here one that is not the objectGUID."""
    anchor = uuid.UUID("6c9d2d0e-6d4b-4f0e-8a51-6f4f7d1b2c3a").bytes_le
    active_directory.add_user("Anchored", folder=folder, **{"mS-DS-ConsistencyGuid": anchor})
    export = active_directory.export(tmp_path / "x.ldif", *_WANTED, "mS-DS-ConsistencyGuid", base=folder)
    assert [base64.b64encode(anchor).decode()] == [record.anchor for record in _records(export)]


def test_everything_of_a_domain_holds_only_its_people(active_directory: ActiveDirectory, folder: str, tmp_path: Path) -> None:
    """In an export of all objects with all attributes neither groups, computers, containers nor built-in accounts are users."""
    active_directory.add_user("Person", folder=folder, userPrincipalName="person@contoso.example", mobile="+1 425 5550100")
    export = active_directory.export(tmp_path / "x.ldif", query="(objectClass=*)")
    assert [("person@contoso.example", "+1 425 5550100")] == [(record.upn, record.mobile) for record in _records(export)]


def test_a_conflict_object_is_a_user(active_directory: ActiveDirectory, folder: str, tmp_path: Path) -> None:
    """Replication conflicts leave users with a line end in their name, which ldapsearch writes into its comment as it is."""
    dn = active_directory.add_user("Kim\nCNF:6c9d2d0e-6d4b-4f0e-8a51-6f4f7d1b2c3a", folder=folder, mobile="+1 425 5550100")
    export = active_directory.export(tmp_path / "x.ldif", *_WANTED, base=folder)
    assert [(_anchor(active_directory, dn), "+1 425 5550100")] == [(record.anchor, record.mobile) for record in _records(export)]


def test_a_tombstone_deletes(active_directory: ActiveDirectory, folder: str, tmp_path: Path) -> None:
    """An export with the deleted objects says who left, by the anchor that survives."""
    dn = active_directory.add_user("Leaver", folder=folder)
    anchor = _anchor(active_directory, dn)
    active_directory.delete(dn)
    export = active_directory.export(tmp_path / "x.ldif", query="(isDeleted=TRUE)", extra_args=_SHOW_DELETED)
    assert (RecordAction.DELETE, anchor) in {(record.action, record.anchor) for record in _records(export)}
