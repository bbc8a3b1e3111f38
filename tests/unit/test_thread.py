"""Which mail belongs to one case: order numbers, RefIDs, References, case numbers, addresses, in order of trust."""

import gc
from dataclasses import replace
from itertools import permutations

import cast as c
import pytest

from relaywatch.core.cases.case import Conversation
from relaywatch.core.cases.judge import judge
from relaywatch.core.mail.message import Class, Folder
from relaywatch.core.threads.naming import keys, order_of
from relaywatch.core.threads.place import sought
from relaywatch.core.threads.thread import group, hints

REF = "0F" * 16


def grouped(mails, parties=c.PARTIES):
    """Return the conversations as sets of Message-IDs without brackets."""
    return {frozenset((mail.message.message_id or "").strip("<>") for mail in one) for one in group(mails, parties)}


def plain(hours, mid, who=1, **fields):
    """A customer's message with no number in it."""
    return c.customer(hours, mid, who=who, order=None, **fields)


def reply(hours, mid="r1", to=None, **fields):
    """An answer of the seller's that names nothing."""
    return c.sent(hours, to or c.relay(), mid, **{"answers": ()} | fields)


def new(hours, to, mid="h1", **fields):
    values = {"class_": Class.HANDOVER, "answers": (), "subject": "About an order"}
    return c.sent(hours, to, mid, **values | fields)


ABOUT = f"Order number {c.ORDER}"
CASE = "Case 10293847: customer awaiting your response"

TOGETHER = [
    pytest.param([c.customer(), c.customer(30, "c2", who=2)], id="one order, two relay addresses"),
    pytest.param([plain(0, "c1", rest=f"RefID: {REF}"), plain(9, "c2", 2, rest=f"RefID: {REF}")], id="one RefID"),
    pytest.param([plain(0, "c1"), plain(9, "c2", 2, answers="c1")], id="references"),
    pytest.param([plain(0, "c1", answers="lost"), plain(9, "c2", 2, answers="lost")], id="references to a lost mail"),
    pytest.param([plain(0, "c1"), plain(9, "c2")], id="relay address, for want of anything else"),
    pytest.param([c.customer(), plain(9, "c2")], id="relay address of one with a number"),
    pytest.param([c.customer(), c.sent(2)], id="a reply"),
    pytest.param([c.customer(), reply(2)], id="a reply that names nothing, by the address"),
    pytest.param([plain(0, "c1"), reply(2, rest=ABOUT)], id="a reply with a number that the question had not"),
    pytest.param([c.customer(), reply(2, to="jordan@mail.example", rest=ABOUT)], id="around the relay, by the order"),
    pytest.param([c.customer(), reply(2, to=c.CLERK, rest=ABOUT, class_=Class.INTERNAL)], id="a forward to own people"),
    pytest.param([c.agent(), c.agent(9, "a2", subject="Re: case #10293847", author=c.PATEL)], id="Walmart's number"),
    pytest.param([c.agent(subject="Mug"), c.agent(9, "a2", subject="Mug", answers="a1")], id="agents' references"),
    pytest.param([c.agent(subject="Mug"), reply(2, to=c.SMITH, subject="Re: Mug")], id="by the agent and the subject"),
    pytest.param([c.agent(subject="Mug"), new(2, c.SMITH, subject="Mug")], id="also without Re:"),
    pytest.param([c.agent(), new(2, c.PATEL, subject="Our answer to case 10293847")], id="by Walmart's number"),
    pytest.param([c.customer(), c.agent(1, answers="c1")], id="an agent's that names the customer's"),
    pytest.param([c.customer(), new(2, c.EXPERIENCE, rest=ABOUT)], id="a hand-over by the order"),
    pytest.param([c.customer(), new(2, c.EXPERIENCE, answers="c1")], id="a hand-over by forwarding"),
    pytest.param(
        [c.customer(), new(2, c.EXPERIENCE, rest=ABOUT), c.agent(3, "a1", answers="h1", author=c.EXPERIENCE)],
        id="the team's answer to a hand-over",
    ),
    pytest.param(
        [c.customer(), c.complaint(1, author="no-reply@walmart.com", rest=ABOUT)], id="an escalation of a machine's"
    ),
    pytest.param([reply(0, class_=Class.SELLER_OUTREACH, rest=ABOUT), plain(4, "c1")], id="an answer to outreach"),
    pytest.param([c.customer(), c.agent(1), reply(2, to=(c.relay(), c.SMITH), rest=f"{ABOUT} {CASE}")], id="to both"),
    pytest.param([c.customer(), c.sent(1), c.bounce(2, "r1")], id="a bounce by Message-ID"),
    pytest.param([c.customer(), c.sent(1), c.bounce(2, "rewritten", c.relay())], id="a bounce by recipient and time"),
    pytest.param([c.agent(), c.sent(1, c.SMITH), c.bounce(2, None, c.SMITH)], id="a bounce of an answer to an agent"),
    pytest.param(
        [
            c.customer(rest=f"{ABOUT} RefID: {REF}"),
            c.customer(9, "c2", who=2, rest=ABOUT),
            plain(12, "c3", 3, rest=f"RefID: {REF}"),
        ],
        id="a chain of numbers",
    ),
    pytest.param([c.customer(), c.sent(2, mid="kept-by-provider", answers=("c1",))], id="a rewritten Message-ID"),
    pytest.param(
        [plain(0, "c1"), c.sent(2, mid="rewritten"), plain(9, "c2", 2, answers=("c1", "original"))],
        id="an answer to a mail whose Message-ID was rewritten",
    ),
]
APART = [
    pytest.param([c.customer(), c.customer(1, "c2", who=2, order=c.OTHER_ORDER)], id="two customers, one subject"),
    pytest.param([plain(0, "c1"), plain(1, "c2", 2)], id="two customers, one subject, no number"),
    pytest.param([c.customer(), c.customer(1, "c2", order=c.OTHER_ORDER)], id="two orders from one address"),
    pytest.param(
        [
            c.customer(rest=f"{ABOUT} RefID: {REF}"),
            c.customer(1, "c2", who=2, rest=f"Order {c.OTHER_ORDER} RefID: {REF}"),
        ],
        id="one RefID on two orders",
    ),
    pytest.param([c.customer(), c.agent(1, rest=ABOUT)], id="policy C2: an agent's mail about the same order"),
    pytest.param([c.agent(rest=ABOUT, subject="x"), c.agent(1, "a2", rest=ABOUT, subject="x")], id="two agents' mails"),
    pytest.param([c.customer(rest=f"{ABOUT} Case 10293847"), c.agent(1)], id="a case number that a customer quotes"),
    pytest.param([c.customer(), reply(1, to="mugs@supplier.example")], id="a mail to a supplier"),
    pytest.param([c.customer(), new(1, c.SMITH)], id="a mail to an agent about nothing known"),
    pytest.param([c.customer(), reply(1, rest=f"Order {c.OTHER_ORDER}")], id="a reply about another order"),
    pytest.param([c.sent(1), c.bounce(24 * 8, None, c.relay())], id="a bounce too late to be about it"),
    pytest.param([c.sent(3), c.bounce(1, None, c.relay())], id="a bounce before it was sent"),
    pytest.param([new(1, c.SMITH, "h1"), new(2, c.SMITH, "h2", subject="Another")], id="two mails to one agent"),
    pytest.param(
        [c.customer(mid="1@x"), c.customer(1, "1@x", who=2, order=c.OTHER_ORDER)],
        id="one Message-ID for all that a system sends",
    ),
    pytest.param([c.notice(), c.customer()], id="a notice"),
]


