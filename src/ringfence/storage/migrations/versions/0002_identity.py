"""What the token service and the Graph API keep: applications, credentials, grants, roles, profiles, registered methods."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_KEY_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create them."""
    _create_security_epochs()
    _create_applications()
    _create_signing_keys()
    _create_role_assignments()
    _create_profiles()
    _create_credentials()
    _create_authorization_codes()
    _create_refresh_tokens()
    _create_device_codes()
    _create_registrations()
    _create_operations()


def _create_security_epochs() -> None:
    op.create_table(
        "security_epochs",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
    )


def _create_applications() -> None:
    op.create_table(
        "applications",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("app_id", sa.LargeBinary(16), primary_key=True),
        sa.Column("object_id", sa.LargeBinary(16), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("secret_hash", sa.LargeBinary),
        sa.Column("is_public", sa.SmallInteger, nullable=False),
        sa.Column("redirect_uris", sa.Text, nullable=False),
        sa.Column("permissions", sa.Text, nullable=False),
        sa.Column("delegated", sa.Text, nullable=False),
        sa.Column("certificate", sa.Text),
        sqlite_with_rowid=False,
    )


def _create_signing_keys() -> None:
    op.create_table(
        "signing_keys",
        sa.Column("kid", _KEY_TEXT, primary_key=True),
        sa.Column("sealing_key_id", sa.Integer, nullable=False),
        sa.Column("private_key", sa.LargeBinary, nullable=False),
        sa.Column("public_jwk", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )


def _create_role_assignments() -> None:
    op.create_table(
        "role_assignments",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("principal_id", sa.LargeBinary(16), primary_key=True),
        sa.Column("role", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("assigned_at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )


def _create_profiles() -> None:
    op.create_table(
        "profiles",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("user_id", sa.LargeBinary(16), primary_key=True),
        sa.Column("given_name", sa.Text),
        sa.Column("surname", sa.Text),
        sa.Column("mail", sa.Text),
        sa.Column("job_title", sa.Text),
        sa.Column("office_location", sa.Text),
        sa.Column("preferred_language", sa.Text),
        sa.Column("department", sa.Text),
        sa.Column("employee_id", sa.Text),
        sa.Column("mail_nickname", sa.Text),
        sa.Column("usage_location", sa.Text),
        sa.Column("password_policies", sa.Text),
        sqlite_with_rowid=False,
    )


def _create_credentials() -> None:
    op.create_table(
        "credentials",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("user_id", sa.LargeBinary(16), primary_key=True),
        sa.Column("password_hash", sa.Text),
        sa.Column("changed_at", sa.BigInteger),
        sa.Column("must_change", sa.SmallInteger, nullable=False),
        sa.Column("failures", sa.SmallInteger, nullable=False),
        sa.Column("locks", sa.SmallInteger, nullable=False),
        sa.Column("locked_until", sa.BigInteger),
        sa.Column("recent", sa.LargeBinary, nullable=False),
        sa.Column("sessions_valid_from", sa.BigInteger),
        sa.Column("version", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )


def _create_authorization_codes() -> None:
    op.create_table(
        "authorization_codes",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("user_id", sa.LargeBinary(16), primary_key=True),
        sa.Column("secret_hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("app_id", sa.LargeBinary(16), nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("authenticated_at", sa.BigInteger, nullable=False),
        sa.Column("methods", sa.Text, nullable=False),
        sa.Column("redirect_uri", sa.Text, nullable=False),
        sa.Column("challenge", sa.Text),
        sa.Column("nonce", sa.Text),
        sa.Column("family", sa.LargeBinary(16), nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger),
        sqlite_with_rowid=False,
    )


def _create_refresh_tokens() -> None:
    op.create_table(
        "refresh_tokens",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("user_id", sa.LargeBinary(16), primary_key=True),
        sa.Column("secret_hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("family", sa.LargeBinary(16), nullable=False),
        sa.Column("app_id", sa.LargeBinary(16), nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("authenticated_at", sa.BigInteger, nullable=False),
        sa.Column("methods", sa.Text, nullable=False),
        sa.Column("issued_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger),
        sa.Column("revoked_at", sa.BigInteger),
        sqlite_with_rowid=False,
    )


def _create_device_codes() -> None:
    op.create_table(
        "device_codes",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("secret_hash", sa.LargeBinary(32), primary_key=True),
        sa.Column("user_code", _KEY_TEXT, nullable=False),
        sa.Column("app_id", sa.LargeBinary(16), nullable=False),
        sa.Column("scopes", sa.Text, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.SmallInteger, nullable=False),
        sa.Column("user_id", sa.LargeBinary(16)),
        sa.Column("authenticated_at", sa.BigInteger),
        sa.Column("polled_at", sa.BigInteger),
        sqlite_with_rowid=False,
    )
    op.create_index("device_by_user_code", "device_codes", ["tenant_id", "user_code"], unique=True)


def _create_registrations() -> None:
    op.create_table(
        "registrations",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("user_id", sa.LargeBinary(16), primary_key=True),
        sa.Column("method_id", _KEY_TEXT, primary_key=True),
        sa.Column("kind", sa.SmallInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("secret_hash", sa.Text),
        sa.Column("starts_at", sa.BigInteger),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("used_at", sa.BigInteger),
        sa.Column("version", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )


def _create_operations() -> None:
    op.create_table(
        "operations",
        sa.Column("tenant_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("user_id", sa.LargeBinary(16), primary_key=True),
        sa.Column("operation_id", sa.LargeBinary(16), primary_key=True),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
