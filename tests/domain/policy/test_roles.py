"""The directory roles: names, template ids and numbers that are stored."""

from __future__ import annotations

from uuid import UUID

import pytest

from ringfence.domain.policy.roles import DirectoryRole, role_named

STORED = {
    "APPLICATION_ADMINISTRATOR": 1,
    "AUTHENTICATION_ADMINISTRATOR": 2,
    "AUTHENTICATION_POLICY_ADMINISTRATOR": 3,
    "CLOUD_APPLICATION_ADMINISTRATOR": 4,
    "DIRECTORY_READERS": 5,
    "DIRECTORY_WRITERS": 6,
    "GLOBAL_ADMINISTRATOR": 7,
    "GLOBAL_READER": 8,
    "GROUPS_ADMINISTRATOR": 9,
    "GUEST_INVITER": 10,
    "HELPDESK_ADMINISTRATOR": 11,
    "MESSAGE_CENTER_READER": 12,
    "PASSWORD_ADMINISTRATOR": 13,
    "PRIVILEGED_AUTHENTICATION_ADMINISTRATOR": 14,
    "PRIVILEGED_ROLE_ADMINISTRATOR": 15,
    "REPORTS_READER": 16,
    "SECURITY_ADMINISTRATOR": 17,
    "SECURITY_OPERATOR": 18,
    "SECURITY_READER": 19,
    "USAGE_SUMMARY_REPORTS_READER": 20,
    "USER_ADMINISTRATOR": 21,
    "USER_EXPERIENCE_SUCCESS_MANAGER": 22,
}
"""Written twice on purpose: databases hold these numbers, so a change must fail here."""

# Template ids as in entra-docs `permissions-reference.md` (01/2026), title by title.
TEMPLATES = {
    "Application Administrator": "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
    "Authentication Administrator": "c4e39bd9-1100-46d3-8c65-fb160da0071f",
    "Authentication Policy Administrator": "0526716b-113d-4c15-b2c8-68e3c22b9f80",
    "Cloud Application Administrator": "158c047a-c907-4556-b7ef-446551a6b5f7",
    "Directory Readers": "88d8e3e3-8f55-4a1e-953a-9b9898b8876b",
    "Directory Writers": "9360feb5-f418-4baa-8175-e2a00bac4301",
    "Global Administrator": "62e90394-69f5-4237-9190-012177145e10",
    "Global Reader": "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
    "Groups Administrator": "fdd7a751-b60b-444a-984c-02652fe8fa1c",
    "Guest Inviter": "95e79109-95c0-4d8e-aee3-d01accf2d47b",
    "Helpdesk Administrator": "729827e3-9c14-49f7-bb1b-9608f156bbb8",
    "Message Center Reader": "790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b",
    "Password Administrator": "966707d0-3269-4727-9be2-8c3a10f19b9d",
    "Privileged Authentication Administrator": "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",
    "Privileged Role Administrator": "e8611ab8-c189-46e8-94e1-60213ab1f814",
    "Reports Reader": "4a5d8f65-41da-4de4-8968-e035b65339cf",
    "Security Administrator": "194ae4cb-b126-40b2-bd5b-6091b380977d",
    "Security Operator": "5f2222b1-57c3-48ba-8ad5-d4759f1fde6f",
    "Security Reader": "5d6b6bb7-de71-4623-b4af-96380a352509",
    "Usage Summary Reports Reader": "75934031-6c7e-415a-99d7-48dbd49e875e",
    "User Administrator": "fe930be7-5e62-47db-91af-98c3a49a38b1",
    "User Experience Success Manager": "27460883-1df1-4691-b032-3b79643e5e63",
}


def test_the_numbers_are_those_that_databases_hold() -> None:
    """A number, once given, stands for its role for ever."""
    assert {role.name: role.value for role in DirectoryRole} == STORED


def test_the_template_ids_are_entra_s() -> None:
    """Title and template id of each role are the ones that scripts know."""
    assert {role.title: role.template_id for role in DirectoryRole} == TEMPLATES


def test_the_template_ids_are_guids_in_lower_case() -> None:
    """So that they compare as text."""
    assert [] == [role for role in DirectoryRole if str(UUID(role.template_id)) != role.template_id]


def test_the_roles_are_in_alphabetical_order() -> None:
    """A closed vocabulary is alphabetical (house rules, section 5)."""
    assert sorted(STORED) == [role.name for role in DirectoryRole]


@pytest.mark.parametrize("role", DirectoryRole, ids=lambda role: role.name)
def test_a_role_is_found_by_each_of_its_names(role: DirectoryRole) -> None:
    """Title, template id and short name, in any case."""
    names = (role.title, role.template_id, role.name, role.name.replace("_", "-"))
    spellings = [spelling for name in names for spelling in (name, name.lower(), name.upper(), f" {name} ")]
    assert {role} == {role_named(spelling) for spelling in spellings}


@pytest.mark.parametrize("text", ["", "Global", "62e90394", "7", "Owner"], ids=repr)
def test_other_names_are_no_roles(text: str) -> None:
    """What is no name of a role is a KeyError, never the nearest one."""
    with pytest.raises(KeyError):
        role_named(text)
