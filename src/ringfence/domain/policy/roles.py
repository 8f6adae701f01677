"""Directory roles: those that the matrix of domain-rules F.2 names, and those that read reports or manage applications.

Titles and template ids are Entra's: `permissions-reference.md` of MicrosoftDocs/entra-docs. Custom roles are not modelled.
"""

from __future__ import annotations

from enum import Enum, unique
from typing import Final, Self


@unique
class DirectoryRole(Enum):
    """A built-in role: `NAME = number, title, template id`. The number is what the database stores, and is never used again."""

    APPLICATION_ADMINISTRATOR = 1, "Application Administrator", "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3"
    AUTHENTICATION_ADMINISTRATOR = 2, "Authentication Administrator", "c4e39bd9-1100-46d3-8c65-fb160da0071f"
    AUTHENTICATION_POLICY_ADMINISTRATOR = 3, "Authentication Policy Administrator", "0526716b-113d-4c15-b2c8-68e3c22b9f80"
    CLOUD_APPLICATION_ADMINISTRATOR = 4, "Cloud Application Administrator", "158c047a-c907-4556-b7ef-446551a6b5f7"
    DIRECTORY_READERS = 5, "Directory Readers", "88d8e3e3-8f55-4a1e-953a-9b9898b8876b"
    DIRECTORY_WRITERS = 6, "Directory Writers", "9360feb5-f418-4baa-8175-e2a00bac4301"
    GLOBAL_ADMINISTRATOR = 7, "Global Administrator", "62e90394-69f5-4237-9190-012177145e10"
    GLOBAL_READER = 8, "Global Reader", "f2ef992c-3afb-46b9-b7cf-a126ee74c451"
    GROUPS_ADMINISTRATOR = 9, "Groups Administrator", "fdd7a751-b60b-444a-984c-02652fe8fa1c"
    GUEST_INVITER = 10, "Guest Inviter", "95e79109-95c0-4d8e-aee3-d01accf2d47b"
    HELPDESK_ADMINISTRATOR = 11, "Helpdesk Administrator", "729827e3-9c14-49f7-bb1b-9608f156bbb8"
    MESSAGE_CENTER_READER = 12, "Message Center Reader", "790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b"
    PASSWORD_ADMINISTRATOR = 13, "Password Administrator", "966707d0-3269-4727-9be2-8c3a10f19b9d"
    PRIVILEGED_AUTHENTICATION_ADMINISTRATOR = (
        14,
        "Privileged Authentication Administrator",
        "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",
    )
    PRIVILEGED_ROLE_ADMINISTRATOR = 15, "Privileged Role Administrator", "e8611ab8-c189-46e8-94e1-60213ab1f814"
    REPORTS_READER = 16, "Reports Reader", "4a5d8f65-41da-4de4-8968-e035b65339cf"
    SECURITY_ADMINISTRATOR = 17, "Security Administrator", "194ae4cb-b126-40b2-bd5b-6091b380977d"
    SECURITY_OPERATOR = 18, "Security Operator", "5f2222b1-57c3-48ba-8ad5-d4759f1fde6f"
    SECURITY_READER = 19, "Security Reader", "5d6b6bb7-de71-4623-b4af-96380a352509"
    USAGE_SUMMARY_REPORTS_READER = 20, "Usage Summary Reports Reader", "75934031-6c7e-415a-99d7-48dbd49e875e"
    USER_ADMINISTRATOR = 21, "User Administrator", "fe930be7-5e62-47db-91af-98c3a49a38b1"
    USER_EXPERIENCE_SUCCESS_MANAGER = 22, "User Experience Success Manager", "27460883-1df1-4691-b032-3b79643e5e63"

    title: str
    template_id: str

    def __new__(cls, number: int, title: str, template_id: str) -> Self:
        """Make `number` alone the value, so that `DirectoryRole(2)` reads what was stored."""
        role = object.__new__(cls)
        role._value_ = number
        role.title = title
        role.template_id = template_id
        return role


_BY_TEXT: Final = {text.casefold(): role for role in DirectoryRole for text in (role.name, role.title, role.template_id)}


def role_named(text: str) -> DirectoryRole:
    """The role with this title, template id or short name (`GLOBAL_READER`, `global-reader`), in any case; KeyError if none."""
    plain = text.strip().casefold()
    return _BY_TEXT[plain if plain in _BY_TEXT else plain.replace("-", "_")]
