"""A client's certificate is taken from a file: an RSA one, long enough, and nothing else of the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from ringfence.crypto.client_certificates import read_client_certificate
from ringfence.domain.errors import ErrorCode, InvalidError
from tests.crypto.client_certificates import bundle


@pytest.mark.parametrize("with_key", [False, True], ids=["alone", "behind its key"])
def test_the_certificate_alone_is_read(with_key: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a parameter of the table
    """Never the private key, though it be in the file."""
    content = bundle(with_key=with_key)
    (tmp_path / "app.pem").write_bytes(content)
    expected = content[content.index(b"-----BEGIN CERTIFICATE") :].decode()
    assert expected == read_client_certificate(tmp_path / "app.pem")


def test_the_first_of_a_chain_is_read(tmp_path: Path) -> None:
    """As RFC 8446 4.4.2 orders a chain."""
    first, second = bundle(), bundle()
    (tmp_path / "app.pem").write_bytes(first + second)
    assert first.decode() == read_client_certificate(tmp_path / "app.pem")


_UNUSABLE = {
    "nothing": b"",
    "text": b"no certificate",
    "damaged": b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    "elliptic curve": bundle(ec.generate_private_key(ec.SECP256R1())),
    "1024 bits": bundle(rsa.generate_private_key(65537, 1024)),  # noqa: S505 - to be refused
}


@pytest.mark.parametrize("content", _UNUSABLE.values(), ids=_UNUSABLE)
def test_what_is_no_such_certificate_is_refused(content: bytes, tmp_path: Path) -> None:
    """2048 bits are what assertions are checked with."""
    path = tmp_path / "app.pem"
    path.write_bytes(content)
    with pytest.raises(InvalidError) as caught:
        read_client_certificate(path)
    assert (ErrorCode.CERTIFICATE_INVALID, {"path": str(path)}) == (caught.value.code, caught.value.facts)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """A folder is none."""
    with pytest.raises(InvalidError) as caught:
        read_client_certificate(tmp_path)
    assert (ErrorCode.SOURCE_UNREADABLE, "Is a directory") == (caught.value.code, caught.value.facts["reason"])
