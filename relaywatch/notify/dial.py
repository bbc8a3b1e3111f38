"""Reaching a mail server: which of its addresses answers (RFC 8305), and what to greet it with (RFC 5321 4.1.4)."""

import asyncio
import socket
from collections.abc import Iterator
from ipaddress import ip_address

from aiohappyeyeballs import start_connection

_DELAY_SECONDS = 0.25  # RFC 8305 5: until the next address is tried beside the first


async def dial(host: str, port: int, turn: int) -> socket.socket:
    """Return a socket that is connected to the first address that answers; raise OSError where none does.

    IPv6 and IPv4 take turns, so that a dead one costs a quarter of a second. `turn`: which address is tried
    first, for one that answers may refuse what another takes.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    first = turn % len(found)
    return await start_connection(found[first:] + found[:first], happy_eyeballs_delay=_DELAY_SECONDS)


def own_names(local_address: str, sender: str) -> list[str]:
    """Return what to say in EHLO, the truest first, without asking DNS, which may hang.

    A server may refuse any of them: a name without a dot (never said here), one that it cannot resolve, an
    address literal, or a literal of loopback.
    """
    return list(dict.fromkeys(_names(local_address, sender)))


def _names(local_address: str, sender: str) -> Iterator[str]:
    own = socket.gethostname()
    if "." in own and own.isascii() and own.isprintable() and " " not in own:
        yield own
    try:
        address = ip_address(local_address.partition("%")[0])
    except ValueError:
        yield "[127.0.0.1]"
    else:
        yield f"[{address}]" if address.version == 4 else f"[IPv6:{address}]"  # noqa: PLR2004 - the protocol's name
    domain = sender.rpartition("@")[2].strip("> ")
    if "." in domain and domain.isascii():
        yield domain
