"""Mail in files becomes the cases that the daemon would make of it (interface: `audit`)."""

from datetime import timedelta

import pytest
from lab_audit import after, at_hour, put, put_mbox, received, run
from lab_post import CARE, COMPLAINTS, SMITH, agent, bounce, customer, order, post, relay, reply

from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Role
from relaywatch.core.policy import Policy
from relaywatch.pipeline import audit as auditing
from relaywatch.pipeline.audit import Seller

PROMOTION = "Dear customer, 20% off everything this week with the coupon KILN20. Shop our new collection today."


def only(found):
    (numbered,) = found.cases
    return numbered[1]


def statuses(case):
    return [deadline.status.value for deadline in case.deadlines if deadline.obligation.value == "reply"]


def test_a_question_and_its_answer_are_one_case(tmp_path):
    put(tmp_path / "care" / "inbox", at_hour(customer(), 0))
    put(tmp_path / "care" / "Sent", at_hour(reply(), 3))
    found = run([tmp_path], after(5))
    case = only(found)
    assert (case.kind.value, case.mailbox, case.order_id, statuses(case)) == ("customer", "care", order(), ["met"])
    assert case.deadlines[-1].met_at == after(3)
    assert (found.messages, found.sent, found.unread, found.findings) == (2, 1, 0, ())


@pytest.mark.parametrize("kind", ["eml", "mbox", "maildir"])
def test_every_kind_of_file_is_read(tmp_path, kind):
    asked, answer = at_hour(customer(), 0), at_hour(reply(), 3)
    if kind == "mbox":
        put_mbox(tmp_path / "inbox.mbox", asked)
        put_mbox(tmp_path / "Sent.mbox", answer)
    elif kind == "maildir":
        put(tmp_path / "cur", asked)
        put(tmp_path / ".Sent" / "cur", answer)
    else:
        put(tmp_path / "inbox", asked)
        put(tmp_path / "Sent", answer)
    assert statuses(only(run([tmp_path], after(5)))) == ["met"]


def test_several_paths_are_one_audit(tmp_path):
    inbox = put_mbox(tmp_path / "a" / "inbox.mbox", at_hour(customer(), 0))
    sent = put_mbox(tmp_path / "b" / "Sent Items.mbox", at_hour(reply(), 3))
    assert statuses(only(run([inbox, sent], after(5)))) == ["met"]


def test_what_came_later_is_left_out(tmp_path):
    put(tmp_path / "inbox", at_hour(customer(), 0), at_hour(customer(2), 6))
    put(tmp_path / "Sent", at_hour(reply(), 5))
    found = run([tmp_path], after(4))
    assert (statuses(only(found)), found.messages, found.sent) == (["running"], 1, 0)
    assert statuses(only(run([tmp_path], after(5)))) == ["met"]


def test_the_top_received_line_starts_the_clock_and_else_the_date(tmp_path):
    """policy C: mail in files."""
    put(tmp_path / "inbox", received(at_hour(customer(), 9), after(1)), at_hour(customer(2), 2))
    cases = [case for _, case in run([tmp_path], after(5)).cases]
    assert [(case.opened_at, case.deadlines[0].clock) for case in cases] == [(after(1), "received"), (after(2), "date")]


def test_a_mail_without_any_time_is_named_and_left_out(tmp_path):
    put(tmp_path / "inbox", customer(), at_hour(customer(2), 0))
    complaints = []
    found = run([tmp_path], after(5), complaints=complaints)
    assert only(found).order_id == order(2)
    assert complaints == [
        f"{tmp_path}/inbox/0000.eml: no time in it: neither a Received line nor a Date that can be read"
    ]
    assert found.unread == 1


def test_what_cannot_be_read_is_named_and_the_rest_goes_on(tmp_path):
    put(tmp_path / "inbox", b"", b"\x00\x01\x02" * 500, at_hour(customer(), 0))
    (tmp_path / "inbox" / "gone.eml").symlink_to(tmp_path / "nowhere")
    complaints = []
    found = run([tmp_path], after(5), complaints=complaints)
    assert (len(found.cases), found.unread) == (1, 3)
    assert [line.rpartition("/")[2] for line in sorted(complaints)] == [
        "0000.eml: empty",
        "0001.eml: binary, not a mail",
        "gone.eml: no such file or directory",
    ]


