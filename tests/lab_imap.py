"""A scripted IMAP server on loopback that behaves well until it is told not to.

`server.on["EXAMINE"] = handler` replaces the answer to a command, `server.spoil[uid] = handler` the answer to the
FETCH of one message; a handler gets the Link and says what it likes. A thread for each connection.
"""

import base64
import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

PASSWORD = "kiln-opens-at-dawn"


def now() -> str:
    """Return this second as an INTERNALDATE."""
    return datetime.now(UTC).strftime("%d-%b-%Y %H:%M:%S +0000")


@dataclass
class Message:
    raw: bytes
    date: str = field(default_factory=now)


class Link:
    """One connection: its last command, and ways to answer."""

    def __init__(self, server: "FakeImap", sock: socket.socket) -> None:
        self.server, self.sock = server, sock
        self.file = sock.makefile("rb")
        self.tag, self.command, self.arguments = "", "", ""
        self.folder: dict[int, Message] = {}  # the open one

    def send(self, *lines: bytes) -> None:
        self.sock.sendall(b"".join(lines))

    def ok(self, *untagged: bytes, text: str = "done") -> None:
        self.send(*(b"* " + line + b"\r\n" for line in untagged), f"{self.tag} OK {text}\r\n".encode())

    def no(self, text: str) -> None:
        self.send(f"{self.tag} NO {text}\r\n".encode())

    def bad(self, text: str) -> None:
        self.send(f"{self.tag} BAD {text}\r\n".encode())

    def drip(self, data: bytes, *, every: float) -> None:
        """Send a byte at a time until the client has had enough."""
        for byte in data:
            self.send(bytes([byte]))
            time.sleep(every)

    def hang_up(self) -> None:
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)

    def fetched(self, uid: int, message: Message, *, sequence: int = 1) -> bytes:
        """Return the untagged answer for one message, as far as the command asks for it."""
        items = f'UID {uid} INTERNALDATE "{message.date}" RFC822.SIZE {len(message.raw)}'
        match = re.search(r"BODY\.PEEK\[(HEADER)?\]<(\d+)\.(\d+)>", self.arguments)
        if not match:
            return f"{sequence} FETCH ({items})\r\n".encode()
        raw = message.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if match[1] else message.raw
        first = int(match[2])
        raw = raw[first : first + int(match[3])]
        head = f"{sequence} FETCH ({items} BODY[{match[1] or ''}]<{first}> {{{len(raw)}}}\r\n"
        return head.encode() + raw + b")\r\n"


Handler = Callable[[Link], None]


