"""The throw-away domain does what tests rely on, and exports look as those of a real directory do.

Source: RFC 2849 (LDIF), RFC 4514 (names), domain-rules H.3 (objectGUID); numbers from ranges set aside for fiction.
"""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Final

import pytest
from ldap3.core.exceptions import LDAPException

from tests.servers import samba
from tests.servers.active_directory import ActiveDirectory
from tests.servers.certificates import write_certificates

pytestmark = pytest.mark.slow

_NOBODY: Final = 65534
# RFC 4514 wants each of the first nine escaped; the others are there to be left alone.
_AWKWARD: Final = '#1 "A, B" <c> d\\e; f=g + h/O\'Neil (i) *é'


def _lines(export: Path) -> list[str]:
    """Return the logical lines of an export: folded ones joined."""
    return export.read_text("utf-8").replace("\n ", "").splitlines()


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_numbers_are_exported_as_they_were_written(active_directory: ActiveDirectory, folder: str, tmp_path: Path) -> None:
    """Each of the three attributes is there, the multi-valued one with all its values."""
    active_directory.add_user(
        "Adele Vance",
        folder=folder,
        telephoneNumber="+1 425 555 0100 x12",
        mobile="+1 (206) 555-0101",
        otherMobile=["+44 7700 900001", "07700 900002"],
    )
    lines = _lines(active_directory.export(tmp_path / "x.ldif", "telephoneNumber", "mobile", "otherMobile", base=folder))
    assert {
        "telephoneNumber: +1 425 555 0100 x12",
        "mobile: +1 (206) 555-0101",
        "otherMobile: +44 7700 900001",
        "otherMobile: 07700 900002",
    } == {line for line in lines if line.startswith(("telephoneNumber:", "mobile:", "otherMobile:"))}


def test_the_guid_is_exported_in_base64(active_directory: ActiveDirectory, folder: str, tmp_path: Path) -> None:
    """The export holds the 16 bytes of objectGUID, which a source anchor is made of."""
    dn = active_directory.add_user("Adele Vance", folder=folder)
    guid = active_directory.object_guid(dn)
    lines = _lines(active_directory.export(tmp_path / "x.ldif", "objectGUID", base=folder))
    assert 16 == len(guid)
    assert f"objectGUID:: {base64.b64encode(guid).decode()}" in lines


def test_a_name_beyond_ascii_is_exported_in_base64(active_directory: ActiveDirectory, folder: str, tmp_path: Path) -> None:
    """A value that LDIF cannot hold as it stands is encoded."""
    active_directory.add_user("Zoe", folder=folder, displayName="Zoë Łukasiewicz 山田")
    lines = _lines(active_directory.export(tmp_path / "x.ldif", "displayName", base=folder))
    assert f"displayName:: {_base64('Zoë Łukasiewicz 山田')}" in lines


def test_a_long_value_is_folded(active_directory: ActiveDirectory, folder: str, tmp_path: Path) -> None:
    """No line of an entry is wider than ldapsearch's default, and joined again the value is whole."""
    active_directory.add_user("Long", folder=folder, displayName="x" * 200, description="é" * 200)
    export = active_directory.export(tmp_path / "x.ldif", "displayName", "description", base=folder, extra_args=["-LLL"])
    assert 79 > max(map(len, export.read_text("utf-8").splitlines()))
    assert {f"displayName: {'x' * 200}", f"description:: {_base64('é' * 200)}"} <= set(_lines(export))


def test_special_characters_survive_in_a_name(active_directory: ActiveDirectory, folder: str, tmp_path: Path) -> None:
    """A user may be called anything: the DN is escaped, by a backslash or in hexadecimal, the value of `cn` is not."""
    active_directory.add_user(_AWKWARD, folder=folder)
    lines = _lines(active_directory.export(tmp_path / "x.ldif", "cn", base=folder))
    [dn] = [base64.b64decode(line.removeprefix("dn:: ")).decode() for line in lines if line.startswith("dn:: ")]
    assert f"cn:: {_base64(_AWKWARD)}" in lines
    assert rf"""CN=\#1 \"A\, B\" \<c\> d\\e\3B f\3Dg \+ h/O'Neil (i) *é,{folder}""" == dn


