"""The main job on a real directory: users written to Active Directory, exported, imported, copied, and changed after that.

Each step is a command as an administrator types it. Source: issue A, "The command line"; domain-rules B.2, B.3, G, H.5.
Numbers are from ranges set aside for fiction.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from tests.servers import postgres
from tests.servers.active_directory import ActiveDirectory

pytestmark = pytest.mark.slow

_SOURCES: Final = Path(__file__).parents[2] / "src"
_WANTED: Final = (
    "objectGUID",
    "userPrincipalName",
    "displayName",
    "userAccountControl",
    "telephoneNumber",
    "mobile",
    "otherMobile",
)
_ADELE, _BEN, _CEM, _DANA, _EVA = (f"{name}@contoso.example" for name in ("adele", "ben", "cem", "dana", "eva"))
_USERS: Final[dict[str, dict[str, str | list[str]]]] = {
    _ADELE: {"displayName": "Adèle Vance", "telephoneNumber": "+1 425 555 0100 x12", "mobile": "+1 (206) 555-0101"},
    _BEN: {"displayName": "Ben Walters", "mobile": "+44 7700 900001", "otherMobile": ["+44 7700 900002", "+44 7700 900003"]},
    _CEM: {"displayName": "Çem Öztürk", "mobile": "+1 206.555.0103"},
    _DANA: {"displayName": "Dana, formerly of Sales", "mobile": "+1 2065550104"},
    _EVA: {"displayName": "Eva", "mobile": "+1 2065550105"},
}
# Who uses which method. Only Cem has a number of his own, and Eva is not configured.
_MFA: Final = (
    {"userPrincipalName": _ADELE, "methods": "OneWaySMS;TwoWayVoiceOffice", "defaultMethod": "OneWaySMS"},
    {"userPrincipalName": _BEN, "methods": "TwoWayVoiceMobile", "defaultMethod": "TwoWayVoiceMobile"},
    {"userPrincipalName": _CEM, "methods": "OneWaySMS", "defaultMethod": "OneWaySMS", "phoneNumber": "+1 2065550199"},
    {"userPrincipalName": _DANA, "methods": "OneWaySMS", "defaultMethod": "OneWaySMS"},
)


@dataclass
class Administrator:
    """Types commands; what `numbers explain` answers is kept by chapter, then by user (each costs a second)."""

    folder: Path
    database: str
    chapters: dict[str, dict[str, Any]] = field(default_factory=dict)

    def run(self, *words: str) -> str:
        """Run one command, which has to succeed, and return what it printed."""
        environment = {
            "PATH": os.environ["PATH"],
            "LC_ALL": "C.UTF-8",
            "PYTHONPATH": str(_SOURCES),
            "RINGFENCE_DATABASE": self.database,
            "RINGFENCE_KEY_FILE": str(self.folder / "ringfence.key"),
        }
        command = [sys.executable, "-m", "ringfence", *words]
        done = subprocess.run(
            command, env=environment, cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        assert 0 == done.returncode, f"{' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout

    def close_chapter(self, name: str, *users: str) -> None:
        """Have these users explained as they are now."""
        self.chapters[name] = {user: json.loads(self.run("numbers", "explain", user, "--json", "--reveal")) for user in users}

    def pair(self, chapter: str, user: str, pair: str = "mobile") -> tuple[str | None, ...]:
        """Return public number, authentication number, who wrote that, and status."""
        explained = self.chapters[chapter][user]["pairs"][pair]
        return tuple(explained[name] for name in ("public", "authentication", "origin", "status"))


def _write_mfa(path: Path) -> Path:
    columns = "userPrincipalName, methods, defaultMethod, phoneNumber, alternativePhoneNumber, voiceOnlyPhoneNumber, email, state"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns.split(", "))
        writer.writeheader()
        writer.writerows(_MFA)
    return path


def _play(administrator: Administrator, directory: ActiveDirectory, folder: str) -> None:
    """Copy, then a day of changes in the directory, then a leaver."""
    work = administrator.folder
    names = {
        user: directory.add_user(str(wanted["displayName"]), folder=folder, userPrincipalName=user, **wanted)
        for user, wanted in _USERS.items()
    }
    administrator.run("init", "--tenant", "contoso.example")
    administrator.run("import", "directory", str(directory.export(work / "first.ldif", *_WANTED, base=folder)))
    administrator.run("import", "mfa", str(_write_mfa(work / "mfa.csv")))
    administrator.run("transition", "open", "--start", "2021-02-01", "--end", "2121-05-01")
    administrator.run("numbers", "copy")
    administrator.close_chapter("copied", _ADELE, _CEM, _EVA)

    directory.modify(names[_ADELE], {"mobile": "+1 206 555 0106"})
    directory.rename(names[_ADELE], "Adèle Vance-Müller")
    directory.modify(names[_BEN], {"mobile": None})
    directory.modify(names[_CEM], {"mobile": "+1 2065550107"})
    administrator.run("import", "directory", str(directory.export(work / "second.ldif", *_WANTED, base=folder)))
    administrator.close_chapter("followed", _ADELE, _BEN, _CEM)

    directory.delete(names[_DANA])
    third = directory.export(work / "third.ldif", *_WANTED, base=folder, extra_args=["-LLL"])
    administrator.run("import", "directory", "--full", str(third))
    administrator.close_chapter("left", _ADELE, _BEN, _DANA)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def story(
    request: pytest.FixtureRequest, active_directory: ActiveDirectory, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Administrator]:
    """The whole story, played once on each engine."""
    work = tmp_path_factory.mktemp("story")
    folder = active_directory.add_folder(f"Story on {request.param}")
    with contextlib.ExitStack() as stack:
        stack.callback(active_directory.delete_folder, folder)
        database = f"sqlite:///{work}/ringfence.db"
        if request.param == "postgresql":
            database = stack.enter_context(postgres.fresh_database(request.getfixturevalue("postgres_server")))
        administrator = Administrator(work, database)
        _play(administrator, active_directory, folder)
        yield administrator


def test_a_public_mobile_in_use_is_copied(story: Administrator) -> None:
    """C6: configured, no number of one's own: the public one becomes it, in canonical form."""
    assert ("+1 (206) 555-0101", "+1 2065550101", "copy", "copied") == story.pair("copied", _ADELE)


