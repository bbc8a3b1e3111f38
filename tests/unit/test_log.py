"""The log: one event a line, without secrets, without mail, and it never stops anybody."""

import asyncio
import io
import json
import logging
import os
import pty
import re
import subprocess
import sys
import threading
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from relaywatch import log
from relaywatch.config.secrets import Secret, Source
from relaywatch.core.mail.message import Role

ROOT = Path(__file__).parents[2]
BODY = "Where is my mug, asks Jordan"


@pytest.fixture(autouse=True)
def restored(monkeypatch):
    """Take the process's logging back to what it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(sys, "unraisablehook", sys.unraisablehook)
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def stream():
    stream = io.StringIO()
    log.setup(stream)
    return stream


def lines(stream):
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def only(stream):
    (line,) = lines(stream)
    return line


# --- a line


def test_a_line_has_its_time_level_event_and_ids(stream):
    before = datetime.now(UTC)
    log.get(mailbox="care").info("message.received", case=12)
    text = stream.getvalue()
    line = only(stream)
    moment = datetime.fromisoformat(line.pop("timestamp"))
    assert before <= moment <= datetime.now(UTC)
    assert re.match(r'\{"timestamp": "\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", "level": ', text)
    assert list(line.items()) == [
        ("level", "info"),
        ("event", "message.received"),
        ("mailbox", "care"),
        ("case", 12),
    ]


def test_ids_of_the_task_are_on_its_lines(stream):
    structlog.contextvars.bind_contextvars(account="main")
    log.get().warning("mailbox.lost")
    assert only(stream)["account"] == "main"


def test_a_logger_made_before_follows_the_set_up():
    early = log.get(mailbox="care")
    stream = io.StringIO()
    log.setup(stream)
    early.info("mailbox.seeing")
    assert only(stream)["mailbox"] == "care"


@pytest.mark.parametrize(
    ("level", "written"),
    [
        ("debug", ["debug", "info", "warning", "error"]),
        ("info", ["info", "warning", "error"]),
        ("ERROR", ["error"]),
    ],
)
def test_levels(level, written):
    stream = io.StringIO()
    log.setup(stream, level=level)
    for name in ("debug", "info", "warning", "error"):
        getattr(log.get(), name)("x")
    assert [line["level"] for line in lines(stream)] == written


def test_an_unknown_level():
    with pytest.raises(ValueError, match="found 'loud', expected debug"):
        log.setup(io.StringIO(), level="loud")


def test_standard_error_is_where_lines_go(capsys):
    log.setup()
    log.get().info("x")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert json.loads(captured.err)["event"] == "x"


def test_without_set_up_lines_go_to_standard_error_too(capsys):
    structlog.reset_defaults()
    log.get().info("x")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert json.loads(captured.err)["event"] == "x"


def test_a_terminal_gets_text_for_people(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    master, slave = pty.openpty()
    try:
        with os.fdopen(slave, "w") as terminal:
            log.setup(terminal)
            log.get().info("case.opened", subject="a\x1b[31mb")
            text = os.read(master, 10_000).decode()
            monkeypatch.setenv("NO_COLOR", "1")
            log.setup(terminal)
            log.get().info("case.opened")
            plain = os.read(master, 10_000).decode()
    finally:
        os.close(master)
    assert "case.opened" in text
    assert "\x1b[" in text
    assert "\x1b[31mb" not in text
    assert not text.startswith("{")
    assert "case.opened" in plain
    assert "\x1b" not in plain


# --- what never stands in it


@pytest.mark.parametrize(
    "key", ["password", "smtp_password", "Token", "refresh_token", "client_secret", "AUTHORIZATION"]
)
def test_secrets_by_their_keys(stream, key):
    log.get().info("x", **{key: "hunter2"}, inner={key: "hunter2", "deep": [{key: b"hunter2"}]})
    assert "hunter2" not in stream.getvalue()
    assert only(stream)[key] == "***"


def test_a_secret_as_a_value(stream):
    log.get().info("x", origin=Secret(Source.PLAIN, "hunter2"), several=[Secret(Source.PLAIN, "hunter2")])
    assert "hunter2" not in stream.getvalue()


@pytest.mark.parametrize(
    "text", ["a\nb", "a\r\nb", "a\x00b", "a\x1b[2Jb", "a\u2028b", "a\u202eb", "a\ud800b", "a\x85b"]
)
def test_no_value_can_make_a_line_of_its_own_or_speak_to_a_terminal(stream, text):
    log.get(bound=text).info(f"x {text}", subject=text, several={text: [text]})
    raw = stream.getvalue()
    assert raw.count("\n") == 1
    assert raw.isascii()
    line = only(stream)
    for value in (line["bound"], line["event"], line["subject"], *line["several"]):
        assert value.isprintable()


def test_values_are_bounded(stream):
    endless: dict[str, object] = {}
    endless["self"] = endless
    log.get().info("e" * 9999, a="x" * 9999, b=list(range(9999)), c=endless, d={n: n for n in range(9999)})
    line = only(stream)
    assert len(line["event"]) == len(line["a"]) == 500
    assert line["a"].endswith("x…")
    assert len(line["b"]) == len(line["d"]) == 50
    assert len(stream.getvalue()) < 5000


def test_what_values_become(stream):
    class Mute:
        def __str__(self):
            raise RuntimeError(BODY)

    log.get().info(
        "x",
        role=Role.CARE,
        at=datetime(2026, 11, 22, 22, 13, 5, tzinfo=UTC),
        naive=datetime(2026, 11, 22),  # noqa: DTZ001 - somebody's mistake
        wait=timedelta(seconds=90),
        path=PurePosixPath("/srv/x"),
        raw=BODY.encode(),
        nothing=None,
        yes=True,
        part=0.5,
        odd=float("nan"),
        large=10**5000,
        some=frozenset({"a"}),
        mute=Mute(),
        broken=KeyError("x"),
    )
    line = only(stream)
    assert line["role"] == "care"
    assert line["at"] == "2026-11-22T22:13:05Z"
    assert line["naive"] == "2026-11-22 00:00:00"
    assert (line["wait"], line["path"]) == ("0:01:30", "/srv/x")
    assert line["raw"] == f"{len(BODY)} bytes"
    assert (line["nothing"], line["yes"], line["part"], line["odd"]) == (None, True, 0.5, "nan")
    assert line["large"] == "int without text"
    assert line["some"] == ["a"]
    assert line["mute"] == "Mute without text"
    assert line["broken"] == "KeyError: 'x'"


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,8}", fullmatch=True).filter(lambda key: key not in ("event", "level")),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=20,
        ),
        max_size=5,
    )
)
def test_whatever_is_logged_is_one_line_of_json(values):
    stream = io.StringIO()
    log.setup(stream)
    log.get().info("x", **values)
    assert stream.getvalue().count("\n") == 1
    assert set(values) <= set(json.loads(stream.getvalue(), parse_constant=pytest.fail))


# --- exceptions


def raised():
    return ValueError("line one\nline two")


def test_an_exception_is_its_type_and_text(stream):
    logger = log.get()
    try:
        raise ConnectionResetError(104, "Connection\nreset")
    except OSError:
        logger.exception("mailbox.lost")
    logger.error("a", exc_info=raised())
    logger.error("b", exc_info=(ValueError, raised(), None))
    logger.error("c", error=raised())
    logger.error("d", exc_info=True)  # noqa: LOG014 - where nothing was raised
    logger.error("e", error="said", exc_info=raised(), stack_info=True)
    told = {line["event"]: line.get("error") for line in lines(stream)}
    text = "ValueError: line one line two"
    reset = "ConnectionResetError: [Errno 104] Connection reset"
    assert told == {"mailbox.lost": reset, "a": text, "b": text, "c": text, "d": None, "e": "said"}
    assert "Traceback" not in stream.getvalue()
    assert "test_log.py" not in stream.getvalue()


def test_an_exception_without_text():
    assert log.error_text(TimeoutError()) == "TimeoutError"


def test_an_exception_of_a_thread_is_told_without_its_text(stream):
    def fail():
        raise ValueError(BODY)

    thread = threading.Thread(target=fail, name="imap-1")
    thread.start()
    thread.join()
    line = only(stream)
    assert (line["event"], line["thread"], line["error"]) == ("thread.failed", "imap-1", "ValueError")


def test_an_exception_that_nobody_can_catch_is_told_without_its_text(stream):
    class Bad:
        def __del__(self):
            raise ValueError(BODY)

    Bad()
    line = only(stream)
    assert (line["event"], line["error"]) == ("library.unraisable", "ValueError")


# --- libraries


@pytest.mark.parametrize("name", ["imapclient.imaplib", "mailparser.core", "aiosmtplib", "some.other"])
def test_a_library_is_heard_without_its_words(stream, name):
    logging.getLogger(name).warning("cannot read %s", BODY)
    line = only(stream)
    del line["timestamp"], line["line"]
    assert line == {
        "level": "warning",
        "event": f"library.{name}",
        "function": "test_a_library_is_heard_without_its_words",
    }


def test_how_grave_it_is(stream):
    logger = logging.getLogger("aiosmtplib")
    logger.debug(BODY)
    logger.info(BODY)
    logger.error(BODY)
    logger.critical(BODY)
    assert [line["level"] for line in lines(stream)] == ["error", "error"]


def test_a_library_with_wrong_arguments_harms_nobody(stream, capsys):
    root = logging.getLogger()
    root.handlers[:] = [handler for handler in root.handlers if type(handler).__module__ == log.__name__]
    wrong = ("%d of %d", BODY)
    logging.getLogger("mailparser").warning(*wrong)
    assert only(stream)["event"] == "library.mailparser"
    assert capsys.readouterr().err == ""


def test_the_same_place_is_told_ever_more_rarely(stream):
    for _ in range(250):
        logging.getLogger("mailparser").warning(BODY)
    assert [line.get("times") for line in lines(stream)] == [None, 10, 100]


def test_an_exception_of_asyncio_is_told_by_its_type_only(stream):
    async def fail():
        raise ValueError(BODY)

    async def main():
        task = asyncio.get_running_loop().create_task(fail())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        del task

    asyncio.run(main())
    line = only(stream)
    assert (line["event"], line["level"], line["error"]) == ("library.asyncio", "error", "ValueError")
    assert "Jordan" not in stream.getvalue()


def test_a_warning_of_python_is_told_without_its_words(stream):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        log.setup(stream)
        warnings.warn(BODY, RuntimeWarning, stacklevel=1)
    line = only(stream)
    assert (line["event"], line["category"]) == ("library.py.warnings", "RuntimeWarning")
    assert line["file"].endswith("test_log.py")
    assert "Jordan" not in stream.getvalue()


def test_setting_up_twice_does_not_say_things_twice(stream):
    log.setup(stream)
    logging.getLogger("aiosmtplib").error("x")
    log.get().info("y")
    assert len(lines(stream)) == 2


# --- a log that nobody reads


class Broken(io.StringIO):
    def write(self, _text):
        raise BrokenPipeError


@pytest.mark.parametrize("stream", [Broken(), None])
def test_a_broken_stream_stops_nobody(monkeypatch, stream):
    if stream is None:
        monkeypatch.setattr(sys, "stderr", None)
    log.setup(stream)
    log.get().error("x")
    logging.getLogger("aiosmtplib").error("x")


def test_a_closed_stream_stops_nobody():
    stream = io.StringIO()
    stream.close()
    log.setup(stream)
    log.get().error("x")


def test_a_process_goes_on_when_the_reader_of_its_log_goes_away():
    program = "import sys; from relaywatch import log; log.setup(); sys.stdin.readline()\n"
    program += "for _ in range(9): log.get().error('x')\nprint('went on')"
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stderr.close()
    out, _ = process.communicate(b"\n")
    assert out == b"went on\n"
    assert process.returncode == 0


def test_lines_of_many_threads_do_not_mix(tmp_path):
    path = tmp_path / "log"
    with path.open("w") as stream:
        log.setup(stream)
        threads = [
            threading.Thread(target=lambda n=n: [log.get(n=n).info("x", text="y" * 400) for _ in range(50)])
            for n in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    written = [json.loads(line)["n"] for line in path.read_text().splitlines()]
    assert sorted(written) == sorted(list(range(8)) * 50)
