"""Tests: the folders mirror the rooms of `src/ringfence`; `servers` starts real ones; `architecture` holds the house rules."""
