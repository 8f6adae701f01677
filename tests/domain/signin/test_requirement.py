"""When a second factor is demanded: the rows of D.9, every combination decided, and the published table."""

from __future__ import annotations

from typing import Any, Final

import pytest

from ringfence.domain.directory.records import PerUserState
from ringfence.domain.directory.user import User
from ringfence.domain.signin.per_user import after_registration, state_of
from ringfence.domain.signin.requirement import (
    REQUIREMENTS,
    AppPassword,
    Blocked,
    Client,
    Facts,
    Place,
    Proof,
    Registered,
    Remembered,
    Requirement,
    State,
    decide_requirement,
)
from tests.contract.clocks import IN_WINDOW
from tests.docs.documents import REQUIREMENTS as PAGE
from tests.docs.documents import with_requirements

_REGISTERED: Final[dict[str, Any]] = {"registered": Registered.YES}


@pytest.mark.parametrize(
    ("state", "client", "more", "expected"),
    [
        pytest.param(State.DISABLED, Client.MODERN, {}, Requirement.NOT_REQUIRED, id="disabled"),
        pytest.param(State.DISABLED, Client.LEGACY, {}, Requirement.NOT_REQUIRED, id="disabled, legacy"),
        pytest.param(State.ENABLED, Client.MODERN, {}, Requirement.REGISTER, id="enabled has to register"),
        pytest.param(State.ENABLED, Client.LEGACY, {}, Requirement.UNTIL_ENFORCED, id="enabled: legacy keeps working"),
        pytest.param(State.ENFORCED, Client.MODERN, _REGISTERED, Requirement.CHALLENGE, id="enforced: at each sign-in"),
        pytest.param(State.ENFORCED, Client.MODERN, {}, Requirement.REGISTER, id="nothing left to ask for"),
        pytest.param(
            State.ENFORCED,
            Client.MODERN,
            {"registered": Registered.ANEW, "proof": Proof.FRESH, "remembered": Remembered.YES},
            Requirement.CHALLENGE,
            id="to register anew they prove themselves, whatever they proved before",
        ),
        pytest.param(
            State.ENFORCED, Client.LEGACY, _REGISTERED, Requirement.APP_PASSWORD_REQUIRED, id="legacy needs an app password"
        ),
        pytest.param(
            State.ENFORCED,
            Client.LEGACY,
            {"app_password": AppPassword.GIVEN},
            Requirement.SKIPPED_APP_PASSWORD,
            id="which skips the second factor",
        ),
        pytest.param(State.ENFORCED, Client.MODERN, {"place": Place.INSIDE}, Requirement.SKIPPED_LOCATION, id="trusted location"),
        pytest.param(State.ENFORCED, Client.LEGACY, {"place": Place.INSIDE}, Requirement.SKIPPED_LOCATION, id="legacy, trusted"),
        pytest.param(
            State.ENFORCED,
            Client.LEGACY,
            {"place": Place.INSIDE, "app_password": AppPassword.HELD},
            Requirement.APP_PASSWORD_REQUIRED,
            id="unless the user already has one",
        ),
        pytest.param(
            State.ENFORCED,
            Client.MODERN,
            {**_REGISTERED, "remembered": Remembered.YES},
            Requirement.SATISFIED_REMEMBERED,
            id="remembered browser",
        ),
        pytest.param(
            State.ENFORCED,
            Client.MODERN,
            {**_REGISTERED, "proof": Proof.FRESH},
            Requirement.SATISFIED_SESSION,
            id="given already",
        ),
    ],
)
def test_the_rows(state: State, client: Client, more: dict[str, Any], expected: Requirement) -> None:
    """D.9."""
    assert expected is decide_requirement(Facts(state, client, **more)).outcome


def test_every_combination_has_a_row() -> None:
    """And every outcome but the fraud report's is reached."""
    reached = {REQUIREMENTS.decide(*facts).outcome for facts in REQUIREMENTS.combinations()}
    assert set(Requirement) - {Requirement.DENIED_FRAUD} == reached


def test_a_blocked_user_passes_nowhere() -> None:
    """But where no second factor is asked for at all, and there by no legacy protocol (D.6)."""
    met = {facts for facts in REQUIREMENTS.combinations() if Blocked.YES in facts and REQUIREMENTS.decide(*facts).outcome.is_met}
    assert all(State.DISABLED in facts and Client.MODERN in facts for facts in met)


@pytest.mark.parametrize("before", PerUserState)
def test_a_registration_enforces_who_was_enabled(before: PerUserState) -> None:
    """And nobody else (D.9)."""
    after = after_registration(User(bytes(16), 1, "kim@contoso.example", IN_WINDOW, mfa_state=before)).mfa_state
    assert (PerUserState.Disabled if before is PerUserState.Disabled else PerUserState.Enforced) is after


@pytest.mark.parametrize("state", PerUserState)
def test_every_state_is_a_fact(state: PerUserState) -> None:
    """By its name."""
    assert state.name.lower() == state_of(User(bytes(16), 1, "kim", IN_WINDOW, mfa_state=state)).value


def test_the_published_table_is_the_programs() -> None:
    """docs/second-factor.md; write it anew with `python -m tests.docs.rewrite`."""
    text = PAGE.read_text("utf-8")
    assert (True, text) == ("| S1 |" in text, with_requirements(text))


def test_wire_names() -> None:
    """As the OpenAPI file has those of an approval."""
    assert "skippedAppPassword" == Requirement.SKIPPED_APP_PASSWORD.wire_name
