"""`python -m tests.docs.rewrite` writes the tables of rules in the documents anew, as the program prints them."""

from __future__ import annotations

import sys

from tests.docs.documents import REQUIREMENTS, RULES, name_of, with_requirements, with_tables


def main() -> None:
    """Rewrite, and say whether that changed anything."""
    for page, written in ((RULES, with_tables), (REQUIREMENTS, with_requirements)):
        before = page.read_text("utf-8")
        after = written(before)
        page.write_text(after, "utf-8")
        sys.stdout.write(f"{name_of(page)}: {'as it was' if before == after else 'rewritten'}\n")


if __name__ == "__main__":
    main()
