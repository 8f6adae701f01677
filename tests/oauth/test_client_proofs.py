"""How a client may prove itself: in one way at a time. Sources: RFC 6749, 2.3 and 5.2; RFC 6750, 3."""

from __future__ import annotations

import base64

import pytest

from tests.oauth.conftest import Service
from tests.oauth.test_tokens import SCOPE, TOKEN, credentials

GRANT = {"grant_type": "client_credentials", "scope": SCOPE}


def basic(name: str, secret: str) -> dict[str, str]:
    """The header."""
    return {"Authorization": f"Basic {base64.b64encode(f'{name}:{secret}'.encode()).decode()}"}


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"client_secret": "another"}, id="a secret in the form too"),
        pytest.param({"client_assertion": "a.b.c"}, id="an assertion too"),
        pytest.param({"client_id": "somebody else"}, id="another name"),
    ],
)
def test_two_proofs_at_once_are_refused(service: Service, more: dict[str, str]) -> None:
    """Which one counts would be anybody's guess."""
    known = credentials(service)
    got = service.post(TOKEN, basic(known["client_id"], known["client_secret"]), **GRANT, **more)
    assert (400, "invalid_request") == (got.status, got.body["error"])


def test_the_name_may_stand_in_the_form_beside_the_header(service: Service) -> None:
    """As long as it is the same one."""
    known = credentials(service)
    got = service.post(TOKEN, basic(known["client_id"], known["client_secret"]), **GRANT, client_id=known["client_id"])
    assert 200 == got.status


def test_a_wrong_secret_by_header_is_challenged_by_form_it_is_not(service: Service) -> None:
    """The challenge is only for those who used the scheme."""
    known = {**credentials(service), "client_secret": "wrong"}
    by_header = service.post(TOKEN, basic(known["client_id"], "wrong"), **GRANT)
    by_form = service.post(TOKEN, **GRANT, **known)
    assert ('Basic realm="token"', None) == tuple(got.headers.get("www-authenticate") for got in (by_header, by_form))


def test_subscriptions_want_a_token(service: Service) -> None:
    """Told by a challenge, like every resource."""
    got = service.api.call("GET", "/subscriptions", token="")
    assert (401, "Bearer") == (got.status, got.headers["www-authenticate"])
