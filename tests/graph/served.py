"""A deployment with the Graph API over it, called without a network: real store, real tokens, a clock in the test's hand."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from argon2 import Parameters
from falcon import testing

from ringfence.api.surface import MfaSurface
from ringfence.application.identity.applications import CreateApplication, create_application
from ringfence.application.identity.callers import Callers
from ringfence.application.identity.issue import TokenIssuer
from ringfence.application.identity.keyring import Keyring
from ringfence.application.identity.parts import Identity, hash_of
from ringfence.application.identity.people import CreateUser, create_user
from ringfence.application.identity.roles import assign_role
from ringfence.application.identity.tokens import Issuer, user_claims
from ringfence.crypto.assertions import CertificateAssertions
from ringfence.crypto.passwords import OWASP_LEAST, Argon2Passwords
from ringfence.crypto.tokens import Rs256Reader, Rs256Signer
from ringfence.delivery.receivers import Receivers
from ringfence.domain.directory.records import DirectoryRecord
from ringfence.domain.identity.applications import Application
from ringfence.domain.identity.grants import Grant
from ringfence.domain.identity.profiles import Profile
from ringfence.domain.policy.roles import DirectoryRole
from ringfence.domain.signin.challenge import Channel
from ringfence.domain.values import Actor, ActorKind, Tenant
from ringfence.graph.routes import VERSIONS
from ringfence.graph.surface import GraphSurface
from ringfence.http.application import build_application
from ringfence.http.roots import Roots
from ringfence.oauth.surface import OAuthSurface
from tests.application.fakes import FakeClock
from tests.contract.clocks import IN_WINDOW
from tests.contract.deployments import TENANT, Joined, deployed
from tests.graph.pooled_keys import PooledSigningKeys

ROOT: Final = "https://graph.contoso.example"
MOBILE: Final = "3179e48a-750b-4051-897c-87b9720928f7"
ALTERNATE: Final = "b6332ec1-7057-4abe-9331-3d72feddfe41"
OFFICE: Final = "e37fc753-ff3b-4958-9484-eaa9425c82bc"
EVERYTHING: Final = (
    "UserAuthenticationMethod.ReadWrite.All",
    "User.ReadWrite.All",
    "Policy.ReadWrite.AuthenticationMethod",
    "AuditLog.Read.All",
    "Policy.Read.All",
    "User.DeleteRestore.All",
)
QUICK: Final = Parameters(OWASP_LEAST.type, OWASP_LEAST.version, 16, 32, time_cost=1, memory_cost=64, parallelism=1)
"""Of the hashes of passwords here: what they cost in earnest is tested by itself."""
ADMIN: Final = Actor(ActorKind.APP, "test")


class Reply(NamedTuple):
    """An answer: status, JSON body (None when there is none), headers in lower case."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> str:
        """The code of an error."""
        return str(self.body["error"]["code"])


class Api:
    """The API with its deployment; `errors` are those nobody expected."""

    def __init__(self, joined: Joined, clock: FakeClock) -> None:
        """Join the surface to the deployment."""
        self.joined = joined
        self.clock = clock
        self.errors: list[Exception] = []
        self.identity = Identity(
            joined.services,
            Argon2Passwords(parameters=QUICK),
            PooledSigningKeys(joined.keys),
            Rs256Signer(),
            Rs256Reader(),
            CertificateAssertions(),
            lambda secret: hashlib.blake2b(secret, digest_size=16).digest(),
            frozenset(Channel),
        )
        self.keyring = Keyring(self.identity)
        self.tokens = TokenIssuer(self.identity, self.keyring)
        callers, roots = Callers(self.identity, self.keyring), Roots(ROOT, ["localhost"])
        graph = GraphSurface(self.identity, callers, roots, self.errors.append)
        mfa = MfaSurface(self.identity, callers, Receivers({}), roots)
        oauth = OAuthSurface(self.identity, self.keyring, callers, roots)
        self.client = testing.TestClient(
            build_application(joined.services, dict.fromkeys(VERSIONS, graph), [oauth, mfa], self.errors.append)
        )
        self.application = self.new_application(*EVERYTHING)

    @property
    def tenant(self) -> Tenant:
        """The first tenant."""
        with self.joined.services.store.snapshot() as unit:
            return next(one for one in unit.administration.tenants() if one.tenant_id == TENANT)

    @property
    def issuer(self) -> Issuer:
        """Whose tokens they are."""
        identifier = self.tenant.directory_id
        return Issuer(f"{ROOT}/{uuid.UUID(bytes=identifier)}/v2.0", identifier)

    def new_application(self, *permissions: str) -> Application:
        """An application with these permissions, for itself and for people."""
        command = CreateApplication("scripts", permissions, permissions)
        return create_application(self.joined.services, TENANT, command, self.clock.now()).application

    def token(self, application: Application | None = None) -> str:
        """An application's token."""
        return self.tokens.for_application(self.issuer, application or self.application, self.clock.now()).access

    def user_token(self, upn: str, *scopes: str) -> str:
        """A person's token with these scopes."""
        now = self.clock.now()
        with self.joined.services.store.snapshot() as unit:
            user_id = unit.directory.ids_by_upn(TENANT, [upn])[upn]
            user = unit.directory.load(TENANT, [user_id])[user_id].user
        grant = Grant(self.application.app_id, user_id, scopes, now)
        claims = user_claims(self.issuer, self.application, user, grant, (now, frozenset()))
        return self.identity.signer.sign(claims, self.keyring.signing_key(now))

    def new_user(self, name: str, *roles: DirectoryRole, **record: Any) -> str:  # noqa: ANN401 - any field of a record
        """A cloud user; returns the user principal name."""
        upn = f"{name}@contoso.example"
        record = {"display_name": name.title(), **record}
        command = CreateUser(DirectoryRecord(0, upn=upn, **record), Profile(), None, False, ADMIN)  # noqa: FBT003
        create_user(self.identity, TENANT, command, self.clock.now())
        for role in roles:
            assign_role(self.joined.services, TENANT, upn, role, self.clock.now())
        return upn

    def call(self, verb: str, path: str, body: Any = None, token: str | None = None, **headers: str) -> Reply:  # noqa: ANN401 - JSON
        """Ask; with the application's token unless another is given ("" for none)."""
        token = self.token() if token is None else token
        sent = {"Authorization": f"Bearer {token}"} if token else {}
        if body is not None:
            sent["Content-Type"] = "application/json"
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        encoded = body if isinstance(body, str | bytes) or body is None else json.dumps(body)
        path, _, query = path.partition("?")
        got = self.client.simulate_request(verb, path, query_string=query, body=encoded, headers=sent)
        assert not self.errors, self.errors
        content = gzip.decompress(got.content) if got.headers.get("content-encoding") == "gzip" else got.content
        is_json = content and "json" in got.headers.get("content-type", "")
        document = json.loads(content) if is_json else content.decode() or None
        return Reply(got.status_code, document, {name.lower(): value for name, value in got.headers.items()})

    def later(self, seconds: float) -> None:
        """Move the clock."""
        self.clock.time += timedelta(seconds=seconds)


@contextlib.contextmanager
def served(url: str, key_file: Path) -> Iterator[Api]:
    """The API over a new deployment."""
    clock = FakeClock(IN_WINDOW)
    with deployed(url, key_file, clock) as joined:
        yield Api(joined, clock)


__all__ = ["ADMIN", "ALTERNATE", "MOBILE", "OFFICE", "Api", "Reply", "hash_of", "served"]
