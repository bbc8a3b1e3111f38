"""Sending one message to one recipient over SMTP, and saying exactly what became of it.

One recipient a transaction: a server may refuse one of two and accept the other, and a warning must not be
lost in that. A connection is kept for a few seconds, so that a burst of warnings shares it. From DATA on a
lost connection leaves open whether the server took the message (RFC 1047); nothing is tried again here then:
the caller, who recorded that DATA began, sends the same message with the same Message-ID again.

    not connected ──connect, EHLO, TLS, login──► idle ──MAIL, RCPT, DATA──► idle ──5 s or aclose()──► not connected
          ▲                                       └──any refusal or fault──┐
          └────────────────────────────────────────────────────────────────┘

After a refusal of us the next connection tries another of the server's addresses; after one of our name, another
name.
"""

import asyncio
import base64
import contextlib
import re
import ssl
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from random import SystemRandom

import aiosmtplib
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, stop_after_delay, wait_random

from relaywatch.config import SecretError, Smtp
from relaywatch.network import one_line
from relaywatch.notify.dial import dial, own_names
from relaywatch.notify.errors import (
    PermanentError,
    SendError,
    SmtpLoginError,
    TemporaryError,
    explain,
)
from relaywatch.notify.refusals import Refusal, SendStage, Whom, understand

CONNECT_SECONDS = 30.0
GREETING_SECONDS = 300.0  # RFC 5321 4.5.3.2.1, and each command 4.5.3.2.2 and 3
COMMAND_SECONDS = 300.0
BEFORE_DATA_SECONDS = 600.0  # all that together: what is slow at every step must not be for ever
FINAL_DOT_SECONDS = 600.0  # RFC 5321 4.5.3.2.6
CHECK_SECONDS = 60.0  # of `check`, where somebody waits at the terminal
_IDLE_SECONDS = 5.0
_QUIT_SECONDS = 5.0

_ATTEMPTS = 3
_ATTEMPTS_SECONDS = 10.0
_WAIT_SECONDS = (0.5, 2.5)
_LATER_SECONDS: tuple[float, ...] = (2.0, 5.0, 10.0, 20.0, 30.0, 60.0)
_AFTER_REFUSAL_SECONDS = (*_LATER_SECONDS, 120.0, 300.0)
_AFTER_LIMIT_SECONDS = (60.0, 120.0, 300.0)

_UNWRITABLE = "{} cannot be written as an SMTP address"
_PERMANENT = 500
_AUTHENTICATION_REQUIRED = 530  # RFC 4954 6
_METHOD_UNKNOWN = frozenset(
    {500, 501, 502, 503, 504, 538}
)  # RFC 4954: not this mechanism; says nothing of the password
_LINE_END = re.compile(rb"\r\n|\r|\n")
_LINE_OF_DOT = re.compile(rb"(?m)^\.")
_STAGES: tuple[tuple[type[aiosmtplib.SMTPResponseException], SendStage], ...] = (
    (aiosmtplib.SMTPSenderRefused, SendStage.SENDER),
    (aiosmtplib.SMTPRecipientRefused, SendStage.RECIPIENT),
    (aiosmtplib.SMTPDataError, SendStage.MESSAGE),
)


def next_try(attempts: int, error: SendError | None = None) -> timedelta:
    """Return how long to wait after so many failed sends, less up to a fifth.

    2 s, then up to a minute, or five after a refusal of 5yz, which somebody has to mend. A limit or a refused
    login: a minute, then up to five, for asking more often makes it worse.
    """
    ladder = _LATER_SECONDS
    if isinstance(error, SmtpLoginError) or (error is not None and error.limit):
        ladder = _AFTER_LIMIT_SECONDS
    elif error is not None and error.code is not None and error.code >= _PERMANENT:
        ladder = _AFTER_REFUSAL_SECONDS
    seconds = ladder[min(max(attempts, 1), len(ladder)) - 1]
    return timedelta(seconds=seconds * SystemRandom().uniform(0.8, 1.0))


