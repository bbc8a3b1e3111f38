"""policy C1: what a customer's Reply-To and anybody's Cc do not do: make a reply to one an answer to another."""

from dataclasses import replace

import cast as c
import pytest

from relaywatch.core.cases.case import Verb
from relaywatch.core.cases.offered import SURE, beside
from relaywatch.core.cases.party import parties_of
from relaywatch.core.mail.message import Class, Folder, Mail
from relaywatch.core.threads.thread import group

_INTERNAL = {"class_": Class.INTERNAL, "folder": Folder.INBOX, "author": c.CLERK}
X, SUPPLIER = "x@evil.example", "kiln@supplier.example"
TRIFLE = "Hello, is the blue mug dishwasher safe? And can it go into the microwave?"
TRIFLE_ANSWERED = "The blue mug is safe in the dishwasher and in the microwave, and holds 350 ml."
VICTIM = c.relay(1)


def victim(**fields: object) -> Mail:
    return c.customer(0, "c1", **fields)


def other(mid: str | None = "c2", words: str = TRIFLE, **fields: object) -> Mail:
    """Another customer, without an order of their own."""
    return c.customer(1, mid, **{"who": 2, "order": None, "own_words": words} | fields)


def stranger(mid: str = "s1", author: str = X, **fields: object) -> Mail:
    values = {"class_": Class.OTHER, "folder": Folder.INBOX, "answers": (), "own_words": TRIFLE, "subject": "Mug"}
    return c.sent(1, c.CARE, mid, author=author, **values | fields)


def reply(to, answers=(), hours: float = 3, mid: str = "r1", **fields: object) -> Mail:
    values = {"subject": "Re: Walmart.ca Customer: Item arrived damaged", "own_words": c.GOOD}
    return c.sent(hours, to, mid, answers=answers, **values | fields)


def standing(mails) -> dict[str, str]:
    cases = (c.judgement(some, 12).case for some in group(mails, c.PARTIES))
    return {(one.started_by or "").strip("<>"): one.status.value for case in cases if case for one in c.deadlines(case)}


@pytest.mark.parametrize("fields", [{}, {"order": None}], ids=["with a form", "without"])
@pytest.mark.parametrize(
    ("back", "to"),
    [
        pytest.param((c.relay(2), VICTIM), (c.relay(2),), id="beside their own, answered there alone"),
        pytest.param((VICTIM, c.relay(2)), (c.relay(2),), id="before their own"),
        pytest.param((VICTIM,), (c.relay(2),), id="alone"),
        pytest.param((c.relay(2), VICTIM), (c.relay(2), VICTIM), id="answered at both"),
        pytest.param((VICTIM,), (VICTIM,), id="alone, and answered there"),
    ],
)
def test_a_reply_to_proves_no_address_that_another_wrote_from(fields, back, to):
    mails = [victim(**fields), other(reply_to=back), reply(to, "c2")]
    assert standing(mails)["c1"] == "running"
    assert standing(mails[::-1])["c1"] == "running"
    assert standing(mails)["c2"] == "met"


def test_it_is_theirs_where_nobody_else_wrote_from_it():
    mails = [victim(reply_to=(c.relay(5),)), reply(c.relay(5), "c1")]
    assert standing(mails) == {"c1": "met"}
    forged = other(who=5, unauthenticated="dmarc=fail")
    assert standing([*mails, forged])["c1"] == "met"


@pytest.mark.parametrize("proof", ["", "dmarc=fail"])
def test_an_answer_to_another_is_not_drawn_there_by_a_number_that_it_quotes(proof):
    mails = [victim(), other(words=LABELLED, reply_to=(VICTIM,), unauthenticated=proof)]
    quoting = reply(VICTIM, "c2", rest=f"> {LABELLED}", subject="Re: Mug")
    assert standing([*mails, quoting])["c1"] == "running"


