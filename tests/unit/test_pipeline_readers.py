"""Processes that read mail: what they give, and that whatever ends them loses no mail."""

import asyncio
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest
from lab_files import COMPLAINT, agents, attached, bomb, pdf
from lab_hostile import TRAPS
from lab_post import agent, customer, dated, relay
from lab_reader import BUSY, DEAF, SLOW
from lab_story import H, Story

from relaywatch.core.mail.message import Copy, Folder, Role
from relaywatch.pipeline import readers as readers_of
from relaywatch.pipeline.readers import Readers
from relaywatch.pipeline.reading import RawMail, read

COPY = Copy(mailbox="care", role=Role.CARE, folder=Folder.INBOX, internaldate=H(0))


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    story = Story(tmp_path_factory.mktemp("readers"))
    story.store.close()
    return story


def pool(shop, count=1):
    return Readers({"main": shop.account.parties}, shop.settings.rules, count)


def item(raw):
    return RawMail(dated(raw, H(0)), True, "main", COPY, frozenset())


async def test_they_read_as_we_would_in_order(shop):
    items = [item(customer(number)) for number in range(1, 60)] + [item(agent())]
    async with pool(shop, 2) as readers:
        found = await readers.read(items)
    assert found == [read(one, shop.account.parties, shop.settings.rules) for one in items]
    assert [one.mail.message.author for one in found[:2]] == [relay(1), relay(2)]


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([], []),
        ([1], [1]),
        ([1] * 45, [20, 20, 5]),
        ([10_000_000], [1]),
        ([10_000_000, 1, 1], [1, 2]),
        ([600_000] * 3, [1, 1, 1]),
        ([400_000] * 5, [2, 2, 1]),
        ([*[1] * 30, 2_000_000, 1], [20, 10, 1, 1]),
    ],
)
def test_a_reader_gets_so_much_at_a_time(sizes, expected):
    items = [RawMail(b"x" * size, True, "main", COPY, None) for size in sizes]
    parts = list(readers_of._parts(items, 20))
    assert list(map(len, parts)) == expected
    assert [one for part in parts for one in part] == items


async def test_nothing_to_read(shop):
    async with pool(shop) as readers:
        assert await readers.read([]) == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hanging"])
async def test_a_reader_that_ends_or_hangs_is_replaced(shop, monkeypatch, number):
    monkeypatch.setattr(readers_of, "_DEAF_SECONDS", 3.0)  # a fresh one starts in less
    async with pool(shop) as readers:
        (first,) = await readers.read([item(customer())])
        os.kill(readers._all[0]._process.pid, number)
        assert await readers.read([item(customer()), item(customer(2))]) == [
            first,
            read(item(customer(2)), shop.account.parties, shop.settings.rules),
        ]


async def test_the_mail_at_fault_is_kept_and_its_companions_are_read(shop, monkeypatch):
    """One mail of three cannot be read by any process: it alone is told by its head."""
    poison = item(customer(2))
    right = readers_of._ReaderProcess._exchange

    async def exchange(self, items, seconds):
        if poison in items:
            raise OSError("the process ended")
        return await right(self, items, seconds)

    monkeypatch.setattr(readers_of._ReaderProcess, "_exchange", exchange)
    async with pool(shop) as readers:
        found = await readers.read([item(customer(1)), poison, item(customer(3))])
    assert [one.mail.verdict.class_.value for one in found] == ["customer"] * 3
    assert [bool(one.mail.message.damage) for one in found] == [False, True, False]
    assert found[1].mail.message.author == relay(2)


async def test_an_attachment_at_fault_costs_only_itself(shop, monkeypatch):
    """What Walmart wrote beside it is read all the same, and that it could not be read is known."""
    text = "The complaint is attached. Answer within the hour."
    poison = item(agents(text, attached(pdf(COMPLAINT), "a.pdf", "application/pdf")))
    right = readers_of._ReaderProcess._exchange

    async def exchange(self, items, seconds):
        if any(each.patient and each.raw == poison.raw for each in items):
            raise OSError("the process ended")
        return await right(self, items, seconds)

    monkeypatch.setattr(readers_of._ReaderProcess, "_exchange", exchange)
    async with pool(shop) as readers:
        (found,) = await readers.read([poison])
    assert found.mail.message.own_words == text
    assert found.mail.verdict.rule == "unread_attachment"


async def test_a_bomb_in_a_pdf_does_not_stop_a_reader(shop):
    bombs = [attached(pdf(raw=[bomb(times=2)]), "a.pdf", "application/pdf")] * 5
    async with pool(shop) as readers:
        process_ids = set()
        for _ in range(2):
            (found,) = await readers.read([item(agents("Please see what the customer says of the lamp.", *bombs))])
            process_ids.add(readers._all[0]._process.pid)
    assert (found.mail.message.damage, len(found.mail.message.unread)) == ("", 5)
    assert len(process_ids) == 1


async def test_traps_are_read_beside_ordinary_mail(shop):
    traps = [item(TRAPS[name]()) for name in ("NULs", "nested multiparts", "html angles", "many addresses")]
    async with pool(shop) as readers:
        found = await readers.read([item(customer(1)), *traps, item(customer(2))])
    assert [found[0].mail.message.author, found[-1].mail.message.author] == [relay(1), relay(2)]


@pytest.fixture
def lab_reader(monkeypatch):
    """Readers that some mail makes hang."""
    paths = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    monkeypatch.setattr(readers_of, "_CHILD", "lab_reader")


def trapped(raw, trap):
    return item(trap + b"\r\n" + raw)


def right(shop, *items):
    return [read(one, shop.account.parties, shop.settings.rules) for one in items]


