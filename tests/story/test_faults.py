"""A bug in judging, and mail that nobody can read: nothing is lost, nobody else waits for it."""

import pytest
from lab_post import agent, customer, relay, reply
from lab_store import row_of
from lab_story import H, steps

from relaywatch.core.cases.case import Verb
from relaywatch.core.mail.message import Copy, Folder
from relaywatch.pipeline import judging
from relaywatch.pipeline import readers as readers_of
from relaywatch.pipeline.readers import Readers
from relaywatch.pipeline.reading import RawMail, known


@pytest.fixture
def poison(monkeypatch):
    """Judging raises for every conversation that holds a message of these ids."""
    bad: set[str] = set()
    right = judging.judge

    def judge(conversation, basis, now):
        if bad & {mail.message.message_id for mail in conversation.mails}:
            raise ZeroDivisionError("words of a mail")
        return right(conversation, basis, now)

    monkeypatch.setattr(judging, "judge", judge)
    return bad


def test_a_case_that_cannot_be_judged_is_judged_by_what_opened_it(shop, poison):
    poison.add("<answer-1@shop.example>")
    shop.mail(customer(1), at=H(0))
    shop.mail(customer(2), at=H(0))
    shop.sent(reply(1), at=H(1))
    shop.sent(reply(2), at=H(1))
    assert shop.cases() == {1: "open", 2: "answered"}
    (failed,) = shop.events("case.failed")
    assert failed.ids == {"account": "main", "case": 1, "error": "ZeroDivisionError"}
    assert shop.until(H(1), H(25)) == [(16, "8h"), (21, "3h"), (23, "1h"), (24, "due")]
    poison.clear()
    shop.judge_again(H(26))
    assert shop.cases()[1] in {"answered", "resolved"}


def test_what_cannot_be_judged_at_all_is_kept_and_stops_nobody(shop, poison):
    poison.add("<asked-1@relay.walmart.ca>")
    shop.mail(customer(1), at=H(0))
    shop.mail(customer(2), at=H(0))
    assert [stored.case.counterparty for stored in shop.store.case_rows()] == [relay(2)]
    (failed,) = shop.events("case.failed")
    assert failed.ids == {"account": "main", "messages": ["<asked-1@relay.walmart.ca>"], "error": "ZeroDivisionError"}
    assert shop.store.get_meta("unjudged:main") == "1"
    assert shop.until(H(1), H(25)) == [(16, "8h"), (21, "3h"), (23, "1h"), (24, "due")]
    poison.clear()
    shop.mail(customer(1, mid="more@relay.walmart.ca"), at=H(25))  # a further message brings it in
    assert sorted(shop.status(2)) == ["overdue", "running"]


def test_a_case_that_fails_in_the_sweep_is_pushed_forward_and_stops_nobody(shop, poison):
    shop.mail(customer(1), at=H(0))
    shop.mail(customer(2), at=H(0))
    poison.add("<asked-1@relay.walmart.ca>")
    (warned,) = shop.now(H(16))
    assert (warned.step, warned.case) == ("8h", "2")
    stored = shop.store.case(1)
    assert stored is not None
    assert (stored.failures, row_of(shop.store, 1)["last_error"]) == (1, "ZeroDivisionError")
    assert H(16) < stored.next_look_at < H(16.1)
    pushes = []
    for _ in range(12):
        shop.now(stored.next_look_at)
        before, stored = stored.next_look_at, shop.store.case(1)
        pushes.append((stored.next_look_at - before).total_seconds())
    assert pushes == sorted(pushes)
    assert pushes[-1] == 3600
    poison.clear()
    assert "due" in steps(shop.now(H(40)))
    assert shop.store.case(1).failures == 0


def test_a_damaged_row_silences_its_own_case_alone(shop):
    shop.mail(customer(1), at=H(0))
    shop.mail(customer(2), at=H(0))
    with shop.store.transaction():
        shop.store._db.db.execute("UPDATE messages SET facts = '{' WHERE id = 1")
    (warned,) = shop.now(H(16))
    assert (warned.step, warned.case) == ("8h", "2")
    assert [change.ids["error"] for change in shop.events("case.failed")] == ["DamagedRow"]


def test_a_damaged_statement_does_not_end_the_sweep(shop):
    """What people said of wordings is read once for many cases, but whoever needs it fails alone."""
    shop.mail(customer(1), at=H(0))
    shop.mail(customer(2), at=H(0))
    shop.sent(reply(1), at=H(1))
    shop.say(Verb.REJECT, 1, at=H(2), message="answer-1@shop.example")
    with shop.store.transaction():
        shop.store._db.db.execute("UPDATE statements SET facts = '{'")
    assert shop.now(H(16)) == []
    assert [change.ids["error"] for change in shop.events("case.failed")] == ["DamagedRow"] * 2


def test_the_operator_is_heard_though_the_case_cannot_be_judged(shop, poison):
    shop.mail(customer(1), at=H(0))
    poison.add("<asked-1@relay.walmart.ca>")
    assert shop.say(Verb.WAIVE, 1, at=H(1)) == [1]
    assert shop.events("case.failed")
    poison.clear()
    assert shop.now(H(16)) == []
    assert shop.cases() == {1: "waived"}


def test_the_log_tells_no_words_of_what_failed(shop, poison):
    poison.add("<asked-1@relay.walmart.ca>")
    shop.mail(customer(1), at=H(0))
    assert "words of a mail" not in str(shop.changes)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00" * 5000,
        b"From: c-%032x@relay.walmart.ca\r\nSubject: =?utf-8?q?" % 1,
        b"From c@d Mon Nov 16 14:00:00 2026\nnot a header\n\n\xff\xfe",
        b"From: <" + b"a" * 100_000 + b"@relay.walmart.ca>\r\n\r\n" + b"(" * 100_000,
    ],
    ids=["empty", "zeros", "cut", "no headers", "long"],
)
def test_mail_that_is_none_is_kept_and_stops_nobody(shop, raw):
    shop.mail(raw, at=H(0))
    shop.mail(customer(), at=H(0))
    assert shop.store.message_rows("main", after=0, limit=10) == [1, 2]
    assert "8h" in steps(shop.now(H(16)))


async def test_mail_that_no_reader_survives_is_kept_with_what_its_head_says(shop, monkeypatch):
    """A customer's mail that kills every reading process still opens a case."""

    async def dies(*_):
        return None

    monkeypatch.setattr(readers_of._ReaderProcess, "read", dies)
    raw = customer()
    box = shop.account.mailboxes[0]
    copy = Copy(mailbox=box.name, role=box.role, folder=Folder.INBOX, internaldate=H(0))
    item = RawMail(raw, True, "main", copy, None)
    async with Readers({"main": shop.account.parties}, shop.settings.rules, 1) as readers:
        (found,) = await readers.read([item])
    assert found.mail.message.author == relay()
    assert found.mail.message.damage
    again = known(found.mail.message, item, shop.account.parties, shop.settings.rules, needs_more=False)
    assert again.mail.verdict.class_ == "customer"


def test_an_agents_mail_of_nothing_but_a_head_is_owed_an_answer(shop):
    raw = agent().partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    shop.mail(raw, at=H(0))
    assert shop.cases() == {1: "open"}
