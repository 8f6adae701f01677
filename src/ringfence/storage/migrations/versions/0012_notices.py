"""Notices to people: mails that wait, and what the links in them are known by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Make the table, empty."""
    op.create_table(
        "notices",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("notice_id", sa.LargeBinary(16), primary_key=True),
        sa.Column("user_id", sa.LargeBinary(16), nullable=False),
        sa.Column("kind", sa.SmallInteger, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("recipient", sa.Text),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.SmallInteger, nullable=False),
        sa.Column("link_hash", sa.LargeBinary(32)),
        sa.Column("link_used_at", sa.BigInteger),
        sqlite_with_rowid=False,
    )
    op.create_index("notice_by_state", "notices", ["state", "due_at"])
    op.create_index("notice_by_link", "notices", ["link_hash"])
    op.create_index("notice_by_time", "notices", ["tenant_id", "created_at"])
