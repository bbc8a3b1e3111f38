"""policy H1, H2: what must be handed over; policy O1, O2: what the seller may write first; and the lists' order."""

from dataclasses import replace

import cast as c
import pytest

from relaywatch.core.cases.case import Obligation, Verb
from relaywatch.core.mail.message import Class, Topic

TO_TEAM = replace(c.PARTIES, handover=frozenset({c.EXPERIENCE}))
LOST = c.customer(topics=(Topic.NOT_RECEIVED,))

AWAY = "I am hiking in the hills until Monday without a telephone."


def handed(hours, to=c.EXPERIENCE, mid="h1", **fields):
    return c.sent(hours, to, mid, **{"class_": Class.HANDOVER, "answers": (), "subject": "Order lost"} | fields)


@pytest.mark.parametrize(
    ("topic", "rule"),
    [
        pytest.param(Topic.PICKUP, "H1", id="policy H1 pick-up"),
        pytest.param(Topic.STORE_RETURN, "H1", id="policy H1 return in a store"),
        pytest.param(Topic.NOT_RECEIVED, "H2", id="policy H2"),
    ],
)
def test_a_hand_over_is_owed_beside_the_reply(topic, rule):
    case = c.case_of([c.customer(topics=(topic,))], 5)
    assert c.stands(case, Obligation.HANDOVER) == [(rule, "running", 24)]
    assert c.stands(case) == [("C1", "running", 24)]
    assert case.topics == (topic,)


def test_no_topic_no_hand_over():
    assert c.stands(c.case_of([c.customer()], 5), Obligation.HANDOVER) == []


def test_policy_h2_from_the_message_that_shows_it_and_once_for_a_case():
    mails = [
        c.customer(),
        c.customer(5, "c2", topics=(Topic.NOT_RECEIVED,)),
        c.customer(6, "c3", topics=(Topic.PICKUP,)),
    ]
    case = c.case_of(mails, 7)
    assert c.stands(case, Obligation.HANDOVER) == [("H2", "running", 29)]
    assert case.topics == (Topic.NOT_RECEIVED, Topic.PICKUP)


@pytest.mark.parametrize(
    ("mail", "parties", "status"),
    [
        pytest.param(handed(3), TO_TEAM, "met", id="to the team"),
        pytest.param(handed(3, c.SMITH), TO_TEAM, "running", id="to another agent, where the team is known"),
        pytest.param(handed(3, c.SMITH), c.PARTIES, "met", id="to any agent, where it is not"),
        pytest.param(c.sent(3), TO_TEAM, "running", id="a reply alone"),
        pytest.param(c.sent(3, cc=(c.EXPERIENCE,)), TO_TEAM, "met", id="a copy of the reply"),
        pytest.param(handed(3, own_words=""), TO_TEAM, "met", id="a forward without a word"),
        pytest.param(handed(-1), TO_TEAM, "running", id="before it was owed"),
        pytest.param(handed(25), TO_TEAM, "late", id="too late"),
        pytest.param(handed(3, class_=Class.AUTOMATIC, own_words=c.RECEIPT), TO_TEAM, "running", id="by a program"),
        pytest.param(handed(3, own_words=AWAY), TO_TEAM, "running", id="by a program, in words of somebody's own"),
        pytest.param(handed(3, "cx-ca@walmart.com.evil.example"), c.PARTIES, "running", id="a look-alike"),
    ],
)
def test_policy_h1_h2_met_by_a_message_to_the_team(mail, parties, status):
    case = c.case_of([LOST, mail], 23, parties=parties)
    assert [stand[1] for stand in c.stands(case, Obligation.HANDOVER)] == [status]


REPLY_ALL = c.sent(3, cc=(c.EXPERIENCE,))
COPIED = replace(LOST, message=replace(LOST.message, cc=(c.EXPERIENCE,)))
OFFERED = replace(c.customer(1, "c2"), message=replace(c.customer(1, "c2").message, cc=(c.EXPERIENCE,)))
FORGED = c.agent(1, author=c.EXPERIENCE, answers="c1", unauthenticated="dmarc=fail")


