"""Who an audit record was initiated by, by id; the few that have one are found by it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_HAS_ACTOR = sa.text("actor_id IS NOT NULL")


def upgrade() -> None:
    """Add the column and its index."""
    op.add_column("audit_records", sa.Column("actor_id", sa.LargeBinary(16)))
    columns = ["tenant_id", "actor_id", "recorded_at"]
    op.create_index("audit_by_actor", "audit_records", columns, sqlite_where=_HAS_ACTOR, postgresql_where=_HAS_ACTOR)
