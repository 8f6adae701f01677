"""Requests that nobody sends by mistake: each is a 4xx, and what is stored stays as it was.

Sources: RFC 9110, 9 (a method is what the request line says); PostgreSQL's text, which cannot hold a NUL; surface d.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import pytest

from tests.graph.served import MOBILE, Api

KIM: Final = "/v1.0/users/kim@contoso.example"
PHONES: Final = f"{KIM}/authentication/phoneMethods"
LONG: Final = "x" * 20_000
NUMBER: Final = {"phoneType": "mobile", "phoneNumber": "+1 4255550100"}


class Sent(NamedTuple):
    """A request."""

    verb: str
    path: str
    body: Any = None
    headers: dict[str, str] = {}  # noqa: RUF012 - never written
    status: int = 400


HOSTILE: Final = {
    "a method override: delete": Sent("POST", KIM, {}, {"X_HTTP_Method_Override": "DELETE"}, 405),
    "a method override: change": Sent("POST", KIM, {"displayName": "X"}, {"X_HTTP_Method_Override": "PATCH"}, 405),
    "a method override: another spelling": Sent("POST", KIM, {}, {"X_HTTP_Method": "DELETE"}, 405),
    "a method override: a third": Sent("POST", KIM, {}, {"X_Method_Override": "DELETE"}, 405),
    "a method override: in the query": Sent("POST", f"{KIM}?_method=DELETE", {}, {}, 405),
    "a NUL in the path": Sent("GET", f"{KIM}%00"),
    "a NUL as a user": Sent("DELETE", "/v1.0/users/%00"),
    "a NUL as a method's id": Sent("DELETE", f"{PHONES}/%00"),
    "a line's end in the path": Sent("DELETE", f"{KIM}%0d%0aX:1"),
    "no UTF-8 in the path": Sent("DELETE", f"{KIM}%ff", status=404),
    "a NUL in a filter": Sent("GET", "/v1.0/users?$filter=displayName eq '%00'"),
    "a NUL in a property": Sent("GET", "/v1.0/users?$select=id,%00"),
    "a NUL in a token": Sent("GET", "/v1.0/users?$skiptoken=%00"),
    "a NUL in an option of others": Sent("GET", "/v1.0/users?x=%00"),
    "a NUL in an option's name": Sent("GET", "/v1.0/users?%00=1"),
    "a NUL in a name": Sent("PATCH", KIM, {"displayName": "a\x00b"}),
    "a NUL in a number": Sent("PATCH", f"{PHONES}/{MOBILE}", {"phoneNumber": "+1 4255550199\x00"}),
    "a NUL in a principal name": Sent("PATCH", KIM, {"userPrincipalName": "a\x00b@contoso.example"}),
    "half a character in a name": Sent("PATCH", KIM, '{"displayName": "\\ud800"}'),
    "a long user": Sent("DELETE", f"/v1.0/users/{LONG}", status=404),
    "a long path": Sent("DELETE", "/v1.0" + "/users" * 5000, status=404),
    "a long id of a method": Sent("DELETE", f"{PHONES}/{LONG}", status=404),
    "a long filter": Sent("GET", f"/v1.0/users?$filter=displayName eq '{LONG}'"),
    "a long list of properties": Sent("GET", f"/v1.0/users?$select={LONG}"),
    "a long token": Sent("GET", f"/v1.0/users?$skiptoken={LONG}"),
    "a long number of rows": Sent("GET", f"/v1.0/users?$top={'9' * 20_000}"),
    "a long name": Sent("PATCH", KIM, {"displayName": LONG}),
    "a long number": Sent("PATCH", f"{PHONES}/{MOBILE}", {"phoneNumber": f"+1 {'4' * 20_000}"}),
    "a long principal name": Sent("PATCH", KIM, {"userPrincipalName": f"{LONG}@contoso.example"}),
    "a long number in JSON": Sent("PATCH", KIM, f'{{"displayName": {"9" * 20_000}}}'),
    "brackets in brackets": Sent("PATCH", KIM, "[" * 100_000),
    "a body over 1 MiB": Sent("PATCH", KIM, {"displayName": LONG * 60}, {}, 413),
    "a long token of access": Sent("DELETE", KIM, None, {"Authorization": f"Bearer {LONG}"}, 401),
    "a long scheme": Sent("DELETE", KIM, None, {"Authorization": f"{LONG} x"}, 401),
    "an option twice": Sent("GET", "/v1.0/users?$top=1&$top=2"),
    "an option twice, without its dollar": Sent("GET", "/v1.0/users?top=1&top=2"),
    "an option twice, once without": Sent("GET", "/v1.0/users?$top=1&top=2"),
    "options with and without a dollar": Sent("GET", "/v1.0/users?$top=1&select=id"),
}


@pytest.mark.parametrize("sent", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_request_is_refused_and_changes_nothing(api: Api, sent: Sent) -> None:
    """With an error in Graph's form."""
    api.new_user("kim")
    assert 201 == api.call("POST", PHONES, NUMBER).status
    before = [api.call("GET", path).body for path in (KIM, PHONES)]
    got = api.call(sent.verb, sent.path, sent.body, **sent.headers)
    assert (sent.status, True) == (got.status, bool(got.code and got.body["error"]["message"]))
    assert before == [api.call("GET", path).body for path in (KIM, PHONES)]


@pytest.mark.parametrize("name", ["X_HTTP_Method_Override", "X_HTTP_Method", "X_Method_Override"])
def test_a_read_stays_a_read(api: Api, name: str) -> None:
    """Whatever a header says; the user is still there."""
    api.new_user("kim")
    assert [200, 200] == [api.call("GET", KIM, **{name: "DELETE"}).status for _ in range(2)]


def test_an_option_may_stand_without_its_dollar(api: Api) -> None:
    """Surface d: as long as all do."""
    for name in ("kim", "lee"):
        api.new_user(name)
    got = api.call("GET", "/v1.0/users?top=1&select=id")
    assert (1, True) == (len(got.body["value"]), "@odata.nextLink" in got.body)
