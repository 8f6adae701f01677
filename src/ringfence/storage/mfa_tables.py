"""The tables of the MFA service, beside those of `ringfence.storage.identity_tables`; the same rules hold."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, SmallInteger, Table, Text

from ringfence.storage import identity_tables
from ringfence.storage.tables import KEY_TEXT, metadata

TABLES: Final = identity_tables.TABLES
"""All tables, those of the other modules included."""

challenges = Table(
    "challenges",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("challenge_id", LargeBinary(16), primary_key=True),
    Column("user_id", LargeBinary(16), nullable=False),
    Column("app_id", LargeBinary(16), nullable=False),
    Column("login", Text, nullable=False),
    Column("method", SmallInteger, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("is_anybody", SmallInteger, nullable=False),
    Index("challenge_by_expiry", "tenant_id", "expires_at"),
    sqlite_with_rowid=False,
)

method_failures = Table(
    "method_failures",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("user_id", LargeBinary(16), primary_key=True),
    Column("method", SmallInteger, primary_key=True, autoincrement=False),
    Column("failures", SmallInteger, nullable=False),
    Column("locks", SmallInteger, nullable=False),
    Column("locked_until", BigInteger),
    Column("changed_at", BigInteger, nullable=False),
    Index("failures_by_change", "tenant_id", "changed_at"),
    sqlite_with_rowid=False,
)

methods_policies = Table(
    "methods_policies",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("settings", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)

seeds = Table(
    "seeds",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("user_id", LargeBinary(16), primary_key=True),
    Column("method_id", KEY_TEXT, primary_key=True),
    Column("key_id", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("hash_function", SmallInteger, nullable=False),
    Column("period", SmallInteger, nullable=False),
    Column("last_step", BigInteger),
    Index("seed_by_key", "key_id"),
    sqlite_with_rowid=False,
)