def test_the_complaint_mailbox_is_known_by_its_name(tmp_path):
    """policy C3."""
    put(tmp_path / "complaints" / "inbox", at_hour(agent(to=COMPLAINTS), 0))
    case = only(run([tmp_path], after(5)))
    assert (case.kind.value, case.mailbox, case.deadlines[0].rule) == ("complaint", "complaint", "C3")


def test_junk_is_a_finding_and_runs_all_the_same(tmp_path):
    """policy M1."""
    put(tmp_path / "Spam", at_hour(customer(), 0))
    case = only(run([tmp_path], after(5)))
    assert ([finding.code.value for finding in case.findings], statuses(case)) == (["junked"], ["running"])


def test_the_same_mail_in_two_files_is_one_and_is_classified_again(tmp_path):
    raw = at_hour(agent(), 0)
    put(tmp_path / "care", raw)
    assert only(run([tmp_path], after(5))).kind.value == "walmart_agent"
    put(tmp_path / "complaints", raw)
    found = run([tmp_path], after(5))
    assert (only(found).kind.value, found.messages) == ("complaint", 1)


@pytest.mark.parametrize("folder", ["Archive", "care"])  # is read before Sent, and after
def test_of_two_copies_the_one_in_sent_says_whom_it_went_to(tmp_path, folder):
    stranger = "pottery@fans.example"
    put(tmp_path / folder, at_hour(customer(), 0), at_hour(reply(), 1))
    put(tmp_path / "Sent", at_hour(reply(to=stranger, answers="hello@fans.example"), 1))
    assert statuses(only(run([tmp_path], after(5)))) == ["running"]


def test_an_answer_that_bounced_answers_nothing(tmp_path):
    """policy Q6."""
    put(tmp_path / "inbox", at_hour(customer(), 0), at_hour(bounce(), 4))
    put(tmp_path / "Sent", at_hour(reply(), 3))
    case = only(run([tmp_path], after(5)))
    assert (statuses(case), [finding.code.value for finding in case.findings]) == (["running"], ["bounced_reply"])


def test_what_belongs_to_no_case_is_told_beside_them(tmp_path):
    """policy O2."""
    put(tmp_path / "Sent", at_hour(post(CARE, relay(7), "20% off just for you", PROMOTION, mid="p1@shop.example"), 0))
    found = run([tmp_path], after(5))
    assert found.cases == ()
    assert [(finding.code.value, finding.message_id) for finding in found.findings] == [
        ("forbidden_contact", "<p1@shop.example>")
    ]


def test_a_text_that_goes_to_everybody_at_once_is_learned(tmp_path):
    """policy Q1, Q2: whatever was asked; an hour later it may be a person's template, and nobody can be sure."""
    text = "Hello Jordan, your question about the glaze is a good one, and our kiln looks into it."
    for number in range(1, 5):
        put(tmp_path / "inbox", at_hour(customer(number), number))
        put(tmp_path / "Sent", at_hour(reply(number, text=text), number + 0.01))
    assert [statuses(case) for _, case in run([tmp_path], after(9)).cases] == [["doubtful"]] * 4
    for number in range(5, 10):
        put(tmp_path / "inbox", at_hour(customer(number), number))
        put(tmp_path / "Sent", at_hour(reply(number, text=text), number + 2))
    assert [statuses(case) for _, case in run([tmp_path], after(12)).cases] == [["doubtful"]] * 4 + [["met"]] * 5


def test_cases_are_numbered_as_they_were_opened(tmp_path):
    put(tmp_path / "inbox", *(at_hour(customer(number), 10 - number) for number in (1, 2, 3, 4)))
    found = run([tmp_path], after(12))
    assert [(number, case.order_id) for number, case in found.cases] == [
        (1, order(4)),
        (2, order(3)),
        (3, order(2)),
        (4, order(1)),
    ]


def test_many_batches_give_what_one_gives(tmp_path, monkeypatch):
    put(tmp_path / "inbox", *(at_hour(customer(number), number) for number in range(1, 30)))
    put(tmp_path / "Sent", *(at_hour(reply(number), number + 2) for number in range(1, 30, 2)))
    whole = run([tmp_path], after(40))
    monkeypatch.setattr(auditing, "_BATCH_MAILS", 7)
    assert run([tmp_path], after(40)) == whole
    assert len(whole.cases) == 29


