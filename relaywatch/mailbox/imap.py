"""One connection to one mailbox, reading only: EXAMINE and BODY.PEEK. Only `move` changes anything, if it is called.

Synchronous, for a thread; one thread at a time, but for `abort`. Every command has one deadline and one bound
on its answer. After any error but a clean NO or BAD the stream may be out of step: the session has then closed
itself and only a new one helps.
"""

import contextlib
import imaplib
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from relaywatch.config import Mailbox, SecretError
from relaywatch.mailbox import errors
from relaywatch.mailbox.errors import (
    GarbledError,
    LoginRefusedError,
    MailboxError,
    ServerSaidError,
    UnreachableError,
    one_line,
)
from relaywatch.mailbox.imap_fetch import Fetched, read_fetch
from relaywatch.mailbox.imap_folders import Found, choose, read_list
from relaywatch.mailbox.imap_idle import Idle
from relaywatch.mailbox.imap_trouble import FAILURES, NoError, failure, refusal_of
from relaywatch.mailbox.position import MAX_UID, View, new_uids, uid_set, view
from relaywatch.mailbox.wire import KIB, MAX_COMMAND, MIB, Client, Line

PREFIX = 64 * KIB  # of a message: its text stands before its attachments
WHOLE = 2 * MIB  # at most, of a message whose text, or attachments that count, were not whole in the prefix
TIMEOUT = 60.0  # seconds for one command; what keeps coming buys more
_ID_FIRST = ("163.com", "126.com", "yeah.net", "188.com")  # they want ID even where they do not offer it
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@cache
def tls_context() -> ssl.SSLContext:
    """Return the one verifying context of this process: each of its own would cost 0.8 MiB a connection."""
    return ssl.create_default_context()


