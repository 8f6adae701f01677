"""Client assertions (private_key_jwt): whether one was signed with the key of a registered certificate.

Owns: the signature and the thumbprint in the header. Does not own: the claims, and whether the certificate is in its time (as in
Entra, an application is as good as its registered certificate). Sources: RFC 7523, RFC 7515; Microsoft's "certificate
credentials" for `x5t`, `x5t#S256` and PS256.

Written on `cryptography` and not on joserfc, for azure-identity's asynchronous client pads its base64url with `=`, which RFC 7515
forbids and Entra takes.
"""

from __future__ import annotations

import binascii
import hashlib
import json
import re
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding

LONGEST: Final = 16 * 1024
LEAST_BITS: Final = 2048

_COMPACT: Final = re.compile(r"([A-Za-z0-9_-]+={0,2})\.([A-Za-z0-9_-]+={0,2})\.([A-Za-z0-9_-]+={0,2})")
_SHA256: Final = hashes.SHA256()
_PADDINGS: Final[Mapping[object, padding.PKCS1v15 | padding.PSS]] = {
    "PS256": padding.PSS(padding.MGF1(_SHA256), _SHA256.digest_size),
    "RS256": padding.PKCS1v15(),
}
_THUMBPRINTS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "x5t": lambda der: hashlib.sha1(der, usedforsecurity=False).digest(),  # names the certificate; the signature proves it
    "x5t#S256": lambda der: hashlib.sha256(der).digest(),
}


class CertificateAssertions:
    """`AssertionReader`."""

    def read_assertion(self, assertion: str, certificate_pem: str) -> Mapping[str, object] | None:
        """The claims of an RS256 or PS256 assertion by this certificate's key, or None."""
        parts = _COMPACT.fullmatch(assertion) if len(assertion) <= LONGEST else None
        certificate = _certificate(certificate_pem)
        if parts is None or certificate is None:
            return None
        try:
            header = _json_object(parts[1])
            if header is None or not _fits(header, certificate):
                return None
            signed = assertion.rpartition(".")[0].encode()
            certificate.key.verify(_bytes(parts[3]), signed, _PADDINGS[header["alg"]], _SHA256)
            return _json_object(parts[2])
        except (InvalidSignature, ValueError, RecursionError):  # RecursionError: JSON of brackets in brackets
            return None


class _Certificate(NamedTuple):
    key: RSAPublicKey
    thumbprints: Mapping[str, str]


@lru_cache(maxsize=256)
def _certificate(pem: str) -> _Certificate | None:
    """What is needed of a certificate, or None when it is none, not RSA, or too short a key."""
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None
    if not isinstance(key, RSAPublicKey) or key.key_size < LEAST_BITS:
        return None
    der = certificate.public_bytes(Encoding.DER)
    return _Certificate(key, {name: urlsafe_b64encode(of(der)).decode().rstrip("=") for name, of in _THUMBPRINTS.items()})


def _fits(header: Mapping[str, object], certificate: _Certificate) -> bool:
    """Whether the header asks for nothing we do not do, and names no other certificate."""
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in _PADDINGS or "crit" in header or "b64" in header:
        return False
    named = {name: header[name] for name in certificate.thumbprints if name in header}
    return all(isinstance(value, str) and value.rstrip("=") == certificate.thumbprints[name] for name, value in named.items())


def _bytes(segment: str) -> bytes:
    bare = segment.rstrip("=")
    raw = b64decode(bare + "=" * (-len(bare) % 4), b"-_", validate=True)
    if urlsafe_b64encode(raw).decode().rstrip("=") != bare:  # spare bits that are not zero: a second spelling of the same bytes
        raise binascii.Error
    return raw


def _json_object(segment: str) -> dict[str, object] | None:
    value: object = json.loads(_bytes(segment), parse_constant=_no_number)
    return value if isinstance(value, dict) else None


def _no_number(name: str) -> float:
    raise ValueError(name)
