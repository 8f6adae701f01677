"""Real, unmodified client programs against a served instance over TLS with a private authority."""
