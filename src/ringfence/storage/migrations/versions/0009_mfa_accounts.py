"""Settings of MFA, app passwords, remembered browsers, blocked users; and why, in the log of sign-ins."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Create them."""
    op.create_table(
        "mfa_settings",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    _create_app_passwords()
    _create_browsers()
    _create_blocks()
    op.add_column("sign_ins", sa.Column("requirement", sa.SmallInteger))


def _create_app_passwords() -> None:
    op.create_table(
        "app_passwords",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("user_id", sa.LargeBinary(16), primary_key=True),
        sa.Column("app_password_id", sa.LargeBinary(16), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(16), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("last_used_at", sa.BigInteger),
        sqlite_with_rowid=False,
    )


def _create_browsers() -> None:
    op.create_table(
        "remembered_browsers",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("user_id", sa.LargeBinary(16), primary_key=True),
        sa.Column("secret_hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("browser_by_expiry", "remembered_browsers", ["tenant_id", "expires_at"])
    op.create_table(
        "mfa_standings",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("user_id", sa.LargeBinary(16), primary_key=True),
        sa.Column("remembered_since", sa.BigInteger),
        sa.Column("must_register", sa.SmallInteger, nullable=False),
        sqlite_with_rowid=False,
    )


def _create_blocks() -> None:
    op.create_table(
        "blocked_users",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("user_id", sa.LargeBinary(16), primary_key=True),
        sa.Column("blocked_at", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("blocked_until", sa.BigInteger, nullable=False),
        sa.Column("blocked_by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("lifted_at", sa.BigInteger),
        sa.Column("lifted_by", sa.Text),
        sa.Column("lifted_reason", sa.Text),
        sqlite_with_rowid=False,
    )
    op.create_index("block_by_time", "blocked_users", ["tenant_id", "blocked_at"])
