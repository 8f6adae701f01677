"""Errors on the wire: every code has its words, both families have their style, and nothing inside is shown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ringfence.domain.errors import ConflictError, ErrorCode, RingfenceError
from ringfence.graph.errors import MESSAGES, NOT_ON_THE_WIRE, Family, translate
from tests.graph.served import MOBILE, Api

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
NUMBER = "+1 4255550100"
IDS = {"request-id": "r", "client-request-id": "c"}


def test_every_code_is_in_the_table_or_told_to_be_none_of_it() -> None:
    """A new code has to be put into one of the two."""
    assert set(ErrorCode) == MESSAGES.keys() | NOT_ON_THE_WIRE
    assert not MESSAGES.keys() & NOT_ON_THE_WIRE


@pytest.mark.parametrize("family", Family)
@pytest.mark.parametrize("code", sorted(MESSAGES))
def test_an_error_has_status_code_and_words(code: ErrorCode, family: Family) -> None:
    """In the family's style; endpoints of methods repeat the message inside (trap 10)."""
    found = translate(RingfenceError(code, user="kim", type="mobile", id="1", least=1, most=2, property="x"), family)
    document = found.document(NOW, IDS)["error"]
    assert 400 <= found.status < 600
    assert "{" not in document["message"]
    assert (family is Family.METHODS) is (document["innerError"].get("message") == document["message"])
    assert ("2026-11-24T12:00:00", "r", "c") == tuple(
        document["innerError"][name] for name in ("date", "request-id", "client-request-id")
    )


def test_what_nobody_expected_shows_nothing() -> None:
    """A code that is none of the wire's is an internal error, without its facts."""
    found = translate(ConflictError(ErrorCode.GUARD_DELETES, pending=7), Family.METHODS)
    assert (500, "generalException", "Internal error.") == (found.status, found.code, found.message)


@pytest.mark.parametrize("sent", ["a-1", "{0b1c}", "x" * 65, "a b", "", "ä"])
def test_the_client_s_request_id_comes_back_if_it_is_harmless(api: Api, sent: str) -> None:
    """Else it is the request's own."""
    got = api.client.simulate_get("/v1.0/users", headers={"client-request-id": sent.encode("utf-8").decode("latin-1")})
    expected = sent if sent in {"a-1", "{0b1c}"} else got.headers["request-id"]
    assert expected == got.headers["client-request-id"]


@pytest.mark.parametrize(
    ("verb", "path", "allowed"),
    [
        pytest.param("TRACE", "/v1.0/users", "GET, POST", id="a verb that nothing answers"),
        pytest.param("OPTIONS", "/beta/me/authentication/methods", "GET", id="of oneself"),
        pytest.param("POST", "/v1.0/me", "GET", id="what nobody may change or delete"),
        pytest.param("POST", "/v1.0/users/{kim}", "DELETE, GET, PATCH, PUT", id="PUT for PATCH, as in 2021"),
        pytest.param("DELETE", "/v1.0/users/{kim}/authentication/phoneMethods", "GET, POST", id="a collection"),
        pytest.param("PUT", "/v1.0/$batch", "POST", id="the batch"),
        pytest.param("POST", "/v1.0/$metadata", "GET", id="the metadata"),
    ],
)
def test_a_method_that_is_not_served_is_told_which_are(api: Api, verb: str, path: str, allowed: str) -> None:
    """405 with `Allow` (RFC 9110, 15.5.6), for a person as for an application."""
    kim = api.new_user("kim")
    token = api.user_token(kim, "User.Read")
    got = api.call(verb, path.replace("{kim}", kim), token=token)
    assert (405, "Request_BadRequest", allowed) == (got.status, got.code, got.headers["allow"])


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        pytest.param("", {"id": None}, id="no id"),
        pytest.param("", {"deletedDateTime": "AAA"}, id="no time"),
        pytest.param("", {"onPremisesSyncEnabled": "yes"}, id="no truth"),
        pytest.param("", {"proxyAddresses": {}}, id="no list"),
        pytest.param(f"/authentication/phoneMethods/{MOBILE}", {"smsSignInState": "AAA"}, id="no state of phones"),
        pytest.param(f"/authentication/phoneMethods/{MOBILE}", {"smsSignInState": [None]}, id="no text"),
        pytest.param(f"/authentication/phoneMethods/{MOBILE}", {"@odata.type": {}}, id="no type"),
    ],
)
def test_what_nobody_can_write_has_its_form_all_the_same(api: Api, path: str, sent: dict[str, Any]) -> None:
    """Callers send back what they read; what they cannot have read is refused, and nothing is changed."""
    user = f"/v1.0/users/{api.new_user('kim')}"
    assert 201 == api.call("POST", f"{user}/authentication/phoneMethods", {"phoneType": "mobile", "phoneNumber": NUMBER}).status
    written = {"phoneNumber": "+1 4255550199"} if path else {"displayName": "Changed"}
    before = api.call("GET", f"{user}{path}").body
    assert 400 == api.call("PATCH", f"{user}{path}", {**written, **sent}).status
    assert before == api.call("GET", f"{user}{path}").body
    whole = {name: value for name, value in before.items() if name != "@odata.context"}
    assert 204 == api.call("PATCH", f"{user}{path}", whole).status
