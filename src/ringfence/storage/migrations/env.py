"""Alembic's entry: run the migrations on the connection that `ringfence.storage.schema` hands over, in its transaction."""

from __future__ import annotations

from alembic import context

from ringfence.storage.mfa_tables import TABLES

context.configure(connection=context.config.attributes["connection"], target_metadata=TABLES, transactional_ddl=False)
context.run_migrations()
