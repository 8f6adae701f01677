"""The log of sign-ins."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create it."""
    op.create_table(
        "sign_ins",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sign_in_id", sa.LargeBinary(16), primary_key=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("user_id", sa.LargeBinary(16)),
        sa.Column("upn", sa.Text, nullable=False),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("typed", sa.Text, nullable=False),
        sa.Column("app_id", sa.LargeBinary(16), nullable=False),
        sa.Column("app_name", sa.Text, nullable=False),
        sa.Column("client", sa.SmallInteger, nullable=False),
        sa.Column("ip_address", sa.Text),
        sa.Column("correlation_id", sa.LargeBinary(16), nullable=False),
        sa.Column("is_device_code", sa.SmallInteger, nullable=False),
        sa.Column("result", sa.Integer, nullable=False),
        sa.Column("further", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("sign_in_by_time", "sign_ins", ["tenant_id", "created_at"])
    op.create_index("sign_in_by_user", "sign_ins", ["tenant_id", "user_id", "created_at"])
