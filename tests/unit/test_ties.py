"""What makes two relay addresses one customer's, and whom a machine's escalation is about: never a shopper's words.

A genuine customer can write all that a mail says but for the relay's own form: its subject, its text, what it quotes.
"""

from dataclasses import replace

import cast as c
import pytest

from relaywatch.core.cases.case import Obligation, Verb
from relaywatch.core.mail.message import Class, Folder
from relaywatch.core.threads.naming import keys
from relaywatch.core.threads.thread import group
from relaywatch.core.words.own_words import divide

MACHINE = "no-reply@walmart.com"
REF, OTHER_REF = "0F" * 16, "A1" * 16
NEIGHBOUR = f"My neighbour's order {c.ORDER} came chipped, and mine too. What now?"
MINE = "Mine came with a chip in the rim. What now?"
QUESTION = "Walmart.ca Customer: Question"


def form(order=c.ORDER, ref=REF, text="My mug arrived with a chip in the rim.", name="Jordan"):
    return (
        f"{name} wants to connect with you regarding the following order:\n\nSales Order ID: {order}\n"
        f"Item ID: 6000204338910\nItem: Stoneware mug\nMessage: {text}\n\n"
        f"**Note: To protect the customer, the address is hidden.**\n\nWalmart Customer Service Team\nRefID: {ref}\n"
    )


def mail(hours, mid, who, text, subject=QUESTION, **fields):
    """A customer's mail as it came."""
    split = divide(text)
    texts = {"own_words": split.own, "rest": split.rest, "layout": split.layout}
    return c.customer(hours, mid, who=who, subject=subject, **texts | fields)


def a(hours=0, mid="a", who=1, text=None, **fields):
    """The customer whose order it is."""
    return mail(hours, mid, who, text or form(), **fields)


def b(text=NEIGHBOUR, mid="b", **fields):
    """Another one, who never gave an order by a form of the relay's unless the text is one."""
    return mail(fields.pop("hours", 1), mid, fields.pop("who", 2), text, **fields)


def machine(hours=2, words=f"** THIS IS AN ESCALATION ** order {c.ORDER}", **fields):
    return c.complaint(hours, "x", **{"author": MACHINE, "own_words": words, "subject": "Please contact"} | fields)


def reply(who=2, hours=3, mid="r", answers=(), **fields):
    return c.sent(hours, c.relay(who), mid, **{"answers": answers, "subject": f"Re: {QUESTION}"} | fields)


def back(asked, hours=3, **fields):
    """A reply to who asked."""
    return reply(2, hours, subject=f"Re: {asked.message.subject}", **fields)


def quoted(text):
    return "".join(f"> {line}\n" for line in text.splitlines())


def standing(mails):
    """How each reply deadline stands, by Message-ID."""
    cases = (c.judgement(one, 12).case for one in group(mails, c.PARTIES))
    return {
        deadline.started_by.strip("<>"): deadline.status.value
        for case in cases
        if case is not None
        for deadline in case.deadlines
        if deadline.obligation is Obligation.REPLY
    }


def met(mails):
    return {mid for mid, status in standing(mails).items() if status == "met"}


def called(name):
    """Another customer, with an order of their own, under a name that they chose."""
    return b(form(c.OTHER_ORDER, OTHER_REF, MINE, name))


