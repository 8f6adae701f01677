"""Let an ordinary user run a server on ports below 1024; a script, started by `unshare --user --map-root-user --net`.

Owns: the loopback of its own network namespace, one server there, and the way to it from outside. The listening socket comes
from the parent and was made in the parent's namespace, and a socket stays in the namespace where it was made; the connection
on to the server is made here, so this process stands in both.
Does not own: what the server is. Its input is the parent's pipe: when that closes, the server ends, and with it all of this.
Usage: samba_namespace.py LISTENING_FD ADDRESS PORT COMMAND...
Source: network_namespaces(7), netdevice(7).
"""

from __future__ import annotations

import asyncio
import fcntl
import signal
import socket
import struct
import sys

_SIOCSIFFLAGS = 0x8914
_IFF_UP = 0x1


def raise_loopback() -> None:
    """Bring `lo` up; it has 127.0.0.0/8 from then on."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", _IFF_UP))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def serve(listener: socket.socket, target: tuple[str, int], command: list[str]) -> int:
    """Run the command until it ends or SIGTERM comes, pass connections on to it, and return its exit status."""

    async def on_client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            inner_reader, inner_writer = await asyncio.open_connection(*target)
        except OSError:  # not up yet: the client sees the connection close, and tries again
            writer.close()
            return
        await asyncio.gather(_pump(reader, inner_writer), _pump(inner_reader, writer))

    server = await asyncio.create_subprocess_exec(*command)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.terminate)
    async with await asyncio.start_server(on_client, sock=listener):
        return await server.wait()


def main(descriptor: str, address: str, port: str, *command: str) -> int:
    """Serve what the command line says."""
    raise_loopback()
    return asyncio.run(serve(socket.socket(fileno=int(descriptor)), (address, int(port)), list(command)))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
