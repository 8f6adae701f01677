"""`ringfence numbers rules`: the tables of rules for people, as a table, JSON or Markdown (docs/copy-and-mirror.md)."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from ringfence.cli.output import print_json, print_table, say
from ringfence.cli.session import session_of
from ringfence.domain.numbers.facts import TITLES
from ringfence.domain.numbers.table import Row, Table
from ringfence.domain.numbers.tables import TABLES, StatusRule


def rules(
    context: typer.Context,
    markdown: Annotated[bool, typer.Option("--markdown", help="As Markdown tables, for documents.")] = False,
) -> None:
    """Print the tables of rules that decide everything; of each table the first row that matches counts."""
    session = session_of(context)
    if session.json:
        print_json({"tables": [{"table": table.name, "rows": [_document(row) for row in table.rows]} for table in TABLES]})
        return
    for table in TABLES:
        if markdown:
            say(f"### {table.name}\n\n{markdown_table(table)}\n")
        else:
            rows = [(row.id, conditions(row), outcome(row), row.says) for row in table.rows]
            print_table(
                ("rule", "when", "outcome", "why"), rows, title=f"\nTable: {table.name}", folds=("when", "outcome", "why")
            )


def markdown_table(table: Table[Any]) -> str:
    """A table of rules as a Markdown table: one column for each vocabulary, an empty cell for "anything"."""
    titles = [TITLES[vocabulary] for vocabulary in table.vocabularies]
    lines = ["| rule | " + " | ".join(titles) + " | outcome | why |", "|---" * (len(titles) + 3) + "|"]
    for row in table.rows:
        named = {type(values[0]): " or ".join(value.value for value in values) for values in row.when}
        cells = [named.get(vocabulary, "") for vocabulary in table.vocabularies]
        lines.append(f"| {row.id} | " + " | ".join(cells) + f" | {outcome(row)} | {row.says} |")
    return "\n".join(lines)


def conditions(row: Row[Any]) -> str:
    """What a row asks for, in words."""
    return "; ".join(f"{TITLES[type(values[0])]}: {' or '.join(value.value for value in values)}" for values in row.when)


def outcome(row: Row[Any]) -> str:
    """What a row says to do, in words; a row of the status table names its status and the row of the copy table."""
    if isinstance(row.outcome, StatusRule):
        return f"{row.outcome.status.value} ({row.outcome.rule})"
    return str(row.outcome.value)


def _document(row: Row[Any]) -> dict[str, Any]:
    when = {type(values[0]).__name__: [value.value for value in values] for values in row.when}
    return {"id": row.id, "when": when, "outcome": outcome(row), "says": row.says}
