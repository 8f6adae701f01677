"""`ringfence import mfa`: counts, remarks, rejected rows. What the rows mean is tested with the use case."""

from __future__ import annotations

import pytest

from tests.cli.command_line import DIRECTORY, MFA
from tests.cli.conftest import At

_HEAD = "userPrincipalName,methods,defaultMethod,phoneNumber,alternativePhoneNumber,voiceOnlyPhoneNumber,email,state"
_GOOD = "kim@contoso.example,OneWaySMS,OneWaySMS,,,,,Enforced"


def test_it_says_in_a_line_what_it_did(at: At) -> None:
    """Rows read, users changed; and which numbers nothing uses."""
    cli = at("initialised")
    cli.done("import", "directory", *DIRECTORY)
    answer = cli("import", "mfa", MFA)
    assert (0, "11 rows read. Users: 11 changed.\n") == (answer.code, answer.out)
    assert answer.err.startswith("2 numbers have no method entry, and without one MFA does not use a number")


def test_again_changes_nothing(at: At) -> None:
    """The state is what the file says already."""
    assert "11 rows read. Users: 11 unchanged.\n" == at("imported").done("import", "mfa", MFA)


def test_an_empty_cell_keeps_what_is_stored(at: At) -> None:
    """And says so: a copied number, say, is newer than the export."""
    cli = at("copied")
    answer = cli("import", "mfa", cli.write("mfa.csv", _HEAD, _GOOD))
    assert "2 stored values are empty or missing in the file and kept.\n" in answer.err
    assert "+1 4255550100" == cli.pair("kim")["authentication"]


_BAD = {
    "unknown method": ("kim@contoso.example,OneWaySMS;Carrier,OneWaySMS,,,,,Enforced", "methods"),
    "malformed number": ("kim@contoso.example,OneWaySMS,OneWaySMS,4255550100,,,,Enforced", "phoneNumber"),
    "unknown user": ("who@contoso.example,OneWaySMS,OneWaySMS,,,,,Enforced", "userPrincipalName"),
    "default that is no entry": ("kim@contoso.example,OneWaySMS,PhoneAppOTP,,,,,Enforced", "defaultMethod"),
    "unknown state": ("kim@contoso.example,OneWaySMS,OneWaySMS,,,,,Sometimes", "state"),
}


@pytest.mark.parametrize(("row", "column"), _BAD.values(), ids=_BAD)
def test_a_bad_row_is_rejected_and_the_rest_proceeds(row: str, column: str, at: At) -> None:
    """Exit 1; line, column and reason in the file beside it."""
    cli = at("imported")
    answer = cli("import", "mfa", cli.write("mfa.csv", _HEAD, row, "nora@contoso.example,OneWaySMS,OneWaySMS,,,,,Enabled"))
    assert (1, "2 rows read, 1 rejected. Users: 1 changed.\n") == (answer.code, answer.out)
    [rejected] = cli.table("mfa.csv.rejected.csv")
    assert ("2", column, True) == (rejected["line"], rejected["column"], len(rejected["reason"]) > 20)


def test_rejected_rows_can_be_mended_and_imported_again(at: At) -> None:
    """The file is a source of the same form."""
    cli = at("imported")
    cli("import", "mfa", cli.write("mfa.csv", _HEAD, _BAD["malformed number"][0]))
    mended = cli.folder / "mfa.csv.rejected.csv"
    mended.write_text(mended.read_text("utf-8").replace("4255550100", "+1 4255550109"), "utf-8")
    cli.done("import", "mfa", str(mended))
    assert "+1 4255550109" == cli.pair("kim")["authentication"]


def test_only_the_owner_may_read_rejected_rows(at: At) -> None:
    """They hold private numbers."""
    cli = at("imported")
    cli("import", "mfa", cli.write("mfa.csv", _HEAD, _BAD["malformed number"][0]))
    assert 0o600 == (cli.folder / "mfa.csv.rejected.csv").stat().st_mode & 0o777


def test_a_directory_is_no_mfa_export(at: At) -> None:
    """LDIF has no legacy state in it: exit 2, and what was expected."""
    answer = at("imported")("import", "mfa", DIRECTORY[0])
    assert (2, True) == (answer.code, "(CSV, JSON Lines or JSON expected, line 1). Nothing was changed." in answer.err)


def test_graphs_own_answer_is_a_source(at: At) -> None:
    """What Graph answers for phoneMethods, as it comes."""
    cli = at("imported")
    user = cli.json("user", "show", "nora@contoso.example")["id"]
    phone = '{"phoneType": "mobile", "phoneNumber": "+1 4255550105", "id": "3179e48a-750b-4051-897c-87b9720928f7"}'
    context = f"https://graph.microsoft.com/v1.0/$metadata#users('{user}')/authentication/phoneMethods"
    cli.done("import", "mfa", cli.write("phones.json", f'{{"@odata.context": "{context}", "value": [{phone}]}}'))
    assert "+1 4255550105" == cli.pair("nora")["authentication"]


def test_an_answer_that_was_refused_can_be_mended_and_imported_again(at: At) -> None:
    """A passkey of nobody: the rejected file holds the answer as it was, for its columns could not."""
    cli = at("imported")
    context = "https://graph.microsoft.com/v1.0/$metadata#users('nobody%40contoso.example')/authentication/fido2Methods"
    source = cli.write("keys.json", f'{{"@odata.context": "{context}", "value": [{{"id": "k"}}]}}')
    assert (1, "1 row read, 1 rejected.\n") == (cli("import", "mfa", source)[:2])
    mended = cli.folder / "keys.json.rejected.csv"
    mended.write_text(mended.read_text("utf-8").replace("nobody", "nora"), "utf-8")
    assert "1 row read. Users: 1 changed.\n" == cli("import", "mfa", str(mended)).out
