"""Passwords: read from where they are, never shown."""

import copy
import os
import pickle
import sys
import traceback

import pytest

from relaywatch.config import secrets
from relaywatch.config.secrets import Secret, SecretError, Source

PASSWORD = "hunter2-käse"


@pytest.fixture
def file(tmp_path):
    def file(content, mode=0o600):
        path = tmp_path / "care.pass"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(mode)
        return Secret(Source.FILE, str(path))

    return file


def command(program, *more):
    return Secret(Source.COMMAND, f"{sys.executable} -c '{program}' {' '.join(more)}")


def refusal(secret):
    with pytest.raises(SecretError) as caught:
        secret.read()
    text = "".join(traceback.format_exception(caught.value))
    assert "hunter2" not in text
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert str(caught.value).isprintable()
    return str(caught.value)


def test_a_plain_one():
    assert Secret(Source.PLAIN, PASSWORD).read() == PASSWORD


@pytest.mark.parametrize(
    "content",
    [PASSWORD, f"{PASSWORD}\n", f"{PASSWORD}\r\n"],
    ids=["no newline", "newline", "Windows newline"],
)
def test_a_file(file, content):
    assert file(content).read() == PASSWORD


def test_blanks_belong_to_the_password(file):
    assert file(" hunter2 \n").read() == " hunter2 "


def test_a_file_is_read_each_time(file):
    secret = file("hunter2\n")
    assert secret.read() == "hunter2"
    file("hunter3\n")
    assert secret.read() == "hunter3"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"hunter2\n\n", "gives more than one line: not a password"),
        (b"hunter2\nA1 LOGOUT\n", "gives more than one line: not a password"),
        (b"hunter2\0", "gives more than one line: not a password"),
        (b"hunter2\xff", "gives no UTF-8 text"),
        (b"hunter2" * 10_000, "gives more than 64 KB: not a password"),
    ],
)
def test_a_file_that_holds_no_password(file, content, said):
    secret = file(content)
    assert refusal(secret) == f"password file {secret.value} {said}"


def test_a_file_that_cannot_be_read(tmp_path):
    missing = str(tmp_path / "none")
    assert refusal(Secret(Source.FILE, missing)) == (
        f"password file {missing} cannot be read: No such file or directory"
    )
    assert refusal(Secret(Source.FILE, str(tmp_path))).endswith("cannot be read: Is a directory")
    assert refusal(Secret(Source.FILE, "/dev/zero")) == "password file /dev/zero is not a plain file"


def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    assert refusal(Secret(Source.FILE, str(path))) == f"password file {path} is not a plain file"


def test_a_file_where_systemd_leaves_it(file, tmp_path, monkeypatch):
    file("hunter2")
    secret = Secret(Source.FILE, "${CREDENTIALS_DIRECTORY}/care.pass")
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    assert refusal(secret) == (
        "password file ${CREDENTIALS_DIRECTORY}/care.pass: environment variable CREDENTIALS_DIRECTORY is not set"
    )
    assert secret.advice() is None
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert secret.read() == "hunter2"


def test_a_variable(monkeypatch):
    secret = Secret(Source.ENV, "CARE_PASSWORD")
    monkeypatch.delenv("CARE_PASSWORD", raising=False)
    assert refusal(secret) == "environment variable CARE_PASSWORD is not set"
    monkeypatch.setenv("CARE_PASSWORD", PASSWORD)
    assert secret.read() == PASSWORD
    monkeypatch.setenv("CARE_PASSWORD", "")
    assert refusal(secret) == "environment variable CARE_PASSWORD is empty"


def test_a_command():
    assert command('print("hunter2")').read() == "hunter2"
    assert command("import sys; print(sys.argv[1:])", "'a b'", "c").read() == "['a b', 'c']"


def test_a_command_has_no_shell():
    assert command("import sys; print(sys.argv[1:])", "$HOME", ";", "id").read() == "['$HOME', ';', 'id']"


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        (command('import sys; print("hunter2"); sys.exit("hunter2")'), "ended with status 1"),
        (command("pass", "hunter2"), "is empty"),
        (command('print("hunter2\\nhunter2")'), "gives more than one line: not a password"),
        (command('print("hunter2" * 100000)'), "gives more than 64 KB: not a password"),
    ],
)
def test_a_command_that_gives_none(secret, said):
    assert refusal(secret) == f"password command {sys.executable} {said}"


def test_a_command_that_cannot_be_run():
    missing = Secret(Source.COMMAND, "/nowhere/pass hunter2")
    assert refusal(missing) == "password command /nowhere/pass cannot be run: No such file or directory"
    assert refusal(Secret(Source.COMMAND, "pass 'hunter2")) == "password command has no words, or an open quote"
    assert refusal(Secret(Source.COMMAND, " ")) == "password command has no words, or an open quote"


def test_a_command_that_hangs(monkeypatch):
    monkeypatch.setattr(secrets, "_COMMAND_SECONDS", 0.2)
    secret = command('import time; print("hunter2", flush=True); time.sleep(30)')
    assert refusal(secret) == f"password command {sys.executable} took longer than 0.2 seconds"


def test_a_command_whose_child_keeps_the_pipe_open_does_not_hold_us(monkeypatch):
    monkeypatch.setattr(secrets, "_COMMAND_SECONDS", 0.5)
    secret = Secret(Source.COMMAND, "sh -c 'sleep 5 & echo hunter2; sleep 5'")
    assert refusal(secret) == "password command sh took longer than 0.5 seconds"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_advice_on_a_file_that_others_can_read(file, mode):
    secret = file("hunter2", mode)
    assert secret.advice() == f"{secret.value} can be read by others: chmod 600 it"


def test_no_advice_where_all_is_well(file):
    assert file("hunter2", 0o600).advice() is None
    assert file("hunter2", 0o400).advice() is None
    assert Secret(Source.FILE, "/nowhere/care.pass").advice() is None
    assert Secret(Source.PLAIN, PASSWORD).advice() is None


@pytest.mark.parametrize("source", list(Source))
def test_it_is_never_shown(source):
    secret = Secret(source, "hunter2")
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r:>30}", repr([secret]), f"{(secret,)}"]
    assert not any("hunter2" in text for text in shown)
    assert repr(secret) == f"Secret({source.value})"


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_is_never_pickled(protocol):
    with pytest.raises(TypeError, match="not written anywhere"):
        pickle.dumps(Secret(Source.PLAIN, "hunter2"), protocol)
    with pytest.raises(TypeError, match="not written anywhere"):
        copy.deepcopy(Secret(Source.PLAIN, "hunter2"))


def test_equality():
    assert Secret(Source.ENV, "A") == Secret(Source.ENV, "A")
    assert Secret(Source.ENV, "A") != Secret(Source.PLAIN, "A")
    assert len({Secret(Source.ENV, "A"), Secret(Source.ENV, "A")}) == 1
