"""The phone board of a demonstration: texts that arrived, and calls that ring or rang."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make both tables; they stay empty in a deployment that is no demonstration."""
    op.create_table(
        "board_texts",
        sa.Column("text_id", sa.LargeBinary(16), primary_key=True),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("arrived_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("board_text_by_time", "board_texts", ["arrived_at"])
    op.create_table(
        "board_calls",
        sa.Column("call_id", sa.LargeBinary(16), primary_key=True),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("rang_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("fraud_code", sa.Text),
        sa.Column("must_confirm_fraud", sa.SmallInteger, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("keys", sa.Text, nullable=False),
        sa.Column("answered_at", sa.BigInteger),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("call_end", sa.Text),
        sqlite_with_rowid=False,
    )
    op.create_index("board_call_by_time", "board_calls", ["rang_at"])