@pytest.mark.parametrize(
    ("mails", "parties", "status"),
    [
        pytest.param([COPIED, REPLY_ALL], c.PARTIES, "running", id="the customer's choice"),
        pytest.param([COPIED, c.sent(3, (c.relay(), c.EXPERIENCE))], c.PARTIES, "running", id="in To"),
        pytest.param([LOST, OFFERED, REPLY_ALL], c.PARTIES, "running", id="in a later mail of theirs"),
        pytest.param([LOST, FORGED, c.sent(3, c.EXPERIENCE)], c.PARTIES, "running", id="of who is not proved"),
        pytest.param([COPIED, c.sent(3, cc=("no-reply@walmart.ca",))], c.PARTIES, "running", id="read by nobody"),
        pytest.param([COPIED, REPLY_ALL], TO_TEAM, "met", id="the customer's choice, but the team that is known"),
        pytest.param([LOST, REPLY_ALL], c.PARTIES, "met", id="the seller's choice"),
        pytest.param([LOST, c.sent(3, cc=(c.EXPERIENCE,), answers=())], c.PARTIES, "met", id="that names nothing"),
        pytest.param([COPIED, c.sent(3, cc=(c.EXPERIENCE,), answers=())], c.PARTIES, "running", id="nor names"),
        pytest.param([COPIED, c.sent(3, cc=(c.EXPERIENCE, c.SMITH))], c.PARTIES, "met", id="one of the seller's"),
        pytest.param([COPIED, handed(3)], c.PARTIES, "met", id="written to them alone"),
        pytest.param([COPIED, handed(3, answers="c1", subject="Fwd: Lost")], c.PARTIES, "met", id="forwarded to them"),
        pytest.param(
            [LOST, REPLY_ALL, replace(OFFERED, message=replace(OFFERED.message, copies=c.customer(4).message.copies))],
            c.PARTIES,
            "met",
            id="the seller's choice, that the customer repeats",
        ),
        pytest.param(
            [COPIED, c.agent(1, author=c.EXPERIENCE, answers="c1"), REPLY_ALL], c.PARTIES, "met", id="who wrote here"
        ),
    ],
)
def test_policy_h2_whose_choice_the_team_is(mails, parties, status):
    case = c.case_of(mails, 23, parties=parties)
    assert [stand[1] for stand in c.stands(case, Obligation.HANDOVER)] == [status]


def test_policy_h2_an_answer_to_a_stranger_hands_nothing_over():
    stranger = c.agent(1, "s1", author="bob@mail.example", class_=Class.OTHER, cc=(c.EXPERIENCE,))
    answer = c.sent(3, ("bob@mail.example",), answers="s1", cc=(c.EXPERIENCE,))
    case = c.case_of([LOST, stranger, answer], 5, parties=TO_TEAM)
    assert c.stands(case, Obligation.HANDOVER) == [("H2", "running", 24)]


ANOTHER = c.customer(1, "c2", who=2, order=None)
STRANGER = c.agent(1, "s1", author="bob@mail.example", class_=Class.OTHER)
OF_OTHERS = c.agent(1, own_words=f"Order {c.OTHER_ORDER} was not there.")
OF_THEIRS = c.agent(1, own_words=f"Order {c.ORDER} was not there.")


