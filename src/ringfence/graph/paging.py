"""Pages: their size, `$skiptoken` (where a list goes on), and the absolute `@odata.nextLink` that keeps every other option."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final
from urllib.parse import quote

from ringfence.graph.call import Call
from ringfence.graph.errors import bad_request, not_expandable
from ringfence.graph.odata.query_string import read_pairs

USUAL: Final = 100
MOST: Final = 999

Key = tuple[str, bytes]


def page_size(call: Call) -> int:
    """What `$top` asks for; raises `GraphError` for too much, for `$skip`, and for relations, that there are none of."""
    options = call.options
    if options.skip is not None:
        message = "The query parameter '$skip' is not supported. Follow @odata.nextLink."
        raise bad_request(message, call.family)
    if options.expand:
        raise not_expandable(options.expand[0].field)
    top = USUAL if options.top is None else options.top
    if top > MOST:
        message = f"Invalid page size specified: '{top}'. Must be between 1 and {MOST} inclusive."
        raise bad_request(message, call.family)
    return top


def next_link(call: Call, path: str, key: Key) -> str:
    """The link to the next page of `path`; options are written with their dollar, a count is told on the first page alone."""
    kept = [
        (written if written.startswith("$") else f"${written}", value)
        for written, value in read_pairs(call.request.query)
        if written.removeprefix("$").casefold() not in {"skiptoken", "skip"}
    ]
    options = "&".join(
        f"{quote(name, safe='$')}={quote(value, safe=',')}" for name, value in [*kept, ("$skiptoken", write_key(key))]
    )
    return f"{call.request.root}/{call.request.version}/{path}?{options}"


def write_key(key: Key) -> str:
    """A key as a token; it holds nothing that the page did not."""
    return urlsafe_b64encode(json.dumps([key[0], key[1].hex()]).encode()).decode().rstrip("=")


def read_key(call: Call) -> Key | None:
    """The key in `$skiptoken`, if there is one; raises `GraphError` for one that is none of ours."""
    token = call.options.skiptoken
    if token is None:
        return None
    try:
        text, identifier = json.loads(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        return str(text), bytes.fromhex(identifier)
    except (ValueError, TypeError, RecursionError) as error:
        message = "The $skiptoken is not valid. Begin again with the first page."
        raise bad_request(message, call.family) from error
