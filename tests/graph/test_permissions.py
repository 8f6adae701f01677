"""The first gate: which permissions open which request, and the places where the published data is odd or silent."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import pytest

from ringfence.graph.permissions import (
    NARROW_READS,
    NARROW_WRITES,
    Permission,
    Scheme,
    known_permissions,
    least_first,
    permissions_for,
    reaches_others,
)

APP: Final = Scheme.APPLICATION
PERSON: Final = Scheme.DELEGATED
USER: Final = "/users/{id}/authentication"

GENERIC: Final = frozenset(f"UserAuthenticationMethod.{right}" for right in ("Read", "Read.All", "ReadWrite", "ReadWrite.All"))
GENERIC_WRITE: Final = frozenset({"UserAuthenticationMethod.ReadWrite", "UserAuthenticationMethod.ReadWrite.All"})
PHONE: Final = frozenset(f"UserAuthMethod-Phone.{right}" for right in ("Read", "Read.All", "ReadWrite", "ReadWrite.All"))
PHONE_WRITE: Final = frozenset({"UserAuthMethod-Phone.ReadWrite", "UserAuthMethod-Phone.ReadWrite.All"})
POLICY_WRITE: Final = frozenset({"Policy.ReadWrite.AuthenticationMethod"})
PER_USER: Final = frozenset({"Policy.Read.All"}) | POLICY_WRITE
LOGS: Final = frozenset({"AuditLog.Read.All"})
RESTORE: Final = frozenset({"User.DeleteRestore.All", "User.ReadWrite.All", "Directory.ReadWrite.All"})
NOBODY: Final[frozenset[str]] = frozenset()


def of_all(names: frozenset[str]) -> frozenset[str]:
    """Those that an application can hold."""
    return frozenset(name for name in names if name.endswith(".All"))


# surface.md a1-a7 and c1: what a person's token needs, then what an application's needs.
OPENS: Final = [
    ("GET", f"{USER}/methods", GENERIC, of_all(GENERIC)),
    ("GET", "/me/authentication/methods", GENERIC, NOBODY),
    ("GET", f"{USER}/phoneMethods", GENERIC | PHONE, of_all(GENERIC | PHONE)),
    ("POST", f"{USER}/phoneMethods", GENERIC_WRITE | PHONE_WRITE, of_all(GENERIC_WRITE | PHONE_WRITE)),
    ("DELETE", "/me/authentication/phoneMethods/{id}", GENERIC_WRITE | PHONE_WRITE, NOBODY),
    ("POST", f"{USER}/phoneMethods/{{id}}/enableSmsSignIn", GENERIC_WRITE | PHONE_WRITE, of_all(GENERIC_WRITE | PHONE_WRITE)),
    ("POST", f"{USER}/methods/{{id}}/resetPassword", of_all(GENERIC_WRITE), NOBODY),
    ("GET", f"{USER}/operations/{{id}}", GENERIC, NOBODY),
    # Trap 3: the policy's permissions, not those of methods.
    ("GET", f"{USER}/requirements", PER_USER, PER_USER),
    ("PATCH", f"{USER}/requirements", POLICY_WRITE, POLICY_WRITE),
    ("PATCH", "/policies/authenticationMethodsPolicy", POLICY_WRITE, POLICY_WRITE),
    ("GET", "/reports/authenticationMethods/userRegistrationDetails", LOGS, LOGS),
    ("GET", "/reports/authenticationMethods/usersRegisteredByMethod()", LOGS, NOBODY),
    # The data adds Directory.Read.All, which alone would show the numbers in the log; surface.md c1 does not.
    ("GET", "/auditLogs/directoryAudits", LOGS, LOGS),
    ("GET", "/auditLogs/directoryAudits/{id}", LOGS, LOGS),
    ("GET", "/auditLogs/signIns", LOGS, LOGS),
    # Silent in the data, so from our supplement.
    ("GET", f"{USER}/signInPreferences", GENERIC, of_all(GENERIC)),
    ("PATCH", f"{USER}/signInPreferences", GENERIC_WRITE, of_all(GENERIC_WRITE)),
    ("PATCH", "/me/authentication/signInPreferences", GENERIC_WRITE, NOBODY),
    ("POST", "/directory/deletedItems/{id}/restore", RESTORE, RESTORE),
]

# One request, written in two ways (surface.md, trap 1 and a1; the data's oddities).
SAME: Final = [
    ("GET", "/users/$count", "GET", "/users"),
    ("GET", f"{USER}/phoneMethods/$count", "GET", f"{USER}/phoneMethods"),
    ("PUT", f"{USER}/phoneMethods/{{id}}", "PATCH", f"{USER}/phoneMethods/{{id}}"),
    ("PUT", "/me/authentication/phoneMethods/{id}", "PATCH", "/me/authentication/phoneMethods/{id}"),
    ("POST", f"{USER}/hardwareOathMethods/{{id}}/deactivate", "POST", f"{USER}/hardwareOathMethods/deactivate"),
    (
        "POST",
        f"{USER}/phoneMethods/{{id}}/microsoft.graph.enableSmsSignIn",
        "POST",
        f"{USER}/phoneMethods/{{id}}/enableSmsSignIn",
    ),
    ("GET", f"{USER}/fido2Methods/creationOptions()", "GET", f"{USER}/fido2Methods/creationOptions"),
    ("GET", "/users/microsoft.graph.delta()", "GET", "/users/delta"),
    ("get", "/USERS/{user-id}/", "GET", "/users/{id}"),
    (
        "GET",
        "/policies/authenticationStrengthPolicies/{id}/combinationConfigurations",
        "GET",
        "/identity/conditionalAccess/authenticationStrength/policies/{id}/combinationConfigurations",
    ),
    (
        "DELETE",
        "/identity/conditionalAccess/authenticationStrength/policies/{id}",
        "DELETE",
        "/policies/authenticationStrengthPolicies/{id}",
    ),
]


@pytest.mark.parametrize(("method", "path", "person", "application"), OPENS, ids=[f"{row[0]} {row[1]}" for row in OPENS])
def test_what_opens_a_request(method: str, path: str, person: frozenset[str], application: frozenset[str]) -> None:
    """The permissions of surface.md, for a person's token and for an application's."""
    assert (person, application) == (permissions_for(method, path, PERSON), permissions_for(method, path, APP))


@pytest.mark.parametrize(("method", "path", "as_method", "as_path"), SAME, ids=[f"{row[0]} {row[1]}" for row in SAME])
def test_two_spellings_of_a_request_are_one(method: str, path: str, as_method: str, as_path: str) -> None:
    """An alias opens with exactly what its original opens with, and that is something."""
    expected = permissions_for(as_method, as_path, PERSON)
    assert (True, expected) == (bool(expected), permissions_for(method, path, PERSON))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", f"{USER}/passwordMethods"),
        ("PATCH", f"{USER}/methods/{{id}}"),
        ("GET", USER),
        ("POST", f"{USER}/phoneMethods/$count"),
        ("PUT", f"{USER}/emailMethods/{{id}}"),
        ("GET", "/me/authentication/externalAuthenticationMethods"),
        ("POST", "/me/authentication/methods/{id}/resetPassword"),
        ("GET", "/meetings"),
        ("GET", ""),
    ],
    ids=" ".join,
)
def test_a_request_without_an_entry_is_refused(method: str, path: str) -> None:
    """Generated surface only, or nothing at all: no permission opens it."""
    assert (NOBODY, NOBODY) == (permissions_for(method, path, PERSON), permissions_for(method, path, APP))


def test_an_application_is_nobody_s_me() -> None:
    """The data lists applications on paths of `/me`; none of them opens any."""
    paths = ("/me", "/me/revokeSignInSessions", "/me/authentication/phoneMethods", "/me/authentication/passwordMethods")
    assert [NOBODY] * 8 == [permissions_for(method, path, APP) for path in paths for method in ("GET", "POST")]


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_permissions_for_the_users_of_agents_open_nothing_here(method: str) -> None:
    """They would reach people whom their name does not mean."""
    names = permissions_for(method, "/users/{id}", APP) | permissions_for(method, "/users/{id}", PERSON)
    assert [] == sorted(name for name in names if name.startswith("AgentId") or name.endswith("CrossCloud"))


def test_the_known_permissions_carry_their_ids() -> None:
    """surface.md c1: the ids of the generic four, and no application id where the reach is one's own."""
    known = known_permissions()
    assert [
        Permission("UserAuthenticationMethod.Read", "1f6b61c5-2f65-4135-9c9f-31c0f8d32b52", None, 2),
        Permission(
            "UserAuthenticationMethod.ReadWrite.All",
            "b7887744-6746-4312-813d-72daeaee7e2d",
            "50483e42-d915-4231-9639-7fdb7fd190e5",
            4,
        ),
    ] == [known["UserAuthenticationMethod.Read"], known["UserAuthenticationMethod.ReadWrite.All"]]


