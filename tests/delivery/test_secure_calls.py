"""Calls over TLS, with voice encrypted."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

import pytest

from ringfence.application.ports.calls import CallEnd, CallOutcome
from ringfence.application.ports.delivery import Later, LaterReason, RefusalReason, Refused
from ringfence.delivery.sip_account import Encryption, SipStack, Transport
from tests.delivery.telephones import account_at, call_to, outcome_of
from tests.servers.certificates import CertificateFiles, write_certificates
from tests.servers.secure_phone import MANDATORY, secure_phone

pytestmark = pytest.mark.slow

_SRTP: Final = "srtp"


class Authorities(NamedTuple):
    """A certificate for where the phone is, one for elsewhere, and an authority that signed neither."""

    right: CertificateFiles
    elsewhere: CertificateFiles
    other: Path


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> Authorities:
    """Made once."""
    folders = [tmp_path_factory.mktemp(name) for name in ("right", "elsewhere", "other")]
    names = ["localhost", "elsewhere.example", "localhost"]
    files = [write_certificates(folder, [name], ["127.0.0.1"]) for folder, name in zip(folders, names, strict=True)]
    return Authorities(files[0], files[1], files[2].authority)


def outcome_over_tls(port: int, authority: Path, encryption: Encryption = Encryption.MANDATORY) -> CallOutcome:
    """What becomes of a call to a phone over TLS."""
    account = account_at(port, trunk=f"localhost:{port}", transport=Transport.TLS, encryption=encryption)
    return outcome_of(account, call_to(), stack=SipStack(authority, "127.0.0.1", (21000, 23998)))


MEDIA: dict[str, tuple[str, Encryption, CallOutcome]] = {
    "both-mandatory": (MANDATORY, Encryption.MANDATORY, CallEnd.APPROVED),
    "phone-without": ("", Encryption.MANDATORY, Refused(RefusalReason.CONFIGURATION)),
    "we-without": (MANDATORY, Encryption.OFF, Refused(RefusalReason.CONFIGURATION)),
    "offered": (_SRTP, Encryption.OFFERED, CallEnd.APPROVED),
    "neither": ("", Encryption.OFF, CallEnd.APPROVED),
}


@pytest.mark.parametrize(("media", "encryption", "outcome"), MEDIA.values(), ids=MEDIA)
def test_encryption_of_voice(
    tmp_path: Path, authorities: Authorities, media: str, encryption: Encryption, outcome: CallOutcome
) -> None:
    """A call that must be encrypted is made encrypted or not at all; keys arrive through the encryption."""
    with secure_phone(tmp_path, authorities.right, media) as phone:
        assert outcome == outcome_over_tls(phone.port, authorities.right.authority, encryption)


@pytest.mark.parametrize("is_elsewhere", [False, True], ids=["another-authority", "another-name"])
def test_a_certificate_that_proves_nothing(tmp_path: Path, authorities: Authorities, is_elsewhere: bool) -> None:  # noqa: FBT001 - a column
    """Whoever cannot show a certificate of an authority we trust, for where we called, is told nothing: nobody was rung."""
    files = authorities.elsewhere if is_elsewhere else authorities.right
    with secure_phone(tmp_path, files) as phone:
        outcome = outcome_over_tls(phone.port, files.authority if is_elsewhere else authorities.other)
    assert isinstance(outcome, Later)
    assert LaterReason.UNREACHABLE == outcome.reason
