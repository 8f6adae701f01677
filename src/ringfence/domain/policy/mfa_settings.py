"""A tenant's settings of MFA: app passwords, trusted addresses, remembered browsers, fraud alerts.

Owns what may be set, and whether an address is trusted. Source: domain-rules D.6, D.9.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Network, ip_address, ip_network
from typing import Final, NamedTuple

from ringfence.domain.errors import ErrorCode, InvalidError
from ringfence.domain.signin.requirement import Place

MOST_RANGES: Final = 50
MOST_DAYS: Final = 365
USUAL_DAYS: Final = 14
MOST_RECIPIENTS: Final = 50
_LONGEST_CODE: Final = 6
_ADDRESS: Final = re.compile(r"[^\s@]{1,64}@[A-Za-z0-9][A-Za-z0-9.-]{0,252}")


class FraudAlert(NamedTuple):
    """What happens when somebody reports a challenge that they did not ask for. `code` is keyed in at a call."""

    allowed: bool = True
    auto_block: bool = True
    code: str = "0"
    recipients: tuple[str, ...] = ()


class MfaSettings(NamedTuple):
    """One tenant's settings. `remember_days` is None where browsers are not remembered; `version` 0 is: nothing stored."""

    app_passwords: bool = False
    trusted_ranges: tuple[str, ...] = ()
    trust_inside: bool = False
    """Federated users inside the corporate network need no second factor, by the claim that says so."""
    remember_days: int | None = None
    fraud: FraudAlert = FraudAlert()
    notices: bool = True
    """People are told by mail what happens to their accounts, where the deployment sends mails."""
    version: int = 0


def trusted_range(text: str) -> str:
    """The range in its one form, `203.0.113.0/24`; raises `InvalidError` (MFA_TRUSTED_RANGE) unless public IPv4 in CIDR form."""
    try:
        network = ip_network(text.strip())
    except ValueError as error:
        raise InvalidError(ErrorCode.MFA_TRUSTED_RANGE, range=text[:64]) from error
    if not isinstance(network, IPv4Network) or not _is_public(network):
        raise InvalidError(ErrorCode.MFA_TRUSTED_RANGE, range=text[:64])
    return str(network)


def _is_public(network: IPv4Network) -> bool:
    """Whether nothing of it is private, shared or of no use: a wide range must not hold such addresses either."""
    return not any(network.overlaps(one) for one in _NOT_PUBLIC)


_NOT_PUBLIC: Final = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "224.0.0.0/3",
        ),
    )
)


def check_settings(settings: MfaSettings) -> None:
    """Raise `InvalidError` for what cannot be set (MFA_TRUSTED_FULL, MFA_REMEMBER_DAYS, MFA_FRAUD_CODE, EMAIL_FORM)."""
    if len(settings.trusted_ranges) > MOST_RANGES:
        raise InvalidError(ErrorCode.MFA_TRUSTED_FULL, most=MOST_RANGES)
    if settings.remember_days is not None and not 1 <= settings.remember_days <= MOST_DAYS:
        raise InvalidError(ErrorCode.MFA_REMEMBER_DAYS, most=MOST_DAYS)
    code = settings.fraud.code
    if not code.isascii() or not code.isdigit() or len(code) > _LONGEST_CODE:
        raise InvalidError(ErrorCode.MFA_FRAUD_CODE, most=_LONGEST_CODE)
    recipients = settings.fraud.recipients
    if len(recipients) > MOST_RECIPIENTS or not all(one.isprintable() and _ADDRESS.fullmatch(one) for one in recipients):
        raise InvalidError(ErrorCode.EMAIL_FORM)


def decide_place(settings: MfaSettings, address: str | None, *, claims_inside: bool = False) -> Place:
    """Where a sign-in comes from. Where ranges are set, an address outside all of them is outside, whatever the claim says."""
    if settings.trusted_ranges and address is not None:
        return Place.INSIDE if _is_within(settings.trusted_ranges, address) else Place.OUTSIDE
    return Place.INSIDE if settings.trust_inside and claims_inside else Place.OUTSIDE


def _is_within(ranges: tuple[str, ...], text: str) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in ip_network(one) for one in ranges)
