"""Challenges over HTTP: asked, answered once, counted, locked; and nobody can tell who exists."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, NamedTuple

import pytest

from ringfence.application.identity.people import delete_user
from ringfence.application.mfa.answers import answer_challenge
from ringfence.domain.identity.sign_ins import Attempt, ClientApp
from ringfence.domain.methods.oath import OathToken, code_of, read_secret, step_at
from ringfence.domain.policy.own_permissions import CHALLENGE, WRITE_METHODS
from ringfence.domain.signin.challenge import AnswerResult
from ringfence.domain.signin.lockout import FAILURES
from tests.contract.deployments import TENANT
from tests.graph.served import ADMIN, Api, Reply

PATH: Final = "/mfa/v1/challenges"
SHAPE: Final = {"id", "method", "purpose", "state", "contact", "createdAt", "expiresAt", "resendAt"}


class App:
    """An application that asks, and what its users' apps show."""

    def __init__(self, api: Api, *permissions: str) -> None:
        """Register it."""
        self.api = api
        self.application = api.new_application(*(permissions or (CHALLENGE, WRITE_METHODS)))

    def call(self, verb: str, path: str, body: Any = None) -> Reply:  # noqa: ANN401 - JSON
        """Ask as this application."""
        return self.api.call(verb, path, body, self.api.token(self.application))

    def enrol(self, user: str, **body: Any) -> OathToken:  # noqa: ANN401 - JSON
        """An app for a user."""
        got = self.call("POST", f"/mfa/v1/users/{user}/software-oath", body)
        assert 201 == got.status, got.body
        seed = read_secret(got.body["secretKey"])
        assert seed is not None
        return OathToken(seed)

    def challenge(self, user: str) -> str:
        """A new challenge's id."""
        got = self.call("POST", PATH, {"user": user, "purpose": "sign-in"})
        assert (201, SHAPE) == (got.status, set(got.body)), got.body
        return str(got.body["id"])

    def answer(self, challenge: str, code: str) -> Reply:
        """Give a code."""
        return self.call("POST", f"{PATH}/{challenge}/answer", {"code": code})

    def state(self, challenge: str) -> str:
        """Where it stands."""
        return str(self.call("GET", f"{PATH}/{challenge}").body["state"])

    def shown(self, token: OathToken, ahead: int = 0) -> str:
        """The code that the user's app shows, or will show so many steps ahead."""
        return code_of(token, step_at(self.api.clock.now(), token.period) + ahead)

    def wrong(self, *tokens: OathToken) -> str:
        """A code that no app shows about now."""
        right = {self.shown(token, ahead) for token in tokens for ahead in range(-3, 4)}
        return next(code for number in range(100) if (code := f"{number:06d}") not in right)


class Kim(NamedTuple):
    """A user with an app, and the application that asks for its codes."""

    app: App
    upn: str
    token: OathToken


@pytest.fixture
def kim(api: Api) -> Kim:
    """Her."""
    app, upn = App(api), api.new_user("kim")
    return Kim(app, upn, app.enrol(upn))


def test_a_right_code_approves(kim: Kim) -> None:
    """And the challenge is over."""
    challenge = kim.app.challenge(kim.upn)
    assert "pending" == kim.app.state(challenge)
    got = kim.app.answer(challenge, kim.app.shown(kim.token))
    assert (200, "approved") == (got.status, got.body["state"])
    again = kim.app.answer(challenge, kim.app.shown(kim.token, 1))
    assert (410, "challengeOver", "approved") == (again.status, again.code, kim.app.state(challenge))


@pytest.mark.parametrize(("ahead", "status"), [(-2, 403), (-1, 200), (0, 200), (1, 200), (2, 403)])
def test_the_window(kim: Kim, ahead: int, status: int) -> None:
    """One step to either side (D.7)."""
    assert status == kim.app.answer(kim.app.challenge(kim.upn), kim.app.shown(kim.token, ahead)).status


def test_no_code_serves_twice(kim: Kim) -> None:
    """Not for another challenge, nor one of a step before."""
    first, second = kim.app.challenge(kim.upn), kim.app.challenge(kim.upn)
    assert 200 == kim.app.answer(first, kim.app.shown(kim.token)).status
    got = [kim.app.answer(second, kim.app.shown(kim.token, ahead)) for ahead in (0, -1)]
    assert [(403, "codeAlreadyUsed"), (403, "incorrectCode")] == [(one.status, one.code) for one in got]
    assert 200 == kim.app.answer(second, kim.app.shown(kim.token, 1)).status


