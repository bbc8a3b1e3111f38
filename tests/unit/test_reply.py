"""Who must be reached by Reply All (policy Q3), whose a mail is, and which message a bounce is about (policy Q6)."""

from dataclasses import replace

import cast as c
import pytest

from relaywatch.core.cases.bounced import bounces_of
from relaywatch.core.classes.bounce import REFUSED_BY_WALMART
from relaywatch.core.classes.whose import answerable, audience, is_sellers
from relaywatch.core.mail.message import Class, Folder, Role

PARTIES = replace(
    c.PARTIES,
    internal=frozenset({c.BOSS}),
    own=frozenset({"relaywatch@shop.example"}),
    seller_domains=frozenset({"kiln.example"}),
)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param({}, {c.SMITH}, id="the agent"),
        pytest.param({"cc": (c.PATEL, c.TEAM)}, {c.SMITH, c.PATEL, c.TEAM}, id="and all others"),
        pytest.param({"to": (c.CARE, c.PATEL)}, {c.SMITH, c.PATEL}, id="To as well as Cc"),
        pytest.param({"reply_to": (c.TEAM,)}, {c.TEAM}, id="Reply-To instead of From"),
        pytest.param({"reply_to": (c.TEAM, c.PATEL), "cc": (c.SMITH,)}, {c.TEAM, c.PATEL, c.SMITH}, id="both"),
        pytest.param({"cc": (c.ALIAS, c.BOSS, c.COMPLAINTS, "mei@kiln.example")}, {c.SMITH}, id="not the seller's own"),
        pytest.param({"cc": ("relaywatch@shop.example",)}, {c.SMITH}, id="nor relaywatch"),
        pytest.param({"cc": ("no-reply@walmart.com", "donotreply@x.example")}, {c.SMITH}, id="nor what nobody reads"),
        pytest.param({"cc": (c.relay(),)}, {c.SMITH, c.relay()}, id="the customer, if on it"),
        pytest.param({"author": "no-reply@walmart.com"}, set(), id="a machine"),
    ],
)
def test_audience(fields, expected):
    assert audience(c.agent(**fields).message, PARTIES) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, True),
        ({"author": "no-reply@walmart.com"}, False),
        ({"author": "no-reply@walmart.com", "reply_to": (c.TEAM,)}, True),
        ({"reply_to": ("no-reply@walmart.com",)}, False),
        ({"reply_to": (c.CARE,)}, False),
    ],
)
def test_answerable(fields, expected):
    assert answerable(c.agent(**fields).message, PARTIES) is expected


@pytest.mark.parametrize(
    ("mail", "expected"),
    [
        pytest.param(c.sent(0), True, id="in Sent"),
        pytest.param(c.sent(0, class_=Class.OTHER), True, id="in Sent, whatever it is"),
        pytest.param(c.automatic(0), True, id="in Sent, by a program"),
        pytest.param(c.sent(0, folder=Folder.INBOX), True, id="in INBOX, proved"),
        pytest.param(c.sent(0, folder=Folder.INBOX, role=Role.SENT), True, id="in a sent mailbox"),
        pytest.param(c.sent(0, folder=Folder.INBOX, class_=Class.INTERNAL), False, id="in INBOX, not proved"),
        pytest.param(c.customer(folder=Folder.SENT), False, id="a customer's, moved"),
        pytest.param(replace(c.bounce(1), message=c.customer(folder=Folder.SENT).message), False, id="a bounce, moved"),
    ],
)
def test_is_sellers(mail, expected):
    assert is_sellers(mail) is expected


def bounced(*mails):
    return {key: (sorted(failed), report) for key, (failed, report) in bounces_of(mails).items()}


def test_all_reports_of_one_message_add_up():
    reply = c.sent(1, (c.SMITH, c.PATEL, c.TEAM))
    reports = [c.bounce(2, "r1", c.SMITH), c.bounce(3, "r1", c.PATEL, mid="d2")]
    expected = {reply.message.key: ([c.SMITH, c.PATEL], "<d1>")}
    assert bounced(reply, *reports) == bounced(*reversed(reports), reply) == expected


def test_by_time_the_latest_before_the_report():
    mails = [c.sent(1), c.sent(2, mid="r2"), c.sent(4, mid="r3")]
    assert list(bounced(*mails, c.bounce(3, None, c.relay()))) == [mails[1].message.key]


def test_by_time_rather_one_before_the_report_than_one_just_after_it():
    """Clocks of servers differ, but not always."""
    mails = [c.sent(1), c.sent(3.05, mid="r2")]
    assert list(bounced(*mails, c.bounce(3, None, c.relay()))) == [mails[0].message.key]


@pytest.mark.parametrize(
    ("latest", "subject"),
    [
        pytest.param(c.sent(2, c.SMITH, "r2"), "Message not delivered", id="to people"),
        pytest.param(c.sent(2, mid="r2", subject="Mug"), "Not delivered: Re: Kettle", id="under another subject"),
        pytest.param(c.sent(2, mid="r2", subject=""), "Not delivered: Re: Kettle", id="without a subject"),
    ],
)
def test_what_the_relay_refuses_without_naming_it_went_through_it_under_that_subject(latest, subject):
    through = c.sent(1, subject="Re: Kettle")
    report = c.bounce(3, None, subject=subject)
    report = replace(
        report,
        message=replace(report.message, author="no-reply@relay.walmart.ca"),
        verdict=replace(report.verdict, rule=REFUSED_BY_WALMART),
    )
    assert list(bounced(through, latest, report)) == [through.message.key]


def test_by_reference_where_the_report_names_it_in_its_headers():
    reply = c.sent(1)
    assert list(bounced(reply, c.sent(2, mid="r2"), c.bounce(3, None, answers="r1"))) == [reply.message.key]


def test_a_report_about_nothing_here_changes_nothing():
    assert bounced(c.sent(1), c.bounce(2, "elsewhere", "nobody@x.example"), c.bounce(3, None)) == {}


@pytest.mark.parametrize("hours", [0.5, 6], ids=["before the report", "after it"])
def test_who_takes_the_id_of_a_reply_hides_no_report_of_it(hours):
    """Help desks number their mail: a customer who guesses the number can bear it as an id of their own."""
    answered = [c.customer(0), c.sent(1, mid="r1"), c.bounce(2, "r1", c.relay())]
    twin = c.customer(hours, "r1", who=2, own_words=f"Is this of order {c.ORDER}?")
    for mails in (answered, [*answered, twin]):
        case = c.case_of(mails, 12)
        assert "bounced_reply" in c.codes(case)
        assert "met" not in [status for _, status, _ in c.stands(case)]
