"""`users/delta`: what it tells, in pages, with options; tokens that are old, wrong or another tenant's (surface a6, d1)."""

from __future__ import annotations

import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from ringfence.application.follow_users import walk_from_now
from ringfence.application.housekeeping import CHANGES_KEPT, forget_old_changes
from ringfence.application.tenancy import initialise_tenant
from ringfence.domain.policy.roles import DirectoryRole
from ringfence.graph.change_tokens import Asked, write_token
from tests.contract.deployments import opened
from tests.graph.followers import FIRST, Follower, listed
from tests.graph.served import ROOT, Api


def names(told: list[dict[str, Any]]) -> list[str]:
    """The names of live users, in order."""
    return [one["userPrincipalName"].partition("@")[0] for one in told]


@pytest.mark.parametrize("version", ["v1.0", "beta"])
@pytest.mark.parametrize("spelling", ["delta", "delta()", "microsoft.graph.delta()", "microsoft.graph.delta", "Delta"])
def test_every_spelling_begins_a_walk(api: Api, spelling: str, version: str) -> None:
    """Trap 1: docs, Python and PowerShell each write it otherwise; the link that comes back is one of ours."""
    api.new_user("kim")
    got = api.call("GET", f"/{version}/users/{spelling}")
    assert (200, ["kim"]) == (got.status, names(got.body["value"]))
    assert f"{ROOT}/{version}/$metadata#users" == got.body["@odata.context"]
    assert got.body["@odata.deltaLink"].startswith(f"{ROOT}/{version}/users/delta?$deltatoken=")


def test_nothing_changed_is_an_empty_round(api: Api) -> None:
    """And the next round goes on from there."""
    api.new_user("kim")
    follower = Follower(api)
    assert [["kim"], [], []] == [names(follower.round()) for _ in range(3)]


def change(body: dict[str, Any]) -> Callable[[Api, str], object]:
    """A change by PATCH."""
    return lambda api, path: api.call("PATCH", path, body)


CHANGES = {
    "name": change({"displayName": "Kim K."}),
    "principal name": change({"userPrincipalName": "kk@contoso.example"}),
    "enabled": change({"accountEnabled": False}),
    "mobile": change({"mobilePhone": "+1 4255550100"}),
    "office": change({"businessPhones": ["+1 4255550101"]}),
    "other mails": change({"otherMails": ["kim@home.example"]}),
    "profile": change({"department": "IT"}),
    "type": change({"userType": "Guest"}),
}


@pytest.mark.parametrize("act", CHANGES.values(), ids=CHANGES)
def test_a_changed_property_is_told(api: Api, act: Callable[[Api, str], object]) -> None:
    """The user once, in the present state, and nobody else."""
    api.new_user("ann")
    path = f"/v1.0/users/{api.new_user('kim')}"
    identifier = api.call("GET", path).body["id"]
    follower = Follower(api, f"{FIRST}?$select=*")
    follower.round()
    act(api, path)
    told = follower.round()
    present = api.call("GET", f"/v1.0/users/{identifier}?$select=*").body
    assert [{name: value for name, value in present.items() if name != "@odata.context"}] == told
    assert listed(api, "&$select=*") == follower.copy


def test_private_changes_are_not_told(api: Api) -> None:
    """Authentication numbers and the password are no properties of a user that are shown."""
    kim = api.new_user("kim")
    follower = Follower(api)
    follower.round()
    body = {"phoneNumber": "+1 4255550100", "phoneType": "mobile"}
    assert 201 == api.call("POST", f"/v1.0/users/{kim}/authentication/phoneMethods", body).status
    assert 201 == api.call("POST", f"/v1.0/users/{kim}/authentication/emailMethods", {"emailAddress": "k@home.example"}).status
    assert [] == follower.round()


def test_a_user_comes_goes_and_comes_back(api: Api) -> None:
    """Created, deleted (`changed`: it could come back), restored, each in its round."""
    follower = Follower(api)
    follower.round()
    kim = api.new_user("kim")
    created = follower.round()
    identifier = created[0]["id"]
    api.call("DELETE", f"/v1.0/users/{kim}")
    assert [{"id": identifier, "@removed": {"reason": "changed"}}] == follower.round()
    api.call("POST", f"/v1.0/directory/deletedItems/{identifier}/restore")
    assert created == follower.round()


