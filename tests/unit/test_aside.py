"""policy C2 to C4, Q3: what answers a shopper or a stranger answers no agent, whom they can put into Cc and whose
subject and numbers they can write. Whom a reply is for is told by which mail it names."""

from dataclasses import replace

import cast as c
import pytest

from relaywatch.core.mail.message import Class, Folder, Mail
from relaywatch.core.threads.answered import aside_of
from relaywatch.core.threads.thread import group

CASE = "Case 10293847: customer awaiting your response"
BUREAU = "BBB complaint 55102"
BODY = "The Better Business Bureau sent us complaint 55102 on November 13, 2026."
TRIFLE = "Hello, is the blue mug dishwasher safe? And can it go into the microwave?"
X = "x@evil.example"


def trifle(mail: Mail, **fields: object) -> Mail:
    return replace(mail, message=replace(mail.message, **{"own_words": TRIFLE, "cc": (c.SMITH,)} | fields))


def strangers(hours: float = 0.2, mid: str = "t1", **fields: object) -> Mail:
    values = {"class_": Class.OTHER, "folder": Folder.INBOX, "author": X, "answers": ()}
    return trifle(c.sent(hours, c.CARE, mid, **values | fields))


def shoppers(hours: float = 0.2, mid: str | None = "t1", *, plain: bool = False, **fields: object) -> Mail:
    mail = c.customer(hours, mid, order=None, **fields)
    return trifle(mail, cc=()) if plain else trifle(mail)


TRIFLES = {
    "a stranger": (strangers(), X),
    "a shopper": (shoppers(), c.relay()),
    "a forged shopper": (shoppers(unauthenticated="dmarc=fail"), c.relay()),
    "a forged stranger": (replace(strangers(), verdict=replace(strangers().verdict, unauthenticated="dmarc=fail")), X),
}
ASKED = {"C2": c.agent(), "C3": c.complaint(), "C4": c.bureau(subject=BUREAU, own_words=BODY)}


def answer(to, hours: float = 0.5, mid: str = "r1", **fields: object) -> Mail:
    values = {"answers": "t1", "cc": (c.SMITH,), "own_words": c.GOOD}
    return c.sent(hours, to, mid, **values | fields)


def clocks(mails, now: float = 0.6) -> dict[str, str]:
    """How each reply deadline stands, by the message that started it, over all conversations."""
    cases = (c.judgement(some, now).case for some in group(mails, c.PARTIES))
    return {one.started_by: one.status.value for case in cases if case is not None for one in c.deadlines(case)}


def reply_of(mails, mid: str) -> str:
    return clocks(mails)[f"<{mid}>"]


@pytest.mark.parametrize("who", TRIFLES)
@pytest.mark.parametrize("rule", ASKED)
@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"subject": f"Re: {CASE}"}, id="under the case's subject"),
        pytest.param({"subject": f"Re: {BUREAU}"}, id="under the bureau's subject"),
        pytest.param({"subject": "Re: Mug", "rest": "> Case number: 10293847, complaint 55102"}, id="numbers, quoted"),
        pytest.param({"subject": "Re: Mug", "answers": ("lost", "t1")}, id="beside a lost mail"),
    ],
)
def test_reply_all_to_a_trifle_is_no_answer_to_the_agent_in_cc(who, rule, fields):
    asked, (wrote, back) = ASKED[rule], TRIFLES[who]
    mails = [asked, wrote, answer(back, **fields)]
    assert len(group(mails, c.PARTIES)) == 2
    assert clocks(mails)[asked.message.message_id] == "running"


@pytest.mark.parametrize("who", TRIFLES)
@pytest.mark.parametrize("rule", ASKED)
def test_nor_is_what_follows_it(who, rule):
    asked, (wrote, back) = ASKED[rule], TRIFLES[who]
    mails = [asked, wrote, answer(back, mid="r0", cc=()), answer(back, answers="r0", subject=f"Re: {BUREAU}, {CASE}")]
    assert clocks(mails)[asked.message.message_id] == "running"


