"""What a stranger writes with an agent in Cc, as the daemon reads it: it ties nothing together, and tells all the same
whom Reply All to it is for (policy C2, C4)."""

import pytest
from lab_post import CARE, CASE_SUBJECT, SMITH, agent, bureau, customer, order, post, relay, to_agent
from lab_story import H

from relaywatch.core.mail.message import Folder

BUREAU = "BBB complaint 55102"
X = "x@evil.example"
TRIFLE = "Hello, is the blue mug dishwasher safe? And can it go into the microwave?"
ANSWER = "Hello, yes, the blue mug is dishwasher safe and can go into the microwave without any trouble.\n\nMei\n"


def trifle(subject, author=X, mid="trifle@evil.example", text=TRIFLE):
    return post(author, CARE, subject, text, mid=mid, cc=SMITH)


def reply_all(subject, to=X, answers="trifle@evil.example"):
    return post(CARE, to, f"Re: {subject}", ANSWER, mid="reply-all@shop.example", answers=answers, cc=SMITH)


@pytest.mark.parametrize(
    ("asked", "subject", "steps"),
    [
        pytest.param(bureau(), BUREAU, ["10m", "due"], id="policy C4"),
        pytest.param(agent(), CASE_SUBJECT, ["8h", "3h", "1h", "due"], id="policy C2"),
        pytest.param(agent(), "Mug (case 20481377)", ["8h", "3h", "1h", "due"], id="policy C2 by the number"),
    ],
)
@pytest.mark.parametrize("author", [X, relay()], ids=["a stranger", "a shopper"])
@pytest.mark.parametrize("late", [False, True], ids=["before the reply", "read after it"])
def test_reply_all_to_a_trifle_leaves_the_agents_clock_running(shop, asked, subject, steps, author, late):
    shop.mail(asked, at=H(0))
    read = [
        lambda: shop.mail(trifle(subject, author), at=H(0.2)),
        lambda: shop.sent(reply_all(subject, author), at=H(0.5)),
    ]
    for one in reversed(read) if late else read:
        one()
    shop.now(H(0.6))
    agents = [one for stored in shop.store.case_rows() for one in stored.case.deadlines if one.party == "walmart"]
    assert [one.status.value for one in agents] == ["running"]
    said = {step for _, step in shop.until(H(0.65), H(26), 15)}
    assert said == set(steps)


def test_it_stays_so_when_the_agents_mail_is_read_last(shop):
    shop.mail(trifle(BUREAU), at=H(0.2))
    shop.sent(reply_all(BUREAU), at=H(0.5))
    shop.mail(bureau(), at=H(0), seen=H(0.6))
    assert shop.status() == ["running"]


def test_what_bears_the_same_id_afterwards_costs_nothing(shop):
    shop.mail(agent(), at=H(0))
    shop.mail(trifle("Mug"), at=H(0.2))
    shop.sent(reply_all("Mug"), at=H(0.5))
    account = shop.store.load_mails([1])[0].mail.message.account
    assert shop.store.naming(account, {"<trifle@evil.example>"})
    for number in range(9):
        shop.mail(trifle("Mug", text=f"{TRIFLE} {number}"), at=H(0.6 + number))
    beside = shop.store.answered_beside(account, shop.store.naming(account, {"<trifle@evil.example>"}))
    assert beside == [2, 4, 5, 6]  # the first that were received


def hello(number):
    """Another mail of the stranger's under the same Message-ID, that went to nobody else."""
    return post(X, CARE, "Hello", f"Hello there {number}.", mid="trifle@evil.example")


def undelivered(number):
    """What passes for a mail system's, so that it has keys, which a stranger's mail has not."""
    text = f"550 user unknown, your message could not be delivered {number}"
    return post("mailer-daemon@evil.example", CARE, "Undelivered Mail", text, mid="trifle@evil.example")


def question():
    """A stranger's, with a customer's address in Cc."""
    text = "Do you sell the blue mug in sets? How big is it?"
    return post(X, CARE, "Your mugs", text, mid="trifle@evil.example", cc=relay())


def to_all():
    text = "Thank you for asking. The blue mug holds 350 ml and ships within two days; four cost 59 dollars.\n\nMei\n"
    return post(CARE, X, "Re: Your mugs", text, mid="to-all@shop.example", answers="trifle@evil.example", cc=relay())


