"""A scripted mail server on loopback that does mischief until it is told to be calm: a thread for each connection.

Of each warning it knows how many transactions are open.
"""

import contextlib
import socket
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import Self

from fuzz.mischief import Step, Temper, shape
from fuzz.said import Transcript, is_gone, play
from lab_smtp import Accepted

SMTP_KINDS = ("late", "split", "twice", "refused", "bye", "cut", "silent")
_FINAL = b"550 5.1.1 no such user\r\n"
_SMTP_REFUSALS = {
    "greeting": ("421 4.3.2 too busy", "554 5.7.1 no service for you"),
    "EHLO": ("421 4.3.2 closing", "502 not implemented", "550 5.7.1 your name is refused", "504 need a full name"),
    "HELO": ("421 4.3.2 closing", "504 need a full name"),
    "MAIL": ("421 4.7.0 later", "451 4.3.0 try later", "452 4.5.3 too much mail", "550 5.7.1 sender refused"),
    "RCPT": (
        *("450 4.2.0 greylisted", "451 4.7.1 try later", "452 4.2.2 mailbox full", "421 4.7.0 later"),
        *("550 5.7.1 relay denied", "550 5.4.5 daily sending quota exceeded", "554 5.7.1 policy", "504 helo refused"),
    ),
    "DATA": ("451 4.3.0 try later", "421 4.3.2 closing", "554 5.5.1 no valid recipients"),
    ".": ("451 4.3.0 try later", "452 4.3.1 no space", "421 4.3.2 closing", "550 5.7.1 spam", "554 5.6.0 content"),
}


@dataclass
class WildSmtp:
    """A mail server with a temper."""

    temper: Temper = field(default_factory=lambda: Temper("calm", SMTP_KINDS, calm=True))
    unknown: float = 0.0  # share of recipients' RCPTs that are refused as no such mailbox
    drop: Callable[[Accepted], bool] = lambda _: False  # says 250 and forgets it: a judge must find that out
    transcript: Transcript = field(default_factory=Transcript)
    accepted: list[Accepted] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)  # warnings that were in two open transactions at once
    final: int = 0  # how often it said that there is no such mailbox

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._guard = threading.Lock()
        self._open: dict[tuple[str, str], list[socket.socket]] = defaultdict(list)
        self._socks: list[socket.socket] = []
        self._rcpts: Counter[str] = Counter()
        self._taken = 0
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for sock in [self._listener, *self._socks]:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self._taken += 1
            self._socks.append(sock)
            thread = threading.Thread(target=self._serve, args=(sock, self._taken), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket, number: int) -> None:
        with sock, sock.makefile("rb") as file, contextlib.suppress(OSError, ValueError):
            sender, recipient = "", ""
            if self._say(sock, number, "greeting", "220 mx.shop.example ESMTP"):
                return
            while line := file.readline():
                text = line.decode("utf-8", "replace").rstrip("\r\n")
                verb = text.partition(" ")[0].upper()
                self.transcript.command(text, number)
                match verb:
                    case "EHLO":
                        refused = self._say(
                            sock, number, verb, "250-mx.shop.example\r\n250-SIZE 10000000\r\n250 8BITMIME"
                        )
                    case "MAIL":
                        sender = _address(text)
                        refused = self._say(sock, number, verb, "250 2.1.0 Ok")
                    case "RCPT":
                        recipient = _address(text)
                        refused = self._rcpt(sock, number, recipient)
                    case "DATA":
                        refused = self._say(sock, number, verb, "354 go on")
                        if not refused:
                            self._take(sock, number, file, sender, recipient)
                    case "QUIT":
                        self._say(sock, number, verb, "221 2.0.0 Bye")
                        return
                    case _:
                        refused = self._say(sock, number, verb, "250 2.0.0 Ok")
                if refused.startswith("421"):
                    return

    def _rcpt(self, sock: socket.socket, number: int, recipient: str) -> str:
        with self._guard:
            self._rcpts[recipient] += 1
            turn = self._rcpts[recipient]
        if self.temper.grudge(f"{recipient}:{turn}", self.unknown):
            self.final += 1
            self.transcript.note(f"{number} S", _FINAL)
            sock.sendall(_FINAL)
            return _FINAL.decode()
        return self._say(sock, number, "RCPT", "250 2.1.5 Ok")

    def _take(self, sock: socket.socket, number: int, file, sender: str, recipient: str) -> None:
        raw = bytearray()
        while (line := file.readline()) != b".\r\n":
            if not line:
                return
            raw += line.removeprefix(b".")
        mail = Accepted(time.time(), sender, recipient, bytes(raw), None, number)
        id_ = str(message_from_bytes(mail.raw)["Message-ID"])
        self.transcript.note(f"{number} C", f"{id_} for {recipient}")
        with self._in_flight(sock, (id_, recipient)):
            self._say(sock, number, ".", "250 2.0.0 Ok: queued", lambda: self._keep(mail))

    def _keep(self, mail: Accepted) -> None:
        if not self.drop(mail):
            self.accepted.append(mail)

    @contextmanager
    def _in_flight(self, sock: socket.socket, warning: tuple[str, str]) -> Iterator[None]:
        """Note that a transaction is open until it is answered, or given up by the client."""
        with self._guard:
            if any(not is_gone(other) for other in self._open[warning]):
                self.doubled.append(f"{warning[0]} for {warning[1]}")
            self._open[warning].append(sock)
        try:
            yield
        finally:
            with self._guard:
                self._open[warning].remove(sock)

    def _say(
        self, sock: socket.socket, number: int, what: str, reply: str, taken: Callable[[], None] | None = None
    ) -> str:
        """Answer as the temper says; return the refusal, "" where it was none. `taken`: what a yes means."""
        deed = self.temper.deed(what)
        refusals = _SMTP_REFUSALS.get(what, ())
        refused = ""
        if deed is not None and deed.kind == "refused" and refusals:
            refused = deed.chance.choice(refusals)
            steps: list[Step] = [f"{refused}\r\n".encode()]
        else:
            steps = shape(deed, f"{reply}\r\n".encode(), (), bye=b"421 4.3.2 going down\r\n")
            if deed is not None and deed.kind == "bye":
                refused = "421"
        # A reply that is cut or never comes may stand for either: the seed decides.
        lost = deed is not None and deed.kind in ("cut", "silent") and deed.chance.random() < 0.5
        if taken is not None and not refused and not lost:
            taken()
        for step in steps:
            if isinstance(step, bytes):
                self.transcript.note(f"{number} S{'' if deed is None else ' ' + deed.kind}", step)
        play(sock, steps, lambda text: self.transcript.note(f"{number} S", text))
        return refused


def _address(text: str) -> str:
    return text.partition("<")[2].partition(">")[0]
