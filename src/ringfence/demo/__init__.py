"""The example company, played from import to report on a database of its own, and the board that shows its phones.

Owns: the story that `./dev run` tells, and the order of its commands; the phone board at `/demo/phones`, its senders, and what
makes a deployment a demonstration, without which none of them starts.
Does not own: any rule, the example's data (`examples/`), and the rows of the board (`ringfence.application.board`).
Hands to: the same use cases as the command line; `story.py` is the entry point, so it asks `bootstrap` for the joined parts.
"""
