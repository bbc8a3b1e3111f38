"""The connection under imapclient: bounded in time and in bytes, and open to a look without waiting.

imaplib's own reading waits a whole timeout for each byte, reads as much as a server announces, and hides what
has arrived in a buffer that no poll sees. It documents open, read, readline, send and shutdown as methods to
override, which is what `Wire` does; all of them lead to a `WireLine`, whose deadline is the whole command's.

`Client._create_IMAP4` is where imapclient is told to use it, and `_normalise_folder` where it writes a folder's name:
private methods, watched by tests.
"""

import contextlib
import imaplib
import socket
import ssl
import time
from typing import Any

from imapclient import IMAPClient, SocketTimeout

KIB, MIB = 1024, 1024 * 1024
MAX_LINE = 8 * MIB  # a SEARCH answer of 700,000 UIDs
MAX_LINES = 50_000  # in answer to one command
MAX_COMMAND = 16 * MIB  # bytes in answer to one command
MIN_RATE = 32 * KIB  # bytes a second that keep a command alive beyond its timeout
_CHUNK = 256 * KIB
_CONNECT_SECONDS = 20.0
_IDLE_FLOOD = 1 * MIB  # said at once while nothing was asked


class TooMuchError(Exception):
    """The server says more than any honest answer holds."""


class CutOffError(OSError):
    """Another thread ended the connection."""


class WireLine:
    """One TCP or TLS connection. Used by one thread at a time, but for `abort`."""

    def __init__(self, *, timeout: float, context: ssl.SSLContext | None) -> None:
        self.sock: socket.socket | None = None
        self.keep = 1 * MIB  # of a literal; the rest is read and dropped
        self.received = 0
        self._timeout = timeout
        self._context = context  # for TLS from the first byte
        self._buffer = bytearray()
        self._aborted = False
        self._eof = False
        self.begin()

    def begin(self, *, most: int = MAX_COMMAND) -> None:
        """Start the clock and the counters of one command; `most` bytes may come in answer."""
        self._started = time.monotonic()
        self._most = most
        self._lines = 0
        self.received = 0

    def connect(self, host: str, port: int) -> None:
        """Connect to the first address that takes it; raise what the last one said."""
        self.begin()
        last: OSError = OSError(f"{host} has no address")
        for family, kind, proto, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            self.sock = socket.socket(family, kind, proto)
            try:
                self.sock.settimeout(min(self._left(), _CONNECT_SECONDS))
                self.sock.connect(address)
            except OSError as error:
                last = error
                self.sock.close()
                continue
            if self._context is not None:
                self._handshake(self._context, host)
            return
        raise last

    def _handshake(self, context: ssl.SSLContext, host: str) -> None:
        assert self.sock is not None
        secure = context.wrap_socket(self.sock, server_hostname=host, do_handshake_on_connect=False)
        self.sock = secure  # before the handshake, so that abort() reaches it
        secure.do_handshake()

    def replace(self, sock: socket.socket) -> None:
        """Go on over another socket (STARTTLS). What came in clear after the answer was injected: refuse it."""
        if self._buffer:
            raise TooMuchError("it spoke on before TLS began")
        self.sock = sock

    def abort(self) -> None:
        """End the connection from any thread: whoever waits for it gets an error at once."""
        self._aborted = True
        if self.sock is not None:
            with contextlib.suppress(OSError):
                # not SSLSocket's own, which would turn the reader's next bytes into clear text
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

    def close(self) -> None:
        """Close it; safe to call again."""
        self.abort()
        if self.sock is not None:
            self.sock.close()
        self._buffer.clear()

    def send(self, data: bytes) -> None:
        """Send all of it before the command's deadline."""
        assert self.sock is not None
        self.sock.settimeout(self._left())
        self.sock.sendall(data)

    def readline(self) -> bytes:
        """Return the next line with its end; what there is of it, maybe nothing, at the end of the stream."""
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            if searched > MAX_LINE:
                raise TooMuchError(f"it sent a line of more than {MAX_LINE // MIB} MiB")
            if not self._fill():
                return self._take(searched)
        self._lines += 1
        if self._lines > MAX_LINES:
            raise TooMuchError(f"it answered with more than {MAX_LINES} lines")
        return self._take(end + 1)

    def read(self, size: int) -> bytes:
        """Return a literal, but no more than the first `keep` bytes of it; less at the end of the stream."""
        if size > self._most:
            raise TooMuchError(f"it announced {size} bytes, more than was asked for")
        kept = min(size, self.keep)
        while len(self._buffer) < kept and self._fill():
            pass
        data = self._take(kept)
        dropped = size - kept
        while dropped and (self._buffer or self._fill()):
            dropped -= len(self._take(dropped))
        return data

    def lines_at_hand(self) -> list[bytes]:
        """Return the whole lines that can be had without waiting; raise EOFError at the end of the stream.

        A line of which only a part has come stays for the next call. Never blocks.
        """
        assert self.sock is not None
        self.begin(most=_IDLE_FLOOD)
        self.sock.setblocking(False)
        with contextlib.suppress(BlockingIOError, ssl.SSLWantReadError):
            while self._receive():  # TLS may hold bytes that no poll would show: drain it
                pass
        whole = self._buffer.rfind(b"\n") + 1
        lines = self._take(whole).splitlines()
        if self._eof and not lines:
            raise EOFError
        return lines

    def left_over(self) -> list[bytes]:
        """Return the whole lines that have come and were not read. Never blocks, and takes none of them."""
        return bytes(self._buffer[: self._buffer.rfind(b"\n") + 1]).splitlines() if self._buffer else []

    def fileno(self) -> int:
        """Return the descriptor to poll."""
        assert self.sock is not None
        return self.sock.fileno()

    def _left(self) -> float:
        """Seconds until the command's deadline; raise TimeoutError after it. Bytes that come buy time."""
        left = self._started + self._timeout + self.received / MIN_RATE - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return min(left, self._timeout)

    def _fill(self) -> bool:
        """Wait for more bytes; False at the end of the stream."""
        assert self.sock is not None
        left = self._left()
        if abs((self.sock.gettimeout() or 0) - left) > 1 or left < 1:  # setting it costs a system call
            self.sock.settimeout(left)
        return self._receive()

    def _receive(self) -> bool:
        assert self.sock is not None
        if self._aborted:
            raise CutOffError("the connection was cut off")
        chunk = self.sock.recv(_CHUNK)
        if self._aborted:
            raise CutOffError("the connection was cut off")
        self.received += len(chunk)
        if self.received > self._most:
            raise TooMuchError("it sent more than was asked for")
        self._buffer += chunk
        self._eof = not chunk
        return bool(chunk)

    def _take(self, count: int) -> bytes:
        taken = bytes(memoryview(self._buffer)[:count])
        del self._buffer[:count]
        return taken