@pytest.mark.parametrize(("options", "expected"), [([], True), (["-L"], True), (["-LL"], False), (["-LLL"], False)], ids=str)
def test_comments_are_as_asked_for(
    active_directory: ActiveDirectory, folder: str, tmp_path: Path, options: list[str], *, expected: bool
) -> None:
    """Without `-LL` the export says in comments what was asked for."""
    lines = _lines(active_directory.export(tmp_path / "x.ldif", "mobile", "pager", base=folder, extra_args=options))
    assert expected == any(line.startswith("# requesting: mobile pager") for line in lines)


def test_an_export_of_the_whole_domain_holds_more_than_entries(active_directory: ActiveDirectory, tmp_path: Path) -> None:
    """Besides the entries there are blocks without DN: references to other parts of the directory, and the result."""
    blocks = active_directory.export(tmp_path / "x.ldif", "cn").read_text("utf-8").split("\n\n")
    remarks = [block.split("\n") for block in blocks if "\ndn:" not in block]
    assert {"ref", "search"} == {line.partition(":")[0] for lines in remarks for line in lines[1:2] if not line.startswith("#")}


def test_a_cleared_number_is_absent(active_directory: ActiveDirectory, folder: str, tmp_path: Path) -> None:
    """A cleared attribute leaves no line, as if it had never been."""
    dn = active_directory.add_user("Adele Vance", folder=folder, mobile="+1 425 5550100")
    active_directory.modify(dn, {"mobile": None, "telephoneNumber": "+1 425 5550101"})
    lines = _lines(active_directory.export(tmp_path / "x.ldif", "mobile", "telephoneNumber", base=folder, extra_args=["-LLL"]))
    assert [f"dn: {dn}", "telephoneNumber: +1 425 5550101", ""] == lines


def test_a_user_keeps_the_guid_through_rename_and_move(active_directory: ActiveDirectory, folder: str) -> None:
    """The DN changes twice, what names the user for good does not."""
    dn = active_directory.add_user("Adele, V.", folder=folder)
    guid = active_directory.object_guid(dn)
    moved = active_directory.move(active_directory.rename(dn, "Adele, Vance"), f"CN=Users,{active_directory.base_dn}")
    found = active_directory.object_guid(moved)
    active_directory.delete(moved)
    assert {} == active_directory.read(dn, "cn")
    assert guid == found


def test_a_deleted_user_is_absent(active_directory: ActiveDirectory, folder: str, tmp_path: Path) -> None:
    """An export holds who is there now."""
    active_directory.delete(active_directory.add_user("Leaver", folder=folder))
    dn = active_directory.add_user("Stayer", folder=folder)
    lines = _lines(active_directory.export(tmp_path / "x.ldif", "mobile", base=folder, extra_args=["-LLL"]))
    assert [f"dn: {dn}", ""] == lines


def test_another_authority_is_refused(active_directory: ActiveDirectory, tmp_path: Path) -> None:
    """The server's certificate is checked, not only used."""
    stranger = write_certificates(tmp_path, ["elsewhere.example"], []).authority
    directory = ActiveDirectory(active_directory.ldaps_url, active_directory.domain, stranger, active_directory.admin_password)
    with pytest.raises(LDAPException, match=r"(?i)certificate verify failed"):
        directory.open()


def test_an_ordinary_user_gets_a_domain_too(tmp_path: Path) -> None:
    """Without root the domain lives in a user and network namespace: it takes writes, and the real ldapsearch finds it."""
    user = _NOBODY if os.geteuid() == 0 else None
    if not samba.has_namespaces(user):  # then a domain takes root, and whoever is not root is told so by the fixture
        return
    with samba.throw_away_domain(user) as directory:
        dn = directory.add_user("Adele Vance", mobile="+1 425 5550100")
        export = directory.export(tmp_path / "x.ldif", "mobile", base=dn, extra_args=["-LLL"])
    assert [f"dn: {dn}", "mobile: +1 425 5550100", ""] == _lines(export)
