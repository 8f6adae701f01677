"""Change records of LDIF: add, modify, delete, modrdn; and the arithmetic of distinguished names they need.

Source: RFC 2849 (change records), RFC 4514 (distinguished names).
"""

from __future__ import annotations

from typing import Final, NamedTuple

from ringfence.domain.directory.records import DirectoryRecord, RecordAction
from ringfence.sources.ldif_entry import CHANGEABLE, COLUMN_OF, change_record
from ringfence.sources.ldif_lines import attribute_name, attribute_value, text_of
from ringfence.sources.unusable import UnusableRowError

RENAMES: Final = frozenset({"moddn", "modrdn"})
_OPERATIONS: Final = frozenset({b"add", b"delete", b"replace"})


class Modification(NamedTuple):
    """What a `modify` record changes of the attributes we keep (no value: cleared), and whether its last part was closed."""

    changes: dict[bytes, list[bytes]]
    closed: bool


def read_modification(lines: list[bytes]) -> Modification:
    """Read the lines behind `changetype: modify`; raises `UnusableRowError`."""
    changes: dict[bytes, list[bytes]] = {}
    rest = iter(lines)
    closed = True
    for line in rest:
        operation, target = attribute_name(line)
        if operation not in _OPERATIONS:
            raise UnusableRowError(column="", reason="A change begins with add:, delete: or replace: and the attribute's name.")
        name, _ = attribute_name(attribute_value(target, "").strip(b" ") + b":")
        values: list[bytes] = []
        closed = False
        for value_line in rest:
            if value_line.rstrip(b" ") == b"-":
                closed = True
                break
            given, value = attribute_name(value_line)
            if given != name:
                raise UnusableRowError(
                    column="", reason="A change names one attribute and gives values for another. End each change with a line -."
                )
            values.append(attribute_value(value, COLUMN_OF.get(name, "")))
        if name in CHANGEABLE:
            _apply(changes, operation, name, values)
    return Modification(changes, closed)


def _apply(changes: dict[bytes, list[bytes]], operation: bytes, name: bytes, values: list[bytes]) -> None:
    """Replace and delete begin anew; add goes behind what this record has put there already."""
    if operation == b"add":
        changes[name] = changes.get(name, []) + values
    else:
        changes[name] = values if operation == b"replace" else []


def modify_record(line: int, dn: str, modification: Modification) -> DirectoryRecord | None:
    """The record of a modification, or None when it changes nothing we keep."""
    return change_record(line, dn, modification.changes) if modification.changes else None


def delete_record(line: int, dn: str) -> DirectoryRecord:
    """The record of a deletion."""
    return DirectoryRecord(line, RecordAction.DELETE, dn=dn, synced=True)


def rename_record(line: int, dn: str, lines: list[bytes]) -> DirectoryRecord:
    """The record of a new name or place; raises `UnusableRowError` when the new name is not given."""
    given = {name: text_of(attribute_value(rest, ""), "") for name, rest in map(attribute_name, lines)}
    if not given.get(b"newrdn"):
        raise UnusableRowError(column="newrdn", reason="The new name is missing. Give newrdn: with the new relative name.")
    parent = given[b"newsuperior"] if b"newsuperior" in given else parent_of(dn)
    new_dn = ",".join(filter(None, (given[b"newrdn"], parent)))
    return DirectoryRecord(line, RecordAction.MODIFY, dn=dn, new_dn=new_dn, synced=True)


def parent_of(dn: str) -> str:
    """What follows the first comma of a distinguished name that is neither escaped nor quoted; `""` at the top."""
    quoted = escaped = False
    for at, char in enumerate(dn):
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == '"':
            quoted = not quoted
        elif char == "," and not quoted:
            return dn[at + 1 :].lstrip(" ")
    return ""
