"""Questions over the log of sign-ins: a filter of the API becomes conditions of SQL, pages go on behind the last key.

Owns: which fields of `signIn` can be asked for and what each is in the table. What is the same for every sign-in here (no risk,
no conditional access, one resource) is compared with that one value. The order is that of the index over time, backwards.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Final

from ringfence.application.ports.people import UnknownField
from ringfence.application.ports.sign_ins import FIXED, SignInKey, SignInPage, SignInQuestion
from ringfence.domain.directory.query import AnyOf, Comparison, Filter, Operator
from ringfence.domain.identity.sign_ins import ONE_FACTOR, Attempt, ClientApp, SignIn, SignInResult
from ringfence.domain.signin.challenge import ChallengeMethod
from ringfence.domain.signin.outcomes import SecondFactor, StrongResult
from ringfence.domain.signin.requirement import Requirement
from ringfence.storage.conditions import (
    ALWAYS,
    EQUALITY,
    NEVER,
    TEXT_OPERATORS,
    Condition,
    joined_by_and,
    wanted_identifier,
    wanted_instant,
    wanted_text,
    wanted_value,
)
from ringfence.storage.rows import NUMBER_SETS, from_micros, to_micros
from ringfence.storage.statements import Row, Statements

COLUMNS: Final = (
    "created_at",
    "sign_in_id",
    "user_id",
    "upn",
    "display_name",
    "typed",
    "app_id",
    "app_name",
    "client",
    "ip_address",
    "correlation_id",
    "is_device_code",
    "result",
    "further",
    "mfa_method",
    "mfa_result",
    "mfa_numbers",
    "mfa_masked",
    "requirement",
)
_SELECT: Final = f"SELECT {', '.join(COLUMNS)} FROM sign_ins WHERE tenant_id = ?"  # noqa: S608 - columns of ours
_MORE_FACTORS: Final = (
    "(mfa_method IS NOT NULL OR (requirement IS NOT NULL AND requirement NOT IN "
    f"({', '.join(str(int(one)) for one in sorted(ONE_FACTOR))})))"
)
_ORDER: Final = "ORDER BY created_at DESC, sign_in_id DESC"
_BEHIND: Final = "created_at <= ? AND (created_at, sign_in_id) < (?, ?)"
_SIGNS: Final = {Operator.EQ: "=", Operator.NE: "<>"}
_LARGEST: Final = 2**31 - 1
_TEXTS: Final = {
    "appDisplayName": "app_name",
    "ipAddress": "ip_address",
    "userDisplayName": "display_name",
    "userPrincipalName": "upn",
}
_IDENTIFIERS: Final = {"appId": "app_id", "correlationId": "correlation_id", "id": "sign_in_id"}


class SqlSignInQuery:
    """Answers questions in one transaction."""

    def __init__(self, statements: Statements) -> None:
        """Work on this transaction."""
        self._sql = statements
        self._folded = statements.database.folded

    def page(self, tenant_id: int, question: SignInQuestion) -> SignInPage:
        """At most `question.limit` lines, newest first; raises `UnknownField` for what cannot be asked."""
        text, values = _SELECT, list[object]([tenant_id])
        for condition, more in self._conditions(question):
            text, values = f"{text} AND {condition}", [*values, *more]
        rows = self._sql.all(f"{text} {_ORDER} LIMIT ?", *values, question.limit + 1)
        found = [sign_in_of(row) for row in rows[: question.limit]]
        return SignInPage(found, SignInKey(found[-1].at, found[-1].sign_in_id) if len(rows) > question.limit else None)

    def _conditions(self, question: SignInQuestion) -> list[Condition]:
        found = [] if question.filter is None else [self._condition(part) for part in joined_by_and(question.filter)]
        if question.results is not None:
            wanted = sorted(map(int, question.results))
            found.append((f"result IN ({', '.join('?' * len(wanted))})", list(wanted)))
        return found if question.after is None else [*found, _behind(question.after)]

    def _condition(self, part: Filter) -> Condition:
        if isinstance(part, AnyOf):
            return _kind_of_event(part)
        if not isinstance(part, Comparison):
            raise UnknownField(getattr(part, "field", type(part).__name__.lower()))
        field = part.field
        if field in _TEXTS:
            return wanted_text(self._folded, _TEXTS[field], part, TEXT_OPERATORS)
        if field in _IDENTIFIERS:
            return wanted_identifier(_IDENTIFIERS[field], part)
        if field in FIXED:
            return ALWAYS if wanted_value(part, EQUALITY) == FIXED[field].casefold() else NEVER
        kinds: dict[str, Callable[[Comparison], Condition]] = {
            "authenticationRequirement": _factors,
            "clientAppUsed": _client,
            "createdDateTime": lambda one: wanted_instant("created_at", one),
            "isInteractive": _interactive,
            "status/errorCode": _error,
            "userId": _user,
        }
        if field not in kinds:
            raise UnknownField(field)
        return kinds[field](part)


def _behind(key: SignInKey) -> Condition:
    at = to_micros(key.at)
    return _BEHIND, [at, at, key.sign_in_id]


def _kind_of_event(part: AnyOf) -> Condition:
    """Every line is of a person in front of a page."""
    if part.field != "signInEventTypes" or part.condition.field:
        raise UnknownField(part.field)
    return ALWAYS if wanted_value(part.condition, EQUALITY) == "interactiveuser" else NEVER


def _interactive(part: Comparison) -> Condition:
    if part.operator is not Operator.EQ or not isinstance(part.value, bool):
        raise UnknownField(part.field)
    return ALWAYS if part.value else NEVER


def _client(part: Comparison) -> Condition:
    wanted = wanted_value(part, EQUALITY)
    found = [one for one in ClientApp if one.title.casefold() == wanted]
    return ("client = ?", [int(found[0])]) if found else NEVER


def _factors(part: Comparison) -> Condition:
    wanted = wanted_value(part, EQUALITY)
    if wanted == "multifactorauthentication":
        return _MORE_FACTORS, []
    return (f"NOT ({_MORE_FACTORS})", []) if wanted == "singlefactorauthentication" else NEVER


def _error(part: Comparison) -> Condition:
    """`ne` too: that is how scripts ask for failures."""
    if part.operator not in _SIGNS or not isinstance(part.value, int) or isinstance(part.value, bool):
        raise UnknownField(part.field)
    return f"result {_SIGNS[part.operator]} ?", [max(-1, min(part.value, _LARGEST))]


def _user(part: Comparison) -> Condition:
    """The user of nothing but zeros is nobody that is known, as it is shown."""
    condition, values = wanted_identifier("user_id", part)
    return ("user_id IS NULL", []) if values == [uuid.UUID(int=0).bytes] else (condition, values)


def sign_in_of(row: Row) -> SignIn:
    """The line in a row of `COLUMNS`."""
    attempt = Attempt(bytes(row[6]), row[7], ClientApp(row[8]), row[9], bytes(row[10]), bool(row[11]))
    return SignIn(
        bytes(row[1]),
        from_micros(row[0]),
        None if row[2] is None else bytes(row[2]),
        row[3],
        row[4],
        row[5],
        attempt,
        SignInResult(row[12]),
        row[13],
        _second(row[14:]),
        None if row[18] is None else Requirement(row[18]),
    )


def _second(row: Row) -> SecondFactor | None:
    if row[0] is None:
        return None
    return SecondFactor(ChallengeMethod(row[0]), StrongResult(row[1]), row[3], None if row[2] is None else NUMBER_SETS[row[2]])


def second_row(second: SecondFactor | None) -> tuple[object, ...]:
    """The columns of the second step of a sign-in."""
    if second is None:
        return (None,) * 4
    numbers = None if second.numbers is None else NUMBER_SETS.index(second.numbers)
    return (int(second.method), int(second.result), numbers, second.masked)
