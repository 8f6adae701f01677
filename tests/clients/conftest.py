"""The served instance and the programs that the tests of this folder run."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.clients.certificates import certified_key
from tests.conftest import need
from tests.servers.ringfence import Served, served

ROOT: Final = Path(__file__).parents[2]
PYTHON: Final = ROOT / "var" / "clients" / "python" / "bin" / "python"
_SCRIPTS: Final = Path(__file__).with_name("python")
_SECONDS: Final = 120
PERMISSIONS: Final = ("User.ReadWrite.All", "UserAuthenticationMethod.ReadWrite.All", "Policy.ReadWrite.AuthenticationMethod")

RunScript = Callable[[str], Any]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A served deployment with a few users."""
    with served(tmp_path_factory.mktemp("served")) as one:
        for name in ("kim", "lee", "max"):
            one.command("user", "create", f"{name}@contoso.example", "--display-name", name.title())
        yield one


@pytest.fixture(scope="module")
def secrets(server: Served, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a script's author is given: address, tenant, and three applications: with a secret, with a certificate, public."""
    certificate = certified_key(tmp_path_factory.mktemp("client"))
    asked = [word for name in PERMISSIONS for word in ("--permission", name)]
    confidential = server.command("app", "create", "scripts", *asked)
    certified = server.command("app", "create", "certified", *asked, "--certificate", str(certificate))
    public = server.command("app", "create", "public", "--public", "--delegated", "User.Read")
    return {
        "ROOT": server.root,
        "CA": str(server.ca),
        "TENANT": server.tenant,
        "APP": confidential["appId"],
        "SECRET": confidential["secret"],
        "CERTIFIED_APP": certified["appId"],
        "CERTIFICATE": str(certificate),
        "PUBLIC_APP": public["appId"],
    }


@pytest.fixture
def environment(secrets: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """What a program is run with: the secrets, an empty home, and trust in the deployment's authority alone."""
    trust = dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"), secrets["CA"])
    return {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **trust, **secrets}


def run_program(environment: dict[str, str], *words: str | Path) -> str:
    """What a program prints; it has to end well."""
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False, timeout=_SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def run_python(environment: dict[str, str]) -> RunScript:
    """Runs a script of ./python with the clients' own interpreter, and reads the JSON it prints."""
    need(PYTHON.exists(), "the Python clients (./dev test installs them)")
    return lambda name: json.loads(run_program(environment, PYTHON, _SCRIPTS / name).splitlines()[-1])
