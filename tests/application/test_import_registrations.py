"""An MFA import takes over methods registered one by one, with their entries and their records (domain-rules A.3, F.3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ringfence.application.registered_methods import delete_registration, list_registrations
from ringfence.application.report_registrations import find_registration_of_user
from ringfence.domain.directory.records import MfaRecord
from ringfence.domain.errors import ConflictError, ErrorCode
from ringfence.domain.methods.registration_report import RegisteredMethod
from ringfence.domain.methods.registrations import MethodKind, Registration, StatedMethod
from ringfence.domain.numbers.pairs import MethodType
from ringfence.domain.values import MFA_IMPORT
from ringfence.sources.mfa_registrations import KINDS
from ringfence.storage.registration_store import SqlRegistrationStore
from tests.application.worlds import ADMIN, OTP, PUSH, SMS, World, entries, fields, person, upn_of

APP, KEY, TOKEN = MethodKind.MICROSOFT_AUTHENTICATOR, MethodKind.FIDO2, MethodKind.SOFTWARE_OATH


@pytest.fixture
def ada(world: World) -> World:
    """A synced user whose default is a text message."""
    world.sync(person("ada"))
    world.mfa(entries("ada", SMS))
    world.clock.time += timedelta(hours=1)
    return world


def row(*methods: tuple[str, MethodKind], name: str = "ada", shown: str = "", **rest: Any) -> MfaRecord:  # noqa: ANN401 - fields of a record
    """An answer that states these methods, all under one display name."""
    stated = tuple(StatedMethod(*method, display_name=shown) for method in methods)
    return MfaRecord(1, upn_of(name), registrations=stated, **rest)


def held(world: World) -> list[Registration]:
    """What Ada has."""
    return list_registrations(world.services, world.tenant_id, upn_of("ada")).registrations


def ids(world: World) -> set[str]:
    """The ids of what Ada has."""
    return {one.method_id for one in held(world)}


def default_of(world: World) -> tuple[frozenset[MethodType], MethodType | None]:
    """Ada's entries and default."""
    user = world.account("ada").user
    return user.methods, user.default


def delete(world: World, kind: MethodKind, method_id: str) -> None:
    """Delete one as an administrator."""
    delete_registration(world.services, world.tenant_id, (upn_of("ada"), kind, method_id), ADMIN, world.clock.time)


def reasons(world: World, **wanted: Any) -> list[str]:  # noqa: ANN401 - fields of an AuditFilter
    """What the records written now tell."""
    return [one["resultReason"] for one in world.audit(since=world.clock.time, **wanted) if one["resultReason"]]


def test_methods_are_taken_over_with_their_entries(ada: World) -> None:
    """An app is its entry, which does not become the default where there is one; a passkey has none."""
    result = ada.mfa(row(("a", APP), ("k", KEY)))
    assert ({"a", "k"}, 1) == (ids(ada), result.counts["changed"])
    assert (frozenset({SMS, PUSH}), SMS) == default_of(ada)


def test_a_method_without_a_date_is_as_old_as_its_import(ada: World) -> None:
    """And stays so."""
    at = ada.clock.time
    for _ in range(2):
        ada.mfa(row(("k", KEY)))
        ada.clock.time += timedelta(days=1)
    assert [at] == [one.created_at for one in held(ada)]


def test_a_second_run_writes_nothing(ada: World) -> None:
    """Neither methods nor records."""
    rows = (row(("a", APP), ("k", KEY)), row(("t", TOKEN), listed=frozenset({TOKEN})))
    ada.mfa(*rows)
    before = ada.dump("registrations", "users", "audit_records")
    result = ada.mfa(*rows)
    assert (before, 2, 0) == (
        ada.dump("registrations", "users", "audit_records"),
        result.counts["unchanged"],
        result.counts["changed"],
    )


def test_later_rows_see_what_earlier_ones_did(ada: World) -> None:
    """Within one transaction: added once, then changed, and written in its last state."""
    ada.mfa(row(("k", KEY)), row(("k", KEY), shown="Red"), row(("k", KEY), shown="Blue"))
    assert [("Blue", 1)] == [(one.display_name, one.version) for one in held(ada)]
    ada.mfa(row(("k", KEY), shown="Green"), row(("k", KEY), shown="Grey"))
    assert [("Grey", 2)] == [(one.display_name, one.version) for one in held(ada)]


