"""The socket beside the database: who answers, who does not, and what is left of it."""

import asyncio
import json
import socket
from pathlib import Path

import pytest

from relaywatch.app.control import ask, serve


async def echo(request):
    return {"heard": request}


async def asked(database, request):
    return await asyncio.to_thread(ask, database, request)


@pytest.fixture
def database(tmp_path):
    return str(tmp_path / "relaywatch.db")


async def test_a_request_is_answered(database):
    async with serve(database, echo):
        assert await asked(database, {"verb": "waive", "note": "été 茶\n"}) == {
            "heard": {"verb": "waive", "note": "été 茶\n"}
        }
    assert not await asyncio.to_thread(Path(f"{database}.sock").exists)


async def test_many_at_once_are_answered(database):
    async with serve(database, echo):
        found = await asyncio.gather(*(asked(database, {"number": number}) for number in range(20)))
    assert sorted(answer["heard"]["number"] for answer in found) == list(range(20))


def test_where_nobody_listens(database, tmp_path):
    assert ask(database, {}) is None
    assert ask(str(tmp_path / "no" / "such" / "folder.db"), {}) is None
    with socket.socket(socket.AF_UNIX) as left:  # by a daemon that was killed
        left.bind(f"{database}.sock")
    assert ask(database, {}) is None


async def test_what_a_killed_daemon_left_is_taken_over(database):
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(f"{database}.sock")
    async with serve(database, echo):
        assert await asked(database, {"number": 1}) == {"heard": {"number": 1}}


async def test_a_path_longer_than_a_sockets_may_be(tmp_path):
    folder = tmp_path / ("kiln" * 30) / ("clay" * 30)
    folder.mkdir(parents=True)
    database = str(folder / "relaywatch.db")
    async with serve(database, echo):
        assert await asked(database, {}) == {"heard": {}}


async def test_an_answer_that_raises_is_told_without_its_words(database, capsys):
    async def broken(_):
        raise ZeroDivisionError("words of a mail")

    async with serve(database, broken):
        answer = await asked(database, {"verb": "waive"})
    assert answer == {"error": "internal error (ZeroDivisionError): see the daemon's log", "status": 3}
    assert "words of a mail" not in capsys.readouterr().err


@pytest.mark.parametrize("line", [b"no json\n", b"[1]\n", b"\n", b"", b"\xff\xfe\n", b"{" * 3_000_000 + b"\n"])
async def test_what_is_no_request_ends_nothing(database, line):
    async with serve(database, echo):
        reader, writer = await asyncio.open_unix_connection(f"{database}.sock")
        try:
            writer.write(line)
            writer.write_eof()
            said = await reader.readline()
        except ConnectionError:
            said = b""
        writer.close()
        assert said == b"" or json.loads(said)["status"] == 2
        assert await asked(database, {"still": "there"}) == {"heard": {"still": "there"}}


async def test_who_says_nothing_holds_up_no_end(database):
    loop = asyncio.get_running_loop()
    async with serve(database, echo):
        _, writer = await asyncio.open_unix_connection(f"{database}.sock")
        await asyncio.sleep(0.05)
        started = loop.time()
    assert loop.time() - started < 1
    writer.close()
