"""Directory roles: those that the matrix of domain-rules F.2 names, and those that read reports or manage applications.

Titles and template ids are Entra's: `permissions-reference.md` of MicrosoftDocs/entra-docs. Custom roles are not modelled.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, unique
from typing import Final


@unique
class DirectoryRole(IntEnum):
    """A built-in role, named as Entra titles it, in capitals. The value is what the database stores, and is never used again."""

    APPLICATION_ADMINISTRATOR = 1
    AUTHENTICATION_ADMINISTRATOR = 2
    AUTHENTICATION_POLICY_ADMINISTRATOR = 3
    CLOUD_APPLICATION_ADMINISTRATOR = 4
    DIRECTORY_READERS = 5
    DIRECTORY_WRITERS = 6
    GLOBAL_ADMINISTRATOR = 7
    GLOBAL_READER = 8
    GROUPS_ADMINISTRATOR = 9
    GUEST_INVITER = 10
    HELPDESK_ADMINISTRATOR = 11
    MESSAGE_CENTER_READER = 12
    PASSWORD_ADMINISTRATOR = 13
    PRIVILEGED_AUTHENTICATION_ADMINISTRATOR = 14
    PRIVILEGED_ROLE_ADMINISTRATOR = 15
    REPORTS_READER = 16
    SECURITY_ADMINISTRATOR = 17
    SECURITY_OPERATOR = 18
    SECURITY_READER = 19
    USAGE_SUMMARY_REPORTS_READER = 20
    USER_ADMINISTRATOR = 21
    USER_EXPERIENCE_SUCCESS_MANAGER = 22

    @property
    def title(self) -> str:
        """Entra's display name."""
        return self.name.replace("_", " ").title()

    @property
    def template_id(self) -> str:
        """Entra's id of the role's template, the same in every tenant."""
        return _TEMPLATE_IDS[self]


_TEMPLATE_IDS: Final[Mapping[DirectoryRole, str]] = {
    DirectoryRole.APPLICATION_ADMINISTRATOR: "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
    DirectoryRole.AUTHENTICATION_ADMINISTRATOR: "c4e39bd9-1100-46d3-8c65-fb160da0071f",
    DirectoryRole.AUTHENTICATION_POLICY_ADMINISTRATOR: "0526716b-113d-4c15-b2c8-68e3c22b9f80",
    DirectoryRole.CLOUD_APPLICATION_ADMINISTRATOR: "158c047a-c907-4556-b7ef-446551a6b5f7",
    DirectoryRole.DIRECTORY_READERS: "88d8e3e3-8f55-4a1e-953a-9b9898b8876b",
    DirectoryRole.DIRECTORY_WRITERS: "9360feb5-f418-4baa-8175-e2a00bac4301",
    DirectoryRole.GLOBAL_ADMINISTRATOR: "62e90394-69f5-4237-9190-012177145e10",
    DirectoryRole.GLOBAL_READER: "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
    DirectoryRole.GROUPS_ADMINISTRATOR: "fdd7a751-b60b-444a-984c-02652fe8fa1c",
    DirectoryRole.GUEST_INVITER: "95e79109-95c0-4d8e-aee3-d01accf2d47b",
    DirectoryRole.HELPDESK_ADMINISTRATOR: "729827e3-9c14-49f7-bb1b-9608f156bbb8",
    DirectoryRole.MESSAGE_CENTER_READER: "790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b",
    DirectoryRole.PASSWORD_ADMINISTRATOR: "966707d0-3269-4727-9be2-8c3a10f19b9d",
    DirectoryRole.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR: "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",
    DirectoryRole.PRIVILEGED_ROLE_ADMINISTRATOR: "e8611ab8-c189-46e8-94e1-60213ab1f814",
    DirectoryRole.REPORTS_READER: "4a5d8f65-41da-4de4-8968-e035b65339cf",
    DirectoryRole.SECURITY_ADMINISTRATOR: "194ae4cb-b126-40b2-bd5b-6091b380977d",
    DirectoryRole.SECURITY_OPERATOR: "5f2222b1-57c3-48ba-8ad5-d4759f1fde6f",
    DirectoryRole.SECURITY_READER: "5d6b6bb7-de71-4623-b4af-96380a352509",
    DirectoryRole.USAGE_SUMMARY_REPORTS_READER: "75934031-6c7e-415a-99d7-48dbd49e875e",
    DirectoryRole.USER_ADMINISTRATOR: "fe930be7-5e62-47db-91af-98c3a49a38b1",
    DirectoryRole.USER_EXPERIENCE_SUCCESS_MANAGER: "27460883-1df1-4691-b032-3b79643e5e63",
}

_BY_TEXT: Final = {text.casefold(): role for role in DirectoryRole for text in (role.name, role.title, role.template_id)}


def role_named(text: str) -> DirectoryRole:
    """The role with this title, template id or short name (`GLOBAL_READER`, `global-reader`), in any case; KeyError if none."""
    plain = text.strip().casefold()
    return _BY_TEXT[plain if plain in _BY_TEXT else plain.replace("-", "_")]