def test_who_is_gone_for_good_is_told_as_deleted(api: Api) -> None:
    """There is no such request yet; the log may be about somebody of whom nothing is left."""
    kim = api.new_user("kim")
    follower = Follower(api)
    identifier = follower.round()[0]["id"]
    api.call("DELETE", f"/v1.0/users/{kim}")
    with api.joined.database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM users")
    assert [{"id": identifier, "@removed": {"reason": "deleted"}}] == follower.round()


def test_who_was_deleted_before_is_not_listed(api: Api) -> None:
    """The first round has the users there are."""
    api.call("DELETE", f"/v1.0/users/{api.new_user('kim')}")
    api.new_user("ann")
    assert ["ann"] == names(Follower(api).round())


def test_changes_during_the_listing_come_behind_it(api: Api) -> None:
    """Whoever is created, changed or deleted while pages are read is right at the end."""
    upns = [api.new_user(name) for name in ("ann", "bob", "cat", "dan")]
    follower = Follower(api, f"{FIRST}?$top=1")
    follower.page()
    for upn in upns[:3]:
        api.call("PATCH", f"/v1.0/users/{upn}", {"jobTitle": "Engineer"})
    follower.page()
    api.call("DELETE", f"/v1.0/users/{upns[3]}")
    api.new_user("eve")
    follower.round()
    follower.round()
    assert listed(api) == follower.copy


def test_pages_of_changes_hold_everybody(api: Api) -> None:
    """Pages as large as asked for, who changed twice in one of them once, and the options of the first request."""
    follower = Follower(api, f"{FIRST}?$top=2&$select=userPrincipalName")
    follower.round()
    upns = [api.new_user(name) for name in ("ann", "bob", "cat", "dan", "eve")]
    for _ in range(2):
        api.call("PATCH", f"/v1.0/users/{upns[0]}", {"jobTitle": str(uuid.uuid4())})
    sizes = []
    while True:
        got = follower.page().body
        assert all(set(one) == {"id", "userPrincipalName"} for one in got["value"])
        assert got["@odata.context"].endswith("#users(userPrincipalName)")
        sizes.append(len(got["value"]))
        if "@odata.deltaLink" in got:
            break
    assert ([2, 2, 2], 5) == (sizes, len(follower.copy))


def test_latest_begins_with_what_comes(api: Api) -> None:
    """`$deltatoken=latest`: an empty page with a deltaLink at once, which keeps the selection."""
    api.new_user("ann")
    follower = Follower(api, f"{FIRST}?$deltatoken=latest&$select=displayName")
    assert [] == follower.round()
    api.new_user("bob")
    told = follower.round()
    assert [("Bob", 2)] == [(one["displayName"], len(one)) for one in told]


def test_an_empty_token_begins_anew(api: Api) -> None:
    """So says the `Location` of an expired one."""
    api.new_user("ann")
    assert ["ann"] == names(Follower(api, f"{FIRST}?$deltatoken=").round())


def test_a_filter_follows_the_users_it_names(api: Api) -> None:
    """In the first round and in all others; somebody else's changes are an empty round."""
    ids = {name: api.call("GET", f"/v1.0/users/{api.new_user(name)}").body["id"] for name in ("ann", "bob", "cat")}
    follower = Follower(api, f"{FIRST}?$filter=id eq '{ids['ann']}' or id eq '{ids['cat']}'")
    assert ["ann", "cat"] == sorted(names(follower.round()))
    api.call("PATCH", f"/v1.0/users/{ids['bob']}", {"jobTitle": "Engineer"})
    assert [] == follower.round()
    api.call("PATCH", f"/v1.0/users/{ids['cat']}", {"jobTitle": "Engineer"})
    assert ["cat"] == names(follower.round())


