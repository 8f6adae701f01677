"""The first schema: tenants, transitions, keys, runs, users with both number sets, audit records."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_KEY_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create everything."""
    _create_tenants()
    _create_transitions()
    _create_sealing_keys()
    _create_runs()
    _create_user_principal_names()
    _create_source_anchors()
    _create_distinguished_names()
    _create_users()
    _create_pairs()
    _create_audit_records()


def _create_tenants() -> None:
    op.create_table(
        "tenants",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("directory_id", sa.LargeBinary(16), nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )


def _create_transitions() -> None:
    op.create_table(
        "transitions",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("opened_at", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("start_at", sa.BigInteger, nullable=False),
        sa.Column("end_at", sa.BigInteger, nullable=False),
        sa.Column("preset", sa.Text),
        sa.Column("closed_at", sa.BigInteger),
        sa.CheckConstraint("start_at < end_at", name="transition_runs_forward"),
        sqlite_with_rowid=False,
    )


def _create_sealing_keys() -> None:
    op.create_table(
        "sealing_keys",
        sa.Column("key_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("check_value", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )


def _create_runs() -> None:
    op.create_table(
        "runs",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("run_id", sa.LargeBinary(16), primary_key=True),
        sa.Column("kind", sa.SmallInteger, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("finished_at", sa.BigInteger),
        sa.Column("counts", sa.Text),
        sqlite_with_rowid=False,
    )


def _create_user_principal_names() -> None:
    op.create_table(
        "user_principal_names",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("upn_key", _KEY_TEXT, primary_key=True),
        sa.Column("user_id", sa.LargeBinary(16), nullable=False),
        sqlite_with_rowid=False,
    )


def _create_source_anchors() -> None:
    op.create_table(
        "source_anchors",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("anchor", _KEY_TEXT, primary_key=True),
        sa.Column("user_id", sa.LargeBinary(16), nullable=False),
        sqlite_with_rowid=False,
    )


def _create_distinguished_names() -> None:
    op.create_table(
        "distinguished_names",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("dn_digest", _KEY_TEXT, primary_key=True),
        sa.Column("user_id", sa.LargeBinary(16), nullable=False),
        sqlite_with_rowid=False,
    )


def _create_users() -> None:
    op.create_table(
        "users",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("user_id", sa.LargeBinary(16), primary_key=True),
        sa.Column("key_id", sa.Integer, nullable=False),
        sa.Column("upn", sa.Text, nullable=False),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("user_type", sa.Text, nullable=False),
        sa.Column("enabled", sa.SmallInteger, nullable=False),
        sa.Column("sync_state", sa.SmallInteger, nullable=False),
        sa.Column("anchor", sa.Text),
        sa.Column("dn", sa.Text),
        sa.Column("other_mails", sa.Text),
        sa.Column("methods", sa.Integer, nullable=False),
        sa.Column("default_method", sa.SmallInteger),
        sa.Column("mfa_state", sa.SmallInteger, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("deleted_at", sa.BigInteger),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint(
            "(methods = 0 AND default_method IS NULL) OR (methods > 0 AND default_method IS NOT NULL "
            "AND (methods >> default_method) % 2 = 1)",
            name="entries_have_one_default",
        ),
        sqlite_with_rowid=False,
    )


def _create_pairs() -> None:
    op.create_table(
        "pairs",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("user_id", sa.LargeBinary(16), primary_key=True),
        sa.Column("pair", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("public_text", sa.Text, nullable=False),
        sa.Column("public_state", sa.SmallInteger, nullable=False),
        sa.Column("public_source", sa.SmallInteger, nullable=False),
        sa.Column("public_sealed", sa.LargeBinary),
        sa.Column("baseline_sealed", sa.LargeBinary),
        sa.Column("authentication_sealed", sa.LargeBinary),
        sa.Column("origin", sa.SmallInteger),
        sa.Column("written_at", sa.BigInteger),
        sa.Column("written_by", sa.Text),
        sa.Column("run_id", sa.LargeBinary(16)),
        sa.Column("version", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )


def _create_audit_records() -> None:
    op.create_table(
        "audit_records",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("user_id", sa.LargeBinary(16), primary_key=True),
        sa.Column("correlation_id", sa.LargeBinary(16), primary_key=True),
        sa.Column("part", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("activity", sa.SmallInteger, nullable=False),
        sa.Column("actor_kind", sa.SmallInteger, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("pair", sa.SmallInteger),
        sa.Column("rule", sa.Text),
        sa.Column("run_id", sa.LargeBinary(16)),
        sa.Column("old_sealed", sa.LargeBinary),
        sa.Column("mobile_sealed", sa.LargeBinary),
        sa.Column("office_sealed", sa.LargeBinary),
        sa.Column("alternate_sealed", sa.LargeBinary),
        sa.Column("old_email", sa.Text),
        sa.Column("email", sa.Text),
        sa.Column("old_methods", sa.Integer),
        sa.Column("methods", sa.Integer),
        sa.Column("old_default", sa.SmallInteger),
        sa.Column("default_method", sa.SmallInteger),
        sa.Column("details", sa.Text),
        sqlite_with_rowid=False,
    )
    op.create_index("audit_by_time", "audit_records", ["tenant_id", "recorded_at"])
