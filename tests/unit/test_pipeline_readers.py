"""Processes that read mail: what they give, and that whatever ends them loses no mail."""

import os
import signal

import pytest
from lab_files import COMPLAINT, agents, attached, bomb, pdf
from lab_hostile import TRAPS
from lab_post import agent, customer, dated, relay
from lab_story import H, Story

from relaywatch.core.message import Copy, Folder, Role
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
    monkeypatch.setattr(readers_of, "_BATCH_SECONDS", 0.5)
    async with pool(shop) as readers:
        (first,) = await readers.read([item(customer())])
        os.kill(readers._all[0]._process.pid, number)
        monkeypatch.setattr(readers_of, "_MAIL_SECONDS", 30.0)
        assert await readers.read([item(customer()), item(customer(2))]) == [
            first,
            read(item(customer(2)), shop.account.parties, shop.settings.rules),
        ]


async def test_the_mail_at_fault_is_kept_and_its_companions_are_read(shop, monkeypatch):
    """One mail of three cannot be read by any process: it alone is told by its head."""
    poison = item(customer(2))
    right = readers_of._Reader._exchange

    async def exchange(self, items):
        if poison in items:
            raise OSError("the process ended")
        return await right(self, items)

    monkeypatch.setattr(readers_of._Reader, "_exchange", exchange)
    async with pool(shop) as readers:
        found = await readers.read([item(customer(1)), poison, item(customer(3))])
    assert [one.mail.verdict.class_.value for one in found] == ["customer"] * 3
    assert [bool(one.mail.message.damage) for one in found] == [False, True, False]
    assert found[1].mail.message.author == relay(2)


async def test_an_attachment_at_fault_costs_only_itself(shop, monkeypatch):
    """What Walmart wrote beside it is read all the same, and that it could not be read is known."""
    text = "The complaint is attached. Answer within the hour."
    poison = item(agents(text, attached(pdf(COMPLAINT), "a.pdf", "application/pdf")))
    right = readers_of._Reader._exchange

    async def exchange(self, items):
        if any(each.patient and each.raw == poison.raw for each in items):
            raise OSError("the process ended")
        return await right(self, items)

    monkeypatch.setattr(readers_of._Reader, "_exchange", exchange)
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
