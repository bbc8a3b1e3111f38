"""What the seller tried, weighed by what the party that it is for wrote, and once."""

from threading import Thread

import cast as c
import pytest

from relaywatch.core.cases import attempts
from relaywatch.core.cases.attempts import attempts_of
from relaywatch.core.cases.case import Conversation
from relaywatch.core.cases.clock import kind_of
from relaywatch.core.cases.judge import judge
from relaywatch.core.cases.party import parties_of
from relaywatch.core.classes.whose import is_sellers
from relaywatch.core.language.once import Kept, name_of
from relaywatch.core.mail.message import Mail
from relaywatch.core.mail.when import received_at

EMPTY = "We are sorry, and we are on our way to make it good for you."
SECONDS = 1 / 3600


def tried(*mails: Mail, basis=None):
    """Return what became of the seller's messages, in order of time."""
    some = sorted(mails, key=lambda mail: received_at(mail.message)[0])
    openers = [mail for mail in some if kind_of(mail) and not is_sellers(mail)]
    basis = basis or c.basis()
    return attempts_of(some, openers, parties_of(some, openers, basis.parties), (), basis)


def signs(attempt) -> set[str]:
    return {one.sign.name for one in attempt.weighed.shown}


def test_what_another_party_wrote_is_no_matter_of_a_reply():
    """The agent speaks of a chip: that the answer to the customer has the word says nothing."""
    speaks = c.agent(0, own_words="It is about a chip in the rim of a mug.")
    asks = c.customer(0.1, own_words="Where is my parcel? Nobody knows where the parcel is.", order=None)
    (attempt,) = tried(speaks, asks, c.sent(3, own_words="The chip is in the rim."))
    assert "matter_one" not in signs(attempt)


@pytest.mark.parametrize("words", [c.GOOD, "The duty on the crate is ours to pay, and it was paid on Monday."])
def test_what_goes_to_two_parties_answers_the_one_that_it_answers(words):
    to_both = c.sent(3, (c.relay(), c.SMITH), answers=(), own_words=words)
    (attempt,) = tried(c.customer(), c.agent(0.5, own_words="Who pays the duty on the crate?"), to_both)
    assert attempt.counts
    assert "matter_one" in signs(attempt)


@pytest.mark.parametrize(
    ("mails", "after"),
    [
        # a second message comes while the first is being answered
        ([c.customer(0), c.customer(2, "c2"), c.sent(2 + 20 * SECONDS, answers=())], False),
        # the first was answered: the second is answered at once
        (
            [c.customer(0), c.sent(1, mid="r0"), c.customer(2, "c2"), c.sent(2 + 20 * SECONDS, mid="r2", answers=())],
            True,
        ),
        # it names the second
        ([c.customer(0), c.customer(2, "c2"), c.sent(2 + 20 * SECONDS, answers="c2")], True),
    ],
)
def test_haste_is_told_by_what_was_not_answered_yet(mails, after):
    found = signs(tried(*mails)[-1])
    assert bool(found & {"quick", "quick_on_matter", "too_fast"}) is after


def test_a_message_that_nobody_can_be_answered_on_is_answered_by_a_new_mail_to_the_customer():
    machine = c.agent(0, author="no-reply@walmart.com")
    new = c.sent(3, answers=(), subject="Your bowl")
    assert "unasked" not in signs(tried(machine, new)[0])
    assert "unasked" in signs(tried(c.customer(0), new)[0])


@pytest.mark.parametrize(
    ("mails", "sign", "shown"),
    [
        pytest.param(
            [c.customer(unauthenticated="dmarc=fail"), c.sent(3, answers=())],
            "matter_one",
            True,
            id="words of what they wrote, where none of it is proved",
        ),
        pytest.param(
            [c.customer(), c.sent(3, own_words="We are glad of it and so on.")],
            "no_matter",
            True,
            id="no word of what they wrote",
        ),
        pytest.param(
            [c.customer(), c.sent(3, "jordan@mail.example", answers=())],
            "matter_one",
            True,
            id="of what came before it, where it goes to nobody who wrote",
        ),
        pytest.param([c.customer(), c.sent(3, answers=(), subject="Your bowl")], "unasked", True, id="new"),
        pytest.param([c.customer(), c.sent(3, subject="Your bowl")], "unasked", False, id="names what was asked"),
        pytest.param(
            [c.customer(), c.sent(1, mid="r0"), c.sent(3, answers="r0", subject="Your bowl")],
            "unasked",
            False,
            id="names the seller's own answer to it",
        ),
        pytest.param(
            [c.customer(), c.sent(1, mid="n0", answers=()), c.sent(3, answers="n0", subject="Your bowl")],
            "unasked",
            True,
            id="names a mail of the seller's that answers nothing",
        ),
        pytest.param(
            [c.customer(), c.sent(3, subject="Your bowl", own_words="It is with you soon.")],
            "own_subject",
            True,
            id="a subject of the seller's own",
        ),
        pytest.param(
            [c.customer(), c.sent(3, subject="Re: Your bowl", own_words="It is with you soon.")],
            "own_subject",
            False,
            id="one that says that it answers, whatever it answers",
        ),
    ],
)
def test_what_a_reply_is_weighed_by(mails, sign, shown):
    assert (sign in signs(tried(*mails)[-1])) is shown