def test_a_preferred_page_size_is_taken(api: Api) -> None:
    """`Prefer: odata.maxpagesize`, which goes before `$top` and is told back."""
    for name in ("ann", "bob", "cat"):
        api.new_user(name)
    follower = Follower(api, f"{FIRST}?$top=1", Prefer="return=minimal, odata.maxpagesize=2")
    got = follower.page()
    assert (2, "odata.maxpagesize=2") == (len(got.body["value"]), got.headers["preference-applied"])
    assert 1 == len(follower.page().body["value"])


MANY = " or ".join(f"id eq '{uuid.UUID(int=number)}'" for number in range(51))


@pytest.mark.parametrize(
    ("query", "code"),
    [
        pytest.param("$orderby=displayName", "Request_UnsupportedQuery", id="order"),
        pytest.param("$count=true", "Request_UnsupportedQuery", id="count"),
        pytest.param('$search="displayName:k"', "Request_UnsupportedQuery", id="search"),
        pytest.param("$expand=manager", "ExpandNotSupported", id="expand"),
        pytest.param("$skip=1", "Request_BadRequest", id="skip"),
        pytest.param("$top=1000", "Request_BadRequest", id="too many"),
        pytest.param("$select=shoeSize", "Request_BadRequest", id="unknown property"),
        pytest.param("$filter=displayName eq 'Kim'", "Request_UnsupportedQuery", id="another field"),
        pytest.param("$filter=id ne 'x'", "Request_UnsupportedQuery", id="another operator"),
        pytest.param("$filter=id eq 'x' and id eq 'y'", "Request_UnsupportedQuery", id="and"),
        pytest.param("$filter=id eq 'x'", "Request_BadRequest", id="an id that is none"),
        pytest.param(f"$filter={MANY}", "Request_UnsupportedQuery", id="too many ids"),
        pytest.param("$skiptoken=a&$deltatoken=b", "Request_BadRequest", id="two tokens"),
    ],
)
def test_other_options_are_refused(api: Api, query: str, code: str) -> None:
    """400 with Graph's code."""
    refused = api.call("GET", f"{FIRST}?{query}")
    assert (400, code) == (refused.status, refused.code)


def good_token(api: Api) -> str:
    """A deltatoken that is good."""
    follower = Follower(api)
    follower.round()
    return follower.link.partition("deltatoken=")[2]


