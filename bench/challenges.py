"""Challenges over TLS: eight connections that each ask their next user, and give the right code at once.

Nobody is asked twice, for no step is taken twice. The codes of a round are those of the step it begins in, which are taken for
half a minute at least; a round is over before. Times are the script's own: `wrk` adds to its figures what it would have
measured had it asked steadily.
"""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple

from bench.load import CONNECTIONS, Place, Server
from bench.report import Measure
from bench.requests import client_of, place_of
from bench.stage import TENANT, Stage
from ringfence.application.ports.mfa import SeedPlace
from ringfence.crypto.key_file import FileKeys
from ringfence.crypto.seeds import SealedSeeds
from ringfence.domain.methods.oath import OathToken, code_of, step_at
from ringfence.domain.numbers.pairs import MethodType, method_bits

_ROUNDS: Final = 3
_A_ROUND: Final = 25_000
"""Users of a round: more than any machine asks in its seconds."""
_USERS: Final = 80_000
"""Of the directory, so that enough of them are enabled."""
_PATH: Final = "/mfa/v1/challenges"
_FIGURES: Final = ("p50", "p99", "pair_p50", "pair_p99")
_METHOD_ID: Final = "7ad5cb5c-0b1c-4a3b-8f3e-2f1f6a1c9d10"
_SEEDS: Final = ("tenant_id", "user_id", "method_id", "key_id", "sealed", "hash_function", "period")
_SCRIPT: Final = """\
local ffi = require("ffi")
ffi.cdef[[typedef struct { long seconds, nanoseconds; } moment; int clock_gettime(int clock, moment *at);]]
local at, threads, people, turn, asked = ffi.new("moment"), {}, {}, 0, nil
single, pair = {}, {}
wrong = ""

local function now()
  ffi.C.clock_gettime(1, at)
  return tonumber(at.seconds) * 1e6 + tonumber(at.nanoseconds) / 1e3
end

function setup(thread)
  thread:set("first", #threads)
  table.insert(threads, thread)
end

function init(_)
  local line = 0
  for name, code in io.open(%(people)s):read("*a"):gmatch("(%%S+) (%%S+)\\n") do
    if line %% %(connections)d == first then table.insert(people, {name, code}) end
    line = line + 1
  end
%(headers)s
end

-- wrk may ask for the first request more than once: only an answer moves on.
function request()
  local person = people[turn + 1]
  sent = now()
  if asked then return wrk.format("POST", "%(path)s/" .. asked .. "/answer", nil, '{"code": "' .. person[2] .. '"}') end
  began = sent
  return wrk.format("POST", "%(path)s", nil, '{"user": "' .. person[1] .. '", "purpose": "bench"}')
end

function response(status, _, body)
  table.insert(single, now() - sent)
  if not asked then
    asked = body:match('"id":"([^"]+)"')
    if status == 201 and asked then return end
  elseif status == 200 and body:find('"state":"approved"', 1, true) then
    table.insert(pair, now() - began)
    turn, asked = turn + 1, nil
    if people[turn + 1] then return end
    body = "there are too few users"
  end
  wrong = status .. ": " .. body
  wrk.thread:stop()
end

local function shares(name)
  local all = {}
  for _, thread in ipairs(threads) do
    for _, one in ipairs(thread:get(name)) do table.insert(all, one / 1e3) end
  end
  table.sort(all)
  return all[math.max(1, math.ceil(#all * 0.5))] or 0, all[math.max(1, math.ceil(#all * 0.99))] or 0
end

function done(summary, _, _)
  local errors, complaint = summary.errors, ""
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  if failed > 0 then complaint = failed .. " requests failed" end
  for _, thread in ipairs(threads) do
    if thread:get("wrong") ~= "" then complaint = thread:get("wrong") end
  end
  if complaint ~= "" then return print("wrong: " .. complaint) end
  local p50, p99 = shares("single")
  local pair_p50, pair_p99 = shares("pair")
  print(string.format('{"rate": %%f, "p50": %%f, "p99": %%f, "pair_p50": %%f, "pair_p99": %%f}',
    summary.requests / summary.duration * 1e6, p50, p99, pair_p50, pair_p99))
end
"""


class _Person(NamedTuple):
    name: str
    token: OathToken

    def code(self, now: datetime) -> str:
        return code_of(self.token, step_at(now, self.token.period))


