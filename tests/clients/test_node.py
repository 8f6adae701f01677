"""Node's clients, as ordinary scripts use them. Source: clients 2.4."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.clients.conftest import ROOT, run_program
from tests.conftest import need

pytestmark = pytest.mark.slow

_INSTALLED = ROOT / "var" / "clients" / "node"
_SCRIPT = Path(__file__).with_name("node") / "graph.mjs"


def test_node_s_clients(environment: dict[str, str], tmp_path: Path) -> None:
    """graph-client with paging, batch and errors; @azure/identity; msal-node; openid-client by secret in form and header."""
    node = shutil.which("node")
    need(node is not None and (_INSTALLED / "node_modules").is_dir(), "Node and its clients (./dev test installs them)")
    assert node is not None
    (tmp_path / "node_modules").symlink_to(_INSTALLED / "node_modules")
    shutil.copy(_SCRIPT, tmp_path)
    assert {
        "graph": {
            "seen": 3,
            "phone": "+1 4255550133",
            "batch": [200, 404],
            "error": [404, "Request_ResourceNotFound", True],
        },
        "msal": {"token": 3, "cached": True, "device": 9},
        "openid": {"issuer": True, "types": ["bearer", "bearer"]},
    } == json.loads(run_program(environment, node, tmp_path / _SCRIPT.name))
