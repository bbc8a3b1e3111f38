"""The log: one event a line on standard error, JSON unless that is a terminal (interface: the log).

    log = get(mailbox="care")
    log.info("message.received", case=12)

Two things are kept out whatever a caller does. Secrets: values under keys that are named like one. Mail:
every value is one bounded line without control characters, an exception is its type and text without a
traceback, and what a library writes is told without its words, for those may be parts of a message
(mail-parser's are).
A log that cannot be written, because nobody reads the pipe any more or whoever reads it hangs, never stops the
program: the daemon's lines wait in a bounded queue for a thread of their own, and what finds no room is counted and
told (`log.dropped`).
"""

import atexit
import json
import logging
import math
import os
import re
import select
import sys
import threading
import warnings
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache
from itertools import islice
from typing import TextIO, cast

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

BoundLogger = FilteringBoundLogger

_MAX_VALUE = 500  # characters
_MAX_ITEMS = 50
_MAX_DEPTH = 3
_MAX_QUEUED = 1_000_000  # characters of lines that wait for whoever reads the log
_MAX_AT_ONCE = 64 * 1024  # characters that are written together, where so many wait
_LARGE = 2**63  # beyond it readers of JSON lose digits, and str() its patience
_FIRST = ("timestamp", "level", "event")
_SECRET = re.compile(r"passw|secret|token|authorization|credential", re.IGNORECASE)
_HIDDEN = "***"


def setup(stream: TextIO | None = None, *, level: str = "info", queued: bool = False) -> None:
    """Send all logging of the process to a stream, standard error if None. A second call replaces the first.

    `level` is the least that is written: debug, info, warning, error or critical. Libraries are heard from
    warning on, as are Python's own warnings and exceptions that nobody was left to catch. `queued`: whoever logs
    never waits for the stream's reader, as nothing that serves others may; end with `flush`.
    """
    _configure(stream, level, queued=queued)
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, _Library)]:
        root.removeHandler(handler)
    root.addHandler(_Library())
    root.setLevel(logging.WARNING)
    warnings.showwarning = _warned
    threading.excepthook = _thread_failed
    sys.unraisablehook = _unraisable


def get(**initial: object) -> BoundLogger:
    """Return a logger whose every line has these keys. Without `setup` it writes to standard error."""
    if not structlog.is_configured():
        _configure(None, "info")
    return cast("BoundLogger", structlog.get_logger(**initial))


def flush(seconds: float = 1.0) -> None:
    """Wait until what is queued is written, but no longer than so many seconds."""
    lines = structlog.get_config()["logger_factory"]()
    if isinstance(lines, _Queued):
        lines.flush(seconds)


def error_text(error: BaseException) -> str:
    """Return an exception as one bounded line: its type and what it says."""
    text = _line(_said(error))
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _configure(stream: TextIO | None, level: str, *, queued: bool = False) -> None:
    number = logging.getLevelNamesMapping().get(level.upper())
    if number is None:
        raise ValueError(f"log level: found {level!r}, expected debug, info, warning, error or critical")
    lines = _Queued(stream) if queued else _Lines(stream)
    last: Processor = _json
    if lines.is_terminal:
        last = structlog.dev.ConsoleRenderer(colors="NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _say_errors,
            _clean,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_: lines,
        cache_logger_on_first_use=False,  # a logger made before `setup` must follow it
    )


