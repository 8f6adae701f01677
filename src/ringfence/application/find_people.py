"""Look at users of a tenant as the API shows them: one, a page, a count."""

from __future__ import annotations

from ringfence.application.accounts import find_account
from ringfence.application.ports import UnitOfWork
from ringfence.application.ports.people import Person, UserPage, UserQuestion
from ringfence.application.services import Services
from ringfence.domain.errors import ErrorCode, NotFoundError
from ringfence.domain.identity.profiles import Profile
from ringfence.domain.numbers.pairs import Pair


def find_person(services: Services, tenant_id: int, name: str, *, deleted: bool = False) -> Person:
    """One user by name or id; raises `NotFoundError` (USER_UNKNOWN)."""
    with services.store.snapshot() as unit:
        return person_of(unit, tenant_id, name, deleted=deleted)


def person_of(unit: UnitOfWork, tenant_id: int, name: str, *, deleted: bool = False) -> Person:
    """The same within a transaction."""
    account = find_account(unit, tenant_id, name)
    user, pairs = account.user, account.pairs
    if (user.deleted_at is not None) is not deleted:
        raise NotFoundError(ErrorCode.USER_UNKNOWN, user=name)
    profile = unit.identity.profiles(tenant_id, [user.user_id]).get(user.user_id, Profile())
    return Person(user, pairs[Pair.MOBILE].public.text, pairs[Pair.OFFICE].public.text, profile)


def list_people(services: Services, tenant_id: int, question: UserQuestion, *, count: bool) -> tuple[UserPage, int | None]:
    """A page, and the count of all pages where it is asked for; raises `UnknownField`."""
    with services.store.snapshot() as unit:
        page = unit.people.page(tenant_id, question)
        return page, unit.people.count(tenant_id, question) if count else None


def count_people(services: Services, tenant_id: int, question: UserQuestion) -> int:
    """How many users; raises `UnknownField`."""
    with services.store.snapshot() as unit:
        return unit.people.count(tenant_id, question)