def measure_challenges(stage: Stage, users: int) -> Iterator[Measure]:
    """A challenge and its right code. Raises `RuntimeError` for an answer that is not the expected one."""
    with stage.scratch(stage.imported(max(users, _USERS))) as ours:
        people = _enrol(stage, ours)
        with stage.scratch(ours) as theirs:
            product, bare = _measured(place_of(stage, ours), place_of(stage, theirs), people)
    yield Measure("challenges", stage.engine.name, product["rate"], "1/s", bare["rate"])
    for name in _FIGURES:
        yield Measure(f"challenges_{name}", stage.engine.name, product[name], "ms", bare[name])


def _measured(ours: Place, theirs: Place, people: Sequence[_Person]) -> tuple[dict[str, float], dict[str, float]]:
    headers = {
        "Authorization": f"Bearer {client_of(ours, 'Mfa.Challenge')['accessToken']}",
        "Content-Type": "application/json",
    }
    with ours.served("--role", "web") as product, theirs.bare() as bare:
        answers = [_answers(server, headers, people[0]) for server in (product, bare)]
        if answers[0] != answers[1]:
            message = f"challenges: the product and the bare minimum differ:\n{answers}"
            raise RuntimeError(message)
        told: tuple[list[dict[str, float]], ...] = ([], [])
        for turn in range(_ROUNDS):
            share = people[1 + turn * _A_ROUND : 1 + (turn + 1) * _A_ROUND]
            for found, server in zip(told, (product, bare), strict=True):
                found.append(server.run(_write(ours.tls, headers, share)))
    first, second = ({name: median(one[name] for one in found) for name in found[0]} for found in told)
    return first, second


def _enrol(stage: Stage, url: str) -> list[_Person]:
    """Give an app to everybody who may sign in, and make it their only method."""
    key = int(MethodType.PhoneAppOTP)
    with contextlib.closing(stage.engine.connect(url)) as hand:
        found: list[Any] = hand.run("SELECT user_id, upn, key_id FROM users WHERE tenant_id = 1 AND enabled = 1 LIMIT ?", _USERS)
        seals = SealedSeeds(FileKeys(stage.key_file))
        people, rows = [], []
        for user_id, upn, key_id in found:
            token, place = OathToken(secrets.token_bytes(20)), SeedPlace(TENANT, user_id, _METHOD_ID)
            seal = seals.seal(token.seed, key_id, place)
            people.append(_Person(str(upn), token))
            rows.append((*place, key_id, seal, int(token.hash_function), token.period))
        hand.insert("seeds", _SEEDS, rows)
        bits = method_bits(frozenset({MethodType.PhoneAppOTP}))
        hand.run(f"UPDATE users SET methods = {bits}, default_method = {key}")  # noqa: S608 - numbers of ours
    return people


def _write(folder: Path, headers: Mapping[str, str], people: Sequence[_Person]) -> Path:
    """The script of a round, and the file of its people beside it."""
    named, script, now = folder / "people.txt", folder / "challenges.lua", datetime.now(UTC)
    named.write_text("".join(f"{one.name} {one.code(now)}\n" for one in people), "utf-8")
    sent = "\n".join(f"  wrk.headers[{json.dumps(name)}] = {json.dumps(value)}" for name, value in headers.items())
    given = {"people": json.dumps(str(named)), "connections": CONNECTIONS, "headers": sent, "path": _PATH}
    script.write_text(_SCRIPT % given, "ascii")
    return script


def _answers(server: Server, headers: Mapping[str, str], person: _Person) -> list[object]:
    """What is answered to a challenge, a wrong code and the right one, but for ids and times."""
    code = person.code(datetime.now(UTC))
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    with contextlib.closing(server.connect()) as connection:

        def post(path: str, body: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
            connection.request("POST", path, json.dumps(body), dict(headers))
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"{}")

        created, made = post(_PATH, {"user": person.name, "purpose": "bench"})
        path = f"{_PATH}/{made['id']}/answer"
        (refused, _), (taken, ended) = post(path, {"code": wrong}), post(path, {"code": code})
    seen = [{name: told.get(name) for name in ("method", "purpose", "state", "contact", "resendAt")} for told in (made, ended)]
    return [created, refused, taken, set(made), *seen]
