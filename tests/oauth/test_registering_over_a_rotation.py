"""A registration that a rotation of the key comes into."""

from __future__ import annotations

from ringfence.application.rotate_key import forget_keys, rotate_key
from tests.contract.deployments import TENANT
from tests.oauth.conftest import Service
from tests.oauth.test_registration import Newcomer, asked

__all__ = ["asked"]


def test_an_app_is_kept_under_the_key_of_now(service: Service, asked: dict[str, str]) -> None:
    """So that the key of then can be forgotten, and the app goes on being right."""
    kim = Newcomer(service, asked)
    kim.password()
    token, joined = kim.app(), kim.api.joined
    rotation = rotate_key(joined.services, joined.keys, lambda _done, _total: None)
    assert ["pwd", "otp", "mfa"] == kim.claims(kim.step("code", code=kim.shown(token)))["amr"]
    with joined.services.store.snapshot() as unit:
        user_id = unit.directory.ids_by_upn(TENANT, ["kim@contoso.example"])["kim@contoso.example"]
        assert [rotation.primary] == [one.key_id for one in unit.seeds.of_user(TENANT, user_id)]
    assert [rotation.retired] == forget_keys(joined.services, joined.keys)
    kim.password()
    assert "code" in kim.page().text
