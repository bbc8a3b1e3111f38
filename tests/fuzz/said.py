"""What both servers need: an answer sent step by step over a socket that is watched, and who said what when."""

import contextlib
import select
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from fuzz.mischief import Cut, Pause, Silence, Step


class GoneError(OSError):
    """The client has closed the connection, or the mischief did."""


def is_gone(sock: socket.socket) -> bool:
    """Whether the other side has closed the connection, though what it said before was not read yet."""
    try:
        poll = select.poll()
        poll.register(sock, select.POLLRDHUP)
        return bool(poll.poll(0))
    except (OSError, ValueError):
        return True


def _wait(sock: socket.socket, seconds: float) -> None:
    """Wait for so long; raise GoneError as soon as the client has closed the connection."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        try:
            readable, _, _ = select.select([sock], [], [], left)
        except (OSError, ValueError):
            raise GoneError from None
        if readable:
            if is_gone(sock):
                raise GoneError
            time.sleep(min(left, 0.02))  # it speaks meanwhile: it is not listened to


@dataclass
class Transcript:
    """What was said by both sides, with the time, the newest last."""

    lines: list[tuple[float, str]] = field(default_factory=list)
    heard: list[float] = field(default_factory=list)  # when a command came

    def note(self, who: str, text: bytes | str) -> None:
        text = text if isinstance(text, str) else text.decode("ascii", "backslashreplace")
        shown = text if len(text) <= 160 else f"{text[:120]} … {text[-30:]}"
        self.lines.append((time.time(), f"{who} {shown!r}"))

    def command(self, text: str, number: int) -> None:
        self.heard.append(time.monotonic())
        self.note(f"{number} C", text)

    def tail(self, count: int) -> list[str]:
        return [f"{at % 1000:7.3f} {text}" for at, text in self.lines[-count:]]


def play(sock: socket.socket, steps: Sequence[Step], note: Callable[[str], None]) -> None:
    """Send an answer step by step; raise GoneError where it ends the connection."""
    for step in steps:
        match step:
            case bytes(data):
                if data:
                    sock.sendall(data)
            case Pause(seconds):
                _wait(sock, seconds)
            case Cut():
                note("cut")
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
                raise GoneError
            case Silence():
                note("silence")
                _wait(sock, 3600)
                raise GoneError
