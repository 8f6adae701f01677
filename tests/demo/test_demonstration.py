"""What makes a demonstration: the board starts nowhere else, and works over two processes where it does."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import pytest
from falcon import testing

from ringfence.application.ports.calls import CallEnd, VoiceCall
from ringfence.application.ports.delivery import RefusalReason, Refused, SendOutcome, TextMessage
from ringfence.bootstrap import demonstration_of, senders_of
from ringfence.demo.board_senders import BoardCaller, BoardTexts
from ringfence.domain.errors import ErrorCode, InvalidError
from ringfence.domain.signin.challenge import Channel
from ringfence.serving import build_web, open_drain
from ringfence.settings import ServerSettings, Settings
from tests.demo.boards import NUMBER, Board, Browser, board_in, settings_of
from tests.servers.ringfence import deployed, run, serving

_CHANGES: Final = [
    pytest.param({"is_demo": False}, id="no demonstration"),
    pytest.param({"server": ServerSettings(host="0.0.0.0")}, id="every address"),  # noqa: S104 - refused
    pytest.param({"server": ServerSettings(host="192.0.2.7")}, id="another address"),
    pytest.param({"server": ServerSettings(host="example.org")}, id="a name"),
]


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    """A demonstration."""
    with board_in(tmp_path, f"sqlite:///{tmp_path}/r.db") as one:
        yield one


def _refusal(changed: Settings, board: Board) -> tuple[ErrorCode, ErrorCode, ErrorCode]:
    """What the places say where the board would begin: the senders, the worker and the channels."""
    with pytest.raises(InvalidError) as senders:
        senders_of(changed, board.services)
    with pytest.raises(InvalidError) as worker:
        open_drain(changed, board.deployment)
    with pytest.raises(InvalidError) as demonstration:
        demonstration_of(changed, board.services)
    return senders.value.code, worker.value.code, demonstration.value.code


@pytest.mark.parametrize("change", _CHANGES)
def test_the_board_starts_nowhere_else(board: Board, tmp_path: Path, change: dict[str, object]) -> None:
    """Neither its senders nor its page."""
    changed = replace(settings_of(tmp_path, board.deployment.database), **change)  # type: ignore[arg-type]
    assert {ErrorCode.DEMO_ONLY} == set(_refusal(changed, board))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_it_starts_on_this_machine(board: Board, tmp_path: Path, host: str) -> None:
    """Under each of its names; it sends texts and calls."""
    changed = replace(settings_of(tmp_path, board.deployment.database), server=ServerSettings(host=host))
    plan = senders_of(changed, board.services)
    assert plan is not None
    assert (True, True, frozenset({Channel.SMS, Channel.VOICE})) == (plan.sends_texts, plan.calls, board.deployment.channels())


def test_without_the_setting_there_is_no_page(board: Board, tmp_path: Path) -> None:
    """A deployment like any other has nothing there."""
    changed = replace(settings_of(tmp_path, board.deployment.database), is_demo=False, senders=None)
    client = testing.TestClient(build_web(board.deployment, changed))
    got = [client.simulate_get(f"/demo/phones{more}", headers={"Host": "localhost"}) for more in ("", "/phones.js")]
    assert [404, 404] == [one.status_code for one in got]


@pytest.mark.slow
@pytest.mark.parametrize("role", ["all", "web", "worker"])
def test_the_server_says_what_is_wrong(tmp_path: Path, role: str) -> None:
    """Before it serves anything, in each of its roles."""
    environment = _demo(tmp_path) | {"RINGFENCE_LISTEN": "0.0.0.0:8443"}
    command = [sys.executable, "-m", "ringfence", "serve", "--role", role]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (2, True) == (done.returncode, "The phone board shows codes to everybody" in done.stderr), done.stderr


def _demo(folder: Path) -> dict[str, str]:
    """The environment of a demonstration in a folder."""
    senders = folder / "senders.toml"
    senders.write_text('[senders.board]\nkind = "phone-board"\n', "utf-8")
    return deployed(folder) | {"RINGFENCE_DEMO": "true", "RINGFENCE_SENDERS": str(senders)}


class _Curl:
    """What asks a served deployment as a person at this machine would."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self._root = f"https://localhost:{environment['RINGFENCE_LISTEN'].rpartition(':')[2]}"
        self._always = ["curl", "-sS", "--retry", "20", "--retry-connrefused", "--cacert", str(folder / "tls" / "ca.pem")]
        self._jar = ["-b", str(folder / "jar"), "-c", str(folder / "jar")]

    def __call__(self, path: str, *more: str) -> str:
        command = [*self._always, *self._jar, *more, f"{self._root}{path}"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def page_with(self, found: str) -> str:
        """The board, once something is on it."""
        for _ in range(300):
            page = self("/demo/phones")
            if found in page:
                return page
            threading.Event().wait(0.05)
        raise AssertionError(page)


@pytest.mark.slow
def test_two_processes_share_the_board(tmp_path: Path) -> None:
    """One answers requests, the other sends: a text arrives, and a call is answered with keys."""
    environment = _demo(tmp_path)
    run(environment, "telephony", "allow", "49")
    run(environment, "user", "create", "sam@contoso.example", "--display-name", "Sam")
    run(environment, "phone", "set", "sam@contoso.example", "mobile", NUMBER)
    run(environment, "app", "create", "shop", "--permission", "Mfa.Challenge")
    token = str(run(environment, "token", "--app", "shop")["accessToken"])
    with serving(environment, "--role", "web"), serving(environment, "--role", "worker"):
        curl = _Curl(environment, tmp_path)
        states = [_approve(curl, token, method) for method in ("sms", "voiceMobile")]
    assert ["approved", "approved"] == states


def _approve(curl: _Curl, token: str, method: str) -> str:
    sent = ["-H", f"Authorization: Bearer {token}", "-H", "Content-Type: application/json"]
    body = json.dumps({"user": "sam@contoso.example", "purpose": "pay", "method": method})
    challenge = f"/mfa/v1/challenges/{json.loads(curl('/mfa/v1/challenges', *sent, '-d', body))['id']}"
    if method == "sms":
        code = re.findall(r"\b[0-9]{6}\b", curl.page_with("Your code for "))[0]
        return str(json.loads(curl(f"{challenge}/answer", *sent, "-d", json.dumps({"code": code})))["state"])
    for act, shown in (("answer", "The phone rings"), ("key-#", "Press # to approve")):
        fields = {**_hidden(curl.page_with(shown)), "do": act}
        curl("/demo/phones", *(word for name, value in fields.items() for word in ("--data-urlencode", f"{name}={value}")))
    curl.page_with("Call: approved")
    return str(json.loads(curl(challenge, *sent))["state"])


def _hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]+)">', page))


