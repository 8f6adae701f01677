"""A phone that speaks TLS and SRTP: the SIP stack of ours on the other side, a process of its own.

Owns start and stop. Run as a script it is that phone: `secure_phone.py PORT CERTIFICATE MEDIA` listens for TLS one port above
PORT, as the stack does, takes each call and presses `#`; MEDIA is the stack's word for the encryption of voice, "" for none.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import baresip

from tests.servers.certificates import CertificateFiles
from tests.servers.sipp import free_port

_ROOT: Final = Path(__file__).parents[2]
_SECONDS: Final = 15
MANDATORY: Final = "srtp-mand"


class SecurePhone(NamedTuple):
    """A running one."""

    port: int


@contextlib.contextmanager
def secure_phone(folder: Path, files: CertificateFiles, media: str = MANDATORY) -> Iterator[SecurePhone]:
    """Run one with a certificate."""
    both, port = folder / "phone.pem", free_port()
    both.touch(0o600)
    both.write_bytes(files.certificate.read_bytes() + files.key.read_bytes())
    command = [sys.executable, "-m", "tests.servers.secure_phone", str(port), str(both), media]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_ROOT) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield SecurePhone(port + 1)
        finally:
            _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    """Let it end by itself, which leaves nothing behind, or kill it."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


async def _take(call: baresip.Call) -> None:
    await asyncio.sleep(0.2)
    await call.answer()
    await asyncio.sleep(0.5)
    with contextlib.suppress(baresip.BaresipError):
        await call.send_dtmf("#")


async def _be_a_phone(port: str, certificate: str, media: str) -> None:
    runtime, taking = baresip.Runtime(), set()
    more = f"sip_listen 127.0.0.1:{port}\nsip_certificate {certificate}\nrtp_ports 24000-24998\n"
    await runtime.start(baresip.Config(net_interface="127.0.0.1", max_concurrent_calls=None, extra_config_text=more))
    encryption = (f"mediaenc={media}",) if media else ()
    account = baresip.Account(
        user="phone", domain="127.0.0.1", password="", reg_interval=0, transport="tls", extra_params=("catchall=yes", *encryption)
    )
    agent = await baresip.UserAgent.create(runtime, account)
    agent.on_incoming(lambda call: taking.add(asyncio.ensure_future(_take(call))))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    await runtime.close()


if __name__ == "__main__":
    asyncio.run(_be_a_phone(*sys.argv[1:]))
