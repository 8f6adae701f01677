"""Challenges that are sent: their number and code, the outbox, the send guard; and how the second step of a sign-in ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_KEY_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make challenges anew: the old ones are over within minutes."""
    op.drop_index("challenge_by_expiry", "challenges")
    op.drop_table("challenges")
    _create_challenges()
    _create_messages()
    _create_settings()
    for column in ("mfa_method", "mfa_result", "mfa_numbers"):
        op.add_column("sign_ins", sa.Column(column, sa.SmallInteger))
    op.add_column("sign_ins", sa.Column("mfa_masked", sa.Text))


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
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("sends", sa.SmallInteger, nullable=False),
        sa.Column("resend_at", sa.BigInteger),
        sa.Column("correlation_id", sa.LargeBinary(16), nullable=False),
        sa.Column("ip_address", sa.Text),
        sa.Column("is_browser", sa.SmallInteger, nullable=False),
        sa.Column("enrols", sa.Text),
        sa.Column("pair", sa.SmallInteger),
        sa.Column("masked", sa.Text),
        sa.Column("numbers", sa.SmallInteger),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("key_id", sa.Integer),
        sqlite_with_rowid=False,
    )
    op.create_index("challenge_by_expiry", "challenges", ["tenant_id", "expires_at"])
    op.create_index("challenge_by_user", "challenges", ["tenant_id", "user_id"])


def _create_messages() -> None:
    op.create_table(
        "messages",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("message_id", sa.LargeBinary(16), primary_key=True),
        sa.Column("challenge_id", sa.LargeBinary(16), nullable=False),
        sa.Column("user_id", sa.LargeBinary(16), nullable=False),
        sa.Column("channel", sa.SmallInteger, nullable=False),
        sa.Column("prefix", _KEY_TEXT, nullable=False),
        sa.Column("number", sa.LargeBinary(16), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("sending", sa.SmallInteger, nullable=False),
        sa.Column("price", sa.Integer, nullable=False),
        sa.Column("is_decoy", sa.SmallInteger, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("attempts", sa.SmallInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("reference", _KEY_TEXT),
        sa.Column("is_answered", sa.SmallInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("message_by_state", "messages", ["state", "due_at"])
    op.create_index("message_by_reference", "messages", ["reference"])
    op.create_index("message_by_time", "messages", ["tenant_id", "created_at"])
    for column in ("user_id", "number", "prefix"):
        op.create_index(f"message_by_{column.removesuffix('_id')}", "messages", ["tenant_id", column, "created_at"])


def _create_settings() -> None:
    op.create_table(
        "telephony",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("settings", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "telephony_months",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("month", _KEY_TEXT, primary_key=True),
        sa.Column("spent", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "telephony_refusals",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("day", _KEY_TEXT, primary_key=True),
        sa.Column("reason", _KEY_TEXT, primary_key=True),
        sa.Column("refused", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )
