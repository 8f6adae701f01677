"""The bare minimum of the API: a Falcon handler on the same server that reads with the raw driver and checks nothing.

It answers `GET /v1.0/users/{name}/authentication/phoneMethods` with the product's JSON, from the product's tables: who has
the name, then the sealed numbers, which it opens. Challenges are answered by `bare_challenges`. A process of its own:
`python -m bench.bare_api URL KEY_FILE PORT CERTIFICATE KEY`.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final

import falcon
import msgspec
import psycopg
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from bench.bare_challenges import Challenges
from ringfence.crypto.key_file import FileKeys
from ringfence.http.application import note_on_stderr
from ringfence.http.gate import Gate
from ringfence.http.server import Listener, serve
from ringfence.settings import ServerSettings
from tests.servers import postgres

_URL: Final = "BENCH_DATABASE"
_KEY_FILE: Final = "BENCH_KEY_FILE"
_WHO: Final = """SELECT u.user_id, u.key_id FROM user_principal_names n
JOIN users u ON u.tenant_id = n.tenant_id AND u.user_id = n.user_id WHERE n.tenant_id = 1 AND n.upn_key = ?"""
_NUMBERS: Final = """SELECT pair, authentication_sealed FROM pairs
WHERE tenant_id = 1 AND user_id = ? AND authentication_sealed IS NOT NULL ORDER BY pair"""
_KINDS: Final = {
    1: ("3179e48a-750b-4051-897c-87b9720928f7", "mobile", "notAllowedByPolicy"),
    2: ("e37fc753-ff3b-4958-9484-eaa9425c82bc", "office", "notSupported"),
    3: ("b6332ec1-7057-4abe-9331-3d72feddfe41", "alternateMobile", "notSupported"),
}
_TYPE: Final = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
_encode: Final = msgspec.json.Encoder().encode
_Execute = Callable[[str, tuple[object, ...]], Any]


def _driver(url: str) -> Callable[[], _Execute]:
    """How a thread gets its connection."""
    if url.startswith("sqlite"):
        path = url.removeprefix("sqlite:///")
        return lambda: sqlite3.connect(path, isolation_level=None).execute
    address = postgres.driver_url(url)
    return lambda: psycopg.connect(address, autocommit=True).execute


class _Phones:
    def __init__(self, url: str, key_file: Path) -> None:
        self._open = _driver(url)
        self._who, self._numbers = _WHO, _NUMBERS
        if not url.startswith("sqlite"):
            self._who, self._numbers = _WHO.replace("?", "%s"), _NUMBERS.replace("?", "%s")
        self._local = threading.local()
        keys = FileKeys(key_file)
        self._cipher = cache(lambda key_id: AESSIV(keys.key(key_id) or b""))

    def on_get(self, request: falcon.Request, response: falcon.Response, name: str) -> None:
        """List the numbers."""
        execute = getattr(self._local, "execute", None)
        if execute is None:
            execute = self._local.execute = self._open()
        user_id, key_id = execute(self._who, (name.casefold(),)).fetchone()
        value = []
        for pair, sealed in execute(self._numbers, (user_id,)).fetchall():
            number = self._cipher(key_id).decrypt(sealed, [b"1:%d:%b" % (pair, user_id)]).decode()
            identifier, kind, state = _KINDS[pair]
            value.append(
                {"id": identifier, "createdDateTime": None, "phoneNumber": number, "phoneType": kind, "smsSignInState": state}
            )
        context = f"https://{request.env['HTTP_HOST']}/v1.0/$metadata#users('{name}')/authentication/phoneMethods"
        response.content_type = _TYPE
        response.data = _encode({"@odata.context": context, "value": value})


def application() -> Gate:
    """The application of one worker, from its environment."""
    app: falcon.App[falcon.Request, falcon.Response] = falcon.App()
    app.add_route("/v1.0/users/{name}/authentication/phoneMethods", _Phones(os.environ[_URL], Path(os.environ[_KEY_FILE])))
    challenges = Challenges(os.environ[_URL], Path(os.environ[_KEY_FILE]))
    app.add_route("/mfa/v1/challenges", challenges)
    app.add_route("/mfa/v1/challenges/{challenge}/answer", challenges, suffix="answer")
    return Gate(app, ServerSettings().threads, lambda _method, _path: os.environ[_URL].startswith("sqlite"), note_on_stderr)


def main() -> None:
    """Serve it as the product is served."""
    url, key_file, port, certificate, key = sys.argv[1:]
    os.environ |= {_URL: url, _KEY_FILE: key_file}
    serve("bench.bare_api:application", Listener("127.0.0.1", int(port), Path(certificate), Path(key)), 1)


if __name__ == "__main__":
    main()
