"""What arrived and is not proved joins nothing, stops and reopens nothing, and is compared with nothing."""

from dataclasses import replace
from itertools import permutations

import cast as c
import pytest

from relaywatch.core.classes.classify import classify
from relaywatch.core.classes.explain import explain
from relaywatch.core.mail.message import Class, Delivery, DeliveryReport, Folder, Mail, Role
from relaywatch.core.replies.learned import uses
from relaywatch.core.threads.naming import keys
from relaywatch.core.threads.thread import group, hints

OWN = "relaywatch@shop.example"
PARTIES = replace(
    c.PARTIES, authserv_ids=frozenset({"mx.shop.example"}), own=frozenset({OWN}), internal=frozenset({c.BOSS})
)
FAILS = "dmarc=fail"
ARRIVED = ("received", "from mail.example by mx.shop.example")
DAEMON = "mailer-daemon@smtp.shop.example"


def told(value: str) -> dict[str, object]:
    return {"headers": (("authentication-results", f"mx.shop.example; {value}"), ARRIVED)}


def internal(hours: float = 1, mid: str = "i1", **fields: object) -> Mail:
    """What says that it is of the seller's people, and came by mail."""
    reason = str(fields.pop("unauthenticated", FAILS))
    values = {"class_": Class.INTERNAL, "folder": Folder.INBOX}
    mail = c.sent(hours, fields.pop("to", c.BOSS), mid, **values | fields)
    return replace(mail, verdict=replace(mail.verdict, unauthenticated=reason))


def stranger(hours: float = 1, mid: str = "s1", **fields: object) -> Mail:
    return internal(hours, mid, **{"author": "x@evil.example", "class_": Class.OTHER, "unauthenticated": ""} | fields)


def report(hours: float = 3.1, original: str = "r1", *failed: str, unauthenticated: str = "", **fields: object) -> Mail:
    """A delivery report that states in its fields what it is about."""
    about = DeliveryReport(deliveries=(Delivery(recipient=c.relay(), action="failed"),), original_id=f"<{original}>")
    mail = c.bounce(hours, original, *failed, **{"report": about} | fields)
    return replace(mail, verdict=replace(mail.verdict, unauthenticated=unauthenticated))


def grouped(mails) -> set[frozenset[str]]:
    return {frozenset(mail.message.message_id.strip("<>") for mail in some) for some in group(mails, PARTIES)}


def clocks(mails, now: float = 5) -> dict[str, str]:
    """How each reply deadline stands, by the message that started it, over all conversations."""
    cases = (c.judgement(some, now, parties=PARTIES).case for some in group(mails, PARTIES))
    return {one.started_by: one.status.value for case in cases if case is not None for one in c.deadlines(case)}


# --- what is asked for proof


@pytest.mark.parametrize(
    ("author", "value", "more", "believed"),
    [
        pytest.param(c.BOSS, "dmarc=pass header.from=shop.example", {}, True, id="own people, proved"),
        pytest.param(c.BOSS, "dmarc=fail header.from=shop.example", {}, False, id="own people, forged"),
        pytest.param(c.BOSS, "dmarc=none header.from=shop.example; spf=none", {}, False, id="own people, no proof"),
        pytest.param(c.BOSS, "auth=pass smtp.auth=boss; dkim=none", {}, True, id="own people who logged in"),
        pytest.param(c.BOSS, None, {}, True, id="own people's that crossed no border"),
        pytest.param(OWN, "dmarc=none", {"own": True}, False, id="a warning, no proof"),
        pytest.param(OWN, "dmarc=pass header.from=shop.example", {"own": True}, True, id="a warning, proved"),
        pytest.param(DAEMON, "dmarc=fail header.from=smtp.shop.example", {"dsn": True}, False, id="a report, denied"),
        pytest.param(DAEMON, "dmarc=none; spf=softfail smtp.helo=a.example", {"dsn": True}, True, id="as most"),
        pytest.param(DAEMON, None, {"dsn": True}, True, id="a report of the seller's own server"),
    ],
)  # fmt: skip
def test_whose_proof_is_missed(author, value, more, believed):
    headers = told(value)["headers"] if value else ()
    facts = {"author": author, "folder": Folder.INBOX, "answers": ("c1", "a1"), "from_": (author,)}
    if more.get("own"):
        headers = (*headers, ("x-relaywatch-case", "1"))
    if more.get("dsn"):
        about = DeliveryReport(deliveries=(Delivery(recipient=c.relay(), action="failed"),), original_id="<r1>")
        facts |= {"report": about, "return_path": "", "structure": ("multipart/report; report-type=delivery-status",)}
    message = c.sent(1, c.CARE, "m1", headers=headers, **facts).message
    verdict = classify(message, PARTIES, c.rules())
    expected = Class.OWN if more.get("own") else Class.BOUNCE if more.get("dsn") else Class.INTERNAL
    assert (verdict.class_, verdict.unauthenticated == "") == (expected, believed)
    assert ("counts for nothing" in explain(verdict)) is not believed
    assert not classify(message, c.PARTIES, c.rules()).unauthenticated  # nothing is known of proof