@pytest.mark.parametrize(
    ("mails", "status"),
    [
        pytest.param([ANOTHER, c.sent(3, c.relay(2), answers="c2", cc=(c.EXPERIENCE,))], "running", id="alone"),
        pytest.param(
            [
                replace(ANOTHER, message=replace(ANOTHER.message, cc=(c.relay(),))),
                c.sent(3, c.relay(2), answers="c2", cc=(c.relay(), c.EXPERIENCE)),
            ],
            "running",
            id="beside theirs, by the other's will",
        ),
        pytest.param(
            [ANOTHER, c.sent(3, c.relay(2), answers="c2", cc=(c.relay(), c.EXPERIENCE))],
            "doubtful",
            id="beside theirs",
        ),
        pytest.param(
            [c.sent(3, ("bob@mail.example", c.relay(), c.EXPERIENCE), answers=(), subject="Re: Mug")],
            "doubtful",
            id="a stranger's, whose mail it cannot name",
        ),
        pytest.param([ANOTHER, REPLY_ALL], "met", id="their own"),
        pytest.param([ANOTHER, handed(3, answers="c2", subject="Fwd: Mug")], "doubtful", id="another's, forwarded"),
        pytest.param([ANOTHER, handed(3, answers="c1", subject="Fwd: Lost")], "met", id="forwarded"),
        pytest.param([ANOTHER, handed(3)], "doubtful", id="written, of nobody"),
        pytest.param([ANOTHER, handed(3, own_words=f"Order {c.ORDER} is lost.")], "met", id="written, of theirs"),
        pytest.param([ANOTHER, handed(3, subject=f"Order {c.ORDER}")], "met", id="theirs in a subject of the seller's"),
        pytest.param(
            [ANOTHER, handed(3, answers="c2", subject="Fwd: Mug", own_words=f"Order {c.ORDER} is lost.")],
            "doubtful",
            id="another's, forwarded with their order",
        ),
        pytest.param(
            [STRANGER, handed(3, answers=("c1", "s1"), subject="Fwd: Mug", own_words=f"Order {c.ORDER} is lost.")],
            "doubtful",
            id="a stranger's, forwarded with their order",
        ),
        pytest.param([OF_OTHERS, handed(3, answers="a1")], "doubtful", id="an agent's of another order, answered"),
        pytest.param([OF_OTHERS, handed(3)], "doubtful", id="written, beside an agent's of another order"),
        pytest.param(
            [ANOTHER, OF_THEIRS, handed(3, own_words="It is about case 10293847.")], "met", id="by their case's number"
        ),
    ],
)
@pytest.mark.parametrize("parties", [c.PARTIES, TO_TEAM], ids=["any of Walmart's", "the team"])
def test_policy_h2_an_answer_to_another_hands_nothing_of_theirs_over(mails, status, parties):
    case = c.case_of([LOST, *mails], 5, parties=parties)
    assert c.stands(case, Obligation.HANDOVER) == [("H2", status, 24)]


def handovers(mails, now=5, **standard):
    case = c.case_of(mails, now, **standard)
    return sorted((one.started_by, one.status.value) for one in c.deadlines(case, Obligation.HANDOVER))


WORDS = "My parcel never arrived and nobody at the depot knows where it is."
LOST_IN = c.customer(topics=(Topic.NOT_RECEIVED,), own_words=WORDS)
TITLE = LOST.message.subject
STRANGERS = f"On Friday Eve wrote:\n> My neighbour with order {c.ORDER} told me of your mugs."
FORWARDED = f"---------- Forwarded message ---------\nFrom: <{c.relay(2)}>\nSubject: parcel\n\nOrder: {c.ORDER}\nLost!"
THEIRS = f"---------- Forwarded message ---------\nFrom: <{c.relay()}>\n\nSales Order ID: {c.ORDER}\n> {WORDS}"


