"""Questions over users: a filter of the API becomes one condition of SQL, pages go on behind the last key.

Owns: which fields can be asked for and what each is in the tables. Texts compare without case, as Graph's do. A field that is not
set is unlike every text, and `not` of what cannot be told holds.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from ringfence.application.ports.people import Person, UnknownField, UserPage, UserQuestion
from ringfence.domain.directory.query import And, AnyOf, Comparison, CountIs, Filter, In, Not, Operator, Or, Search, Value
from ringfence.domain.identity.profiles import Profile
from ringfence.storage.rows import USER_COLUMNS, to_micros, user_of
from ringfence.storage.statements import Row, Statements

_TEXTS: Final = {
    "displayName": "u.display_name",
    "userPrincipalName": "u.upn",
    "userType": "u.user_type",
    "onPremisesImmutableId": "u.anchor",
    "onPremisesDistinguishedName": "u.dn",
    "mobilePhone": "NULLIF(m.public_text, '')",
    "mail": "p.mail",
    "givenName": "p.given_name",
    "surname": "p.surname",
    "jobTitle": "p.job_title",
    "officeLocation": "p.office_location",
    "preferredLanguage": "p.preferred_language",
    "department": "p.department",
    "employeeId": "p.employee_id",
    "mailNickname": "p.mail_nickname",
    "usageLocation": "p.usage_location",
}
_SEARCHED: Final = ("displayName", "userPrincipalName", "mail", "givenName", "surname")
_SYNC_FLAGS: Final = {None: 0, True: 1, False: 2}
_SIGNS: Final = {
    Operator.EQ: "=",
    Operator.GE: ">=",
    Operator.GT: ">",
    Operator.LE: "<=",
    Operator.LT: "<",
    Operator.NE: "<>",
}
_FROM: Final = (
    "FROM users AS u "
    "LEFT JOIN pairs AS m ON m.tenant_id = u.tenant_id AND m.user_id = u.user_id AND m.pair = 1 "
    "LEFT JOIN pairs AS o ON o.tenant_id = u.tenant_id AND o.user_id = u.user_id AND o.pair = 2 "
    "LEFT JOIN profiles AS p ON p.tenant_id = u.tenant_id AND p.user_id = u.user_id"
)
_COLUMNS: Final = ", ".join(
    [*(f"u.{name}" for name in USER_COLUMNS), "m.public_text", "o.public_text", *(f"p.{name}" for name in Profile._fields)]
)
_ORDERS: Final = {"displayName": "u.display_name", "userPrincipalName": "u.upn"}

Condition = tuple[str, list[object]]


class SqlUserQuery:
    """`UserQueries` over SQL."""

    def __init__(self, statements: Statements) -> None:
        """Work on this transaction."""
        self._sql = statements
        self._folded = statements.database.folded
        self._place = statements.database.place

    def page(self, tenant_id: int, question: UserQuestion) -> UserPage:
        """At most `question.limit` users, and where to go on; raises `UnknownField` for what cannot be asked."""
        where, values = self._where(tenant_id, question)
        order = self._order(question)
        if question.after is not None:
            behind, keys = self._behind(question)
            where, values = f"{where} AND {behind}", [*values, *keys]
        text = f"SELECT {_COLUMNS}{order[0]} {_FROM} WHERE {where} ORDER BY {order[1]} LIMIT ?"
        rows = self._sql.all(text, *values, question.limit + 1)
        more = len(rows) > question.limit
        people = [_person(row) for row in rows[: question.limit]]
        last = rows[question.limit - 1] if more else None
        return UserPage(people, None if last is None else _key(last, question))

    def among(self, tenant_id: int, user_ids: Sequence[bytes]) -> dict[bytes, Person]:
        """The users that exist among these ids, deleted ones too."""
        text = f"SELECT {_COLUMNS} {_FROM} WHERE u.tenant_id = ? AND u.user_id"
        people = map(_person, self._sql.database.select_among(self._sql.connection, text, tenant_id, user_ids))
        return {one.user.user_id: one for one in people}

    def count(self, tenant_id: int, question: UserQuestion) -> int:
        """How many users there are in all pages."""
        where, values = self._where(tenant_id, question)
        row = self._sql.one(f"SELECT COUNT(*) {_FROM} WHERE {where}", *values)
        return 0 if row is None else int(row[0])

    def _where(self, tenant_id: int, question: UserQuestion) -> Condition:
        text = "u.tenant_id = ? AND u.deleted_at IS " + ("NOT NULL" if question.deleted else "NULL")
        values: list[object] = [tenant_id]
        for part in (question.filter, question.search):
            if part is not None:
                condition, more = self._condition(part, tenant_id)
                text, values = f"{text} AND {condition}", [*values, *more]
        return text, values

    def _order(self, question: UserQuestion) -> tuple[str, str]:
        if question.order is None:
            return "", "u.user_id"
        column = self._folded(self._sorted_by(question))
        direction = " DESC" if question.descending else ""
        return f", {column}", f"{column}{direction}, u.user_id{direction}"

    def _sorted_by(self, question: UserQuestion) -> str:
        column = _ORDERS.get(question.order or "")
        if column is None:
            raise UnknownField(question.order or "")
        return column

    def _behind(self, question: UserQuestion) -> Condition:
        sort_key, user_id = question.after or ("", b"")
        if question.order is None:
            return "u.user_id > ?", [user_id]
        sign = "<" if question.descending else ">"
        return f"({self._folded(self._sorted_by(question))}, u.user_id) {sign} (?, ?)", [sort_key, user_id]

    def _condition(self, part: Filter, tenant_id: int) -> Condition:
        if isinstance(part, And | Or):
            word = " AND " if isinstance(part, And) else " OR "
            found = [self._condition(one, tenant_id) for one in part.parts]
            return f"({word.join(text for text, _ in found)})", [value for _, values in found for value in values]
        if isinstance(part, Not):
            text, values = self._condition(part.part, tenant_id)
            return f"NOT COALESCE({text}, FALSE)", values
        kinds: dict[type, Callable[..., Condition]] = {
            AnyOf: self._any,
            Comparison: partial(self._comparison, tenant_id),
            CountIs: self._counted,
            In: partial(self._in, tenant_id),
            Search: self._search,
        }
        return kinds[type(part)](part)

    def _in(self, tenant_id: int, part: In) -> Condition:
        found = [self._comparison(tenant_id, Comparison(part.field, Operator.EQ, value)) for value in part.values]
        return f"({' OR '.join(text for text, _ in found)})", [value for _, values in found for value in values]

    def _comparison(self, tenant_id: int, part: Comparison) -> Condition:
        special: dict[str, Callable[[Comparison], Condition]] = {
            "id": _by_id,
            "accountEnabled": _enabled,
            "createdDateTime": _created,
            "onPremisesSyncEnabled": _synced,
        }
        if part.field in special:
            return special[part.field](part)
        if part.field == "userPrincipalName" and part.operator is Operator.EQ and isinstance(part.value, str):
            text = "u.user_id = (SELECT n.user_id FROM user_principal_names AS n WHERE n.tenant_id = ? AND n.upn_key = ?)"
            return text, [tenant_id, part.value.strip().casefold()]
        column = _TEXTS.get(part.field)
        if column is None:
            raise UnknownField(part.field)
        return self._text(column, part.operator, part.value)

    def _text(self, column: str, operator: Operator, value: Value) -> Condition:
        if value is None:
            return f"{column} IS {'NOT ' if operator is Operator.NE else ''}NULL", []
        folded, wanted = self._folded(column), str(value).casefold()
        if operator is Operator.STARTS_WITH:
            return f"substr({folded}, 1, ?) = ?", [len(wanted), wanted]
        if operator is Operator.ENDS_WITH:
            return f"(length({folded}) >= ? AND substr({folded}, length({folded}) - ? + 1) = ?)", [
                len(wanted),
                len(wanted),
                wanted,
            ]
        if operator is Operator.NE:
            return f"({column} IS NULL OR {folded} <> ?)", [wanted]
        return f"{folded} {_SIGNS[operator]} ?", [wanted]

    def _any(self, part: AnyOf) -> Condition:
        if part.condition.field or part.field not in {"businessPhones", "otherMails"}:
            raise UnknownField(part.field)
        if part.field == "businessPhones":
            return self._text("NULLIF(o.public_text, '')", part.condition.operator, part.condition.value)
        if part.condition.operator is not Operator.EQ or not isinstance(part.condition.value, str):
            raise UnknownField(part.field)
        wanted = json.dumps(part.condition.value.casefold(), ensure_ascii=False)
        return f"{self._place(self._folded('u.other_mails'), '?')} > 0", [wanted]

    def _counted(self, part: CountIs) -> Condition:
        if part.number != 0 or part.operator not in {Operator.EQ, Operator.NE}:
            raise UnknownField(part.field)
        column = {"businessPhones": "NULLIF(o.public_text, '')", "otherMails": "u.other_mails"}.get(part.field)
        if column is None:
            raise UnknownField(part.field)
        return f"{column} IS {'NOT ' if part.operator is Operator.NE else ''}NULL", []

    def _search(self, part: Search) -> Condition:
        names = (part.field,) if part.field else _SEARCHED
        if any(name not in _SEARCHED for name in names):
            raise UnknownField(part.field)
        wanted = part.text.casefold()
        found = [self._folded(_TEXTS[name]) for name in names]
        each = [f"(substr({one}, 1, ?) = ? OR {self._place(one, '?')} > 0)" for one in found]
        return f"({' OR '.join(each)})", [value for _ in found for value in (len(wanted), wanted, f" {wanted}")]


def _equality(part: Comparison) -> str:
    if part.operator not in {Operator.EQ, Operator.NE}:
        raise UnknownField(part.field)
    return _SIGNS[part.operator]


def _by_id(part: Comparison) -> Condition:
    try:
        return f"u.user_id {_equality(part)} ?", [uuid.UUID(str(part.value)).bytes]
    except ValueError:
        return "FALSE" if part.operator is Operator.EQ else "TRUE", []


def _enabled(part: Comparison) -> Condition:
    return f"u.enabled {_equality(part)} ?", [int(bool(part.value))]


def _created(part: Comparison) -> Condition:
    if part.value is None or isinstance(part.value, str | bool | int) or part.operator not in _SIGNS:
        raise UnknownField(part.field)
    return f"u.created_at {_SIGNS[part.operator]} ?", [to_micros(part.value)]


def _synced(part: Comparison) -> Condition:
    if part.value is not None and not isinstance(part.value, bool):
        raise UnknownField(part.field)
    return f"u.sync_state {_equality(part)} ?", [_SYNC_FLAGS[part.value]]


def _person(row: Row) -> Person:
    width = len(USER_COLUMNS)
    profile = row[width + 2 : width + 2 + len(Profile._fields)]
    return Person(user_of(row[:width]), row[width] or "", row[width + 1] or "", Profile(*profile))


def _key(row: Row, question: UserQuestion) -> tuple[str, bytes]:
    return ("" if question.order is None else str(row[-1])), bytes(row[1])