@pytest.mark.usefixtures("lab_reader")
async def test_a_mail_that_is_slow_gives_up_alone(shop, monkeypatch):
    monkeypatch.setattr(readers_of, "_SECONDS", 2.0)
    before, after = [item(customer(1)), item(agent())], [item(customer(number)) for number in range(3, 20)]
    async with pool(shop) as readers:
        await readers.read([item(customer())])
        process = readers._all[0]._process
        found = await readers.read([*before, trapped(customer(2), SLOW), *after])
        assert readers._all[0]._process is process
    assert [*found[:2], *found[3:]] == right(shop, *before, *after)
    assert found[2].mail.message.damage
    assert (found[2].mail.message.author, found[2].mail.verdict.class_) == (relay(2), "customer")


@pytest.mark.usefixtures("lab_reader")
async def test_what_is_slower_than_its_share_is_read_after_the_others(shop):
    items = [trapped(customer(1), BUSY), *(item(customer(number)) for number in range(2, 20)), trapped(agent(), BUSY)]
    async with pool(shop) as readers:
        assert await readers.read(items) == right(shop, *items)


@pytest.mark.usefixtures("lab_reader")
async def test_any_number_of_slow_mails_costs_a_batch_no_more_than_its_time(shop, monkeypatch):
    monkeypatch.setattr(readers_of, "_SECONDS", 2.0)
    slow = [trapped(customer(number), SLOW) for number in range(19)]
    async with pool(shop) as readers:
        await readers.read([item(customer())])
        started = time.monotonic()
        found = await readers.read([*slow, item(agent())])
        taken = time.monotonic() - started
    assert found[-1:] == right(shop, item(agent()))
    assert all(one.mail.message.damage for one in found[:-1])
    assert taken < 2 * 2.0


@pytest.mark.usefixtures("lab_reader")
async def test_a_mail_that_makes_its_reader_deaf_costs_its_companions_nothing(shop, monkeypatch):
    monkeypatch.setattr(readers_of, "_SECONDS", 0.5)
    monkeypatch.setattr(readers_of, "_ALONE_SECONDS", 0.5)
    items = [item(customer(1)), trapped(customer(2), DEAF), item(customer(3))]
    async with pool(shop) as readers:
        started = time.monotonic()
        found = await readers.read(items)
        taken = time.monotonic() - started
    assert [found[0], found[2]] == right(shop, items[0], items[2])
    assert found[1].mail.message.damage
    assert found[1].mail.message.author == relay(2)
    assert taken < 15  # of which it is ended twice after a second, and two processes start


@pytest.mark.usefixtures("lab_reader")
@pytest.mark.parametrize("trap", [SLOW, DEAF], ids=["slow", "deaf"])
async def test_an_attachment_that_hangs_costs_only_itself(shop, monkeypatch, trap):
    monkeypatch.setattr(readers_of, "_SECONDS", 1.0)
    monkeypatch.setattr(readers_of, "_ALONE_SECONDS", 1.0)
    text = "The complaint is attached. Answer within the hour."
    poison = agents(text, attached(pdf(COMPLAINT), "a.pdf", "application/pdf"))
    async with pool(shop) as readers:
        found = await readers.read([item(customer(1)), trapped(poison, trap + b", attached"), item(customer(3))])
    assert (found[1].mail.message.own_words, found[1].mail.verdict.rule) == (text, "unread_attachment")
    assert [found[0], found[2]] == right(shop, item(customer(1)), item(customer(3)))


async def test_files_of_what_fails_authentication_share_an_allowance(shop):
    """Policy C4: what a genuine complaint's file says is known, however many forged ones with slow files come."""
    parties = replace(shop.account.parties, authserv_ids=frozenset({"mx.shop.example"}))
    said = b"Authentication-Results: mx.shop.example; dmarc=%s header.from=walmart.com\r\n"
    bombs = [attached(pdf(raw=[bomb(times=2)]), "a.pdf", "application/pdf")] * 2
    forged = item(said % b"fail" + agents("Please see the file.", *bombs))
    genuine = item(
        said % b"pass" + agents("Please see the file.", attached(pdf(COMPLAINT), "a.pdf", "application/pdf"))
    )
    async with Readers({"main": parties}, shop.settings.rules, 1) as readers:
        await readers.read([item(customer())])
        started = time.monotonic()
        found = await readers.read([*[forged] * 100, genuine])
        taken = time.monotonic() - started
    assert found[-1] == read(genuine, parties, shop.settings.rules)
    assert not found[-1].mail.message.unread
    assert [len(one.mail.message.unread) for one in found[:-1]] == [2] * 100
    assert not any(one.mail.message.damage or one.needs_more for one in found)
    assert taken < 10


@pytest.mark.usefixtures("lab_reader")
@pytest.mark.parametrize("trap", [SLOW, DEAF], ids=["slow", "deaf"])
async def test_another_mailboxs_mail_waits_for_one_part_at_most(shop, monkeypatch, trap):
    """However much of the first one's there is, and though all of it hangs."""
    monkeypatch.setattr(readers_of, "_PART_OCTETS", 10_000)
    monkeypatch.setattr(readers_of, "_SECONDS", 0.5)
    monkeypatch.setattr(readers_of, "_ALONE_SECONDS", 0.5)
    async with pool(shop) as readers:
        await readers.read([item(customer())])
        poison = asyncio.create_task(readers.read([trapped(customer(number), trap) for number in range(500)]))
        await asyncio.sleep(0.1)
        assert await asyncio.wait_for(readers.read([item(agent())]), 30) == right(shop, item(agent()))
        assert not poison.done()
        poison.cancel()
        with pytest.raises(asyncio.CancelledError):
            await poison