def _soon_again(error: BaseException) -> bool:
    if not isinstance(error, TemporaryError) or error.data_began or error.limit:
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
        self._turn = 0  # which of the server's addresses is tried first
        self._name = 0  # which of our names is said first

    async def send(
        self,
        message: bytes,
        recipient: str,
        *,
        on_data: Callable[[], Awaitable[None]] | None = None,
        patience: float | None = None,
    ) -> str:
        """Send a whole message (7 bit, with its headers) to one recipient; return what the server said to it.

        `patience`: seconds for the answer to the whole message, by default as long as the protocol gives a server.
        `on_data` is awaited at most once, when the server is ready for the message and before a byte of it
        leaves: what it raises ends the send with nothing accepted. Raises TemporaryError after up to three
        attempts within about ten seconds, PermanentError, SmtpLoginError.
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
            return await retrying(self._attempt, message, recipient, on_data, patience or FINAL_DOT_SECONDS)

    async def check(self, recipients: Iterable[str] = ()) -> list[SendError]:
        """Connect, start TLS, log in, ask whether mail to each recipient would be taken, and leave without a mail.

        Return what the server said against recipients or against the sender; raise SendError where it did not
        come to that. No retries, and no more patience than somebody at a terminal has.
        """
        refused: list[SendError] = []
        client = await self._connect(CHECK_SECONDS)
        try:
            await client.noop(timeout=CHECK_SECONDS)
            for recipient in recipients:
                try:
                    await self._envelope(client, recipient, CHECK_SECONDS)
                except SendError as error:
                    refused.append(error)
                    if error.code is None and isinstance(error, TemporaryError):
                        break
                await client.rset(timeout=CHECK_SECONDS)
        except (aiosmtplib.SMTPException, OSError) as error:
            if not refused:
                raise TemporaryError(f"{self._where}: {explain(error)}") from error
        finally:
            await _quit(client)
        return refused

    async def aclose(self) -> None:
        """Say good-bye to the server, if it is still there. The Sender can be used again."""
        async with self._lock:
            self._stay()
            if self._client is not None:
                client, self._client = self._client, None
                await _quit(client)

    async def _attempt(
        self, message: bytes, recipient: str, on_data: Callable[[], Awaitable[None]] | None, patience: float
    ) -> str:
        try:
            client = await self._ready(recipient)
            if on_data is not None:
                await on_data()
            answer = await self._message(client, message, recipient, patience)
        except BaseException as error:
            client_or_none, self._client = self._client, None  # what state the server is in is anybody's guess
            if client_or_none is not None:
                await self._part(client_or_none, error)
            if isinstance(error, SendError) and not error.particular:
                self._turn += 1
                self._name += error.refusal.hello
            raise
        self._leaving = asyncio.create_task(self._leave_when_idle())
        return answer

    async def _ready(self, recipient: str) -> aiosmtplib.SMTP:
        """Return a connection whose server waits for a message to this recipient."""
        try:
            async with asyncio.timeout(BEFORE_DATA_SECONDS):
                client = self._client
                if client is None or not client.is_connected:
                    client = self._client = await self._connect(GREETING_SECONDS)
                await self._envelope(client, recipient, COMMAND_SECONDS)
                ready = await client.execute_command(b"DATA", timeout=COMMAND_SECONDS)
                if ready.code != aiosmtplib.SMTPStatus.start_input:
                    raise aiosmtplib.SMTPDataError(ready.code, ready.message)
        except aiosmtplib.SMTPResponseException as error:
            raise self._refusal(error, recipient, stage=SendStage.RECIPIENT) from error
        except (aiosmtplib.SMTPException, OSError) as error:  # TimeoutError is one
            raise TemporaryError(f"{self._where}: {explain(error)}", stage=SendStage.RECIPIENT) from error
        return client

    async def _envelope(self, client: aiosmtplib.SMTP, recipient: str, patience: float) -> None:
        try:
            await client.mail(self._smtp.sender, timeout=patience)
        except (ValueError, UnicodeError) as error:
            text = f"the sender {_UNWRITABLE.format(one_line(self._smtp.sender))}"
            raise TemporaryError(text, stage=SendStage.SENDER) from error
        except aiosmtplib.SMTPResponseException as error:
            raise self._refusal(error, recipient) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise TemporaryError(f"{self._where}: {explain(error)}", stage=SendStage.SENDER) from error
        try:
            await client.rcpt(recipient, timeout=patience)
        except (ValueError, UnicodeError) as error:
            raise PermanentError(_UNWRITABLE.format(one_line(recipient)), stage=SendStage.RECIPIENT) from error
        except aiosmtplib.SMTPResponseException as error:
            raise self._refusal(error, recipient) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise TemporaryError(f"{self._where}: {explain(error)}", stage=SendStage.RECIPIENT) from error

    async def _message(self, client: aiosmtplib.SMTP, message: bytes, recipient: str, patience: float) -> str:
        try:
            return one_line(await self._data(client, message, patience))
        except aiosmtplib.SMTPResponseException as error:
            raise self._refusal(error, recipient) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            text = f"{self._where}: {explain(error)}; the message was on its way and may have been accepted"
            raise TemporaryError(text, stage=SendStage.MESSAGE) from error

    @staticmethod
    async def _data(client: aiosmtplib.SMTP, message: bytes, patience: float) -> str:
        """Send the message and its final dot (RFC 5321 4.1.1.4), dots doubled (4.5.2), and read the answer.

        The library's own data() has one timeout for DATA and the final dot, but a server that hangs before it
        takes the message must not hold up the others for ten minutes.
        """
        protocol = client.protocol
        if protocol is None:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        lines = _LINE_OF_DOT.sub(b"..", _LINE_END.sub(b"\r\n", message)).removesuffix(b"\r\n")
        protocol.write(lines + b"\r\n.\r\n")
        answer = await protocol.read_response(timeout=patience)
        if answer.code != aiosmtplib.SMTPStatus.completed:
            raise aiosmtplib.SMTPDataError(answer.code, answer.message)
        return answer.message

    def _refusal(
        self, error: aiosmtplib.SMTPResponseException, recipient: str, stage: SendStage | None = None
    ) -> SendError:
        """Return the error that a reply makes; `stage`, where it is not as the library's error says."""
        code, answer = _answer(error)
        said = f"{self._where}: {answer}"
        where = next((stage for kind, stage in _STAGES if isinstance(error, kind)), SendStage.SESSION)
        stage = stage or where
        if error.code == _AUTHENTICATION_REQUIRED:
            text = f"{said}: the server wants a login, or TLS before it"
            return SmtpLoginError(text, code=code, stage=stage)
        refusal = understand(error.code, error.message, where, sender=self._smtp.sender, recipient=recipient)
        text = said + self._of(refusal, where, recipient)
        kind = PermanentError if refusal.final else TemporaryError
        return kind(text, code=code, stage=stage, refusal=refusal)

    def _of(self, refusal: Refusal, stage: SendStage, recipient: str) -> str:
        """Say what a refusal is about, and what to do."""
        if refusal.limit:
            return ": more was sent than it allows; what waits leaves by itself, the most urgent first"
        if refusal.hello:
            return ": it refuses the name that this machine greets with; another one is tried"
        if stage is SendStage.SESSION:
            return ""
        if refusal.about is Whom.US:
            return f" (to the sender {one_line(self._smtp.sender)})"
        if refusal.about is Whom.RECIPIENT:
            return f" (to the recipient {one_line(recipient)})"
        return f" (to the message for {one_line(recipient)})"

    async def _connect(self, patience: float) -> aiosmtplib.SMTP:
        """Connect, start TLS if the configuration (not the server) says so, and log in."""
        if self._tls is None and self._smtp.security != "none":
            self._tls = await asyncio.to_thread(ssl.create_default_context)
        client: aiosmtplib.SMTP | None = None
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                sock = await dial(self._smtp.host, self._smtp.port, self._turn)
            client = aiosmtplib.SMTP(
                hostname=self._smtp.host,
                sock=sock,
                use_tls=self._smtp.security == "tls",
                start_tls=False,  # below, after our own EHLO
                tls_context=self._tls,
                timeout=patience,
                local_hostname="[127.0.0.1]",  # never said: without one the library asks DNS
            )
            await client.connect(timeout=patience)
            await self._greet(client)
            if self._smtp.security == "starttls":
                await client.starttls()
                await self._greet(client)
            await self._login(client)
        except BaseException as error:
            if client is not None:
                client.close()
            if isinstance(error, aiosmtplib.SMTPResponseException):
                raise self._refusal(error, "") from error
            if isinstance(error, (aiosmtplib.SMTPException, OSError)):
                raise TemporaryError(f"{self._where}: {explain(error)}") from error
            raise
        return client

    async def _greet(self, client: aiosmtplib.SMTP) -> None:
        """Say EHLO by the first of our names that the server takes, else HELO (RFC 5321 3.2, 4.1.4)."""
        names = own_names(str(client.get_transport_info("sockname")[0]), self._smtp.sender)
        first = self._name % len(names)
        for name in names[first:] + names[:first]:
            with contextlib.suppress(aiosmtplib.SMTPHeloError):
                await client.ehlo(hostname=name)
                return
        await client.helo(hostname=names[first])

    async def _login(self, client: aiosmtplib.SMTP) -> None:
        """Log in with one mechanism: each refused one counts against the account where servers lock it."""
        username, secret = self._smtp.username, self._smtp.secret
        if username is None or secret is None:
            return
        try:
            password = await asyncio.to_thread(secret.read)
        except SecretError as error:
            raise SmtpLoginError(f"{self._where}: cannot log in: {error}") from error
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
                refusal = understand(error.code, error.message, SendStage.SESSION)
                said = _without(said, username, password) + self._of(refusal, SendStage.SESSION, "")
                text = f"{self._where}: the login {one_line(username)} was refused: {said}"
                refused = error.code >= _PERMANENT and not refusal.limit
                raise (SmtpLoginError if refused else TemporaryError)(text, code=code, refusal=refusal) from None
            return
        raise SmtpLoginError(f"{self._where}: the server offers no login that relaywatch knows: wrong port or no TLS?")

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


def _without(text: str, username: str, password: str) -> str:
    """Return a server's text, or nothing if it repeats the password in a form that it was sent in."""
    plain = base64.b64encode(f"\0{username}\0{password}".encode()).decode()
    forms = (password, base64.b64encode(password.encode()).decode(), plain)
    return "" if any(form in text for form in forms) else text