NAMED = [
    pytest.param(called(f"Sales Order ID: {c.ORDER} Message:"), id="a name with labels"),
    pytest.param(called(f"Sales Order ID: {c.ORDER}\nJordan"), id="a name of two lines"),
    pytest.param(called(f"Jo wants to connect with you Sales Order ID: {c.ORDER} Message:"), id="an introduction"),
    pytest.param(b(form("", OTHER_REF, MINE, f"Sales Order ID: {c.ORDER} Message:")), id="beside no order"),
]
ANSWERING = [
    pytest.param(b(form(), answers=("lost",)), id="a form for an answer"),
    pytest.param(b(form(), answers=("lost",), subject="Re: Mug"), id="and called one"),
    pytest.param(b(form(), subject="Re: Mug"), id="a form that is called an answer"),
    pytest.param(b(form(), subject="Odp: Mug"), id="in Polish"),
    pytest.param(b(form(), in_reply_to=("<lost>",)), id="a form in reply"),
    pytest.param(b(form(ref=OTHER_REF), references=("<lost>",)), id="a form of another RefID that follows something"),
]
SPOKEN = [
    *NAMED,
    *ANSWERING,
    pytest.param(b(), id="free text"),
    pytest.param(b(MINE, subject=f"Question Order# {c.ORDER}"), id="the subject"),
    pytest.param(b(MINE, subject=f"Walmart.ca Customer: Cancel, {c.ORDER}"), id="like the relay's"),
    pytest.param(b(MINE, subject=f"Re: {QUESTION}, {c.ORDER}"), id="an answer's subject"),
    pytest.param(b(f"Order number: {c.ORDER}\n{MINE}"), id="a labelled line"),
    pytest.param(b(f"Order ID: {c.ORDER}\nRefID: {OTHER_REF}\n{MINE}"), id="an invented form"),
    pytest.param(b(f"She wrote this to you, and mine?\n\n{quoted(form())}"), id="a quoted form"),
    pytest.param(b(f"She wrote this to you, and what about mine?\n\n{form()}"), id="a pasted form"),
    pytest.param(b(f"Hello,\n\nshe wrote this.\n\nAnd what about mine?\n\n{form()}"), id="pasted below a letter"),
    pytest.param(
        b(f"And mine?\n\n-----Original Message-----\nFrom: Jordan\nSent: Friday\nTo: care\n\n{form()}"),
        id="below copied headers",
    ),
    pytest.param(b(form(c.OTHER_ORDER, OTHER_REF, NEIGHBOUR)), id="beside an order of their own"),
    pytest.param(
        b(form(c.OTHER_ORDER, OTHER_REF, MINE), subject=f"Question Order# {c.ORDER}"),
        id="a subject beside an order of their own",
    ),
    pytest.param(
        b(form(c.OTHER_ORDER, OTHER_REF, f"She wrote:\n{form()}")), id="a form pasted into the form's message"
    ),
]


@pytest.mark.parametrize("other", SPOKEN)
def test_who_speaks_of_anothers_order_is_another_customer(other):
    assert met([a(), other, back(other)]) == {"b"}
    assert met([a(), other, reply(1)]) == {"a"}


@pytest.mark.parametrize("subject", [f"Question Order# {c.ORDER}", f"Walmart.ca Customer: Cancel, {c.ORDER}"])
def test_a_subject_makes_no_one_case_of_two_customers_with_a_form_each(subject):
    mails = [a(), b(form(c.OTHER_ORDER, OTHER_REF, MINE), subject=subject), a(4, "d", 3), b(MINE, "e", hours=5)]
    found = [{one.message.message_id for one in some} for some in group(mails, c.PARTIES)]
    assert found == [{"<a>", "<d>"}, {"<b>", "<e>"}]


@pytest.mark.parametrize("other", NAMED)
def test_nor_does_a_name(other):
    assert [len(some) for some in group([a(), other, a(4, "d", 3)], c.PARTIES)] == [2, 1]


@pytest.mark.parametrize("other", SPOKEN)
@pytest.mark.parametrize("class_", [Class.COMPLAINT, Class.CONSUMER_PROTECTION, Class.WALMART_AGENT])
def test_a_machines_escalation_is_not_about_who_only_speaks_of_its_order(other, class_):
    escalation = machine(class_=class_)
    assert met([other, escalation, back(other, 2.5)]) == {"b"}
    assert met([other, escalation, back(other, 2.5, answers=("b",))]) == {"b"}
    assert met([other, escalation, back(other, 2.5), a(9)]) == {"b"}


@pytest.mark.parametrize("other", SPOKEN)
def test_it_is_about_the_customer_whose_form_has_its_order(other):
    assert met([a(), other, machine(), reply(1)]) == {"a", "x"}
    assert met([a(), other, machine(), back(other)]) == {"b"}
    assert met([a(), other, machine(), back(other, answers=("x",))]) == {"b"}


