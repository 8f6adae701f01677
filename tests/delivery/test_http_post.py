"""One POST: where to, whom it trusts, and what is known afterwards."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Final

import pytest

from ringfence.application.ports.delivery import Later, LaterReason, RefusalReason, Refused, SendOutcome, Unknown
from ringfence.delivery.http_post import Answer, Failure, HttpPost, checked_url, outcome_of
from ringfence.domain.errors import InvalidError
from tests.delivery import gateways
from tests.delivery.messages import run
from tests.servers.certificates import write_certificates

_BODY: Final = b'{"number": "+4915112345001"}'


def posted(url: str, authority: Path | None = None, body: bytes = _BODY) -> Answer | Failure:
    """What is known after a POST."""
    known: list[Answer | Failure] = []

    async def send() -> None:
        post = HttpPost(url, authority)
        post.start()
        known.append(await post.send(body, {"Content-Type": "application/json"}))
        await post.stop()

    run(send())
    return known[0]


def test_tls_under_a_private_authority(tmp_path: Path) -> None:
    """A server under the authority that was named is trusted, and one that is not gets no request."""
    right, strange = tmp_path / "right", tmp_path / "strange"
    right.mkdir()
    strange.mkdir()
    files = write_certificates(right, ["localhost"], ["127.0.0.1"])
    other = write_certificates(strange, ["localhost"], ["127.0.0.1"])
    with gateways.gateway(gateways.webhook, files) as gateway:
        assert isinstance(posted(gateway.url, files.authority), Answer)
        assert Failure.NOT_SENT is posted(gateway.url, other.authority)
        assert Failure.NOT_SENT is posted(gateway.url)
        assert 1 == len(gateway.requests)


def test_another_name_in_the_certificate(tmp_path: Path) -> None:
    """The certificate has to be for the host that was asked."""
    files = write_certificates(tmp_path, ["elsewhere.example"], ["127.0.0.2"])
    with gateways.gateway(gateways.webhook, files) as gateway:
        assert Failure.NOT_SENT is posted(gateway.url, files.authority)
        assert [] == gateway.requests


def test_a_redirect_is_not_followed() -> None:
    """A code goes to the address that was configured and to no other."""
    with gateways.gateway(lambda _request, _number, _tries: gateways.Reply(307, {}, {"Location": "/elsewhere"})) as gateway:
        answer = posted(f"{gateway.url}/texts")
        assert isinstance(answer, Answer)
        assert (307, ["/texts"]) == (answer.status, [request.path for request in gateway.requests])


MEANINGS: dict[str, tuple[Answer | Failure, SendOutcome]] = {
    "bad-request": (Answer(400, "", b""), Refused(RefusalReason.CONFIGURATION)),
    "unauthorized": (Answer(401, "", b""), Refused(RefusalReason.CONFIGURATION)),
    "redirect": (Answer(307, "", b""), Refused(RefusalReason.CONFIGURATION)),
    "too-many": (Answer(429, "7", b""), Later(dt.timedelta(seconds=7), LaterReason.THROTTLED)),
    "too-many-until-a-date": (
        Answer(429, "Fri, 31 Dec 1999 23:59:59 GMT", b""),
        Later(dt.timedelta(seconds=5), LaterReason.THROTTLED),
    ),
    "too-many-for-long": (Answer(429, "99999", b""), Later(dt.timedelta(hours=1), LaterReason.THROTTLED)),
    "out-of-service": (Answer(503, "", b""), Later(dt.timedelta(seconds=5), LaterReason.FAULT)),
    "failed-midway": (Answer(500, "", b""), Unknown(None)),
    "gateway-timeout": (Answer(504, "", b""), Unknown(None)),
    "no-connection": (Failure.NOT_SENT, Later(dt.timedelta(seconds=5), LaterReason.UNREACHABLE)),
    "no-answer": (Failure.PERHAPS_SENT, Unknown(None)),
}


@pytest.mark.parametrize(("answer", "outcome"), MEANINGS.values(), ids=MEANINGS)
def test_meanings(answer: Answer | Failure, outcome: SendOutcome) -> None:
    """Only what says that nothing was done may be tried again (RFC 9110, 15.5 and 15.6)."""
    assert outcome == outcome_of(answer)


@pytest.mark.parametrize("url", ["https://sms.example/x", "http://127.0.0.1:8080/", "http://localhost", "http://[::1]:80/"])
def test_addresses(url: str) -> None:
    """TLS anywhere, and plain HTTP on this machine."""
    assert url == checked_url(url)


WRONG = (
    "http://sms.example/",
    "http://127.0.0.1.example/",
    "http://127.0.0.1@sms.example/",
    "https://user:secret@sms.example/",
    "https://sms.example/#part",
    "ftp://127.0.0.1/",
    "//sms.example/",
    "https://",
    "https://[::1",
    "",
)


@pytest.mark.parametrize("url", WRONG)
def test_addresses_that_are_not_allowed(url: str) -> None:
    """Anything else is refused, and not repeated, for there may be a secret in it."""
    with pytest.raises(InvalidError) as caught:
        checked_url(url)
    assert "secret@" not in str(caught.value.facts)
