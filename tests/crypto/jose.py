"""Tokens built by hand, so that a test can write what no library would."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

Sign = Callable[[bytes], bytes]

_SHA256: Final = hashes.SHA256()


def segment(content: object) -> str:
    """Base64url without padding, of bytes or of anything JSON has."""
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def compact(header: object, claims: object, sign: Sign) -> str:
    """A JWS in compact form."""
    signed = f"{segment(header)}.{segment(claims)}"
    return f"{signed}.{segment(sign(signed.encode()))}"


def rs256(key: rsa.RSAPrivateKey) -> Sign:
    """RSASSA-PKCS1-v1_5 with SHA-256."""
    return lambda signed: key.sign(signed, padding.PKCS1v15(), _SHA256)


def ps256(key: rsa.RSAPrivateKey) -> Sign:
    """RSASSA-PSS with SHA-256 and a salt of 32 bytes."""
    return lambda signed: key.sign(signed, padding.PSS(padding.MGF1(_SHA256), 32), _SHA256)


def hs256(secret: bytes) -> Sign:
    """HMAC with SHA-256."""
    return lambda signed: hmac.digest(secret, signed, hashlib.sha256)


def no_signature(_: bytes) -> bytes:
    """What `alg: none` has."""
    return b""
