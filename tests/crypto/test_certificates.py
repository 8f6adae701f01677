"""The server's certificate: what clients accept, what is kept, what is renewed, and how it lies on disk."""

from __future__ import annotations

import socket
import ssl
import stat
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from ringfence.crypto.certificates import CertificatePaths, ensure_certificates
from ringfence.domain.errors import ErrorCode, InvalidError

NOW: Final = datetime(2026, 12, 1, 12, tzinfo=UTC)
FILES: Final = ("ca.key", "ca.pem", "server.key", "server.pem")


def contents(folder: Path) -> dict[str, bytes]:
    """What lies in the folder, the lock aside."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name != ".lock"}


def changed(folder: Path, before: dict[str, bytes]) -> set[str]:
    """The files that are not what they were."""
    after = contents(folder)
    return {name for name in before | after if before.get(name) != after.get(name)}


def load(path: Path) -> x509.Certificate:
    """The certificate in a file."""
    return x509.load_pem_x509_certificate(path.read_bytes())


def names_of(paths: CertificatePaths) -> x509.SubjectAlternativeName:
    """The names in the server's certificate."""
    return load(paths.certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName).value


def shake_hands(paths: CertificatePaths, name: str, authority: Path | None = None) -> str | None:
    """Connect over a loopback pair, as a strict client that trusts the authority; the protocol's version."""
    strict = ssl.create_default_context(cafile=str(authority or paths.ca))
    strict.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(paths.certificate, paths.key)
    near, far = socket.socketpair()
    with near, far, ThreadPoolExecutor(1) as thread:
        near.settimeout(20)
        far.settimeout(20)
        served = thread.submit(serving.wrap_socket, far, server_side=True)
        try:
            with strict.wrap_socket(near, server_hostname=name) as client, served.result(20):
                return client.version()
        finally:
            near.close()
            served.exception(20)


def today() -> datetime:
    """Within the life of what a handshake checks against the machine's clock; the certificates themselves take any time."""
    return datetime.now(UTC)


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", socket.gethostname(), "mfa.contoso.example", "192.0.2.7"])
def test_a_strict_client_accepts_it_under_every_name(tmp_path: Path, name: str) -> None:
    """A real TLS handshake with Python's default context and `VERIFY_X509_STRICT`, which Python 3.13 sets by itself."""
    paths = ensure_certificates(tmp_path, ["mfa.contoso.example", "192.0.2.7"], today())
    assert "TLSv1.3" == shake_hands(paths, name)


@pytest.mark.parametrize("name", ["other.example", "192.0.2.8"])
def test_a_client_refuses_any_other_name(tmp_path: Path, name: str) -> None:
    """The certificate is for what it says."""
    paths = ensure_certificates(tmp_path, ["mfa.contoso.example"], today())
    with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
        shake_hands(paths, name)


def test_another_deployments_authority_does_not_vouch(tmp_path: Path) -> None:
    """Same name, other key."""
    paths, other = (ensure_certificates(tmp_path / one, [], today()) for one in "ab")
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(paths, "localhost", other.ca)


def test_the_authority_is_one_and_signs_servers_only(tmp_path: Path) -> None:
    """RFC 5280 4.2: critical constraints, path length 0, may sign certificates, ten years."""
    authority = load(ensure_certificates(tmp_path, [], NOW).ca)
    constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints)
    usage = authority.extensions.get_extension_for_class(x509.KeyUsage)
    assert (True, x509.BasicConstraints(ca=True, path_length=0)) == (constraints.critical, constraints.value)
    assert (True, True, False) == (usage.critical, usage.value.key_cert_sign, usage.value.digital_signature)
    assert NOW + timedelta(days=3650) == authority.not_valid_after_utc


def test_the_server_is_one_and_no_authority(tmp_path: Path) -> None:
    """For 397 days, for servers, named by its issuer's key."""
    paths = ensure_certificates(tmp_path, [], NOW)
    server, find = load(paths.certificate), load(paths.certificate).extensions.get_extension_for_class
    above = load(paths.ca).extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    assert NOW + timedelta(days=397) == server.not_valid_after_utc
    assert x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]) == find(x509.ExtendedKeyUsage).value
    assert x509.BasicConstraints(ca=False, path_length=None) == find(x509.BasicConstraints).value
    assert above.digest == find(x509.AuthorityKeyIdentifier).value.key_identifier


def test_only_the_owner_reads_the_keys(tmp_path: Path) -> None:
    """Everybody reads the certificates; nothing else lies there."""
    ensure_certificates(tmp_path / "new" / "folder", [], NOW)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new" / "folder").iterdir()}
    assert {".lock": 0o600, "ca.key": 0o600, "ca.pem": 0o644, "server.key": 0o600, "server.pem": 0o644} == modes


def test_the_keys_are_pkcs8(tmp_path: Path) -> None:
    """Granian reads no other form."""
    paths = ensure_certificates(tmp_path, [], NOW)
    assert b"-----BEGIN PRIVATE KEY-----" == paths.key.read_bytes().splitlines()[0]


@pytest.mark.parametrize("days", [0, 1, 366])
def test_what_is_valid_is_kept(tmp_path: Path, days: int) -> None:
    """Up to 30 days before its end, nothing is written."""
    ensure_certificates(tmp_path, ["a.example", "b.example"], NOW)
    before = contents(tmp_path)
    ensure_certificates(tmp_path, ["b.example"], NOW + timedelta(days=days))
    assert set() == changed(tmp_path, before)


