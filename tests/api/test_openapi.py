"""The OpenAPI file says what is served, and every error that can be answered has its words."""

from __future__ import annotations

from typing import Final

import falcon
import pytest

from ringfence.api.errors import ANSWERS, MESSAGES, translate
from ringfence.domain.errors import ConflictError, ErrorCode, RingfenceError, UnavailableError
from ringfence.domain.signin.challenge import AnswerResult, ChallengeMethod
from ringfence.domain.signin.transitions import State
from tests.graph.served import Api

_DOCUMENT: Final = "/mfa/v1/openapi.json"


def test_it_is_for_everybody(api: Api) -> None:
    """Without a token; the words in it are those of the code."""
    document = api.call("GET", _DOCUMENT, token="").body
    challenge = document["components"]["schemas"]["challenge"]["properties"]
    assert sorted({"pending", *(state.name.lower() for state in State if not state.is_open)}) == challenge["state"]["enum"]
    assert [method.wire_name for method in ChallengeMethod] == challenge["method"]["enum"]


def test_every_path_in_it_is_served_and_no_other(api: Api) -> None:
    """Each with the verbs it says; another one is 405."""
    paths = api.call("GET", _DOCUMENT, token="").body["paths"]
    for path, operations in paths.items():
        for verb in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            status = api.call(verb, f"/mfa/v1{path}", {}, token="").status
            assert (401 if verb.lower() in operations else 405) == status, (verb, path)


def test_every_refusal_of_an_answer_has_its_words() -> None:
    """All but the one that is none."""
    assert set(AnswerResult) - {AnswerResult.APPROVED} == set(ANSWERS)


@pytest.mark.parametrize("code", ErrorCode)
def test_every_error_is_translated(code: ErrorCode) -> None:
    """Those of the table in its words; what is missing for a while asks to try again; the rest is ours."""
    facts = {"most": 1, "period": 1, "method": "sms"}
    known, other = translate(RingfenceError(code, **facts)), translate(UnavailableError(code, **facts))
    assert known.status == (MESSAGES[code][0] if code in MESSAGES else 503 if code is ErrorCode.ROW_CHANGED else 500)
    assert other.status == (MESSAGES[code][0] if code in MESSAGES else 503)
    assert "{" not in known.document["error"]["message"]


def test_who_loses_every_race_is_told_to_try_again() -> None:
    """With the seconds."""
    found = translate(ConflictError(ErrorCode.ROW_CHANGED))
    assert (503, "2") == (found.status, found.headers["Retry-After"])
    assert "503 Service Unavailable" == falcon.code_to_http_status(found.status)
