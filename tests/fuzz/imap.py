"""A scripted IMAP server on loopback that does mischief until it is told to be calm. What is said is kept."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from fuzz.mischief import Temper, shape
from fuzz.said import Transcript, play
from lab_imap import FakeImap, Link, Message

IMAP_KINDS = ("late", "split", "twice", "refused", "bye", "cut", "silent", "echoed", "shuffled", "early")
_REFUSALS = (
    b"NO no such thing",
    b"NO [UNAVAILABLE] the backend is away",
    b"NO [SERVERBUG] internal trouble",
    b"NO [INUSE] the mailbox is locked",
    b"NO [LIMIT] too many requests",
    b"NO [CANNOT] not here",
    b"NO [CONTACTADMIN] see the administrator",
    b"BAD command unknown or arguments invalid",
    b"BAD [CLIENTBUG] not now",
)
_LOGIN_REFUSALS = (
    b"NO [AUTHENTICATIONFAILED] wrong password",
    b"NO [UNAVAILABLE] cannot look that up now",
    b"NO [ALERT] Account exceeded command or bandwidth limits",
    b"BAD not now",
)
_TOUCHING = ("SELECT", "STORE", "COPY", "MOVE", "APPEND", "EXPUNGE", "CREATE", "DELETE", "RENAME", "UID STORE")


class WildLink(Link):
    """A connection whose answers are gathered, and sent as the server's temper says."""

    def __init__(self, server: "WildImap", sock: socket.socket) -> None:
        super().__init__(server, sock)
        self.number = server.taken
        self.gathered = bytearray()
        self.idling = False
        self.speaking = threading.Lock()

    def send(self, *lines: bytes) -> None:
        self.gathered += b"".join(lines)

    def speak(self, what: str, *, refusals: Sequence[bytes] = _REFUSALS) -> None:
        """Send what was gathered."""
        answer = bytes(self.gathered)
        self.gathered.clear()
        tag = self.tag.encode() or b"*"
        server: WildImap = self.server
        deed = server.temper.deed(what)
        steps = shape(
            deed, answer, [tag + b" " + text + b"\r\n" for text in refusals], bye=b"* BYE going down for a while\r\n"
        )
        script = server.transcript
        for step in steps:
            if isinstance(step, bytes):
                script.note(f"{self.number} S{'' if deed is None else ' ' + deed.kind}", step)
        with self.speaking:
            play(self.sock, steps, lambda text: script.note(f"{self.number} S", text))


