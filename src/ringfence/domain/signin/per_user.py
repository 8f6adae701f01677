"""Per-user MFA: what a registration does to it. Source: domain-rules D.9."""

from __future__ import annotations

from ringfence.domain.directory.records import PerUserState
from ringfence.domain.directory.user import User
from ringfence.domain.signin.requirement import State


def after_registration(user: User) -> User:
    """The user once a method is registered: *enabled* becomes *enforced*; disabled stays so."""
    if user.mfa_state is PerUserState.Enabled:
        return user._replace(mfa_state=PerUserState.Enforced)
    return user


def state_of(user: User) -> State:
    """The state as the table of requirements names it."""
    return State[user.mfa_state.name.upper()]
