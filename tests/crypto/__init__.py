"""Tests of sealing and of the key file."""
