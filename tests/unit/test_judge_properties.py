"""What holds of every conversation, whatever is in it and in whatever order it came."""

import sys
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import cast as c
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relaywatch.core.cases import attempts
from relaywatch.core.cases.case import Obligation, Status, Verb
from relaywatch.core.cases.clock import CUSTOMER, kind_of
from relaywatch.core.classes.whose import is_sellers
from relaywatch.core.due.warning import next_look_at, warnings_due
from relaywatch.core.mail.message import Class, Folder, Mail, Role, Topic
from relaywatch.core.mail.when import received_at
from relaywatch.core.threads import naming
from relaywatch.core.threads.thread import group

PARTIES = replace(c.PARTIES, internal=frozenset({c.CLERK}))
CANNED = "We are sorry, and we are on our way to make it good for you."
SALE = "20% off! Shop our new collection today."
BASES = [
    c.basis(parties=PARTIES),
    c.basis(parties=replace(PARTIES, handover=frozenset({c.EXPERIENCE})), policy=c.OPERATOR_SAYS),
    c.basis(parties=PARTIES, learned=c.recurring(CANNED)),
]
IDS = [f"m{number}" for number in range(12)]
hours = st.integers(-8, 60).map(lambda quarter: quarter / 4)
ids = st.sampled_from([*IDS, None])
answers = st.lists(st.sampled_from(IDS), max_size=3).map(tuple)
people = st.lists(st.sampled_from([c.SMITH, c.PATEL, c.TEAM, c.relay(1), c.ALIAS]), max_size=2, unique=True).map(tuple)
words = st.sampled_from(["Ok.", c.GOOD, CANNED, "", SALE])
orders = st.sampled_from([c.ORDER, c.OTHER_ORDER, None])
places = st.sampled_from([Folder.INBOX, Folder.JUNK])
recipients = st.lists(
    st.sampled_from([c.relay(1), c.relay(2), c.SMITH, c.PATEL, c.TEAM, c.EXPERIENCE, c.CLERK, "jordan@mail.example"]),
    min_size=1,
    max_size=4,
    unique=True,
).map(tuple)

customers = st.builds(
    c.customer,
    hours,
    ids,
    who=st.integers(1, 2),
    order=orders,
    answers=answers,
    folder=places,
    topics=st.lists(st.sampled_from(Topic), max_size=1).map(tuple),
)
agents = st.builds(
    c.agent,
    hours,
    ids,
    author=st.sampled_from([c.SMITH, c.PATEL, "no-reply@walmart.com"]),
    cc=people,
    answers=answers,
    folder=places,
    role=st.sampled_from([Role.CARE, Role.COMPLAINT]),
    class_=st.sampled_from([Class.WALMART_AGENT, Class.COMPLAINT, Class.CONSUMER_PROTECTION]),
    subject=st.sampled_from(["Case 10293847", "Mug", ""]),
    topics=st.lists(st.sampled_from(Topic), max_size=1).map(tuple),
)


@st.composite
def sellers(draw):
    """The seller's mail, its copy stored at any time after or before it says that it was sent."""
    sent = draw(hours)
    return c.sent(
        sent,
        draw(recipients),
        draw(ids),
        stored=sent + draw(st.sampled_from([0, 0, 0.25, 3, 40, -1])),
        answers=draw(answers),
        own_words=draw(words),
        subject=draw(st.sampled_from(["Re: Case 10293847", "Mug", "Re: Walmart.ca Customer: Item arrived damaged"])),
        author=draw(st.sampled_from([c.CARE, c.COMPLAINTS, c.ALIAS])),
        class_=draw(
            st.sampled_from([Class.SELLER_REPLY, Class.SELLER_OUTREACH, Class.HANDOVER, Class.AUTOMATIC, Class.OTHER])
        ),
    )


bounces = st.builds(
    lambda moment, original, failed: c.bounce(moment, original, *failed, mid=f"d{moment}"), hours, ids, recipients
)
no_bounce = st.one_of(customers, customers, agents, sellers(), sellers())
mails = st.one_of(no_bounce, no_bounce, bounces)
statements = st.builds(
    c.says, st.sampled_from(Verb), hours, st.sampled_from([None, Obligation.REPLY, Obligation.HANDOVER])
)
bases = st.sampled_from(BASES)
conversations = st.lists(mails, min_size=1, max_size=9)


def distinct(some: list[Mail]) -> list[Mail]:
    return list({mail.message.key: mail for mail in some}.values())


def judged(some, standard, now=20.0, said=()):
    return c.judge(c.Conversation(tuple(some), tuple(said)), standard, c.at(now))


