"""Readers of other directories: bytes in, records of `domain.directory` or rejected rows out.

Owns: file forms (LDIF, CSV, JSON Lines), their encodings and dates, and which attribute names mean what.
Does not own: what a record does to a user; a reader never looks into the database.
Hands to: `application`, which plans and applies the records, and writes the rejected rows out.
"""
