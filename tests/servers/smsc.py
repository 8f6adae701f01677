"""A throw-away message centre (SMSC): `smsc.js` on Node, on a free port of loopback, which it chooses itself.

Owns start, stop, and the events it tells. Does not own how it behaves; the table stands in the script. Its package is set up
by `./dev test` in var/clients/smsc.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.conftest import need
from tests.servers.certificates import CertificateFiles

_SCRIPT: Final = Path(__file__).with_name("smsc.js")
_INSTALLED: Final = Path(__file__).parents[2] / "var" / "clients" / "smsc" / "node_modules"
_SECONDS: Final = 20
USER: Final = "ringfence"
PASSWORD: Final = "eightchr"  # noqa: S105 - of a server that lives for one test; eight characters, all that SMPP has room for

Event = dict[str, Any]


class MessageCentre(NamedTuple):
    """A running one: its port, its process, and what it told so far."""

    port: int
    process: subprocess.Popen[str]
    told: list[Event]
    news: threading.Condition

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait(_SECONDS)

    def events(self, kind: str) -> list[Event]:
        """Those of one kind, in order."""
        return self.wait_for(kind, 0)

    def wait_for(self, kind: str, count: int = 1, is_meant: Callable[[Event], bool] = lambda _event: True) -> list[Event]:
        """All events of a kind that are meant, once there are so many."""

        def meant() -> list[Event]:
            return [event for event in self.told if event["event"] == kind and is_meant(event)]

        with self.news:
            assert self.news.wait_for(lambda: len(meant()) >= count, _SECONDS), self.told
            return meant()


@contextlib.contextmanager
def message_centre(folder: Path, port: int = 0, tls: CertificateFiles | None = None) -> Iterator[MessageCentre]:
    """Run one, with its script copied into the folder, beside its package."""
    node = shutil.which("node")
    need(node is not None and _INSTALLED.is_dir(), "Node and the message centre's package (./dev test installs it)")
    assert node is not None
    if not (folder / "node_modules").exists():
        (folder / "node_modules").symlink_to(_INSTALLED)
    settings: Event = {"port": port, "user": USER, "password": PASSWORD}
    if tls is not None:
        settings["tls"] = {"key": str(tls.key), "cert": str(tls.certificate)}
    command = [node, shutil.copy(_SCRIPT, folder), json.dumps(settings)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, cwd=folder) as process:
        told: list[Event] = []
        news = threading.Condition()
        reader = threading.Thread(target=_read, args=(process, lambda event: _add(event, told, news)), daemon=True)
        reader.start()
        try:
            started = MessageCentre(0, process, told, news).wait_for("listen")[0]
            yield MessageCentre(int(started["port"]), process, told, news)
        finally:
            process.kill()
            reader.join(_SECONDS)


def _read(process: subprocess.Popen[str], take: Callable[[Event], None]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        take(json.loads(line))


def _add(event: Event, told: list[Event], news: threading.Condition) -> None:
    with news:
        told.append(event)
        news.notify_all()
