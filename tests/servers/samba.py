"""A throw-away Active Directory domain: Samba in a temporary folder, gone with the session.

Owns: what must be installed, smb.conf, start and stop. Does not own: users and exports (`active_directory.py`).

Samba's LDAP ports are fixed (389, 636), so a domain has a loopback address of its own. Binding them takes root; an ordinary
user gets them in a user and network namespace of his own, where he counts as root: all of Samba that a directory client needs
works there (proven with 4.17: making the domain, LDAPS, writes, exports), with a relay for the way in (`samba_namespace.py`).
What does not work there is the file server's ownership of sysvol, which nobody here reads.
Source: Samba's smb.conf(5), samba(8), provision; unshare(1).
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypedDict
from urllib.parse import SplitResult, urlsplit

from tests.servers.active_directory import ActiveDirectory
from tests.servers.certificates import write_certificates

DOMAIN: Final = "contoso.example"
_ADMIN_PASSWORD: Final = "Thr0w-away-Adm1n!"  # noqa: S105  # of a domain that lives as long as the test session
_LDAPS: Final = 636
_LDAP_PORTS: Final = (389, _LDAPS, 3268, 3269)
_ADDRESS_IN_NAMESPACE: Final = "127.0.0.11"
# The one that python3-samba is installed for; isolated, or its `samba` would be the file beside the script.
_SYSTEM_PYTHON: Final = ("/usr/bin/python3", "-I")
_PATH: Final = "/usr/sbin:/usr/bin:/sbin:/bin"
_NAMESPACE: Final = ("unshare", "--user", "--map-root-user")
_PAUSE: Final = 0.05
_START_SECONDS: Final = 60
_LOG_END: Final = 4000
_PROVISIONS: Final = (
    "from pathlib import Path; from samba import param, provision; "
    "Path(param.setup_dir(), 'provision.ldif').stat(); Path(param.modules_dir(), 'ldb', 'samba_dsdb.so').stat()"
)

# Every folder is named: a Samba that falls back on one of its own would write into the machine's domain.
_SMB_CONF: Final = """[global]
netbios name = DC1
workgroup = CONTOSO
realm = {realm}
server role = active directory domain controller
server services = ldap
dcerpc endpoint servers =
interfaces = {address}/8
bind interfaces only = yes
tls keyfile = {key}
tls certfile = {certificate}
tls cafile = {authority}
private dir = {folder}/private
state directory = {folder}/state
cache directory = {folder}/cache
lock directory = {folder}/lock
pid directory = {folder}/run
binddns dir = {folder}/bind-dns
ncalrpc dir = {folder}/ncalrpc
ntp signd socket directory = {folder}/ntp
winbindd socket directory = {folder}/winbind
log file = {folder}/samba.log
ldb:nosync = yes
[sysvol]
path = {folder}/sysvol
[netlogon]
path = {folder}/sysvol/{domain}/scripts
"""
_FOLDERS: Final = ("private", "state", "cache", "lock", "run", "bind-dns", "ncalrpc", "ntp", "winbind", "sysvol")


def find_missing() -> str | None:
    """Return what a domain needs and this machine lacks, in words; None when all is there."""
    if shutil.which("samba", path=_PATH) is None or not _succeeds(*_SYSTEM_PYTHON, "-c", _PROVISIONS):
        return "Samba's domain controller (Debian's samba-ad-dc, samba-ad-provision, samba-dsdb-modules, python3-samba)"
    if shutil.which("ldapsearch", path=_PATH) is None:
        return "ldapsearch (Debian's ldap-utils)"
    if os.geteuid() != 0 and not has_namespaces():
        return "root, or a kernel that gives ordinary users a network namespace (Samba's ports are below 1024)"
    return None


def has_namespaces(user: int | None = None) -> bool:
    """Tell whether this or another user, without being root, may have a user and a network namespace."""
    return _succeeds(*_NAMESPACE, "--net", "true", user=user)


def _succeeds(*command: str, user: int | None = None) -> bool:
    with contextlib.suppress(FileNotFoundError):
        run = subprocess.run(command, env={"PATH": _PATH}, capture_output=True, check=False, **_as(user))
        return run.returncode == 0
    return False


class _Account(TypedDict, total=False):
    """The arguments of `subprocess` that make it another user's process."""

    user: int
    group: int
    extra_groups: list[int]


def _as(user: int | None) -> _Account:
    return {} if user is None else {"user": user, "group": user, "extra_groups": []}


