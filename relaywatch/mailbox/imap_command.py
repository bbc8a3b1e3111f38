"""One command at a time over one connection: its bounds, and what it raises.

After any error but a clean NO or BAD the stream may be out of step: the connection has then closed itself.
"""

import contextlib
import re
import ssl
from collections.abc import Iterator
from functools import cache
from typing import Any

from relaywatch.config import Mailbox
from relaywatch.mailbox import errors
from relaywatch.mailbox.errors import GarbledError, MailboxError, UnreachableError
from relaywatch.mailbox.imap_idle import Idle
from relaywatch.mailbox.imap_trouble import FAILURES, NoError, failure, refusal_of
from relaywatch.mailbox.wire import MAX_COMMAND, Client, WireLine
from relaywatch.network import one_line

# What a server says only when asked, all of it before it says that it is done (RFC 3501 5.5, 7): an answer of which
# this comes afterwards was read without it, as if nothing were there, and it would be taken for part of the next.
_BELATED = re.compile(
    rb"\* (?:SEARCH|LIST|STATUS|OK \[UIDVALIDITY|\d{1,10} FETCH \(.*\b(?:INTERNALDATE|RFC822|BODY))", re.IGNORECASE
)


@cache
def tls_context() -> ssl.SSLContext:
    """Return the one verifying context of this process: each of its own would cost 0.8 MiB a connection."""
    return ssl.create_default_context()


class Commands:
    """The part of a Session that every command needs."""

    def __init__(self, mailbox: Mailbox, *, timeout: float, context: ssl.SSLContext | None) -> None:
        """Connect nothing yet. `timeout`: seconds for a command."""
        self._mailbox = mailbox
        self._where = f"{mailbox.host}:{mailbox.port}"
        self._timeout = timeout
        self._context = context or (tls_context() if mailbox.security != "none" else None)
        self._line = WireLine(timeout=timeout, context=self._context if mailbox.security == "tls" else None)
        self._idle = Idle(self._line, supported=False)
        self._made: Client | None = None
        self._secret = ""  # only while logging in, to keep it out of errors
        self._news = False  # the server spoke of new mail while something else was asked

    def abort(self) -> None:
        """End it from any thread; who waits for an answer gets an error at once."""
        self._line.abort()

    def close(self) -> None:
        """End it without waiting for the server; safe to call again."""
        self._line.close()

    @property
    def _client(self) -> Client:
        if self._made is None:
            raise UnreachableError(f"{self._where}: not connected")
        return self._made

    @contextlib.contextmanager
    def _command(self, doing: str, *, most: int = MAX_COMMAND) -> Iterator[None]:
        """Bound one command and translate what it raises; `doing` names it for the operator."""
        self._refuse_belated()
        self._line.begin(most=most)
        self._forget()
        try:
            yield
        except (NoError, *FAILURES) as error:
            said = refusal_of(error)
            if said is not None:
                raise errors.refusal(self._where, doing, one_line(said, self._secret)) from error
            self.close()
            raise failure(error, self._where, doing, self._bye, self._secret) from error
        self._refuse_belated()  # as a rule it comes in the same breath; the rest is found before the next command

    def _refuse_belated(self) -> None:
        if any(_BELATED.match(line) for line in self._line.left_over()):
            self.close()
            raise GarbledError(f"{self._where}: it went on with an answer after it had said that it was done")

    def _offers(self, capability: str) -> bool:
        """Whether the server has a capability; it may have to be asked."""
        with self._command("CAPABILITY"):
            return bool(self._client.has_capability(capability))

    @property
    def _bye(self) -> str:
        """What the server said with BYE, "" where it did not."""
        said = self._made.wire.untagged_responses.get("BYE", [b""])[-1] if self._made else b""
        return one_line(said, self._secret) if isinstance(said, bytes) else ""

    def _forget(self) -> None:
        """Drop what the server said unasked, which imaplib heaps up, but remember that mail came."""
        if self._made is not None:
            heap = self._made.wire.untagged_responses
            if "EXISTS" in heap or "EXPUNGE" in heap:
                counts = [told for told in heap.get("EXISTS", []) if isinstance(told, bytes)]
                self._news = self._idle.counted(counts, len(heap.get("EXPUNGE", []))) or self._news
            for kind in heap.keys() - {"CAPABILITY"}:  # that one imapclient will look for
                del heap[kind]


def checked(answer: tuple[str, list[Any]]) -> list[Any]:
    """Return the records of imaplib's answer; raise NoError for a NO."""
    kind, records = answer
    if kind != "OK":
        raise NoError(records[-1] if records and isinstance(records[-1], bytes) else b"")
    return records


def refuse_breaks(*arguments: str) -> None:
    """Refuse what would end the command's line and begin another (RFC 3501 9: TEXT-CHAR)."""
    if any(char in argument for argument in arguments for char in "\r\n\0"):
        raise MailboxError("a name or password with a line break in it is not sent to any server")
