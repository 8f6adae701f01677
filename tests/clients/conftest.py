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
PERMISSIONS: Final = ("User.ReadWrite.All", "UserAuthenticationMethod.ReadWrite.All")

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
def run_python(secrets: dict[str, str], tmp_path: Path) -> RunScript:
    """Runs a script of ./python with the clients' own interpreter, and reads the JSON it prints."""
    need(PYTHON.exists(), "the Python clients (./dev test installs them)")
    bundle = {"SSL_CERT_FILE": secrets["CA"], "REQUESTS_CA_BUNDLE": secrets["CA"], "HOME": str(tmp_path)}

    def run(name: str) -> Any:  # noqa: ANN401 - JSON
        environment = {"PATH": os.environ["PATH"], **bundle, **secrets}
        done = subprocess.run(
            [PYTHON, _SCRIPTS / name], env=environment, capture_output=True, text=True, check=False, timeout=_SECONDS
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run