COPIED = {"a shopper": (c.relay(2), c.relay(2)), "a stranger": (X, X), "a shopper's other address": (c.relay(2), X)}


def copied(who: str, hours: float = 0.2, mid: str | None = None, **fields: object) -> Mail:
    """A trifle with an agent in Cc, and with a Message-ID that no program repeats."""
    author, back = COPIED[who]
    values = {"reply_to": () if back == author else (back,)} | fields
    return strangers(hours, mid, **values) if author == X else shoppers(hours, mid, who=2, **values)


UNNAMED = [
    pytest.param({"answers": ()}, id="names nothing"),
    pytest.param({"answers": "lost"}, id="names a lost mail"),
    pytest.param({"answers": ("r0", "lost")}, id="names the seller's own before"),
    pytest.param({"answers": (), "to_both": True}, id="to both"),
]


@pytest.mark.parametrize("who", COPIED)
@pytest.mark.parametrize("rule", ASKED)
@pytest.mark.parametrize("subject", [f"Re: {CASE}", f"Re: {BUREAU}", "Re: Mug (case 10293847)"])
@pytest.mark.parametrize("fields", UNNAMED)
def test_nor_is_one_that_names_nothing_where_they_wrote_with_the_agent_in_cc(who, rule, subject, fields):
    asked, back = ASKED[rule], COPIED[who][1]
    both = "to_both" in fields
    to, cc = ((back, c.SMITH), ()) if both else (back, (c.SMITH,))
    own = c.sent(-0.1, back, "r0", answers=(), subject="Your mug")
    reply = answer(to, answers=fields["answers"], cc=cc, subject=subject)
    assert clocks([own, asked, copied(who), reply])[asked.message.message_id] == "running"
    again = answer(back, 0.55, "r2", subject=subject)
    assert clocks([own, asked, copied(who), reply, again])[asked.message.message_id] == "running"


@pytest.mark.parametrize("rule", ASKED)
@pytest.mark.parametrize("who", ["a shopper", "a stranger"])
def test_what_the_seller_sends_to_the_agent_alone_is_for_the_agent(rule, who):
    asked = ASKED[rule]
    reply = answer(c.SMITH, answers=(), cc=(), subject=f"Re: {asked.message.subject}", own_words=c.TO_AGENT)
    assert clocks([asked, copied(who), reply])[asked.message.message_id] == "met"


@pytest.mark.parametrize("rule", ASKED)
@pytest.mark.parametrize(
    ("wrote", "to", "cc"),
    [
        pytest.param([shoppers(who=2, plain=True)], (c.SMITH, c.relay(2)), (), id="to both"),
        pytest.param([shoppers(who=2, plain=True)], c.SMITH, (c.relay(2),), id="the shopper in Cc"),
        pytest.param([copied("a shopper", 0.55)], (c.SMITH, c.relay(2)), (), id="who wrote only later"),
    ],
)
def test_what_goes_to_a_shopper_as_well_may_be_for_either(rule, wrote, to, cc):
    asked = ASKED[rule]
    mails = [asked, *wrote, answer(to, answers=(), cc=cc, subject=f"Re: {asked.message.subject}")]
    assert clocks(mails)[asked.message.message_id] == "doubtful"


@pytest.mark.parametrize("rule", ASKED)
def test_and_one_that_names_the_agents_mail_is_for_both(rule):
    asked = ASKED[rule]
    named = asked.message.message_id.strip("<>")
    reply = answer(c.relay(2), answers=(named, "lost"), subject=f"Re: {asked.message.subject}")
    assert clocks([asked, copied("a shopper"), reply])[asked.message.message_id] == "met"


def test_nor_is_it_in_one_conversation_with_them():
    both = c.agent(0, to=(c.CARE, c.relay()))
    mails = [both, shoppers(0.1, "c0", subject=CASE, answers="a1"), c.bureau(0.2, to=(c.CARE, c.relay()), subject=CASE)]
    mails += [shoppers(0.3, subject=CASE), answer(c.relay(), subject=f"Re: {CASE}")]
    assert reply_of(mails, "b1") == "running"


