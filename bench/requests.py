"""Measures of the API over TLS: numbers of a user, a page of users, tokens for applications, a server at rest."""

from __future__ import annotations

import contextlib
import hmac
import http.client
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench.load import Ask, Load, Place, Server
from bench.report import Measure
from bench.stage import TENANT, Stage
from ringfence.application.identity.parts import hash_of
from ringfence.application.identity.tokens import Issuer, application_claims

_ROUNDS: Final = 3
_SAMPLE: Final = 50
_FEW: Final = 1000
_PAGES: Final = 60
_SIGNED: Final = 500
_REST: Final = 20.0
"""Seconds a server that nobody asks is watched."""
_SETTLE: Final = 12.0
"""Seconds it is left alone before: background work has begun by then."""
_MEGABYTE: Final = 1 << 20
_TO_READ: Final = ("UserAuthenticationMethod.Read.All", "User.Read.All")
_TICKS: Final = os.sysconf("SC_CLK_TCK")


def measure_phones(stage: Stage, users: int) -> Iterator[Measure]:
    """`GET …/phoneMethods` with a checked token. Raises `RuntimeError` when the two do not answer the same."""
    place = place_of(stage, stage.prepared(users))
    token = client_of(place)["accessToken"]
    ask = Ask([f"/v1.0/users/{name}/authentication/phoneMethods" for name in _names(place)], {"Authorization": f"Bearer {token}"})
    with place.served("--role", "web") as product, place.bare() as bare:
        answers = {_body(server, ask.paths[0], ask.headers).replace(str(server.port), "") for server in (product, bare)}
        if len(answers) != 1:
            message = f"phones: the product and the bare minimum differ:\n{answers}"
            raise RuntimeError(message)
        ours, theirs = _in_turn(lambda: product.load(ask, place.tls), lambda: bare.load(ask, place.tls))
        memory = max(_memory(process) for process in product.processes()[1:])
    yield Measure("phones", stage.engine.name, ours.rate, "1/s", theirs.rate)
    yield Measure("phones_p99", stage.engine.name, ours.p99, "ms", theirs.p99)
    yield Measure("worker_memory", stage.engine.name, memory, "MB")


def measure_page(stage: Stage, users: int) -> Iterator[Measure]:
    """`GET /users?$top=100` in a directory of N against one of 1000, page after page."""
    many, few = (place_of(stage, stage.imported(size)) for size in (users, _FEW))
    with many.served("--role", "web") as large, few.served("--role", "web") as small:
        askers = [_pages(server, client_of(place)["accessToken"]) for server, place in ((large, many), (small, few))]
        took: list[list[float]] = [[], []]
        for _ in range(_PAGES):
            for at, ask in enumerate(askers):
                took[at].append(ask())
    yield Measure("page", stage.engine.name, median(took[0]) * 1000, "ms", median(took[1]) * 1000)


def measure_grant(stage: Stage, users: int) -> Iterator[Measure]:
    """Tokens for an application with its secret, against signing as many and hashing the secret in one process."""
    place = place_of(stage, stage.prepared(users))
    client = client_of(place)
    fields = f"grant_type=client_credentials&client_id={client['appId']}&client_secret={client['secret']}"
    scope = "scope=https%3A%2F%2Fgraph.microsoft.com%2F.default"
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    ask = Ask([f"/{client['tenantId']}/oauth2/v2.0/token"], kind, "POST", f"{fields}&{scope}")
    with place.served("--role", "web") as product:
        loads, bares = [], []
        for _ in range(_ROUNDS):
            loads.append(product.load(ask, place.tls).rate)
            bares.append(_sign(stage, place.url, client))
    yield Measure("grant", stage.engine.name, median(loads), "1/s", median(bares))


def measure_idle(stage: Stage, users: int) -> Iterator[Measure]:
    """Processor time of a whole server, background work included, that nobody asks anything, in per cent of one processor."""
    with place_of(stage, stage.imported(users)).served("--role", "all") as server:
        time.sleep(_SETTLE)
        before = sum(map(_ticks, server.processes()))
        time.sleep(_REST)
        spent = (sum(map(_ticks, server.processes())) - before) / _TICKS
    yield Measure("idle", stage.engine.name, 100 * spent / _REST, "%")


