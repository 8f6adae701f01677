"""Questions over the users of a tenant, a page at a time: what is asked, and what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from ringfence.domain.directory.query import Filter
from ringfence.domain.directory.user import User
from ringfence.domain.identity.profiles import Profile


class UnknownField(ValueError):  # noqa: N818 - a refusal, not an error of ours
    """The field does not exist, or cannot be asked for in this way; `str()` is its name."""


class UserQuestion(NamedTuple):
    """Which users, in which order, from where on.

    `order` is a wire name (`displayName`, `userPrincipalName`) or None for the order of ids, which costs least. `after` is the
    key of the last user of the page before: its sort text and its id.
    """

    filter: Filter | None = None
    search: Filter | None = None
    order: str | None = None
    descending: bool = False
    after: tuple[str, bytes] | None = None
    limit: int = 100
    deleted: bool = False


class Person(NamedTuple):
    """A user with the public side: the texts of both numbers as they stand, and the profile."""

    user: User
    mobile: str
    office: str
    profile: Profile


class UserPage(NamedTuple):
    """A page, and the key to go on behind; None at the end."""

    people: list[Person]
    after: tuple[str, bytes] | None


class UserQueries(Protocol):
    """Where questions are answered."""

    def page(self, tenant_id: int, question: UserQuestion) -> UserPage:
        """At most `question.limit` users; raises `UnknownField` for what cannot be asked."""

    def among(self, tenant_id: int, user_ids: Sequence[bytes]) -> dict[bytes, Person]:
        """The users that exist among these ids, deleted ones too."""

    def count(self, tenant_id: int, question: UserQuestion) -> int:
        """How many users there are in all pages."""