@pytest.mark.parametrize("other", SPOKEN)
def test_where_that_customer_never_wrote_a_reply_to_another_address_meets_it(other):
    words = f"The mug of order {c.ORDER} was packed again, and Canada Post has it since this morning."
    outreach = reply(5, own_words=words, class_=Class.SELLER_OUTREACH, subject="Re: Please contact")
    assert met([other, machine(), outreach]) == {"x"}


@pytest.mark.parametrize("other", SPOKEN)
def test_or_a_reply_that_says_by_its_own_headers_that_it_answers_it(other):
    assert met([other, machine(), back(other, answers=("x",))]) == {"b", "x"}
    assert met([other, machine(), back(other, answers=("x", "b"))]) == {"b"}


def test_a_customers_mail_that_a_machine_sends_is_no_other_customers():
    sent = b(form(), mid="n", hours=0)
    sent = replace(sent, message=replace(sent.message, author=MACHINE, from_=(MACHINE,)))
    assert met([sent, b(), reply(2)]) == {"b"}
    assert met([sent, a(), reply(1)]) == {"n", "a"}
    assert met([sent, reply(7, answers=("n",))]) == {"n"}


def test_a_number_of_ones_own_beside_an_escalation_that_fails_authentication():
    """Whoever forges a customer's address is nobody whom an escalation is about."""
    forged = b(unauthenticated="dmarc=fail")
    assert "x" not in met([forged, machine(), reply(2, own_words=f"{c.GOOD} Order {c.ORDER} it is.")])


@pytest.mark.parametrize("answering", ANSWERING)
def test_nor_when_its_words_are_forgotten(answering):
    """It may have been remembered as the relay's form before that was told from an answer."""
    names = ("order:1", "form:1", "form_order:1", "form_ref:A")
    forgotten = {"forgotten": True, "remembered": names, "own_words": "", "rest": ""}
    found = keys(replace(answering, message=replace(answering.message, **forgotten)), c.PARTIES)
    assert found.intersection(names) == {"order:1", "form:1"}
    new = keys(a(**forgotten), c.PARTIES)
    assert new.issuperset(names)


NEWS = "Is there any news of the mug that I asked about?"
ONE_CUSTOMER = [
    pytest.param([a(), a(1, "b", 2), reply(2)], id="one order of the form, two addresses"),
    pytest.param([a(), a(1, "b", 2, form(ref=OTHER_REF)), reply(1)], id="two RefIDs"),
    pytest.param([a(), a(1, "b", 2, form("")), reply(1)], id="one RefID, and an order that cannot be read"),
    pytest.param([a(), a(1, "b", 2), a(2, "d", 3), reply(3)], id="three addresses"),
    pytest.param([a(), a(1, "b", 2, f"Walmart Canada\n\n{form()}"), reply(2)], id="below a logo"),
    pytest.param([a(), b(NEWS, answers=("a",)), reply(2)], id="an answer to their own mail"),
    pytest.param(
        [a(), reply(1, 0.5, "r0", ("a",)), b(f"{NEWS}\n\n{quoted(form())}", answers=("a", "r0")), reply(2)],
        id="an answer to the seller's, with the form quoted",
    ),
    pytest.param([a(), b(f"{NEWS} Order {c.ORDER}.", who=1), reply(1)], id="one address"),
    pytest.param([a(text=NEWS), b(f"Order# {c.ORDER}", who=1, subject=f"Order# {c.ORDER}"), reply(1)], id="no form"),
]


@pytest.mark.parametrize("mails", ONE_CUSTOMER)
def test_one_customer(mails):
    asked = {one.message.message_id.strip("<>") for one in mails if one.verdict.class_ is Class.CUSTOMER}
    assert met(mails) == asked


def outreach(hours=-9, to=(), **fields):
    values = {"answers": (), "subject": "Your mug", "rest": f"Order number {c.ORDER}", "class_": Class.SELLER_OUTREACH}
    return c.sent(hours, to or c.relay(2), "o", **values | fields)