def place_of(stage: Stage, url: str) -> Place:
    """The deployment over this database, with certificates made for it."""
    tls = stage.folder / f"tls_{url.rpartition('/')[2]}"
    place = Place(stage, url, tls)
    if not tls.exists():
        place.command("init")
    return place


def client_of(place: Place, *permissions: str) -> Any:  # noqa: ANN401 - JSON
    """An application with these permissions (to read, where none is named), with its secret, and a token for it."""
    words = [word for one in permissions or _TO_READ for word in ("--permission", one)]
    made = place.command("app", "create", f"bench {time.monotonic_ns()}", *words)
    return {**made, **place.command("token", "--app", made["appId"])}


def _names(place: Place) -> list[str]:
    text = """SELECT u.upn FROM users u WHERE u.tenant_id = 1 AND u.upn <> '' AND EXISTS
    (SELECT 1 FROM pairs p WHERE p.tenant_id = 1 AND p.user_id = u.user_id AND p.authentication_sealed IS NOT NULL) LIMIT ?"""
    with contextlib.closing(place.stage.engine.connect(place.url)) as hand:
        return [str(row[0]) for row in hand.run(text, _SAMPLE)]


def _in_turn(product: Callable[[], Load], bare: Callable[[], Load]) -> tuple[Load, Load]:
    """The medians of both, taking turns."""
    ours, theirs = [], []
    for _ in range(_ROUNDS):
        theirs.append(bare())
        ours.append(product())
    return _middle(ours), _middle(theirs)


def _middle(loads: Sequence[Load]) -> Load:
    return Load(median(one.rate for one in loads), median(one.p99 for one in loads))


def _body(server: Server, path: str, headers: Mapping[str, str]) -> str:
    with contextlib.closing(server.connect()) as connection:
        return _read(connection, path, headers)


def _read(connection: http.client.HTTPSConnection, path: str, headers: Mapping[str, str]) -> str:
    connection.request("GET", path, headers=dict(headers))
    answer = connection.getresponse()
    text = answer.read().decode()
    if answer.status != http.HTTPStatus.OK:
        raise RuntimeError(text)
    return text


def _pages(server: Server, token: str) -> Callable[[], float]:
    """A function that asks for the next page and returns the seconds; behind the last page it begins again."""
    connection, headers = server.connect(), {"Authorization": f"Bearer {token}"}
    first = "/v1.0/users?$top=100"
    path = first

    def ask() -> float:
        nonlocal path
        began = time.perf_counter()
        text = _read(connection, path, headers)
        seconds = time.perf_counter() - began
        following = json.loads(text).get("@odata.nextLink")
        path = first if following is None else following.partition(f":{server.port}")[2]
        return seconds

    return ask


def _sign(stage: Stage, url: str, client: Any) -> float:  # noqa: ANN401 - JSON
    """Tokens a second that this process signs, with a hash of the secret compared for each."""
    deployment = stage.open(url)
    identity, now = deployment.identity(), datetime.now(UTC)
    with deployment.services.store.snapshot() as unit:
        keys, app_id = unit.identity.signing_keys(), bytes.fromhex(client["appId"].replace("-", ""))
        application = unit.identity.application(TENANT, app_id)
        tenant = unit.administration.tenants()[0]
    if application is None or application.secret_hash is None:
        raise RuntimeError(url)
    key, issuer = identity.keys.open(keys[-1]), Issuer(f"https://localhost/{client['tenantId']}/v2.0", tenant.directory_id)
    claims = application_claims(issuer, application, now)
    began = time.perf_counter()
    for _ in range(_SIGNED):
        if not hmac.compare_digest(application.secret_hash, hash_of(client["secret"])):
            raise RuntimeError(url)
        identity.signer.sign(claims, key)
    seconds = time.perf_counter() - began
    deployment.dispose()
    return _SIGNED / seconds


def _memory(process: int) -> float:
    """Its peak so far, in megabytes."""
    lines = Path(f"/proc/{process}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / _MEGABYTE


def _ticks(process: int) -> int:
    fields = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
