"""Sending one message to one recipient over SMTP, and saying exactly what became of it.

One recipient a transaction: a server may refuse one of two and accept the other, and a warning must not be
lost in that. A connection is kept for a few seconds, so that a burst of warnings shares it. From DATA on a
lost connection leaves open whether the server took the message (RFC 1047); nothing is tried again here then:
the caller, who recorded that DATA began, sends the same message with the same Message-ID again.

    not connected ──connect, TLS, login──► idle ──MAIL, RCPT, DATA──► idle ──5 s or aclose()──► not connected
          ▲                                 └──any refusal or fault──┐
          └──────────────────────────────────────────────────────────┘
"""

import asyncio
import base64
import contextlib
import re
import socket
import ssl
from collections.abc import Awaitable, Callable
from datetime import timedelta
from random import SystemRandom

import aiosmtplib
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, stop_after_delay, wait_random

from relaywatch.config import SecretError, Smtp
from relaywatch.notify.errors import (
    LoginRefusedError,
    PermanentError,
    SendError,
    TemporaryError,
    explain,
    one_line,
)

CONNECT_SECONDS = 30.0
COMMAND_SECONDS = 60.0
FINAL_DOT_SECONDS = 600.0  # RFC 5321 4.5.3.2.6
_IDLE_SECONDS = 5.0
_QUIT_SECONDS = 5.0

_ATTEMPTS = 3
_ATTEMPTS_SECONDS = 10.0
_WAIT_SECONDS = (0.5, 2.5)
_LATER_SECONDS = (2.0, 5.0, 10.0, 20.0, 30.0, 60.0)

_UNWRITABLE = "{} cannot be written as an SMTP address"
_PERMANENT = 500
_SERVICE_ENDS = 421  # RFC 5321 4.2.3: the server's word on itself
_AUTHENTICATION_REQUIRED = 530  # RFC 4954 6
_METHOD_UNKNOWN = frozenset(
    {500, 501, 502, 503, 504, 538}
)  # RFC 4954: not this mechanism; says nothing of the password
_LINE_END = re.compile(rb"\r\n|\r|\n")
_LINE_OF_DOT = re.compile(rb"(?m)^\.")


def next_try(attempts: int) -> timedelta:
    """Return how long to wait after so many failed sends: 2 s, then up to a minute, less up to a fifth."""
    seconds = _LATER_SECONDS[min(max(attempts, 1), len(_LATER_SECONDS)) - 1]
    return timedelta(seconds=seconds * SystemRandom().uniform(0.8, 1.0))


def _soon_again(error: BaseException) -> bool:
    if not isinstance(error, TemporaryError) or error.data_began:
        return False
    return error.code is None or error.code < _PERMANENT