ANSWER = b(f"Any news of order {c.ORDER}?", answers=("o",))
ANSWERED = [
    pytest.param([a(), machine(), reply(1)], id="the customer whose form has its order"),
    pytest.param([a(), machine(), reply(1, answers=("a",))], id="in answer to the customer"),
    pytest.param([a(), a(1, "b", 2), machine(), reply(2)], id="who wrote from two addresses"),
    pytest.param([a(), b(NEWS, answers=("a",)), machine(), reply(2)], id="or answered from another"),
    pytest.param([a(text=NEWS), machine(answers=("a",)), reply(1, answers=("a",))], id="whose mail it names"),
    pytest.param([b(), machine(answers=("b",)), reply(2, answers=("b",))], id="though that only speaks of the order"),
    pytest.param([machine(), reply(5, answers=("x",))], id="who never wrote"),
    pytest.param(
        [outreach(), ANSWER, machine(), reply(2, answers=("b",))], id="policy O1: whom the seller wrote to first"
    ),
    pytest.param([a(), machine(words=f"** THIS IS AN ESCALATION ** RefID: {REF}"), reply(1)], id="by the RefID"),
    pytest.param([a(), machine(words="** THIS IS AN ESCALATION **", answers=("a",)), reply(1)], id="without an order"),
]


@pytest.mark.parametrize("mails", ANSWERED)
def test_an_escalation_is_met_by_a_reply_to(mails):
    assert "x" in met(mails)
    assert set(standing(mails).values()) == {"met"}


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(outreach(2), id="after they wrote"),
        pytest.param(outreach(-9, answers=("lost",)), id="in answer to them"),
        pytest.param(outreach(-9, subject="Re: Mug"), id="in answer to a mail without an id"),
        pytest.param(outreach(-9, structure=("text/plain", "text/calendar")), id="by accepting their invitation"),
        pytest.param(outreach(-9, to=(c.relay(1), c.relay(2))), id="to others too"),
        pytest.param(outreach(-9, rest=f"Order number {c.OTHER_ORDER}"), id="about another order"),
    ],
)
def test_an_escalation_is_not_about_whom_the_seller_wrote_to(written):
    assert "x" not in met([written, b(), machine(), reply(2, 4)])


def test_whether_it_is_about_who_gave_no_order_is_not_known():
    """An order can be given in a way that only people read, and the seller then writes it plainly."""
    mails = [a(text=NEWS), machine(), reply(1, answers=("a",), rest=f"Order number {c.ORDER}")]
    assert standing(mails) == {"a": "met", "x": "doubtful"}
    (asked,) = [one for one in c.judgement(mails, 12).case.deadlines if one.doubt]
    for verb, status in ((Verb.CONFIRM, "met"), (Verb.REJECT, "running")):
        said = replace(c.says(verb, 5), message_key=asked.doubt.message_key)
        after = {one.started_by: one.status.value for one in c.deadlines(c.judgement(mails, 12, said).case)}
        assert after["<x>"] == status


@pytest.mark.parametrize("class_", [Class.BOUNCE, Class.AUTOMATIC, Class.OTHER])
@pytest.mark.parametrize("others", [[], [a()]], ids=["alone", "beside who is meant"])
def test_who_asked_nothing_may_be_answered_all_the_same(class_, others):
    """A report that is sent from a relay address, about the order of somebody else."""
    report = c.sent(1, c.CARE, "d", class_=class_, folder=Folder.INBOX, author=c.relay(4), own_words=f"Order {c.ORDER}")
    answer = reply(4, answers=("d",), subject="Re: Undelivered Mail", rest=f"> Order {c.ORDER}")
    assert standing([*others, machine(), report, answer])["x"] == "doubtful"
    assert standing([*others, machine(), report, answer, reply(1, 5, "r9", answers=("x",))])["x"] == "met"


def test_whoever_names_a_mail_that_they_did_not_have_is_not_tied_by_it():
    """Help desks number their mail, shops send one text to many, and the relay's subjects are of many mails."""
    told = "The glaze of that batch was too thin, and another mug leaves our kiln tomorrow."
    theirs = f"> {told}\n>\n> On Friday Jordan wrote:\n> > {NEWS}"

    def later(subject=f"Re: {QUESTION}", **fields):
        asked = [a(text=NEWS), reply(1, 2, answers=("a",), own_words=told, subject=subject)]
        later = [a(3.5, "n", text=NEWS), reply(2, 4, "r2", ("r", "e"), subject=f"{subject} again")]
        return standing([*asked, follows("r", **{"subject": subject, "rest": ""} | fields), *later])["n"]

    assert later() == later(author_name="Eve") == "doubtful"
    assert later(rest=f"> {told}") == later(rest="> I am sorry, and thank you for your help.") == "doubtful"
    assert later(rest=theirs) == later(rest=theirs, subject="Mugs") == "met"
    assert later(subject=f"Re: {QUESTION}, {c.ORDER}") == "met"