def test_a_reply_there_answers_none_of_their_other_mail():
    """Where nothing is authenticated, who puts their address into From chooses where its answers go."""
    forged = other(who=1, reply_to=(c.relay(5),))
    assert standing([victim(), forged, reply(c.relay(5), "c2")]) == {"c1": "running", "c2": "met"}
    assert standing([victim(), forged, reply(VICTIM, "c2")]) == {"c1": "met", "c2": "met"}


@pytest.mark.parametrize("machine", ["no-reply@walmart.com", "no-reply@relay.walmart.ca"])
def test_and_where_a_machine_sends_the_customers_mail_on(machine):
    sent_on = other(order=c.ORDER, who=1, reply_to=(VICTIM,))
    sent_on = replace(sent_on, message=replace(sent_on.message, author=machine, from_=(machine,)))
    assert standing([victim(), sent_on, reply(VICTIM, "c2")]) == {"c1": "met", "c2": "met"}


LABELLED = f"Order number: {c.ORDER}\n{TRIFLE}"
ON = [
    pytest.param([stranger(cc=(VICTIM,))], [reply((X, VICTIM), "s1")], id="a stranger's Cc"),
    pytest.param([stranger(cc=(VICTIM,))], [reply(X, "s1", cc=(VICTIM,))], id="kept there"),
    pytest.param([stranger(reply_to=(X, VICTIM))], [reply((X, VICTIM), "s1")], id="a stranger's Reply-To"),
    pytest.param([stranger(reply_to=(VICTIM,))], [reply(VICTIM, "s1")], id="and nothing else in it"),
    pytest.param(
        [stranger(cc=(VICTIM,))],
        [reply(X, "s1"), reply((X, VICTIM), ("s1", "r1"), 4, "r2")],
        id="a second answer",
    ),
    pytest.param(
        [stranger(cc=(VICTIM,))],
        [reply((X, VICTIM), "s1"), reply((X, VICTIM), ("r1",), 4, "r2")],
        id="what follows an answer",
    ),
    pytest.param([other(cc=(VICTIM,))], [reply(c.relay(2), "c2", cc=(VICTIM,))], id="a customer's Cc"),
    pytest.param(
        [other(words=LABELLED, cc=(VICTIM,))],
        [reply(c.relay(2), "c2", cc=(VICTIM,))],
        id="of one who names the order, in one conversation",
    ),
]


@pytest.mark.parametrize(("wrote", "sent"), ON)
@pytest.mark.parametrize("reason", ["", "dmarc=fail"], ids=["proved", "unproved"])
def test_an_answer_to_another_answers_nobody_whom_they_put_on_their_mail(wrote, sent, reason):
    wrote = [replace(mail, verdict=replace(mail.verdict, unauthenticated=reason)) for mail in wrote]
    assert standing([victim(), *wrote, *sent])["c1"] == "running"
    assert standing([victim(), *wrote, *sent, reply(VICTIM, "c1", 5, "r9")])["c1"] == "met"