def test_wrong_codes_lock_the_method_over_all_challenges(kim: Kim) -> None:
    """AuthQuake counted them by session: here each is given in another one, and for another application."""
    other = App(kim.app.api)
    for number in range(FAILURES):
        app = (kim.app, other)[number % 2]
        got = app.answer(app.challenge(kim.upn), kim.app.wrong(kim.token))
    assert (429, "tooManyWrongCodes", "900") == (got.status, got.code, got.headers["retry-after"])
    challenge = kim.app.challenge(kim.upn)
    assert (429, "locked") == (kim.app.answer(challenge, kim.app.shown(kim.token)).status, kim.app.state(challenge))
    kim.app.api.later(900)
    assert 200 == kim.app.answer(kim.app.challenge(kim.upn), kim.app.shown(kim.token)).status


def test_a_right_code_forgives(kim: Kim) -> None:
    """The count begins again."""
    for ahead in (0, 1):
        for _ in range(FAILURES - 1):
            assert 403 == kim.app.answer(kim.app.challenge(kim.upn), kim.app.wrong(kim.token)).status
        assert 200 == kim.app.answer(kim.app.challenge(kim.upn), kim.app.shown(kim.token, ahead)).status


def test_a_challenge_expires(kim: Kim) -> None:
    """After three minutes, whether or not anybody noted it; checked when it is answered."""
    challenge = kim.app.challenge(kim.upn)
    kim.app.api.later(179)
    assert "pending" == kim.app.state(challenge)
    kim.app.api.later(1)
    assert "expired" == kim.app.state(challenge)
    got = kim.app.answer(challenge, kim.app.shown(kim.token))
    assert (410, "challengeExpired") == (got.status, got.code)


def _nobody(kim: Kim) -> str:
    return f"nobody-{kim.token.seed.hex()[:4]}@contoso.example"


def _without_an_app(kim: Kim) -> str:
    return kim.app.api.new_user("lee")


def _disabled(kim: Kim) -> str:
    upn = kim.app.api.new_user("max")
    kim.app.enrol(upn)
    kim.app.api.call("PATCH", f"/v1.0/users/{upn}", {"accountEnabled": False})
    return upn


@pytest.mark.parametrize("whose", [_nobody, _without_an_app, _disabled, lambda _kim: "+49 151"])
def test_who_cannot_answer_is_treated_like_who_can(kim: Kim, whose: Any) -> None:  # noqa: ANN401 - a function of the table
    """The same documents, the same refusals, the same lock (lessons: Authy, Keycloak)."""
    name = whose(kim)
    for user in (kim.upn, name):
        got = [kim.app.answer(kim.app.challenge(user), kim.app.wrong(kim.token)) for _ in range(FAILURES + 1)]
        expected = [(403, "incorrectCode")] * (FAILURES - 1) + [(429, "tooManyWrongCodes")] * 2
        assert expected == [(one.status, one.code) for one in got]


def test_who_is_deleted_meanwhile_answers_nothing(kim: Kim) -> None:
    """Disabled or deleted in the directory means at once (lessons: Duo)."""
    challenge = kim.app.challenge(kim.upn)
    delete_user(kim.app.api.joined.services, TENANT, kim.upn, ADMIN, kim.app.api.clock.now())
    got = kim.app.answer(challenge, kim.app.shown(kim.token))
    assert (403, "incorrectCode") == (got.status, got.code)


def test_a_challenge_is_its_applications_own(kim: Kim) -> None:
    """Another one with the permission neither sees nor answers it."""
    challenge, other = kim.app.challenge(kim.upn), App(kim.app.api)
    got = [other.call("GET", f"{PATH}/{challenge}"), other.answer(challenge, kim.app.shown(kim.token))]
    assert [(404, "challengeUnknown")] * 2 == [(one.status, one.code) for one in got]
    assert 200 == kim.app.answer(challenge, kim.app.shown(kim.token)).status


@pytest.mark.parametrize("name", ["", "x", "A" * 22, "A" * 44, "ä", "../users", "%00", "A" * 5000])
def test_what_is_no_challenge(kim: Kim, name: str) -> None:
    """404, and nothing is counted."""
    got = kim.app.call("POST", f"{PATH}/{name}/answer", {"code": "1"})
    assert got.status in {404, 400}, got.body


def test_every_answer_is_a_sign_in(kim: Kim) -> None:
    """With the number behind AADSTS."""
    challenge = kim.app.challenge(kim.upn)
    kim.app.answer(challenge, kim.app.wrong(kim.token))
    kim.app.answer(challenge, kim.app.shown(kim.token))
    lines = kim.app.api.call("GET", "/v1.0/auditLogs/signIns").body["value"]
    codes = sorted((line["userPrincipalName"], line["status"]["errorCode"]) for line in lines)
    assert [(kim.upn, 0), (kim.upn, 500121)] == codes


