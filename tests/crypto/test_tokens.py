"""Tokens and the keys that sign them: what is signed is read, and nothing else is."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import RSAKey

from ringfence.crypto.key_file import FileKeys
from ringfence.crypto.tokens import LONGEST, OpenSigningKey, Rs256Reader, Rs256Signer, SealedSigningKeys
from ringfence.domain.errors import ErrorCode, UnavailableError
from ringfence.domain.identity.keys import SealedSigningKey, SigningKey, VerifyingKey
from tests.crypto.jose import compact, hs256, no_signature, rs256, segment

NOW: Final = datetime(2026, 12, 1, 12, tzinfo=UTC)
CLAIMS: Final = {"sub": "kim", "exp": 1796126400, "roles": ["User.Read.All"], "name": "Kím"}


class World(NamedTuple):
    """A key file with two keys, a signing key under the first, and a second signing key."""

    keys: SealedSigningKeys
    sealed: SealedSigningKey
    other: SealedSigningKey
    token: str

    @property
    def believed(self) -> list[VerifyingKey]:
        """Both public keys."""
        return [VerifyingKey(key.kid, key.public_jwk) for key in (self.other, self.sealed)]

    @property
    def private(self) -> rsa.RSAPrivateKey:
        """The first signing key, as one who writes tokens by hand wants it."""
        opened = self.keys.open(self.sealed)
        assert isinstance(opened, OpenSigningKey)
        assert opened.private.private_key is not None
        return opened.private.private_key

    def read(self, token: str) -> object:
        """What the reader says to this token."""
        return Rs256Reader().read(token, self.believed)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """RSA keys take a while, so they are made once."""
    file = FileKeys(tmp_path_factory.mktemp("keys") / "ringfence.key")
    file.create()
    keys = SealedSigningKeys(file)
    sealed, other = keys.make(file.add_key(), NOW), keys.make(file.add_key(), NOW)
    return World(keys, sealed, other, Rs256Signer().sign(CLAIMS, keys.open(sealed)))


def test_what_was_signed_is_read(world: World) -> None:
    """The claims come back, under the key that the header names."""
    assert CLAIMS == world.read(world.token)


def test_the_header_names_algorithm_key_and_type(world: World) -> None:
    """RFC 7515 4.1; nothing else stands in it."""
    header = json.loads(base64.urlsafe_b64decode(world.token.partition(".")[0] + "=="))
    assert {"alg": "RS256", "kid": world.sealed.kid, "typ": "JWT"} == header


def test_the_public_key_is_ready_for_a_key_set(world: World) -> None:
    """RFC 7517 4, RFC 7518 6.3.1: the public members only, and the `kid` is the thumbprint of RFC 7638."""
    jwk = json.loads(world.sealed.public_jwk)
    assert {"kid", "use", "alg", "kty", "n", "e"} == set(jwk)
    assert (world.sealed.kid, "sig", "RS256", 2048) == (
        RSAKey.import_key(jwk).thumbprint(),
        jwk["use"],
        jwk["alg"],
        world.private.key_size,
    )


def _public_pem(world: World) -> bytes:
    return world.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _ours(world: World, **header: object) -> str:
    """A token by the right key with more in its header."""
    return compact({"alg": "RS256", "kid": world.sealed.kid, "typ": "JWT", **header}, CLAIMS, rs256(world.private))


def _strangers(world: World, **header: object) -> str:
    """A token by a stranger's key that claims to be ours."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return compact({"alg": "RS256", "kid": world.sealed.kid, **header}, CLAIMS, rs256(key))


def _named(world: World, algorithm: object, sign: Callable[[bytes], bytes]) -> str:
    return compact({"alg": algorithm, "kid": world.sealed.kid}, CLAIMS, sign)


def _other_payload(world: World) -> str:
    header, _, signature = world.token.split(".")
    return f"{header}.{segment({**CLAIMS, 'sub': 'admin'})}.{signature}"


def _embedded(world: World) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    jwk = RSAKey.import_key(key).as_dict(private=False)
    return compact({"alg": "RS256", "kid": world.sealed.kid, "jwk": jwk}, CLAIMS, rs256(key))


