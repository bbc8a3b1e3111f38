"""A real SMTP server (aiosmtpd) on loopback, in a thread of its own, told by a test how to fail.

    with SmtpLab() as lab:
        lab.faults.data = "451 4.3.0 try later"
        …
        lab.faults.clear()
        assert [mail.recipient for mail in lab.accepted] == ["oncall@shop.example"]

What was accepted stays in `accepted`, whatever the client was told of it. `down()` and `up()` are an outage:
the port stays the same.
"""

import asyncio
import ssl
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from typing import Self

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

USERNAME, PASSWORD = "relaywatch@shop.example", "Kiln-blue-7"


@dataclass
class Faults:
    """What goes wrong from now on. A text is the whole reply, such as "451 4.3.0 try later"."""

    greeting: str = ""  # instead of it
    greeting_delay: float = 0.0  # seconds before it
    names: dict[str, str] = field(default_factory=dict)  # name said in EHLO or HELO: reply; "": every other name
    names_at_rcpt: dict[str, str] = field(default_factory=dict)  # the same, said only at RCPT (Postfix)
    mail: str = ""
    rcpt: str = ""
    recipients: dict[str, str] = field(default_factory=dict)  # address: reply
    data: str = ""  # the answer to the final dot
    data_command: str = ""  # the answer to DATA itself
    auth: str = ""
    drop: str = ""  # connect | mail | before_dot | after_dot: where the connection is cut
    delay: float = 0.0  # seconds before the answer to the final dot
    times: int | None = None  # so many faults, then none; None: until clear()

    def clear(self) -> None:
        self.__dict__.update(Faults().__dict__)

    def strikes(self, name: str, recipient: str = "") -> str:
        """Return the reply (or the place of the cut) if this fault strikes now."""
        if self.times == 0:
            return ""
        reply = self.recipients.get(recipient, "") if recipient else getattr(self, name)
        if reply and self.times is not None:
            self.times -= 1
        return reply

    def of_name(self, name: str, *, at_rcpt: bool = False) -> str:
        """Return what is said against a name that the client greets with."""
        names = self.names_at_rcpt if at_rcpt else self.names
        return names.get(name, names.get("", ""))

    def cuts(self, place: str) -> bool:
        return self.drop == place and bool(self.strikes("drop"))


@dataclass(frozen=True)
class Accepted:
    at: float  # time.time()
    sender: str
    recipient: str
    raw: bytes
    user: str | None
    connection: int

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)


class _Server(SMTP):
    """aiosmtpd's server, with the faults that no handler can make."""

    def __init__(self, lab: "SmtpLab", **options) -> None:
        super().__init__(lab, **options)
        self.lab = lab
        self._auth_required = lab.login  # by the constructor it warns where there is no TLS

    def connection_made(self, transport) -> None:
        self.lab.open.add(transport)
        super().connection_made(transport)
        if self.lab.faults.cuts("connect"):
            transport.abort()

    def _create_session(self):
        self.lab.connections += self._original_transport is None  # else it is the same one after STARTTLS
        session = super()._create_session()
        session.connection = self.lab.connections
        return session

    async def _handle_client(self) -> None:
        await asyncio.sleep(self.lab.faults.greeting_delay)
        if self.lab.faults.greeting:
            await self.push(self.lab.faults.greeting)
            self.transport.close()
        else:
            await super()._handle_client()

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802 - likewise
        await self._hello(hostname, super().smtp_EHLO)

    async def smtp_HELO(self, hostname: str) -> None:  # noqa: N802 - likewise
        await self._hello(hostname, super().smtp_HELO)

    async def _hello(self, name: str, usual: Callable[[str], Awaitable[None]]) -> None:
        self.lab.names.append(name)
        reply = self.lab.faults.of_name(name)
        await (self.push(reply) if reply else usual(name))

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd finds it by this name
        reply = self.lab.faults.strikes("data_command")
        if reply:
            await self.push(reply)
        elif self.lab.faults.cuts("before_dot"):
            await self.push("354 go on")
            await self._reader.readline()
            self.transport.abort()
        else:
            await super().smtp_DATA(arg)