def test_a_public_office_number_is_copied_with_its_extension(story: Administrator) -> None:
    """C6 for the other pair, from telephoneNumber."""
    assert ("+1 425 555 0100 x12", "+1 4255550100x12", "copy", "copied") == story.pair("copied", _ADELE, "office")


def test_a_number_of_ones_own_is_not_overwritten(story: Administrator) -> None:
    """C8: the number in use stays, whatever the directory says."""
    assert ("+1 206.555.0103", "+1 2065550199", "import", "diverged") == story.pair("copied", _CEM)


def test_who_is_not_configured_gets_nothing(story: Administrator) -> None:
    """C3: a public number alone is no reason to copy it."""
    assert ("+1 2065550105", None, None, "not_configured") == story.pair("copied", _EVA)


def test_a_change_in_the_directory_is_followed(story: Administrator) -> None:
    """M3: the pair was the same, so the authentication number goes along, renamed user or not."""
    assert ("+1 206 555 0106", "+1 2065550106", "mirror", "copied") == story.pair("followed", _ADELE)


def test_a_renamed_user_is_the_same_user(story: Administrator) -> None:
    """H.3: the source anchor, not the DN, says who it is."""
    assert story.chapters["copied"][_ADELE]["id"] == story.chapters["followed"][_ADELE]["id"]


def test_a_cleared_number_is_kept(story: Administrator) -> None:
    """M4: the directory's number is gone, the one in use stays."""
    assert (None, "+44 7700900001", "copy", "frozen_after_delete") == story.pair("followed", _BEN)


def test_a_diverged_number_does_not_follow(story: Administrator) -> None:
    """M6: the pair was different, so the change concerns the public number only."""
    assert ("+1 2065550107", "+1 2065550199", "import", "diverged") == story.pair("followed", _CEM)


def test_a_full_import_deletes_who_left(story: Administrator) -> None:
    """H.5: only the user who is missing, and softly: she can still be explained."""
    assert {_DANA} == {user for user, explained in story.chapters["left"].items() if explained["deleted"]}


@pytest.mark.parametrize("user", [_ADELE, _BEN])
def test_who_stays_is_as_before(story: Administrator, user: str) -> None:
    """A further import, in which nothing changed for them, changes nothing: not for the mirrored one, not for the cleared one."""
    assert story.chapters["followed"][user] == story.chapters["left"][user]
