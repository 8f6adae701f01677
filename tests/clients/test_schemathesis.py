"""Schemathesis over the served part of Microsoft's OpenAPI documents, and over our own of `/mfa/v1`.

The cases are made of each schema, right and wrong ones.

Held: no 5xx, no status and no type of content that a document does not have, bodies that are what it says (so every error has
Graph's shape), 400 for what a schema does not allow, 405 with a true `Allow` for other methods, 401 without a token. Not held:
that whatever fits a schema is accepted, for the documents say neither which number or name is possible, nor what is required. The
cases are the same in every run. Source: clients 3.
"""

from __future__ import annotations

import json
import subprocess
import urllib.error
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from ringfence.domain.policy.own_permissions import CHALLENGE, LEGACY_PASSWORD
from ringfence.graph.permissions import known_permissions
from tests.clients.conftest import ROOT
from tests.clients.specification import Known, served_part
from tests.conftest import need
from tests.graph.served import ALTERNATE, MOBILE, OFFICE
from tests.servers.ringfence import Served, get, post, served

pytestmark = pytest.mark.slow

_PROGRAM: Final = ROOT / "var" / "clients" / "schemathesis" / "bin" / "schemathesis"
_PASSWORD_METHOD: Final = "28c10230-6103-485e-b985-444c60001490"  # noqa: S105 - an id
_EMAIL_METHOD: Final = "3ddfcfc8-9383-446f-83cc-3ab9be4be18f"
_HELD: Final = ("--checks", "all", "--exclude-checks", "positive_data_acceptance")
_CASES: Final = ("--generation-deterministic", "--max-examples", "5")
_PHASES: Final = {True: "examples,coverage,fuzzing", False: "examples,fuzzing"}
"""Every way to break a request is tried as a person, for time's sake: an application takes the same way but for the two gates."""

_SHORTER: Final = ("--exclude-method", "PUT")  # another word for PATCH
_OUTPUT: Final = ("--continue-on-failure", "--warnings", "off", "--no-color", "--report", "ndjson")
_SECONDS: Final = 300


class Target(NamedTuple):
    """What is tested: the deployment, the tokens that may do everything, and the names of what it holds."""

    server: Served
    tokens: dict[bool, str]
    known: Known


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A deployment with a few users; an application that holds every permission, for itself and for a Global Administrator."""
    need(_PROGRAM.exists(), "schemathesis (./dev test installs it)")
    with served(tmp_path_factory.mktemp("served")) as one:
        names = ("kim", "lee", "max", "spare", "other", "ada")
        ids = [one.command("user", "create", f"{name}@contoso.example", "--display-name", name.title())["id"] for name in names]
        one.command("role", "assign", "Global Administrator", "ada@contoso.example")
        every = known_permissions().values()
        own = [word for each in every if each.application_id for word in ("--permission", each.name)]
        own += ["--permission", CHALLENGE, "--permission", LEGACY_PASSWORD]
        persons = [word for each in every if each.delegated_id for word in ("--delegated", each.name)]
        one.command("app", "create", "everything", *own, *persons)
        asked = ("token", "--app", "everything")
        application = one.command(*asked)["accessToken"]
        person = one.command(*asked, "--user", "ada@contoso.example")["accessToken"]
        challenge = post(one, "/mfa/v1/challenges", {"user": "kim@contoso.example", "purpose": "x"}, application)["id"]
        with pytest.raises(urllib.error.HTTPError, match="403"):  # which is the sign-in that the log shows
            post(one, f"/mfa/v1/challenges/{challenge}/answer", {"code": "0"}, application)
        audits = [each["id"] for each in get(one, "/v1.0/auditLogs/directoryAudits?$top=2", application)["value"]]
        yield Target(one, {False: application, True: person}, _known(ids, audits))


def _known(ids: list[str], audits: list[str]) -> Known:
    return {
        "authenticationMethod-id": (_PASSWORD_METHOD, MOBILE),
        "authenticationMethodConfiguration-id": ("Sms", "Voice"),
        "directoryAudit-id": audits,
        "emailAuthenticationMethod-id": (_EMAIL_METHOD,),
        "includedUserRoles": ("all", "admin"),
        "includedUserTypes": ("all", "member"),
        "passwordAuthenticationMethod-id": (_PASSWORD_METHOD,),
        "phoneAuthenticationMethod-id": (MOBILE, ALTERNATE, OFFICE),
        "spare": ids[3:5],
        "user-id": (*ids[:2], "max@contoso.example", "nobody@contoso.example"),
        "userRegistrationDetails-id": ids[:2],
    }


@pytest.mark.parametrize("person", [pytest.param(True, id="a person"), pytest.param(False, id="an application")])
@pytest.mark.parametrize("version", ["v1.0", "beta"])
def test_every_answer_is_one_that_the_document_has(target: Target, tmp_path: Path, version: str, *, person: bool) -> None:
    """And half of the operations, at least, were done and not only refused."""
    document = served_part(version, target.known, person=person)
    succeeded = _try(document, (target.server, version, target.tokens[person]), tmp_path, *_SHORTER, "--phases", _PHASES[person])
    asked = {f"{verb.upper()} {path}" for path, verbs in document["paths"].items() for verb in verbs if verb != "put"}
    assert len(asked) / 2 < len(succeeded & asked)


def test_our_own_document_is_true(target: Target, tmp_path: Path) -> None:
    """`/mfa/v1`: every operation but those that take a code or a password, which nobody guesses, is done at least once."""
    token = target.tokens[False]
    document = get(target.server, "/mfa/v1/openapi.json")
    challenge = post(target.server, "/mfa/v1/challenges", {"user": "kim@contoso.example", "purpose": "x"}, token)["id"]
    names = {"user": ["lee@contoso.example", "nobody@contoso.example"], "challenge": [challenge, "x"]}
    parameters = [one for verbs in document["paths"].values() for each in verbs.values() for one in each.get("parameters", ())]
    for parameter in parameters:
        parameter["schema"]["enum"] = names[parameter["name"]]
    succeeded = _try(document, (target.server, "mfa/v1", token), tmp_path, "--phases", _PHASES[True])
    assert {"POST /challenges", "GET /challenges/{challenge}", "POST /users/{user}/software-oath"} == succeeded


def _try(document: dict[str, Any], where: tuple[Served, str, str], folder: Path, *more: str) -> set[str]:
    """Try a document (at a server, below a path, with a token); return the operations that succeeded at least once."""
    (server, path, token), report = where, folder / "report.ndjson"
    (folder / "openapi.json").write_text(json.dumps(document), "utf-8")
    at = ("--url", f"{server.root}/{path}", "--tls-verify", str(server.ca), "-H", f"Authorization: Bearer {token}")
    words: list[str | Path] = [_PROGRAM, "run", "openapi.json", *at, *_HELD, *_CASES, *_OUTPUT, *more]
    words += ["--report-ndjson-path", report]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, timeout=_SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    return _done(report)


def _done(report: Path) -> set[str]:
    """The operations that answered 2xx at least once."""
    events = [json.loads(line) for line in report.read_text("utf-8").splitlines()]
    recorders = [event["ScenarioFinished"]["recorder"] for event in events if "ScenarioFinished" in event]
    return {
        one["label"] for one in recorders if any(_succeeded(one["label"], each) for each in one.get("interactions", {}).values())
    }


def _succeeded(label: str, interaction: dict[str, Any]) -> bool:
    """Whether a request with the operation's own verb was answered 2xx: others are tried beside it."""
    answer, verb = interaction.get("response"), interaction["request"]["method"]
    return answer is not None and answer["status_code"] // 100 == 2 and label.startswith(f"{verb} ")
