"""An administrator sets and deletes authentication numbers (domain-rules A.2, A9, T3, T5, T6, D.1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from ringfence.application.phones import RegisterPhone, list_phones, register_phone
from ringfence.domain.directory.records import MfaRecord
from ringfence.domain.directory.user import NumberOrigin
from ringfence.domain.errors import ConflictError, ErrorCode, InvalidError, NotFoundError
from ringfence.domain.numbers.pairs import MethodType, Pair
from tests.application.worlds import ADMIN, OFFICE_VOICE, OTP, PUSH, SMS, VOICE, World, entries, person, removal, upn_of

A = "+1 4255550100"
B = "+1 4255550101"
ALTERNATE_VOICE = MethodType.TwoWayVoiceAlternateMobile


@pytest.fixture
def ada(world: World) -> World:
    """A synced user without any method yet."""
    world.sync(person("ada", mobile=A))
    return world


def registered(world: World) -> tuple[frozenset[MethodType], MethodType | None]:
    """Ada's entries and default."""
    user = world.account("ada").user
    return user.methods, user.default


def phones(world: World) -> dict[str, str]:
    """Ada's authentication numbers by Microsoft's phone type."""
    return {phone.pair.phone_type: phone.number for phone in list_phones(world.services, world.tenant_id, upn_of("ada"))}


def everything(world: World) -> None:
    """All three numbers."""
    for pair, number in ((Pair.MOBILE, A), (Pair.ALTERNATE, B), (Pair.OFFICE, f"{A}x12")):
        world.set_phone("ada", number, pair)


@pytest.mark.parametrize(
    ("pair", "methods", "default"),
    [
        pytest.param(Pair.MOBILE, {SMS, VOICE}, SMS, id="mobile: text and call"),
        pytest.param(Pair.OFFICE, {OFFICE_VOICE}, OFFICE_VOICE, id="office: call only (T5)"),
    ],
)
def test_setting_a_number_adds_its_entries(ada: World, pair: Pair, methods: set[MethodType], default: MethodType) -> None:
    """The entries of the pair are added, and the first of them is the default when there is none."""
    ada.set_phone("ada", A, pair)
    assert (frozenset(methods), default) == registered(ada)


def test_an_alternate_number_is_voice_only(ada: World) -> None:
    """T5: no text goes to it, and it becomes no default beside the mobile number."""
    ada.set_phone("ada", A)
    ada.set_phone("ada", B, Pair.ALTERNATE)
    assert (frozenset({SMS, VOICE, ALTERNATE_VOICE}), SMS) == registered(ada)


def test_the_default_stays(ada: World) -> None:
    """Setting a number does not change a default that is there."""
    ada.mfa(entries("ada", PUSH))
    ada.set_phone("ada", A)
    assert (frozenset({PUSH, SMS, VOICE}), PUSH) == registered(ada)


def test_a_changed_number_gets_its_entries_back(ada: World) -> None:
    """Changing a number adds the entries it has lost."""
    ada.mfa(entries("ada", PUSH, mobile=A))
    ada.set_phone("ada", B)
    assert (frozenset({PUSH, SMS, VOICE}), PUSH) == registered(ada)


def test_all_three_are_listed(ada: World) -> None:
    """A.2: at most one number per type, so at most three; in canonical form."""
    everything(ada)
    assert {"mobile": A, "alternateMobile": B, "office": f"{A}x12"} == phones(ada)


def test_separators_are_forgiven(ada: World) -> None:
    """C.2 step 5: unambiguous input is normalised."""
    ada.set_phone("ada", " +1 (425) 555-0100 ")
    assert {"mobile": A} == phones(ada)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        pytest.param("4255550100", ErrorCode.NUMBER_FORM, id="no country code"),
        pytest.param("+999 4255550100", ErrorCode.NUMBER_COUNTRY, id="no such country"),
        pytest.param("+1 42555", ErrorCode.NUMBER_LENGTH, id="too short"),
        pytest.param(f"{A}x12", ErrorCode.NUMBER_EXTENSION, id="extension of a mobile number"),
    ],
)
def test_what_is_no_number_is_refused(ada: World, number: str, code: ErrorCode) -> None:
    """C.2: the strict form; nothing is written."""
    before = ada.dump()
    with pytest.raises(InvalidError) as refused:
        ada.set_phone("ada", number)
    assert (code, before) == (refused.value.code, ada.dump())


