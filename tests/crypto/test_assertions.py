"""Client assertions: by the registered certificate, as the clients really write them, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from ringfence.crypto.assertions import LONGEST, CertificateAssertions
from tests.crypto.jose import Sign, compact, hs256, no_signature, ps256, rs256, segment

CLAIMS: Final = {"iss": "app", "sub": "app", "aud": "https://localhost/token", "exp": 1796126400, "jti": "1"}


class Client(NamedTuple):
    """A client with its key and certificate."""

    key: rsa.RSAPrivateKey
    pem: str
    thumbprints: dict[str, bytes]

    def assertion(self, algorithm: str = "RS256", claims: object = CLAIMS, **header: object) -> str:
        """As this client signs it."""
        sign: dict[str, Callable[[rsa.RSAPrivateKey], Sign]] = {"PS256": ps256}
        return compact({"alg": algorithm, "typ": "JWT", **header}, claims, sign.get(algorithm, rs256)(self.key))

    def read(self, assertion: str) -> object:
        """What the reader says to it, with this client's certificate."""
        return CertificateAssertions().read_assertion(assertion, self.pem)


def certificate(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """A self-signed certificate, long expired: its time is not looked at."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "client")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    valid = builder.not_valid_before(datetime(2001, 1, 1, tzinfo=UTC)).not_valid_after(datetime(2002, 1, 1, tzinfo=UTC))
    return valid.sign(key, hashes.SHA256())


def make_client() -> Client:
    """A new one."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    made = certificate(key)
    der = made.public_bytes(Encoding.DER)
    thumbprints = {"x5t": hashlib.sha1(der, usedforsecurity=False).digest(), "x5t#S256": hashlib.sha256(der).digest()}
    return Client(key, made.public_bytes(Encoding.PEM).decode(), thumbprints)


@pytest.fixture(scope="module")
def client() -> Client:
    """RSA keys take a while, so it is made once."""
    return make_client()


@pytest.fixture(scope="module")
def stranger() -> Client:
    """Another one."""
    return make_client()


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
@pytest.mark.parametrize("names", [(), ("x5t",), ("x5t#S256",), ("x5t", "x5t#S256")], ids=str)
@pytest.mark.parametrize("padding", ["", "="], ids=["bare", "padded"])
def test_an_assertion_is_read(client: Client, algorithm: str, names: tuple[str, ...], padding: str) -> None:
    """Either algorithm, either thumbprint; MSAL for Python pads the thumbprint (both have a length that takes one `=`)."""
    header: dict[str, Any] = {name: segment(client.thumbprints[name]) + padding for name in names}
    assert CLAIMS == client.read(client.assertion(algorithm, **header))


def test_padded_segments_are_read(client: Client) -> None:
    """As `azure.identity.aio` writes them (its `AadClientBase._get_jwt_assertion`): the padding is part of what is signed."""
    header = {"typ": "JWT", "alg": "RS256", "x5t": base64.urlsafe_b64encode(client.thumbprints["x5t"]).decode()}
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in (header, CLAIMS)]
    signed = ".".join(parts)
    signature = base64.urlsafe_b64encode(rs256(client.key)(signed.encode())).decode()
    assert CLAIMS == client.read(f"{signed}.{signature}")


def _public_pem(client: Client) -> bytes:
    return client.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _other_payload(client: Client) -> str:
    header, _, signature = client.assertion().split(".")
    return f"{header}.{segment({**CLAIMS, 'sub': 'other'})}.{signature}"