SPOILT: dict[str, Callable[[str], str]] = {
    "a word": lambda _: "nonsense",
    "half": lambda token: token[: len(token) // 2],
    "more": lambda token: f"{token}AAAA",
    "padding": lambda token: f"{token}==",
    "other signs": lambda token: f"{token[:9]}!{token[9:]}",
    "not ASCII": lambda token: f"{token}%C3%A9",
    "a list of its own": lambda _: urlsafe_b64encode(b'["", "00"]').decode(),
    "a large number": lambda _: urlsafe_b64encode(bytes.fromhex("9701 01 cfffffffffffffffff 00 c400 c0 93909001")).decode(),
}


@pytest.mark.parametrize("option", ["$deltatoken", "$skiptoken"])
@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_a_token_that_is_none_is_refused(api: Api, option: str, spoil: Callable[[str], str]) -> None:
    """400, never 500, whatever it is."""
    refused = api.call("GET", f"{FIRST}?{option}={spoil(good_token(api))}")
    assert (400, "Request_BadRequest") == (refused.status, refused.code)


def test_a_token_of_another_tenant_is_like_one_that_is_none(api: Api) -> None:
    """Though it is good there, its reader is told no more than of nonsense."""
    other, _ = initialise_tenant(api.joined.services, api.joined.keys, "fabrikam.example", api.clock.now())
    token = write_token(other.tenant_id, walk_from_now(api.joined.services, other.tenant_id), Asked((), (), 100))
    refused, nonsense = (api.call("GET", f"{FIRST}?$deltatoken={one}") for one in (token, "nonsense"))
    assert (400, nonsense.body["error"]["message"]) == (refused.status, refused.body["error"]["message"])


def test_a_token_too_old_says_where_to_begin(api: Api) -> None:
    """410 and the first request again, with all it asked for; what it leads to is everybody."""
    identifier = api.call("GET", f"/v1.0/users/{api.new_user('ann')}").body["id"]
    follower = Follower(api, f"{FIRST}?$select=id,displayName&$top=5&$filter=id eq '{identifier}'")
    follower.round()
    api.new_user("bob")
    forget_old_changes(api.joined.services, api.clock.now())
    api.later((CHANGES_KEPT + timedelta(minutes=1)).total_seconds())
    assert 2 == forget_old_changes(api.joined.services, api.clock.now())
    expired = api.call("GET", follower.link.removeprefix(ROOT))
    assert (410, "syncStateNotFound") == (expired.status, expired.code)
    location = expired.headers["location"]
    kept = f"?$select=id,displayName&$filter=id%20eq%20'{identifier}'&$top=5&$deltatoken="
    assert f"{ROOT}{FIRST}{kept}" == location
    assert [{"id": identifier, "displayName": "Ann"}] == Follower(api, location).round()


def test_a_reader_who_keeps_coming_is_never_too_old(api: Api) -> None:
    """However long nothing changes: the entry that its token names stays, and so it does not miss the next."""
    follower = Follower(api)
    api.new_user("ann")
    for _ in range(80):
        forget_old_changes(api.joined.services, api.clock.now())
        assert follower.round() in ([], list(follower.copy.values()))
        api.later(timedelta(days=1).total_seconds())
    api.new_user("bob")
    assert ["bob"] == names(follower.round())


def test_a_reader_of_yesterday_is_not_too_old_after_a_quiet_month(api: Api) -> None:
    """The age of a token counts, not that of the change it stands behind."""
    api.new_user("ann")
    forget_old_changes(api.joined.services, api.clock.now())
    api.later(timedelta(days=60).total_seconds())
    follower = Follower(api)
    follower.round()
    api.later(timedelta(days=29).total_seconds())
    api.new_user("bob")
    forget_old_changes(api.joined.services, api.clock.now())
    assert ["bob"] == names(follower.round())


def test_a_token_outlives_a_restart(api: Api) -> None:
    """Another process over the same database goes on where the first one was."""
    follower = Follower(api)
    follower.round()
    api.new_user("kim")
    with opened(api.joined.database.engine.url.render_as_string(hide_password=False), api.joined.keys.path, api.clock) as joined:
        follower.api = Api(joined, api.clock)
        assert ["kim"] == names(follower.round())


@pytest.mark.parametrize("later", [0, 1, 5], ids=["at once", "as many changes later", "more changes later"])
def test_a_token_of_before_a_backup_was_restored_is_told(api: Api, later: int) -> None:
    """What it saw is not what there is, even when the log has come to the same number again."""
    upn = api.new_user("kim")
    with api.joined.database.engine.begin() as connection:
        rows = connection.exec_driver_sql("SELECT sequence FROM directory_changes").all()
    follower = Follower(api)
    api.call("PATCH", f"/v1.0/users/{upn}", {"jobTitle": "Engineer"})
    follower.round()
    with api.joined.database.engine.begin() as connection:
        last = max(row[0] for row in rows)
        connection.exec_driver_sql(f"DELETE FROM directory_changes WHERE sequence > {last}")  # noqa: S608 - a number
        connection.exec_driver_sql(f"UPDATE change_sequences SET last_sequence = {last}")  # noqa: S608 - a number
    for number in range(later):
        api.call("PATCH", f"/v1.0/users/{upn}", {"jobTitle": f"Engineer {number}"})
    assert 410 == api.call("GET", follower.link.removeprefix(ROOT)).status


def test_who_may_follow(api: Api) -> None:
    """Applications and people with `User.Read.All`; basic permissions do not open it, nor does a person's without a role."""
    upn = api.new_user("ada")
    reader = api.user_token(api.new_user("eve", DirectoryRole.GLOBAL_READER), "User.Read.All")
    basic = api.token(api.new_application("User.ReadBasic.All"))
    tokens = [api.token(api.new_application("User.Read.All")), basic, reader, api.user_token(upn, "User.ReadBasic.All")]
    assert [200, 403, 200, 403] == [api.call("GET", FIRST, token=token).status for token in tokens]