ORDERED = f"{c.GOOD} It is for order {c.ORDER}."
MUG = "Re: Mug"
OWN_TO_STRANGER = c.sent(0.5, X, "r0", answers=())
UNSEEN = [
    pytest.param([stranger()], reply((X, VICTIM), "s1"), id="asked for in another header"),
    pytest.param([stranger()], reply(VICTIM, "s1"), id="alone"),
    pytest.param([stranger(cc=(VICTIM,))], reply(VICTIM, "s1"), id="alone, off a stranger's mail"),
    pytest.param([stranger(author=SUPPLIER)], reply((SUPPLIER, VICTIM), "s1"), id="or by the seller"),
    pytest.param([other(words=LABELLED)], reply((c.relay(2), VICTIM), "c2"), id="by a customer"),
    pytest.param([], reply((X, VICTIM), subject=MUG), id="on a mail without an id"),
    pytest.param([], reply(X, cc=(VICTIM,), subject=MUG), id="in its Cc"),
    pytest.param([], reply(VICTIM, subject=MUG), id="and alone in its Reply-To"),
    pytest.param([], reply(VICTIM, subject="Re:"), id="without a subject, too"),
    pytest.param([], reply(VICTIM, cc=(X,)), id="or with the customer's"),
    pytest.param([], reply((X, VICTIM), "lost"), id="on one that is elsewhere"),
    pytest.param([], reply(VICTIM, "lost", subject=MUG), id="or under another id, and alone"),
    pytest.param(
        [other(None, LABELLED, subject=f"Order {c.ORDER}")],
        reply((c.relay(2), VICTIM), subject=f"Re: Order {c.ORDER}"),
        id="on a customer's without an id, who names the order",
    ),
    pytest.param([other(None, LABELLED)], reply((c.relay(2), VICTIM)), id="or has the customer's subject"),
    pytest.param([OWN_TO_STRANGER, stranger("r0")], reply((X, VICTIM), "r0"), id="under the id of the seller's"),
    pytest.param([OWN_TO_STRANGER], reply((X, VICTIM), "r0"), id="on one that names the seller's"),
    pytest.param(
        [c.sent(0.5, VICTIM, "r0", own_words="Ok.")], reply(VICTIM, "r0", subject=MUG), id="by a guess of what they had"
    ),
    pytest.param([], reply(VICTIM, "lost", subject=MUG, own_words=ORDERED), id="on one that gives their order"),
    pytest.param([], reply((VICTIM, X), "lost", subject=MUG, own_words=ORDERED), id="and asks beside them"),
    pytest.param([], reply(VICTIM, subject=MUG, own_words=ORDERED), id="which has no id"),
    pytest.param([c.agent(0.5, "s1"), stranger()], reply((X, VICTIM), "s1"), id="under an agent's id"),
    pytest.param(
        [stranger(answers="c1")], reply((X, VICTIM), ("c1", "s1")), id="on one that hands on the customer's own"
    ),
]


COLLEAGUES_TWIN = c.sent(1, c.CARE, "s1", class_=Class.INTERNAL, folder=Folder.INBOX, author=c.CARE, answers=())


SAID_LATER = "The blue mug with the chip may stay there, and another leaves our kiln tomorrow."
RECEIPTS = [
    pytest.param(f"We have received your message:\n\n{c.GOOD}", {}, id="a receipt"),
    pytest.param(
        "Thank you for contacting Blue Kiln. We have received your message, and will get back to you soon.\n\n"
        f"Your message:\n\n{c.GOOD}",
        {},
        id="with a promise",
    ),
    pytest.param(c.GOOD, {"class_": Class.AUTOMATIC}, id="by its class"),
    pytest.param(c.GOOD, {"structure": ("multipart/alternative", "text/calendar")}, id="an accepted invitation"),
]


@pytest.mark.parametrize(("words", "fields"), RECEIPTS)
@pytest.mark.parametrize("subject", ["Ticket #1234 created", "Re: Walmart.ca Customer: Item arrived damaged"])
@pytest.mark.parametrize("to", [VICTIM, c.SMITH])
def test_what_a_program_repeats_may_be_anybodys_words(words, fields, subject, to):
    """A help desk's receipt goes to whoever is asked for in Reply-To, and has the words of who asked."""
    asked = victim() if to == VICTIM else c.agent()
    sent = reply(to, own_words=words, subject=subject, **fields)
    assert standing([asked, sent])[(asked.message.message_id or "").strip("<>")] in ("running", "doubtful")
    id_ = asked.message.message_id.strip("<>")
    named = reply(to, id_, 5, "r9", own_words=SAID_LATER, subject=f"Re: {asked.message.subject}")
    assert standing([asked, sent, named])[id_] == "met"


def test_who_forges_a_colleagues_mail_under_the_id_of_their_own_hides_nothing():
    mails = [victim(), COLLEAGUES_TWIN, stranger(cc=(VICTIM,)), reply(X, "s1", cc=(VICTIM,))]
    assert standing(mails)["c1"] == standing(mails[::-1])["c1"] == "running"