class SmtpLab:
    def __init__(
        self,
        *,
        tls: str = "",  # "" | tls | starttls
        certificate: str = "good",  # good | expired | other_host | unknown_authority
        login: bool = False,  # AUTH is required
    ) -> None:
        self.faults = Faults()
        self.accepted: list[Accepted] = []
        self.connections = 0
        self.names: list[str] = []  # said in EHLO and HELO
        self.asked: list[str] = []  # recipients
        self.logins: list[tuple[str, bool]] = []  # mechanism, accepted
        self.host = "localhost" if tls else "127.0.0.1"
        self.port = 0
        self._tls = server_tls(certificate) if tls else None
        self._implicit = tls == "tls"
        self.login = login
        self._server: asyncio.Server | None = None
        self.open: set[asyncio.BaseTransport] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="smtp-lab")

    def __enter__(self) -> Self:
        self._thread.start()
        self.up()
        return self

    def __exit__(self, *exc: object) -> None:
        self.down()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def up(self) -> None:
        self._run(self._listen())

    def down(self) -> None:
        """Stop listening and cut what is open."""
        self._run(self._silence())

    def subjects(self) -> list[str]:
        return [mail.message["Subject"] for mail in self.accepted]

    def wait_for(self, count: int, seconds: float = 10.0) -> list[Accepted]:
        """Return what was accepted as soon as there are so many; fail after so many seconds."""
        until = time.monotonic() + seconds
        while len(self.accepted) < count:
            assert time.monotonic() < until, f"{len(self.accepted)} of {count} messages after {seconds} s"
            time.sleep(0.01)
        return list(self.accepted)

    async def handle_MAIL(self, server, session, envelope, address, options) -> str:  # noqa: ARG002, N802 - aiosmtpd's
        if self.faults.cuts("mail"):
            server.transport.abort()
        reply = self.faults.strikes("mail")
        if reply:
            return reply
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # noqa: ARG002, N802 - aiosmtpd's
        self.asked.append(address)
        reply = self.faults.of_name(session.host_name, at_rcpt=True)
        reply = reply or self.faults.strikes("rcpt") or self.faults.strikes("recipients", address)
        if reply:
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 - aiosmtpd's
        if self.faults.delay:
            await asyncio.sleep(self.faults.delay)
        reply = self.faults.strikes("data")
        if reply:
            return reply
        user = session.auth_data.login.decode() if session.auth_data else None
        for recipient in envelope.rcpt_tos:
            mail = Accepted(time.time(), envelope.mail_from, recipient, envelope.content, user, session.connection)
            self.accepted.append(mail)
        if self.faults.cuts("after_dot"):
            server.transport.abort()
        return f"250 2.0.0 Ok: queued as {len(self.accepted)}"

    def _authenticate(self, _server, _session, _envelope, mechanism, auth_data) -> AuthResult:
        reply = self.faults.strikes("auth")
        if reply:
            self.logins.append((mechanism, False))
            return AuthResult(success=False, handled=False, message=reply)
        right = isinstance(auth_data, LoginPassword) and auth_data == LoginPassword(
            USERNAME.encode(), PASSWORD.encode()
        )
        self.logins.append((mechanism, right))
        return AuthResult(success=right, handled=False, auth_data=auth_data if right else None)

    def _session(self) -> asyncio.Protocol:
        return _Server(
            self,
            hostname="mx.shop.example",
            tls_context=None if self._implicit else self._tls,
            authenticator=self._authenticate if self.login else None,
            auth_require_tls=not self.login,
            loop=self._loop,
        )

    async def _listen(self) -> None:
        self._server = await self._loop.create_server(
            self._session, "127.0.0.1", self.port, ssl=self._tls if self._implicit else None
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def _silence(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for transport in self.open:
            transport.abort()
        self.open.clear()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _run(self, work) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)


@cache
def authority() -> trustme.CA:
    return trustme.CA()


def server_tls(certificate: str = "good") -> ssl.SSLContext:
    """Return a server's TLS context with a certificate of this kind; see SmtpLab."""
    past = datetime.now(UTC) - timedelta(days=2)
    issuer = trustme.CA() if certificate == "unknown_authority" else authority()
    names = ("imap.other.example",) if certificate == "other_host" else ("localhost", "127.0.0.1")
    span = {"not_before": past - timedelta(days=9), "not_after": past} if certificate == "expired" else {}
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issuer.issue_cert(*names, **span).configure_cert(context)
    return context


def client_tls() -> ssl.SSLContext:
    """Return a client's TLS context that believes the tests' authority and checks everything."""
    context = ssl.create_default_context()
    authority().configure_trust(context)
    return context