def test_a_conversation_that_cannot_be_judged_still_owes_its_answer(tmp_path, monkeypatch):
    put(tmp_path / "inbox", at_hour(customer(), 0), at_hour(customer(2), 0))
    put(tmp_path / "Sent", at_hour(reply(), 3), at_hour(reply(2), 3))
    right = auditing.judge

    def judge(conversation, basis, now):
        if len(conversation.mails) > 1 and conversation.mails[0].message.author == relay(1):
            raise ZeroDivisionError
        return right(conversation, basis, now)

    monkeypatch.setattr(auditing, "judge", judge)
    complaints = []
    found = run([tmp_path], after(5), complaints=complaints)
    assert sorted(map(statuses, (case for _, case in found.cases))) == [["met"], ["running"]]
    assert complaints == ["the conversation of <asked-1@relay.walmart.ca> could not be judged: ZeroDivisionError"]


def seller(name, care, **more):
    parties = Parties(registered=frozenset({care}))
    return Seller(name=name, parties=parties, policy=Policy(), mailboxes={Role.CARE: f"{name}-care"}, **more)


def test_each_mail_goes_to_the_seller_whom_it_names(tmp_path):
    other = "care@plates.example"
    put(tmp_path / "inbox", at_hour(customer(), 0))
    put(tmp_path / "inbox", at_hour(customer(2), 1).replace(CARE.encode(), other.encode()))
    put(tmp_path / "inbox", at_hour(customer(3), 2).replace(CARE.encode(), b"xcare@shop.example.org"))
    put(tmp_path / "Sent", at_hour(reply(), 3), at_hour(reply(2), 3).replace(CARE.encode(), other.encode()))
    found = run([tmp_path], after(5), sellers=[seller("kiln", CARE), seller("plates", other)])
    assert [(case.account, case.mailbox, statuses(case)) for _, case in found.cases] == [
        ("kiln", "kiln-care", ["met"]),
        ("plates", "plates-care", ["met"]),
        ("kiln", "kiln-care", ["running"]),
    ]


def test_one_login_behind_both_addresses(tmp_path):
    """The role follows whom the mail went to (interface: [[mailbox]])."""
    both = seller("kiln", CARE, addresses=((Role.CARE, CARE), (Role.COMPLAINT, COMPLAINTS)))
    put(tmp_path / "inbox", at_hour(agent(to=COMPLAINTS, author=f"John <{SMITH}>"), 0))
    assert only(run([tmp_path], after(5), sellers=[both])).kind.value == "complaint"


@pytest.mark.parametrize(("result", "kind"), [("dmarc=fail", "walmart_agent"), ("dmarc=pass", "complaint")])
@pytest.mark.parametrize("first", ["Archive", "inbox"])  # is read before the complaint mailbox, and after
def test_policy_c3_a_copy_that_is_proved_worse_makes_no_complaint(tmp_path, result, kind, first):
    parties = Parties(registered=frozenset({CARE, COMPLAINTS}), authserv_ids=frozenset({"mx.shop.example"}))
    kiln = Seller(name="kiln", parties=parties, policy=Policy(), mailboxes={})
    for place, found in ((first, "dmarc=pass"), ("complaints", result)):
        header = f"Authentication-Results: mx.shop.example; {found} header.from=walmart.com\r\n"
        put(tmp_path / place, header.encode() + at_hour(agent(), 0))
    assert only(run([tmp_path], after(5), sellers=[kiln])).kind.value == kind


def test_nothing_gives_nothing(tmp_path):
    found = run([tmp_path], after(0))
    assert (found.cases, found.findings, found.messages) == ((), (), 0)


def _reply_of(case):
    return next(deadline for deadline in case.deadlines if deadline.obligation.value == "reply")


def test_a_policy_with_versions_is_followed(tmp_path):
    old, new = Policy().versions[0], after(2)
    longer = {kind: timedelta(hours=48) for kind in old.reply}
    policy = Policy(
        versions=(old, type(old)(reply=longer, handover=old.handover, resolution=old.resolution, valid_from=new))
    )
    put(tmp_path / "inbox", at_hour(customer(), 1), at_hour(customer(2), 3))
    kiln = Seller(parties=Parties(registered=frozenset({CARE})), policy=policy, mailboxes={})
    cases = [case for _, case in run([tmp_path], after(5), sellers=[kiln]).cases]
    assert [_reply_of(case).due_at for case in cases] == [after(25), after(51)]
