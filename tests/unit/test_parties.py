"""What holds of every mailbox, whatever lies in it: one reply, one party."""

from dataclasses import replace

import cast as c
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relaywatch.core.cases.case import Obligation
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Class, Folder, Mail
from relaywatch.core.threads.thread import group

PARTIES = replace(c.PARTIES, seller=frozenset({c.ALIAS, c.CLERK}))
SUPPLIER = "kiln@supplier.example"
PEOPLE = range(1, 4)
IDS = [f"m{number}" for number in range(10)]
SUBJECTS = ["Walmart.ca Customer: Item arrived damaged", "Re: Mug", "Odp: Mug", "[#12] Mug", "Mug"]
ASKS = "The mug has a chip in its rim. Can you send me another one?"  # not the reply's: who repeats it quotes
hours = st.integers(0, 40).map(lambda quarter: quarter / 4)
answers = st.lists(st.sampled_from(IDS), max_size=3).map(tuple)
subjects = st.sampled_from(SUBJECTS)


def order(who: int) -> str:
    return f"60000000000000{who}"


def addresses(who: int) -> list[str]:
    return [c.relay(who), c.relay(10 + who)]


def speaks_of(numbers: list[int], first: str = c.GOOD) -> str:
    return " ".join([first, *(f"It is like the matter of order {order(number)}, you see." for number in numbers)])


@st.composite
def asked(draw):
    """A customer's mail with the form's order number; it may answer, and speak of, anything."""
    who = draw(st.sampled_from(PEOPLE))
    return c.customer(
        draw(hours),
        draw(st.sampled_from([*IDS, None])),
        who=who + draw(st.sampled_from([0, 10])),
        order=order(who),
        answers=draw(answers),
        subject=draw(subjects),
        own_words=speaks_of(draw(st.lists(st.sampled_from(PEOPLE), max_size=1)), ASKS),
    )


@st.composite
def wrote(draw, to=None, ids=(*IDS, None)):
    """A mail of the seller's: to customers, agents, or the warehouse, naming anything."""
    everybody = [*(address for who in PEOPLE for address in addresses(who)), c.SMITH, c.CLERK, SUPPLIER]
    return c.sent(
        draw(hours),
        draw(st.lists(st.sampled_from(to or everybody), min_size=1, max_size=3, unique=True)),
        draw(st.sampled_from(ids)),
        answers=draw(answers),
        subject=draw(subjects),
        own_words=speaks_of(draw(st.lists(st.sampled_from(PEOPLE), max_size=2, unique=True))),
        rest=draw(st.sampled_from(["", *(f"> Sales Order ID: {order(who)}" for who in PEOPLE)])),
        class_=draw(st.sampled_from([Class.SELLER_REPLY, Class.SELLER_OUTREACH, Class.HANDOVER, Class.INTERNAL])),
    )


agents = st.builds(
    c.agent,
    st.sampled_from([-3, -2, -1]),  # before all that names them: else they show that the sender's clock is wrong
    st.sampled_from(IDS),
    author=st.sampled_from([c.SMITH, c.PATEL]),
    answers=answers,
    subject=st.sampled_from(["Mug", "Case 10293847", "Case 10293848"]),
    class_=st.sampled_from([Class.WALMART_AGENT, Class.CONSUMER_PROTECTION]),
)
mailboxes = st.lists(st.one_of(asked(), asked(), wrote(), wrote(), agents), min_size=2, max_size=10)


def distinct(some: list[Mail]) -> list[Mail]:
    return list({mail.message.key: mail for mail in some}.values())


def clocks(some: list[Mail], parties: Parties = PARTIES) -> dict[str, tuple[str, object]]:
    """How each reply deadline stands, by the message that started it, over all conversations."""
    cases = (c.judgement(one, 12, parties=parties).case for one in group(some, parties))
    return {
        deadline.started_key: (deadline.status.value, deadline.met_at)
        for case in cases
        if case is not None
        for deadline in case.deadlines
        if deadline.obligation is Obligation.REPLY
    }