@pytest.mark.parametrize("fields", [{"reply_to": (X, VICTIM)}, {"cc": (VICTIM,)}, {}])
def test_what_is_forged_from_the_customer_under_the_strangers_id_hides_it_no_more(fields):
    twin = c.sent(1.1, c.CARE, "s1", class_=Class.AUTOMATIC, folder=Folder.INBOX, author=VICTIM, answers=())
    forged = replace(twin, verdict=replace(twin.verdict, unauthenticated="dmarc=fail"))
    mails = [victim(), stranger(**fields), forged, reply((X, VICTIM), "s1")]
    assert standing(mails)["c1"] in ("running", "doubtful")
    assert standing(mails[::-1])["c1"] in ("running", "doubtful")


@pytest.mark.parametrize(("wrote", "sent"), UNSEEN)
def test_it_is_not_known_whether_it_answers_whom_nobody_sees_on_it(wrote, sent):
    mails = [victim(), *wrote, sent]
    assert standing(mails)["c1"] == "doubtful"
    assert standing([*mails, reply(VICTIM, "c1", 5, "r9")])["c1"] == "met"


@pytest.mark.parametrize(("verb", "status"), [(Verb.CONFIRM, "met"), (Verb.REJECT, "running")])
def test_of_what_is_not_known_a_person_is_asked_and_believed(verb, status):
    mails = [victim(), other(words=LABELLED), reply((c.relay(2), VICTIM), "c2")]
    (asked,) = [one for one in c.judgement(mails, 12).case.deadlines if one.doubt]
    assert asked.doubt.why == ("it names no mail of theirs and may answer somebody else's",)
    said = replace(c.says(verb, 5), message_key=asked.doubt.message_key)
    after = {one.started_by: one.status.value for one in c.deadlines(c.judgement(mails, 12, said).case)}
    assert after == {"<c1>": status, "<c2>": "met"}


@pytest.mark.parametrize(
    ("passed_on", "status"), [("c1", "met"), ((), "doubtful")], ids=["the customer's mail", "nothing of theirs"]
)
def test_a_colleague_can_be_forged_as_well_but_not_knows_the_customers_mail(passed_on, status):
    colleagues = c.sent(2, c.CARE, "i1", **_INTERNAL, answers=passed_on, cc=(VICTIM,))
    assert standing([victim(), colleagues, reply((c.CLERK, VICTIM), "i1")])["c1"] == status


@pytest.mark.parametrize("class_", [Class.COMPLAINT, Class.CONSUMER_PROTECTION])
def test_nor_does_another_address_of_theirs_meet_a_machines_complaint(class_):
    machine = c.complaint(0, "x", author="no-reply@walmart.com", own_words=f"Order {c.ORDER}", class_=class_)
    asked = other(words=LABELLED, cc=(c.relay(3),))
    to_both = {"to": (c.relay(2), c.relay(3)), "own_words": TRIFLE_ANSWERED, "subject": "Re: Mug"}
    assert standing([machine, asked, reply(answers="c2", **to_both)])["x"] in ("running", "overdue")
    assert standing([machine, asked, reply(answers="x", **to_both)])["x"] in ("met", "late")


CALENDAR = {"structure": ("multipart/alternative", "text/plain", "text/calendar")}
QUOTING = {"rest": f"On Fri, Nov 13, 2026 at 4:30 PM Eve wrote:\n> {TRIFLE}"}
MANY_PHRASES = "".join(
    f"> {line}\n"
    for line in (
        *(TRIFLE, "I also collected what people ask you.", "I have not received my order, and it is late by a week."),
        *(victim().message.own_words, "I would like to return this item and have my money back.", "It never arrived."),
        *("The colour is another than in the picture.", "Please let me know when the parcel will be here, at last."),
    )
)


