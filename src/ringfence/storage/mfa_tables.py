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
    Column("language", Text, nullable=False),
    Column("sends", SmallInteger, nullable=False),
    Column("resend_at", BigInteger),
    Column("correlation_id", LargeBinary(16), nullable=False),
    Column("ip_address", Text),
    Column("is_browser", SmallInteger, nullable=False),
    Column("enrols", Text),
    Column("pair", SmallInteger),
    Column("masked", Text),
    Column("numbers", SmallInteger),
    Column("sealed", LargeBinary),
    Column("key_id", Integer),
    Index("challenge_by_expiry", "tenant_id", "expires_at"),
    Index("challenge_by_user", "tenant_id", "user_id"),
    sqlite_with_rowid=False,
)

messages = Table(
    "messages",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("message_id", LargeBinary(16), primary_key=True),
    Column("challenge_id", LargeBinary(16), nullable=False),
    Column("user_id", LargeBinary(16), nullable=False),
    Column("channel", SmallInteger, nullable=False),
    Column("prefix", KEY_TEXT, nullable=False),
    Column("number", LargeBinary(16), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("sending", SmallInteger, nullable=False),
    Column("price", Integer, nullable=False),
    Column("is_decoy", SmallInteger, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("reference", KEY_TEXT),
    Column("is_answered", SmallInteger, nullable=False),
    Index("message_by_state", "state", "due_at"),
    Index("message_by_reference", "reference"),
    Index("message_by_time", "tenant_id", "created_at"),
    Index("message_by_user", "tenant_id", "user_id", "created_at"),
    Index("message_by_number", "tenant_id", "number", "created_at"),
    Index("message_by_prefix", "tenant_id", "prefix", "created_at"),
    sqlite_with_rowid=False,
)

telephony = Table(
    "telephony",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("settings", Text, nullable=False),
    sqlite_with_rowid=False,
)

telephony_months = Table(
    "telephony_months",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("month", KEY_TEXT, primary_key=True),
    Column("spent", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

telephony_refusals = Table(
    "telephony_refusals",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("day", KEY_TEXT, primary_key=True),
    Column("reason", KEY_TEXT, primary_key=True),
    Column("refused", Integer, nullable=False),
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

sign_in_flows = Table(
    "sign_in_flows",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("secret_hash", LargeBinary(32), primary_key=True),
    Column("user_id", LargeBinary(16), nullable=False),
    Column("app_id", LargeBinary(16), nullable=False),
    Column("stage", SmallInteger, nullable=False),
    Column("request_hash", LargeBinary(32), nullable=False),
    Column("authenticated_at", BigInteger, nullable=False),
    Column("methods", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("challenge", Text),
    Index("flow_by_expiry", "expires_at"),
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

mfa_settings = Table(
    "mfa_settings",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("document", Text, nullable=False),
)

app_passwords = Table(
    "app_passwords",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("user_id", LargeBinary(16), primary_key=True),
    Column("app_password_id", LargeBinary(16), primary_key=True),
    Column("name", Text, nullable=False),
    Column("fingerprint", LargeBinary(16), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("last_used_at", BigInteger),
    sqlite_with_rowid=False,
)

remembered_browsers = Table(
    "remembered_browsers",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("user_id", LargeBinary(16), primary_key=True),
    Column("secret_hash", LargeBinary(32), primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Index("browser_by_expiry", "tenant_id", "expires_at"),
    sqlite_with_rowid=False,
)

mfa_standings = Table(
    "mfa_standings",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("user_id", LargeBinary(16), primary_key=True),
    Column("remembered_since", BigInteger),
    Column("must_register", SmallInteger, nullable=False),
    sqlite_with_rowid=False,
)

blocked_users = Table(
    "blocked_users",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("user_id", LargeBinary(16), primary_key=True),
    Column("blocked_at", BigInteger, primary_key=True, autoincrement=False),
    Column("blocked_until", BigInteger, nullable=False),
    Column("blocked_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("lifted_at", BigInteger),
    Column("lifted_by", Text),
    Column("lifted_reason", Text),
    Index("block_by_time", "tenant_id", "blocked_at"),
    sqlite_with_rowid=False,
)

notices = Table(
    "notices",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("notice_id", LargeBinary(16), primary_key=True),
    Column("user_id", LargeBinary(16), nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("facts", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("recipient", Text),
    Column("state", SmallInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    Column("link_hash", LargeBinary(32)),
    Column("link_used_at", BigInteger),
    Index("notice_by_state", "state", "due_at"),
    Index("notice_by_link", "link_hash"),
    Index("notice_by_time", "tenant_id", "created_at"),
    sqlite_with_rowid=False,
)

board_texts = Table(
    "board_texts",
    metadata,
    Column("text_id", LargeBinary(16), primary_key=True),
    Column("number", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("arrived_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Index("board_text_by_time", "arrived_at"),
    sqlite_with_rowid=False,
)

board_calls = Table(
    "board_calls",
    metadata,
    Column("call_id", LargeBinary(16), primary_key=True),
    Column("number", Text, nullable=False),
    Column("rang_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("fraud_code", Text),
    Column("must_confirm_fraud", SmallInteger, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("keys", Text, nullable=False),
    Column("answered_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("call_end", Text),
    Index("board_call_by_time", "rang_at"),
    sqlite_with_rowid=False,
)
