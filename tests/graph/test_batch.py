"""`$batch`: order, dependencies, lenient addresses, limits. Sources: surface d3, trap 15; clients 1.6."""

from __future__ import annotations

from typing import Any

import pytest

from tests.graph.served import Api

JSON = {"Content-Type": "application/json"}


def item(name: str, url: str, method: str = "GET", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """One request of a batch."""
    return {"id": name, "method": method, "url": url, **more}


def statuses(api: Api, *items: dict[str, Any]) -> dict[str, int]:
    """The statuses by id."""
    got = api.call("POST", "/v1.0/$batch", {"requests": list(items)})
    assert 200 == got.status
    return {one["id"]: one["status"] for one in got.body["responses"]}


def test_items_run_in_the_order_given(api: Api) -> None:
    """So scripts whose SDK writes `depends_on` work anyhow."""
    path = f"/users/{api.new_user('kim')}/authentication/phoneMethods"
    body = {"phoneNumber": "+1 4255550100", "phoneType": "mobile"}
    post = item("1", path, "POST", body=body, headers=JSON)
    assert {"1": 201, "2": 200} == statuses(api, post, item("2", f"{path}/3179e48a-750b-4051-897c-87b9720928f7"))


@pytest.mark.parametrize("key", ["dependsOn", "depends_on"])
def test_a_dependant_of_a_failed_item_is_not_run(api: Api, key: str) -> None:
    """424, and what depends on that one too."""
    found = statuses(
        api,
        item("1", "/users/nobody@contoso.example"),
        {**item("2", "/users"), key: ["1"]},
        {**item("3", "/users"), key: ["2"]},
        item("4", "/users"),
    )
    assert {"1": 404, "2": 424, "3": 424, "4": 200} == found


@pytest.mark.parametrize("url", ["/users", "users", "/v1.0/users", "/beta/users", "https://graph.contoso.example/v1.0/users"])
def test_addresses_are_taken_as_sdks_write_them(api: Api, url: str) -> None:
    """Relative, with the version, absolute."""
    assert {"1": 200} == statuses(api, item("1", url))


def test_an_answer_without_a_body_has_none(api: Api) -> None:
    """204 in a batch."""
    patch = item("a", f"/users/{api.new_user('kim')}", "PATCH", body={"jobTitle": "x"}, headers=JSON)
    got = api.call("POST", "/v1.0/$batch", {"requests": [patch]}).body["responses"][0]
    assert (204, False) == (got["status"], "body" in got)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("{", id="broken JSON"),
        pytest.param([], id="a list"),
        pytest.param({"requests": []}, id="empty"),
        pytest.param({"requests": [item(str(at), "/users") for at in range(21)]}, id="twenty-one"),
        pytest.param({"requests": [item("a", "/users"), item("A", "/users")]}, id="one id twice"),
        pytest.param({"requests": [item("1", "/users", "TRACE")]}, id="a method override"),
        pytest.param({"requests": [item("1", "/users", "POST", body={})]}, id="a body without its type"),
        pytest.param({"requests": ["x"]}, id="an item that is none"),
        pytest.param({"requests": [item("1", "/users", headers={"A": 1})]}, id="a header that is no text"),
    ],
)
def test_a_batch_that_cannot_be_read_is_refused_whole(api: Api, body: Any) -> None:  # noqa: ANN401 - any JSON
    """400 in Graph's shape."""
    assert 400 == api.call("POST", "/v1.0/$batch", body).status


def test_a_batch_in_a_batch_is_no_way_around_the_limit(api: Api) -> None:
    """The inner one is no path at all."""
    assert {"1": 404} == statuses(api, item("1", "/$batch", "POST", body={"requests": [item("1", "/users")]}, headers=JSON))


def test_an_item_with_a_nul_in_its_path_is_refused(api: Api) -> None:
    """The same as a request of its own would be, on either database; the items beside it are answered."""
    paths = ("/users/a%00b/authentication/phoneMethods", "/users?$top=1", "/me%0a")
    items = [{"id": str(number), "method": "GET", "url": path} for number, path in enumerate(paths)]
    got = api.call("POST", "/v1.0/$batch", {"requests": items}).body["responses"]
    assert {"0": 400, "1": 200, "2": 400} == {one["id"]: one["status"] for one in got}
    assert not api.errors
