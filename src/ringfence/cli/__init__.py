"""The command line, one module for each command group.

Owns: names of commands and options, JSON and tables, progress bars, exit codes, the words of every error. It reads the clock.
Does not own: rules or use cases, and how the parts are chosen and joined.
Hands to: `application`; `main.py` is the entry point, so it asks `bootstrap` for the joined parts.
"""
