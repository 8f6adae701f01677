"""Challenges of the MFA service, what is held against a method, seeds of one-time codes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create them."""
    _create_challenges()
    _create_failures()
    _create_seeds()


def _create_challenges() -> None:
    op.create_table(
        "challenges",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("challenge_id", sa.LargeBinary(16), primary_key=True),
        sa.Column("user_id", sa.LargeBinary(16), nullable=False),
        sa.Column("app_id", sa.LargeBinary(16), nullable=False),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("method", sa.SmallInteger, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("is_anybody", sa.SmallInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("challenge_by_expiry", "challenges", ["tenant_id", "expires_at"])


def _create_failures() -> None:
    op.create_table(
        "method_failures",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("user_id", sa.LargeBinary(16), primary_key=True),
        sa.Column("method", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("failures", sa.SmallInteger, nullable=False),
        sa.Column("locks", sa.SmallInteger, nullable=False),
        sa.Column("locked_until", sa.BigInteger),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("failures_by_change", "method_failures", ["tenant_id", "changed_at"])


def _create_seeds() -> None:
    op.create_table(
        "seeds",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("user_id", sa.LargeBinary(16), primary_key=True),
        sa.Column("method_id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), primary_key=True),
        sa.Column("key_id", sa.Integer, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("hash_function", sa.SmallInteger, nullable=False),
        sa.Column("period", sa.SmallInteger, nullable=False),
        sa.Column("last_step", sa.BigInteger),
        sqlite_with_rowid=False,
    )
    op.create_index("seed_by_key", "seeds", ["key_id"])