def test_both_messages_of_a_customer_are_compared_with_an_answer_that_names_another_mail():
    asks = c.agent(0, own_words="Please contact the customer.")
    spout = c.customer(1, own_words="The spout of my kettle drips.", order=None)
    lid = c.customer(2, "c2", own_words="And is there a lid with it?", order=None)
    (attempt,) = tried(asks, spout, lid, c.sent(3, own_words="A new spout is in the post.", answers="a1"))
    assert "matter_one" in signs(attempt)


def test_all_is_said_where_a_subject_ends_the_message():
    asks = c.customer(own_words="Is the mug safe in the oven?", subject="Walmart.ca Customer: Question")
    (attempt,) = tried(asks, c.sent(3, own_words="", subject="Yes, safe in the oven to 220 C (EOM) Re: Question"))
    assert attempt.counts


def test_a_message_is_weighed_once(monkeypatch):
    """A conversation is judged again and again; its mails come out of the database as other objects."""
    weighed = []
    monkeypatch.setattr(attempts, "_WEIGHED", Kept(8))
    real = attempts._weighed
    monkeypatch.setattr(attempts, "_weighed", lambda *given: weighed.append(1) or real(*given))

    def weigh(*mails, basis=None):
        assert all(attempt.weighed for attempt in tried(*mails, basis=basis))

    for _ in range(3):
        weigh(c.customer(), c.sent(3))
    assert len(weighed) == 1
    weigh(c.customer(own_words="Does it fit in the oven?"), c.sent(3))
    weigh(c.customer(), c.sent(3), basis=c.basis(learned=c.recurring(EMPTY)))
    assert len(weighed) == 3


def test_what_answers_nobody_is_not_weighed(monkeypatch):
    """Sent folders are read first: a reply is judged alone before what it answers is here."""
    weighed = []
    monkeypatch.setattr(attempts, "_weighed", lambda *_: weighed.append(1))
    assert judge(Conversation((c.sent(3),)), c.basis(), c.at(4)).case is None
    assert weighed == []


def test_names_tell_messages_apart():
    one = c.sent(3).message
    assert name_of(one) == name_of(c.sent(3).message)
    others = (c.sent(4), c.sent(3, own_words="Ok."), c.sent(3, subject="x"), c.sent(3, c.SMITH))
    assert all(name_of(other.message) != name_of(one) for other in others)


def test_two_threads_may_keep_at_once():
    kept, failed = Kept(2), []

    def keep(start):
        try:
            for number in range(start, start + 20_000):
                kept.get(number, lambda: number)  # noqa: B023 - made at once
        except Exception as error:  # noqa: BLE001 - whatever a thread meets is what is looked for
            failed.append(error)

    threads = [Thread(target=keep, args=(start,)) for start in (0, 10**6, 10**7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_what_was_asked_for_long_ago_goes():
    kept, made = Kept(4), []

    def get(name):
        return kept.get(name, lambda: made.append(name) or name)

    for name in "abababacab":
        get(name)
    assert made == ["a", "b", "c"]
    for number in range(9):
        get(number)
    get("a")
    assert made[-1] == "a"
    kept.clear()
    get("a")
    assert made.count("a") == 3


@pytest.mark.parametrize(
    ("first", "second", "answers"),
    [
        ("c1", "c1", "c1"),  # another mail under the same id
        ("c1", "future", ("future", "c1")),  # what the first mail referred to
    ],
)
def test_an_answer_is_for_nothing_that_came_after_it(first, second, answers):
    asked = c.customer(0, first)
    again = c.customer(48, second, own_words="The second mug leaks from the bottom. What now?")
    sent = c.sent(2, c.relay(), "r1", answers=answers)
    (attempt,) = tried(asked, again, sent)
    assert attempt.at == c.at(2)
    assert attempt.answered is None or attempt.answered.message.key == asked.message.key
    case = judge(Conversation((asked, again, sent)), c.basis(), c.at(49)).case
    found = {one.started_key: one.status.value for one in case.deadlines if one.obligation == "reply"}
    assert found == {asked.message.key: "met", again.message.key: "running"}


def test_many_that_came_later_hide_not_the_one_that_was_answered():
    later = [c.customer(48 + hour, "c1", own_words=f"Mug {hour}?") for hour in range(30)]
    (attempt,) = tried(c.customer(), *later, c.sent(2, c.relay(), "r1", answers="c1"))
    assert attempt.at == c.at(2)
    assert attempt.answered is not None
    assert attempt.answered.message.key == c.customer().message.key
