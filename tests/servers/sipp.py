"""Phones of the tests: SIPp (Debian's sip-tester) on a free port of loopback, each with a scenario of what its people do.

Owns start, stop and the verdict: SIPp itself holds retransmissions, CANCEL and BYE to the standard, and its exit code says so.
Does not own the scenarios' telephony beyond what a test needs. Keys are replayed from SIPp's own recordings (root only).
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from tests.conftest import need

_SECONDS: Final = 40
_KEYS: Final = Path("/usr/share/sip-tester")
_HEAD: Final = (
    "[last_Via:]\n[last_From:]\n[last_To:];tag=[pid]t[call_number]\n[last_Call-ID:]\n[last_CSeq:]\n[last_Record-Route:]\n"
)
_CONTACT: Final = "Contact: <sip:callee@[local_ip]:[local_port];transport=[transport]>\n"
_SDP: Final = (
    "v=0\no=callee 1 1 IN IP4 [local_ip]\ns=-\nc=IN IP4 [media_ip]\nt=0 0\nm=audio [media_port] RTP/AVP 0 101\n"
    "a=rtpmap:0 PCMU/8000\na=rtpmap:101 telephone-event/8000\na=fmtp:101 0-15\na=ptime:20\n"
)
_INVITE: Final = '<recv request="INVITE" crlf="true"/>'
_RING_MS: Final = 150
_BETWEEN_KEYS_MS: Final = 300
"""A replay takes 200 ms, and goes on beside what follows."""


def _send(line: str, rest: str = "Content-Length: 0\n\n", *, head: str = _HEAD, again: bool = False) -> str:
    repeat = ' retrans="500"' if again else ""
    return f"<send{repeat}><![CDATA[\nSIP/2.0 {line}\n{head}{rest}]]></send>"


def _pause(milliseconds: int) -> str:
    return f'<pause milliseconds="{milliseconds}"/>'


_RINGING: Final = _send("180 Ringing", _CONTACT + "Content-Length: 0\n\n")
_OK: Final = _send("200 OK", head=_HEAD.replace(";tag=[pid]t[call_number]", ""))
_ANSWER: Final = _send("200 OK", f"{_CONTACT}Content-Type: application/sdp\nContent-Length: [len]\n\n{_SDP}", again=True)
_BYE_COMES: Final = f'<recv request="BYE" timeout="20000"/>{_OK}'


def refuses(line: str, ring_ms: int = 0) -> str:
    """Rings perhaps, then answers the call with this status line."""
    rings = _RINGING + _pause(ring_ms) if ring_ms else ""
    return f'{_INVITE}{rings}{_send(line, again=True)}<recv request="ACK" timeout="5000"/>'


def never_takes_it() -> str:
    """Rings until the caller gives up."""
    terminated = _send("487 Request Terminated", again=True).replace("[last_CSeq:]", "CSeq: [cseq] INVITE")
    cancelled = f'<recv request="CANCEL" timeout="30000"/>{_OK}{terminated}'
    return f'{_INVITE}{_RINGING}{cancelled}<recv request="ACK" timeout="5000"/>'


def takes_it(*keys: str | int, listens_ms: int = 300) -> str:
    """Takes the call, listens, presses keys, with a number as a pause in milliseconds, and waits for the end."""
    actions = [_pause(key) if isinstance(key, int) else _press(key) for key in keys]
    return _taken(listens_ms) + _pause(_BETWEEN_KEYS_MS).join(actions) + _BYE_COMES


def takes_it_at_once(*keys: str) -> str:
    """Takes the call without a ring, as an exchange does, and presses keys."""
    actions = _pause(_BETWEEN_KEYS_MS).join(_press(key) for key in keys)
    return f'{_INVITE}{_ANSWER}<recv request="ACK" timeout="5000"/>{_pause(_RING_MS)}{actions}{_BYE_COMES}'


def hangs_up(listens_ms: int = 300) -> str:
    """Takes the call and hangs up."""
    bye = (
        "BYE [next_url] SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n[routes]\n"
        "From: <sip:callee@[local_ip]>;tag=[pid]t[call_number]\nTo: [$caller]\n[last_Call-ID:]\nCSeq: 9 BYE\nMax-Forwards: 70\n"
    )
    said = '<action><ereg regexp=".*" search_in="hdr" header="From:" assign_to="caller"/></action>'
    invite = f'<recv request="INVITE" crlf="true" rrs="true">{said}</recv>'
    end = f'<send retrans="500"><![CDATA[\n{bye}Content-Length: 0\n\n]]></send><recv response="200" timeout="5000"/>'
    return _taken(listens_ms, invite) + end


def _taken(listens_ms: int, invite: str = _INVITE) -> str:
    return f'{invite}{_RINGING}{_pause(_RING_MS)}{_ANSWER}<recv request="ACK" crlf="true" timeout="5000"/>{_pause(listens_ms)}'


def _press(key: str) -> str:
    name = {"#": "pound", "*": "star"}.get(key, key)
    return f'<nop><action><exec play_pcap_audio="{_KEYS}/dtmf_2833_{name}.pcap"/></action></nop>'


class Callee(NamedTuple):
    """A running one."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def verdict(self) -> str:
        """Wait for all its calls to end; empty when they went by the book."""
        code = self.process.wait(_SECONDS)
        return "" if code == 0 else f"sipp ended with {code}: {self.log.read_text(errors='replace')[-2000:]}"


@contextlib.contextmanager
def callee(folder: Path, scenario: str, calls: int = 1, port: int = 0) -> Iterator[Callee]:
    """Run one that takes so many calls, each by the scenario."""
    program = shutil.which("sipp")
    need(program is not None and _KEYS.is_dir(), "SIPp (apt-get install -y --no-install-recommends sip-tester)")
    need(os.geteuid() == 0, "root, for SIPp replays keys through raw sockets")
    assert program is not None
    port = port or free_port()
    script = folder / f"callee-{port}.xml"
    script.write_text(f'<?xml version="1.0" encoding="ISO-8859-1"?>\n<scenario name="callee">{scenario}</scenario>')
    errors, log = folder / f"callee-{port}.err", folder / f"callee-{port}.log"
    where = ["-i", "127.0.0.1", "-p", str(port), "-mi", "127.0.0.1", "-mp", str(free_port())]
    limits = ["-m", str(calls), "-timeout", str(_SECONDS), "-timeout_error", "-nostdin"]
    traces = ["-trace_err", "-error_file", str(errors)]
    with log.open("wb") as out:
        process = subprocess.Popen([program, "-sf", str(script), *where, *limits, *traces], stdout=out, stderr=out, cwd=folder)
    try:
        wait_until_bound(port, process)
        yield Callee(port, process, errors if errors.exists() else log)
    finally:
        process.kill()
        process.wait(_SECONDS)


def free_port() -> int:
    """Return a port of loopback, free just now for UDP and TCP, and the next one too.

    It lies below those that the system hands out by itself, which another test may be given at any moment.
    """
    while True:
        port = 10000 + 2 * secrets.randbelow(5000)
        kinds = [(at, kind) for at in (port, port + 1) for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM)]
        if all(_is_free(at, kind) for at, kind in kinds):
            return port


def _is_free(port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def wait_until_bound(port: int, process: subprocess.Popen[bytes]) -> None:
    """Go on once somebody has the port; a socket of ours cannot have it then."""
    while process.poll() is None:
        if not _is_free(port, socket.SOCK_DGRAM):
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.02)
    raise AssertionError(process.returncode)