@settings(max_examples=300)
@given(mailboxes, st.data())
def test_a_reply_to_one_customer_never_changes_another_customers_deadlines(some, data):
    """But for one that names what is no customer's, such as an agent's mail: where that turns out to be the other's
    matter, whom it answered is not known any more, and a person is asked."""
    some = distinct(some)
    customers = [mail.message for mail in some if mail.verdict.class_ is Class.CUSTOMER]
    if not customers:
        return
    who = data.draw(st.sampled_from(customers)).rest
    reply = data.draw(wrote(sorted({message.author for message in customers if message.rest == who}), ["new"]))
    others = {message.key for message in customers if message.rest != who}
    before, after = clocks(some), clocks([*some, reply])
    theirs = {message.message_id for message in customers}
    asked = {
        address
        for mail in some
        if mail.message.ancestors and theirs.isdisjoint(mail.message.ancestors)
        for address in mail.message.recipients
    }
    whose = {message.rest for message in customers if message.author in asked}
    loose = {message.key for message in customers if message.rest in whose}
    changed = {key: (before[key][0], after[key][0]) for key in others if before[key][0] != after[key][0]}
    assert all(key in loose and change == ("met", "doubtful") for key, change in changed.items())


@given(mailboxes)
def test_no_conversation_holds_two_customers(some):
    for one in group(distinct(some), PARTIES):
        orders = {mail.message.rest for mail in one if mail.verdict.class_ is Class.CUSTOMER}
        assert len(orders) <= 1


@given(mailboxes, st.randoms(use_true_random=False))
def test_the_order_of_arrival_never_matters(some, random):
    some = distinct(some)
    assert clocks(some) == clocks(random.sample(some, len(some)))


@given(mailboxes)
def test_a_customers_clock_is_met_only_by_what_went_to_that_customer(some):
    some = distinct(some)
    sent = [mail.message for mail in some if mail.verdict.class_ is not Class.CUSTOMER]
    for mail in some:
        if mail.verdict.class_ is not Class.CUSTOMER:
            continue
        who = int(mail.message.rest[-1])
        status, met_at = clocks(some)[mail.message.key]
        if status in ("met", "late"):
            assert met_at is not None
            assert any(not set(addresses(who)).isdisjoint(message.recipients) for message in sent)


@st.composite
def unproved(draw, kinds=("customer", "agent", "sellers", "report")):
    """What anybody may send: it fails authentication, or is a stranger's, and names whatever it likes."""
    who, made = draw(st.sampled_from(PEOPLE)), draw(st.sampled_from(kinds))
    mid, answered, subject = draw(st.sampled_from(["new", None])), draw(answers), draw(subjects)
    words = speaks_of(draw(st.lists(st.sampled_from(PEOPLE), max_size=2, unique=True)))
    values = {"answers": answered, "subject": subject, "own_words": words}
    moment, reason = draw(hours), "dmarc=fail"
    if made == "customer":
        mail = c.customer(moment, mid, who=draw(st.sampled_from([who, 7])), order=order(who), **values)
    elif made == "agent":
        mail = c.agent(moment, mid, author=draw(st.sampled_from([c.SMITH, c.PATEL])), **values)
    elif made == "report":
        mail = c.bounce(moment, draw(st.sampled_from(IDS)), *addresses(who), mid=mid, **values)
    else:
        class_ = draw(st.sampled_from([Class.INTERNAL, Class.OWN, Class.OTHER, Class.AUTOMATIC]))
        mail = c.sent(moment, c.relay(who), mid, class_=class_, folder=Folder.INBOX, **values)
        reason = reason if class_ in (Class.INTERNAL, Class.OWN) else ""
    return replace(mail, verdict=replace(mail.verdict, unauthenticated=reason))


@settings(max_examples=200)
@given(mailboxes, st.lists(unproved(("agent", "sellers", "report")), min_size=1, max_size=2))
def test_what_is_not_proved_changes_no_deadline_but_its_own(some, forged):
    some = distinct(some)
    before, after = clocks(some), clocks(distinct([*some, *forged]))
    assert {key: after[key] for key in before} == before


@settings(max_examples=200)
@given(mailboxes, st.lists(unproved(), min_size=1, max_size=2))
def test_what_is_not_proved_lets_no_other_deadline_be_met(some, forged):
    """A reply to an address that only a forged mail came from may be for that: then the clock of another runs on.

    Or it is met by what answers it later.
    """
    some = distinct(some)
    before, after = clocks(some), clocks(distinct([*some, *forged]))
    held = ("running", "overdue", "doubtful")
    for key, (stood, met_at) in before.items():
        status, met_now = after[key]
        assert (status, met_now) == (stood, met_at) or status in held or (stood == "met" and met_now >= met_at)


@pytest.mark.parametrize("hash_", range(3))
def test_plain_customers_keep_apart_under_one_message_id(hash_):
    mails = [c.customer(hash_, "0", who=who, order=None, own_words=f"Question {who}?") for who in PEOPLE]
    reply = c.sent(5 + hash_, c.relay(2), answers="0")
    found = clocks([*mails, reply])
    assert [found[mail.message.key][0] for mail in mails] == ["running", "met", "running"]


