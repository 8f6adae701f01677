"""Look at audit records as the API shows them: one, or a page, newest first. Source: surface b7, domain-rules F.3."""

from __future__ import annotations

import re
import uuid
from typing import Final, NamedTuple

from ringfence.application.audit_trail import Document, audit_document
from ringfence.application.ports.audit_queries import AuditEntry, AuditKey, AuditQuestion
from ringfence.application.services import Services
from ringfence.domain.audit import POLICY_NAME

_UUID: Final = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_ID: Final = re.compile(rf"Directory_({_UUID})_(\d{{1,4}})_({_UUID})", re.ASCII | re.IGNORECASE)


class FoundRecords(NamedTuple):
    """A page of `directoryAudit` documents, and the key to go on behind; None at the end."""

    documents: list[Document]
    after: AuditKey | None


def list_audit_records(services: Services, tenant_id: int, question: AuditQuestion, *, reveal: bool) -> FoundRecords:
    """A page, numbers masked unless `reveal`; raises `UnknownField` for what cannot be asked."""
    with services.store.snapshot() as unit:
        page = unit.audit_queries.page(tenant_id, question)
        return FoundRecords([_document(services, tenant_id, entry, reveal=reveal) for entry in page.entries], page.after)


def find_audit_record(services: Services, tenant_id: int, record_id: str, *, reveal: bool) -> Document | None:
    """The record with this id, or None when there is none."""
    found = _ID.fullmatch(record_id)
    if found is None:
        return None
    correlation_id, user_id = uuid.UUID(found[1]).bytes, uuid.UUID(found[3]).bytes
    with services.store.snapshot() as unit:
        entry = unit.audit_queries.find(tenant_id, user_id, correlation_id, int(found[2]))
        return None if entry is None else _document(services, tenant_id, entry, reveal=reveal)


def _document(services: Services, tenant_id: int, entry: AuditEntry, *, reveal: bool) -> Document:
    """The record with everything the resource has; its id is made of the parts of its key, so it is found again by it."""
    shown = audit_document(services, tenant_id, entry.line, reveal=reveal)
    record = entry.line.record
    correlation_id, user_id = uuid.UUID(bytes=record.correlation_id), uuid.UUID(bytes=record.user_id)
    initiator = shown["initiatedBy"]
    [target] = shown["targetResources"]
    return {
        **shown,
        "id": f"Directory_{correlation_id}_{record.part}_{user_id}",
        "initiatedBy": {
            "user": initiator["user"] and {"displayName": None, **initiator["user"]},
            "app": initiator["app"] and {**initiator["app"], "servicePrincipalId": None, "servicePrincipalName": None},
        },
        "targetResources": [
            {
                **target,
                "displayName": POLICY_NAME if record.activity.is_of_policy else entry.display_name or None,
                "groupType": None,
            }
        ],
    }
