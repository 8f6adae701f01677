"""The keys that sign tokens, over time and against whoever can write to the database but has not the key file.

Sources: `application/identity/keyring.py` for the spans; RFC 8725, 3.10 (keys are believed by where they come from).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from ringfence.application.identity.callers import Callers, TokenFailure
from ringfence.application.identity.keyring import LIFE, Keyring
from ringfence.application.identity.tokens import application_claims
from ringfence.application.rotate_key import forget_keys, rotate_key
from ringfence.crypto.key_file import FileKeys
from ringfence.crypto.tokens import Rs256Signer, SealedSigningKeys
from ringfence.domain.identity.callers import Caller
from ringfence.domain.identity.grants import ACCESS_LIFE
from ringfence.domain.identity.keys import SealedSigningKey
from tests.oauth.conftest import Service
from tests.storage.imports import quietly

KEYS: Final = "/contoso.example/discovery/v2.0/keys"


def published(service: Service) -> list[str]:
    """The ids of the keys in the JWKS."""
    got = service.api.client.simulate_get(KEYS)
    assert not service.api.errors
    return [key["kid"] for key in got.json["keys"]]


def stored(service: Service) -> list[SealedSigningKey]:
    """The keys in the database."""
    with service.api.joined.services.store.snapshot() as unit:
        return unit.identity.signing_keys()


def believed(service: Service, token: str) -> bool:
    """Whether the API believes the token."""
    return 200 == service.api.call("GET", "/v1.0/users", token=token).status


def insert(service: Service, key: SealedSigningKey) -> None:
    """What somebody with the database's password does."""
    with service.api.joined.services.store.begin() as unit:
        unit.identity.add_signing_key(key)
        unit.commit()


class Stranger:
    """Somebody with a key file of their own."""

    def __init__(self, folder: Path) -> None:
        """Make it."""
        file = FileKeys(folder / "stranger.key")
        file.create()
        self._keys, self._sealing = SealedSigningKeys(file), file.add_key()

    def key(self, service: Service) -> SealedSigningKey:
        """A key of theirs, newer than all."""
        return self._keys.make(self._sealing, service.api.clock.now() + timedelta(seconds=1))

    def token(self, service: Service, key: SealedSigningKey, kid: str | None = None) -> str:
        """A token that says what ours say, by their key."""
        claims = application_claims(service.api.issuer, service.api.application, service.api.clock.now())
        opened: Any = self._keys.open(key)
        opened.kid = kid or opened.kid
        return Rs256Signer().sign(claims, opened)


Forge = Callable[[SealedSigningKey, SealedSigningKey], SealedSigningKey]

FORGED: Final[dict[str, Forge]] = {
    "a key of their own": lambda theirs, _: theirs,
    "their public half with our private one": lambda theirs, ours: ours._replace(kid=theirs.kid, public_jwk=theirs.public_jwk),
    "nothing but a public half": lambda theirs, _: theirs._replace(private_sealed=b""),
    "sealed under a key that is nowhere": lambda theirs, _: theirs._replace(sealing_key_id=77),
    "no key at all": lambda theirs, _: theirs._replace(public_jwk="{"),
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_key_that_was_only_written_into_the_database_is_not_believed(service: Service, tmp_path: Path, forge: Forge) -> None:
    """Neither published nor believed, and it keeps nobody from signing."""
    own, stranger = service.api.token(), Stranger(tmp_path)
    [ours], theirs = stored(service), stranger.key(service)
    insert(service, forge(theirs, ours))
    service.api.later(60)
    assert not believed(service, stranger.token(service, theirs))
    assert [ours.kid] == published(service)
    assert believed(service, own)
    assert believed(service, service.api.token())


def test_a_public_half_put_in_place_of_ours_is_not_believed(service: Service, tmp_path: Path) -> None:
    """Under the id of our own key; then that key is none any more, and the next one signs."""
    service.api.token()
    [ours], stranger = stored(service), Stranger(tmp_path)
    theirs = stranger.key(service)
    with service.api.joined.services.store.begin() as unit:
        unit.identity.remove_signing_key(ours.kid)
        unit.identity.add_signing_key(ours._replace(public_jwk=json.dumps({**json.loads(theirs.public_jwk), "kid": ours.kid})))
        unit.commit()
    service.api.later(60)
    assert not believed(service, stranger.token(service, theirs, ours.kid))
    assert ours.kid not in published(service)
    assert believed(service, service.api.token())


def test_a_key_goes_with_the_key_it_was_sealed_under(service: Service) -> None:
    """After a rotation it is believed on; after `key forget` neither it nor what was looked at before is."""
    token, joined = service.api.token(), service.api.joined
    assert believed(service, token)
    rotate_key(joined.services, joined.keys, quietly)
    service.api.later(60)
    newer = service.api.token()
    assert believed(service, token)
    assert 2 == len(published(service))
    forget_keys(joined.services, joined.keys)
    service.api.later(60)
    assert (False, True) == (believed(service, token), believed(service, newer))
    assert [stored(service)[-1].kid] == published(service)


def test_a_key_signs_for_thirty_days_and_is_believed_two_lives_of_a_token_longer(service: Service) -> None:
    """Then it is published no more, and what it signed is void; the next one has taken over."""
    service.api.token()
    [first] = published(service)
    service.api.later(LIFE.total_seconds() - 1)
    last = service.api.token()
    assert [first] == published(service)
    service.api.later(1)
    service.api.token()
    old, new = published(service)
    assert (first, True) == (old, believed(service, last))
    service.api.later(2 * ACCESS_LIFE.total_seconds())
    assert [first, new] == published(service)
    service.api.later(1)
    assert [new] == published(service)


def test_an_old_key_is_removed_when_a_later_one_is_made(service: Service) -> None:
    """Two rows are left, whatever the age of a deployment."""
    for _ in range(4):
        service.api.token()
        service.api.later(LIFE.total_seconds())
    service.api.token()
    assert 2 == len(stored(service))


def test_another_process_learns_of_a_new_key_at_once(service: Service) -> None:
    """A token names its key: one that is not known is looked up, though the keys were read a moment ago."""
    other = Keyring(service.api.identity)
    callers = Callers(service.api.identity, other)
    service.api.token()
    service.api.later(LIFE.total_seconds() - 10)
    assert 1 == len(other.verifying_keys(service.api.clock.now()))
    service.api.later(10)
    token, now = service.api.token(), service.api.clock.now()
    assert 1 == len(other.verifying_keys(now))
    assert isinstance(callers.resolve(token, now), Caller)
    assert other.signing_key(now).kid == stored(service)[-1].kid


def test_without_the_key_file_nothing_is_believed(service: Service) -> None:
    """503, and never a token that cannot be checked; when the file is back all goes on."""
    token, file = service.api.token(), service.api.joined.keys.path
    away = file.rename(file.with_name(str(uuid.uuid4())))
    service.api.later(60)
    got = service.api.call("GET", "/v1.0/users", token=token)
    assert (503, "2") == (got.status, got.headers["retry-after"])
    assert 503 == service.api.client.simulate_get(KEYS).status_code
    away.rename(file)
    assert believed(service, token)


def test_a_token_that_expired_is_told_as_such(service: Service) -> None:
    """As long as its key is known."""
    token = service.api.token()
    service.api.later(ACCESS_LIFE.total_seconds())
    callers = Callers(service.api.identity, service.api.keyring)
    assert TokenFailure.EXPIRED is callers.resolve(token, service.api.clock.now())
