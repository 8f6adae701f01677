"""A certificate authority of one's own, and the server's certificate by it, for a server that nobody gave a certificate.

Owns: the four files in its folder, `ca.pem`, `ca.key`, `server.pem`, `server.key` (put no others there: what is not by this
authority is replaced). Does not own: who trusts `ca.pem`. Sources: RFC 5280 4.2, as `VERIFY_X509_STRICT` demands it; 397 days are
what browsers allow.

What is valid is kept. A renewed certificate keeps its key, so every step is the replacing of one file, and a server that reads
while another process renews never sees a key and a certificate that do not fit. Likewise a new authority keeps the old one's name
and key as long as that can be read: whoever trusts the old one trusts what the new one signs.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ringfence.crypto.host_names import HostName, host_names
from ringfence.domain.errors import ErrorCode, InvalidError

AUTHORITY_LIFE: Final = timedelta(days=3650)
SERVER_LIFE: Final = timedelta(days=397)
RENEWED_BEFORE: Final = timedelta(days=30)
_CLOCKS_DIFFER: Final = timedelta(hours=1)
"""A certificate begins this long before now, for a client whose clock is behind."""

_AUTHORITY_NAME: Final = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Ringfence local certificate authority")])
_SERVER_NAME: Final = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Ringfence server")])
_UNREADABLE: Final = (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension)
"""What reading broken PEM or DER, a key under a pass phrase, or an unknown algorithm raises."""

_Key = ec.EllipticCurvePrivateKey


class CertificatePaths(NamedTuple):
    """Where they lie, all in PEM: the authority's certificate, the server's, and the server's key (PKCS 8)."""

    ca: Path
    certificate: Path
    key: Path


class _Signed(NamedTuple):
    certificate: x509.Certificate
    key: _Key


def ensure_certificates(folder: Path, names: Sequence[str], now: datetime) -> CertificatePaths:
    """The certificates for this host, `localhost` and `names` (DNS names or addresses), made or renewed where that is due.

    Processes take turns. Raises `InvalidError`: SETTING_INVALID for a name that is none, TARGET_UNWRITABLE for the folder.
    """
    wanted = host_names(names)
    paths = CertificatePaths(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    try:
        if not _serves(paths, wanted, now):  # asked first without a lock, so that a folder that is only read will do
            with _turn(folder):
                if not _serves(paths, wanted, now):
                    _renew(paths, _authority(folder, now), wanted, now)
    except OSError as error:
        raise InvalidError(ErrorCode.TARGET_UNWRITABLE, path=error.filename or str(folder), reason=error.strerror) from error
    return paths


def _serves(paths: CertificatePaths, wanted: Sequence[HostName], now: datetime) -> bool:
    """Whether the server's certificate is by the authority, in its time, for its key, and has every name."""
    authority, certificate, key = _read_certificate(paths.ca), _read_certificate(paths.certificate), _read_key(paths.key)
    if authority is None or certificate is None or key is None or certificate.public_key() != key.public_key():
        return False
    try:
        certificate.verify_directly_issued_by(authority)
        named = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (InvalidSignature, x509.ExtensionNotFound, *_UNREADABLE):
        return False
    return _lasts(authority, now) and _lasts(certificate, now) and set(wanted) <= set(named)


def _authority(folder: Path, now: datetime) -> _Signed:
    """The authority in the folder, made where there is none or it ends soon."""
    path = folder / "ca.pem"
    key = _kept_key(folder / "ca.key")
    certificate = _read_certificate(path)
    if certificate is None or certificate.public_key() != key.public_key() or not _lasts(certificate, now):
        certificate = _make_authority(key, now)
        _write(path, certificate.public_bytes(Encoding.PEM), 0o644)
    return _Signed(certificate, key)


def _renew(paths: CertificatePaths, authority: _Signed, wanted: Sequence[HostName], now: datetime) -> None:
    key = _kept_key(paths.key)
    until = min(now + SERVER_LIFE, authority.certificate.not_valid_after_utc)
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    builder = (
        _builder(_SERVER_NAME, key, (now, until))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(wanted), critical=False)
        .add_extension(above, critical=False)
    )
    _write(paths.certificate, builder.sign(authority.key, hashes.SHA256()).public_bytes(Encoding.PEM), 0o644)


def _make_authority(key: _Key, now: datetime) -> x509.Certificate:
    return (
        _builder(_AUTHORITY_NAME, key, (now, now + AUTHORITY_LIFE))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )


def _builder(name: x509.Name, key: _Key, valid: tuple[datetime, datetime]) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(_AUTHORITY_NAME)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid[0] - _CLOCKS_DIFFER)
        .not_valid_after(valid[1])
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _lasts(certificate: x509.Certificate, now: datetime) -> bool:
    return certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc - RENEWED_BEFORE


def _read_certificate(path: Path) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (FileNotFoundError, *_UNREADABLE):
        return None


def _read_key(path: Path) -> _Key | None:
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (FileNotFoundError, *_UNREADABLE):
        return None
    return key if isinstance(key, _Key) else None


def _kept_key(path: Path) -> _Key:
    """The key in the file, made where there is none."""
    key = _read_key(path)
    if key is None:
        key = ec.generate_private_key(ec.SECP256R1())
        _write(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)
    return key


@contextlib.contextmanager
def _turn(folder: Path) -> Iterator[None]:
    """Keep other processes and threads out until the end."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _write(path: Path, content: bytes, mode: int) -> None:
    """Put the content in place as a whole. The draft's name is fixed: what a killed writer left is gone by the next."""
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, mode)  # whatever the umask
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