def followed(some, is_one) -> set[str | None]:
    """The ids of the seller's mails of which something holds, and of those that follow one."""
    sellers = [mail.message for mail in some if is_sellers(mail)]
    found = {message.message_id for message in sellers if is_one(message)}
    for _ in sellers:
        found |= {message.message_id for message in sellers if not found.isdisjoint(message.ancestors)}
    return found


@given(conversations, bases, st.lists(statements, max_size=3), st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_change_a_case(some, standard, said, random):
    some = distinct(some)
    mixed, remarks = random.sample(some, len(some)), random.sample(said, len(said))
    assert judged(some, standard, said=said) == judged(mixed, standard, said=remarks)


@given(conversations, bases, st.lists(statements, max_size=2))
def test_judging_twice_and_the_same_mail_twice_change_nothing(some, standard, said):
    some = distinct(some)
    first = judged(some, standard, said=said)
    assert judged(some, standard, said=said) == first
    assert judged([*some, *reversed(some)], standard, said=[*said, *said]) == first


@settings(max_examples=300)
@given(st.lists(mails, min_size=2, max_size=9), no_bounce, bases)
def test_a_message_more_never_makes_a_met_reply_or_hand_over_unmet(some, more, standard):
    """But for a one-hour complaint, when it turns out that the reply answered another mail.

    And but for a reply that turns out to say less: empty words of comfort, or of a sale, share nothing with what is
    now known; so does what goes on with a lost mail, where that turns out to be one that the seller began by himself.
    And but for what names a Message-ID which another mail turns out to bear too: it is one of the two that was
    answered or handed over, the one that came before. A reply that was stored before either of them, by a clock that
    is wrong, answers neither then, and comes before all that it met by that moment. Two addresses that were one
    customer's by that id are two customers' then, and a hand-over that bears it may be either of the two that do. And
    but for what turns out to name the new mail, and for what names nothing that is here: that may turn out to be
    doubtful. So may what follows such a reply. A hand-over that turns out to be owed for another customer's mail is
    another one.
    """
    some = distinct(some)
    before = judged(some, standard).case
    after = judged([*some, more], standard).case
    if before is None or more.message.key in {mail.message.key for mail in some}:
        return
    assert after is not None
    now_unmet = {(d.obligation, d.started_key) for d in after.deadlines if d.status.unmet}
    another = kind_of(more) is not None
    worth = {said.message_key: said.answer for said in after.assessments}
    name = more.message.message_id
    weaker = {mail.message.key for mail in some if mail.message.own_words in (CANNED, SALE)}
    weaker |= {mail.message.key for mail in some if is_sellers(more) and name in mail.message.ancestors}
    less = {
        said.message_id
        for said in before.assessments
        if said.message_key in weaker and worth[said.message_key] != said.answer
    }
    twins = {mail.message.key for mail in some if name is not None and mail.message.message_id == name}
    named_twice = {mail.message.key for mail in some if twins and name in mail.message.ancestors}
    came = min((received_at(mail.message)[0] for mail in some if mail.message.key in twins), default=None)
    early = {
        mail.message.message_id
        for mail in some
        if name in mail.message.ancestors and came is not None and received_at(mail.message)[0] < came
    }
    untied = bool(twins) and any(name in mail.message.ancestors for mail in some)
    doubted = {(d.obligation, d.started_key) for d in after.deadlines if d.status is Status.DOUBTFUL}
    here = {mail.message.message_id for mail in some}
    loose, naming = (
        followed(some, lambda message: here.isdisjoint(message.ancestors)),
        followed(some, lambda message: name in message.ancestors),
    )
    stay = [
        d
        for d in before.deadlines
        if d.met_by not in less | early | naming
        and d.started_key not in twins | named_twice
        and not (d.met_by in loose and (d.obligation, d.started_key) in doubted)
        and not (untied and d.party == CUSTOMER)
    ]
    replies = [d for d in stay if d.obligation is Obligation.REPLY and not (another and d.rule == "C4")]  # its reading
    assert not [d for d in replies if not d.status.unmet and (d.obligation, d.started_key) in now_unmet]
    handovers = [d for d in stay if d.obligation is Obligation.HANDOVER and not (twins and d.met_by == name)]
    assert not [d for d in handovers if not d.status.unmet and (d.obligation, d.started_key) in now_unmet]


@given(conversations, bases, st.lists(statements, max_size=2), hours, st.floats(0, 1))
def test_no_warning_is_due_before_the_next_look(some, standard, said, now, part):
    case = judged(some, standard, now, said).case
    if case is None:
        return
    until = next_look_at(case, standard.policy, c.at(now))
    later = c.at(now) + timedelta(days=9) * part
    if until is not None and later >= until:
        later = c.at(now) + (until - c.at(now)) * part * 0.999
    keys = {due.key for due in warnings_due(case, standard.policy, c.at(now))}
    assert {due.key for due in warnings_due(case, standard.policy, later)} <= keys
    again = c.judge(c.Conversation(tuple(some), tuple(s for s in said if s.at <= c.at(now))), standard, later).case
    assert {due.key for due in warnings_due(again, standard.policy, later)} <= keys
    assert again.state is case.state


@given(conversations, bases, st.lists(statements, max_size=2))
def test_what_a_case_says_agrees_with_itself(some, standard, said):
    case = judged(some, standard, said=said).case
    if case is None:
        return
    owed = [d for d in case.deadlines if d.obligation is not Obligation.RESOLUTION]
    assert (case.state.value == "open") == any(d.status.unmet for d in owed)
    unmet = [d.status.unmet for d in case.deadlines]
    assert unmet == sorted(unmet, reverse=True)
    for deadline in case.deadlines:
        assert deadline.started_at <= deadline.due_at
        assert (deadline.status in (Status.MET, Status.LATE)) == (deadline.met_at is not None)
        assert deadline.met_at is None or deadline.met_at >= deadline.started_at
    starts = {d.started_key for d in owed}
    assert all(finding.affects in {None, *starts} for finding in case.findings)
    assert len({(finding.code, finding.message_key) for finding in case.findings}) == len(case.findings)


@given(st.lists(mails, max_size=12), st.randoms(use_true_random=False))
def test_conversations_are_a_partition_that_no_order_changes(some, random):
    some = distinct(some)
    found = group(some, PARTIES)
    placed = [mail.message.key for one in found for mail in one]
    assert sorted(placed) == sorted(mail.message.key for mail in some)
    mixed = random.sample(some, len(some))
    assert sorted(group(mixed, PARTIES), key=repr) == sorted(found, key=repr)


# Two thousand messages in one conversation, in every way that could be slow


def alternating(number):
    asked = c.customer(number / 4, f"c{number}")
    return [asked, c.sent(number / 4 + 0.1, mid=f"r{number}", answers=f"c{number}")]


def never_answered(number):
    return [c.customer(number / 4, f"c{number}"), c.sent(number / 4 + 0.1, mid=f"r{number}", own_words="Ok.")]


def agents_all_different(number):
    people = (f"agent{number}@walmart.com", c.PATEL)
    asked = c.agent(number / 4, f"a{number}", author=f"agent{number}@walmart.com", cc=people)
    return [asked, c.sent(number / 4 + 0.1, (c.PATEL, c.SMITH), f"r{number}", answers=f"a{number // 2}")]


def agents_unnamed(number):
    asked = c.agent(number / 4, f"a{number}", cc=(f"agent{number}@walmart.com",))
    return [asked, c.sent(number / 4 + 0.1, c.SMITH, f"r{number}", answers=())]


def bounced(number):
    reply = c.sent(number / 4, mid=f"r{number}")
    return [reply, c.bounce(number / 4 + 0.1, None, c.relay(), mid=f"d{number}")]


def without_numbers(number):
    return [
        c.customer(number / 4, f"c{number}", order=None),
        c.sent(number / 4 + 0.1, mid=f"r{number}", answers=()),
    ]


@pytest.mark.parametrize(
    "pair", [alternating, never_answered, agents_all_different, agents_unnamed, bounced, without_numbers]
)
def test_what_a_message_costs_does_not_grow_with_its_conversation(pair):
    few, many = (_calls([mail for number in range(count) for mail in pair(number)], pair) for count in (50, 300))
    for what, one, other in zip(("grouped", "judged"), few, many, strict=True):
        assert other < _LINEAR * 6 * one, f"{what}: {one} calls for 50 pairs, {other} for 300"


_LINEAR = 1.5  # times what it may be: with the square of a conversation it were six


def _calls(some, pair):
    """How many functions are called to group these messages, and to judge them: seconds would be the machine's."""
    if pair is bounced:
        some[0] = c.customer(0)
    naming._NAMED.clear()  # what an earlier test left would make the few cheaper than they are
    attempts._WEIGHED.clear()
    counted = [0, 0]
    with _counting(counted, 0):
        found = group(some, PARTIES)
    with _counting(counted, 1):
        result = judged(some, BASES[0], 300.0)
        warnings = warnings_due(result.case, BASES[0].policy, c.at(300))
    assert found
    assert warnings or result.case.state.value != "open"
    return counted


@contextmanager
def _counting(counted, at):
    def called(_frame, event, _what):
        counted[at] += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        yield
    finally:
        sys.setprofile(before)
