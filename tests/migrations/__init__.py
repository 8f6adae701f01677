"""Tests of the schema: from nothing to the newest revision, on both engines."""
