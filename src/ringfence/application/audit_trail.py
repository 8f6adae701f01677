"""Read the audit records in Microsoft's shape.

Source: domain-rules F.3: `directoryAudit` with its `modifiedProperties`. Numbers are masked unless the reader may see them.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any, Final

from ringfence.application.ports import AuditFilter, AuditLine
from ringfence.application.services import Services
from ringfence.domain.audit import Snapshot
from ringfence.domain.numbers.canonical import mask_number
from ringfence.domain.numbers.pairs import MethodType, Pair
from ringfence.domain.values import Actor, ActorKind

PHONE_METHOD_IDS: Final = {
    Pair.MOBILE: "3179e48a-750b-4051-897c-87b9720928f7",
    Pair.OFFICE: "e37fc753-ff3b-4958-9484-eaa9425c82bc",
    Pair.ALTERNATE: "b6332ec1-7057-4abe-9331-3d72feddfe41",
}
"""Microsoft's fixed ids of the three phone methods (A.2)."""

Document = dict[str, Any]


def each_audit_record(
    services: Services, tenant_id: int, wanted: AuditFilter, on_record: Callable[[Document], None], *, reveal: bool = False
) -> int:
    """Hand over every record wanted as a `directoryAudit` document; return how many there are."""
    count = 0
    with services.store.snapshot() as unit:
        for count, line in enumerate(unit.audit.records(tenant_id, wanted), 1):  # noqa: B007 - the count is the result
            on_record(audit_document(services, tenant_id, line, reveal=reveal))
    return count


def audit_document(services: Services, tenant_id: int, line: AuditLine, *, reveal: bool) -> Document:
    """One record as a `directoryAudit` document."""
    return _Rendering(services, tenant_id, line, reveal).document()


class _Rendering:
    """One record on its way to Microsoft's shape."""

    def __init__(self, services: Services, tenant_id: int, line: AuditLine, reveal: bool) -> None:  # noqa: FBT001 - private
        self._services = services
        self._tenant_id = tenant_id
        self._line = line
        self._reveal = reveal

    def document(self) -> Document:
        """The record as `directoryAudit`."""
        record = self._line.record
        return {
            "id": f"{uuid.UUID(bytes=record.correlation_id)}_{record.user_id.hex()[:12]}_{record.part}",
            "activityDateTime": record.at.isoformat().replace("+00:00", "Z"),
            "activityDisplayName": record.activity.title,
            "category": record.activity.category,
            "loggedByService": record.activity.service,
            "operationType": "Update",
            "correlationId": str(uuid.UUID(bytes=record.correlation_id)),
            "result": "success",
            "resultReason": record.reason,
            "initiatedBy": _initiator(record.actor),
            "targetResources": [self._policy() if record.activity.is_of_policy else self._user()],
            "additionalDetails": self._details(),
        }

    def _user(self) -> Document:
        record = self._line.record
        return {
            "type": "User",
            "id": str(uuid.UUID(bytes=record.user_id)),
            "userPrincipalName": self._line.upn,
            "modifiedProperties": self._told() if record.activity.tells else self._changed(),
        }

    def _policy(self) -> Document:
        changed = (self._line.record.details or {}).items()
        properties = [_property(name, [was], [now]) for name, (was, now) in changed]
        return {"type": "Policy", "id": None, "userPrincipalName": None, "modifiedProperties": properties}

    def _details(self) -> list[Document]:
        record = self._line.record
        details = []
        if record.rule is not None:
            details.append({"key": "rule", "value": record.rule})
        if record.pair is not None:
            details.append({"key": "pair", "value": record.pair.phone_type})
        if record.rule in {"C6", "M3"} and record.pair is not None:
            attribute = {Pair.MOBILE: "mobilePhone", Pair.OFFICE: "businessPhones"}.get(record.pair, "")
            details.append({"key": "sourceAttribute", "value": attribute})
        if record.run_id is not None:
            details.append({"key": "run", "value": str(uuid.UUID(bytes=record.run_id))})
        return details

    def _told(self) -> list[Document]:
        """What the first record tells: method id, type, number (new values)."""
        record = self._line.record
        if record.pair is None or record.new is None:
            return []
        number = self._number(record.pair, record.new.number(record.pair))
        values = (PHONE_METHOD_IDS[record.pair], record.pair.phone_type, number)
        return [
            {"displayName": name, "oldValue": None, "newValue": json.dumps(value)}
            for name, value in zip(("MethodId", "PhoneType", "PhoneNumber"), values, strict=True)
        ]

    def _changed(self) -> list[Document]:
        """What the second record holds: old and new values."""
        record = self._line.record
        old, new = record.old or Snapshot(), record.new or Snapshot()
        changed: list[Document] = []
        if (old.mobile, old.office, old.alternate, old.email) != (new.mobile, new.office, new.alternate, new.email):
            changed.append(_property("StrongAuthenticationUserDetails", [self._private(old)], [self._private(new)]))
        if (old.methods, old.default) != (new.methods, new.default):
            changed.append(_property("StrongAuthenticationMethod", _entries(old), _entries(new)))
        for name, (was, now) in (record.details or {}).items():
            changed.append(_property(name, [was], [now]))
        names = ", ".join(entry["displayName"] for entry in changed)
        changed.append({"displayName": "Included Updated Properties", "oldValue": None, "newValue": json.dumps(names)})
        changed.append({"displayName": "TargetId.UserType", "oldValue": None, "newValue": json.dumps(self._line.user_type)})
        return changed

    def _private(self, state: Snapshot) -> Document:
        return {
            "PhoneNumber": self._number(Pair.MOBILE, state.mobile),
            "AlternativePhoneNumber": self._number(Pair.ALTERNATE, state.alternate),
            "Email": state.email or None,
            "VoiceOnlyPhoneNumber": self._number(Pair.OFFICE, state.office),
        }

    def _number(self, pair: Pair, sealed: bytes | None) -> str | None:
        if sealed is None:
            return None
        number = self._services.sealer.unseal(sealed, self._line.key_id, self._tenant_id, self._line.record.user_id, pair)
        return number if self._reveal else mask_number(number)


def _initiator(actor: Actor) -> Document:
    identifier = None if actor.identifier is None else str(uuid.UUID(bytes=actor.identifier))
    if actor.kind is ActorKind.USER:
        return {"user": {"id": identifier, "userPrincipalName": actor.name, "ipAddress": None}, "app": None}
    return {"user": None, "app": {"appId": identifier, "displayName": actor.name}}


def _property(name: str, old: object, new: object) -> Document:
    return {"displayName": name, "oldValue": json.dumps(old, ensure_ascii=False), "newValue": json.dumps(new, ensure_ascii=False)}


def _entries(state: Snapshot) -> list[Document]:
    return [{"MethodType": int(method), "Default": method is state.default} for method in sorted(state.methods, key=MethodType)]