@pytest.mark.parametrize("mails", TOGETHER)
def test_together(mails):
    assert len(group(mails, c.PARTIES)) == 1


@pytest.mark.parametrize("mails", APART)
def test_apart(mails):
    assert len(group(mails, c.PARTIES)) == len(mails)


@pytest.mark.parametrize("mails", [*TOGETHER, *APART])
def test_in_whatever_order_they_came(mails):
    orders = [group(order, c.PARTIES) for order in permutations(mails)]
    assert all(found == orders[0] for found in orders)


@pytest.mark.parametrize("mails", TOGETHER)
def test_what_belongs_together_can_be_looked_up(mails):
    """The store finds companions by keys and hints: each message must seek one that another bears."""
    borne = [keys(mail, c.PARTIES) | hints(mail, c.PARTIES) for mail in mails]
    for position, own in enumerate(borne):
        others = frozenset().union(*borne[:position], *borne[position + 1 :])
        assert set(map(sought, own)) & others


def test_a_forward_of_an_agents_mail_does_not_join_the_customers_conversation():
    forward = c.sent(2, c.CLERK, "f1", answers="a1", class_=Class.INTERNAL, rest=ABOUT)
    assert grouped([c.customer(), c.agent(1, rest=ABOUT), forward]) == {frozenset({"c1"}), frozenset({"a1", "f1"})}


