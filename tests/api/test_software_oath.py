"""Enrolling apps: the secret is shown once, kept sealed, moves with the keys, and goes with the method."""

from __future__ import annotations

import shutil
import subprocess
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest

from ringfence.application.rotate_key import forget_keys, rotate_key
from ringfence.domain.methods.oath import read_secret
from tests.api.test_challenges import App, Kim, kim
from tests.conftest import need
from tests.contract.deployments import TENANT
from tests.graph.served import Api

__all__ = ["kim"]
_METHODS: Final = "/v1.0/users/kim@contoso.example/authentication/softwareOathMethods"


def test_the_secret_is_shown_once(kim: Kim) -> None:
    """Afterwards the method has an id and no secret, as in Graph."""
    [method] = kim.app.api.call("GET", _METHODS).body["value"]
    assert (None, True) == (method["secretKey"], bool(method["id"]))


def test_the_answer_is_what_an_app_reads(api: Api) -> None:
    """Secret and address say the same."""
    api.new_user("kim")
    got = App(api).call("POST", "/mfa/v1/users/kim@contoso.example/software-oath", {"period": 60, "hashFunction": "hmacsha256"})
    asked = parse_qs(urlsplit(got.body["otpauthUri"]).query)
    assert (201, ["60"], ["SHA256"], [got.body["secretKey"]]) == (
        got.status,
        asked["period"],
        asked["algorithm"],
        asked["secret"],
    )
    assert "/contoso.example:kim@contoso.example" == urlsplit(got.body["otpauthUri"]).path
    assert 32 == len(read_secret(got.body["secretKey"]) or b"")


def test_it_is_a_method_entry_and_audited(kim: Kim) -> None:
    """The first becomes the default, and the change is in both records (F.3)."""
    preferred = kim.app.api.call("GET", f"/beta/users/{kim.upn}/authentication/signInPreferences").body
    assert "oath" == preferred["userPreferredMethodForSecondaryAuthentication"]
    records = kim.app.api.call("GET", "/v1.0/auditLogs/directoryAudits").body["value"]
    assert "Admin registered software OATH method for user" in {record["resultReason"] for record in records}


def test_a_deleted_method_s_codes_are_worth_nothing(kim: Kim) -> None:
    """Its seed goes in the same transaction."""
    [method] = kim.app.api.call("GET", _METHODS).body["value"]
    assert 204 == kim.app.api.call("DELETE", f"{_METHODS}/{method['id']}").status
    assert 403 == kim.app.answer(kim.app.challenge(kim.upn), kim.app.shown(kim.token)).status
    with kim.app.api.joined.services.store.snapshot() as unit:
        assert [] == unit.seeds.of_user(TENANT, unit.directory.ids_by_upn(TENANT, [kim.upn])[kim.upn])


def test_five_are_the_most(kim: Kim) -> None:
    """D.7."""
    for _ in range(4):
        kim.app.enrol(kim.upn)
    got = kim.app.call("POST", f"/mfa/v1/users/{kim.upn}/software-oath", {})
    assert (409, "tooManyMethods") == (got.status, got.code)


def test_each_of_several_apps_is_right(kim: Kim) -> None:
    """The phone's and the tablet's."""
    other = kim.app.enrol(kim.upn, displayName="tablet")
    for token in (other, kim.token):
        assert 200 == kim.app.answer(kim.app.challenge(kim.upn), kim.app.shown(token)).status


def test_seeds_move_with_the_keys(kim: Kim) -> None:
    """After a rotation the old key can be forgotten, and codes are right as before; a step that was taken stays so."""
    joined = kim.app.api.joined
    assert 200 == kim.app.answer(kim.app.challenge(kim.upn), kim.app.shown(kim.token)).status
    rotation = rotate_key(joined.services, joined.keys, lambda _done, _total: None)
    assert [rotation.retired] == forget_keys(joined.services, joined.keys)
    got = [kim.app.answer(kim.app.challenge(kim.upn), kim.app.shown(kim.token, ahead)) for ahead in (0, 1)]
    assert [403, 200] == [one.status for one in got]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param({"period": 45}, 400, "invalidPeriod", id="another period"),
        pytest.param({"period": "30"}, 400, "invalidBody", id="a period in text"),
        pytest.param({"hashFunction": "md5"}, 400, "invalidHashFunction", id="another hash"),
        pytest.param({"displayName": "x" * 65}, 400, "invalidDisplayName", id="a long name"),
        pytest.param({"displayName": "a\x00"}, 400, "invalidDisplayName", id="NUL"),
        pytest.param({"secretKey": "GEZDGNBVGY3TQOJQ"}, 400, "invalidBody", id="a secret of one's own"),
    ],
)
def test_bad_input(kim: Kim, body: dict[str, Any], status: int, code: str) -> None:
    """A clear refusal."""
    got = kim.app.call("POST", f"/mfa/v1/users/{kim.upn}/software-oath", body)
    assert (status, code) == (got.status, got.code)


def test_nobody_s_app(api: Api) -> None:
    """Whoever may write methods may know who exists."""
    got = App(api).call("POST", "/mfa/v1/users/nobody@contoso.example/software-oath", {})
    assert (404, "userUnknown") == (got.status, got.code)


@pytest.mark.parametrize(
    ("period", "hash_function"), [(30, "hmacsha1"), (60, "hmacsha1"), (30, "hmacsha256"), (60, "hmacsha256")]
)
def test_another_program_shows_codes_that_are_taken(api: Api, period: int, hash_function: str) -> None:
    """`oathtool`, given the secret that the API answered."""
    oathtool = shutil.which("oathtool")
    need(oathtool, "oathtool")
    assert oathtool is not None
    app, upn = App(api), api.new_user("tool")
    body = {"period": period, "hashFunction": hash_function}
    secret = app.call("POST", f"/mfa/v1/users/{upn}/software-oath", body).body["secretKey"]
    kind = "--totp=SHA256" if hash_function == "hmacsha256" else "--totp"
    command = [
        oathtool,
        kind,
        "--base32",
        f"--time-step-size={period}s",
        f"--now={api.clock.now():%Y-%m-%d %H:%M:%S UTC}",
        secret,
    ]
    code = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    assert 200 == app.answer(app.challenge(upn), code).status
