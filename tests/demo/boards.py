"""A demonstration for tests: the whole web application over a deployment, its outbox, and a browser on its phone board."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from falcon import testing

from ringfence.application.identity.applications import CreateApplication, create_application
from ringfence.application.identity.issue import TokenIssuer
from ringfence.application.identity.keyring import Keyring
from ringfence.application.identity.people import CreateUser, create_user
from ringfence.application.identity.tokens import Issuer
from ringfence.application.mfa.outbox import SqlOutbox
from ringfence.application.phones import RegisterPhone, register_phone
from ringfence.application.ports.calls import CallProgress, VoiceCall
from ringfence.application.tenancy import initialise_tenant
from ringfence.bootstrap import create_deployment, demonstration_of
from ringfence.demo.board_senders import BoardCaller, BoardTexts
from ringfence.domain.directory.records import DirectoryRecord
from ringfence.domain.identity.profiles import Profile
from ringfence.domain.numbers.pairs import Pair
from ringfence.domain.policy.own_permissions import CHALLENGE
from ringfence.serving import build_web
from ringfence.settings import Settings
from ringfence.storage.engine import Database
from tests.application.fakes import FakeClock
from tests.contract.clocks import IN_WINDOW
from tests.contract.deployments import TENANT
from tests.contract.schemas import put_schema
from tests.graph.served import ADMIN

NUMBER: Final = "+49 15112345678"
_COOKIE: Final = "__Host-ringfence-board"
Person = Callable[["Browser"], object]
"""What somebody does with a phone, once."""


class Board:
    """A demonstration, and a clock in the test's hand."""

    def __init__(self, settings: Settings) -> None:
        """Make it, with one application that may ask for second proofs."""
        self.clock = FakeClock(IN_WINDOW)
        database = Database(settings.database)
        put_schema(database)
        database.dispose()
        self.deployment = create_deployment(settings, self.clock)
        self.services = self.deployment.services
        now = self.clock.now()
        tenant, _ = initialise_tenant(self.services, self.deployment.keys, "contoso.example", now, "49")
        self.identity = self.deployment.identity()
        app = create_application(self.services, TENANT, CreateApplication("shop", (CHALLENGE,), ()), now).application
        root = f"https://localhost:8443/{uuid.UUID(bytes=tenant.directory_id)}/v2.0"
        issuer = Issuer(root, tenant.directory_id)
        self.token = TokenIssuer(self.identity, Keyring(self.identity)).for_application(issuer, app, now).access
        self.client = testing.TestClient(build_web(self.deployment, settings))
        self.demonstration = demonstration_of(settings, self.services)
        self.outbox = SqlOutbox(self.identity)
        self.progress: list[CallProgress] = []

    def user(self, name: str, number: str = NUMBER, pair: Pair = Pair.MOBILE) -> str:
        """Somebody with a phone."""
        upn = f"{name.partition(' ')[0].lower()}@contoso.example"
        command = CreateUser(DirectoryRecord(0, upn=upn, display_name=name), Profile(), None, False, ADMIN)  # noqa: FBT003
        create_user(self.identity, TENANT, command, self.clock.now())
        register_phone(self.services, TENANT, RegisterPhone(upn, pair, number, ADMIN), self.clock.now())
        return upn

    def call(self, verb: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """What the API says to the application."""
        headers = {"Authorization": f"Bearer {self.token}", "Host": "localhost:8443"}
        return self.client.simulate_request(verb, f"/mfa/v1/challenges{path}", json=body, headers=headers).json

    def ask(self, user: str, method: str = "sms") -> str:
        """Ask somebody for a second proof; the challenge's id."""
        return str(self.call("POST", "", {"user": user, "purpose": "sign-in", "method": method})["id"])

    def state(self, challenge: str) -> str:
        """How it stands."""
        return str(self.call("GET", f"/{challenge}")["state"])

    def deliver(self, *people: Person) -> None:
        """Drain the outbox once into the board; during a call the people do one thing after the other, then time runs out."""
        acts = iter(people)

        async def pause() -> None:
            act = next(acts, None)
            if act is None:
                self.clock.time += timedelta(seconds=10)
            else:
                await asyncio.to_thread(act, Browser(self))

        texts, calls = BoardTexts(self.demonstration), BoardCaller(self.demonstration, self.progress.append, pause)
        for one in self.outbox.take(self.clock.now(), 100):
            sender = calls.place(one.what, self.clock.now()) if isinstance(one.what, VoiceCall) else None
            outcome = asyncio.run(sender if sender is not None else texts.send(one.what, self.clock.now()))  # type: ignore[arg-type]
            self.outbox.settle([(one, outcome)], self.clock.now())


class Browser:
    """Somebody who looks at the board from this machine."""

    def __init__(self, board: Board, host: str = "localhost:8443", peer: str = "127.0.0.1") -> None:
        """Open it."""
        self.board = board
        self.headers = {"Host": host}
        self.peer = peer
        self.page = ""

    def open(self, path: str = "/demo/phones", **headers: str) -> testing.Result:
        """Look."""
        sent = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        got = self.board.client.simulate_get(path, headers=sent, remote_addr=self.peer)
        if _COOKIE in got.cookies:
            self.headers["Cookie"] = f"{_COOKIE}={got.cookies[_COOKIE].value}"
        self.page = got.text
        return got

    def hidden(self, name: str) -> str:
        """The value of a hidden field."""
        found = re.search(f'name="{name}" value="([^"]+)"', self.page)
        return "" if found is None else found[1]

    def do(self, act: str, **changed: str) -> testing.Result:
        """Push a button of the phone that is live."""
        self.open()
        fields = {"canary": self.hidden("canary"), "call": self.hidden("call"), "do": act, **changed}
        return self.post(fields)

    def post(self, fields: dict[str, str], **headers: str) -> testing.Result:
        """Send a form."""
        sent = {**self.headers, "Content-Type": "application/x-www-form-urlencoded"}
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        return self.board.client.simulate_post("/demo/phones", body=urlencode(fields), headers=sent, remote_addr=self.peer)


def does(*acts: str) -> list[Person]:
    """Push these buttons, a look of the caller's between each."""

    def pushing(act: str) -> Person:
        def push(browser: Browser) -> None:
            assert 303 == browser.do(act).status_code

        return push

    return [pushing(act) for act in acts]


def settings_of(folder: Path, database: str) -> Settings:
    """The settings of a demonstration."""
    senders = folder / "senders.toml"
    senders.write_text('[senders.board]\nkind = "phone-board"\n', "utf-8")
    return Settings(database=database, key_file=folder / "key", senders=senders, is_demo=True)


@contextmanager
def board_in(folder: Path, database: str) -> Iterator[Board]:
    """One, in this folder and on this database."""
    board = Board(settings_of(folder, database))
    yield board
    board.deployment.dispose()
