"""A password hash by parameters of old is replaced at the first sign-in that proves the password."""

from __future__ import annotations

from typing import Any, Final

import pytest
from argon2 import Parameters

from ringfence.application.identity.passwords import (
    SignedIn,
    SignInFailure,
    check_password,
    save_password,
    set_password,
    show_credential,
)
from ringfence.crypto.passwords import OWASP_LEAST, Argon2Passwords
from ringfence.domain.errors import ErrorCode, UnavailableError
from ringfence.domain.identity.credentials import Credential
from tests.contract.deployments import TENANT
from tests.oauth.conftest import Service

PASSWORD: Final = "Correct-Horse-9"  # noqa: S105 - invented here
WRONG: Final = "Wrong-Horse-9"
_WEAKER: Final = Parameters(OWASP_LEAST.type, OWASP_LEAST.version, 16, 32, time_cost=1, memory_cost=32, parallelism=1)


class Person:
    """A user whose password was hashed with weaker parameters."""

    def __init__(self, service: Service, *, must_change: bool = False, enabled: bool = True) -> None:
        """Store the hash."""
        self.service = service
        self.upn = service.api.new_user("kim", enabled=enabled)
        services, now = service.api.joined.services, service.api.clock.now()
        with services.store.begin() as unit:
            self.user_id = unit.directory.ids_by_upn(TENANT, [self.upn])[self.upn]
            weak = Argon2Passwords(parameters=_WEAKER).hash(PASSWORD)
            save_password(unit, TENANT, (self.user_id, weak), now, must_change=must_change)
            unit.commit()

    @property
    def credential(self) -> Credential:
        """As it is stored."""
        return show_credential(self.service.api.joined.services, TENANT, self.user_id)

    def signs_in(self, password: str) -> SignedIn | SignInFailure:
        """Try a password."""
        api = self.service.api
        return check_password(api.identity, TENANT, self.upn, password, api.clock.now())


def test_the_right_password_has_it_replaced_once(service: Service) -> None:
    """By today's parameters, with nothing else changed: sessions hold, and the password is as old as it was."""
    kim = Person(service)
    before = kim.credential
    assert isinstance(kim.signs_in(PASSWORD), SignedIn)
    after = kim.credential
    assert before._replace(password_hash=after.password_hash, version=after.version) == after
    assert not kim.service.api.identity.passwords.needs_rehash(after.password_hash or "")
    assert isinstance(kim.signs_in(PASSWORD), SignedIn)
    assert after == kim.credential


@pytest.mark.parametrize(
    ("password", "enabled"),
    [pytest.param(WRONG, True, id="wrong"), pytest.param(PASSWORD, False, id="disabled")],
)
def test_nobody_else_has_it_replaced(service: Service, password: str, enabled: bool) -> None:  # noqa: FBT001 - a case
    """It would say by its time that the password was right, or keep a wrong one."""
    kim = Person(service, enabled=enabled)
    before = kim.credential.password_hash
    assert SignInFailure.WRONG is kim.signs_in(password)
    assert before == kim.credential.password_hash


def test_one_that_must_be_changed_is_replaced_too(service: Service) -> None:
    """It still has to be changed."""
    kim = Person(service, must_change=True)
    assert SignInFailure.MUST_CHANGE is kim.signs_in(PASSWORD)
    after = kim.credential
    assert (True, False) == (after.must_change, kim.service.api.identity.passwords.needs_rehash(after.password_hash or ""))


def test_a_password_set_meanwhile_is_not_overwritten(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """The replacement counts only where the stored hash is still the one that was read."""
    kim = Person(service)
    hashed = Argon2Passwords.hash

    def set_first(hasher: Argon2Passwords, password: str) -> str:
        monkeypatch.setattr(Argon2Passwords, "hash", hashed)
        set_password(service.api.identity, TENANT, kim.upn, "New-Horse-10", service.api.clock.now())
        return hashed(hasher, password)

    monkeypatch.setattr(Argon2Passwords, "hash", set_first)
    assert SignInFailure.WRONG is kim.signs_in(PASSWORD)
    assert isinstance(kim.signs_in("New-Horse-10"), SignedIn)


def test_without_room_for_another_hash_the_sign_in_goes_on(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """The password was right; the hash is replaced another time."""
    kim = Person(service)

    def full(*_: Any) -> str:  # noqa: ANN401 - not looked at
        raise UnavailableError(ErrorCode.SERVICE_BUSY)

    monkeypatch.setattr(Argon2Passwords, "hash", full)
    before = kim.credential.password_hash
    assert isinstance(kim.signs_in(PASSWORD), SignedIn)
    assert before == kim.credential.password_hash
