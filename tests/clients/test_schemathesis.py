"""Schemathesis over the served part of Microsoft's OpenAPI documents: cases made of each schema, right and wrong ones.

Held: no 5xx, no status and no type of content that a document does not have, bodies that are what it says (so every error has
Graph's shape), 400 for what a schema does not allow, 405 with a true `Allow` for other methods, 401 without a token. Not held:
that whatever fits a schema is accepted, for the documents say neither which number or name is possible, nor what is required. The
cases are the same in every run. Source: clients 3.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from ringfence.graph.permissions import known_permissions
from tests.clients.conftest import ROOT
from tests.clients.specification import Known, served_part
from tests.conftest import need
from tests.graph.served import ALTERNATE, MOBILE, OFFICE
from tests.servers.ringfence import Served, get, served

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
        persons = [word for each in every if each.delegated_id for word in ("--delegated", each.name)]
        one.command("app", "create", "everything", *own, *persons)
        asked = ("token", "--app", "everything")
        application = one.command(*asked)["accessToken"]
        person = one.command(*asked, "--user", "ada@contoso.example")["accessToken"]
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
    (tmp_path / "openapi.json").write_text(json.dumps(document), "utf-8")
    report = tmp_path / "report.ndjson"
    token = f"Authorization: Bearer {target.tokens[person]}"
    where = ("--url", f"{target.server.root}/{version}", "--tls-verify", str(target.server.ca), "-H", token)
    words: list[str | Path] = [_PROGRAM, "run", "openapi.json", *where, *_HELD, *_CASES, *_SHORTER, *_OUTPUT]
    words += ["--phases", _PHASES[person], "--report-ndjson-path", report]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=_SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    asked = {f"{verb.upper()} {path}" for path, verbs in document["paths"].items() for verb in verbs if verb != "put"}
    assert len(asked) / 2 < len(_done(report) & asked)


def _done(report: Path) -> set[str]:
    """The operations that answered 2xx at least once."""
    events = [json.loads(line) for line in report.read_text("utf-8").splitlines()]
    recorders = [event["ScenarioFinished"]["recorder"] for event in events if "ScenarioFinished" in event]
    return {one["label"] for one in recorders if any(map(_is_success, one.get("interactions", {}).values()))}


def _is_success(interaction: dict[str, Any]) -> bool:
    answer = interaction.get("response")
    return answer is not None and answer["status_code"] // 100 == 2
