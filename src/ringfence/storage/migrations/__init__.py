"""The migrations of the schema: one file a revision, forward only.

Owns: how a database gets from one revision to the next.
Does not own: the schema as it is (`storage.tables`), nor when a migration runs (`storage.schema`).
Hands to: Alembic, which loads these files by path.
"""
