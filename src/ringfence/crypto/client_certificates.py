"""Certificates of client applications: whether a file holds one that can prove an application, and its PEM alone.

Does not own: whether the certificate is in its time, and by whom it is (as in Entra, an application is as good as its registered
certificate); checking what it signed is `assertions.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding

from ringfence.domain.errors import ErrorCode, InvalidError

LEAST_BITS: Final = 2048
_LARGEST: Final = 1 << 20
"""Bytes; whatever is behind them is not looked at."""


def read_client_certificate(path: Path) -> str:
    """The first certificate of a PEM file, as PEM; a private key in the file is never part of it.

    Raises `InvalidError`: SOURCE_UNREADABLE, or CERTIFICATE_INVALID unless it is an RSA certificate of at least 2048 bits.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST)
    except OSError as error:
        raise InvalidError(ErrorCode.SOURCE_UNREADABLE, path=str(path), reason=error.strerror) from error
    try:
        certificate = x509.load_pem_x509_certificate(content)
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InvalidError(ErrorCode.CERTIFICATE_INVALID, path=str(path)) from error
    if not isinstance(key, RSAPublicKey) or key.key_size < LEAST_BITS:
        raise InvalidError(ErrorCode.CERTIFICATE_INVALID, path=str(path))
    return certificate.public_bytes(Encoding.PEM).decode("ascii")