ATTACKS: Final[dict[str, Callable[[Client, Client], str]]] = {
    "a stranger's": lambda _, s: s.assertion(),
    "a stranger's, with the right x5t": lambda c, s: s.assertion(x5t=segment(c.thumbprints["x5t"])),
    "a stranger's, with its certificate": lambda _, s: s.assertion(x5c=[s.pem.partition("\n")[2].partition("\n-")[0]]),
    "a stranger's, with its address": lambda _, s: s.assertion(x5u="https://attacker.example/cert"),
    "another certificate's x5t": lambda c, s: c.assertion(x5t=segment(s.thumbprints["x5t"])),
    "another certificate's x5t#S256": lambda c, s: c.assertion(**{"x5t#S256": segment(s.thumbprints["x5t#S256"])}),
    "one right, one wrong": lambda c, _: c.assertion(**{"x5t": segment(c.thumbprints["x5t"]), "x5t#S256": "x"}),
    "x5t empty": lambda c, _: c.assertion(x5t=""),
    "x5t null": lambda c, _: c.assertion(x5t=None),
    "alg none": lambda c, _: compact({"alg": "none"}, CLAIMS, no_signature) + segment(c.pem.encode()),
    "HS256 with the certificate": lambda c, _: compact({"alg": "HS256"}, CLAIMS, hs256(c.pem.encode())),
    "HS256 with the public PEM": lambda c, _: compact({"alg": "HS256"}, CLAIMS, hs256(_public_pem(c))),
    "PS256 that is RS256": lambda c, _: compact({"alg": "PS256"}, CLAIMS, rs256(c.key)),
    "RS256 that is PS256": lambda c, _: compact({"alg": "RS256"}, CLAIMS, ps256(c.key)),
    "alg list": lambda c, _: compact({"alg": ["RS256"]}, CLAIMS, rs256(c.key)),
    "crit": lambda c, _: c.assertion(crit=["exp"], exp=1),
    "b64": lambda c, _: c.assertion(b64=False),
    "payload changed": lambda c, _: _other_payload(c),
    "claims are a list": lambda c, _: c.assertion(claims=[]),
    "a claim is no number": lambda c, _: c.assertion(claims={"exp": float("nan")}),
    "claims are deep": lambda c, _: c.assertion(claims=b"[" * 9000),
    "header is deep": lambda c, _: compact(b"[" * 9000, CLAIMS, rs256(c.key)),
    "over-long": lambda c, _: c.assertion(claims={"x": "x" * LONGEST}),
    "a line end": lambda c, _: c.assertion() + "\n",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_nothing_else_is_believed(client: Client, stranger: Client, attack: Callable[[Client, Client], str]) -> None:
    """The registered certificate's key decides; what a header carries or points at does not."""
    assert None is client.read(attack(client, stranger))


@given(
    place=st.integers(min_value=0), other=st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=")
)
def test_any_changed_character_is_noticed(client: Client, place: int, other: str) -> None:
    """Anywhere, the last character of the signature with its spare bits included."""
    whole = client.assertion()
    at = place % len(whole)
    changed = whole[:at] + other + whole[at + 1 :]
    assert (CLAIMS if changed == whole else None) == client.read(changed)


@given(st.one_of(st.text(), st.from_regex(r"\A[A-Za-z0-9_=+/-]*\.[A-Za-z0-9_=-]*\.[A-Za-z0-9_=-]*\Z")))
def test_garbage_is_refused_quietly(client: Client, assertion: str) -> None:
    """No text raises."""
    assert None is client.read(assertion)


def _pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return certificate(key).public_bytes(Encoding.PEM).decode()


UNFIT: Final[dict[str, Callable[[], str]]] = {
    "nothing": lambda: "",
    "garbage": lambda: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    "elliptic": lambda: _pem(ec.generate_private_key(ec.SECP256R1())),
    "1024 bits": lambda: _pem(rsa.generate_private_key(public_exponent=65537, key_size=1024)),  # noqa: S505 - to be refused
}


@pytest.mark.parametrize("pem", UNFIT.values(), ids=UNFIT.keys())
def test_an_unfit_certificate_vouches_for_nobody(client: Client, pem: Callable[[], str]) -> None:
    """Only RSA of 2048 bits and more."""
    assert None is CertificateAssertions().read_assertion(client.assertion(), pem())