ATTACKS: Final[dict[str, Callable[[World], str]]] = {
    "alg none": lambda w: _named(w, "none", no_signature) + segment(b"x"),
    "alg none, empty signature": lambda w: _named(w, "none", no_signature),
    "alg None": lambda w: _named(w, "None", rs256(w.private)),
    "alg list": lambda w: _named(w, ["RS256"], rs256(w.private)),
    "alg missing": lambda w: compact({"kid": w.sealed.kid}, CLAIMS, rs256(w.private)),
    "alg RS512": lambda w: _named(w, "RS512", rs256(w.private)),
    "HS256 with the public PEM": lambda w: _named(w, "HS256", hs256(_public_pem(w))),
    "HS256 with the public JWK": lambda w: _named(w, "HS256", hs256(w.sealed.public_jwk.encode())),
    "RS256 that is an HMAC": lambda w: _named(w, "RS256", hs256(_public_pem(w))),
    "signature cut off": lambda w: w.token.rpartition(".")[0] + ".",
    "payload changed": _other_payload,
    "a stranger's key": _strangers,
    "another key's kid": lambda w: _ours(w, kid=w.other.kid),
    "unknown kid": lambda w: _ours(w, kid="x"),
    "kid is a list": lambda w: _ours(w, kid=[w.sealed.kid]),
    "kid missing": lambda w: compact({"alg": "RS256"}, CLAIMS, rs256(w.private)),
    "embedded jwk": _embedded,
    "jku": lambda w: _strangers(w, jku="https://attacker.example/keys"),
    "x5u": lambda w: _strangers(w, x5u="https://attacker.example/cert"),
    "jku on our own": lambda w: _ours(w, jku="https://attacker.example/keys"),
    "crit": lambda w: _ours(w, crit=["exp"], exp=1),
    "b64 false": lambda w: _ours(w, b64=False, crit=["b64"]),
    "header is a list": lambda w: compact(["alg"], CLAIMS, rs256(w.private)),
    "header is deep": lambda w: compact(b"[" * 9000, CLAIMS, rs256(w.private)),
    "header is a long number": lambda w: compact(b"9" * 9000, CLAIMS, rs256(w.private)),
    "claims are a list": lambda w: compact({"alg": "RS256", "kid": w.sealed.kid}, [], rs256(w.private)),
    "over-long": lambda w: compact({"alg": "RS256", "kid": w.sealed.kid}, {"x": "x" * LONGEST}, rs256(w.private)),
    "padded": lambda w: w.token + "==",
    "a line end": lambda w: w.token + "\n",
    "a fourth part": lambda w: w.token + "." + segment(b"x"),
    "a surrogate": lambda w: w.token + "\ud83d",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_nothing_else_is_believed(world: World, attack: Callable[[World], str]) -> None:
    """RFC 8725 2 and 3: the algorithm is ours to choose, keys come from our list, an unknown demand is refused."""
    assert None is world.read(attack(world))


def test_the_attacks_are_near_misses(world: World) -> None:
    """The hand-written token without a flaw is believed, so each refusal above is for its flaw."""
    assert CLAIMS == world.read(_ours(world))


@given(place=st.integers(min_value=0), other=st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."))
def test_any_changed_character_is_noticed(world: World, place: int, other: str) -> None:
    """Anywhere, the last character of the signature with its spare bits included."""
    at = place % len(world.token)
    changed = world.token[:at] + other + world.token[at + 1 :]
    assert (CLAIMS if changed == world.token else None) == world.read(changed)


@given(st.one_of(st.text(), st.from_regex(r"\A[A-Za-z0-9_=+/-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\Z")))
def test_garbage_is_refused_quietly(world: World, token: str) -> None:
    """No text raises."""
    assert None is world.read(token)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_any_header_is_refused_quietly(world: World, header: object) -> None:
    """No JSON raises."""
    assert None is world.read(compact(header, CLAIMS, hs256(b"x")))


def test_without_keys_nothing_is_believed(world: World) -> None:
    """An empty list is not a wildcard."""
    assert None is Rs256Reader().read(world.token, [])


def test_the_seal_shows_nothing_and_is_new_each_time(world: World) -> None:
    """The private exponent is not in it, and two seals do not begin alike."""
    exponent = world.private.private_numbers().d.to_bytes(256, "big")
    assert (False, False) == (
        exponent in world.sealed.private_sealed,
        world.sealed.private_sealed[:12] == world.other.private_sealed[:12],
    )


MISPLACED: Final[dict[str, Callable[[World], SealedSigningKey]]] = {
    "another kid": lambda w: w.sealed._replace(kid=w.other.kid),
    "another sealing key": lambda w: w.sealed._replace(sealing_key_id=w.other.sealing_key_id),
    "changed": lambda w: w.sealed._replace(private_sealed=w.sealed.private_sealed[:-1] + b"x"),
    "cut": lambda w: w.sealed._replace(private_sealed=w.sealed.private_sealed[:4]),
    "empty": lambda w: w.sealed._replace(private_sealed=b""),
}


@pytest.mark.parametrize("misplaced", MISPLACED.values(), ids=MISPLACED.keys())
def test_a_seal_opens_only_as_what_it_was_made(world: World, misplaced: Callable[[World], SealedSigningKey]) -> None:
    """Moved to another row, changed or cut, it is refused."""
    with pytest.raises(UnavailableError) as caught:
        world.keys.open(misplaced(world))
    assert (ErrorCode.KEY_WRONG, {"path", "key_id"}) == (caught.value.code, set(caught.value.facts))


def test_a_lost_sealing_key_is_told(world: World, tmp_path: Path) -> None:
    """Another key file does not hold it."""
    file = FileKeys(tmp_path / "ringfence.key")
    file.create()
    with pytest.raises(UnavailableError) as caught:
        SealedSigningKeys(file).open(world.sealed)
    assert ErrorCode.KEY_LOST is caught.value.code


def test_a_key_of_another_make_signs_nothing() -> None:
    """The signer knows only what it can be sure of."""

    class Stranger:
        kid = "x"

    stranger: SigningKey = Stranger()
    with pytest.raises(TypeError):
        Rs256Signer().sign(CLAIMS, stranger)
