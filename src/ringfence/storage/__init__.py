"""SQL, and only here: tables, the mapping of rows to domain values, the unit of work, migrations.

Owns: the database's schema and every statement, on SQLite and on PostgreSQL; `engine.py` is the one file that tells them apart.
Does not own: rules (it compiles the rows of the domain's tables, it adds none), keys, and when a transaction begins or ends.
Hands to: `application` through its ports; numbers arrive sealed from `crypto` and leave sealed.
"""
