"""The OpenAPI documents as a tester of schemas takes them: what is served, ids that exist, the whole shape of errors."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Final

from tests.graph.coverage import IMPLEMENTED, operations, specification

_ENDS_THE_CALLER: Final = frozenset({("post", "/me/revokeSignInSessions"), ("post", "/me/changePassword")})
"""They would take away the token that the run is made with."""

_RESET: Final = "/users/{user-id}/authentication/methods/{authenticationMethod-id}/resetPassword"
_TAKES_NOTHING: Final = frozenset({("patch", "/users/{user-id}"), ("post", _RESET)})
"""Without a body nothing changes, or a password is made up; the documents say that a body is required, of an object without
required properties."""

_DATE: Final = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$"
"""As the real service writes it, with no zone, whatever the document's `date-time` says."""

_NO_ZONE: Final = {"type": "string", "pattern": _DATE}
_QUERIES: Final[Mapping[str, Sequence[str]]] = {
    "$expand": ("device", "manager"),
    "$filter": ("displayName eq 'Kim'", "startswith(displayName,'K')", "isMfaCapable eq true", "id eq", "(("),
    "$orderby": ("displayName", "displayName desc", "activityDateTime desc"),
    "$search": ('"displayName:Kim"', "Kim"),
    "$select": ("id", "displayName", "createdDateTime"),
}
_BODIES: Final[Mapping[str, dict[str, Any]]] = {
    "/$batch": {"requests": [{"id": "1", "method": "GET", "url": "/users"}, {"id": "2", "method": "GET", "url": "/nothing"}]},
    "/users": {
        "accountEnabled": True,
        "displayName": "New",
        "mailNickname": "new",
        "userPrincipalName": "new@contoso.example",
        "passwordProfile": {"password": "Correct-Horse-9"},
    },
    "/emailMethods": {"emailAddress": "kim@fabrikam.example"},
    "/phoneMethods": {"phoneNumber": "+1 4255550133", "phoneType": "mobile"},
    "/phoneMethods/{phoneAuthenticationMethod-id}": {"phoneNumber": "+1 4255550134"},
    "/resetPassword": {"newPassword": "Correct-Horse-8"},
    "/temporaryAccessPassMethods": {"lifetimeInMinutes": 60, "isUsableOnce": True},
}
_ERROR: Final = "microsoft.graph.ODataErrors."

Known = Mapping[str, Sequence[str]]
"""Values of the parameters of paths by the parameter's name; of a user's deletion under `spare`."""


def served_part(version: str, known: Known, *, person: bool) -> dict[str, Any]:
    """The document of a version without what is not served; without `/me` where no person asks."""
    document = copy.deepcopy(specification(version))
    paths: dict[str, Any] = {}
    for one in operations(version):
        if one.standing == IMPLEMENTED and _may_be_asked(one.verb, one.path, person=person):
            asked = document["paths"][one.path][one.verb]
            given = (*document["paths"][one.path].get("parameters", ()), *asked.get("parameters", ()))
            is_spare = (one.verb, one.path) == ("delete", "/users/{user-id}")
            asked["parameters"] = [_parameter(each, known, is_spare=is_spare) for each in given]
            _add_example(asked, one.path)
            if (one.verb, one.path) in _TAKES_NOTHING:
                asked["requestBody"]["required"] = False
            paths.setdefault(one.path, {})[one.verb] = asked
            if one.verb == "patch":  # as the documents of 2021 had it, and as we take it still
                paths[one.path]["put"] = {**asked, "operationId": f"put_{asked['operationId']}"}
    document["paths"] = paths
    schemas = document["components"]["schemas"]
    if version == "beta":  # flags, which the document takes for a list; in JSON they are one text
        properties = schemas["microsoft.graph.signIn"]["allOf"][1]["properties"]
        properties["authenticationProtocol"] = properties["authenticationProtocol"]["items"]
    schemas[f"{_ERROR}MainError"]["required"] = ["code", "message", "innerError"]
    schemas[f"{_ERROR}InnerError"]["required"] = ["date", "request-id", "client-request-id"]
    schemas[f"{_ERROR}InnerError"]["properties"]["date"] = _NO_ZONE
    return document


def _may_be_asked(verb: str, path: str, *, person: bool) -> bool:
    return (person or not path.startswith("/me")) and (verb, path) not in _ENDS_THE_CALLER


def _parameter(parameter: dict[str, Any], known: Known, *, is_spare: bool) -> dict[str, Any]:
    """The same with values that say something, where they are known; what else may stand there, the tester makes up itself."""
    name, schema = parameter["name"], parameter["schema"]
    values = known.get("spare" if is_spare else name, ()) if parameter["in"] == "path" else _QUERIES.get(name, ())
    if not values:
        return parameter
    listed = {"type": "string", "enum": list(values)}
    return {**parameter, "schema": {**schema, "items": listed} if schema["type"] == "array" else listed}


def _add_example(operation: dict[str, Any], path: str) -> None:
    """A body that is right, among those that are made up from the schema."""
    ending = next((each for each in sorted(_BODIES, key=len, reverse=True) if path.endswith(each)), None)
    if ending is not None and "requestBody" in operation:
        operation["requestBody"]["content"]["application/json"]["example"] = _BODIES[ending]
