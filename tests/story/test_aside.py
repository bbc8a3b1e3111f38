"""What a stranger writes with an agent in Cc, as the daemon reads it: it ties nothing together, and tells all the same
whom Reply All to it is for (policy C2, C4)."""

import pytest
from lab_post import CARE, CASE_SUBJECT, SMITH, agent, bureau, post, relay, to_agent
from lab_story import H

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
    for number in range(3):
        shop.mail(trifle("Mug", text=f"{TRIFLE} {number}"), at=H(0.6 + number))
    assert len(shop.store.answered_beside(account, shop.store.naming(account, {"<trifle@evil.example>"}))) == 1


def test_an_answer_to_the_agent_whose_id_was_rewritten_is_one(shop):
    shop.mail(agent(), at=H(0))
    shop.mail(trifle(CASE_SUBJECT), at=H(0.2))
    shop.sent(to_agent(answers="rewritten@gateway.example"), at=H(0.5))
    assert shop.status() == ["met"]
