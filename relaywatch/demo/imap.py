"""The demo's IMAP server: pymap with its mail in memory, on a loopback port of the system's choice.

pymap's own `main` opens a fixed port and looks up the machine's name; here its connection handler is served
directly, so that the port is free, no name is looked up, and closing the server ends every connection.
"""

import asyncio
import contextlib
import uuid
from argparse import Namespace
from collections.abc import AsyncIterator, Mapping

from proxyprotocol.result import ProxyResultLocal
from proxyprotocol.sock import SocketInfo
from pymap.backend.dict import Config, Login
from pymap.imap import IMAPServer
from pymap.user import UserMetadata
from pysasl.hashing import Cleartext

HOST = "127.0.0.1"


class _Config(Config):
    """pymap's settings, but no looking up of this machine's name: without a network that takes seconds."""

    @property
    def greeting(self) -> bytes:
        return b"Blue Kiln's demo server is ready"


def _config() -> _Config:
    """Return what pymap's command line would give: plain text on loopback, no mail of its own."""
    arguments = Namespace(
        host=HOST,
        port=0,
        debug=False,
        cert=None,
        key=None,
        tls=False,
        proxy_protocol=None,
        passlib_cfg=None,
        demo_data=False,
        demo_user="",
        demo_password="",
    )
    # The passwords live in memory, for as long as the demo: hashing them would only make logins slow.
    return _Config.from_args(arguments, hash_context=Cleartext())


class ImapServer:
    """A mailbox for each login; `port` is where it listens."""

    def __init__(self, logins: Mapping[str, str]) -> None:
        """`logins`: each user's password."""
        self.port = 0
        self._config = _config()
        self._login = Login(self._config)
        for user, password in logins.items():
            self._login.users_dict[user] = UserMetadata(self._config, user, password=password)
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @contextlib.asynccontextmanager
    async def serve(self) -> AsyncIterator["ImapServer"]:
        """Listen for as long as the context lasts; at its end every connection is ended."""
        self._config.apply_context()
        server = await asyncio.start_server(self._connected, HOST, 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for writer in self._connections.values():
                writer.transport.abort()  # cancelled, pymap would leave tasks behind
            await asyncio.gather(*self._connections, return_exceptions=True)
            await server.wait_closed()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.get_running_loop().create_task(self._talk(reader, writer))
        self._connections[connection] = writer
        connection.add_done_callback(self._connections.pop)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = SocketInfo.get(writer, ProxyResultLocal(), unique_id=uuid.uuid4().bytes)
        with contextlib.suppress(ConnectionError):
            await IMAPServer(self._login, self._config)(reader, writer, peer)
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
