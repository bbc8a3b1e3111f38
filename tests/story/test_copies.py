"""The same mail again: in two mailboxes, after a server numbered its folders anew, under another policy."""

from lab_post import COMPLAINTS, agent, customer, reply, to_agent
from lab_story import H, steps

from relaywatch.core.mail.message import Folder


def test_one_mail_in_two_mailboxes_is_one_message(shop):
    raw = customer()
    shop.mail(raw, at=H(0))
    shop.mail(raw, at=H(0.2), mailbox="complaints")
    assert shop.cases() == {1: "open"}
    assert (shop.case().messages, len(shop.case().deadlines)) == (1, 2)
    assert shop.until(H(0.5), H(25)) == [(16, "8h"), (21, "3h"), (23, "1h"), (24, "due")]


def test_the_earlier_copy_starts_the_clock(shop):
    raw = customer()
    shop.mail(raw, at=H(5))
    shop.mail(raw, at=H(0), seen=H(6), folder=Folder.JUNK)
    assert shop.case().deadlines[0].started_at == H(0)


def test_an_agents_mail_becomes_a_complaint_where_it_also_lies_in_that_mailbox(shop):
    raw = agent(cc=COMPLAINTS)
    assert shop.mail(raw, at=H(0)) == "walmart_agent"
    shop.mail(raw, at=H(0), mailbox="complaints")
    assert (shop.case().kind, shop.case().deadlines[0].rule) == ("complaint", "C3")


def test_other_mail_under_the_same_message_id_is_another_message(shop):
    shop.mail(customer(mid="same@relay.walmart.ca"), at=H(0))
    shop.mail(customer(mid="same@relay.walmart.ca", text="And the saucer is broken as well."), at=H(1))
    assert shop.case().messages == 2


def test_folders_numbered_anew_raise_nothing_twice(shop):
    mails = [(customer(number), H(-number)) for number in range(1, 8)]
    for raw, at in mails:
        shop.mail(raw, at=at, folder=Folder.JUNK, seen=H(0))
    shop.sent(reply(1), at=H(-0.5), seen=H(0))
    first = steps(shop.now(H(0)))
    assert first == ["finding:junked"] * 6
    before = shop.cases()
    for raw, at in reversed(mails):
        shop.mail(raw, at=at, folder=Folder.JUNK, seen=H(0.1), uidvalidity=8)
    shop.sent(reply(1), at=H(-0.5), seen=H(0.1), uidvalidity=8)
    assert shop.now(H(0.2)) == []
    assert shop.cases() == before
    assert shop.case().messages == 2


def test_reading_the_same_mail_again_changes_nothing(shop):
    for _ in range(3):
        shop.mail(customer(), at=H(0), seen=H(16))
        shop.sent(reply(2), at=H(1), seen=H(16))
    assert steps(shop.now(H(16))) == ["8h"]
    assert shop.case().messages == 1


def test_mail_in_any_order_is_the_same_case(shop):
    shop.sent(reply(), at=H(3), seen=H(5))
    assert shop.cases() == {}
    shop.mail(customer(), at=H(0), seen=H(5))
    assert (shop.cases(), shop.status()) == ({1: "answered"}, ["met"])


def test_another_policy_is_judged_again(shop):
    shop.mail(customer(), at=H(0))
    shop.mail(customer(2), at=H(0))
    shop.sent(reply(2), at=H(2))
    shop.judge_again(H(3))
    assert steps(shop.now(H(3))) == []
    shop.configure(more='[policy]\ncustomer = "4h"\n[policy.warn_before]\ncustomer = ["2h"]\n')
    shop.judge_again(H(3))
    assert shop.case().deadlines[0].due_at == H(4)
    assert steps(shop.now(H(3))) == ["2h"]
    assert shop.status(2) == ["met"]


def test_who_belongs_to_the_seller_is_judged_again(shop):
    shop.mail(agent(cc="warehouse@kiln.example"), at=H(0))
    shop.sent(to_agent(mid="short@shop.example"), at=H(1))
    assert shop.status() == ["running"]
    shop.configure(seller='addresses = ["warehouse@kiln.example"]')
    shop.judge_again(H(2))
    assert shop.status() == ["met"]


def test_judging_again_under_the_same_standard_does_nothing(shop):
    shop.mail(customer(), at=H(0))
    shop.judge_again(H(1))
    shop.changes.clear()
    shop.judge_again(H(2))
    assert shop.changes == []


def test_a_rule_of_ones_own_makes_a_case_no_case(shop, tmp_path):
    shop.mail(agent("Here is what happened this week.\n", subject="Kiln partners circular"), at=H(0))
    assert shop.cases() == {1: "open"}
    (tmp_path / "rules.toml").write_text(
        '[[walmart_notice]]\nname = "digest"\nwhere = ["subject"]\nphrases = ["kiln partners circular"]\n'
    )
    path = tmp_path / "relaywatch.toml"
    path.write_text(path.read_text().replace("[service]", '[service]\nrules = "rules.toml"'))
    shop.reload()
    shop.judge_again(H(1))
    assert shop.cases() == {}
    assert shop.until(H(1), H(25), 60) == []