def jordan(hours_: float = 0, mid: str = "c1", **fields: object) -> Mail:
    return c.customer(hours_, mid, **fields)


def robin(hours_: float = 1, mid: str = "c2", **fields: object) -> Mail:
    return c.customer(hours_, mid, **{"who": 2, "order": c.OTHER_ORDER} | fields)


def reply(to: int | tuple[int, ...] = 1, hours_: float = 3, mid: str = "r1", **fields: object) -> Mail:
    some = (to,) if isinstance(to, int) else to
    return c.sent(hours_, tuple(map(c.relay, some)), mid, **{"answers": ()} | fields)


def plain(hours_: float, mid: str, who: int, words: str, **fields: object) -> Mail:
    return c.customer(hours_, mid, who=who, order=None, own_words=words, **fields)


def digest(**fields: object) -> Mail:
    values = {"subject": "Fwd: two mugs", "class_": Class.INTERNAL, "own_words": "Please pack two mugs."}
    return c.sent(2, c.CLERK, "w1", **values | fields)


FAILS = "dmarc=fail"
REF = f"Jordan wants to connect with you regarding an order:\nRefID: {'0F' * 16}"
NEIGHBOUR = f"My neighbour's order {c.ORDER} came chipped, and mine too. What now?"
BOTH = f"> Sales Order ID: {c.ORDER}\n> Sales Order ID: {c.OTHER_ORDER}"
ONE_PARTY = [
    pytest.param([jordan(), robin(), digest(answers=("c1", "c2")), reply(answers="c1")], "c1", "c2", id="a digest"),
    pytest.param(
        [jordan(), robin(), digest(answers=(), rest=BOTH), reply(2)], "c2", "c1", id="a digest that quotes both"
    ),
    pytest.param([jordan(), robin(), reply(answers=("c2", "c1"))], "c1", "c2", id="a stray reference"),
    pytest.param(
        [
            *(plain(0, "c1", 1, "Is it dimmable?"), plain(1, "c2", 2, "Is it green?"), reply(answers=("c2", "c1"))),
            plain(4, "c3", 3, "And how bright?", answers=("c2", "c1", "r1")),
            reply(3, 5, "r2", answers=("c2", "c1", "r1", "c3")),
        ],
        "c1 c3",
        "c2",
        id="a stray reference in the whole thread",
    ),
    pytest.param([jordan(), robin(), reply((1, 2), answers="c1")], "c1", "c2", id="sent to both, in answer to one"),
    pytest.param([jordan(), robin(), reply((1, 2), -1, "o1"), reply(2)], "c2", "c1", id="an outreach to both"),
    pytest.param([jordan(), robin(), reply(2)], "c2", "c1", id="without references, by the address"),
    pytest.param([jordan(), robin(), reply(2, answers="c1")], "", "c1 c2", id="an answer that went astray"),
    pytest.param(
        [jordan(), robin(subject="Plate"), reply(2, answers="c1", subject="Re: Plate")], "c2", "c1", id="not so"
    ),
    pytest.param(
        [jordan(), robin(), reply(2, answers="c1", own_words=f"{c.GOOD} It is order {c.OTHER_ORDER}.")],
        "c2",
        "c1",
        id="nor so",
    ),
    pytest.param([jordan(), plain(1, "c2", 2, NEIGHBOUR), reply(answers="c1")], "c1", "c2", id="a neighbour's order"),
    pytest.param([jordan(), plain(1, "c2", 2, NEIGHBOUR), reply(2)], "c2", "c1", id="the neighbour is answered"),
    pytest.param([jordan(), robin(own_words=NEIGHBOUR), reply(answers="c1")], "c1", "c2", id="a form names two orders"),
    pytest.param(
        [jordan(), robin(), reply(2, own_words=f"{c.GOOD} {NEIGHBOUR}")], "c2", "c1", id="a reply names the other"
    ),
    pytest.param([jordan(), robin(who=1), reply(answers="c1")], "c1", "c2", id="two orders from one address"),
    pytest.param(
        [jordan(), jordan(1, "c2", who=2), reply(2, answers="c2")], "c1 c2", "", id="one order, two addresses"
    ),
    pytest.param(
        [jordan(), reply(answers="c1"), plain(4, "c2", 9, "And the saucer?", answers=("c1", "r1")), reply(9, 5, "r2")],
        "c1 c2",
        "",
        id="an answer from a new address",
    ),
    pytest.param(
        [jordan(), plain(1, "c2", 9, f"Any news?\nOrder number: {c.ORDER}"), reply(9)],
        "c2",
        "c1",
        id="a labelled number finds a case, and makes nobody its party",
    ),
    pytest.param(
        [jordan(), plain(1, "c2", 9, f"Any news?\nOrder number: {c.ORDER}"), reply(1)],
        "c1",
        "c2",
        id="nor is its author met by a reply to the other",
    ),
    pytest.param(
        [
            jordan(),
            reply(answers="c1"),
            plain(4, "c2", 9, f"Thanks!\nOrder number: {c.ORDER}", answers=("c1", "r1")),
            plain(5, "c3", 9, "And the saucer?"),
            reply(9, 6, "r2"),
        ],
        "c1 c2 c3",
        "",
        id="but ids tie",
    ),
    *(
        pytest.param(
            [
                *sent,
                plain(0, "c1", 1, "Is it dimmable?", answers="o1"),
                plain(1, "c2", 2, "Is it green?", answers="o1"),
                reply(2, answers=("c2", "o1")),
            ],
            "c2",
            "c1",
            id=f"who answer one mail of the seller's, {how}",
        )
        for how, sent in {
            "not here": [],
            "whose recipients are hidden": [c.sent(-1, c.CARE, "o1", answers=())],
            "to both": [reply((1, 2), -1, "o1")],
        }.items()
    ),
    pytest.param([jordan(rest=REF), robin(rest=REF), reply(2)], "c1 c2", "", id="and a RefID of the form's"),
    pytest.param([jordan(), robin(order=c.ORDER, unauthenticated=FAILS), reply(2)], "c2", "c1", id="a forged form"),
    pytest.param(
        [jordan(), robin(order=c.ORDER, answers="c1", unauthenticated=FAILS), reply(2, answers="c2")],
        "c2",
        "c1",
        id="forged in answer to another's",
    ),
    pytest.param(
        [jordan(), robin(reply_to=(c.relay(1),), unauthenticated=FAILS), reply(1)],
        "c1",
        "c2",
        id="forged with another's Reply-To",
    ),
    pytest.param(
        [jordan(), robin(reply_to=(c.relay(7),), who=1, unauthenticated=FAILS), reply(7, answers="c2")],
        "c2",
        "c1",
        id="forged from another's address",
    ),
    pytest.param(
        [robin(unauthenticated=FAILS), robin(2, "c3", unauthenticated=FAILS), reply(2)],
        "c2 c3",
        "",
        id="all of one address that fail",
    ),
    pytest.param(
        [
            *(jordan(), c.agent(-3, "c1", author=c.PATEL, subject="Mug"), c.agent(-3, subject="Mug", answers="a1")),
            jordan(answers="a1"),
            c.sent(0, (c.SMITH, c.relay(9)), "a1", answers="c1", subject=jordan().message.subject, own_words=c.GOOD),
            jordan(who=9, mid="c9", unauthenticated=FAILS),
        ],
        "",
        "c1 a1 c9",
        id="forged from an address of theirs to which an answer went",
    ),
    pytest.param(
        [c.agent(0), c.agent(1, "a2", answers="a1", unauthenticated=FAILS), c.sent(3, c.SMITH, "r1", answers="a2")],
        "a2",
        "a1",
        id="an agent's, forged",
    ),
    pytest.param(
        [c.agent(0), c.agent(1, "a2", unauthenticated=FAILS), c.sent(3, c.SMITH, "r1", answers=())],
        "a1",
        "a2",
        id="what names nothing answers the genuine one",
    ),
    pytest.param(
        [jordan(), robin(), plain(2, "c3", 2, f"Any news?\nOrder number: {c.ORDER}"), reply(1)],
        "c1",
        "c2 c3",
        id="but not where the address tells",
    ),
    pytest.param(
        [jordan(), robin(), c.agent(2, "a1", answers=("c1", "c2")), reply(answers="c1")], "c1", "c2 a1", id="an agent's"
    ),
]


@pytest.mark.parametrize(("mails", "met", "running"), ONE_PARTY)
def test_one_reply_one_party(mails, met, running):
    found = clocks(mails)
    by_id = {
        mail.message.message_id.strip("<>"): found[mail.message.key][0] for mail in mails if mail.message.key in found
    }
    assert by_id == dict.fromkeys(met.split(), "met") | dict.fromkeys(running.split(), "running")