@pytest.mark.parametrize(
    ("fields", "alone", "beside"),
    [
        pytest.param({"subject": "Re: mugs", "rest": STRANGERS}, "doubtful", "doubtful", id="a stranger's, quoted"),
        pytest.param({"subject": f"Re: {TITLE}", "rest": STRANGERS}, "doubtful", "doubtful", id="under their subject"),
        pytest.param({"subject": "Fwd: parcel", "rest": FORWARDED}, "doubtful", "doubtful", id="another's, forwarded"),
        pytest.param({"subject": f"Re: Order {c.ORDER}"}, "doubtful", "doubtful", id="in a subject that another chose"),
        pytest.param({"subject": f"Fwd: {TITLE}", "rest": THEIRS}, "met", "doubtful", id="their own, forwarded"),
        pytest.param({"subject": f"Fwd: {TITLE}"}, "met", "doubtful", id="their own, forwarded as a file"),
        pytest.param({"subject": "Fwd: urgent", "rest": THEIRS}, "met", "doubtful", id="under a subject of one's own"),
        pytest.param({"rest": "Mei\nBlue Kiln"}, "met", "doubtful", id="new, signed"),
        pytest.param({"rest": "Begin forwarded message:\n\nLost!"}, "doubtful", "doubtful", id="new, with another's"),
        pytest.param(
            {"subject": "Re: mugs", "rest": STRANGERS, "own_words": f"Order {c.ORDER} is lost."},
            "met",
            "met",
            id="their order in the seller's words",
        ),
    ],
)
@pytest.mark.parametrize("parties", [c.PARTIES, TO_TEAM], ids=["any of Walmart's", "the team"])
def test_policy_h2_whose_matter_a_mail_tells_of_that_names_none(fields, alone, beside, parties):
    mail = handed(3, **fields)
    assert handovers([LOST_IN, mail], parties=parties) == [("<c1>", alone)]
    assert handovers([LOST_IN, ANOTHER, mail], parties=parties) == [("<c1>", beside)]


def test_policy_h2_who_writes_later_makes_no_hand_over_doubtful():
    later = c.customer(4, "c2", who=2, order=None)
    assert handovers([LOST_IN, later, handed(3)]) == [("<c1>", "met")]


def test_policy_h2_a_person_says_that_what_looks_like_a_programs_handed_over():
    mail = handed(3, class_=Class.AUTOMATIC, own_words=c.RECEIPT)
    said = replace(c.says(Verb.CONFIRM, 4), message_key=mail.message.key)
    assert c.stands(c.case_of([LOST, mail], 5), Obligation.HANDOVER) == [("H2", "running", 24)]
    assert c.stands(c.case_of([LOST, mail], 5, said), Obligation.HANDOVER) == [("H2", "met", 24)]


def test_policy_h2_a_person_says_whose_matter_was_handed_over():
    mail = handed(3, subject="Re: mugs", rest=STRANGERS)
    for verb, status in ((Verb.CONFIRM, "met"), (Verb.REJECT, "running")):
        said = replace(c.says(verb, 4), message_key=mail.message.key)
        assert c.stands(c.case_of([LOST, mail], 5, said), Obligation.HANDOVER) == [("H2", status, 24)]


FIRST = c.customer(-1, "c0", who=2, order=None, topics=(Topic.NOT_RECEIVED,))
OF_FIRST = handed(2, answers="c0", mid="h0", subject="Fwd: Lost")
TOLD = c.agent(-1, topics=(Topic.NOT_RECEIVED,), own_words=f"Order {c.ORDER} never arrived.")


@pytest.mark.parametrize(
    ("mails", "owed"),
    [
        pytest.param([FIRST], [("<c0>", "running"), ("<c1>", "running")], id="whoever writes first"),
        pytest.param([FIRST, OF_FIRST], [("<c0>", "met"), ("<c1>", "doubtful")], id="of one, handed over"),
        pytest.param([FIRST, handed(3, answers="c1")], [("<c0>", "doubtful"), ("<c1>", "met")], id="of the other"),
        pytest.param([FIRST, c.sent(3, cc=(c.EXPERIENCE,))], [("<c0>", "running"), ("<c1>", "met")], id="a copy"),
        pytest.param(
            [c.customer(2, "c2", who=3, topics=(Topic.PICKUP,))], [("<c1>", "running")], id="another address of theirs"
        ),
        pytest.param([TOLD], [("<a1>", "running")], id="an agent's word of them, before"),
        pytest.param([TOLD, handed(-0.5, answers="a1")], [("<a1>", "met")], id="handed over at the agent's word"),
        pytest.param(
            [replace(TOLD, message=replace(TOLD.message, copies=c.agent(2).message.copies))],
            [("<c1>", "running")],
            id="an agent's word of them, later",
        ),
        pytest.param(
            [c.agent(-1, topics=(Topic.PICKUP,), own_words=f"Order {c.OTHER_ORDER} was not there.")],
            [("<a1>", "running"), ("<c1>", "running")],
            id="an agent's word of another's order",
        ),
        pytest.param(
            [
                c.customer(hours, id_, topics=(Topic.NOT_RECEIVED,), unauthenticated="dmarc=fail")
                for hours, id_ in ((-1, "c0"), (-0.5, "c3"))
            ],
            [("<c0>", "running"), ("<c1>", "running")],
            id="in their name, unproved, twice",
        ),
        pytest.param(
            [c.customer(-1, "c0", topics=(Topic.NOT_RECEIVED,), unauthenticated="dmarc=fail")],
            [("<c0>", "running"), ("<c1>", "running")],
            id="in their name, unproved",
        ),
    ],
)
def test_policy_h2_each_party_has_a_hand_over(mails, owed):
    assert handovers([LOST, *mails]) == owed