class _Outline(HTMLParser):
    """What a screen reader goes by."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def values(self, name: str) -> list[str]:
        """Of an attribute, on whatever it stands."""
        return [value for _, attributes in self.tags if (value := attributes.get(name))]


def test_the_page_is_one_for_screen_readers(board: Board) -> None:
    """A language, one heading of the first rank, a name for each phone, no id twice, keys in a group of their own."""
    for number, name in enumerate(("Sam Smith", "Tim Taylor")):
        board.user(name, f"+49 1511234567{number}")
    board.ask("sam@contoso.example", "voiceMobile")
    pages: list[str] = []
    board.deliver(lambda browser: browser.open(), lambda browser: browser.do("answer"), lambda browser: _keep(browser, pages))
    outline = _Outline(pages[0])
    tags = Counter(tag for tag, _ in outline.tags)
    ids = outline.values("id")
    assert (1, 1, 2, 2, 1, 1) == tuple(tags[name] for name in ("h1", "main", "section", "h2", "fieldset", "legend"))
    assert (["en"], len(ids), True) == (outline.values("lang"), len(set(ids)), set(outline.values("aria-labelledby")) <= set(ids))


def _keep(browser: Browser, pages: list[str]) -> None:
    browser.open()
    pages.append(browser.page)


def _text(board: Board, text: str, lasts: int) -> SendOutcome:
    message = TextMessage(b"m" * 16, NUMBER, text, board.clock.now() + timedelta(seconds=lasts))
    return asyncio.run(BoardTexts(board.demonstration).send(message, board.clock.now()))


def test_texts_that_no_phone_gets(board: Board) -> None:
    """Too late, empty, or no text."""
    outcomes = [_text(board, "Code", 0), *(_text(board, text, 60) for text in ("", "\ud800", "a\x00b"))]
    reasons = [outcome.reason for outcome in outcomes if isinstance(outcome, Refused)]
    assert [RefusalReason.EXPIRED, *[RefusalReason.CONTENT] * 3] == reasons


def test_calls_end_with_their_sender(board: Board) -> None:
    """As if their time were over; and one that comes too late rings nowhere."""

    async def placed() -> tuple[object, object]:
        begun = asyncio.Event()
        caller = BoardCaller(board.demonstration, lambda _: begun.set(), lambda: asyncio.sleep(0))
        call = VoiceCall(b"c" * 16, NUMBER, "en", board.clock.now() + timedelta(minutes=3))
        under_way = asyncio.create_task(caller.place(call, board.clock.now()))
        await begun.wait()
        await caller.stop()
        return await under_way, await caller.place(call, call.expires_at)

    assert (CallEnd.NO_ANSWER, Refused(RefusalReason.EXPIRED)) == asyncio.run(placed())
