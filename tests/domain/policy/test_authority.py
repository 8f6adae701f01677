"""Who may do what to whom: the matrix of domain-rules F.2 row by row, the actors of F.1, and laws that hold for all of them."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.policy.authority import Action, Authority, decide_authority
from ringfence.domain.policy.roles import DirectoryRole as Role

A: Final = Role.AUTHENTICATION_ADMINISTRATOR
G: Final = Role.GLOBAL_ADMINISTRATOR
GR: Final = Role.GLOBAL_READER
H: Final = Role.HELPDESK_ADMINISTRATOR
P: Final = Role.PASSWORD_ADMINISTRATOR
PA: Final = Role.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR
PO: Final = Role.AUTHENTICATION_POLICY_ADMINISTRATOR
U: Final = Role.USER_ADMINISTRATOR
OTHERS: Final = [role for role in Role if role not in {A, G, GR, H, P, PA, PO, U}]
METHODS: Final = frozenset(
    {
        Action.DELETE_METHODS,
        Action.ENROL_DEVICES,
        Action.ISSUE_TEMPORARY_ACCESS_PASS,
        Action.SWITCH_SMS_SIGN_IN,
        Action.WRITE_METHODS,
        Action.WRITE_PREFERENCES,
    }
)

# domain-rules F.2, row by row; the same as entra-docs `privileged-roles-permissions.md`, its tables "Who can reset passwords"
# and "Who can perform sensitive actions" (10/2024). First the role of the target, then who resets its password, then who does
# what is sensitive. Methods are written by those of the latter that write methods at all (F.1): A, PA, G.
MATRIX: Final[dict[Role | None, tuple[set[Role], set[Role]]]] = {
    None: ({P, H, A, U, PA, G}, {A, U, PA, G}),
    Role.DIRECTORY_READERS: ({P, H, A, U, PA, G}, {A, U, PA, G}),
    Role.GUEST_INVITER: ({P, H, A, U, PA, G}, {A, U, PA, G}),
    Role.MESSAGE_CENTER_READER: ({H, A, U, PA, G}, {A, U, PA, G}),
    Role.REPORTS_READER: ({H, A, U, PA, G}, {A, U, PA, G}),
    Role.USAGE_SUMMARY_REPORTS_READER: ({H, A, U, PA, G}, {A, U, PA, G}),
    Role.USER_EXPERIENCE_SUCCESS_MANAGER: ({H, A, U, PA, G}, {A, U, PA, G}),
    P: ({P, H, A, U, PA, G}, {A, U, PA, G}),
    A: ({A, PA, G}, {A, PA, G}),
    H: ({H, U, PA, G}, {U, PA, G}),
    U: ({U, PA, G}, {U, PA, G}),
    Role.GROUPS_ADMINISTRATOR: ({U, PA, G}, {U, PA, G}),
    G: ({PA, G}, {PA, G}),
    PA: ({PA, G}, {PA, G}),
    Role.PRIVILEGED_ROLE_ADMINISTRATOR: ({PA, G}, {PA, G}),
    # "any other role"
    Role.APPLICATION_ADMINISTRATOR: ({PA, G}, {PA, G}),
    PO: ({PA, G}, {PA, G}),
    Role.CLOUD_APPLICATION_ADMINISTRATOR: ({PA, G}, {PA, G}),
    Role.DIRECTORY_WRITERS: ({PA, G}, {PA, G}),
    GR: ({PA, G}, {PA, G}),
    Role.SECURITY_ADMINISTRATOR: ({PA, G}, {PA, G}),
    Role.SECURITY_OPERATOR: ({PA, G}, {PA, G}),
    Role.SECURITY_READER: ({PA, G}, {PA, G}),
}

# F.1: who does it to somebody without a role; the API pages for policies, reports and logs.
ACTORS: Final[dict[Action, set[Role]]] = {
    **{action: {A, PA, G} for action in METHODS},
    Action.CHANGE_PASSWORD: set(),
    Action.CREATE_USERS: {U, G},
    Action.MANAGE_TOKENS: {PO, G},
    Action.READ_LOGS: {Role.REPORTS_READER, Role.SECURITY_READER, Role.SECURITY_ADMINISTRATOR, GR, G},
    Action.READ_METHODS: {A, PA, G, GR},
    Action.READ_PER_USER_MFA: {A, PO, G, GR},
    Action.READ_POLICY: {PO, G, GR},
    Action.READ_REPORTS: {Role.REPORTS_READER, Role.SECURITY_READER, Role.SECURITY_ADMINISTRATOR, GR, G},
    Action.READ_TOKENS: {PO, G, GR},
    Action.READ_USERS: set(Role),
    Action.RESET_PASSWORD: {P, H, A, U, PA, G},
    Action.REVOKE_SESSIONS: {P, H, A, U, PA, G},
    Action.WRITE_CONTACT_PROFILE: {P, H, A, U, PA, G},
    Action.WRITE_PASSWORD_PROFILE: {A, U, PA, G},
    Action.WRITE_PER_USER_MFA: {PO, G},
    Action.WRITE_POLICY: {PO, G},
    Action.WRITE_PROFILE: {A, U, PA, G},
    Action.WRITE_SENSITIVE_PROFILE: {A, U, PA, G},
}

# F.1, last rows: what a person without a role does to themselves.
OWN: Final = {
    Action.CHANGE_PASSWORD,
    Action.DELETE_METHODS,
    Action.ENROL_DEVICES,
    Action.READ_METHODS,
    Action.READ_PER_USER_MFA,
    Action.READ_USERS,
    Action.REVOKE_SESSIONS,
    Action.SWITCH_SMS_SIGN_IN,
    Action.WRITE_PREFERENCES,
}
NEVER_OWN: Final = (
    Action.ISSUE_TEMPORARY_ACCESS_PASS,
    Action.RESET_PASSWORD,
    Action.WRITE_METHODS,
    Action.WRITE_PASSWORD_PROFILE,
)

role_sets = st.frozensets(st.sampled_from(Role))
actions = st.sampled_from(Action)


def permitted(action: Action, target: frozenset[Role]) -> set[Role]:
    """The roles that, held alone, permit the action on somebody else."""
    return {role for role in Role if decide_authority(action, frozenset({role}), target, is_self=False).allowed}


@pytest.mark.parametrize("target", MATRIX, ids=lambda role: role.title if role else "no role")
def test_who_may_act_on_whom(target: Role | None) -> None:
    """F.2, a row: who resets the password, who writes what is sensitive, who writes methods."""
    held = frozenset({target} if target else ())
    passwords, sensitive = MATRIX[target]
    expected = {
        Action.RESET_PASSWORD: passwords,
        Action.REVOKE_SESSIONS: passwords,
        Action.WRITE_CONTACT_PROFILE: passwords,
        Action.WRITE_PASSWORD_PROFILE: sensitive,
        Action.WRITE_SENSITIVE_PROFILE: sensitive,
        Action.READ_METHODS: (sensitive - {U}) | {GR},
        **dict.fromkeys(METHODS, sensitive - {U}),
    }
    assert expected == {action: permitted(action, held) for action in expected}


def test_the_matrix_has_a_row_for_each_role() -> None:
    """A role without a row would be untested."""
    assert {None, *Role} == set(MATRIX)


@pytest.mark.parametrize("action", Action, ids=lambda action: action.name)
def test_who_may_act_at_all(action: Action) -> None:
    """F.1: the roles that permit the action on a person who holds none."""
    assert ACTORS[action] == permitted(action, frozenset())


@pytest.mark.parametrize("action", Action, ids=lambda action: action.name)
def test_what_one_may_do_to_oneself_without_a_role(action: Action) -> None:
    """F.1, last rows: read, delete, SMS sign-in; no own number through the API, no pass, no reset."""
    assert (action in OWN) == decide_authority(action, frozenset(), frozenset(), is_self=True).allowed


@given(role_sets)
def test_one_sees_the_own_numbers_in_full(roles: frozenset[Role]) -> None:
    """F.1: the user, full; whatever role would mask the numbers of others."""
    assert Authority(allowed=True, masked=False, sufficient=()) == decide_authority(
        Action.READ_METHODS, roles, roles, is_self=True
    )


@given(role_sets, role_sets, st.sampled_from(NEVER_OWN))
def test_never_for_oneself(actor: frozenset[Role], target: frozenset[Role], action: Action) -> None:
    """F.1: nobody issues a pass to oneself, resets the own password, or adds an own number, whatever roles they hold."""
    assert Authority(allowed=False, masked=False, sufficient=()) == decide_authority(action, actor, target, is_self=True)


@given(action=actions, actor=role_sets, target=role_sets, further=st.sampled_from(Role), is_self=st.booleans())
def test_a_further_role_takes_no_authority_away(
    action: Action, actor: frozenset[Role], target: frozenset[Role], further: Role, *, is_self: bool
) -> None:
    """The caller with one role more may no less, and sees no less of the numbers."""
    before = decide_authority(action, actor, target, is_self=is_self)
    after = decide_authority(action, actor | {further}, target, is_self=is_self)
    assert (before.allowed, before.masked or not after.masked) == (before.allowed and after.allowed, True)


@given(action=actions, actor=role_sets, target=role_sets, further=st.sampled_from(Role), is_self=st.booleans())
def test_a_further_role_of_the_target_gives_no_authority(
    action: Action, actor: frozenset[Role], target: frozenset[Role], further: Role, *, is_self: bool
) -> None:
    """Several roles: all must be allowed, so that each can only shield."""
    before = decide_authority(action, actor, target, is_self=is_self)
    after = decide_authority(action, actor, target | {further}, is_self=is_self)
    assert (after.allowed, set()) == (after.allowed and before.allowed, set(after.sufficient) - set(before.sufficient))


@given(actions, role_sets)
def test_sufficient_roles_are_sufficient(action: Action, target: frozenset[Role]) -> None:
    """What a refusal names would do, and nothing else would."""
    decided = decide_authority(action, frozenset(), target, is_self=False)
    expected = permitted(action, target) if action is not Action.READ_USERS else set()
    assert expected == set(decided.sufficient)


@given(role_sets, role_sets)
def test_numbers_are_masked_unless_the_reader_has_the_full_right(actor: frozenset[Role], target: frozenset[Role]) -> None:
    """F.1: Authentication Administrator and Global Reader see masked numbers; the two privileged roles see them in full."""
    expected = not actor & {PA, G}
    actual = [decide_authority(action, actor, target, is_self=False).masked for action in (Action.READ_METHODS, Action.READ_LOGS)]
    assert [expected, expected] == actual


@pytest.mark.parametrize(
    ("target", "sufficient"),
    [(set(), (P, H, U, A, PA, G)), ({H}, (H, U, PA, G)), ({H, A}, (PA, G)), ({Role.SECURITY_READER}, (PA, G))],
    ids=["no role", "helpdesk", "two roles, no common actor", "any other role"],
)
def test_the_least_privileged_role_is_named_first(target: set[Role], sufficient: tuple[Role, ...]) -> None:
    """An administrator who is refused reads which role to ask for."""
    assert sufficient == decide_authority(Action.RESET_PASSWORD, frozenset(), frozenset(target), is_self=False).sufficient


@pytest.mark.parametrize("role", OTHERS, ids=lambda role: role.title)
def test_a_role_without_a_row_writes_nothing(role: Role) -> None:
    """Only the roles that F.1 and F.2 name as actors change anything of anybody."""
    writes = {action for action in Action if not action.name.startswith("READ_")}
    assert set() == {
        action for action in writes if decide_authority(action, frozenset({role}), frozenset(), is_self=False).allowed
    }
