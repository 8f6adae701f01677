"""Tokens of `delta`: they come back as they were written, and whatever else is sent is told without a fault."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringfence.application.follow_users import Walk, walk_from_now
from ringfence.application.ports.changes import LogPlace
from ringfence.graph.change_tokens import MOST_IDS, Asked, read_token, write_token
from tests.contract.deployments import TENANT
from tests.graph.followers import FIRST
from tests.graph.served import Api

IDS: Final = st.binary(min_size=16, max_size=16)
PLACES: Final = st.builds(LogPlace, st.integers(0, 2**62), st.integers(0, 1000), st.binary(min_size=8, max_size=8))
WALKS: Final = st.builds(Walk, PLACES, st.none() | st.just(b"") | IDS)
SELECTIONS: Final = st.lists(st.text(max_size=30), max_size=30).map(tuple)
ASKED: Final = st.builds(Asked, SELECTIONS, st.lists(IDS, max_size=MOST_IDS).map(tuple), st.integers(1, 999))


@given(st.integers(0, 2**31), WALKS, ASKED)
def test_a_token_comes_back(tenant: int, walk: Walk, asked: Asked) -> None:
    """For its own tenant alone, and it needs no escaping in an address."""
    token = write_token(tenant, walk, asked)
    assert token.replace("-", "").replace("_", "").isalnum()
    assert ((walk, asked), None) == (read_token(token, tenant), read_token(token, tenant + 1))


@given(st.text(max_size=100) | st.binary(max_size=100).map(lambda octets: urlsafe_b64encode(octets).decode().rstrip("=")))
def test_any_text_is_told(text: str) -> None:
    """It is a token only where it is the one that would be written."""
    found = read_token(text, TENANT)
    assert found is None or text == write_token(TENANT, *found)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 60), st.integers(1, 255))
def test_a_changed_token_is_answered(api: Api, at: int, bits: int) -> None:
    """One byte otherwise: refused, expired, or a place that is as good; never a fault."""
    good = write_token(TENANT, walk_from_now(api.joined.services, TENANT), Asked(("id", "displayName"), (), 100))
    octets = bytearray(urlsafe_b64decode(good + "=" * (-len(good) % 4)))
    octets[at % len(octets)] ^= bits
    token = urlsafe_b64encode(octets).decode().rstrip("=")
    assert api.call("GET", f"{FIRST}?$deltatoken={token}").status in {200, 400, 410}
