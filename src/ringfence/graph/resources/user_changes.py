"""`users/delta`: every user once, then whoever changed since. Sources: surface a6, d1, trap 1; clients 1.5."""

from __future__ import annotations

import re
import uuid
from typing import Any, Final
from urllib.parse import quote

from ringfence.application.follow_users import ChangePage, Following, UserChange, Walk, follow_users, walk_from_now
from ringfence.domain.directory.query import Comparison, Filter, In, Operator, Or, Value
from ringfence.domain.policy.authority import Action
from ringfence.graph.call import Answer, Call
from ringfence.graph.change_tokens import MOST_IDS, Asked, read_token, write_token
from ringfence.graph.errors import Family, GraphError, bad_request
from ringfence.graph.paging import MOST, page_size
from ringfence.graph.resources.selection import projection
from ringfence.graph.resources.user_shape import rendered_user, selected
from ringfence.graph.routes import Route

_LATEST: Final = "latest"
_PAGE_SIZE: Final = re.compile(
    r'(?:^|[,;\s])(?:odata\.)?maxpagesize\s*=\s*"?([1-9][0-9]{0,8})(?![0-9])', re.ASCII | re.IGNORECASE
)
_EXPIRED: Final = "The sync state generation is not found. The delta token is expired and data must be synchronized again."
_ONLY_IDS: Final = f"delta takes a $filter of up to {MOST_IDS} comparisons 'id eq ...' joined by 'or', and no other."


def _delta(call: Call) -> Answer:
    _check_options(call)
    token = call.options.skiptoken or call.options.deltatoken or ""
    is_first = token in {"", _LATEST}
    walk, asked = (None, _asked(call)) if is_first else _begun(call, token)
    if token == _LATEST:
        return _answer(call, asked, ChangePage([], walk_from_now(call.services, call.tenant_id), more=False))
    preferred = _PAGE_SIZE.search(call.request.headers.get("prefer", ""))
    limit = asked.top if preferred is None else min(int(preferred[1]), MOST)
    page = follow_users(call.services, call.tenant_id, Following(limit, asked.only), walk)
    if page is None:
        raise _expired(call, asked)
    return _answer(call, asked, page, {} if preferred is None else {"Preference-Applied": f"odata.maxpagesize={limit}"})


def _check_options(call: Call) -> None:
    """Refuse what neither a first request takes nor one that follows; beside a token the others are those of the first."""
    options = call.options
    given = {"$count": options.count, "$orderby": options.orderby, "$search": options.search is not None}
    for name in (name for name, is_given in given.items() if is_given):
        message = f"The query option '{name}' is not supported by delta."
        raise GraphError(400, "Request_UnsupportedQuery", message)
    page_size(call)
    if options.skiptoken and options.deltatoken:
        message = "Either $skiptoken or $deltatoken may be given."
        raise bad_request(message, call.family)


def _asked(call: Call) -> Asked:
    """What a first request asks for."""
    select = tuple(dict.fromkeys(selected(call.options.select))) if call.options.select else ()
    return Asked(select, _only(call), page_size(call))


def _only(call: Call) -> tuple[bytes, ...]:
    values = () if call.options.filter is None else _ids_of(call.options.filter)
    if len(values) > MOST_IDS:
        raise GraphError(400, "Request_UnsupportedQuery", _ONLY_IDS)
    try:
        return tuple(dict.fromkeys(uuid.UUID(str(value)).bytes for value in values))
    except ValueError as error:
        message = "Invalid object identifier in the $filter of delta."
        raise bad_request(message, call.family) from error


def _ids_of(part: Filter) -> tuple[Value, ...]:
    if isinstance(part, Or):
        return tuple(value for one in part.parts for value in _ids_of(one))
    if isinstance(part, Comparison | In) and part.field.casefold() == "id":
        if isinstance(part, In):
            return part.values
        if part.operator is Operator.EQ:
            return (part.value,)
    raise GraphError(400, "Request_UnsupportedQuery", _ONLY_IDS)


def _begun(call: Call, token: str) -> tuple[Walk, Asked]:
    """The walk that a token goes on with. One of another tenant is like one that is none: nothing is told of it."""
    found = read_token(token, call.tenant_id)
    if found is None:
        message = "Badly formed token. Begin again without $skiptoken and $deltatoken."
        raise bad_request(message, call.family)
    selected(found[1].select)  # a token may be forged, and what it names goes into links
    return found


def _expired(call: Call, asked: Asked) -> GraphError:
    """410 with the first request again, as the place to begin anew."""
    options = [f"$select={','.join(asked.select)}"] if asked.select else []
    if asked.only:
        options.append("$filter=" + quote(" or ".join(f"id eq '{uuid.UUID(bytes=one)}'" for one in asked.only), safe="'"))
    location = _link(call, "&".join([*options, f"$top={asked.top}", "$deltatoken="]))
    return GraphError(410, "syncStateNotFound", _EXPIRED, headers={"Location": location})


def _answer(call: Call, asked: Asked, page: ChangePage, headers: dict[str, str] | None = None) -> Answer:
    names = selected(asked.select)
    token = write_token(call.tenant_id, page.walk, asked)
    link = {"@odata.nextLink": f"$skiptoken={token}"} if page.more else {"@odata.deltaLink": f"$deltatoken={token}"}
    document: dict[str, Any] = {
        "@odata.context": call.context(f"users{projection(asked.select, names)}"),
        **{name: _link(call, query) for name, query in link.items()},
        "value": [_rendered(one, names) for one in page.changes],
    }
    return Answer(200, document, headers or {})


def _link(call: Call, query: str) -> str:
    return f"{call.request.root}/{call.request.version}/users/delta?{query}"


def _rendered(change: UserChange, names: tuple[str, ...]) -> dict[str, Any]:
    """The user as it is now; of a deleted one the id, and whether it could come back (`changed`) or is gone (`deleted`)."""
    person = change.person
    if person is not None and person.user.deleted_at is None:
        return rendered_user(person, names)
    reason = "deleted" if person is None else "changed"
    return {"id": str(uuid.UUID(bytes=change.user_id)), "@removed": {"reason": reason}}


ROUTES: Final = (Route("GET", "users/delta", _delta, Action.READ_USERS, Family.DIRECTORY),)