def test_an_answer_to_an_agent_does_not_join_the_customers_conversation():
    answer = new(2, c.EXPERIENCE, "h1", answers="a1", rest=ABOUT)
    assert grouped([c.customer(), c.agent(1, rest=ABOUT), answer]) == {frozenset({"c1"}), frozenset({"a1", "h1"})}


def test_the_teams_answer_to_a_hand_over_does_not_take_it_away():
    mails = [c.customer(), new(2, c.EXPERIENCE, rest=ABOUT), c.agent(3, "a1", answers="h1", rest=ABOUT)]
    answered = c.sent(4, c.SMITH, "r2", answers=("h1", "a1"), rest=ABOUT)
    assert grouped([*mails, answered]) == {frozenset({"c1", "h1", "a1", "r2"})}


def test_an_address_goes_with_the_same_subject_first_then_with_the_nearest_before():
    mug = c.customer(0, "c1", subject="Mug")
    plate = c.customer(2, "c2", order=c.OTHER_ORDER, subject="Plate")
    assert frozenset({"c1", "r1"}) in grouped([mug, plate, reply(5, subject="Re: Mug")])
    assert frozenset({"c2", "r1"}) in grouped([mug, plate, reply(5, subject="Your pottery")])
    assert frozenset({"c1", "r1"}) in grouped([mug, plate, reply(1, subject="Your pottery")])


def test_a_bounce_goes_with_the_last_message_sent_before_it():
    mails = [c.sent(1, mid="r1", answers=()), c.sent(4, mid="r2", answers=()), c.sent(9, mid="r3", answers=())]
    apart = [replace(m, message=replace(m.message, rest=f"Order 60000000000000{n}")) for n, m in enumerate(mails)]
    assert frozenset({"r2", "d1"}) in grouped([*apart, c.bounce(5, None, c.relay())])


def test_a_reply_through_the_relay_to_two_customers_goes_to_one():
    mails = [c.customer(), c.customer(1, "c2", who=2, order=c.OTHER_ORDER), reply(2, to=(c.relay(1), c.relay(2)))]
    assert len(group(mails, c.PARTIES)) == 2


def test_a_conversation_stays_together_when_its_words_are_forgotten():
    mails = [c.customer(rest=f"{ABOUT} RefID: {REF}"), c.customer(30, "c2", who=2)]
    first = mails[0].message
    known = tuple(sorted(keys(mails[0], c.PARTIES)))
    forgotten = replace(first, own_words="", rest="", subject="", forgotten=True, remembered=known)
    assert len(group([replace(mails[0], message=forgotten), mails[1]], c.PARTIES)) == 1
    assert order_of(forgotten) == c.ORDER


def test_a_partition():
    mails = [case.values[0] for case in (*TOGETHER, *APART)]
    everything = [mail for some in mails for mail in some]
    distinct = list({mail.message.key: mail for mail in everything}.values())
    found = group(distinct, c.PARTIES)
    assert sorted(mail.message.key for one in found for mail in one) == sorted(mail.message.key for mail in distinct)


def test_the_junk_folder_is_no_other_conversation():
    assert len(group([c.customer(folder=Folder.JUNK), c.sent(2)], c.PARTIES)) == 1


def test_mail_is_let_go_once_it_was_grouped_and_judged():
    """Where objects hold each other the mail stays in memory until Python looks for that: of a flood, too much."""
    mails = [
        *(c.customer(0, "c1"), c.customer(1, "c2", who=2, order=c.OTHER_ORDER), c.agent(0, "a1")),
        *(c.sent(2, c.relay(1), "r1", answers="c1"), c.sent(2, c.relay(2), "r1"), c.bounce(3, "r1", c.relay(2))),
    ]

    def work():
        for conversation in group(mails, c.PARTIES):
            judge(Conversation(conversation), c.basis(), c.at(9))

    work()  # what is made once is made
    gc.collect()
    gc.disable()
    try:
        work()
        assert gc.collect() == 0
    finally:
        gc.enable()


@pytest.mark.parametrize("many", [5, 60])
def test_a_bounce_is_placed_beside_the_sellers_mail_however_much_other_mail_bears_the_address(many):
    """A stranger who writes in a customer's name between a reply and its report hides neither."""
    forged = [c.customer(1 + n / 100, f"f{n}", order=None, own_words=f"How large is mug {n}?") for n in range(many)]
    forged = [replace(mail, verdict=replace(mail.verdict, unauthenticated="dmarc=fail")) for mail in forged]
    mails = [c.customer(0), c.sent(0.5), *forged, c.bounce(2, None, c.relay())]
    (place,) = [some for some in group(mails, c.PARTIES) if mails[-1] in some]
    assert mails[1] in place
