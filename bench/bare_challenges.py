"""Challenges as somebody would write them by hand: the raw driver, the product's rows in two commits; only the code is checked.

A challenge is a row about the user of the name. An answer reads that row with the seed, opens it, makes the codes, and writes
what became of the challenge, the step that was taken, and the line in the log of sign-ins.
"""

from __future__ import annotations

import hmac
import secrets
import sqlite3
import threading
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import falcon
import msgspec
import psycopg
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ringfence.crypto.key_file import FileKeys
from tests.servers import postgres

_APP: Final = bytes(16)
_LIFE: Final = 180_000_000
"""Microseconds."""
_PERIOD: Final = 30_000_000
_WHO: Final = """SELECT u.user_id, u.upn FROM user_principal_names n
JOIN users u ON u.tenant_id = n.tenant_id AND u.user_id = n.user_id WHERE n.tenant_id = 1 AND n.upn_key = ?"""
_ADD: Final = """INSERT INTO challenges (tenant_id, challenge_id, user_id, app_id, login, method, purpose, state, created_at,
expires_at, is_anybody, language, sends, correlation_id, is_browser) VALUES (1, ?, ?, ?, ?, 1, ?, 2, ?, ?, 1, 'en', 0, ?, 0)"""
_ASKED: Final = """SELECT c.user_id, c.login, c.purpose, c.created_at, u.display_name, s.method_id, s.key_id, s.sealed
FROM challenges c JOIN users u ON u.tenant_id = c.tenant_id AND u.user_id = c.user_id
JOIN seeds s ON s.tenant_id = c.tenant_id AND s.user_id = c.user_id WHERE c.tenant_id = 1 AND c.challenge_id = ?"""
_TAKE: Final = "UPDATE seeds SET last_step = ? WHERE tenant_id = 1 AND user_id = ? AND method_id = ?"
_END: Final = "UPDATE challenges SET state = 1 WHERE tenant_id = 1 AND challenge_id = ?"
_LOG: Final = """INSERT INTO sign_ins (tenant_id, created_at, sign_in_id, user_id, upn, display_name, typed, app_id, app_name,
client, correlation_id, is_device_code, result, further, mfa_method, mfa_result)
VALUES (1, ?, ?, ?, ?, ?, ?, ?, 'bare', 2, ?, 0, 0, 0, 1, 2)"""
_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder().decode
_Execute = Callable[[str, tuple[object, ...]], Any]


def _sqlite(path: str) -> sqlite3.Connection:
    """With the durability of the product, and as rare a check-point."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA wal_autocheckpoint = 131072")
    return connection


class Challenges:
    """Both handlers."""

    def __init__(self, url: str, key_file: Path) -> None:
        """Work on this database."""
        self._begin = "BEGIN"
        self._texts = [text.replace("?", "%s") for text in (_WHO, _ADD, _ASKED, _TAKE, _END, _LOG)]
        if url.startswith("sqlite"):
            self._begin = "BEGIN IMMEDIATE"
            self._texts = [_WHO, _ADD, _ASKED, _TAKE, _END, _LOG]
        self._url = url
        self._local = threading.local()
        keys = FileKeys(key_file)
        self._cipher = cache(lambda key_id: AESGCM(_derived(keys.key(key_id) or b"")))

    def on_post(self, request: falcon.Request, response: falcon.Response) -> None:
        """Store a challenge."""
        execute, body = self._execute(), _decode(request.env["wsgi.input"].read())
        who, add, *_ = self._texts
        now, challenge_id = time.time_ns() // 1000, secrets.token_bytes(16)
        execute(self._begin, ())
        user_id, upn = execute(who, (body["user"].casefold(),)).fetchone()
        execute(add, (challenge_id, user_id, _APP, upn, body["purpose"], now, now + _LIFE, secrets.token_bytes(16)))
        execute("COMMIT", ())
        public = urlsafe_b64encode(challenge_id).decode().rstrip("=")
        _answer(response, (public, body["purpose"], "pending", now), 201)

    def on_post_answer(self, request: falcon.Request, response: falcon.Response, challenge: str) -> None:
        """Take a code."""
        execute, code = self._execute(), _decode(request.env["wsgi.input"].read())["code"]
        *_, asked, take, end, log = self._texts
        now, challenge_id = time.time_ns() // 1000, urlsafe_b64decode(challenge + "==")
        execute(self._begin, ())
        user_id, login, purpose, created, shown, method_id, key_id, sealed = execute(asked, (challenge_id,)).fetchone()
        bound = b"1:%b:%b" % (user_id, method_id.encode())
        step = _step_of(code, self._cipher(key_id).decrypt(sealed[:12], sealed[12:], bound), now // _PERIOD)
        if step is None:
            execute("ROLLBACK", ())
            response.status = 403
            return
        execute(take, (step, user_id, method_id))
        execute(end, (challenge_id,))
        execute(log, (now, secrets.token_bytes(16), user_id, login, shown, login, _APP, secrets.token_bytes(16)))
        execute("COMMIT", ())
        _answer(response, (challenge, purpose, "approved", created), 200)

    def _execute(self) -> _Execute:
        found: _Execute | None = getattr(self._local, "execute", None)
        if found is None:
            found = self._local.execute = self._open()
        return found

    def _open(self) -> _Execute:
        if self._url.startswith("sqlite"):
            return _sqlite(self._url.removeprefix("sqlite:///")).execute
        return psycopg.connect(postgres.driver_url(self._url), autocommit=True).execute


def _derived(key: bytes) -> bytes:
    return HKDF(hashes.SHA256(), length=32, salt=None, info=b"seeds of one-time codes").derive(key)


def _step_of(code: str, seed: bytes, present: int) -> int | None:
    for step in (present, present - 1, present + 1):
        digest = hmac.digest(seed, step.to_bytes(8, "big"), "sha1")
        at = digest[-1] & 15
        if f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}" == code:
            return step
    return None


def _answer(response: falcon.Response, told: tuple[str, str, str, int], status: int) -> None:
    identifier, purpose, state, created = told
    response.status = status
    response.content_type = "application/json; charset=utf-8"
    response.data = _encode(
        {
            "id": identifier,
            "method": "oath",
            "purpose": purpose,
            "state": state,
            "contact": None,
            "createdAt": _instant(created),
            "expiresAt": _instant(created + _LIFE),
            "resendAt": None,
        }
    )


def _instant(micros: int) -> str:
    return datetime.fromtimestamp(micros / 1_000_000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
