"""Change records of LDIF: add, modify, delete, modrdn; and the arithmetic of distinguished names they need.

Source: RFC 2849 (change records), RFC 4514 (distinguished names).
"""

from __future__ import annotations

from typing import Final, NamedTuple

from ringfence.domain.directory.records import DirectoryRecord, Edit, RecordAction
from ringfence.sources.ldif_entry import CHANGEABLE, COLUMN_OF, change_record
from ringfence.sources.ldif_lines import attribute_name, attribute_value, text_of
from ringfence.sources.unusable import UnusableRowError

RENAMES: Final = frozenset({"moddn", "modrdn"})
EDITABLE: Final = {b"mobile": "mobile", b"othermailbox": "other_mails", b"telephonenumber": "office"}
"""The attributes that may have several values, of which a change may add and delete single ones, by our names."""
_OPERATIONS: Final = frozenset({b"add", b"delete", b"replace"})


class Modification(NamedTuple):
    """What a `modify` record changes of the attributes we keep, and whether its last part was closed.

    `changes` are whole attributes (no value: cleared), `edits` the values added to and taken from what is stored.
    """

    changes: dict[bytes, list[bytes]]
    edits: dict[bytes, tuple[list[bytes], list[bytes]]]
    closed: bool


def read_modification(lines: list[bytes]) -> Modification:
    """Read the lines behind `changetype: modify`; raises `UnusableRowError`."""
    found = Modification({}, {}, closed=True)
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
            _apply(found, operation, name, values)
    return found._replace(closed=closed)


def _apply(found: Modification, operation: bytes, name: bytes, values: list[bytes]) -> None:
    """Replacing and deleting the whole begin anew; single values go to and from what the record has put there, or is stored."""
    whole = found.changes.get(name)
    if operation == b"replace" or (operation == b"delete" and (not values or name not in EDITABLE)):
        found.changes[name] = values if operation == b"replace" else []
        found.edits.pop(name, None)
    elif whole is not None or name not in EDITABLE:
        kept = [value for value in whole or [] if operation == b"add" or value not in values]
        found.changes[name] = kept + values if operation == b"add" else kept
    else:
        added, removed = found.edits.setdefault(name, ([], []))
        (added if operation == b"add" else removed).extend(values)


def modify_record(line: int, dn: str, modification: Modification) -> DirectoryRecord | None:
    """The record of a modification, or None when it changes nothing we keep."""
    if not modification.changes and not modification.edits:
        return None
    edits = [
        Edit(EDITABLE[name], *(tuple(text_of(value, COLUMN_OF[name]) for value in values) for values in both))
        for name, both in modification.edits.items()
    ]
    return change_record(line, dn, modification.changes)._replace(edits=tuple(edits))


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
