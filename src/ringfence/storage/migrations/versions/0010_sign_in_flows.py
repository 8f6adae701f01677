"""Sign-ins under way on our pages; what was proved on the way; when somebody signed in last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0008"


def upgrade() -> None:
    """Create them."""
    op.create_table(
        "sign_in_flows",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("secret_hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("user_id", sa.LargeBinary(16), nullable=False),
        sa.Column("app_id", sa.LargeBinary(16), nullable=False),
        sa.Column("stage", sa.SmallInteger, nullable=False),
        sa.Column("request_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("authenticated_at", sa.BigInteger, nullable=False),
        sa.Column("methods", sa.Text, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("challenge", sa.Text),
        sqlite_with_rowid=False,
    )
    op.create_index("flow_by_expiry", "sign_in_flows", ["expires_at"])
    op.add_column("credentials", sa.Column("signed_in_at", sa.BigInteger))
    op.add_column("device_codes", sa.Column("methods", sa.Text, nullable=False, server_default="pwd"))
