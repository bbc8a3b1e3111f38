"""IDLE (RFC 2177) line by line, for an event loop: nothing in here waits but `start` and `stop`.

imapclient's `idle()` fails when the server speaks before its `+`, and `idle_check()` loses lines that come in
pieces and sees no end of the stream. On the WireLine itself it is four lines of protocol:

    resting --start: IDLE, wait for +--> idling --pump: EXISTS --> news --stop: DONE, wait for OK--> resting
"""

import re
from collections.abc import Sequence

from relaywatch.mailbox.wire import WireLine
from relaywatch.network import one_line

_EXISTS = re.compile(rb"\* (?P<count>\d{1,10}) EXISTS", re.IGNORECASE)
_EXPUNGE = re.compile(rb"\* \d{1,10} EXPUNGE", re.IGNORECASE)
_BYE = re.compile(rb"\* BYE(?P<said>.*)", re.IGNORECASE | re.DOTALL)


class ByeError(Exception):
    """The server says that it is about to close the connection, and why."""


class Idle:
    """The IDLE of one connection. `supported` turns False when the server refuses it."""

    def __init__(self, line: WireLine, *, supported: bool) -> None:
        self.supported = supported
        self.messages: int | None = None  # in the open folder, as far as is known
        self._line = line
        self._tag = b""
        self._count = 0

    def start(self) -> bool:
        """Go idle; return whether there is news already. A server that refuses is not asked again. Blocks."""
        self._count += 1
        tag = b"IDLE%d" % self._count  # imaplib's tags are of another form
        self._line.begin()
        self._line.send(tag + b" IDLE\r\n")
        news = False
        while True:
            line = self._next_line()
            if line.startswith(b"+"):
                self._tag = tag
                return self.pump() or news
            if line.startswith(tag + b" "):
                self.supported = False
                return news
            news = self._is_news(line) or news

    def pump(self) -> bool:
        """Return whether new mail was told of; raise EOFError or ByeError at the end. Never blocks."""
        news = False
        for line in self._line.lines_at_hand():
            news = self._is_news(line) or news  # each is looked at: a BYE may follow
        return news

    def stop(self) -> bool:
        """End it, if it runs, and return whether there was news meanwhile. Blocks."""
        if not self._tag:
            return False
        tag, self._tag = self._tag, b""
        self._line.begin()
        self._line.send(b"DONE\r\n")
        news = False
        while not (line := self._next_line()).startswith(tag + b" "):
            news = self._is_news(line) or news
        return news

    def counted(self, counts: Sequence[bytes], expunged: int) -> bool:
        """Take in what was said of the number of messages, in an order that is not known; return whether it is news."""
        before = self.messages
        if counts and counts[-1].isdigit() and not expunged:
            self.messages = int(counts[-1])
            return self.messages != before
        self.messages = None if counts or before is None else before - expunged
        return bool(counts)

    def _is_news(self, line: bytes) -> bool:
        """Whether a line tells of new mail. Some servers repeat the number at every turn: that is none."""
        bye = _BYE.match(line)
        if bye:
            raise ByeError(one_line(bye["said"]))
        if _EXPUNGE.match(line):
            return self.counted((), 1)
        told = _EXISTS.match(line)
        return self.counted((told["count"],), 0) if told else False

    def _next_line(self) -> bytes:
        line = self._line.readline()
        if not line.endswith(b"\n"):
            raise EOFError
        return line