def test_every_permission_can_be_given_to_somebody() -> None:
    """Each has a delegated or an application id, a GUID, and each id names one permission."""
    ids = [text for one in known_permissions().values() for text in (one.delegated_id, one.application_id) if text]
    assert (sorted({str(UUID(text)) for text in ids}), []) == (
        sorted(ids),
        [one.name for one in known_permissions().values() if not (one.delegated_id or one.application_id)],
    )


@pytest.mark.parametrize("scheme", Scheme, ids=lambda scheme: scheme.name)
def test_what_opens_a_request_can_be_held_under_that_scheme(scheme: Scheme) -> None:
    """Supplement included: a permission that the scheme does not have would open nothing and mislead whoever reads of it."""
    index = {row[:2]: permissions_for(row[0], row[1], scheme) for row in OPENS}
    held = {one.name for one in known_permissions().values() if (one.delegated_id if scheme is PERSON else one.application_id)}
    assert {} == {row: names - held for row, names in index.items() if names - held}


@pytest.mark.parametrize(
    ("path", "first"),
    [(f"{USER}/phoneMethods", "UserAuthMethod-Phone.Read"), ("/users", "User.ReadBasic.All"), ("/me", "User.Read")],
)
def test_the_least_privileged_permission_is_named_first(path: str, first: str) -> None:
    """What an error names first is the one to ask for."""
    assert first == least_first(permissions_for("GET", path, PERSON))[0]