@pytest.mark.parametrize("who", ["a stranger", "a shopper"])
@pytest.mark.parametrize("rule", ASKED)
@pytest.mark.parametrize("before", [False, True], ids=["the agent's mail", "the seller's earlier mail to the agent"])
def test_it_is_one_where_it_names_as_well(who, rule, before):
    asked, (wrote, back) = ASKED[rule], TRIFLES[who]
    asks = asked.message.message_id.strip("<>")
    thin = c.sent(0.1, c.SMITH, "r0", answers=asks, own_words="Ok.")
    mails = [asked, wrote, answer(back, answers=("r0" if before else asks, "t1")), *[thin] * before]
    assert reply_of(mails, asks) == "met"


def test_what_an_unproved_mail_names_does_not_count_for_who_repeats_it():
    wrote = shoppers(unauthenticated="dmarc=fail", answers="a1")
    assert reply_of([c.agent(), wrote, answer(c.relay(), answers=("a1", "t1"))], "a1") == "running"


@pytest.mark.parametrize("rule", ASKED)
@pytest.mark.parametrize("who", ["a stranger", "a shopper"])
def test_whether_it_is_one_is_not_known_where_another_hands_the_agents_id_on(rule, who):
    asked, back = ASKED[rule], TRIFLES[who][1]
    name = asked.message.message_id.strip("<>")
    wrote = strangers(answers=name) if who == "a stranger" else shoppers(answers=name)
    mails = [asked, wrote, answer(back, answers=(name, "t1"))]
    assert clocks(mails)[asked.message.message_id] in ("doubtful", "running")


def test_it_meets_what_it_names_and_no_later_mail():
    both = {"to": (c.CARE, c.relay())}
    mails = [c.agent(**both), c.agent(0.3, "a2", answers="a1", **both), shoppers(answers="a1")]
    assert clocks([*mails, answer(c.relay(), answers=("a1", "t1"))]) == {
        "<a1>": "met",
        "<a2>": "running",
        "<t1>": "met",
    }


@pytest.mark.parametrize(
    ("asked", "fields"),
    [
        pytest.param(c.agent(), {"answers": "lost", "subject": f"Re: {CASE}"}, id="a lost id, the subject"),
        pytest.param(ASKED["C4"], {"answers": "lost", "subject": f"Re: {BUREAU}"}, id="a lost id, a bureau"),
        pytest.param(c.agent(), {"answers": (), "subject": f"Re: {CASE}"}, id="no ids"),
        pytest.param(ASKED["C4"], {"answers": (), "subject": f"Re: {BUREAU}"}, id="no ids, a bureau"),
        pytest.param(c.agent(), {"answers": "n1", "subject": f"Re: {CASE}"}, id="Walmart's own notice"),
        pytest.param(c.agent(), {"answers": "i1", "subject": f"Re: {CASE}"}, id="a colleague's mail"),
        pytest.param(
            c.agent(answers="t1"),
            {"answers": "t1", "to": c.relay(), "own_words": c.GOOD},
            id="the customer's mail asked about",
        ),
    ],
)
def test_an_answer_to_the_agent_stays_one(asked, fields):
    colleague = c.sent(0.3, c.CARE, "i1", answers="a1", class_=Class.INTERNAL, folder=Folder.INBOX, author=c.CLERK)
    seen = [c.customer(-1, "t1"), strangers(mid="t2"), c.notice(0.1), colleague]
    reply = answer(**{"to": c.SMITH, "own_words": c.TO_AGENT} | fields)
    assert clocks([asked, *seen, reply])[asked.message.message_id] == "met"


def test_whose_mail_is_aside():
    own = c.sent(0.4, c.SMITH, "r0")
    mails = [c.agent(), strangers(), own, answer(X), answer(X, 0.6, "r2", answers=("r0", "r1")), c.sent(0.7, mid="r3")]
    assert {mid: sorted(ids) for mid, ids in aside_of(mails, c.PARTIES).items()} == {
        mails[3].message.key: ["<t1>"],
        mails[4].message.key: ["<a1>", "<r0>", "<r1>", "<t1>"],
    }
