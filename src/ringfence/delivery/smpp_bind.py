"""Asking an SMSC why it does not let us in: one bind of our own, and its status.

The client library says of a refused bind only that no session came about. Whether the password is wrong or the SMSC silent
decides between an administrator and patience, so this asks once more and reads the answer's header.
Source: SMPP 3.4, 3.2 (header), 4.1.5 (bind_transceiver), 5.1.3 (statuses).
"""

from __future__ import annotations

import asyncio
import ssl
import struct
from typing import Final

from ringfence.delivery.smpp_account import SmppAccount

_HEADER: Final = struct.Struct(">IIII")
_BIND_TRANSCEIVER: Final = 0x00000009
_UNBIND: Final = 0x00000006
_VERSION: Final = 0x34
REFUSALS: Final = frozenset({0x04, 0x0D, 0x0E, 0x0F, 0x53})
"""Wrong state, bind failed, invalid password, invalid system id, invalid system type: nothing that waiting mends."""


async def is_refused(account: SmppAccount) -> bool:
    """Whether the SMSC answers a bind with a refusal; False too when it does not answer."""
    try:
        async with asyncio.timeout(account.patience.for_bind.total_seconds()):
            status = await _status_of_bind(account)
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return False
    return status in REFUSALS


async def _status_of_bind(account: SmppAccount) -> int:
    trust = ssl.create_default_context() if account.is_tls else None
    reader, writer = await asyncio.open_connection(account.host, account.port, ssl=trust)
    try:
        words = (account.system_id, account.password, "")
        body = b"".join(word.encode("ascii") + b"\0" for word in words) + bytes([_VERSION, 0, 0, 0])
        writer.write(_HEADER.pack(_HEADER.size + len(body), _BIND_TRANSCEIVER, 0, 1) + body)
        header: tuple[int, int, int, int] = _HEADER.unpack(await reader.readexactly(_HEADER.size))
        if header[2] == 0:
            writer.write(_HEADER.pack(_HEADER.size, _UNBIND, 0, 2))
            await writer.drain()
        return header[2]
    finally:
        writer.close()
