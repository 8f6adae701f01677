"""HTTP gateways for tests, on loopback: one in Twilio's shape, one that takes webhooks. Neither uses code of ours.

The last three digits of a number say how they behave, as with the SMSC: 101 throttles twice, 103 is no destination, 106 gets no
answer, 107 cuts the connection, 111 is out of service, 113 fails midway, 114 is sent elsewhere.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs

from tests.servers.certificates import CertificateFiles

SID: Final = "AC0123456789abcdef0123456789abcdef"
TOKEN: Final = "token-of-a-test"  # noqa: S105 - of a server that lives for one test
SECRET: Final = "secret-of-a-test"  # noqa: S105 - the same


class Request(NamedTuple):
    """What came; `words` is the form or the JSON."""

    path: str
    headers: dict[str, str]
    body: bytes
    words: dict[str, Any]


class Reply(NamedTuple):
    """What is answered; status 0 is no answer, -1 the end of the connection."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str]


class Gateway(NamedTuple):
    """A running one: its address, what came, and how many connections were made."""

    url: str
    requests: list[Request]
    connections: list[object]


Shape = Callable[[Request, str, int], Reply]
"""Answers a request for a number; the last argument counts the requests for it, this one included."""


def twilio(request: Request, number: str, tries: int) -> Reply:
    """Twilio's statuses and error codes (reference, "Messages resource", "Error and warning dictionary")."""
    wanted = base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()
    if request.headers.get("authorization") != f"Basic {wanted}":
        return Reply(401, {"code": 20003, "status": 401}, {})
    if request.path != f"/2010-04-01/Accounts/{SID}/Messages.json":
        return Reply(404, {"code": 20404, "status": 404}, {})
    if number.endswith("103"):
        return Reply(400, {"code": 21211, "status": 400}, {})
    return _common(number, tries, Reply(201, {"sid": f"SM{number}", "status": "queued"}, {}))


def webhook(request: Request, number: str, tries: int) -> Reply:
    """A receiver that checks the signature as the documentation says."""
    seconds, _, said = request.headers.get("ringfence-signature", "")[2:].partition(",v1=")
    wanted = hmac.new(SECRET.encode(), f"{seconds}.".encode() + request.body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted, said):
        return Reply(401, {}, {})
    return Reply(422, {}, {}) if number.endswith("103") else _common(number, tries, Reply(202, {}, {}))


def _common(number: str, tries: int, usual: Reply) -> Reply:
    if number.endswith("101") and tries <= 2:
        return Reply(429, {"code": 20429, "status": 429}, {"Retry-After": "7"})
    return {
        "106": Reply(0, {}, {}),
        "107": Reply(-1, {}, {}),
        "111": Reply(503, {}, {}),
        "113": Reply(500, {}, {}),
        "114": Reply(307, {}, {"Location": "/elsewhere"}),
    }.get(number[-3:], usual)


@contextlib.contextmanager
def gateway(shape: Shape, tls: CertificateFiles | None = None) -> Iterator[Gateway]:
    """Run one on a free port."""
    requests: list[Request] = []
    connections: list[object] = []
    tries: Counter[str] = Counter()
    is_over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            connections.append(self.client_address)

        def do_POST(self) -> None:
            request = _read(self)
            requests.append(request)
            number = str(request.words.get("To") or request.words.get("number"))
            tries[number] += 1
            reply = shape(request, number, tries[number])
            if reply.status <= 0:
                if reply.status == 0:
                    is_over.wait()
                self.close_connection = True
                return
            body = json.dumps(reply.body).encode()
            self.send_response(reply.status)
            for name, value in {**reply.headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls.certificate, tls.key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        scheme = "http" if tls is None else "https"
        yield Gateway(f"{scheme}://127.0.0.1:{server.server_address[1]}", requests, connections)
    finally:
        is_over.set()
        server.shutdown()
        thread.join()
        server.server_close()


class Server(ThreadingHTTPServer):
    """Waits for nobody at its end, and does not print that a client does not trust it."""

    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_args: object) -> None:
        """Say nothing."""


def _read(handler: BaseHTTPRequestHandler) -> Request:
    body = handler.rfile.read(int(handler.headers["Content-Length"]))
    is_form = handler.headers["Content-Type"] == "application/x-www-form-urlencoded"
    words = (
        {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
        if is_form
        else json.loads(body)
    )
    return Request(handler.path, {name.lower(): value for name, value in handler.headers.items()}, body, words)
