"""What stands around every request: ids, measures, compression, safe headers."""

from __future__ import annotations

import gzip
import multiprocessing
import uuid
from collections.abc import Callable, Iterable
from typing import Any, Final

import pytest

from ringfence.http.around import Around
from ringfence.http.measures import Measures

_LONG: Final = b"x" * 4000


def around(body: list[bytes], *headers: tuple[str, str]) -> Around:
    """An application that answers every request so."""

    def inner(_environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
        start("200 OK", list(headers))
        return body

    return Around(inner, Measures())


def ask(app: Around, **environ: str) -> tuple[dict[str, str], bytes]:
    """The headers and the body of an answer."""
    told: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], _error: object = None) -> Callable[[bytes], object]:
        told.append((status, headers))
        return lambda _: None

    body = b"".join(app({"REQUEST_METHOD": "GET", "PATH_INFO": "/v1.0/users", **environ}, start))
    return dict(told[0][1]), body


@pytest.mark.parametrize(
    ("sent", "comes_back"),
    [
        pytest.param("8f14e45f-ceea-467f-a8f1-92f6c1a3a5d1", True, id="a UUID"),
        pytest.param("build-17.4_x", True, id="a name"),
        pytest.param("a\r\nset-cookie: b", False, id="another header"),
        pytest.param("x" * 65, False, id="too long"),
        pytest.param("", False, id="none"),
    ],
)
def test_ids(sent: str, comes_back: bool) -> None:  # noqa: FBT001 - a column of the table
    """Every answer has an id of its own, which stands in for the client's where that may not be repeated."""
    headers, _ = ask(around([b""]), HTTP_CLIENT_REQUEST_ID=sent)
    own = headers["request-id"]
    assert (4, sent if comes_back else own) == (uuid.UUID(own).version, headers["client-request-id"])
    assert headers["x-content-type-options"] == "nosniff"


def _first_id(app: Around) -> str:
    return ask(app)[0]["request-id"]


def test_processes_that_were_forked_give_different_ids() -> None:
    """Each worker builds what is around its own application."""
    with multiprocessing.get_context("fork").Pool(2) as pool:
        ids = pool.map(_ids_of_a_worker, range(4), chunksize=1)
    flat = [one for each in ids for one in each]
    assert len(flat) == len(set(flat))


def _ids_of_a_worker(_number: int) -> list[str]:
    app = around([b""])
    return [_first_id(app) for _ in range(20)]


@pytest.mark.parametrize(
    ("headers", "accepts", "packed"),
    [
        pytest.param((), "gzip, br", True, id="taken"),
        pytest.param((), "br", False, id="not taken"),
        pytest.param((("cache-control", "no-store"),), "gzip", False, id="a secret may be in it"),
    ],
)
def test_compression(headers: tuple[tuple[str, str], ...], accepts: str, packed: bool) -> None:  # noqa: FBT001 - a column
    """Large answers are packed for who takes it, with their new length."""
    got, body = ask(around([_LONG], *headers, ("content-length", "4000")), HTTP_ACCEPT_ENCODING=accepts)
    assert packed == (got.get("content-encoding") == "gzip")
    assert (str(len(body)), _LONG) == (got["content-length"], gzip.decompress(body) if packed else body)