class Session:
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
        self._mailbox = mailbox
        self._where = f"{mailbox.host}:{mailbox.port}"
        self._timeout, self._prefix = timeout, prefix
        self._context = context or (tls_context() if mailbox.security != "none" else None)
        self._line = Line(timeout=timeout, context=self._context if mailbox.security == "tls" else None)
        self._idle = Idle(self._line, supported=False)
        self._made: Client | None = None
        self._secret = ""  # only while logging in, to keep it out of errors
        self._less = ((f"BODY.PEEK[HEADER]<0.{prefix}>", True), ("", False))
        self._news = False  # the server spoke of new mail while something else was asked

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

    def abort(self) -> None:
        """End it from any thread; who waits for an answer gets an error at once."""
        self._line.abort()

    def close(self) -> None:
        """End it without waiting for the server; safe to call again."""
        self._line.close()

    @property
    def received(self) -> int:
        """Octets of the last command's answer."""
        return self._line.received

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
        _refuse_breaks(username, password)
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

    def folders(self) -> Found:
        """Find the folders to read: by configuration, by the server's marks, by name."""
        wire = self._client.wire
        with self._command("the list of folders"):
            found = self._choose(_checked(wire.list('""', '"*"')))
        for command in self._further_lists() if found.missing else ():
            with contextlib.suppress(ServerSaidError), self._command("the list of folders"):
                name, *arguments = command
                _checked(wire.xatom(name, *arguments))
                _, records = wire.response(name)
                better = self._choose(records)
                found = better if len(better.missing) < len(found.missing) else found
        return found

    def _choose(self, records: list[Any]) -> Found:
        return choose(read_list(records), self._mailbox.role, self._mailbox.folders)

    def _further_lists(self) -> Iterator[tuple[str, ...]]:
        if self._offers("SPECIAL-USE"):
            yield "LIST", '""', '"*"', "RETURN (SPECIAL-USE)"
        if self._offers("XLIST"):
            yield "XLIST", '""', '"*"'

    def status(self, name: str) -> View:
        """Ask for a folder's numbers without opening it."""
        _refuse_breaks(name)
        with self._command(f"STATUS of {one_line(name)}"):
            said = self._client.folder_status(name, ["MESSAGES", "UIDNEXT", "UIDVALIDITY"])
            return _view(said, said.get(b"MESSAGES"))

    def examine(self, name: str) -> View:
        """Open a folder for reading only."""
        _refuse_breaks(name)
        with self._command(f"the folder {one_line(name)}"):
            said = self._client.select_folder(name, readonly=True)
            self._client.wire.untagged_responses.clear()
            self._news = False
            return _view(said, said.get(b"EXISTS"))

    def move(self, source: str, uidvalidity: int, uids: Sequence[int], target: str) -> str:
        """Move messages to another folder, flags and all: the one thing here that changes anything (policy M1).

        By MOVE (RFC 6851); where the server has none by COPY, which leaves them where they were too. Returns
        `moved` or `copied`, or `gone` where the numbers mean other messages now. Whether it succeeds or is refused,
        the folder is then open for reading only.
        """
        _refuse_breaks(source, target)
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

    # -- messages ----------------------------------------------------------------------------------

    def search(self, above: int, since: date | None) -> list[int]:
        """Return the UIDs above a number, if `since` is given only of what came on that day or later; ascending."""
        criteria = ["UID", f"{above + 1}:*"]
        if since is not None:
            criteria += ["SINCE", f"{since.day:02}-{_MONTHS[since.month - 1]}-{since.year:04}"]
        return new_uids(self._search(*criteria), above)

    def highest_uid(self) -> int:
        """Return the highest UID of the folder, 0 for an empty one."""
        return max(self._search("UID", "*"), default=0)

    def fetch_batch(self, uids: Sequence[int]) -> list[Fetched]:
        """Fetch the beginnings of messages, ascending. What has gone meanwhile is left out.

        A message that the server cannot give costs only itself: it comes with a `fault`, and with its header or
        at least its time. Where nothing at all can be had of any, the error is raised.
        """
        found, lost = self._fetch_by_halves(list(uids))
        if lost and not found:
            raise next(iter(lost.values()))
        found |= {uid: _nothing(uid, error.text) for uid, error in lost.items()}
        return [found[uid] for uid in sorted(found)]

    def fetch_less(self, uid: int, level: int) -> Fetched:
        """Fetch a message that cannot be fetched otherwise: 0 its header, 1 its time, from 2 on nothing."""
        fault = f"{self._where}: the server fails when asked for this message"
        if level < len(self._less):
            with contextlib.suppress(ServerSaidError):
                items, text = self._less[level]
                found = self._fetch([uid], items, prefix=self._prefix, text=text)
                if uid in found:
                    return replace(found[uid], whole=False, fault=fault)
        return _nothing(uid, fault)

    def fetch_whole(self, uid: int, limit: int = WHOLE) -> bytes:
        """Fetch one message from its beginning, `limit` octets at most; b"" if it has gone."""
        found = self._fetch([uid], f"BODY.PEEK[]<0.{limit}>", prefix=limit)
        return found[uid].raw if uid in found else b""

    def _fetch_by_halves(self, uids: list[int]) -> tuple[dict[int, Fetched], dict[int, MailboxError]]:
        """Return what could be fetched, and the errors of the messages of which nothing could."""
        try:
            found = self._fetch(uids, f"BODY.PEEK[]<0.{self._prefix}>", prefix=self._prefix)
        except ServerSaidError as error:
            if error.passing:
                raise
            if len(uids) == 1:
                return self._fetch_poorly(uids[0], error)
            half = len(uids) // 2
            found, lost = self._fetch_by_halves(uids[:half])
            more, lost_too = self._fetch_by_halves(uids[half:])
            return found | more, lost | lost_too
        lost = {}
        for uid in self._still_there([uid for uid in uids if uid not in found]):
            no_sense = GarbledError(f"{self._where}: its answer for this message makes no sense")
            more, lost_too = self._fetch_poorly(uid, no_sense)
            found |= more
            lost |= lost_too
        return found, lost

    def _fetch_poorly(self, uid: int, error: MailboxError) -> tuple[dict[int, Fetched], dict[int, MailboxError]]:
        """Fetch what can be had of a message whose text cannot: its header, or at least its time."""
        for items, text in self._less:
            with contextlib.suppress(ServerSaidError):
                found = self._fetch([uid], items, prefix=self._prefix, text=text)
                if uid in found:
                    return {uid: replace(found[uid], whole=False, fault=error.text)}, {}
        return {}, {uid: error}

    def _fetch(self, uids: Sequence[int], items: str, *, prefix: int, text: bool = True) -> dict[int, Fetched]:
        wire = self._client.wire
        self._line.keep = prefix
        with self._command("messages", most=MAX_COMMAND + len(uids) * (prefix + KIB)):
            asked = f"(UID INTERNALDATE RFC822.SIZE {items})".replace(" )", ")")
            found = read_fetch(_checked(wire.uid("FETCH", uid_set(uids), asked)), prefix=prefix, text=text)
            return {uid: found[uid] for uid in uids if uid in found}

    def _still_there(self, uids: list[int]) -> list[int]:
        """Return which of the messages without an answer exist: the others were deleted meanwhile."""
        return sorted(set(self._search("UID", uid_set(uids))) & set(uids)) if uids else []

    def _search(self, *criteria: str) -> set[int]:
        with self._command("a search"):
            lines = _checked(self._client.wire.uid("SEARCH", *criteria))
            numbers = b" ".join(line for line in lines if isinstance(line, bytes)).partition(b"(")[0].split()
            return {int(number) for number in numbers if number.isdigit() and int(number) <= MAX_UID}

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

    # -- one command -------------------------------------------------------------------------------

    @property
    def _client(self) -> Client:
        if self._made is None:
            raise UnreachableError(f"{self._where}: not connected")
        return self._made

    @contextlib.contextmanager
    def _command(self, doing: str, *, most: int = MAX_COMMAND) -> Iterator[None]:
        """Bound one command and translate what it raises; `doing` names it for the operator."""
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
            self._news = self._news or "EXISTS" in heap
            for kind in heap.keys() - {"CAPABILITY"}:  # that one imapclient will look for
                del heap[kind]


def _checked(answer: tuple[str, list[Any]]) -> list[Any]:
    """Return the records of imaplib's answer; raise NoError for a NO."""
    kind, records = answer
    if kind != "OK":
        raise NoError(records[-1] if records and isinstance(records[-1], bytes) else b"")
    return records


def _nothing(uid: int, fault: str) -> Fetched:
    return Fetched(uid=uid, internaldate=None, size=0, raw=b"", whole=False, fault=fault)


def _view(said: dict[bytes, Any], messages: Any) -> View:
    def number(value: Any) -> int | None:
        return value if isinstance(value, int) and value >= 0 else None

    return view(number(said.get(b"UIDVALIDITY")), number(said.get(b"UIDNEXT")), number(messages) or 0)


def _refuse_breaks(*arguments: str) -> None:
    """Refuse what would end the command's line and begin another (RFC 3501 9: TEXT-CHAR)."""
    if any(char in argument for argument in arguments for char in "\r\n\0"):
        raise MailboxError("a name or password with a line break in it is not sent to any server")


def _quoted(text: str) -> str:
    """Write a username as a quoted string: imaplib sends it as it is."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