def test_the_writer_is_the_administrator(ada: World) -> None:
    """Who wrote the number when."""
    ada.set_phone("ada", A)
    written = list_phones(ada.services, ada.tenant_id, upn_of("ada"))[0].written
    assert (NumberOrigin.ADMIN, ada.clock.time, ADMIN.name, None) == written


def test_setting_the_same_again_changes_nothing(ada: World) -> None:
    """The second time is no change: nothing written, no record, the same time of writing."""
    first = ada.set_phone("ada", A)
    before = ada.dump()
    ada.clock.time += timedelta(days=1)
    assert (True, False) == (first, ada.set_phone("ada", A))
    assert before == ada.dump()


def test_an_alternate_number_needs_a_mobile_one(ada: World) -> None:
    """T5: `alternateMobile` cannot exist without `mobile`."""
    with pytest.raises(ConflictError) as refused:
        ada.set_phone("ada", B, Pair.ALTERNATE)
    assert ErrorCode.PHONE_MOBILE_REQUIRED is refused.value.code


def test_a_mobile_number_stays_while_there_is_an_alternate(ada: World) -> None:
    """A.2: deleting mobile while alternateMobile exists fails."""
    everything(ada)
    with pytest.raises(ConflictError) as refused:
        ada.delete_phone("ada")
    assert ErrorCode.PHONE_ALTERNATE_EXISTS is refused.value.code


@pytest.mark.parametrize(
    ("pair", "left"),
    [
        pytest.param(Pair.ALTERNATE, {SMS, VOICE, OFFICE_VOICE}, id="alternate"),
        pytest.param(Pair.OFFICE, {SMS, VOICE, ALTERNATE_VOICE}, id="office"),
    ],
)
def test_deleting_takes_the_entries_along(ada: World, pair: Pair, left: set[MethodType]) -> None:
    """T3: number and entries go in one transaction."""
    everything(ada)
    ada.delete_phone("ada", pair)
    assert (frozenset(left), SMS) == registered(ada)
    assert pair.phone_type not in phones(ada)


def test_the_default_cannot_be_deleted(ada: World) -> None:
    """T6, D.1: refused while a method of another pair or kind exists; nothing changes."""
    ada.mfa(entries("ada", SMS, VOICE, OTP, mobile=A))
    before = ada.dump()
    with pytest.raises(ConflictError) as refused:
        ada.delete_phone("ada")
    assert (ErrorCode.METHOD_IS_DEFAULT, before) == (refused.value.code, ada.dump())


def test_the_last_method_can_be_deleted(ada: World) -> None:
    """D.1: the last remaining one must be deletable, its own second entry is no other method; the default empties."""
    ada.set_phone("ada", A)
    ada.delete_phone("ada")
    assert ((frozenset(), None), {}) == (registered(ada), phones(ada))


def test_what_is_not_there_cannot_be_deleted(ada: World) -> None:
    """A public number is no authentication number."""
    ada.mfa(entries("ada", SMS))
    with pytest.raises(NotFoundError) as refused:
        ada.delete_phone("ada")
    assert ErrorCode.PHONE_ABSENT is refused.value.code


@pytest.mark.parametrize("name", ["nobody", "gone"])
def test_only_users_who_are_there(ada: World, name: str) -> None:
    """Unknown and deleted users have no phones to set, delete or list."""
    ada.sync(person("gone"))
    ada.sync(removal("gone"))
    for act in (
        lambda: ada.set_phone(name, A),
        lambda: ada.delete_phone(name),
        lambda: list_phones(ada.services, ada.tenant_id, upn_of(name)),
    ):
        with pytest.raises(NotFoundError) as refused:
            act()
        assert ErrorCode.USER_UNKNOWN is refused.value.code


@pytest.mark.parametrize("form", [str.upper, str.lower], ids=["capitals", "small"])
def test_users_are_found_in_any_case(ada: World, form: Callable[[str], str]) -> None:
    """A user principal name is the same in any case."""
    command = RegisterPhone(form(upn_of("Ada")), Pair.MOBILE, A, ADMIN)
    assert register_phone(ada.services, ada.tenant_id, command, ada.clock.time)


def test_an_alternate_number_of_the_old_system_can_be_deleted(ada: World) -> None:
    """One that was imported without a mobile number is deleted like any other."""
    ada.mfa(MfaRecord(2, upn=upn_of("ada"), methods=(ALTERNATE_VOICE,), default=ALTERNATE_VOICE, alternate=B))
    ada.delete_phone("ada", Pair.ALTERNATE)
    assert (frozenset(), None) == registered(ada)
