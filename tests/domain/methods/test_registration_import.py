"""Registered methods that an export states, beside those that are stored (domain-rules A.3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.directory.records import MfaRecord
from ringfence.domain.methods.registration_import import RegistrationImport, RegistrationRefusal, decide_registration_import
from ringfence.domain.methods.registrations import MethodKind, Registration, StatedMethod

NOW: Final = datetime(2021, 3, 15, tzinfo=UTC)
BEFORE: Final = NOW - timedelta(days=30)
KEY: Final = Registration("k", MethodKind.FIDO2, BEFORE, "Red", {"model": "M"}, version=3)


def stated(**fields: Any) -> StatedMethod:  # noqa: ANN401 - any field of a stated method
    """The stored passkey as an export may state it."""
    return StatedMethod(**{"method_id": "k", "kind": MethodKind.FIDO2, **fields})


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        pytest.param(stated(), RegistrationImport(), id="nothing said"),
        pytest.param(stated(created_at=BEFORE, display_name="Red", details={"model": "M"}), RegistrationImport(), id="the same"),
        pytest.param(
            stated(display_name="Blue"), RegistrationImport(changed=(KEY._replace(display_name="Blue"),)), id="another name"
        ),
        pytest.param(stated(created_at=NOW), RegistrationImport(changed=(KEY._replace(created_at=NOW),)), id="another instant"),
        pytest.param(
            stated(details={"aaGuid": "g"}),
            RegistrationImport(changed=(KEY._replace(details={"model": "M", "aaGuid": "g"}),)),
            id="a property beside those stored",
        ),
        pytest.param(
            stated(method_id="n"), RegistrationImport(added=(Registration("n", MethodKind.FIDO2, NOW),)), id="new, of no age"
        ),
        pytest.param(
            stated(method_id="n", created_at=BEFORE, display_name="New", details={"model": "N"}),
            RegistrationImport(added=(Registration("n", MethodKind.FIDO2, BEFORE, "New", {"model": "N"}),)),
            id="new",
        ),
        pytest.param(stated(kind=MethodKind.WINDOWS_HELLO), RegistrationRefusal.OTHER_KIND, id="another kind"),
    ],
)
def test_one_method(method: StatedMethod, expected: RegistrationImport | RegistrationRefusal) -> None:
    """New, changed, the same; and what is not stated stays."""
    assert expected == decide_registration_import([KEY], MfaRecord(1, "ada", registrations=(method,)), NOW)


@pytest.mark.parametrize(
    ("listed", "sent", "kept"),
    [
        pytest.param({MethodKind.FIDO2}, (), 1, id="missing in a list of its kind"),
        pytest.param({MethodKind.SOFTWARE_OATH}, (), 0, id="missing in a list of another kind"),
        pytest.param((), (), 0, id="no list"),
        pytest.param({MethodKind.FIDO2}, (stated(),), 0, id="listed"),
    ],
)
def test_what_is_missing_is_kept_and_counted(listed: set[MethodKind], sent: tuple[StatedMethod, ...], kept: int) -> None:
    """An export may be older than what is stored."""
    decided = decide_registration_import([KEY], MfaRecord(1, "ada", registrations=sent, listed=frozenset(listed)), NOW)
    assert RegistrationImport(kept=kept) == decided


ids = st.sampled_from("abc")
details = st.dictionaries(st.sampled_from(["model", "aaGuid"]), st.sampled_from(["1", "2"]))
instants = st.sampled_from([BEFORE, NOW])
names = st.sampled_from(["", "Red"])
kinds = st.sampled_from(MethodKind)
held = st.lists(st.builds(Registration, ids, kinds, instants, names, details), unique_by=lambda one: one.method_id)
sent = st.lists(
    st.builds(StatedMethod, ids, kinds, st.one_of(st.none(), instants), names, details), unique_by=lambda one: one.method_id
)


@given(held, sent)
def test_twice_is_once(before: list[Registration], methods: list[StatedMethod]) -> None:
    """The second time changes nothing, whatever the time."""
    record = MfaRecord(1, "ada", registrations=tuple(methods))
    first = decide_registration_import(before, record, NOW)
    if isinstance(first, RegistrationRefusal):
        return
    after = {one.method_id: one for one in (*before, *first.added, *first.changed)}
    assert RegistrationImport() == decide_registration_import(after.values(), record, NOW + timedelta(days=1))