@dataclass
class WildImap(FakeImap):
    """An IMAP server with a temper. Messages come and go by `arrive` and `expunge` alone."""

    temper: Temper = field(default_factory=lambda: Temper("calm", IMAP_KINDS, calm=True))
    spoiled: float = 0.0  # share of messages whose text is refused until it is calm
    transcript: Transcript = field(default_factory=Transcript)
    numbers: dict[str, int] = field(default_factory=dict)  # the next UID, by folder
    link: Callable[..., Link] = WildLink

    def __post_init__(self) -> None:
        self.guard = threading.RLock()
        self.greeting = self._greet
        self.on = {"UID FETCH": self._fetch_or_refuse, "FETCH": self._fetch_by_place}
        super().__post_init__()

    # -- what happens in the mailbox -------------------------------------------------------------------------

    def folder(self, name: str) -> dict[int, Message]:
        return self.messages if name == "INBOX" else self.others.setdefault(name, {})

    def arrive(self, name: str, raw: bytes, date: str) -> int:
        """Lay a message into a folder, and tell who waits there."""
        with self.guard:
            folder = self.folder(name)
            uid = self.numbers[name] = self.numbers.get(name, 0) + 1
            folder[uid] = Message(raw, date)
            self._tell(folder, f"* {len(folder)} EXISTS\r\n".encode())
        return uid

    def expunge(self, name: str, uid: int) -> bool:
        """Delete a message for good, as another program would."""
        with self.guard:
            folder = self.folder(name)
            if uid not in folder:
                return False
            place = sorted(folder).index(uid) + 1
            del folder[uid]
            self._tell(folder, f"* {place} EXPUNGE\r\n".encode())
        return True

    def touched(self) -> list[str]:
        """Return the commands that change something or mark mail as seen."""
        return [line for line in list(self.commands) if line.startswith(_TOUCHING) or _marks(line)]

    def _tell(self, folder: dict[int, Message], news: bytes) -> None:
        for link in list(self.links):
            if not (isinstance(link, WildLink) and link.idling and link.folder is folder):
                continue
            deed = self.temper.deed("news")
            times = {None: 1, "silent": 0, "cut": 0, "twice": 2, "echoed": 2}.get(deed and deed.kind, 1)
            self.transcript.note(f"{link.number} S", news * times)
            with contextlib.suppress(OSError):
                if times:
                    link.sock.sendall(news * times)
                elif deed is not None and deed.kind == "cut":
                    link.hang_up()

    # -- what is said ----------------------------------------------------------------------------------------

    def _greet(self, link: Link) -> None:
        assert isinstance(link, WildLink)
        link.send(b"* OK ready\r\n")
        link.speak("greeting", refusals=(b"BYE too many connections", b"NO not now", b"PREAUTH welcome"))

    def answer(self, link: Link, handler: Callable[[Link], None]) -> None:
        assert isinstance(link, WildLink)
        self.transcript.command(f"{link.tag} {link.command} {link.arguments}", link.number)
        if link.command == "IDLE":
            self._idle(link)
            return
        with self.guard:
            handler(link)
        refusals = _LOGIN_REFUSALS if link.command == "LOGIN" else () if link.command == "LOGOUT" else _REFUSALS
        link.speak(link.command, refusals=refusals)

    def _idle(self, link: Link) -> None:
        assert isinstance(link, WildLink)
        link.send(b"+ idling\r\n")
        link.speak("IDLE")
        link.idling = True
        try:
            while line := link.file.readline():
                if line.strip().upper() == b"DONE":
                    link.idling = False
                    self.transcript.command("DONE", link.number)
                    link.ok()
                    link.speak("DONE")
                    return
        finally:
            link.idling = False

    def uidnext(self, link: Link) -> int:
        name = (link.arguments.rpartition(" (")[0] or link.arguments).strip('"')
        return self.numbers.get(name, 0) + 1

    def _of(self, link: Link) -> dict[int, Message]:
        name = (link.arguments.rpartition(" (")[0] or link.arguments).strip('"')
        return self.folder(name)

    def _fetch_or_refuse(self, link: Link) -> None:
        """Answer a FETCH; a message whose text is spoiled makes it NO for all that are asked for with it."""
        uids = self.wanted(link, link.arguments.split(" ")[0])
        text = "BODY.PEEK[]" in link.arguments
        if text and any(self.temper.grudge(f"{id_}", self.spoiled) for id_ in self._ids(link, uids)):
            link.no("[SERVERBUG] a message cannot be read" if len(uids) % 2 else "message is damaged")
            return
        for place, uid in enumerate(sorted(link.folder), 1):
            if uid in uids:
                link.send(b"* " + link.fetched(uid, link.folder[uid], sequence=place))
        link.ok()

    def _ids(self, link: Link, uids: Sequence[int]) -> Iterator[bytes]:
        return (link.folder[uid].raw.partition(b"Message-ID:")[2].partition(b"\r\n")[0] for uid in uids)

    def _fetch_by_place(self, link: Link) -> None:
        wanted, last = link.arguments.split(" ")[0], len(link.folder)
        place = last if wanted == "*" else int(wanted)
        if 1 <= place <= last:
            uid = sorted(link.folder)[place - 1]
            link.send(b"* " + link.fetched(uid, link.folder[uid], sequence=place))
        link.ok()


def _marks(line: str) -> bool:
    """Whether a FETCH would mark what it reads as seen (RFC 3501 6.4.5)."""
    fetch = line.startswith(("UID FETCH", "FETCH"))
    return fetch and any(item in line for item in ("BODY[", "RFC822 ", "RFC822)", "RFC822.TEXT"))