def test_policy_h2_a_matter_that_a_machine_sends_on_is_that_customers_and_handed_over_once():
    machine = "no-reply@walmart.com"
    sent_on = replace(LOST, message=replace(LOST.message, author=machine, from_=(machine,), reply_to=(c.relay(),)))
    later = replace(TOLD, message=replace(TOLD.message, copies=c.agent(2).message.copies))
    assert handovers([sent_on, later]) == [("<c1>", "running")]


@pytest.mark.parametrize(
    "mails",
    [
        pytest.param([c.sent(3, cc=(c.EXPERIENCE,), answers="a1")], id="by a copy of what the customer is written"),
        pytest.param(
            [c.sent(3, (c.relay(), "kiln@supplier.example"), cc=(c.EXPERIENCE,), answers="a1")], id="among others"
        ),
        pytest.param([c.agent(1, "a2"), handed(3, answers="a2")], id="in answer to another mail of Walmart's"),
    ],
)
def test_policy_h2_what_only_an_agent_told_of_is_handed_over(mails):
    case = c.case_of([TOLD, *mails], 5, parties=TO_TEAM)
    assert c.stands(case, Obligation.HANDOVER) == [("H2", "met", 23)]


def test_policy_h2_a_hand_over_that_bounced_was_never_received():
    case = c.case_of([LOST, handed(3), c.bounce(3.1, "h1", c.EXPERIENCE)], 5, parties=TO_TEAM)
    assert c.stands(case, Obligation.HANDOVER) == [("H2", "running", 24)]


def test_policy_h2_a_hand_over_is_no_reply():
    case = c.case_of([LOST, handed(3)], 5)
    assert c.stands(case) == [("C1", "running", 24)]
    assert case.state.value == "open"


def test_policy_h2_a_reply_leaves_the_case_open_until_it_is_handed_over():
    assert c.case_of([LOST, c.sent(3)], 5).state.value == "open"
    assert c.case_of([LOST, c.sent(3), handed(4)], 5).state.value == "answered"


# policy O1, O2


def first(hours, words, mid="o1", **fields):
    values = {"class_": Class.SELLER_OUTREACH, "answers": (), "subject": "Your order", "own_words": words}
    return c.sent(hours, c.relay(), mid, **values | fields)


PROMOTION = "Enjoy 20% off your next order with coupon MUG20! Shop our new collection today."
STATUS = "Your order has shipped and is on its way to you. Thank you for your order."
DELAY = "Your order is delayed by the storm. The new delivery date is Friday; tell us if you would rather cancel."


@pytest.mark.parametrize(
    ("words", "forbidden"),
    [
        pytest.param(PROMOTION, True, id="policy O2 promotion"),
        pytest.param(STATUS, True, id="policy O2 status"),
        pytest.param("Profitez de 20 % de rabais: code promo TASSE20.", True, id="policy O2 in French"),
        pytest.param("限时促销，全场八折，立即购买！", True, id="policy O2 in Chinese"),
        pytest.param(DELAY, False, id="policy O1 delay"),
        pytest.param("The blue mug is out of stock. Would a green one do?", False, id="policy O1 substitute"),
    ],
)
def test_policy_o1_o2_the_sellers_own_first_messages(words, forbidden):
    found = c.judgement([first(0, words)], 5)
    assert found.case is None
    assert c.codes(found) == (["forbidden_contact"] if forbidden else [])