# --- it joins nothing


LEAVES = [
    pytest.param(internal(answers=("c1", "a1")), id="own people's"),
    pytest.param(internal(class_=Class.OWN, author=OWN, answers=("c1", "a1")), id="the program's"),
    pytest.param(stranger(answers=("c1", "a1")), id="a stranger's"),
    pytest.param(stranger(class_=Class.AUTOMATIC, answers=("c1", "a1")), id="a stranger's program's"),
    pytest.param(c.agent(1, "a2", subject="x", answers=("c1", "a1"), unauthenticated=FAILS), id="an agent's"),
    pytest.param(internal(mid="r1", to=c.SMITH, author=c.CARE, answers=("c1", "a1")), id="under a reply's Message-ID"),
]


@pytest.mark.parametrize("leaf", LEAVES)
def test_what_is_not_proved_joins_no_two_cases(leaf):
    some = [c.customer(), c.agent(0.5), c.sent(0.9, c.SMITH, "r1"), leaf]
    for order in permutations(some):
        groups = group(order, PARTIES)
        assert [len(one) for one in groups if leaf in one] == [1]
        assert sorted(len(one) for one in groups) == [1, 1, 2]
    assert keys(leaf, PARTIES) <= {f"id:{leaf.message.message_id}"}


def test_what_is_proved_joins_as_before():
    for one in (internal(answers="a1", unauthenticated=""), c.agent(1, "i1", subject="x", answers="a1")):
        assert grouped([c.agent(), one]) == {frozenset({"a1", "i1"})}


@pytest.mark.parametrize("class_", [Class.INTERNAL, Class.OWN])
@pytest.mark.parametrize("unauthenticated", ["", FAILS])
def test_policy_q4_only_what_is_proved_tells_internal_parties(class_, unauthenticated):
    told_ = internal(4, class_=class_, author=OWN, to=c.BOSS, answers="r1", unauthenticated=unauthenticated)
    case = c.case_of([c.customer(), c.sent(3), told_], 5, parties=PARTIES)
    assert c.finding(case, "internal_not_informed").mended_by == (None if unauthenticated else "<i1>")


FORGED = c.agent(1, "u1", subject="x", answers=("c1", "x1", "a1"), unauthenticated=FAILS)


def test_who_answers_what_is_forged_does_not_join_what_that_names():
    """Mail programs repeat its References."""
    some = [c.customer(), c.agent(0.5), c.complaint(0.6), FORGED]
    answer = c.sent(3, c.SMITH, answers=("c1", "x1", "a1", "u1"), subject="Re: x")
    assert frozenset({"u1", "r1"}) in grouped([*some, answer])
    assert clocks([*some, answer]) == {"<c1>": "running", "<a1>": "running", "<x1>": "running", "<u1>": "met"}


def test_where_nothing_passes_an_answer_meets_the_whole_thread_as_before():
    some = [c.agent(unauthenticated=FAILS), c.agent(1, "a2", answers="a1", unauthenticated=FAILS)]
    assert clocks([*some, c.sent(3, c.SMITH, answers=("a1", "a2"))]) == {"<a1>": "met", "<a2>": "met"}


def test_an_answer_to_an_id_that_is_stolen_is_for_the_proved_mail():
    stolen = c.agent(1, "a1", subject="y", own_words="Please reply.", unauthenticated=FAILS)
    mails = [c.agent(subject="x"), stolen, c.sent(3, c.SMITH, subject="Re: y")]
    for order in permutations(mails):
        found = {one[0].message.subject: c.stands(c.case_of(one, 5))[0][1] for one in group(order, PARTIES)}
        assert found == {"x": "met", "y": "running"}


# --- reports


def test_a_report_joins_one_place_whatever_it_names():
    some = [c.customer(), c.sent(1), c.agent(0.5), c.sent(1, c.SMITH, "r2")]
    about = c.bounce(3, "r2", c.relay(), answers=("c1", "r1"), subject=f"Re: {c.ORDER}")
    assert grouped([*some, about]) == {frozenset({"c1", "r1"}), frozenset({"a1", "r2", "d1"})}


def test_a_report_about_a_lost_message_is_placed_by_what_it_answers():
    """A server rewrote the Message-ID of what it sent."""
    about = c.bounce(3, "rewritten", answers=("c1", "rewritten"))
    assert grouped([c.customer(), c.sent(1), about]) == {frozenset({"c1", "r1", "d1"})}


def test_a_report_placed_by_id_takes_what_it_is_about_nowhere():
    outreach = c.sent(1, c.relay(2), "o1", answers=(), subject="Your parcel", class_=Class.SELLER_OUTREACH)
    some = [c.agent(), c.sent(2, c.SMITH), outreach, c.bounce(3, "o1", c.SMITH)]
    assert frozenset({"o1", "d1"}) in grouped(some)