@pytest.mark.parametrize(
    ("permissions", "verb", "path", "status", "code"),
    [
        pytest.param((WRITE_METHODS,), "POST", PATH, 403, "permissionDenied", id="no permission to ask"),
        pytest.param((WRITE_METHODS,), "GET", f"{PATH}/x", 403, "permissionDenied", id="nor to look"),
        pytest.param((WRITE_METHODS,), "POST", f"{PATH}/x/answer", 403, "permissionDenied", id="nor to answer"),
        pytest.param((CHALLENGE,), "POST", "/mfa/v1/users/kim/software-oath", 403, "permissionDenied", id="nor to enrol"),
    ],
)
def test_permissions(api: Api, permissions: tuple[str, ...], verb: str, path: str, status: int, code: str) -> None:
    """A refusal names the one that is missing."""
    got = App(api, *permissions).call(verb, path, {})
    assert (status, code, True) == (got.status, got.code, bool(got.body["error"]["requiredPermissions"]))


def test_people_s_tokens_are_not_enough(api: Api) -> None:
    """Not even with the scope of that name; and none is not either."""
    person = api.user_token(api.new_user("kim"), CHALLENGE)
    got = [api.call("POST", PATH, {"user": "kim", "purpose": "x"}, token) for token in (person, "", "x.y.z")]
    assert [403, 401, 401] == [one.status for one in got]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param({}, 400, "invalidBody", id="nothing"),
        pytest.param({"user": "kim"}, 400, "invalidBody", id="no purpose"),
        pytest.param({"user": "kim", "purpose": ""}, 400, "invalidPurpose", id="an empty purpose"),
        pytest.param({"user": "kim", "purpose": "x" * 65}, 400, "invalidPurpose", id="a long purpose"),
        pytest.param({"user": "kim", "purpose": "a\nb"}, 400, "invalidPurpose", id="a purpose in two lines"),
        pytest.param({"user": "kim", "purpose": "\x1cpay"}, 400, "invalidPurpose", id="a control character, which is no blank"),
        pytest.param({"user": "kim", "purpose": "  "}, 400, "invalidPurpose", id="blanks"),
        pytest.param({"user": 7, "purpose": "x"}, 400, "invalidBody", id="a number for a user"),
        pytest.param({"user": "kim", "purpose": "x", "method": "pigeon"}, 400, "invalidMethod", id="another method"),
        pytest.param({"user": "kim", "purpose": "x", "code": "1"}, 400, "invalidBody", id="an unknown property"),
        pytest.param([1], 400, "invalidBody", id="a list"),
        pytest.param(b"{", 400, "invalidBody", id="broken JSON"),
        pytest.param(b"\xff", 400, "invalidBody", id="no UTF-8"),
        pytest.param({"user": "k\x00im", "purpose": "x"}, 201, None, id="NUL in a name is nobody's"),
        pytest.param({"user": "x" * 100_000, "purpose": "x"}, 201, None, id="a long name is nobody's"),
    ],
)
def test_bodies(api: Api, body: Any, status: int, code: str | None) -> None:  # noqa: ANN401 - JSON
    """A clear refusal."""
    got = App(api).call("POST", PATH, body)
    assert (status, code) == (got.status, None if code is None else got.code), got.body


@pytest.mark.parametrize("code", ["", " ", "1", "x" * 10_000, "\x00", "\uff11\uff12\uff13\uff14\uff15\uff16"])
def test_codes_of_any_kind_are_wrong_codes(kim: Kim, code: str) -> None:
    """Counted like others; an empty one is not equal to an empty secret (lessons)."""
    got = kim.app.answer(kim.app.challenge(kim.upn), code)
    assert (403, "incorrectCode") == (got.status, got.code)


def test_one_of_many_right_answers_at_once(kim: Kim) -> None:
    """64 at once for one challenge, and then 64 for as many: exactly one success each (lessons: Keycloak, MISP, authentik)."""
    api, code = kim.app.api, kim.app.shown(kim.token)
    attempt = Attempt(kim.app.application.app_id, "till", ClientApp.NATIVE, None, bytes(16))
    one = [kim.app.challenge(kim.upn)] * 64
    many = [kim.app.challenge(kim.upn) for _ in range(64)]

    def give(challenge: str, given: str) -> AnswerResult:
        return answer_challenge(api.identity, TENANT, attempt, (challenge, given), api.clock.now()).result

    for challenges, given in ((one, code), (many, kim.app.shown(kim.token, 1))):
        with ThreadPoolExecutor(16) as pool:
            results = list(pool.map(give, challenges, [given] * 64))
        assert 1 == results.count(AnswerResult.APPROVED)
