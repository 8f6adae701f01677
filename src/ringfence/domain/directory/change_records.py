"""The audit records that a change of the directory leaves behind."""

from __future__ import annotations

from typing import Final

from ringfence.domain.audit import Activity, AuditRecord, Trail, record_private_change, record_profile_change
from ringfence.domain.directory.sync_plan import Change, Effect

_ACTIVITIES: Final = {Effect.DELETED: Activity.DELETE_USER, Effect.RESTORED: Activity.RESTORE_USER}


def record_directory_change(change: Change, trail: Trail) -> list[AuditRecord]:
    """The records of a change to a known user; a new user is told by the run alone (docs/divergences.md).

    The record of the profile gives as its reason, for each public number written, the rule that decided about the other one.
    """
    if change.before is None or change.effect is Effect.UNCHANGED:
        return []
    rules = {number.pair: number.rule for number in change.numbers if number.wrote}
    records = record_private_change(change.before, change.after, trail, rules)
    activity = _ACTIVITIES.get(change.effect, Activity.UPDATE_USER)
    profile = record_profile_change(change.before, change.after, trail, activity)
    if profile is None:
        return records
    reason = ", ".join(f"{number.pair.phone_type} {number.rule}" for number in change.numbers)
    return [*records, profile._replace(part=len(records), reason=reason)]