def test_no_order_of_arrival_matters():
    mails = [a(), b(), machine(), reply(2), reply(1, 4, "r1")]
    assert standing(mails) == standing(mails[::-1]) == dict.fromkeys(("a", "b", "x"), "met")


X, CRM = "x@evil.example", "archive@crm.example"


def stranger(**fields):
    values = {"class_": Class.OTHER, "folder": Folder.INBOX, "author": X, "answers": (), "subject": "Mug"}
    return c.sent(1, c.CARE, "s", own_words=MINE, **values | fields)


def follows(answers, who=2, **fields):
    """A shopper's answer by mail, from a relay address of its own."""
    values = {"subject": f"Re: {QUESTION}", "rest": f"> Ok.\n>\n> On Friday Jordan wrote:\n{quoted(NEWS)}"}
    return b(MINE, "e", hours=3, who=who, **values | {"answers": answers} | fields)


LATER = reply(2, 4, "r2", ("r", "e"))
STRANGERS_TOO = [
    pytest.param([stranger(cc=(c.relay(1),)), reply(1, 2, answers=("s",), cc=(X,)), follows("r")], id="Reply All"),
    pytest.param(
        [stranger(cc=(c.relay(1),)), reply(1, 2, answers=("s",), cc=(X,)), follows(("r", "lost"))],
        id="by References",
    ),
    pytest.param([stranger(reply_to=(c.relay(1),)), reply(1, 2, answers=("s",)), follows("r")], id="to them unseen"),
    pytest.param([reply(1, 2, answers=("a",), cc=(X,)), follows("r")], id="a stranger in Cc"),
    pytest.param([reply(1, 2, answers=("a",), cc=(X,)), follows("a")], id="who had the customer's id, too"),
    pytest.param(
        [reply(1, 2, answers=("a",)), c.sent(2.5, X, "f", answers=("a", "r")), follows("r")], id="told by another mail"
    ),
    pytest.param(
        [reply(1, 2, answers=("a",)), a(2.5, "d", text=NEWS, answers=("r",), cc=(X,)), follows("d")],
        id="told by the customer",
    ),
]


@pytest.mark.parametrize("mails", STRANGERS_TOO)
def test_what_a_stranger_had_as_well_makes_nobody_one_customer(mails):
    asked = a(text=NEWS)
    assert standing([asked, *mails, LATER])["a"] == standing([asked, *mails[:-1]])["a"]
    assert standing([asked, *mails, a(3.5, "n", text=NEWS), LATER])["n"] == "running"


WITH = [
    pytest.param({}, id="alone"),
    pytest.param({"cc": (c.SMITH, c.ALIAS, c.CARE)}, id="Walmart's and the seller's people beside them"),
    pytest.param({"bcc": (CRM,)}, id="an archive in Bcc"),
]


@pytest.mark.parametrize("fields", WITH)
def test_an_answer_to_what_one_customer_alone_had_is_theirs(fields):
    asked = [a(text=NEWS), reply(1, 2, answers=("a",), **fields), follows("r")]
    assert met([*asked, a(3.5, "n", text=NEWS), reply(2, 4, "r2", ("r", "e"), **fields)]) == {"a", "e", "n"}


def test_from_address_to_address():
    """Each of a customer's answers may come from an address of its own."""
    chain = [a(text=NEWS), reply(1, 2, answers=("a",)), follows(("a", "r")), LATER]
    chain += [b(NEWS, "g", hours=5, who=3, answers=("r", "e", "r2"), rest=quoted(MINE)), a(5.5, "n", text=NEWS)]
    assert met([*chain, reply(3, 6, "r3", ("r2", "g"))]) == {"a", "e", "g", "n"}