@pytest.mark.parametrize(
    ("about", "status"),
    [
        pytest.param(report(3.1, "r1", c.relay()), "running", id="a report"),
        pytest.param(report(3.1, "r1", c.relay(), unauthenticated=FAILS), "met", id="denied by its domain"),
        pytest.param(report(3.1, "c1", c.relay()), "met", id="of the customer's own mail"),
        pytest.param(report(3.1, "gone", "x@evil.example"), "met", id="of a message and to somebody that nobody knows"),
        pytest.param(report(3.1, "rewritten", c.relay()), "running", id="in doubt: the provider rewrote the id"),
        pytest.param(report(3.1, "r1", "jordan@mail.example"), "running", id="in doubt: an alias"),
        pytest.param(c.bounce(3.1, "c1", c.relay()), "running", id="in doubt: it only answers the customer"),
    ],
)  # fmt: skip
def test_policy_q6_which_report_reopens_a_clock(about, status):
    assert clocks([c.customer(), c.sent(3), about]) == {"<c1>": status}


def test_a_denied_report_is_shown_beside_what_it_names_and_joins_nothing():
    some = [c.customer(), c.sent(3), c.agent(), c.sent(2, c.SMITH, "r2")]
    forged = report(3.1, "r1", c.SMITH, unauthenticated=FAILS, answers=("a1", "r2"), subject=c.ORDER)
    assert grouped([*some, forged]) == {frozenset({"c1", "r1", "d1"}), frozenset({"a1", "r2"})}
    assert keys(forged, PARTIES) == {"id:<d1>", "id:<r1>"}
    assert hints(forged, PARTIES) == frozenset()
    assert len(group([forged], PARTIES)) == 1


def test_a_strangers_mail_under_a_rewritten_id_takes_no_report_away():
    some = [c.customer(), c.sent(3), stranger(1, "rewritten"), c.bounce(3.1, "rewritten", c.relay())]
    assert clocks(some) == {"<c1>": "running"}


# --- it is compared with nothing


QUERY = "Which clay is the blue glaze on the teapot fired over, stoneware or porcelain?"
ANSWER = "It is stoneware, fired twice, and the blue glaze holds boiling tea without any trouble."
MACHINE = "Thank you for writing to the pottery about the spout and the lid. A member of the team will look at it soon."
SAID = "The spout and the lid of the pottery are chipped. Will a member of the team look at it?"


def weighed(*mails: Mail):
    (attempt,) = c.case_of(mails, 9, parties=PARTIES).assessments
    return attempt.answer, attempt.signs


@pytest.mark.parametrize("words", [ANSWER, MACHINE, "Okay.", c.GOOD])
@pytest.mark.parametrize("forged", [ANSWER, f"> {ANSWER}\n\n{c.GOOD}", SAID, f"{SAID} {QUERY}"])
def test_what_is_forged_makes_no_reply_count_more_or_less(words, forged):
    asked = c.customer(own_words=QUERY)
    reply = c.sent(3, own_words=words)
    before = weighed(asked, reply)
    for fake in (
        c.customer(1, "u1", own_words=forged, author_name="It Stoneware", unauthenticated=FAILS),
        stranger(1, own_words=forged),
        internal(1, own_words=forged),
    ):
        assert weighed(asked, fake, reply) == before


def test_what_is_forged_is_compared_with_what_answers_it():
    """Where nothing else is there, or the reply names it: its own clock may be met."""
    alone = c.customer(own_words=QUERY, unauthenticated=FAILS)
    assert weighed(alone, c.sent(3, own_words=ANSWER, answers=()))[0] == "counts"
    proved = c.customer(order=None, own_words="Hello?")
    fake = c.customer(1, "u1", own_words=QUERY, unauthenticated=FAILS)
    names_it = weighed(proved, fake, c.sent(3, own_words=ANSWER, answers="u1"))
    assert names_it != weighed(proved, c.sent(3, own_words=ANSWER))


def test_a_copy_of_an_answer_that_came_before_it_stops_no_clock_and_spoils_none():
    """Written beforehand by a stranger, by who forged the customer, and by who forged the seller."""
    asked = c.customer(own_words=QUERY)
    early = [
        stranger(1, answers="c1", own_words=ANSWER),
        c.customer(1, "u1", answers="c1", own_words=ANSWER, unauthenticated=FAILS),
        internal(1, author=c.CARE, to=c.relay(), answers="c1", own_words=ANSWER),
        internal(1, "f1", class_=Class.SELLER_REPLY, role=Role.SENT, to=c.relay(), answers="c1", own_words=ANSWER),
    ]
    for some in ([one] for one in early):
        assert clocks([asked, *some])["<c1>"] == "running"
        assert clocks([asked, *some, c.sent(3, own_words=ANSWER)])["<c1>"] == "met"


def test_what_is_forged_teaches_nothing_of_whom_a_text_went_to():
    asked, reply = c.customer(2), c.sent(3)
    fake = c.customer(1, "u1", who=2, author_name="Warehouse", unauthenticated=FAILS)
    assert list(uses([asked, fake, reply])) == list(uses([asked, reply]))
    assert list(uses([fake, c.sent(3, answers="u1")]))