@pytest.mark.parametrize(
    ("fields", "begun"),
    [
        pytest.param({"subject": "Accepted: mugs", **CALENDAR}, False, id="an invitation is accepted"),
        pytest.param({"subject": "mugs", **CALENDAR}, False, id="under its own name"),
        pytest.param({"subject": "RES: Item"}, False, id="an answer"),
        pytest.param({"subject": MUG, "answers": "r1"}, False, id="one that names itself"),
        pytest.param({"subject": "Good news: mugs"}, True, id="a colon is no answer"),
        pytest.param({"subject": "mugs", **QUOTING}, False, id="another's mail is quoted"),
        pytest.param({"subject": "mugs", **QUOTING, "own_words": ORDERED}, False, id="who gave the order's number"),
        pytest.param({"subject": "mugs", "rest": MANY_PHRASES}, False, id="or many phrases, of which one is theirs"),
        pytest.param({"subject": "mugs", "rest": f"> {victim().message.own_words}"}, True, id="or quotes their words"),
        pytest.param(
            {"subject": f"Re: Order {c.ORDER}", "rest": f"> {victim().message.own_words}", "cc": (X,)},
            False,
            id="and has their order in a subject that somebody else may have chosen",
        ),
        pytest.param({"subject": "mugs", "rest": "> Can you help? Thank you so very much."}, False, id="or a courtesy"),
        pytest.param({"subject": "Your mug"}, True, id="the seller begins anew"),
    ],
)
def test_whether_the_seller_began_it(fields, begun):
    """Whoever asks for answers at somebody else's address leaves nothing in the answer that names their mail."""
    asked, sent = victim(), reply(VICTIM, **fields)
    owed_to = parties_of([asked, sent], [asked], c.PARTIES)
    found = beside([asked, sent], owed_to, c.PARTIES, lambda *_: False, lambda _: False)
    assert found.get(sent.message.key, SURE).unsure == (frozenset() if begun else {VICTIM})


MUGS = {"subject": "Re: mugs"}


@pytest.mark.parametrize(
    ("fields", "sure"),
    [
        pytest.param({"subject": "[#12] mugs", **QUOTING}, False, id="another's mail is quoted"),
        pytest.param({"subject": "mugs", **CALENDAR}, False, id="an invitation is accepted"),
        pytest.param({"subject": "mugs", "rest": f"> {c.agent().message.own_words}"}, True, id="the agent is quoted"),
        pytest.param({"subject": "Mugs"}, True, id="the seller begins anew"),
        pytest.param(
            {"own_words": "About case 10293847: it is safe."} | MUGS, False, id="their case's number is given"
        ),
        pytest.param({"answers": "r0"} | MUGS, False, id="an id is guessed"),
        pytest.param({"answers": "r0"}, True, id="the seller goes on"),
        pytest.param({"answers": "r0", **QUOTING}, False, id="and quotes what is another's"),
        pytest.param({"answers": "r0", "rest": f"> {c.TO_AGENT}"}, True, id="or what was said"),
    ],
)
def test_whether_the_seller_began_what_went_to_an_agent(fields, sure):
    asked, earlier = c.agent(), c.sent(0.5, c.SMITH, "r0")
    sent = reply(c.SMITH, **{"subject": earlier.message.subject} | fields)
    owed_to = parties_of([asked, earlier, sent], [asked], c.PARTIES)
    found = beside([asked, earlier, sent], owed_to, c.PARTIES, lambda *_: False, lambda _: False)
    assert found.get(sent.message.key, SURE).unsure == (frozenset() if sure else {c.SMITH})


@pytest.mark.parametrize("class_", [Class.COMPLAINT, Class.CONSUMER_PROTECTION])
def test_an_address_that_nobody_wrote_from_shows_nothing_beside_another_customers(class_):
    machine = c.complaint(0, "x", author="no-reply@walmart.com", own_words=f"Order {c.ORDER}", class_=class_)
    asked = other(None, words=LABELLED, cc=(c.relay(3),))
    answer = reply((c.relay(2), c.relay(3)), own_words=f"{TRIFLE_ANSWERED} Order {c.ORDER}", subject="Re: Mug")
    assert standing([machine, asked, answer])["x"] == "doubtful"


COLLEAGUES = c.sent(
    2, c.CARE, "i1", class_=Class.INTERNAL, folder=Folder.INBOX, author=c.CLERK, answers="c1", cc=(VICTIM,)
)


