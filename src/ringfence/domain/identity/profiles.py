"""The public attributes of a user beside names and numbers; each is None when it is not set. Source: Graph's user resource."""

from __future__ import annotations

from typing import NamedTuple


class Profile(NamedTuple):
    """Texts as they stand."""

    given_name: str | None = None
    surname: str | None = None
    mail: str | None = None
    job_title: str | None = None
    office_location: str | None = None
    preferred_language: str | None = None
    department: str | None = None
    employee_id: str | None = None
    mail_nickname: str | None = None
    usage_location: str | None = None
    password_policies: str | None = None
