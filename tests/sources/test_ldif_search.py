"""What tells a whole export from a cut one: line ends, empty lines, base64, and the remarks of ldapsearch."""

from __future__ import annotations

import pytest

from tests.sources import samples
from tests.sources.reading import Folder, upns

_ENTRY = "dn: cn=a\nobjectClass: user\nuserPrincipalName: a@contoso.example\nmobile: +1 425\n\n"
_HEAD = "# extended LDIF\n#\n# LDAPv3\n# requesting: mobile\n#\n\n"
_TAIL = "# search result\nsearch: 2\nresult: 0 Success\n\n"
_LONG = "A" * 76


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        pytest.param(_ENTRY + "dn: cn=b\nmobile: +1", 7, "line_end", id="no line end"),
        pytest.param(_ENTRY + "# a comm", 6, "line_end", id="no line end in a comment"),
        pytest.param(_ENTRY + "dn: cn=b\nmobile:: KzE\n", 7, "base64", id="half a group of base64"),
        pytest.param(_ENTRY + f"dn: cn=b\ndisplayName: {_LONG}\n", 7, "folded_line", id="a line as long as folded ones are"),
        pytest.param(_ENTRY + f"dn: cn=b\ncn: x\n y\n\ndn: cn={_LONG}\n", 10, "folded_line", id="half a name"),
        pytest.param("dn: cn=b\ncn: a long\n  one\n\ndn: cn=c\nmobile: +1 42\n", 6, "folded_line", id="as others of the file"),
        pytest.param(_HEAD + _ENTRY, 1, "search_not_finished", id="ldapsearch without a result"),
        pytest.param(_ENTRY + _TAIL.replace("0 Success", "4 Size limit exceeded"), 6, "search_result", id="a limit"),
        pytest.param(_ENTRY + _TAIL + "# numResponses: 3\n# numEntries: 2\n", 10, "entry_count", id="more entries counted"),
        pytest.param(_ENTRY * 2 + _TAIL + "# numResponses: 2\n# numEntries: 1\n", 15, "entry_count", id="fewer entries counted"),
        pytest.param(_ENTRY + "# numEntries: 3\n", 6, "entry_count", id="the count alone"),
        pytest.param(_ENTRY + "# pagedresults: estimate=9 cookie=MQA=\n\n", None, "search_not_finished", id="more pages"),
        pytest.param(
            _HEAD + _ENTRY + _TAIL + "pagedresults: cookie=MQA=\n", None, "search_not_finished", id="more pages, remarked"
        ),
    ],
)
def test_a_cut_export_is_refused(folder: Folder, text: str, line: int | None, why: str) -> None:
    """It changes nothing at all."""
    assert ("source.truncated", line, why) == folder.refusal("a.ldif", text)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        pytest.param(_ENTRY, 1, id="-LLL"),
        pytest.param(_ENTRY.removesuffix("\n"), 1, id="no empty line at the end"),
        pytest.param(_HEAD + _ENTRY + _TAIL, 1, id="with result"),
        pytest.param(_HEAD + _ENTRY + "# search result\n\n# numResponses: 2\n# numEntries: 1\n", 1, id="-L"),
        pytest.param((_HEAD + _ENTRY * 2 + _TAIL + "# numResponses: 3\n# numEntries: 2\n\n") * 2, 4, id="two strung together"),
        pytest.param(_HEAD + _ENTRY + _TAIL + _HEAD + _ENTRY + _TAIL + "# numResponses: 4\n# numEntries: 2\n", 2, id="two pages"),
        pytest.param(_ENTRY + "# pagedresults: cookie=MQA=\n" + _ENTRY + "# pagedresults: cookie=\n", 2, id="two pages, -LLL"),
        pytest.param(_ENTRY + _ENTRY.replace("mobile: +1 425", f"description: {_LONG}").removesuffix("\n"), 2, id="not ours"),
        pytest.param(_ENTRY + "ref: ldap://x\n\n# refldap://y\n\n", 1, id="references"),
    ],
)
def test_a_whole_export_is_read(folder: Folder, text: str, count: int) -> None:
    """Whatever options the tool was given."""
    assert ["a@contoso.example"] * count == upns(folder.directory("a.ldif", text))


def test_an_export_that_lost_an_entry_is_refused(folder: Folder) -> None:
    """The tool counted."""
    start, end = samples.LDAPSEARCH.index(b"# DC1"), samples.LDAPSEARCH.index(b"# search reference")
    assert "entry_count" == folder.refusal("a.ldif", samples.LDAPSEARCH[:start] + samples.LDAPSEARCH[end:])[2]
