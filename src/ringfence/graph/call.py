"""One call of the API as every handler sees it, whether it came alone or inside a `$batch`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

import msgspec

from ringfence.application.identity.parts import Identity
from ringfence.application.services import Services
from ringfence.domain.identity.callers import Caller
from ringfence.graph.errors import Family, bad_request
from ringfence.graph.odata.options import QueryOptions

JSON_TYPE: Final = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
_PLAIN: Final = re.compile(r"[A-Za-z0-9@._-]+", re.ASCII).fullmatch
_UNREADABLE: Final = (
    "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format."
)


class Request(msgspec.Struct, frozen=True, gc=False):
    """What came over the wire. `path` is decoded and begins behind the version; header names are lower case."""

    method: str
    version: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    root: str


class Answer(msgspec.Struct, frozen=True):
    """What goes back. `body` is a JSON document, text for text/plain, or None."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)


class Call(msgspec.Struct, frozen=True):
    """A request that found its route and may go on."""

    request: Request
    caller: Caller
    now: datetime
    identity: Identity
    arguments: Mapping[str, str]
    options: QueryOptions
    family: Family
    masked: bool = False
    """Whether the caller may see numbers only masked."""
    is_me: bool = False
    granted: frozenset[str] = frozenset()
    """The permissions of the token that opened this call."""

    @property
    def services(self) -> Services:
        """The services of the deployment."""
        return self.identity.services

    @property
    def tenant_id(self) -> int:
        """The caller's tenant: the only one there is for this call."""
        return self.caller.tenant_id

    @property
    def user(self) -> str:
        """The user in the path, by id or name."""
        return self.arguments["user"]

    def context(self, rest: str) -> str:
        """The `@odata.context` of an answer."""
        return f"{self.request.root}/{self.request.version}/$metadata#{rest}"

    def of_user(self, rest: str) -> str:
        """The context of something of the user in the path, as it stands there."""
        user = self.user
        return self.context(f"users('{user if _PLAIN(user) else quote(user, safe='@!$&*+,;=:~')}')/{rest}")

    def document(self) -> dict[str, Any]:
        """The JSON object in the body without annotations; an empty body is an empty object. Raises `GraphError` for others."""
        return {name: value for name, value in self.annotated_document().items() if "@odata." not in name}

    def annotated_document(self) -> dict[str, Any]:
        """The JSON object in the body as it came, `@odata.type` included; raises `GraphError` like `document`."""
        body = self.request.body
        if not body.strip():
            return {}
        kind = self.request.headers.get("content-type", "").partition(";")[0].strip().casefold()
        if kind and kind != "application/json":
            message = "A JSON body with Content-Type application/json is expected."
            raise bad_request(message, self.family)
        try:
            found = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise bad_request(_UNREADABLE, self.family) from error
        if not isinstance(found, dict):
            message = "A JSON object is expected in the body."
            raise bad_request(message, self.family)
        if not isinstance(found.get("@odata.type", ""), str):
            message = "The annotation '@odata.type' is a string."
            raise bad_request(message, self.family)
        return found
