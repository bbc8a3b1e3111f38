"""One connection to one mailbox, reading only: EXAMINE and BODY.PEEK. Only `move` changes anything, if it is called.

Synchronous, for a thread; one thread at a time, but for `abort`. Every command has one deadline and one bound
on its answer. After any error but a clean NO or BAD the stream may be out of step: the session has then closed
itself and only a new one helps (design: EXAMINE and never SELECT; design: A connection out of step is closed).
"""

import contextlib
import imaplib
import ssl
from collections.abc import Iterator, Sequence
from typing import Any

from relaywatch.config import Mailbox, SecretError
from relaywatch.mailbox import errors
from relaywatch.mailbox.errors import LoginRefusedError, MailboxError, ServerSaidError, UnreachableError
from relaywatch.mailbox.imap_command import checked, refuse_breaks
from relaywatch.mailbox.imap_folders import FolderPlan, Listed, Namespaces, choose, read_list, read_namespaces, wanted
from relaywatch.mailbox.imap_messages import PREFIX, MessageCommands
from relaywatch.mailbox.imap_trouble import NoError
from relaywatch.mailbox.position import View, view
from relaywatch.mailbox.wire import Client
from relaywatch.network import one_line

TIMEOUT = 60.0  # seconds for one command; what keeps coming buys more
_ID_FIRST = ("163.com", "126.com", "yeah.net", "188.com")  # they want ID even where they do not offer it