def test_policy_o2_also_where_it_comes_as_bulk():
    found = c.judgement([first(0, PROMOTION, class_=Class.AUTOMATIC)], 5)
    assert c.codes(found) == ["forbidden_contact"]


def test_policy_o2_also_where_others_have_a_copy():
    assert c.codes(c.judgement([first(0, PROMOTION, cc=("mugs@supplier.example",))], 5)) == ["forbidden_contact"]


def test_policy_o2_how_an_order_stands_is_no_first_contact_in_what_a_program_answers():
    """The message that it answers is not here."""
    found = c.judgement([first(0, STATUS, class_=Class.AUTOMATIC, answers="elsewhere")], 5)
    assert c.codes(found) == []


def test_policy_o2_not_what_goes_to_nobody_at_the_relay():
    assert c.codes(c.judgement([c.sent(0, "mugs@supplier.example", own_words=PROMOTION, answers=())], 5)) == []


@pytest.mark.parametrize("fields", [{}, {"class_": Class.SELLER_REPLY, "answers": "c1"}], ids=["new", "as a reply"])
def test_policy_o2_promotion_in_a_conversation_is_no_reply(fields):
    case = c.case_of([c.customer(), first(2, PROMOTION, **fields)], 5)
    assert (c.stands(case), c.codes(case)) == ([("C1", "running", 24)], ["forbidden_contact"])


def test_policy_o2_an_answer_with_a_line_of_courtesy_is_a_reply():
    case = c.case_of([c.customer(), c.sent(2, own_words=f"{c.GOOD}\nUse coupon SORRY10 on your next order.")], 5)
    assert (c.stands(case), c.codes(case)) == ([("C1", "met", 24)], [])


def test_policy_o1_who_was_asked_may_say_how_the_order_stands():
    """A new message instead of a reply, but the customer had written: no first contact."""
    told = "Hello Jordan, your mug left our kiln on Tuesday and is due on Friday. I am sorry that it took so long."
    case = c.case_of([c.customer(own_words="Where is my mug?"), first(2, told)], 5)
    assert (c.stands(case), c.codes(case)) == ([("C1", "met", 24)], [])
    notice = c.case_of([c.customer(own_words="Where is my mug?"), first(2, STATUS)], 5)
    assert (c.stands(notice), c.codes(notice)) == ([("C1", "running", 24)], ["automatic_reply"])  # a shop's program's
    before = c.case_of([c.customer(), first(-2, STATUS)], 5)
    assert (c.stands(before), c.codes(before)) == ([("C1", "running", 24)], ["forbidden_contact"])


# The order of deadlines


def test_deadlines_stand_unmet_first_then_by_due_time_then_by_obligation():
    mails = [LOST, c.customer(2, "c2"), c.agent(1, answers="c1"), c.sent(1.5, c.SMITH)]
    case = c.case_of(mails, 5, policy=c.OPERATOR_SAYS, parties=TO_TEAM)
    assert [(d.obligation.value, d.rule, c.hours_of(d.due_at), d.status.value) for d in case.deadlines] == [
        ("reply", "C1", 24, "running"),
        ("handover", "H2", 24, "running"),
        ("resolution", "C1", 24, "running"),
        ("reply", "C1", 26, "running"),
        ("reply", "C2", 25, "met"),
    ]


@pytest.mark.parametrize(("who", "status"), [(1, "met"), (2, "doubtful")])
def test_policy_h2_whose_mail_is_passed_on_is_told_by_whom_it_shows(who, status):
    """Anybody can write what the customer may have written, in a mail that is elsewhere."""
    quote = f"---------- Forwarded message ---------\nFrom: <{c.relay(who)}>\nSubject: Mug\n\n{LOST.message.own_words}"
    passed_on = handed(3, subject="Fwd: Mug", rest=quote, own_words="Please take this over.")
    assert c.stands(c.case_of([LOST, passed_on], 5), Obligation.HANDOVER) == [("H2", status, 24)]
