"""Whom the server is asked for, and what that costs where it cannot say."""

import pytest

from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Folder, Place
from relaywatch.mailbox.errors import DroppedError, ServerSaidError
from relaywatch.mailbox.senders import Senders, needles

INBOX = Place(Folder.INBOX, "INBOX")


def test_agents_are_looked_for_first_then_all_of_walmarts():
    assert needles(Parties()) == (
        (),
        ("@wal-mart.com", "@walmart.ca", "@walmart.com"),
        ("wal-mart.com", "walmart.ca", "walmart.com"),
    )
    configured = Parties(relay_domains=frozenset({"relay.example"}), agent_domains=frozenset({"agents.test"}))
    assert needles(configured) == ((), ("@agents.test",), ("agents.test", "relay.example"))


def test_the_sellers_own_come_before_all():
    own = Parties(registered=frozenset({"care@shop.example"}), seller=frozenset({"mei@shop.example"}))
    assert needles(own)[0] == ("care@shop.example", "mei@shop.example")
    assert needles(Parties(seller_domains=frozenset({"shop.example"})))[0] == ("@shop.example",)


def refusing(said):
    async def ask(uids, texts):
        del uids, texts
        raise ServerSaidError("no", said)

    return ask


async def test_a_refusal_costs_one_question_a_connection():
    senders, asked = Senders(Parties()), []

    async def ask(uids, texts):
        asked.append((len(uids), texts))
        raise ServerSaidError("no", "SEARCH FROM is not supported")

    for _ in range(3):
        assert await senders.urgent(INBOX, range(1, 501), ask) == (set(), set(), set())
    assert len(asked) == 1
    senders.connected()
    await senders.urgent(INBOX, range(1, 501), ask)
    assert len(asked) == 2


async def test_a_server_that_wants_to_be_left_alone_is():
    with pytest.raises(ServerSaidError):
        await Senders(Parties()).urgent(INBOX, [1, 2], refusing("[LIMIT] too many requests, bandwidth limits"))


async def test_a_server_that_breaks_at_it_is_asked_no_more():
    senders, asked = Senders(Parties()), []

    async def ask(uids, texts):
        asked.append((len(uids), texts))
        raise DroppedError("closed the connection")

    for _ in range(2):
        with pytest.raises(DroppedError):
            await senders.urgent(INBOX, [1, 2], ask)
        senders.connected()
    assert await senders.urgent(INBOX, [1, 2], ask) == (set(), set(), set())
    assert len(asked) == 2


async def test_each_message_is_asked_about_once_the_newest_first():
    senders, asked = Senders(Parties()), []

    async def ask(uids, texts):
        if texts == ("wal-mart.com", "walmart.ca", "walmart.com"):
            asked.append((uids[0], uids[-1]))
        return {uid for uid in uids if uid % 1000 == 0}

    *_, found = await senders.urgent(INBOX, range(1, 5001), ask)
    assert found == {1000, 2000, 3000, 4000, 5000}
    *_, found = await senders.urgent(INBOX, range(1, 6001), ask)
    assert 6000 in found
    assert asked == [(3001, 5000), (1001, 3000), (1, 1000), (5001, 6000)]


async def test_a_slow_search_ends_in_time(monkeypatch):
    monkeypatch.setattr("relaywatch.mailbox.senders._SECONDS", 0.0)
    senders, asked = Senders(Parties()), []

    async def ask(uids, texts):
        asked.append((uids, texts))
        return set()

    await senders.urgent(INBOX, range(1, 5001), ask)
    assert asked == []


async def test_what_was_not_asked_about_may_be_an_answer():
    senders = Senders(Parties(registered=frozenset({"care@shop.example"})))

    async def ask(uids, texts):
        return {uid for uid in uids if uid in (7, 9) and texts == ("care@shop.example",)}

    assert senders.may_answer(INBOX, [1])
    await senders.urgent(INBOX, range(1, 11), ask)
    assert senders.may_answer(INBOX, [1, 7])
    assert not senders.may_answer(INBOX, [1, 2, 8])
    assert not senders.may_answer(INBOX, [])
    assert senders.may_answer(INBOX, [8, 11])
    senders.connected()
    assert senders.may_answer(INBOX, [8])