def key_of(shop, raw, at):
    return shop._entry(raw, at, shop.account.mailboxes[0], Folder.INBOX, 7).mail.message.key


@pytest.mark.parametrize("twin", [hello, undelivered])
@pytest.mark.parametrize("first", [True, False], ids=["before it", "after it"])
@pytest.mark.parametrize("lower", [True, False], ids=["a lower digest", "a higher digest"])
def test_another_mail_under_the_same_id_hides_none(shop, twin, first, lower):
    """Its sender chooses the digest, by which messages are found."""
    key = key_of(shop, question(), H(0.2))
    other = next(raw for raw in map(twin, range(99)) if (key_of(shop, raw, H(0.2)) < key) is lower)
    shop.mail(customer(), at=H(0))
    for raw in (other, question()) if first else (question(), other):
        shop.mail(raw, at=H(0.2))
    shop.sent(to_all(), at=H(0.3))
    assert shop.status() in (["running"], ["doubtful"])  # which of the two it answers may not be told


@pytest.mark.parametrize("twin", [hello, undelivered])
def test_a_mail_that_is_read_late_is_heard_of_though_another_bore_its_id(shop, twin):
    shop.mail(customer(), at=H(0))
    shop.mail(twin(1), at=H(0.1))
    shop.sent(to_all(), at=H(0.3))
    shop.mail(question(), at=H(0.2), seen=H(0.4))
    assert shop.status() == ["running"]


def test_an_answer_to_the_agent_whose_id_was_rewritten_is_one(shop):
    shop.mail(agent(), at=H(0))
    shop.mail(trifle(CASE_SUBJECT), at=H(0.2))
    shop.sent(to_agent(answers="rewritten@gateway.example"), at=H(0.5))
    assert shop.status() == ["met"]


FAILED = "550 user unknown, your message could not be delivered"
MANY = [f"many{number}@evil.example" for number in range(110)]


def named_by(author, subject, text):
    """A mail that names more than is looked at for all that is not the seller's."""
    names = " ".join(f"<{id_}>" for id_ in [*MANY, "trifle@evil.example"])
    return post(author, CARE, subject, text, mid="names@evil.example", References=names)


def asks_for_answers_elsewhere(**headers):
    return post(X, CARE, "Mugs", TRIFLE, mid="trifle@evil.example", Reply_To=relay(), **headers)


def answered_there(**headers):
    return post(
        CARE, relay(), "Re: Mugs", ANSWER, mid="there@shop.example", In_Reply_To="<trifle@evil.example>", **headers
    )


@pytest.mark.parametrize("early", [True, False], ids=["before the reply", "after it"])
@pytest.mark.parametrize(
    "naming",
    [
        pytest.param(named_by(relay(2), f"Order {order(1)}", TRIFLE), id="a shopper's"),
        pytest.param(named_by("mailer-daemon@evil.example", "Undelivered Mail", FAILED), id="a report"),
        pytest.param(named_by("boss@shop.example", "Mugs", "Please look at these."), id="a forged colleague's"),
    ],
)
def test_however_many_ids_another_names_whom_the_seller_answers_is_known(shop, naming, early):
    shop.mail(customer(), at=H(0))
    for number, id_ in enumerate(MANY):
        shop.mail(post(X, CARE, "Hello", f"Hello {number}.", mid=id_), at=H(0.1))
    shop.mail(asks_for_answers_elsewhere(), at=H(0.2))
    if early:
        shop.mail(naming, at=H(0.25))
    shop.sent(answered_there(References="<trifle@evil.example>"), at=H(0.3))
    if not early:
        shop.mail(naming, at=H(0.35))
    assert shop.status()[0] in ("running", "doubtful")


def test_nor_does_it_matter_how_many_ids_the_answer_has_from_it(shop):
    names = " ".join(f"<{id_}>" for id_ in MANY)
    shop.mail(customer(), at=H(0))
    for number, id_ in enumerate(MANY):
        shop.mail(post(X, CARE, "Hello", f"Hello {number}.", mid=id_), at=H(0.1))
    shop.mail(asks_for_answers_elsewhere(References=names), at=H(0.2))
    shop.sent(answered_there(References=f"{names} <trifle@evil.example>"), at=H(0.3))
    assert shop.status() == ["running"]