def test_what_a_list_lacks_is_kept_and_counted(ada: World) -> None:
    """A list of one kind says nothing of the others, and the list of all nothing of a pass, for which there is no code."""
    ada.mfa(row(("k", KEY), ("l", KEY), ("a", APP)))
    with ada.services.store.begin() as unit:
        user_id = ada.account("ada").user.user_id
        unit.registrations.add(ada.tenant_id, user_id, Registration("p", MethodKind.TEMPORARY_ACCESS_PASS, ada.clock.time))
        unit.commit()
    counts = [ada.mfa(row(("l", KEY), listed=kinds)).counts["kept"] for kinds in (frozenset({KEY}), KINDS)]
    assert ({"k", "l", "a", "p"}, [1, 2]) == (ids(ada), counts)


@pytest.mark.parametrize("rows", [1, 2], ids=["stored", "earlier in the file"])
def test_an_id_of_another_kind_is_refused(ada: World, rows: int) -> None:
    """Nothing of the row is taken over; its answer goes into the rejected file as it was."""
    refused = row(("k", APP), ("n", KEY), document="{}")
    if rows == 1:
        ada.mfa(row(("k", KEY)))
        ada.mfa(refused)
    else:
        ada.mfa(row(("k", KEY)), refused)
    assert ({"k"}, frozenset({SMS})) == (ids(ada), default_of(ada)[0])
    assert [("id", {"record": "{}"})] == [(one.column, fields(one)) for one in ada.rejected]


def test_an_answer_about_nobody_is_refused(ada: World) -> None:
    """As with numbers."""
    ada.mfa(row(("k", KEY), name="nobody", document="{}"))
    assert ["userPrincipalName"] == [one.column for one in ada.rejected]


def test_each_method_has_its_records(ada: World) -> None:
    """Two for each that came or changed, of the import's task and run."""
    ada.mfa(row(("a", APP), ("k", KEY)))
    expected = {
        "Admin changed the method entries of user",
        "Admin registered Microsoft Authenticator method for user",
        "Admin registered passkey (FIDO2) method for user",
    }
    assert (expected, 6) == (set(reasons(ada)), len(ada.audit(since=ada.clock.time)))
    assert {MFA_IMPORT.name} == {one["initiatedBy"]["app"]["displayName"] for one in ada.audit(since=ada.clock.time)}
    ada.clock.time += timedelta(hours=1)
    ada.mfa(row(("k", KEY), shown="Red"))
    assert ["Admin changed passkey (FIDO2) method for user"] == reasons(ada)


def test_the_report_follows(ada: World) -> None:
    """A passkey counts from its import on."""
    ada.mfa(row(("k", KEY)))
    found = find_registration_of_user(ada.services, ada.tenant_id, upn_of("ada"), ada.clock.time)
    assert (True, True) == (found.is_passwordless_capable, RegisteredMethod.PASSKEY in found.methods)


def test_the_last_app_takes_its_entry_along(ada: World) -> None:
    """Entries and method in one change, and one couple of records."""
    ada.mfa(row(("a", APP), ("b", APP), ("t", TOKEN)))
    ada.clock.time += timedelta(hours=1)
    delete(ada, APP, "a")
    assert (frozenset({SMS, PUSH, OTP}), SMS) == default_of(ada)
    ada.clock.time += timedelta(hours=1)
    delete(ada, APP, "b")
    assert ((frozenset({SMS, OTP}), SMS), {"t"}) == (default_of(ada), ids(ada))
    told, changed = ada.audit(since=ada.clock.time)
    assert "Admin deleted Microsoft Authenticator method for user" == told["resultReason"]
    assert "StrongAuthenticationMethod" in str(changed["targetResources"])


def test_the_default_stays_while_another_entry_exists(ada: World) -> None:
    """D.1: refused, with the id; nothing is written. As the last entry it may go."""
    ada.mfa(row(("a", APP), default=PUSH))
    before = ada.dump()
    with pytest.raises(ConflictError) as caught:
        delete(ada, APP, "a")
    assert (ErrorCode.METHOD_IS_DEFAULT, "a", before) == (caught.value.code, caught.value.facts["id"], ada.dump())
    ada.mfa(entries("ada", PUSH))
    delete(ada, APP, "a")
    assert ((frozenset(), None), set()) == (default_of(ada), ids(ada))


def test_rows_of_other_kinds_ask_nothing_about_methods(ada: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a chunk that has some pays for them: there is nothing to ask here."""
    monkeypatch.delattr(SqlRegistrationStore, "of_users")
    assert 1 == ada.mfa(entries("ada", PUSH)).counts["changed"]