def test_the_order_loses_nothing() -> None:
    """Every known permission has its place in it, one."""
    assert sorted(known_permissions()) == sorted(least_first(known_permissions()))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("User.Read", False),
        ("User.ReadWrite", False),
        ("UserAuthMethod-Phone.ReadWrite", False),
        ("UserAuthenticationMethod.Read", False),
        ("User.ReadBasic.All", True),
        ("UserAuthenticationMethod.ReadWrite.All", True),
        ("UserAuthMethod-TAP.Read.All", True),
        ("Policy.ReadWrite.AuthenticationMethod", True),
    ],
)
def test_which_permissions_reach_others(name: str, *, expected: bool) -> None:
    """surface.md c1, delegated reach: own, or others with a role."""
    assert expected is reaches_others(name)


def test_no_permission_that_reaches_only_oneself_is_an_application_s() -> None:
    """An application has no self."""
    assert [] == [one.name for one in known_permissions().values() if one.application_id and not reaches_others(one.name)]


def test_narrow_writes_are_permissions_that_open_the_update_of_a_user() -> None:
    """Each narrow permission is in the data for `PATCH /users/{id}`, so that its narrowness is asked for there."""
    assert set() == set(NARROW_WRITES) - permissions_for("PATCH", "/users/{id}", APP)


def test_narrow_reads_are_permissions_that_open_the_list_of_users() -> None:
    """Each narrow permission is in the data for `GET /users`, so that its narrowness is asked for there."""
    assert set() == set(NARROW_READS) - permissions_for("GET", "/users", APP)


@pytest.mark.parametrize("name", NARROW_READS)
def test_narrow_reads_show_no_number(name: str) -> None:
    """A basic profile has no phone number."""
    assert set() == {"businessPhones", "mobilePhone"} & NARROW_READS[name]
