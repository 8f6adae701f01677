"""The tables of the token service and of the Graph API's further methods, beside those of `ringfence.storage.tables`.

The same rules hold: keys begin with the tenant, per-user tables go on with the user; secrets are hashes or sealed.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, SmallInteger, Table, Text

from ringfence.storage.tables import KEY_TEXT, metadata

TABLES: Final = metadata
"""These and those of `ringfence.storage.tables`."""

security_epochs = Table(
    "security_epochs",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("epoch", BigInteger, nullable=False),
)

applications = Table(
    "applications",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("app_id", LargeBinary(16), primary_key=True),
    Column("object_id", LargeBinary(16), nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("secret_hash", LargeBinary),
    Column("is_public", SmallInteger, nullable=False),
    Column("redirect_uris", Text, nullable=False),
    Column("permissions", Text, nullable=False),
    Column("delegated", Text, nullable=False),
    Column("certificate", Text),
    sqlite_with_rowid=False,
)

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("kid", KEY_TEXT, primary_key=True),
    Column("sealing_key_id", Integer, nullable=False),
    Column("private_key", LargeBinary, nullable=False),
    Column("public_jwk", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

role_assignments = Table(
    "role_assignments",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("principal_id", LargeBinary(16), primary_key=True),
    Column("role", SmallInteger, primary_key=True, autoincrement=False),
    Column("assigned_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

profiles = Table(
    "profiles",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("user_id", LargeBinary(16), primary_key=True),
    Column("given_name", Text),
    Column("surname", Text),
    Column("mail", Text),
    Column("job_title", Text),
    Column("office_location", Text),
    Column("preferred_language", Text),
    Column("department", Text),
    Column("employee_id", Text),
    Column("mail_nickname", Text),
    Column("usage_location", Text),
    Column("password_policies", Text),
    sqlite_with_rowid=False,
)

credentials = Table(
    "credentials",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("user_id", LargeBinary(16), primary_key=True),
    Column("password_hash", Text),
    Column("changed_at", BigInteger),
    Column("must_change", SmallInteger, nullable=False),
    Column("failures", SmallInteger, nullable=False),
    Column("locks", SmallInteger, nullable=False),
    Column("locked_until", BigInteger),
    Column("recent", LargeBinary, nullable=False),
    Column("sessions_valid_from", BigInteger),
    Column("version", Integer, nullable=False),
    Column("signed_in_at", BigInteger),
    sqlite_with_rowid=False,
)

authorization_codes = Table(
    "authorization_codes",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("user_id", LargeBinary(16), primary_key=True),
    Column("secret_hash", LargeBinary(32), primary_key=True),
    Column("app_id", LargeBinary(16), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("authenticated_at", BigInteger, nullable=False),
    Column("methods", Text, nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("challenge", Text),
    Column("nonce", Text),
    Column("family", LargeBinary(16), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    sqlite_with_rowid=False,
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("user_id", LargeBinary(16), primary_key=True),
    Column("secret_hash", LargeBinary(32), primary_key=True),
    Column("family", LargeBinary(16), nullable=False),
    Column("app_id", LargeBinary(16), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("authenticated_at", BigInteger, nullable=False),
    Column("methods", Text, nullable=False),
    Column("issued_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Column("revoked_at", BigInteger),
    sqlite_with_rowid=False,
)

device_codes = Table(
    "device_codes",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("secret_hash", LargeBinary(32), primary_key=True),
    Column("user_code", KEY_TEXT, nullable=False),
    Column("app_id", LargeBinary(16), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("user_id", LargeBinary(16)),
    Column("authenticated_at", BigInteger),
    Column("polled_at", BigInteger),
    Column("methods", Text, nullable=False, server_default="pwd"),
    Index("device_by_user_code", "tenant_id", "user_code", unique=True),
    sqlite_with_rowid=False,
)

registrations = Table(
    "registrations",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("user_id", LargeBinary(16), primary_key=True),
    Column("method_id", KEY_TEXT, primary_key=True),
    Column("kind", SmallInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("details", Text, nullable=False),
    Column("secret_hash", Text),
    Column("starts_at", BigInteger),
    Column("expires_at", BigInteger),
    Column("used_at", BigInteger),
    Column("version", Integer, nullable=False),
    sqlite_with_rowid=False,
)

operations = Table(
    "operations",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("user_id", LargeBinary(16), primary_key=True),
    Column("operation_id", LargeBinary(16), primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("sign_in_id", LargeBinary(16), primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Column("user_id", LargeBinary(16)),
    Column("upn", Text, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("typed", Text, nullable=False),
    Column("app_id", LargeBinary(16), nullable=False),
    Column("app_name", Text, nullable=False),
    Column("client", SmallInteger, nullable=False),
    Column("ip_address", Text),
    Column("correlation_id", LargeBinary(16), nullable=False),
    Column("is_device_code", SmallInteger, nullable=False),
    Column("result", Integer, nullable=False),
    Column("further", Integer, nullable=False),
    Column("mfa_method", SmallInteger),
    Column("mfa_result", SmallInteger),
    Column("mfa_numbers", SmallInteger),
    Column("mfa_masked", Text),
    Index("sign_in_by_time", "tenant_id", "created_at"),
    Index("sign_in_by_user", "tenant_id", "user_id", "created_at"),
    sqlite_with_rowid=False,
)
