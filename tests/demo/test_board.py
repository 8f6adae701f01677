"""The phone board, end to end: a challenge is asked over HTTP, the outbox is drained into the board, a browser answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from ringfence.application.board import KEPT, find_call, forget_old_board, ring_phone, show_text
from ringfence.application.ports.board import BoardCall, BoardText
from ringfence.application.ports.calls import CallStage
from ringfence.domain.numbers.pairs import Pair
from tests.contract.engines import empty_database
from tests.demo.boards import NUMBER, Board, Browser, board_in, does
from tests.graph.conftest import ENGINES

pytestmark = pytest.mark.slow  # a demonstration is made for each


@pytest.fixture(params=ENGINES)
def board(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Board]:
    """A demonstration, once per engine."""
    with empty_database(request.param, request, tmp_path) as url, board_in(tmp_path, url) as one:
        yield one


def test_a_text_arrives_and_its_code_is_right(board: Board) -> None:
    """On the phone of the one who was asked, with the number unmasked."""
    challenge = board.ask(board.user("Sam Smith"))
    board.deliver()
    browser = Browser(board)
    browser.open()
    assert ("Sam Smith, mobile" in browser.page, NUMBER in browser.page) == (True, True)
    code = re.findall(r"\b[0-9]{6}\b", browser.page)[0]
    assert "approved" == board.call("POST", f"/{challenge}/answer", {"code": code})["state"]


def test_nothing_that_comes_is_markup(board: Board) -> None:
    """Neither names nor texts: a company may be called what it likes."""
    board.user("Eve <b>Bold</b> & 'Co'")
    show_text(board.services, BoardText(b"t" * 16, NUMBER, '<script>alert("1")</script>', board.clock.now(), board.clock.now()))
    browser = Browser(board)
    browser.open()
    assert [] == re.findall(r"<b>|<script>|&lt;script(?!&gt;)", browser.page)
    assert "&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;" in browser.page


def test_the_page_lets_nothing_of_others_in(board: Board) -> None:
    """No script, style or form but our own; nobody frames or keeps it."""
    got = Browser(board).open()
    policy = got.headers["content-security-policy"]
    wanted = {"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"}
    assert (True, "no-store", "unsafe" in policy) == (wanted <= set(policy.split("; ")), got.headers["cache-control"], False)


@pytest.mark.parametrize(
    ("acts", "state", "said"),
    [
        (("answer", "key-#"), "approved", "approved"),
        (("answer", "key-5", "key-#", "key-#"), "approved", "approved"),
        (("answer", "key-0", "key-#", "key-1"), "denied", "reported as fraud"),
        (("answer", "key-1", "hang-up"), "denied", "hung up"),
        (("answer", "key-1"), "denied", "nothing valid was pressed"),
        (("decline",), "denied", "declined"),
        ((), "failed", "nobody answered"),
    ],
    ids=["approved", "second thoughts", "fraud", "hung up", "no key", "declined", "no answer"],
)
def test_a_call_is_answered_with_keys(board: Board, acts: tuple[str, ...], state: str, said: str) -> None:
    """And ends the challenge; the board keeps how."""
    challenge = board.ask(board.user("Tim Taylor"), "voiceMobile")
    board.deliver(*does(*acts))
    browser = Browser(board)
    browser.open()
    assert (state, True) == (board.state(challenge), f"Call: {said}" in browser.page)
    stages = [one.stage for one in board.progress]
    assert [CallStage.RINGING, *([CallStage.ANSWERED] if "answer" in acts else [])] == stages


def test_a_call_says_what_to_press(board: Board) -> None:
    """A phone that rings has two buttons; one that was answered has twelve keys, and one to hang up."""
    seen: list[list[str]] = []

    def look(browser: Browser) -> None:
        browser.open()
        seen.append(re.findall(r'name="do" value="([^"]+)"', browser.page))

    board.ask(board.user("Ute Unger"), "voiceMobile")
    board.deliver(look, *does("answer"), look)
    assert [["answer", "decline"], [*(f"key-{key}" for key in "123456789*0#"), "hang-up"]] == seen


def test_what_comes_too_late_changes_nothing(board: Board) -> None:
    """The call is over by itself, whoever called it."""
    board.ask(board.user("Val Voss"), "voiceMobile")
    browser = Browser(board)
    board.deliver(lambda _other: browser.open())
    got = browser.post({"canary": browser.hidden("canary"), "call": browser.hidden("call"), "do": "answer"})
    browser.open()
    assert (303, True) == (got.status_code, "Call: nobody answered" in browser.page)


def test_what_came_last_is_first(board: Board) -> None:
    """Then the rest by name; a phone that is answered stays where it rang, and rings no more."""
    board.user("Abe Adams", "+49 15100000001")
    board.user("Bea Bell", "+49 15100000002")
    board.ask(board.user("Cem Can", "+49 15100000003"), "voiceMobile")
    orders: list[list[str]] = []
    rings: list[bool] = []

    def look(browser: Browser) -> None:
        browser.open()
        orders.append(re.findall(r'<section id="phone-49-1510000000(.)"', browser.page))
        rings.append('class="says rings"' in browser.page)

    board.deliver(look, *does("answer"), look, *does("key-#"))
    look(Browser(board))
    assert ([["3", "1", "2"]] * 3, [True, False, False]) == (orders, rings)


def test_an_office_phone_rings_with_its_extension(board: Board) -> None:
    """Its number is shown with it, as the one phone of its owner."""
    challenge = board.ask(board.user("Wil Weber", "+49 3012345x77", Pair.OFFICE), "voiceOffice")
    board.deliver(*does("answer", "key-#"))
    browser = Browser(board)
    browser.open()
    phones = re.findall(r'<section id="([^"]+)"', browser.page)
    assert ("approved", ["phone-49-3012345x77"]) == (board.state(challenge), phones)


def test_a_second_call_finds_the_line_engaged(board: Board) -> None:
    """While the first rings or is spoken (D.4)."""
    first = BoardCall(b"1" * 16, NUMBER, board.clock.now(), board.clock.now() + timedelta(minutes=3))
    assert ring_phone(board.services, first)
    challenge = board.ask(board.user("Xia Xu"), "voiceMobile")
    board.deliver()
    assert "failed" == board.state(challenge)


def test_a_phone_that_is_nobodys_any_more_is_shown(board: Board) -> None:
    """What came to it is still to be read."""
    show_text(board.services, BoardText(b"t" * 16, "+49 15199999999", "Hello", board.clock.now(), board.clock.now()))
    browser = Browser(board)
    browser.open()
    assert (True, True) == ("phone now</h2>" in browser.page, "+49 15199999999" in browser.page)


def test_everything_goes_after_an_hour(board: Board) -> None:
    """From the page, and with the next housekeeping from the database."""
    board.ask(board.user("Yan Young"))
    board.deliver()
    board.ask("yan@contoso.example", "voiceMobile")
    board.deliver(*does("decline"))
    board.clock.time += KEPT + timedelta(seconds=31)
    browser = Browser(board)
    browser.open()
    now = board.clock.now()
    assert (0, 2, 0) == (
        len(re.findall("<li[ >]", browser.page)),
        forget_old_board(board.services, now),
        forget_old_board(board.services, now),
    )


@pytest.mark.parametrize(
    ("host", "peer", "headers"),
    [
        ("localhost:8443", "192.0.2.7", {}),
        ("localhost:8443", "127.0.0.1", {"X_Forwarded_For": "192.0.2.7"}),
        ("rebound.example:8443", "127.0.0.1", {}),
    ],
    ids=["another machine", "through a proxy", "another name"],
)
def test_others_are_told_that_there_is_nothing(board: Board, host: str, peer: str, headers: dict[str, str]) -> None:
    """Page, script and actions."""
    browser = Browser(board, host, peer)
    got = [browser.open(path, **headers) for path in ("/demo/phones", "/demo/phones/phones.js")]
    assert [404, 404, 404] == [one.status_code for one in (*got, browser.post({"do": "answer"}, **headers))]


@pytest.mark.parametrize(
    ("changed", "headers"),
    [
        ({"canary": "x" * 43}, {}),
        ({"canary": ""}, {}),
        ({}, {"Origin": "https://evil.example"}),
        ({}, {"Sec_Fetch_Site": "cross-site"}),
        ({}, {"Cookie": ""}),
    ],
    ids=["another value", "no value", "another origin", "another site", "no cookie"],
)
def test_no_other_site_answers_a_call(board: Board, changed: dict[str, str], headers: dict[str, str]) -> None:
    """A form that is not ours, or not from here, is refused, and the phone goes on ringing."""
    call = BoardCall(b"1" * 16, NUMBER, board.clock.now(), board.clock.now() + timedelta(minutes=3))
    ring_phone(board.services, call)
    browser = Browser(board)
    browser.open()
    fields = {"canary": browser.hidden("canary"), "call": browser.hidden("call"), "do": "answer"}
    assert (403, call) == (browser.post({**fields, **changed}, **headers).status_code, find_call(board.services, call.call_id))


@pytest.mark.parametrize(
    "fields", [{"call": "zz"}, {"call": "00"}, {"do": "key-A"}, {"do": "key-12"}, {"do": "explode"}, {"do": "hang-up"}], ids=str
)
def test_what_is_no_act_changes_nothing(board: Board, fields: dict[str, str]) -> None:
    """Nor is it an error: the page is shown again."""
    call = BoardCall(b"1" * 16, NUMBER, board.clock.now(), board.clock.now() + timedelta(minutes=3))
    ring_phone(board.services, call)
    got = Browser(board).do(**{"act": "answer", **{"act" if name == "do" else name: value for name, value in fields.items()}})
    assert (303, call) == (got.status_code, find_call(board.services, call.call_id))
