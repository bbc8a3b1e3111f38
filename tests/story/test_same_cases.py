"""`audit` and the daemon give the same cases for the same mail: one shop runs through both."""

import random

import pytest
from lab_audit import at_hour, put, put_mbox, received, run
from lab_post import CARE, COMPLAINTS, PATEL, SMITH, agent, bounce, bureau, customer, post, relay, reply, to_agent
from lab_store import loose_findings
from lab_story import H, Story

from relaywatch.core.cases.form import case_form, finding_form
from relaywatch.core.mail.message import Folder
from relaywatch.pipeline.audit import seller_of

NOW = H(60)
SELLER = 'addresses = ["help@shop.example"]\ninternal = ["kiln@shop.example"]'
CANNED = "Hello Jordan, your question about the glaze is a good one, and our kiln looks into it."
PROMOTION = "Dear customer, 20% off everything this week with the coupon KILN20. Shop our new collection today."


def shop_mail():
    """All that can happen to a seller, as (mail, hour, folder, mailbox)."""
    inbox, sent, junk = Folder.INBOX, Folder.SENT, Folder.JUNK
    return [
        # answered in time, late, not at all; a second message after the answer
        (customer(1), 0, inbox, "care"),
        (reply(1), 3, sent, "care"),
        (customer(2), 1, inbox, "care"),
        (reply(2), 29, sent, "care"),
        (customer(3), 2, inbox, "care"),
        (customer(1, mid="again-1@relay.walmart.ca", text="When does it arrive?"), 20, inbox, "care"),
        # too little, around the relay, from another address, bounced
        (customer(4), 3, inbox, "care"),
        (reply(4, text="Ok."), 5, sent, "care"),
        (customer(5), 3, inbox, "care"),
        (reply(5, to="jordan@mail.example"), 5, sent, "care"),
        (customer(6), 3, inbox, "care"),
        (reply(6, author="help@shop.example"), 5, sent, "care"),
        (customer(7), 3, inbox, "care"),
        (reply(7), 5, sent, "care"),
        (bounce(number=7, of="answer-7@shop.example"), 5.1, inbox, "care"),
        # junk, and the same mail in two mailboxes
        (customer(8), 4, junk, "care"),
        (customer(9), 4, inbox, "care"),
        (customer(9), 4, inbox, "complaints"),
        # a customer who never received anything; an automatic reply; a text that everybody gets
        (customer(10, text="The parcel never arrived, and tracking has not moved for two weeks."), 5, inbox, "care"),
        (reply(10, Auto_Submitted="auto-replied"), 5.01, sent, "care"),
        *((customer(number), number, inbox, "care") for number in (11, 12, 13)),
        *((reply(number, text=CANNED), number + 0.01, sent, "care") for number in (11, 12, 13)),
        # agents: left out, then reply all; a complaint; the bureau
        (agent(cc=PATEL), 6, inbox, "care"),
        (to_agent(), 7, sent, "care"),
        (to_agent(cc=PATEL, mid="to-both@shop.example"), 8, sent, "care"),
        (agent(to=COMPLAINTS, mid="complaint@walmart.com", subject="Case 31500001: escalated"), 6, inbox, "complaints"),
        (bureau(), 58, inbox, "complaints"),
        # what opens no case
        (post(CARE, relay(40), "20% off just for you", PROMOTION, mid="promotion@shop.example"), 9, sent, "care"),
        (
            post("no-reply@walmart.com", CARE, "Your report", "Your report is ready.", mid="report@walmart.com"),
            9,
            inbox,
            "care",
        ),
        (post("sales@boxes.example", CARE, "Boxes", "We make boxes.", mid="boxes@boxes.example"), 9, inbox, "care"),
        (post(f"John <{SMITH}x>", CARE, "Case 1", "Answer me.", mid="fake@walmart.example"), 9, inbox, "care"),
        # after the moment that is looked at
        (reply(3), 61, sent, "care"),
    ]


def places(folder):
    """Return where audit finds each folder of each mailbox."""
    return {
        (Folder.INBOX, "care"): folder / "care" / "inbox",
        (Folder.SENT, "care"): folder / "care" / "Sent Items",
        (Folder.JUNK, "care"): folder / "care" / "Junk",
        (Folder.INBOX, "complaints"): folder / "complaints" / "inbox",
    }


def as_said(cases, findings):
    """Return cases and findings without the numbers, which follow arrival, and the names of the clocks."""
    plain = []
    for case in cases:
        form = case_form(0, case)
        for deadline in form["deadlines"]:
            deadline.pop("clock")
        plain.append(form)
    loose = [finding_form(finding) for finding in findings]
    return sorted(plain, key=lambda form: (form["opened_at"], form["subject"], form["order_id"] or "")), loose


def by_the_daemon(folder, mails):
    """Everything comes in that order, and then the sweep looks again at what the order may have changed."""
    story = Story(folder, seller=SELLER)
    try:
        for raw, hour, where, mailbox in mails:
            if H(hour) <= NOW:
                story.mail(at_hour(raw, hour), H(hour), folder=where, mailbox=mailbox, seen=NOW)
        story.now(NOW)
        loose = [found for _, _, found in loose_findings(story.store)]
        return as_said([stored.case for stored in story.store.case_rows()], loose)
    finally:
        story.store.close()


def by_audit(folder, *, mbox=False):
    story = Story(folder, seller=SELLER)
    story.store.close()
    where = places(folder / "mail")
    raws = {place: [] for place in where}
    for raw, hour, kind, mailbox in shop_mail():
        dated = at_hour(raw, hour)
        raws[kind, mailbox].append(dated if kind is Folder.SENT else received(dated, H(hour)))
    for place, mails in raws.items():
        if mbox:
            put_mbox(where[place].with_suffix(".mbox"), *mails)
        else:
            put(where[place], *mails)
    found = run([folder / "mail"], NOW, sellers=[seller_of(story.account)])
    return as_said([case for _, case in found.cases], found.findings)


@pytest.fixture(scope="module")
def audited(tmp_path_factory):
    return by_audit(tmp_path_factory.mktemp("audit"))


def test_the_shop_has_something_of_everything(audited):
    """Else the comparison below would show little."""
    cases, loose = audited
    assert {case["kind"] for case in cases} == {"customer", "walmart_agent", "complaint", "consumer_protection"}
    statuses = {deadline["status"] for case in cases for deadline in case["deadlines"]}
    assert statuses == {"met", "late", "running", "overdue", "doubtful"}
    codes = {finding["code"] for case in cases for finding in case["findings"]}
    assert codes == {
        "automatic_reply",
        "bounced_reply",
        "internal_not_informed",
        "junked",
        "outside_relay",
        "reply_all_missing",
        "thin_reply",
        "unregistered_sender",
    }
    assert [finding["code"] for finding in loose] == ["forbidden_contact"]
    assert [case["topics"] for case in cases if case["topics"]] == [["not_received"]]


@pytest.mark.parametrize("order", ["as it came", "backwards", "shuffled"])
def test_the_daemon_says_what_audit_says(audited, tmp_path, order):
    mails = sorted(shop_mail(), key=lambda mail: mail[1])
    if order == "backwards":
        mails.reverse()
    elif order == "shuffled":
        random.Random(20261116).shuffle(mails)
    assert by_the_daemon(tmp_path, mails) == audited


def test_mbox_files_say_what_folders_of_eml_say(audited, tmp_path):
    assert by_audit(tmp_path, mbox=True) == audited