class Wire(imaplib.IMAP4):
    """imaplib's protocol over a WireLine."""

    def __init__(self, line: WireLine, host: str, port: int) -> None:
        self._relaywatch_line = line  # imaplib keeps many short names of its own
        super().__init__(host, port)

    @property
    def sock(self) -> socket.socket:
        """What imaplib takes for its socket; STARTTLS sets it to the TLS one."""
        assert self._relaywatch_line.sock is not None
        return self._relaywatch_line.sock

    @sock.setter
    def sock(self, sock: socket.socket) -> None:
        self._relaywatch_line.replace(sock)

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        """Connect (imaplib's documented hook)."""
        del timeout  # the line has its own
        self.host, self.port = host, port
        self._relaywatch_line.connect(host, port)

    def read(self, size: int) -> bytes:
        """Read a literal (imaplib's documented hook)."""
        return self._relaywatch_line.read(size)

    def readline(self) -> bytes:
        """Read a line (imaplib's documented hook)."""
        return self._relaywatch_line.readline()

    def send(self, data: Any) -> None:
        """Send (imaplib's documented hook)."""
        self._relaywatch_line.send(data)

    def shutdown(self) -> None:
        """Close (imaplib's documented hook)."""
        self._relaywatch_line.close()


class Client(IMAPClient):  # type: ignore[misc]  # imapclient ships no types
    """imapclient over a WireLine."""

    def __init__(self, line: WireLine, host: str, port: int, *, timeout: float) -> None:
        self._relaywatch_line = line
        super().__init__(host, port, ssl=False, timeout=SocketTimeout(connect=timeout, read=timeout))
        self.normalise_times = False
        self.as_written: dict[str, bytes] = {}  # folder names that the server writes in 8 bits, against RFC 3501 5.1.3
        self.wire.debug = 0  # imapclient forces 5: three times the time, and mail in the log

    def _create_IMAP4(self) -> Wire:  # noqa: N802  # imapclient's name
        return Wire(self._relaywatch_line, self.host, self.port)

    def _normalise_folder(self, folder_name: str) -> Any:
        """Write a folder's name for a command: as the server wrote it, where that is not modified UTF-7."""
        return (
            super()._normalise_folder(folder_name) if (raw := self.as_written.get(folder_name)) is None else _quote(raw)
        )

    @property
    def wire(self) -> Wire:
        """The object of imaplib, for commands that imapclient has no method for (private, watched by a test)."""
        wire: Wire = self._imap
        return wire


def _quote(raw: bytes) -> bytes:
    return b'"' + raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
