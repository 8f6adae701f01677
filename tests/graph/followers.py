"""A client of `users/delta` as programs are written: it keeps a copy of the users and the last deltaLink."""

from __future__ import annotations

from typing import Any, Final

from tests.graph.served import ROOT, Api, Reply

FIRST: Final = "/v1.0/users/delta"


class Follower:
    """A copy of the users, kept up by rounds of `delta`."""

    def __init__(self, api: Api, link: str = FIRST, **headers: str) -> None:
        """Begin with nothing; `link` is the first request."""
        self.api = api
        self.link = link
        self.copy: dict[str, dict[str, Any]] = {}
        self._headers = headers

    def page(self) -> Reply:
        """Ask for one page, apply it, and keep its link."""
        got = self.api.call("GET", self.link.removeprefix(ROOT), **self._headers)
        assert 200 == got.status, got.body
        for one in got.body["value"]:
            if "@removed" in one:
                self.copy.pop(one["id"], None)
            else:
                self.copy[one["id"]] = one
        next_link, delta_link = got.body.get("@odata.nextLink"), got.body.get("@odata.deltaLink")
        assert (next_link is None) is not (delta_link is None)
        self.link = next_link or delta_link
        return got

    def round(self) -> list[dict[str, Any]]:
        """Ask for pages until there is a deltaLink; return all that they held."""
        told: list[dict[str, Any]] = []
        while True:
            got = self.page().body
            told += got["value"]
            if "@odata.deltaLink" in got:
                return told


def listed(api: Api, select: str = "") -> dict[str, dict[str, Any]]:
    """What `GET /users` has, by id."""
    found: dict[str, dict[str, Any]] = {}
    link = f"/v1.0/users?$top=999{select}"
    while link:
        got = api.call("GET", link.removeprefix(ROOT)).body
        found.update({one["id"]: one for one in got["value"]})
        link = got.get("@odata.nextLink", "")
    return found
