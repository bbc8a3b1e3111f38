"""Passwords: where they come from, read at the time of use, and never shown.

A Secret is a description (a file, a variable, a command); only `read()` touches the password, so that a new
one is picked up without a restart and nothing holds it longer than a login takes. A plain one is kept, and
hidden from repr, str, errors and pickles.
"""

import os
import re
import selectors
import shlex
import signal
import stat
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from time import monotonic
from typing import Never

_MAX_BYTES = 64 * 1024
_COMMAND_SECONDS = 10
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_BREAKS = re.compile(r"[\x00\r\n]")


class SecretError(Exception):
    """A secret that could not be read: one line that says where it was looked for, not what it is."""


class Source(StrEnum):
    """Where a secret comes from; the values are the configuration's keys."""

    PLAIN = "password"
    FILE = "password_file"
    ENV = "password_env"
    COMMAND = "password_command"


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a password comes from: `value` is a path, a variable, a command line, or with PLAIN itself."""

    source: Source
    value: str = field(repr=False)

    def __repr__(self) -> str:
        return f"Secret({self.source.value})"

    __str__ = __repr__

    def __reduce__(self) -> Never:
        raise TypeError("a secret is not written anywhere")

    def read(self) -> str:
        """Return the password; raise SecretError where it cannot be had.

        One trailing newline is taken off. What is empty, longer than 64 KB, not UTF-8, or of several lines is
        refused. A command runs without a shell and has ten seconds. Blocks meanwhile: call it in a thread.
        """
        if self.source is Source.PLAIN:
            return self._checked(self.value.encode(), "the password")
        if self.source is Source.FILE:
            return self._read_file()
        if self.source is Source.ENV:
            if self.value not in os.environ:
                raise SecretError(f"environment variable {self.value} is not set")
            return self._checked(os.environb[self.value.encode()], f"environment variable {self.value}")
        return self._run_command()

    def advice(self) -> str | None:
        """Return one line if a password file can be read by others than its owner, None if all is well.

        A file that cannot be looked at gives None here: `read()` says why.
        """
        if self.source is not Source.FILE:
            return None
        try:
            path = self._path()
            mode = path.stat().st_mode
        except (OSError, ValueError, SecretError):
            return None
        readers = stat.S_IRGRP | stat.S_IROTH
        return f"{path} can be read by others: chmod 600 it" if mode & readers else None

    def _path(self) -> Path:
        """Put in variables such as ${CREDENTIALS_DIRECTORY}, where systemd's LoadCredential leaves files.

        Done when reading, because a command at the terminal has no such variable and may need no password.
        """

        def known(match: re.Match[str]) -> str:
            name = match[1]
            if name not in os.environ:
                raise SecretError(f"password file {self.value}: environment variable {name} is not set")
            return os.environ[name]

        return Path(_VARIABLE.sub(known, self.value))

    def _read_file(self) -> str:
        path = self._path()
        where = f"password file {path}"
        try:
            with open(path, "rb", opener=_open_at_once) as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise SecretError(f"{where} is not a plain file")
                content = file.read(_MAX_BYTES + 1)
        except OSError as error:
            raise SecretError(f"{where} cannot be read: {error.strerror}") from None
        return self._checked(content, where)

    def _run_command(self) -> str:
        try:
            words = shlex.split(self.value)
        except ValueError:
            words = []
        if not words:
            raise SecretError("password command has no words, or an open quote")
        where = f"password command {words[0]}"  # its arguments may be secrets themselves
        try:
            content, status = _output(words)
        except TimeoutError:
            raise SecretError(f"{where} took longer than {_COMMAND_SECONDS} seconds") from None
        except OSError as error:
            raise SecretError(f"{where} cannot be run: {error.strerror}") from None
        except ValueError:
            raise SecretError("password command has a NUL in it") from None
        if status and len(content) <= _MAX_BYTES:
            raise SecretError(f"{where} ended with status {status}")
        return self._checked(content, where)

    @staticmethod
    def _checked(content: bytes, where: str) -> str:
        if len(content) > _MAX_BYTES:
            raise SecretError(f"{where} gives more than {_MAX_BYTES // 1024} KB: not a password")
        try:
            text = content.decode()
        except UnicodeDecodeError:
            raise SecretError(f"{where} gives no UTF-8 text") from None
        text = text.removesuffix("\n").removesuffix("\r")
        if not text:
            raise SecretError(f"{where} is empty")
        if _BREAKS.search(text):
            raise SecretError(f"{where} gives more than one line: not a password")
        return text


def _open_at_once(path: str, flags: int) -> int:
    """Open without waiting, as a named pipe would make us."""
    return os.open(path, flags | os.O_NONBLOCK)


def _output(words: list[str]) -> tuple[bytes, int]:
    """Run a command; return what it printed, a little over the limit at the most, and its exit status.

    It runs in a session of its own, so that a child which it leaves behind ends with it and cannot hold the
    pipe.
    """
    deadline = monotonic() + _COMMAND_SECONDS
    process = subprocess.Popen(  # noqa: S603 - the operator's own command, without a shell
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdout is not None
    content = b""
    selector = selectors.DefaultSelector()  # select() itself fails in a process with many connections
    try:
        selector.register(process.stdout, selectors.EVENT_READ)
        while len(content) <= _MAX_BYTES:
            if not selector.select(max(0.0, deadline - monotonic())):
                raise TimeoutError
            chunk = os.read(process.stdout.fileno(), _MAX_BYTES)
            if not chunk:
                return content, process.wait(max(0.0, deadline - monotonic()))
            content += chunk
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        selector.close()
        process.stdout.close()
        process.wait()
    return content, 0