class _Lines:
    """Where lines go. One `write` a line, so that threads do not mix theirs."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    @property
    def stream(self) -> TextIO:
        return sys.stderr if self._stream is None else self._stream

    @property
    def is_terminal(self) -> bool:
        try:
            return self.stream.isatty()
        except (OSError, ValueError, AttributeError):  # closed, or a process without standard error
            return False

    def write(self, line: str) -> None:
        with self._lock:
            try:
                self.stream.write(f"{line}\n")
                self.stream.flush()
            except (OSError, ValueError, AttributeError):
                return  # nobody listens: there is nowhere left to say so

    msg = debug = info = warning = error = critical = exception = fatal = log = write


class _Queued(_Lines):
    """Lines on their way to a reader that may hang: who logs leaves them here, and one thread writes.

    It writes to the descriptor itself: the stream's own lock, held by a thread that hangs, would stop the
    interpreter at its end.
    """

    def __init__(self, stream: TextIO | None) -> None:
        super().__init__(stream)
        self._changed = threading.Condition()
        self._waiting: deque[str] = deque()
        self._size = 0  # characters that wait, those being written among them
        self._dropped = 0
        self._thread: threading.Thread | None = None

    def write(self, line: str) -> None:
        with self._changed:
            if self._size + len(line) > _MAX_QUEUED:
                self._dropped += 1
                return
            self._size += len(line)
            self._waiting.append(line)
            if self._thread is None:
                self._thread = threading.Thread(target=self._write_for_ever, name="log", daemon=True)
                self._thread.start()
                atexit.register(self.flush)
            if len(self._waiting) == 1:  # else the thread is at work, and looks again
                self._changed.notify_all()

    def flush(self, seconds: float = 1.0) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._size == 0, seconds)

    def _write_for_ever(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                lines = [self._waiting.popleft()]
                size = len(lines[0])
                while self._waiting and size + len(self._waiting[0]) <= _MAX_AT_ONCE:
                    lines.append(self._waiting.popleft())
                    size += len(lines[-1])
            self._put("\n".join((*lines, "")).encode(errors="replace"))
            with self._changed:
                self._size -= size
                dropped = self._dropped if self._size <= _MAX_QUEUED // 2 else 0  # so that there is room to say it
                self._dropped -= dropped
                self._changed.notify_all()
            if dropped:
                get().warning("log.dropped", lines=dropped)

    def _put(self, data: bytes) -> None:
        try:
            descriptor = self.stream.fileno()
            while data:
                with suppress(BlockingIOError):  # somebody made the pipe one that does not wait: this thread may
                    select.select([], [descriptor], [])
                    data = data[os.write(descriptor, data) :]
        except (OSError, ValueError, AttributeError):
            return  # nobody listens: there is nowhere left to say so

    msg = debug = info = warning = error = critical = exception = fatal = log = write


def _say_errors(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Turn `exc_info` into `error`, without a traceback."""
    event.pop("stack_info", None)
    given = event.pop("exc_info", None)
    if not given:
        return event
    if isinstance(given, tuple):
        given = given[1]
    error = given if isinstance(given, BaseException) else sys.exc_info()[1]
    if error is not None:
        event.setdefault("error", error_text(error))
    return event


def _clean(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    first = {key: event[key] for key in _FIRST if key in event}
    return {key: _plain(value, key) for key, value in {**first, **event}.items()}


def _plain(value: object, key: str = "", depth: int = 0) -> object:
    """Return a value as JSON can have it: bounded, one line a text, and nothing under a secret's name."""
    if _is_secret(key):
        return _HIDDEN
    kind = type(value)
    if kind is str:  # this and the next are nearly all that is ever logged
        return _line(cast("str", value))
    if value is None or kind is bool:
        return value
    if isinstance(value, Mapping | AbstractSet | Sequence) and not isinstance(value, str | bytes | bytearray):
        return _several(value, depth) if depth < _MAX_DEPTH else "…"
    return _one(value)


@lru_cache(maxsize=512)
def _is_secret(key: str) -> bool:
    return _SECRET.search(key) is not None


def _several(value: Mapping[object, object] | AbstractSet[object] | Sequence[object], depth: int) -> object:
    items = list(islice(value, _MAX_ITEMS))
    if isinstance(value, Mapping):
        return {_line(_said(item)): _plain(value[item], _said(item), depth + 1) for item in items}
    return [_plain(item, "", depth + 1) for item in items]


def _one(value: object) -> object:
    if isinstance(value, Enum):
        value = value.value
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) < _LARGE:
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, bytes | bytearray):
        return f"{len(value)} bytes"
    return error_text(value) if isinstance(value, BaseException) else _line(_said(value))


def _said(value: object) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - a value that cannot speak must not stop the one who logs it
        return f"{type(value).__name__} without text"


def _line(text: str) -> str:
    """Return text as a single line: what a terminal or a reader of lines would obey becomes a blank."""
    if len(text) > _MAX_VALUE:
        text = f"{text[: _MAX_VALUE - 1]}…"
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else " " for char in text)


def _json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    return json.dumps(event)


class _Library(logging.Handler):
    """What libraries log: who, how grave, and where in their code, never their words.

    The same place is told at its first, tenth, hundredth … time, for a parser may complain of every mail.
    """

    def __init__(self) -> None:
        super().__init__()
        self._times: Counter[tuple[str, str, int]] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        place = (record.name, record.funcName or "", record.lineno)
        self._times[place] += 1
        times = self._times[place]
        if str(times).strip("0") != "1":
            return
        ids: dict[str, object] = {"function": record.funcName, "line": record.lineno}
        if record.exc_info and record.exc_info[0] is not None:
            ids["error"] = record.exc_info[0].__name__
        if times > 1:
            ids["times"] = times
        level = logging.WARNING if record.levelno < logging.ERROR else logging.ERROR
        get().log(level, f"library.{record.name}", **ids)


def _warned(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    del message, file, line
    get().warning("library.py.warnings", category=category.__name__, file=filename, line=lineno)


def _thread_failed(args: threading.ExceptHookArgs) -> None:
    if args.exc_type is not SystemExit:
        name = args.thread.name if args.thread else ""
        get().error("thread.failed", thread=name, error=args.exc_type.__name__)


def _unraisable(args: "sys.UnraisableHookArgs") -> None:
    get().error("library.unraisable", error=args.exc_type.__name__)