@dataclass
class FakeImap:
    """The server. Messages are of INBOX; the other folders are empty, but for what `others` has by name."""

    messages: dict[int, Message] = field(default_factory=dict)
    others: dict[str, dict[int, Message]] = field(default_factory=dict)
    capability: str = "IMAP4rev1 IDLE ID"
    folders: tuple[bytes, ...] = (b'(\\Sent) "/" Sent', b'(\\Junk) "/" Junk', b'() "/" INBOX')
    uidvalidity: int = 7
    on: dict[str, Handler] = field(default_factory=dict)
    spoil: dict[int, Handler] = field(default_factory=dict)
    greeting: Handler = lambda link: link.send(b"* OK ready\r\n")
    commands: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    link: Callable[..., Link] = Link
    taken: int = 0
    """How many connections were taken in all."""

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for link in list(self.links):
            link.hang_up()
        for thread in self._threads:
            thread.join(5)

    def push(self, data: bytes) -> None:
        """Say something unasked on every connection."""
        for link in list(self.links):
            link.send(data)

    def put(self, raw: bytes, *, date: str = "") -> int:
        """Lay a message into INBOX, without a word to anybody."""
        uid = max(self.messages, default=0) + 1
        self.messages[uid] = Message(raw, date or now())
        return uid

    def count(self, command: str) -> int:
        return sum(line.startswith(command) for line in self.commands)

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.taken += 1
            link = self.link(self, sock)
            self.links.append(link)
            thread = threading.Thread(target=self._serve, args=(link,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, link: Link) -> None:
        with link.sock, link.file, contextlib.suppress(OSError, ValueError):
            self.greeting(link)
            while line := link.file.readline():
                tag, _, rest = line.decode("utf-8", "replace").rstrip("\r\n").partition(" ")
                name, _, arguments = rest.partition(" ")
                if name.upper() == "UID":
                    second, _, arguments = arguments.partition(" ")
                    name = f"UID {second}"
                link.tag, link.command, link.arguments = tag, name.upper(), arguments
                self.commands.append(f"{link.command} {arguments}".strip())
                if link.command == "EXAMINE":
                    link.folder = self._of(link)
                handler = self.on.get(link.command) or getattr(self, "_" + link.command.lower().replace(" ", "_"), None)
                if handler is None:
                    link.bad("unknown command")
                else:
                    self.answer(link, handler)
                if link.command == "LOGOUT":
                    break
        self.links.remove(link)

    def answer(self, link: Link, handler: Handler) -> None:
        """Answer a command; a server with a temper does it in its own way."""
        handler(link)

    # -- ordinary answers ------------------------------------------------------------------------------------

    def _capability(self, link: Link) -> None:
        link.ok(f"CAPABILITY {self.capability}".encode())

    def _login(self, link: Link) -> None:
        link.ok() if PASSWORD in link.arguments else link.no("[AUTHENTICATIONFAILED] wrong password")

    def _authenticate(self, link: Link) -> None:
        link.send(b"+ \r\n")
        _, _, password = base64.b64decode(link.file.readline()).split(b"\0")
        link.ok() if password else link.no("[AUTHENTICATIONFAILED] wrong password")

    def _id(self, link: Link) -> None:
        link.ok(b'ID ("name" "fake")')

    def _logout(self, link: Link) -> None:
        link.ok(b"BYE see you")

    def _noop(self, link: Link) -> None:
        link.ok()

    def _list(self, link: Link) -> None:
        link.ok(*(b"LIST " + folder for folder in self.folders))

    def _of(self, link: Link) -> dict[int, Message]:
        name = link.arguments.rpartition(" (")[0] or link.arguments
        return self.messages if "INBOX" in name else self.others.get(name.strip('"'), {})

    def uidnext(self, link: Link) -> int:
        """Return the UID that the next message gets in the folder that a command names."""
        return max(self._of(link), default=0) + 1

    def _examine(self, link: Link) -> None:
        messages = self._of(link)
        link.ok(
            b"FLAGS (\\Seen)",
            f"{len(messages)} EXISTS".encode(),
            b"0 RECENT",
            f"OK [UIDVALIDITY {self.uidvalidity}] x".encode(),
            f"OK [UIDNEXT {self.uidnext(link)}] x".encode(),
            text="[READ-ONLY] done",
        )

    def _status(self, link: Link) -> None:
        messages, name = self._of(link), link.arguments.rpartition(" (")[0]
        counts = f"MESSAGES {len(messages)} UIDNEXT {self.uidnext(link)} UIDVALIDITY {self.uidvalidity}"
        link.ok(f"STATUS {name} ({counts})".encode())

    def wanted(self, link: Link, text: str) -> list[int]:
        """Return the UIDs of a set, with RFC 3501's meaning of `*`."""
        last = max(link.folder, default=0)
        found = set()
        for part in text.split(","):
            low, _, high = part.replace("*", str(last)).partition(":")
            first, end = sorted((int(low), int(high or low)))
            found |= {uid for uid in link.folder if first <= uid <= end}
        return sorted(found)

    def _uid_search(self, link: Link) -> None:
        match = re.search(r"UID (\S+)", link.arguments)
        found = self.wanted(link, match[1] if match else "1:*")
        if large := re.search(r"LARGER (\d+)", link.arguments):
            found = [uid for uid in found if len(link.folder[uid].raw) > int(large[1])]
        link.ok(b"SEARCH " + " ".join(map(str, found)).encode())

    def _uid_fetch(self, link: Link) -> None:
        for uid in self.wanted(link, link.arguments.split(" ")[0]):
            if uid in self.spoil and link.folder is self.messages:
                self.spoil[uid](link)
                if not link.tag:  # it has ended the command
                    return
            else:
                link.send(b"* " + link.fetched(uid, link.folder[uid], sequence=uid))
        link.ok()

    def _idle(self, link: Link) -> None:
        link.send(b"+ idling\r\n")
        while line := link.file.readline():
            if line.strip().upper() == b"DONE":
                link.ok()
                return
