"""Set, change and delete the authentication e-mail address: for password reset only, never for MFA (surface a1, b1)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final, NamedTuple

from ringfence.application.accounts import find_active_account
from ringfence.application.mfa.notices import Told, address_of, tell_change
from ringfence.application.ports import UnitOfWork
from ringfence.application.services import Services, in_transaction
from ringfence.domain.audit import Trail, record_private_change
from ringfence.domain.errors import ConflictError, ErrorCode, InvalidError, NotFoundError
from ringfence.domain.methods.presence import Presence
from ringfence.domain.signin.notices import NoticeKind, Thing
from ringfence.domain.values import Actor

_ADDRESS: Final = re.compile(r"[^\s@<>\"(),:;\[\]\\]{1,64}@[^\s@<>\"(),:;\[\]\\]{1,189}")
_LONGEST: Final = 254


class SetEmail(NamedTuple):
    """Set the address; `expects` says whether there may be one already."""

    user: str
    address: str
    actor: Actor
    expects: Presence = Presence.EITHER


def set_email(services: Services, tenant_id: int, command: SetEmail, now: datetime) -> bool:
    """Store it; return whether it changed. Raises `InvalidError` (EMAIL_FORM), EMAIL_EXISTS or EMAIL_ABSENT as expected."""
    if len(command.address) > _LONGEST or not command.address.isprintable() or not _ADDRESS.fullmatch(command.address):
        raise InvalidError(ErrorCode.EMAIL_FORM)

    def work(unit: UnitOfWork) -> bool:
        present = find_active_account(unit, tenant_id, command.user).user.email
        if command.expects is Presence.ABSENT and present:
            raise ConflictError(ErrorCode.EMAIL_EXISTS)
        if command.expects is Presence.PRESENT and not present:
            raise NotFoundError(ErrorCode.EMAIL_ABSENT)
        return _write(services, unit, tenant_id, command, now)

    return in_transaction(services, work)


def delete_email(services: Services, tenant_id: int, user: str, actor: Actor, now: datetime) -> None:
    """Remove it; raises `NotFoundError` (EMAIL_ABSENT)."""

    def work(unit: UnitOfWork) -> None:
        if not find_active_account(unit, tenant_id, user).user.email:
            raise NotFoundError(ErrorCode.EMAIL_ABSENT)
        _write(services, unit, tenant_id, SetEmail(user, "", actor), now)

    in_transaction(services, work)


def _write(services: Services, unit: UnitOfWork, tenant_id: int, command: SetEmail, now: datetime) -> bool:
    before = find_active_account(unit, tenant_id, command.user)
    after = before._replace(user=before.user._replace(email=command.address))
    if after == before:
        return False
    unit.directory.update(tenant_id, [(before, after)])
    trail = Trail(services.new_id(), now, command.actor)
    unit.audit.append(tenant_id, record_private_change(before, after, trail))
    told, to = Told(_told(before.user.email, command.address), Thing.EMAIL), address_of(unit, tenant_id, before.user)
    tell_change(unit, tenant_id, before.user, told, (command.actor, now), to)  # whoever set another address is not whom to tell
    return True


def _told(before: str, after: str) -> NoticeKind:
    if before and after:
        return NoticeKind.METHOD_CHANGED
    return NoticeKind.METHOD_REGISTERED if after else NoticeKind.METHOD_DELETED
