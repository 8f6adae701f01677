"""What is written of a refused record is read back as the same record."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.directory.records import UNSENT, DirectoryRecord, Edit, MfaRecord, PerUserState, RecordAction, RejectedRow
from ringfence.domain.numbers.pairs import MethodType
from ringfence.sources.rejected import RejectedFile
from tests.sources.reading import Folder

_ANCHOR: Final = "D8ypYDQPbkGmLi+VEs4xLw=="
_NUMBERS: Final = ["", "  ", "+1 4255550100", "+1 4255550100; +1 4255550101", "n/a", '["+1"]', "x,y"]
_TEXTS: Final = st.sampled_from([UNSENT, "", 'Zoë, "quoted"', "a;b\nc"])

users = st.builds(
    DirectoryRecord,
    line=st.just(2),
    action=st.just(RecordAction.UPSERT),
    new_dn=st.none(),
    user_id=st.sampled_from([None, bytes(range(16))]),
    anchor=st.sampled_from([None, _ANCHOR, "an anchor of letters"]),
    upn=st.just("zoë@contoso.example"),
    dn=st.sampled_from([None, "CN=Zoë,DC=contoso,DC=example"]),
    synced=st.sampled_from([UNSENT, None, True, False]),
    display_name=_TEXTS,
    enabled=st.sampled_from([UNSENT, True, False]),
    user_type=st.sampled_from([UNSENT, "Guest", "Member"]),
    other_mails=st.sampled_from([UNSENT, (), ("a@x.example", "b@x.example")]),
    mobile=st.sampled_from([UNSENT, *_NUMBERS]),
    office=st.sampled_from([UNSENT, *_NUMBERS]),
    edits=st.just(()),
)
states = st.builds(
    MfaRecord,
    line=st.just(2),
    upn=st.just("zoë@contoso.example"),
    user_id=st.sampled_from([None, bytes(range(16))]),
    methods=st.sampled_from([UNSENT, (MethodType.OneWaySMS, MethodType.PhoneAppOTP)]),
    default=st.sampled_from([UNSENT, MethodType.PhoneAppOTP]),
    add_default=st.just(value=False),
    mobile=st.sampled_from([UNSENT, "", "+1 4255550100"]),
    alternate=st.sampled_from([UNSENT, "", "+1 4255550101"]),
    office=st.sampled_from([UNSENT, "", "+1 4255550100x123"]),
    email=st.sampled_from([UNSENT, "", "zoe@x.example"]),
    state=st.sampled_from([UNSENT, PerUserState.Enforced]),
    registrations=st.just(()),
    listed=st.just(frozenset()),
    document=st.just(""),
).filter(lambda row: {row.methods, row.default, row.mobile, row.alternate, row.office, row.email, row.state} != {UNSENT})


def _written(*records: DirectoryRecord | MfaRecord) -> str:
    """The rejected file of these records."""
    with tempfile.TemporaryDirectory() as folder:
        with RejectedFile(Path(folder) / "users.csv") as rejected:
            for record in records:
                rejected.add(RejectedRow(record.line, "", "Why.", {}, record=record))
        return rejected.path.read_text("utf-8")


@given(st.lists(users, min_size=1, max_size=4))
def test_a_refused_user_comes_back_as_it_was(memory: Folder, rows: list[DirectoryRecord]) -> None:
    """What it did not send is not sent, what it cleared is cleared, whatever other rows of the file have."""
    found = memory.directory("a.csv", _written(*rows))
    assert rows == [row._replace(line=2) for row in found if isinstance(row, DirectoryRecord)]


@given(st.lists(states, min_size=1, max_size=4))
def test_a_refused_state_comes_back_as_it_was(memory: Folder, rows: list[MfaRecord]) -> None:
    """The same for the methods and the private numbers."""
    found = memory.mfa("a.csv", _written(*rows))
    assert rows == [row._replace(line=2) for row in found if isinstance(row, MfaRecord)]


def test_single_values_of_a_change_are_left_out(memory: Folder) -> None:
    """Fed again, they would clear or replace what is stored beside them."""
    edits = (Edit("mobile", (), ("+1 4255550100",)), Edit("other_mails", ("a@x.example",), ()))
    row = DirectoryRecord(2, RecordAction.MODIFY, upn="zoe@contoso.example", edits=edits)
    [found] = memory.directory("a.csv", _written(row))
    assert DirectoryRecord(2, upn="zoe@contoso.example") == found
