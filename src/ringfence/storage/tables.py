"""The tables, as SQLAlchemy Core metadata. Migrations (`migrations/`) build the same; a test holds the two equal.

Every per-user table has a key that begins with the tenant, then the user, so that the schema can be hash-distributed by user
without change. The rest is listed in `GLOBAL_TABLES` with its reason. Instants are microseconds since 1970 in UTC;
identifiers are 16 raw bytes; enumerations are their integer values (`ringfence.domain`); numbers are sealed.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, LargeBinary, MetaData, SmallInteger, Table, Text, text

metadata = MetaData()

KEY_TEXT: Final = Text().with_variant(Text(collation="C"), "postgresql")
"""Text in keys: compared by code point on both engines, so that paging and prefixes mean the same."""

tenants = Table(
    "tenants",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("directory_id", LargeBinary(16), nullable=False, unique=True),
    Column("name", Text, nullable=False, unique=True),
    Column("created_at", BigInteger, nullable=False),
)

transitions = Table(
    "transitions",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("opened_at", BigInteger, primary_key=True, autoincrement=False),
    Column("start_at", BigInteger, nullable=False),
    Column("end_at", BigInteger, nullable=False),
    Column("preset", Text),
    Column("closed_at", BigInteger),
    CheckConstraint("start_at < end_at", name="transition_runs_forward"),
    sqlite_with_rowid=False,
)

sealing_keys = Table(
    "sealing_keys",
    metadata,
    Column("key_id", Integer, primary_key=True, autoincrement=False),
    Column("state", SmallInteger, nullable=False),
    Column("check_value", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("run_id", LargeBinary(16), primary_key=True),
    Column("kind", SmallInteger, nullable=False),
    Column("label", Text, nullable=False),
    Column("started_at", BigInteger, nullable=False),
    Column("finished_at", BigInteger),
    Column("counts", Text),
    sqlite_with_rowid=False,
)

user_principal_names = Table(
    "user_principal_names",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("upn_key", KEY_TEXT, primary_key=True),
    Column("user_id", LargeBinary(16), nullable=False),
    sqlite_with_rowid=False,
)

source_anchors = Table(
    "source_anchors",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("anchor", KEY_TEXT, primary_key=True),
    Column("user_id", LargeBinary(16), nullable=False),
    sqlite_with_rowid=False,
)

distinguished_names = Table(
    "distinguished_names",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("dn_digest", KEY_TEXT, primary_key=True),
    Column("user_id", LargeBinary(16), nullable=False),
    sqlite_with_rowid=False,
)

users = Table(
    "users",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("user_id", LargeBinary(16), primary_key=True),
    Column("key_id", Integer, nullable=False),
    Column("upn", Text, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("user_type", Text, nullable=False),
    Column("enabled", SmallInteger, nullable=False),
    Column("sync_state", SmallInteger, nullable=False),
    Column("anchor", Text),
    Column("dn", Text),
    Column("other_mails", Text),
    Column("methods", Integer, nullable=False),
    Column("default_method", SmallInteger),
    Column("mfa_state", SmallInteger, nullable=False),
    Column("email", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("deleted_at", BigInteger),
    Column("version", Integer, nullable=False),
    CheckConstraint(
        "(methods = 0 AND default_method IS NULL) OR (methods > 0 AND default_method IS NOT NULL "
        "AND (methods >> default_method) % 2 = 1)",
        name="entries_have_one_default",
    ),
    sqlite_with_rowid=False,
)

pairs = Table(
    "pairs",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("user_id", LargeBinary(16), primary_key=True),
    Column("pair", SmallInteger, primary_key=True, autoincrement=False),
    Column("public_text", Text, nullable=False),
    Column("public_state", SmallInteger, nullable=False),
    Column("public_source", SmallInteger, nullable=False),
    Column("public_sealed", LargeBinary),
    Column("baseline_sealed", LargeBinary),
    Column("authentication_sealed", LargeBinary),
    Column("origin", SmallInteger),
    Column("written_at", BigInteger),
    Column("written_by", Text),
    Column("run_id", LargeBinary(16)),
    Column("version", Integer, nullable=False),
    sqlite_with_rowid=False,
)

_HAS_ACTOR: Final = text("actor_id IS NOT NULL")
"""Tasks have no id, so that what imports and copies write by the million stays out of the index."""

audit_records = Table(
    "audit_records",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("user_id", LargeBinary(16), primary_key=True),
    Column("correlation_id", LargeBinary(16), primary_key=True),
    Column("part", SmallInteger, primary_key=True, autoincrement=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("activity", SmallInteger, nullable=False),
    Column("actor_kind", SmallInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("pair", SmallInteger),
    Column("rule", Text),
    Column("run_id", LargeBinary(16)),
    Column("old_sealed", LargeBinary),
    Column("mobile_sealed", LargeBinary),
    Column("office_sealed", LargeBinary),
    Column("alternate_sealed", LargeBinary),
    Column("old_email", Text),
    Column("email", Text),
    Column("old_methods", Integer),
    Column("methods", Integer),
    Column("old_default", SmallInteger),
    Column("default_method", SmallInteger),
    Column("details", Text),
    Column("actor_id", LargeBinary(16)),
    Index("audit_by_time", "tenant_id", "recorded_at"),
    Index("audit_by_actor", "tenant_id", "actor_id", "recorded_at", sqlite_where=_HAS_ACTOR, postgresql_where=_HAS_ACTOR),
    sqlite_with_rowid=False,
)

change_sequences = Table(
    "change_sequences",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("last_sequence", BigInteger, nullable=False),
)

directory_changes = Table(
    "directory_changes",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("tag", LargeBinary(8), nullable=False),
    Column("user_ids", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

change_marks = Table(
    "change_marks",
    metadata,
    Column("tenant_id", Integer, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("noted_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

LARGE_TABLES: Final = ("users", "pairs", "audit_records", "user_principal_names")
"""Those that grow with every user."""

PER_USER_TABLES: Final = (
    "users",
    "pairs",
    "audit_records",
    "profiles",
    "credentials",
    "authorization_codes",
    "refresh_tokens",
    "registrations",
    "operations",
    "method_failures",
    "seeds",
    "app_passwords",
    "blocked_users",
    "mfa_standings",
    "remembered_browsers",
)

GLOBAL_TABLES: Final = {
    "applications": "the OAuth clients of a tenant",
    "board_calls": "the phones of a demonstration, shown all together",
    "board_texts": "the phones of a demonstration, shown all together",
    "challenges": "asked for by their id alone, which tells nobody whose they are",
    "change_marks": "where the log of changes ended when",
    "change_sequences": "one counter a tenant, the end of its log of changes",
    "device_codes": "look-up: device code -> grant, asked before the user is known",
    "directory_changes": "the log of changes of a tenant, read in order; an entry is about many users",
    "distinguished_names": "look-up: distinguished name -> user, asked before the user is known",
    "messages": "the outbox, drained for all tenants in the order of time",
    "methods_policies": "policy of a tenant",
    "mfa_settings": "policy of a tenant",
    "notices": "the outbox of mails, drained for all tenants in the order of time, and asked by the secret of a link alone",
    "role_assignments": "directory roles of users and applications: few, and listed as a whole",
    "runs": "operations over the whole tenant",
    "sealing_keys": "which keys exist, for all tenants",
    "security_epochs": "one counter a tenant, that tells cached tokens to be checked again",
    "sign_in_flows": "look-up: secret -> sign-in under way, asked before the user is known",
    "sign_ins": "a log of the tenant by time: whoever tried may be nobody that is known",
    "signing_keys": "the token service's keys, for all tenants",
    "source_anchors": "look-up: source anchor -> user, asked before the user is known",
    "telephony": "policy of a tenant",
    "telephony_months": "counters of a tenant",
    "telephony_refusals": "counters of a tenant",
    "tenants": "the tenants themselves",
    "transitions": "policy of a tenant",
    "user_principal_names": "look-up: name -> user, asked before the user is known",
}
