"""Real servers for tests, each started by its test session on loopback and stopped at its end by its own process id."""
