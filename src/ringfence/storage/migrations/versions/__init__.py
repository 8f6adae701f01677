"""The migrations: one file a revision, forward only. Not imported by anything but Alembic."""