def test_a_certificate_that_ends_soon_is_renewed_under_the_same_authority(tmp_path: Path) -> None:
    """30 days before its end; the key stays, so that a reader never sees halves that do not fit."""
    paths = ensure_certificates(tmp_path, [], NOW)
    before, serial = contents(tmp_path), load(paths.certificate).serial_number
    ensure_certificates(tmp_path, [], NOW + timedelta(days=367))
    assert {"server.pem"} == changed(tmp_path, before)
    assert serial != load(paths.certificate).serial_number


def test_a_name_that_is_lacking_is_added(tmp_path: Path) -> None:
    """By a new certificate under the same authority."""
    ensure_certificates(tmp_path, [], NOW)
    before = contents(tmp_path)
    paths = ensure_certificates(tmp_path, ["MFA.Contoso.Example.", "Bücher.example", "[2001:db8::1]"], NOW)
    assert {"server.pem"} == changed(tmp_path, before)
    assert {"mfa.contoso.example", "xn--bcher-kva.example"} <= set(names_of(paths).get_values_for_type(x509.DNSName))
    assert ip_address("2001:db8::1") in names_of(paths).get_values_for_type(x509.IPAddress)


def test_who_trusts_the_old_authority_trusts_its_successor(tmp_path: Path) -> None:
    """The authority is made anew with the same name and key; its old certificate, kept by a client, still vouches."""
    start = today() - timedelta(days=3650 - 20)
    old = tmp_path / "kept by a client.pem"
    old.write_bytes(ensure_certificates(tmp_path / "s", [], start).ca.read_bytes())
    before = contents(tmp_path / "s")
    paths = ensure_certificates(tmp_path / "s", [], today())
    assert {"ca.pem", "server.pem"} == changed(tmp_path / "s", before)
    assert "TLSv1.3" == shake_hands(paths, "localhost", old)


def _swap_server_key(folder: Path) -> None:
    other = ensure_certificates(folder.parent / "other", [], NOW)
    (folder / "server.key").write_bytes(other.key.read_bytes())


def _remove(*names: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        for name in names:
            (folder / name).unlink()

    return damage


DAMAGES: Final[dict[str, tuple[Callable[[Path], object], Sequence[str]]]] = {
    "no certificate": (_remove("server.pem"), ["server.pem"]),
    "no key": (_remove("server.key"), ["server.key", "server.pem"]),
    "another key": (_swap_server_key, ["server.key", "server.pem"]),
    "broken certificate": (lambda f: (f / "server.pem").write_bytes(b"x"), ["server.pem"]),
    "broken key": (lambda f: (f / "server.key").write_bytes(b"x"), ["server.key", "server.pem"]),
    "no authority": (_remove("ca.pem"), ["ca.pem", "server.pem"]),
    "no authority's key": (_remove("ca.key"), ["ca.key"]),
    "no authority at all": (_remove("ca.pem", "ca.key"), ["ca.key", "ca.pem", "server.pem"]),
    "a killed writer's draft": (lambda f: (f / ".ca.key.draft").write_bytes(b"x"), [".ca.key.draft"]),
}


@pytest.mark.parametrize(("damage", "touched"), DAMAGES.values(), ids=DAMAGES.keys())
def test_damage_is_mended_with_as_little_as_it_takes(
    tmp_path: Path, damage: Callable[[Path], object], touched: Sequence[str]
) -> None:
    """Afterwards it serves again; only the files of the second column differ from before the damage."""
    folder = tmp_path / "tls"
    ensure_certificates(folder, [], today())
    before = contents(folder)
    damage(folder)
    assert "TLSv1.3" == shake_hands(ensure_certificates(folder, [], today()), "localhost")
    assert set(touched) == changed(folder, before)


def test_a_draft_that_a_killed_writer_left_is_replaced(tmp_path: Path) -> None:
    """The next writer of the file takes its place; nothing but the four files is left."""
    (tmp_path / ".server.key.draft").write_bytes(b"x")
    ensure_certificates(tmp_path, [], NOW)
    assert list(FILES) == list(contents(tmp_path))


def test_many_at_once_make_one(tmp_path: Path) -> None:
    """Each of 16 finds a certificate that fits its key, and they are all the same."""

    def make(_: int) -> tuple[bytes, bool]:
        paths = ensure_certificates(tmp_path, ["a.example"], NOW)
        key = load_pem_private_key(paths.key.read_bytes(), None)
        return paths.certificate.read_bytes(), load(paths.certificate).public_key() == key.public_key()

    with ThreadPoolExecutor(16) as threads:
        found = set(threads.map(make, range(16)))
    assert [True] == [fits for _, fits in found]


@pytest.mark.parametrize("name", ["", " ", "a b", "a..b", "https://a.example", "a.example:443", "-a.example", "x" * 64, "*"])
def test_what_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    """Before anything is written."""
    with pytest.raises(InvalidError) as caught:
        ensure_certificates(tmp_path, [name], NOW)
    assert (ErrorCode.SETTING_INVALID, {}) == (caught.value.code, contents(tmp_path))


def test_a_folder_that_cannot_be_is_told_by_its_path(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InvalidError) as caught:
        ensure_certificates(tmp_path / "file" / "tls", [], NOW)
    assert (ErrorCode.TARGET_UNWRITABLE, {"path", "reason"}) == (caught.value.code, set(caught.value.facts))