@pytest.mark.parametrize(
    ("wrote", "sent"),
    [
        pytest.param([], reply(VICTIM), id="naming nothing"),
        pytest.param([], reply(VICTIM, "lost"), id="a lost mail"),
        pytest.param([stranger(cc=(VICTIM,))], reply((X, VICTIM), ("c1", "s1")), id="theirs as well"),
        pytest.param([], reply(VICTIM, cc=(c.SMITH, c.ALIAS)), id="an agent and the seller's own in Cc"),
        pytest.param([], reply((VICTIM, X), "lost", own_words=ORDERED), id="about their order, beside a stranger"),
        pytest.param([c.sent(0.5, VICTIM, "r0", own_words="Ok.")], reply(VICTIM, "r0"), id="a second answer"),
        pytest.param(
            [c.sent(0.5, VICTIM, "r0", own_words="Ok.", subject="Your mug")],
            reply(VICTIM, "r0"),
            id="a second answer, under their subject again",
        ),
        pytest.param([stranger(author=VICTIM, class_=Class.AUTOMATIC)], reply(VICTIM, "s1"), id="their own program's"),
        pytest.param([COLLEAGUES], reply((c.CLERK, VICTIM), "i1"), id="a colleague's"),
        pytest.param([c.agent(1, cc=(VICTIM,))], reply((c.SMITH, VICTIM), "a1"), id="an agent's"),
        pytest.param(
            [c.customer(1, "c2", who=2, cc=(VICTIM,))], reply(c.relay(2), "c2", cc=(VICTIM,)), id="one customer's two"
        ),
    ],
)
def test_a_customer_is_answered_by(wrote, sent):
    assert standing([victim(), *wrote, sent])["c1"] == "met"


QUESTIONS = (
    *("Does the blue mug go into the dishwasher?", "Which of the lids fits the small teapot?"),
    *("Why is there a chip in the rim of my bowl?", "Could you send me an invoice in French, please?"),
    *("When do you fire the next batch of vases?", "May I exchange the red plate for a green one?"),
)


@pytest.mark.parametrize(("quoted", "sure"), [(0, True), (2, True), (5, False)])
def test_any_of_a_customers_mails_may_be_quoted_that_came_before(quoted, sure):
    asked = [c.customer(n, f"c{n}", own_words=question) for n, question in enumerate(QUESTIONS)]
    sent = reply(VICTIM, hours=2.5, subject="Re: Mug", rest=f"> {QUESTIONS[quoted]}")
    mails = [*asked[:3], sent, *asked[3:]]
    found = beside(mails, parties_of(mails, asked, c.PARTIES), c.PARTIES, lambda *_: False, lambda _: False)
    assert found.get(sent.message.key, SURE).unsure == (frozenset() if sure else {VICTIM})


def test_an_id_that_a_stranger_took_from_the_customer_is_not_surely_the_customers():
    assert standing([victim(), stranger("c1"), reply((X, VICTIM), "c1")])["c1"] == "doubtful"


@pytest.mark.parametrize(
    ("mails", "sent", "sure"),
    [
        pytest.param([c.agent(cc=(SUPPLIER,))], reply((c.SMITH, SUPPLIER), **MUGS), True, id="whom the agent wrote to"),
        pytest.param(
            [c.agent()], reply((c.SMITH, X), own_words="Case 10293847: it is safe.", **MUGS), False, id="a stranger"
        ),
        pytest.param(
            [c.agent(), c.sent(2, c.CARE, "i1", **_INTERNAL, answers=())],
            reply((c.SMITH, c.CLERK), "i1", **MUGS),
            True,
            id="a colleague, whom it answers",
        ),
    ],
)
def test_who_is_beside_the_agent_on_an_answer_tells_whether_it_is_theirs(mails, sent, sure):
    owed_to = parties_of([*mails, sent], mails[:1], c.PARTIES)
    found = beside([*mails, sent], owed_to, c.PARTIES, lambda *_: False, lambda _: False)
    assert found.get(sent.message.key, SURE).unsure == (frozenset() if sure else {c.SMITH})
