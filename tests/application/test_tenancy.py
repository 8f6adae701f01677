"""Setting up, finding the tenant, and refusing a database whose keys are not there (house rules 6.6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ringfence.application.services import Services
from ringfence.application.tenancy import check_keys, initialise_tenant, resolve_tenant
from ringfence.crypto.key_file import FileKeys
from ringfence.crypto.sealing import AesSivSealer
from ringfence.domain.errors import ConflictError, ErrorCode, InvalidError, NotFoundError, RingfenceError, UnavailableError
from tests.application.worlds import SMS, World, entries, found_world, person

A = "+1 4255550100"


def test_initialising_again_changes_nothing(early: World) -> None:
    """The tenant is the same in any case of its name, and not a row is written."""
    before = early.dump()
    tenant, is_new = initialise_tenant(early.services, early.keys, "CONTOSO.example", early.clock.time)
    assert (early.tenant_id, False, before) == (tenant.tenant_id, is_new, early.dump())


@pytest.mark.parametrize("name", ["", "  "])
def test_a_tenant_has_a_name(early: World, name: str) -> None:
    """Nobody could ask for one without."""
    with pytest.raises(InvalidError):
        initialise_tenant(early.services, early.keys, name, early.clock.time)


def found(services: Services, name: str | None) -> int:
    """The number of the tenant with that name."""
    return resolve_tenant(services.store, name).tenant_id


def test_a_sole_tenant_needs_no_name(early: World) -> None:
    """It is the default, and found by its name or its directory id."""
    directory_id = early.dump("tenants")["tenants"][0][1].hex()
    dashed = "-".join((directory_id[:8], directory_id[8:12], directory_id[12:16], directory_id[16:20], directory_id[20:]))
    names = (None, "Contoso.Example", directory_id, dashed)
    assert [early.tenant_id] * 4 == [found(early.services, name) for name in names]


@pytest.mark.parametrize(
    ("name", "kind", "code"),
    [
        pytest.param(None, ConflictError, ErrorCode.TENANT_AMBIGUOUS, id="two and no name"),
        pytest.param("nobody", NotFoundError, ErrorCode.TENANT_UNKNOWN, id="no such name"),
    ],
)
def test_a_tenant_is_never_guessed(early: World, name: str | None, kind: type[RingfenceError], code: ErrorCode) -> None:
    """With two tenants, one has to be named, and rightly."""
    found_world(early.services, early.keys, "fabrikam.example")
    with pytest.raises(kind) as refused:
        found(early.services, name)
    assert code is refused.value.code


def test_users_of_two_tenants_may_have_the_same_name(world: World) -> None:
    """What happens in one tenant is unknown in the other: no transition there, no number."""
    other = found_world(world.services, world.keys, "fabrikam.example")
    for one in (world, other):
        one.sync(person("ada", mobile=A))
        one.mfa(entries("ada", SMS))
    world.open_window()
    world.clock.time = world.clock.time.replace(year=2021, month=3)
    world.copy()
    assert (A, None) == (world.authentication("ada"), other.authentication("ada"))


def with_another_key(world: World) -> AesSivSealer:
    """A sealer over a new key file, whose first key has the same id and is another key."""
    keys = FileKeys(world.keys.path.with_name("another.key"))
    keys.create()
    keys.add_key()
    return AesSivSealer(keys)


def with_no_key(world: World) -> AesSivSealer:
    """A sealer over a key file that holds none."""
    keys = FileKeys(world.keys.path.with_name("empty.key"))
    keys.create()
    return AesSivSealer(keys)


@pytest.mark.parametrize(
    ("sealer", "code"),
    [
        pytest.param(with_another_key, ErrorCode.KEY_WRONG, id="another key"),
        pytest.param(with_no_key, ErrorCode.KEY_LOST, id="no key"),
    ],
)
def test_a_lost_or_wrong_key_is_refused(early: World, sealer: Callable[[World], AesSivSealer], code: ErrorCode) -> None:
    """Clearly, before anything is read: never a half-readable database."""
    for name in ("another.key", "empty.key"):
        early.keys.path.with_name(name).unlink(missing_ok=True)
    with pytest.raises(UnavailableError) as refused:
        check_keys(early.services.store, sealer(early), "key")
    assert code is refused.value.code


def test_whoever_initialises_second_with_another_key_file_is_told(early: World, tmp_path: Path) -> None:
    """Two at once on a new database, each with a key file just made: one of them holds no key to it, and adds no tenant."""
    other = FileKeys(tmp_path / "other.key")
    other.create()
    other.add_first_key()
    rival = replace(early.services, sealer=AesSivSealer(other))
    before = early.dump()
    with pytest.raises(UnavailableError) as told:
        initialise_tenant(rival, other, "fabrikam.example", early.clock.time)
    assert (ErrorCode.KEY_WRONG, before) == (told.value.code, early.dump())
