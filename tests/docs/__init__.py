"""The documents say what the program does: tables, command lines, links, settings."""