class ImapSession(MessageCommands):
    """A connection: make it, `open` it, use it, `close` it. Every method may raise MailboxError."""

    def __init__(
        self,
        mailbox: Mailbox,
        *,
        timeout: float = TIMEOUT,
        prefix: int = PREFIX,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """Connect nothing yet. `timeout`: seconds for a command; `prefix`: octets of a message."""
        super().__init__(mailbox, timeout=timeout, context=context)
        self._prefix = prefix

    # -- the connection ----------------------------------------------------------------------------

    def open(self) -> None:
        """Connect, begin TLS, log in, and say who we are where that is wanted."""
        box = self._mailbox
        with self._command("the connection"):
            self._made = Client(self._line, box.host, box.port, timeout=self._timeout)
        if box.security == "starttls":
            self._starttls(self._made)
        self._login(self._made)
        self._identify(self._made)
        self._idle.supported = self._offers("IDLE")

    def _starttls(self, client: Client) -> None:
        if not self._offers("STARTTLS"):
            self.close()
            raise UnreachableError(
                f'{self._where}: it offers no STARTTLS: is security = "tls", or another port, meant?'
            )
        with self._command("STARTTLS"):
            client.starttls(self._context)

    def _login(self, client: Client) -> None:
        box = self._mailbox
        try:
            self._secret = box.secret.read()
            plain = self._needs_plain(box.username, self._secret)
        except SecretError as error:
            self.close()
            raise LoginRefusedError(f"{self._where}: the password cannot be read: {error}") from error
        except MailboxError:
            self.close()
            raise
        try:
            with self._command("the login"):
                if plain:
                    client.plain_login(box.username, self._secret)
                else:
                    client.login(_quoted(box.username), self._secret)
        except ServerSaidError as error:
            self.close()
            raise errors.login_refusal(self._where, box.host, box.username, error.said) from error
        finally:
            self._secret = ""

    def _needs_plain(self, username: str, password: str) -> bool:
        """Whether AUTHENTICATE PLAIN must carry them: LOGIN knows ASCII only, and may be switched off."""
        refuse_breaks(username, password)
        if (username + password).isascii() and not self._offers("LOGINDISABLED"):
            return False
        if self._offers("AUTH=PLAIN"):
            return True
        if self._offers("LOGINDISABLED"):
            raise LoginRefusedError(f'{self._where}: it takes no password on this connection: set security = "tls"')
        raise LoginRefusedError(f"{self._where}: it takes only ASCII passwords: choose one without other characters")

    def _identify(self, client: Client) -> None:
        """Send ID (RFC 2971) before any EXAMINE: 163 and its kin refuse folders to a client without a name."""
        host = self._mailbox.host.lower()
        if self._offers("ID") or any(host == known or host.endswith(f".{known}") for known in _ID_FIRST):
            with contextlib.suppress(ServerSaidError), self._command("ID"):
                client.wire.xatom("ID", '("name" "relaywatch")')

    # -- folders -----------------------------------------------------------------------------------

    def folders(self) -> FolderPlan:
        """Find the folders to read: by configuration, by the server's marks, by name."""
        wire = self._client.wire
        listing: list[Listed] = []
        try:
            with self._command("the list of folders"):
                listing = read_list(checked(wire.list('""', '"*"')))
        except ServerSaidError:
            if set(wanted(self._mailbox.role)) - self._mailbox.folders.keys():
                raise
        namespaces = self._namespaces()
        found = self._choose(listing, namespaces)
        for command in self._further_lists() if found.missing else ():
            with contextlib.suppress(ServerSaidError), self._command("the list of folders"):
                name, *arguments = command
                checked(wire.xatom(name, *arguments))
                _, records = wire.response(name)
                better = self._choose(read_list(records), namespaces)
                found = better if len(better.missing) < len(found.missing) else found
        return found

    def _namespaces(self) -> Namespaces:
        """Ask whose folders are whose (RFC 2342)."""
        if self._offers("NAMESPACE"):
            with contextlib.suppress(ServerSaidError), self._command("the namespaces"):
                return read_namespaces(checked(self._client.wire.namespace()))
        return Namespaces()

    def _choose(self, listing: list[Listed], namespaces: Namespaces) -> FolderPlan:
        self._client.as_written |= {listed.name: listed.raw for listed in listing if listed.raw}
        return choose(listing, self._mailbox.role, self._mailbox.folders, namespaces)

    def _further_lists(self) -> Iterator[tuple[str, ...]]:
        if self._offers("SPECIAL-USE"):
            yield "LIST", '""', '"*"', "RETURN (SPECIAL-USE)"
        if self._offers("XLIST"):
            yield "XLIST", '""', '"*"'

    def status(self, name: str) -> View:
        """Ask for a folder's numbers without opening it."""
        refuse_breaks(name)
        with self._command(f"STATUS of {one_line(name)}"):
            said = self._client.folder_status(name, ["MESSAGES", "UIDNEXT", "UIDVALIDITY"])
            return _view(said, said.get(b"MESSAGES"))

    def examine(self, name: str) -> View:
        """Open a folder for reading only."""
        refuse_breaks(name)
        with self._command(f"the folder {one_line(name)}"):
            said = self._client.select_folder(name, readonly=True)
            self._client.wire.untagged_responses.clear()
            self._news = False
            seen = _view(said, said.get(b"EXISTS", 1))  # not told: it may be full
            self._idle.messages = seen.messages
            return seen

    def move(self, source: str, uidvalidity: int, uids: Sequence[int], target: str) -> str:
        """Move messages to another folder, flags and all: the one thing here that changes anything (policy M1).

        By MOVE (RFC 6851); where the server has none by COPY, which leaves them where they were too. Returns
        `moved` or `copied`, or `gone` where the numbers mean other messages now. Whether it succeeds or is refused,
        the folder is then open for reading only.
        """
        refuse_breaks(source, target)
        way = "moved" if self._offers("MOVE") else "copied"
        try:
            with self._command(f"the folder {one_line(source)}, to move messages"):
                said = self._select(source)
            if _view(said, said.get(b"EXISTS")).uidvalidity == uidvalidity:
                with self._command("moving messages"):
                    (self._client.move if way == "moved" else self._client.copy)(list(uids), target)
            else:
                way = "gone"
        except ServerSaidError:
            self.examine(source)
            raise
        self.examine(source)
        return way

    def _select(self, name: str) -> dict[bytes, Any]:
        try:
            said: dict[bytes, Any] = self._client.select_folder(name)
        except imaplib.IMAP4.readonly:
            raise NoError(b"it may only be read") from None
        return said

    # -- waiting -----------------------------------------------------------------------------------

    @property
    def can_idle(self) -> bool:
        """Whether the server says by itself when mail comes."""
        return self._idle.supported

    def rest(self) -> bool:
        """Begin to wait in the open folder, by IDLE if the server has it; return whether there is news already."""
        with self._command("IDLE"):
            news, self._news = self._news, False
            if not news:
                news = self._idle.start() if self._idle.supported else self._idle.pump()
            return news

    def fileno(self) -> int:
        """Return the descriptor that becomes readable while resting."""
        return self._line.fileno()

    def pump(self) -> bool:
        """Look at what came while resting; return whether there is new mail. Never blocks."""
        with self._command("IDLE"):
            return self._idle.pump()

    def rise(self) -> bool:
        """End the wait; return whether there was news meanwhile."""
        with self._command("the end of IDLE"):
            return self._idle.stop()


def _view(said: dict[bytes, Any], messages: Any) -> View:
    def number(value: Any) -> int | None:
        return value if isinstance(value, int) and value >= 0 else None

    return view(number(said.get(b"UIDVALIDITY")), number(said.get(b"UIDNEXT")), number(messages) or 0)


def _quoted(text: str) -> str:
    """Write a username as a quoted string: imaplib sends it as it is."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
