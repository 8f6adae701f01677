"""`ringfence audit sign-ins`: failed sign-ins are found without the API."""

from __future__ import annotations

from typing import Final

import pytest

from ringfence.application.identity.passwords import check_password, set_password
from ringfence.bootstrap import open_deployment
from ringfence.domain.identity.sign_ins import Attempt, ClientApp, SignIn, SignInResult
from ringfence.settings import read_settings
from tests.cli.command_line import CommandLine
from tests.cli.conftest import At

KIM: Final = "kim@contoso.example"
NOBODY: Final = "no\x1b[2Jbody@contoso.example"
SHOWN: Final = "no\ufffd[2Jbody@contoso.example"
PASSWORD: Final = "Correct-Horse-9"  # noqa: S105 - invented here
ATTEMPT: Final = Attempt(bytes(16), "Scripts", ClientApp.BROWSER, "192.0.2.7", bytes(16))


@pytest.fixture
def tried(at: At) -> CommandLine:
    """Three sign-ins, an hour apart: kim's, a wrong password of kim's, and a name that nobody has."""
    cli = at("imported")
    deployment = open_deployment(read_settings({}), cli.clock)
    identity = deployment.identity()
    with deployment.services.store.snapshot() as unit:
        [tenant] = unit.administration.tenants()
    set_password(identity, tenant.tenant_id, KIM, PASSWORD, cli.clock.now())
    for hour, (name, password) in enumerate([(KIM, PASSWORD), (KIM, "Wrong-Horse-9"), (NOBODY, PASSWORD)], 12):
        check_password(identity, tenant.tenant_id, name, password, cli.clock.instant.replace(hour=hour), ATTEMPT)
    deployment.dispose()
    return cli


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        pytest.param((), [50034, 50126, 0], id="all, newest first"),
        pytest.param(("--failed",), [50034, 50126], id="failed"),
        pytest.param(("--user", KIM), [50126, 0], id="of a user"),
        pytest.param(("--user", SHOWN), [50034], id="of a name nobody has"),
        pytest.param(("--failed", "--user", KIM), [50126], id="failed, of a user"),
        pytest.param(("--since", "2021-02-15T13:00Z"), [50034, 50126], id="since"),
        pytest.param(("--until", "2021-02-15T13:00Z"), [0], id="until"),
        pytest.param(("--since", "2021-02-15T13:00Z", "--until", "2021-02-15T14:00Z"), [50126], id="an hour"),
        pytest.param(("--limit", "1"), [50034], id="limited"),
    ],
)
def test_sign_ins_are_found(tried: CommandLine, words: tuple[str, ...], codes: list[int]) -> None:
    """By user, by time, and by how they ended."""
    found = tried.json("audit", "sign-ins", *words)["signIns"]
    assert codes == [one["status"]["errorCode"] for one in found]


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        pytest.param(("--failed",), [50034, 50126], id="a demand is no failure"),
        pytest.param(("--interrupted",), [50079, 50074], id="demands"),
        pytest.param(("--failed", "--interrupted"), [50079, 50074, 50034, 50126], id="all but successes"),
        pytest.param((), [50079, 50074, 50034, 50126, 0], id="all"),
    ],
)
def test_demands_are_told_from_failures(tried: CommandLine, words: tuple[str, ...], codes: list[int]) -> None:
    """50074 and 50079 say that a second step follows; how that ended is a line of its own."""
    deployment = open_deployment(read_settings({}), tried.clock)
    with deployment.services.store.begin() as unit:
        [tenant] = unit.administration.tenants()
        for hour, result in ((15, SignInResult.MFA_REQUIRED), (16, SignInResult.MFA_ENROLMENT)):
            at = tried.clock.instant.replace(hour=hour)
            unit.sign_ins.add(tenant.tenant_id, SignIn(bytes([hour]) * 16, at, None, KIM, "Kim", KIM, ATTEMPT, result))
        unit.commit()
    deployment.dispose()
    assert codes == [one["status"]["errorCode"] for one in tried.json("audit", "sign-ins", *words)["signIns"]]


def test_more_than_a_page_is_read_to_the_limit(tried: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Page by page, each line once."""
    monkeypatch.setattr("ringfence.cli.sign_ins._PAGE", 1)
    counts = [len(tried.json("audit", "sign-ins", "--limit", limit)["signIns"]) for limit in ("2", "9")]
    assert [2, 3] == counts


def test_a_table_for_people(tried: CommandLine) -> None:
    """When, who, which code, with what, from where, why; and a typed name moves no cursor."""
    head, first, *_, last = tried.done("audit", "sign-ins").splitlines()
    assert ["at", "user", "code", "application", "address", "client", "result"] == head.split()
    assert (SHOWN, "50034", "192.0.2.7") == tuple(first.split()[place] for place in (1, 2, 4))
    assert last.startswith("2021-02-15T12:00:00Z")
    assert last.endswith("signed in")


def test_none_is_said(at: At) -> None:
    """An empty log is no empty answer."""
    assert "No sign-ins.\n" == at("initialised").done("audit", "sign-ins")
