"""Applications that prove themselves by certificate: what an assertion must say, and for how long it is good.

Sources: RFC 7523, 3; Microsoft's "certificate credentials"; the client libraries, for the reuse of assertions.
"""

from __future__ import annotations

import uuid
from typing import Any, NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.crypto.client_certificates import bundle
from tests.crypto.jose import compact, rs256
from tests.graph.served import Reply
from tests.oauth.conftest import Service
from tests.oauth.test_tokens import SCOPE, TOKEN

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_KEY = rsa.generate_private_key(65537, 2048)
_PEM = bundle(_KEY).decode()


class Client(NamedTuple):
    """An application with a registered certificate, and the service it asks."""

    service: Service
    app_id: str

    def assertion(self, **change: Any) -> str:  # noqa: ANN401 - any JSON
        """As MSAL writes it: good for ten minutes, with an id of its own."""
        now = int(self.service.api.clock.now().timestamp())
        issuer = self.service.api.issuer.url.removesuffix("/v2.0")
        claims = {"iss": self.app_id, "sub": self.app_id, "aud": f"{issuer}/oauth2/v2.0/token", "jti": str(uuid.uuid4())}
        return compact({"alg": "RS256", "typ": "JWT"}, {**claims, "nbf": now, "exp": now + 600, **change}, rs256(_KEY))

    def ask(self, assertion: str) -> Reply:
        """Ask for a token with it."""
        proof = {"client_id": self.app_id, "client_assertion_type": ASSERTION, "client_assertion": assertion}
        return self.service.post(TOKEN, grant_type="client_credentials", scope=SCOPE, **proof)


@pytest.fixture
def client(service: Service) -> Client:
    """A new application."""
    issued = service.application(certificate=_PEM)
    return Client(service, str(uuid.UUID(bytes=issued.application.app_id)))


def test_an_assertion_is_good_until_it_expires_however_often_it_is_sent(client: Client) -> None:
    """Client libraries keep one and send it again for minutes: to refuse the second use would lock them out (divergences)."""
    assertion = client.assertion()
    statuses = [client.ask(assertion).status for _ in range(2)]
    client.service.api.later(599)
    statuses.append(client.ask(assertion).status)
    client.service.api.later(1)
    got = client.ask(assertion)
    assert ([200, 200, 200], 401, "invalid_client", [700027]) == (
        statuses,
        got.status,
        got.body["error"],
        got.body["error_codes"],
    )


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"aud": "https://login.elsewhere.example/token"}, id="for another service"),
        pytest.param({"aud": None}, id="for nobody"),
        pytest.param({"sub": "somebody else"}, id="of another application"),
        pytest.param({"iss": "somebody else"}, id="by another application"),
        pytest.param({"exp": 1}, id="expired"),
        pytest.param({"exp": None}, id="without an end"),
        pytest.param({"exp": 4_102_444_800}, id="until 2100"),
        pytest.param({"nbf": 4_102_444_800}, id="not yet"),
    ],
)
def test_an_assertion_says_who_for_whom_and_until_when(client: Client, change: dict[str, Any]) -> None:
    """A day at most; anything else is Entra's `invalid_client`."""
    got = client.ask(client.assertion(**change))
    assert (401, "invalid_client", [700027]) == (got.status, got.body["error"], got.body["error_codes"])