class Sender:
    """Sends through one server. Sends wait for each other; give each slow server a Sender of its own."""

    def __init__(self, smtp: Smtp, *, tls: ssl.SSLContext | None = None) -> None:
        """`tls` replaces the machine's own trust in certificate authorities."""
        self._smtp = smtp
        self._where = f"{smtp.host}:{smtp.port}"
        self._tls = tls
        self._lock = asyncio.Lock()
        self._client: aiosmtplib.SMTP | None = None
        self._leaving: asyncio.Task[None] | None = None

    async def send(
        self, message: bytes, recipient: str, *, on_data: Callable[[], Awaitable[None]] | None = None
    ) -> str:
        """Send a whole message (7 bit, with its headers) to one recipient; return what the server said to it.

        `on_data` is awaited at most once, when the server is ready for the message and before a byte of it
        leaves: what it raises ends the send with nothing accepted. Raises TemporaryError after up to three
        attempts within about ten seconds, PermanentError, LoginRefusedError.
        """
        if not recipient.isprintable():  # a line break in it would be taken for the end of the address
            raise PermanentError(_UNWRITABLE.format(one_line(recipient)))
        async with self._lock:
            self._stay()
            retrying = AsyncRetrying(
                stop=stop_after_attempt(_ATTEMPTS) | stop_after_delay(_ATTEMPTS_SECONDS),
                wait=wait_random(*_WAIT_SECONDS),
                retry=retry_if_exception(_soon_again),
                reraise=True,
            )
            return await retrying(self._attempt, message, recipient, on_data)

    async def check(self) -> None:
        """Connect, start TLS, log in, and leave; raise SendError if one of these fails. No retries."""
        client = await self._connect()
        try:
            await client.noop()
        except (aiosmtplib.SMTPException, OSError) as error:
            raise TemporaryError(f"{self._where}: {explain(error)}") from error
        finally:
            await _quit(client)

    async def aclose(self) -> None:
        """Say good-bye to the server, if it is still there. The Sender can be used again."""
        async with self._lock:
            self._stay()
            if self._client is not None:
                client, self._client = self._client, None
                await _quit(client)

    async def _attempt(self, message: bytes, recipient: str, on_data: Callable[[], Awaitable[None]] | None) -> str:
        client = self._client
        if client is None or not client.is_connected:
            client = self._client = await self._connect()
        try:
            answer = await self._transact(client, message, recipient, on_data)
        except BaseException as error:
            self._client = None  # what state the server is in is anybody's guess
            await self._part(client, error)
            raise
        self._leaving = asyncio.create_task(self._leave_when_idle())
        return answer

    async def _transact(
        self,
        client: aiosmtplib.SMTP,
        message: bytes,
        recipient: str,
        on_data: Callable[[], Awaitable[None]] | None,
    ) -> str:
        try:
            await client.mail(self._smtp.sender, timeout=COMMAND_SECONDS)
            await client.rcpt(recipient, timeout=COMMAND_SECONDS)
            ready = await client.execute_command(b"DATA", timeout=COMMAND_SECONDS)
            if ready.code != aiosmtplib.SMTPStatus.start_input:
                raise aiosmtplib.SMTPDataError(ready.code, ready.message)
        except aiosmtplib.SMTPResponseException as error:
            raise self._refusal(error, recipient) from error
        except (ValueError, UnicodeError) as error:
            raise PermanentError(_UNWRITABLE.format(one_line(recipient))) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise TemporaryError(f"{self._where}: {explain(error)}") from error
        if on_data is not None:
            await on_data()
        try:
            return one_line(await self._data(client, message))
        except aiosmtplib.SMTPResponseException as error:
            raise self._refusal(error, recipient, data_began=True) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            text = f"{self._where}: {explain(error)}; the message was on its way and may have been accepted"
            raise TemporaryError(text, data_began=True) from error

    @staticmethod
    async def _data(client: aiosmtplib.SMTP, message: bytes) -> str:
        """Send the message and its final dot (RFC 5321 4.1.1.4), dots doubled (4.5.2), and read the answer.

        The library's own data() has one timeout for DATA and the final dot, but a server that hangs before it
        takes the message must not hold up the others for ten minutes.
        """
        protocol = client.protocol
        if protocol is None:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        lines = _LINE_OF_DOT.sub(b"..", _LINE_END.sub(b"\r\n", message)).removesuffix(b"\r\n")
        protocol.write(lines + b"\r\n.\r\n")
        answer = await protocol.read_response(timeout=FINAL_DOT_SECONDS)
        if answer.code != aiosmtplib.SMTPStatus.completed:
            raise aiosmtplib.SMTPDataError(answer.code, answer.message)
        return answer.message

    def _refusal(
        self, error: aiosmtplib.SMTPResponseException, recipient: str, *, data_began: bool = False
    ) -> SendError:
        code, answer = _answer(error)
        said = f"{self._where}: {answer}"
        if error.code == _AUTHENTICATION_REQUIRED:
            return LoginRefusedError(f"{said}: the server wants a login, or TLS before it", code=code)
        match error:
            case aiosmtplib.SMTPSenderRefused():
                # Said of the sender, it is said of every warning: one that is given up for it is lost for all.
                return TemporaryError(f"{said} (to the sender {one_line(self._smtp.sender)})", code=code)
            case aiosmtplib.SMTPRecipientRefused():
                text = f"{said} (to the recipient {one_line(recipient)})"
            case _:
                text = f"{said} (to the message for {one_line(recipient)})"
        kind = PermanentError if error.code >= _PERMANENT else TemporaryError
        return kind(text, code=code, data_began=data_began, particular=error.code != _SERVICE_ENDS)

    async def _connect(self) -> aiosmtplib.SMTP:
        """Connect, start TLS if the configuration (not the server) says so, and log in."""
        if self._tls is None and self._smtp.security != "none":
            self._tls = await asyncio.to_thread(ssl.create_default_context)
        client = aiosmtplib.SMTP(
            hostname=self._smtp.host,
            port=self._smtp.port,
            use_tls=self._smtp.security == "tls",
            start_tls=self._smtp.security == "starttls",
            tls_context=self._tls,
            timeout=COMMAND_SECONDS,
            local_hostname=_own_name(),
        )
        try:
            await client.connect(timeout=CONNECT_SECONDS)
            await self._login(client)
        except BaseException as error:
            client.close()
            if isinstance(error, aiosmtplib.SMTPResponseException):
                code, said = _answer(error)
                raise TemporaryError(f"{self._where}: {said}", code=code) from error
            if isinstance(error, (aiosmtplib.SMTPException, OSError)):
                raise TemporaryError(f"{self._where}: {explain(error)}") from error
            raise
        return client

    async def _login(self, client: aiosmtplib.SMTP) -> None:
        """Log in with one mechanism: each refused one counts against the account where servers lock it."""
        username, secret = self._smtp.username, self._smtp.secret
        if username is None or secret is None:
            return
        try:
            password = await asyncio.to_thread(secret.read)
        except SecretError as error:
            raise LoginRefusedError(f"{self._where}: cannot log in: {error}") from error
        if client.is_ehlo_or_helo_needed:
            await client.ehlo()
        methods = {"plain": client.auth_plain, "login": client.auth_login, "cram-md5": client.auth_crammd5}
        offered = [name for name in methods if name in client.server_auth_methods]
        if self._smtp.security == "none":
            offered.sort(key=lambda name: name != "cram-md5")  # the one that keeps the password off the wire
        for name in offered:
            try:
                await methods[name](username, password)
            except aiosmtplib.SMTPAuthenticationError as error:
                if error.code in _METHOD_UNKNOWN and name != offered[-1]:
                    continue
                code, said = _answer(error)
                said = _without(said, username, password)
                text = f"{self._where}: the login {one_line(username)} was refused: {said}"
                refused = error.code >= _PERMANENT
                raise (LoginRefusedError if refused else TemporaryError)(text, code=code) from None
            return
        raise LoginRefusedError(
            f"{self._where}: the server offers no login that relaywatch knows: wrong port or no TLS?"
        )

    def _stay(self) -> None:
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None

    async def _leave_when_idle(self) -> None:
        await asyncio.sleep(_IDLE_SECONDS)
        client, self._client = self._client, None
        if client is not None:
            await _quit(client)

    @staticmethod
    async def _part(client: aiosmtplib.SMTP, error: BaseException) -> None:
        if isinstance(error, SendError) and error.code is not None:
            await _quit(client)
        client.close()


async def _quit(client: aiosmtplib.SMTP) -> None:
    try:
        with contextlib.suppress(aiosmtplib.SMTPException, OSError):  # it is gone, which is what was wanted
            await client.quit(timeout=_QUIT_SECONDS)
    finally:
        client.close()


def _answer(error: aiosmtplib.SMTPResponseException) -> tuple[int | None, str]:
    """Return the reply code, None if what came was no SMTP reply, and the whole answer as one line."""
    text = one_line(error.message)
    return (error.code, f"{error.code} {text}".rstrip()) if error.code > 0 else (None, text)


def _own_name() -> str:
    """Return what to say in EHLO (RFC 5321 4.1.4), without asking DNS, which may hang."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() and name.isprintable() and " " not in name else "[127.0.0.1]"


def _without(text: str, username: str, password: str) -> str:
    """Return a server's text, or nothing if it repeats the password in a form that it was sent in."""
    plain = base64.b64encode(f"\0{username}\0{password}".encode()).decode()
    forms = (password, base64.b64encode(password.encode()).decode(), plain)
    return "" if any(form in text for form in forms) else text
