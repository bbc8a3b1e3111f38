"""The demo's SMTP server: aiosmtpd on a loopback port of the system's choice; it keeps what it is given."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email import message_from_bytes, policy

from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning as it arrived: to whom, and what its headers say (interface: a warning, as mail)."""

    recipient: str
    subject: str
    step: str
    rule: str
    case: str
    message_id: str


def _read(recipient: str, content: bytes) -> Warned:
    message = message_from_bytes(content, policy=policy.default)

    def header(name: str) -> str:
        return str(message.get(name, ""))

    return Warned(
        recipient=recipient,
        subject=header("Subject"),
        step=header("X-Relaywatch-Step"),
        rule=header("X-Relaywatch-Rule"),
        case=header("X-Relaywatch-Case"),
        message_id=header("Message-ID"),
    )


class SmtpServer:
    """Takes every mail; `warnings` are those that came in, in order; `port` is where it listens."""

    def __init__(self) -> None:
        self.port = 0
        self.warnings: list[Warned] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep one mail (aiosmtpd calls this at the final dot)."""
        content = envelope.original_content or b""
        self.warnings.extend(_read(recipient, content) for recipient in envelope.rcpt_tos)
        return "250 2.0.0 kept"

    @contextlib.asynccontextmanager
    async def serve(self) -> AsyncIterator["SmtpServer"]:
        """Listen for as long as the context lasts; at its end every connection is ended."""
        connections: list[SMTP] = []

        def connected() -> SMTP:
            connections.append(SMTP(self, hostname="demo.invalid", ident="demo"))
            return connections[-1]

        server = await asyncio.get_running_loop().create_server(connected, HOST, 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for connection in connections:
                if connection.transport is not None:
                    connection.transport.close()
            await server.wait_closed()


__all__ = ["SmtpServer", "Warned"]
