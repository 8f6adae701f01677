"""A provider's trunk in small: Kamailio on a free port of loopback, which wants a password and knows few numbers.

Owns start and stop, and whom it knows. It registers us and asks for a digest; refuses what is not of North America (404), and
the numbers that end in 9 (403); the others ring the phone behind it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from tests.conftest import need
from tests.servers.sipp import free_port, wait_until_bound

_SECONDS: Final = 15
USER: Final = "ringfence"
PASSWORD: Final = "trunk; pass word"  # noqa: S105 - of a trunk that lives for one test, with what needs quoting
_MODULES: Final = "*/kamailio/modules"
_CONFIGURATION: Final = """#!KAMAILIO
debug=1
log_stderror=yes
children=1
disable_tcp=yes
auto_aliases=no
listen=udp:127.0.0.1:{port}
mpath="{modules}/"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
modparam("auth", "secret", "of one test")
request_route {{
    if (has_totag()) {{
        if (loose_route()) {{ t_relay(); exit; }}
        if (is_method("ACK")) {{ if (t_check_trans()) t_relay(); exit; }}
        sl_send_reply("404", "Not here"); exit;
    }}
    if (is_method("CANCEL")) {{ if (t_check_trans()) t_relay(); exit; }}
    t_check_trans();
    if ($au != "{user}" || !pv_auth_check("trunk", "{password}", "0", "0")) {{ auth_challenge("trunk", "0"); exit; }}
    consume_credentials();
    if (is_method("REGISTER")) {{ save("location"); exit; }}
    if (!($rU =~ "^[+]1[0-9]{{10}}$")) {{ sl_send_reply("404", "Unknown number"); exit; }}
    if ($rU =~ "9$") {{ sl_send_reply("403", "Not for you"); exit; }}
    record_route();
    $du = "sip:127.0.0.1:{phone}";
    t_relay();
}}
"""


class Trunk(NamedTuple):
    """A running one."""

    port: int


@contextlib.contextmanager
def trunk(phone_port: int, port: int = 0) -> Iterator[Trunk]:
    """Run one before a phone."""
    program, modules = shutil.which("kamailio", path=f"{os.environ['PATH']}:/usr/sbin"), list(Path("/usr/lib").glob(_MODULES))
    need(program and modules, "Kamailio (apt-get install -y --no-install-recommends kamailio)")
    assert program is not None
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), port or free_port()
        configuration, log = folder / "trunk.cfg", folder / "trunk.log"
        words = {"port": port, "modules": modules[0], "user": USER, "password": PASSWORD, "phone": phone_port}
        configuration.write_text(_CONFIGURATION.format(**words))
        command = [program, "-f", str(configuration), "-DD", "-E", "-m", "16", "-M", "4", "-Y", name]
        with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out, cwd=name) as process:
            try:
                wait_until_bound(port, process)
                yield Trunk(port)
            finally:
                process.terminate()
                process.wait(_SECONDS)