class _Domain:
    """The folder of one domain, and the processes that make and serve it."""

    def __init__(self, user: int | None) -> None:
        self._user = user
        self._in_namespace = user is not None or os.geteuid() != 0
        # Not below TMPDIR: there are sockets in it, whose paths may have 107 characters.
        self._folder = Path(tempfile.mkdtemp(prefix="ringfence-ad-", dir="/tmp"))
        self._log = self._folder / "log"
        self._conf = self._folder / "smb.conf"
        self._address = _ADDRESS_IN_NAMESPACE if self._in_namespace else _free_address()
        self.authority = self._write_files()

    def _write_files(self) -> Path:
        """Lay out the folder and return the certificate that vouches for the server."""
        files = write_certificates(self._folder, [f"dc1.{DOMAIN}", "localhost"], [self._address, "127.0.0.1"])
        places = {"folder": self._folder, "domain": DOMAIN, "realm": DOMAIN.upper(), "address": self._address}
        self._conf.write_text(_SMB_CONF.format(**places, **files._asdict()))
        for name in _FOLDERS:
            (self._folder / name).mkdir(0o700)
        for script in ("samba_provision.py", "samba_namespace.py"):  # another user may not be able to enter our sources
            shutil.copy(Path(__file__).with_name(script), self._folder)
        if self._user is not None:
            for path in (self._folder, *self._folder.iterdir()):
                os.chown(path, self._user, self._user)
        return files.authority

    def _start(self, *command: str, inherited: int | None = None) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                env={"PATH": _PATH, "LC_ALL": "C.UTF-8", "HOME": str(self._folder)},
                pass_fds=() if inherited is None else (inherited,),
                start_new_session=True,  # a Ctrl-C at the terminal is for pytest, which then stops the server
                **_as(self._user),
            )

    def provision(self) -> None:
        """Make the databases: five seconds, nearly all of it processor time."""
        command = [*_SYSTEM_PYTHON, "samba_provision.py", str(self._conf), self._address, _ADMIN_PASSWORD]
        with self._start(*(_NAMESPACE if self._in_namespace else ()), *command) as process:
            if process.wait() != 0:
                raise RuntimeError(self._end_of_log())

    def serve(self) -> tuple[subprocess.Popen[bytes], str]:
        """Start the server; return its process and its URL."""
        # Interactive: then it ends when its input does, so a killed test session leaves no server behind.
        samba = ["samba", "--interactive", "--model=single", f"--configfile={self._conf}", "--debug-stdout"]
        if not self._in_namespace:
            return self._start(*samba), f"ldaps://{self._address}"
        with socket.create_server(("127.0.0.1", 0)) as listener:
            inside = [*_SYSTEM_PYTHON, "samba_namespace.py", str(listener.fileno()), self._address, str(_LDAPS), *samba]
            process = self._start(*_NAMESPACE, "--net", *inside, inherited=listener.fileno())
            return process, f"ldaps://127.0.0.1:{listener.getsockname()[1]}"

    def wait_for(self, process: subprocess.Popen[bytes], directory: ActiveDirectory) -> None:
        """Open the directory as soon as it answers; raises `RuntimeError` with the log when it does not."""
        trusted = ssl.create_default_context(cafile=directory.ca_file)
        refusal: OSError | None = None
        for _ in range(int(_START_SECONDS / _PAUSE)):
            try:  # not by ldap3, which leaves its socket open when it cannot connect
                _greet(urlsplit(directory.ldaps_url), trusted)
            except OSError as error:
                refusal = error
            else:
                directory.open()
                return
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_PAUSE)
                break
        raise RuntimeError(self._end_of_log()) from refusal

    def _end_of_log(self) -> str:
        return self._log.read_text("utf-8", "replace")[-_LOG_END:]

    def remove(self) -> None:
        shutil.rmtree(self._folder)


def _greet(url: SplitResult, trusted: ssl.SSLContext) -> None:
    """Shake hands over TLS and go; raises `OSError` when nobody answers, or not with the right certificate."""
    with (
        socket.create_connection((url.hostname, url.port or _LDAPS), _START_SECONDS) as plain,
        trusted.wrap_socket(plain, server_hostname=url.hostname),
    ):
        pass


def _free_address() -> str:
    """Return a loopback address whose LDAP ports are free; the search starts at one that is this process's own."""
    for number in itertools.count(os.getpid()):
        address = f"127.{64 + (number >> 16) % 64}.{(number >> 8) % 256}.{number % 256}"
        with contextlib.suppress(OSError), contextlib.ExitStack() as held:
            for port in _LDAP_PORTS:
                held.enter_context(socket.create_server((address, port)))
            return address
    raise AssertionError


@contextlib.contextmanager
def throw_away_domain(user: int | None = None) -> Iterator[ActiveDirectory]:
    """Run a domain of one's own and yield it with its administrator bound; another user for the server may be named (by root)."""
    domain = _Domain(user)
    try:
        domain.provision()
        process, url = domain.serve()
        directory = ActiveDirectory(url, DOMAIN, domain.authority, _ADMIN_PASSWORD)
        with process:
            try:
                domain.wait_for(process, directory)
                yield directory
            finally:
                directory.close()
                process.terminate()
    finally:
        domain.remove()
