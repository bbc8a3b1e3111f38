"""Moments kept in a small file for the process that comes after."""

import os
import stat

import pytest

from relaywatch.app.memo import Memo


def test_what_is_written_is_read_by_the_next(tmp_path):
    path = tmp_path / "told"
    assert Memo(path).write({"oncall@shop.example": [1.5, 300.0]})
    assert Memo(path).write({"oncall@shop.example": [2.5]})  # shorter than before
    assert Memo(path).read() == {"oncall@shop.example": [2.5]}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"a": 1}', b'{"a": ["soon"]}', b"\xff\xfe", b"null", b"7"])
def test_a_damaged_file_says_nothing(tmp_path, content):
    path = tmp_path / "told"
    path.write_bytes(content)
    assert Memo(path).read() == {}
    assert Memo(path).write({"a": [1.0]})
    assert Memo(path).read() == {"a": [1.0]}


def test_what_cannot_be_written_is_said_and_raises_nothing(tmp_path):
    assert not Memo(tmp_path / "nowhere" / "told").write({"a": [1.0]})
    assert not Memo(tmp_path).write({"a": [1.0]})
    assert Memo(tmp_path).read() == {}


def test_it_leads_nobody_astray_by_a_link(tmp_path):
    (tmp_path / "told").symlink_to(tmp_path / "elsewhere")
    assert not Memo(tmp_path / "told").write({"a": [1.0]})
    assert not os.path.lexists(tmp_path / "elsewhere")


@pytest.mark.parametrize(
    ("environ", "path"),
    [
        ({}, "/var/lib/relaywatch/relaywatch.db.told"),
        ({"RUNTIME_DIRECTORY": ""}, "/var/lib/relaywatch/relaywatch.db.told"),
        ({"RUNTIME_DIRECTORY": "/run/relaywatch"}, "/run/relaywatch/told"),
        ({"RUNTIME_DIRECTORY": "/run/relaywatch:/run/other"}, "/run/relaywatch/told"),
    ],
)
def test_where_it_lies(environ, path):
    assert str(Memo.place("told", "/var/lib/relaywatch/relaywatch.db", environ).path) == path
