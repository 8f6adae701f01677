"""Node's clients, as ordinary scripts use them. Source: clients 2.4."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from tests.clients.conftest import ROOT, run_program
from tests.conftest import need

pytestmark = pytest.mark.slow

_INSTALLED: Final = ROOT / "var" / "clients" / "node"
_SCRIPTS: Final = Path(__file__).with_name("node")

RunNode = Callable[[str], Any]


@pytest.fixture
def run_node(environment: dict[str, str], tmp_path: Path) -> RunNode:
    """Runs a script of ./node beside the clients, and reads the JSON it prints."""
    node = shutil.which("node")
    need(node is not None and (_INSTALLED / "node_modules").is_dir(), "Node and its clients (./dev test installs them)")
    assert node is not None
    (tmp_path / "node_modules").symlink_to(_INSTALLED / "node_modules")
    return lambda name: json.loads(run_program(environment, node, shutil.copy(_SCRIPTS / name, tmp_path)))


def test_node_s_clients(run_node: RunNode) -> None:
    """graph-client with paging, batch and errors; @azure/identity; msal-node; openid-client by secret in form and header."""
    assert {
        "graph": {
            "seen": 3,
            "phone": "+1 4255550133",
            "batch": [200, 404],
            "error": [404, "Request_ResourceNotFound", True],
        },
        "msal": {"token": 3, "cached": True, "device": 9},
        "openid": {"issuer": True, "types": ["bearer", "bearer"]},
    } == run_node("graph.mjs")


def test_the_graph_sdk(run_node: RunNode) -> None:
    """Pages with a selection, a phone from its creation to its end, typed methods, a batch, and an error with code and id."""
    assert {
        "pages": {"first": 2, "users": ["Kim", "Lee", "Max"], "unselected": None},
        "user": "Kim",
        "phones": {
            "id": "3179e48a-750b-4051-897c-87b9720928f7",
            "read": ["+1 4255550134", "mobile"],
            "methods": ["#microsoft.graph.passwordAuthenticationMethod", "#microsoft.graph.phoneAuthenticationMethod"],
            "listed": 1,
            "left": 0,
        },
        "batch": [200, 404],
        "error": [404, "Request_ResourceNotFound", True],
    } == run_node("sdk.mjs")
