"""The example company, played from import to report on a database of its own.

Owns: the story that `./dev run` tells, and the order of its commands.
Does not own: any rule, and the example's data (`examples/`).
Hands to: the same use cases as the command line; `story.py` is the entry point, so it asks `bootstrap` for the joined parts.
"""
