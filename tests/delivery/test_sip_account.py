"""What an account at a trunk may say."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from ringfence.delivery.sip_account import CallSpans, Encryption, SipAccount, SipStack, Transport
from ringfence.domain.errors import ErrorCode, InvalidError

REFUSED: dict[str, dict[str, Any]] = {
    "trunk-empty": {"trunk": ""},
    "trunk-with-parameter": {"trunk": "trunk.example;lr"},
    "trunk-with-user": {"trunk": "me@trunk.example"},
    "trunk-with-port-nought": {"trunk": "trunk.example:0"},
    "trunk-with-large-port": {"trunk": "trunk.example:65536"},
    "trunk-with-line-end": {"trunk": "trunk.example\n"},
    "address-over-tls": {"trunk": "192.0.2.7:5061"},
    "address-of-version-6-over-tls": {"trunk": "[2001:db8::7]"},
    "caller-id-with-blank": {"caller_id": "+49 30"},
    "caller-id-empty": {"caller_id": ""},
    "user-with-semicolon": {"auth_user": "a;b"},
    "password-with-quotation-mark": {"password": 'secret"x'},
    "password-with-line-end": {"password": "secret\nx"},
    "codec-unknown": {"codecs": ("opus",)},
    "no-codec": {"codecs": ()},
    "dial-prefix-of-letters": {"dial_prefix": "a"},
    "no-calls": {"most_calls": 0},
    "keys-in-clear": {"transport": Transport.UDP},
    "keys-in-clear-offered": {"transport": Transport.TCP, "encryption": Encryption.OFFERED},
}


def account(**fields: Any) -> SipAccount:  # noqa: ANN401 - fields
    """An account that is right but for these."""
    return SipAccount(**({"trunk": "trunk.example:5061", "caller_id": "+4930123456"} | fields))


@pytest.mark.parametrize("fields", REFUSED.values(), ids=REFUSED)
def test_refused(fields: dict[str, Any]) -> None:
    """What a trunk or our stack would misread is refused by name, and a password is not repeated."""
    with pytest.raises(InvalidError) as caught:
        account(**fields)
    assert ErrorCode.SETTING_INVALID == caught.value.code
    assert "secret" not in str(caught.value)


def test_a_password_stays_out_of_repr() -> None:
    """An account that lands in a log tells no secret."""
    assert "s3cret" not in repr(account(password="s3cret"))  # noqa: S106 - invented


def test_an_account_that_says_little_is_safe() -> None:
    """Without a word about it signalling goes over TLS, and voice is encrypted or not spoken."""
    assert (Transport.TLS, Encryption.MANDATORY) == (account().transport, account().encryption)


@pytest.mark.parametrize("trunk", ["trunk.example", "192.0.2.7:5060", "[2001:db8::7]:5061", "[2001:db8::7]"])
def test_trunks(trunk: str) -> None:
    """A name, an address of either kind, and a port are a trunk."""
    assert trunk == account(trunk=trunk, transport=Transport.UDP, encryption=Encryption.OFF).trunk


STACKS: dict[str, dict[str, Any]] = {
    "ports-backwards": {"rtp_ports": (20000, 10000)},
    "ports-of-root": {"rtp_ports": (80, 20000)},
    "one-port": {"rtp_ports": (20000, 20000)},
    "ports-beyond": {"rtp_ports": (60000, 70000)},
    "interface-with-directive": {"interface": "eth0\nsip_verify_server no"},
    "file-with-directive": {"ca_file": Path("/ca.pem\nsip_verify_server no")},
    "file-with-blank": {"ca_file": Path("/my ca.pem")},
}


@pytest.mark.parametrize("fields", STACKS.values(), ids=STACKS)
def test_refused_stacks(fields: dict[str, Any]) -> None:
    """Nothing is smuggled into the stack's directives, and what it would pass over silently is refused."""
    with pytest.raises(InvalidError):
        SipStack(**fields)


def test_spans_are_positive() -> None:
    """A span of nothing is refused."""
    with pytest.raises(InvalidError):
        CallSpans(ring=dt.timedelta())
