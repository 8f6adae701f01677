"""The registration report: a page of users, one of them, or counts over all. Source: domain-rules G.

Everything is loaded for many users at once. A page whose filter few users meet ends early, with a key to go on behind, so that
no request walks over the whole tenant; the counts do, in steady memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from ringfence.application.accounts import find_active_account
from ringfence.application.methods_policy import policy_of
from ringfence.application.ports import UnitOfWork
from ringfence.application.ports.people import UserQuestion
from ringfence.application.services import Services
from ringfence.domain.methods.registration_report import RegistrationReport, governed_by, report_registration

_AT_ONCE: Final = 500
_WALKS: Final = 20
"""How many times one page looks for more users before it ends early."""

Wanted = Callable[[RegistrationReport], bool]


class ReportPage(NamedTuple):
    """A page, and the key to go on behind; None at the end."""

    rows: list[RegistrationReport]
    after: tuple[str, bytes] | None


def list_registrations_of_users(
    services: Services, tenant_id: int, question: UserQuestion, wanted: Wanted | None, now: datetime
) -> ReportPage:
    """At most `question.limit` rows of users that are not deleted; raises `UnknownField`."""
    rows: list[RegistrationReport] = []
    with services.store.snapshot() as unit:
        for _ in range(_WALKS):
            # Only in the order of ids can a page end behind any of its users: the key of names is the database's to make.
            left = question.limit - len(rows)
            size = left if wanted is None or question.order is not None else max(left, _AT_ONCE)
            page = unit.people.page(tenant_id, question._replace(limit=size))
            found = _reports(unit, tenant_id, [one.user.user_id for one in page.people], now)
            rows += [row for row in found if wanted is None or wanted(row)]
            if len(rows) > question.limit:
                rows = rows[: question.limit]
                return ReportPage(rows, ("", rows[-1].user.user_id))
            question = question._replace(after=page.after)
            if page.after is None or len(rows) == question.limit:
                break
    return ReportPage(rows, question.after)


def find_registration_of_user(services: Services, tenant_id: int, user: str, now: datetime) -> RegistrationReport:
    """One row; raises `NotFoundError` (USER_UNKNOWN)."""
    with services.store.snapshot() as unit:
        account = find_active_account(unit, tenant_id, user)
        return _reports(unit, tenant_id, [account.user.user_id], now)[0]


def each_registration(services: Services, tenant_id: int, now: datetime) -> Iterator[RegistrationReport]:
    """The row of every user that is not deleted, in steady memory."""
    question = UserQuestion(limit=_AT_ONCE)
    with services.store.snapshot() as unit:
        while True:
            page = unit.people.page(tenant_id, question)
            yield from _reports(unit, tenant_id, [one.user.user_id for one in page.people], now)
            if page.after is None:
                return
            question = question._replace(after=page.after)


def _reports(unit: UnitOfWork, tenant_id: int, user_ids: Sequence[bytes], now: datetime) -> list[RegistrationReport]:
    accounts = unit.directory.load(tenant_id, user_ids)
    registrations = unit.registrations.of_users(tenant_id, user_ids)
    roles = unit.identity.roles_of(tenant_id, user_ids)
    governed = governed_by(policy_of(unit, tenant_id))
    rows = []
    for user_id in user_ids:
        user, pairs = accounts[user_id]
        numbers = frozenset(pair for pair, state in pairs.items() if state.authentication is not None)
        held = registrations.get(user_id, [])
        kinds = frozenset(one.kind for one in held if one.expires_at is None or one.expires_at > now)
        rows.append(report_registration(user, numbers, kinds, roles.get(user_id, frozenset()), governed))
    return rows
