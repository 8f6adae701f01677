"""`python -m tests.docs.rewrite` writes the tables of rules in docs/copy-and-mirror.md anew, as the program prints them."""

from __future__ import annotations

import sys

from tests.docs.documents import RULES, name_of, with_tables


def main() -> None:
    """Rewrite, and say whether that changed anything."""
    before = RULES.read_text("utf-8")
    after = with_tables(before)
    RULES.write_text(after, "utf-8")
    sys.stdout.write(f"{name_of(RULES)}: {'as it was' if before == after else 'rewritten'}\n")


if __name__ == "__main__":
    main()
