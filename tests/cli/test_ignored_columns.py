"""Columns whose names nobody knows are told, not refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import At

_DIRECTORY = "userPrincipalName,mobliePhone\nkim@contoso.example,+1 4255550100\n"
_MFA = "userPrincipalName,state,methds\nkim@contoso.example,Enforced,OneWaySMS\n"


@pytest.mark.parametrize(("kind", "text", "name"), [("directory", _DIRECTORY, "mobliePhone"), ("mfa", _MFA, "methds")])
def test_an_unknown_column_is_told(at: At, tmp_path: Path, kind: str, text: str, name: str) -> None:
    """A misspelt column is named on stderr, and the import goes on."""
    path = tmp_path / "people.csv"
    path.write_text(text, encoding="utf-8")
    answer = at("imported")("import", kind, str(path))
    assert (0, f"people.csv: columns that mean nothing here: {name}. Is one of them misspelt?\n") == (answer.code, answer.err)
