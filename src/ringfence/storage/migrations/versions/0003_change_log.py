"""The log of changed users: a counter a tenant, the entries, and marks to cut it off at."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create them, and give every tenant that is there the beginning of a log."""
    counters = op.create_table(
        "change_sequences",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("last_sequence", sa.BigInteger, nullable=False),
    )
    entries = op.create_table(
        "directory_changes",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("tag", sa.LargeBinary(8), nullable=False),
        sa.Column("user_ids", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "change_marks",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("noted_at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    tenants = op.get_bind().execute(sa.text("SELECT tenant_id FROM tenants")).scalars().all()
    op.bulk_insert(counters, [{"tenant_id": tenant, "last_sequence": 0} for tenant in tenants])
    first = [{"tenant_id": tenant, "sequence": 0, "tag": secrets.token_bytes(8), "user_ids": b""} for tenant in tenants]
    op.bulk_insert(entries, first)
