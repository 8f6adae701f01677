"""From the challenge to the message centre and back: the worker as a process, killed and starved, over both engines."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from ringfence.application.mfa.answers import answer_challenge
from ringfence.application.mfa.blocked_users import blocked_until
from ringfence.application.mfa.challenges import CreateChallenge, create_challenge, show_challenge
from ringfence.application.mfa.found import public_id
from ringfence.application.mfa.telephony import allow_prefixes, set_limits
from ringfence.application.phones import RegisterPhone, register_phone
from ringfence.application.ports.outbox import LEASE
from ringfence.application.ports.telephony import MessageState
from ringfence.domain.identity.sign_ins import Attempt, ClientApp
from ringfence.domain.numbers.pairs import Pair
from ringfence.domain.signin.challenge import LIFE, AnswerResult, Challenge, ChallengeMethod
from ringfence.domain.signin.send_guard import Scope
from ringfence.domain.signin.transitions import State
from tests.api.test_texts import BY
from tests.conftest import need
from tests.contract.deployments import TENANT
from tests.docs.documents import ROOT
from tests.graph.served import ADMIN, Api
from tests.graph.served import served as served_api
from tests.servers.sipp import callee, takes_it
from tests.servers.smsc import PASSWORD, USER, Event, MessageCentre, message_centre

pytestmark = pytest.mark.slow  # for they need a server beyond PostgreSQL
_SECONDS: Final = 30
_APP: Final = b"a" * 16


class Post(NamedTuple):
    """A deployment with a message centre."""

    api: Api
    folder: Path
    database: str
    centre: MessageCentre

    def users(self, count: int, first: int = 500) -> list[str]:
        """Users, each with a number of their own."""
        names = [self.api.new_user(f"user{number}") for number in range(first, first + count)]
        for number, name in enumerate(names, first):
            command = RegisterPhone(name, Pair.MOBILE, f"+49 15112345{number}", ADMIN)
            register_phone(self.api.joined.services, TENANT, command, self.api.clock.now())
        return names

    def ask(self, user: str, method: ChallengeMethod = ChallengeMethod.SMS) -> Challenge:
        """Text a code to a user, or call them."""
        attempt = Attempt(_APP, "shop", ClientApp.NATIVE, None, b"c" * 16)
        command = CreateChallenge(user, "sign-in", method)
        made = create_challenge(self.api.identity, TENANT, attempt, command, self.api.clock.now())
        assert isinstance(made, Challenge)
        return made

    def answer(self, challenge: Challenge, code: str) -> AnswerResult:
        """Give the code."""
        attempt = Attempt(_APP, "shop", ClientApp.NATIVE, None, b"c" * 16)
        return answer_challenge(self.api.identity, TENANT, attempt, (public_id(challenge), code), self.api.clock.now()).result

    @contextlib.contextmanager
    def worker(self, later: timedelta = timedelta(0), calls: str = "") -> Iterator[subprocess.Popen[bytes]]:
        """A worker whose clock goes on from so much later; `calls` is what its file says of them."""
        senders = self.folder / "senders.toml"
        senders.write_text(
            f'[senders.main]\nkind = "smpp"\nhost = "127.0.0.1"\nport = {self.centre.port}\n'
            f'system_id = "{USER}"\npassword = "{PASSWORD}"\nsource = "Contoso"\n{calls}',
            "utf-8",
        )
        given = {
            "database": self.database,
            "key_file": str(self.folder / "key"),
            "senders": str(senders),
            "begins_at": (self.api.clock.now() + later).isoformat(),
        }
        process = subprocess.Popen([sys.executable, "-m", "tests.delivery.outbox_worker", json.dumps(given)], cwd=ROOT)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(_SECONDS)

    def stands(self, challenge: Challenge) -> State:
        """Where the challenge stands."""
        return show_challenge(self.api.identity, TENANT, _APP, public_id(challenge)).state

    def states(self) -> Counter[MessageState]:
        """How many messages there are in each state."""
        with self.api.joined.services.store.snapshot() as unit:
            return Counter({state: count for _, state, count in unit.messages.count_by_state(TENANT, self.api.clock.now())})


@pytest.fixture
def post(request: pytest.FixtureRequest, tmp_path: Path, engine: str) -> Iterator[Post]:
    """One, on the engine of the test."""
    url = f"sqlite:///{tmp_path}/ringfence.db" if engine == "sqlite" else request.getfixturevalue("postgres_url")
    with served_api(url, tmp_path / "key") as api, message_centre(tmp_path) as centre:
        allow_prefixes(api.joined.services, TENANT, ["49"], BY)
        set_limits(api.joined.services, TENANT, dict.fromkeys(Scope, 10_000), BY)
        yield Post(api, tmp_path, url, centre)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    """The engine."""
    return str(request.param)


def _code(event: Event) -> str:
    return str(re.findall("[0-9]{6}", str(event["text"]))[0])


def test_a_code_arrives_and_is_right(post: Post) -> None:
    """In one short message, which is not valid for longer than the code."""
    (user,) = post.users(1)
    challenge = post.ask(user)
    with post.worker():
        (text,) = post.centre.wait_for("submit")
        _until(lambda: Counter({MessageState.DELIVERED: 1}) == post.states())
    assert ("4915112345500", "", True) == (text["number"], text["header"], text["secondsLeft"] <= LIFE.total_seconds())
    assert AnswerResult.APPROVED is post.answer(challenge, _code(text))


def test_a_receipt_updates_message_and_challenge(post: Post) -> None:
    """The number 104 is one where nothing arrives."""
    post.ask(post.users(1, 104)[0])
    with post.worker():
        post.centre.wait_for("submit")
        _until(lambda: Counter({MessageState.FAILED: 1}) == post.states())


def _until(is_so: object) -> None:
    assert callable(is_so)
    assert any(is_so() for _ in _patiently()), "it did not come to that"


def _patiently() -> Iterator[None]:
    """Give the other process its time."""
    for _ in range(_SECONDS * 20):
        yield
        threading.Event().wait(0.05)


def test_killed_in_the_middle(post: Post) -> None:
    """No text is lost; only what was in hand goes out twice, and that with the same code."""
    users = post.users(300)
    for user in users:
        post.ask(user)
    with post.worker() as process:
        post.centre.wait_for("submit", 40)
        process.kill()
        process.wait(_SECONDS)
    in_hand = post.states()[MessageState.CLAIMED]
    with post.worker(later=LEASE + timedelta(seconds=1)):
        _until(lambda: post.states()[MessageState.PENDING] + post.states()[MessageState.CLAIMED] == 0)
    texts = Counter((event["number"], event["text"]) for event in post.centre.events("submit"))
    assert len(users) == len(texts) == len({number for number, _ in texts})
    twice = [text for text, count in texts.items() if count > 1]
    assert (len(twice) <= in_hand, max(texts.values()) <= 2) == (True, True), (len(twice), in_hand)


def test_what_is_dead_is_not_sent(post: Post) -> None:
    """A worker that comes when the codes are over sends none of them."""
    for user in post.users(5):
        post.ask(user)
    with post.worker(later=LIFE):
        _until(lambda: Counter({MessageState.FAILED: 5}) == post.states())
    assert [] == post.centre.events("submit")


def test_a_centre_that_goes_and_comes_back(post: Post) -> None:
    """The texts wait, and go out by themselves when it is there again."""
    post.ask(post.users(1)[0])
    with post.worker():
        post.centre.wait_for("submit")
        post.centre.kill()
        post.ask(post.users(1, 600)[0])
        _until(lambda: post.states()[MessageState.PENDING] == 1)
        with message_centre(post.folder, post.centre.port) as again:
            again.wait_for("submit", 1, lambda event: event["number"].endswith("600"))


def test_two_workers_share_the_work(post: Post) -> None:
    """Every text goes out once."""
    users = post.users(200)
    for user in users:
        post.ask(user)
    with post.worker(), post.worker():
        _until(lambda: post.states()[MessageState.SENT] + post.states()[MessageState.DELIVERED] == len(users))
    assert {1} == set(Counter(event["number"] for event in post.centre.events("submit")).values())


@pytest.mark.parametrize(("presses", "expected"), [(("#",), State.APPROVED), (("0", "#", 300, "1"), State.DENIED)])
def test_a_call_rings_for_real(post: Post, presses: tuple[str | int, ...], expected: State) -> None:
    """Placed by the worker over SIP, with what espeak-ng says; the keys end the challenge, and `0#` blocks the user."""
    need(shutil.which("sipp") and shutil.which("espeak-ng"), "SIPp and espeak-ng")
    (user,) = post.users(1)
    challenge = post.ask(user, ChallengeMethod.VOICE_MOBILE)
    with callee(post.folder, takes_it(*presses, listens_ms=1000)) as phone:
        trunk = (
            f'[callers.trunk]\nkind = "sip"\ntrunk = "127.0.0.1:{phone.port}"\ncaller_id = "+4930123456"\n'
            'transport = "udp"\nencryption = "off"\n[sip]\ninterface = "127.0.0.1"\n'
        )
        with post.worker(calls=trunk):
            _until(lambda: not post.stands(challenge).is_open)
        assert (expected, "") == (post.stands(challenge), phone.verdict())
    with post.api.joined.services.store.snapshot() as unit:
        is_blocked = blocked_until(unit, TENANT, challenge.user_id, post.api.clock.now() + timedelta(minutes=1)) is not None
    assert (expected is State.DENIED) is is_blocked
