"""When a message was received and when a reply was sent: the earliest time that the seller's own side vouches for."""

from dataclasses import replace

import cast as c
import pytest

from relaywatch.core.mail.message import Copy, Folder, Role
from relaywatch.core.mail.when import UNKNOWN, answered_at, as_seen, received_at, sent_at


def timed(*copies, date=None, answers=()):
    """A message with copies (internaldate, received), in hours, None for no such time."""
    places = tuple(
        Copy(
            mailbox="care",
            role=Role.CARE,
            folder=Folder.INBOX,
            internaldate=None if internal is None else c.at(internal),
            received=None if received is None else c.at(received),
        )
        for internal, received in copies
    )
    mail = c.sent(0, answers=answers)
    return replace(mail.message, copies=places, date=None if date is None else c.at(date))


@pytest.mark.parametrize(
    ("message", "hours", "which"),
    [
        pytest.param(timed((5, None), date=1), 5, "internaldate", id="the sender's claim is not asked"),
        pytest.param(timed((5, 4)), 4, "received", id="the earlier Received of the seller's own host"),
        pytest.param(timed((5, 6)), 5, "internaldate", id="a later Received is not"),
        pytest.param(timed((None, 4), date=9), 4, "received", id="a file: the top Received"),
        pytest.param(timed((None, None), date=3), 3, "date", id="a file without one: Date"),
        pytest.param(timed((9, None), (7, None)), 7, "internaldate", id="the first of two places"),
    ],
)
def test_received(message, hours, which):
    assert received_at(message) == (c.at(hours), which)


def test_a_mail_without_any_time_is_as_old_as_can_be():
    """When in doubt, warn."""
    assert received_at(timed((None, None))) == (UNKNOWN, "unknown")


@pytest.mark.parametrize(
    ("date", "not_before", "hours"),
    [
        pytest.param(3, 1, 3, id="the copy was stored late"),
        pytest.param(7, 1, 5, id="a Date in the future"),
        pytest.param(0.5, 1, 5, id="a Date before what it answers"),
        pytest.param(1, 1, 1, id="at that very moment"),
        pytest.param(None, 1, 5, id="no Date"),
        pytest.param(-99, None, -99, id="nothing known that it answers"),
    ],
)
def test_sent(date, not_before, hours):
    limit = None if not_before is None else c.at(not_before)
    assert sent_at(timed((5, None), date=date), limit) == c.at(hours)


@pytest.mark.parametrize(
    ("message", "named", "latest", "hours"),
    [
        pytest.param(timed((10, None), date=3, answers="c1"), 1, 8, 3, id="names what it answers: Date counts"),
        pytest.param(timed((10, None), date=0, answers="c1"), 1, 8, 10, id="names it, and Date is before it"),
        pytest.param(timed((1, None), date=1, answers="c1"), 2, 2, 2, id="never before what it names"),
        pytest.param(timed((10, None), date=3, answers="c1"), None, 8, 3, id="names what is not here"),
        pytest.param(timed((10, None), date=9, answers=()), None, 8, 9, id="names nothing: Date after the latest"),
        pytest.param(timed((10, None), date=5, answers=()), None, 8, 10, id="names nothing: a wrong time zone"),
        pytest.param(timed((90, None), date=5, answers=()), None, 8, 5, id="names nothing: stored days later"),
        pytest.param(timed((10, None), date=5, answers=()), None, None, 5, id="names nothing, and nothing came"),
    ],
)
def test_when_a_reply_was_sent(message, named, latest, hours):
    moments = [None if value is None else c.at(value) for value in (named, latest)]
    assert answered_at(message, *moments) == c.at(hours)


def test_a_reply_stored_after_a_second_message_answers_the_first_alone():
    mails = [c.customer(), c.sent(3, stored=10), c.customer(8, "c2")]
    assert c.stands(c.case_of(mails, 12)) == [("C1", "running", 32), ("C1", "met", 24)]


def test_the_clock_that_started_it_is_kept():
    (deadline,) = c.deadlines(c.case_of([c.customer()], 1))
    assert deadline.clock == "internaldate"


EPOCH = -24 * 365 * 60  # hours: sixty years before
FUTURE = 24 * 365 * 70


@pytest.mark.parametrize(
    ("message", "hours", "which"),
    [
        pytest.param(timed((EPOCH, 4), date=4), 4, "received", id="1970 against Received"),
        pytest.param(timed((EPOCH, None), date=4), 4, "date", id="1970 against Date"),
        pytest.param(timed((EPOCH, None), date=FUTURE), 10, "internaldate", id="no time at all: when it was seen"),
        pytest.param(timed((EPOCH, EPOCH)), 10, "internaldate", id="nor any of these"),
        pytest.param(timed((FUTURE, 4), date=4), 4, "received", id="the future against Received"),
        pytest.param(timed((FUTURE, None), date=4), 4, "date", id="the future against Date"),
        pytest.param(timed((18, None), date=4), 10, "internaldate", id="a clock in another zone"),
        pytest.param(timed((-24 * 500, 4), date=4), 4, "received", id="years before Received"),
        pytest.param(timed((-24 * 500, None), date=4), 4, "date", id="years before Date"),
        pytest.param(timed((5, -24 * 500), date=4), 5, "internaldate", id="a Received years before Date"),
        pytest.param(timed((-24 * 500, None), date=FUTURE), -24 * 500, "internaldate", id="not before a false Date"),
        pytest.param(timed((-24 * 300, None), date=4), -24 * 300, "internaldate", id="months before are believed"),
        pytest.param(timed((5, 4), date=1), 4, "received", id="what can be stays"),
    ],
)
def test_a_time_that_cannot_be_is_not_believed(message, hours, which):
    assert received_at(as_seen(message, c.at(10))) == (c.at(hours), which)


def test_a_time_of_1970_that_was_kept_before_is_not_believed_either():
    assert received_at(timed((EPOCH, 4))) == (c.at(4), "received")
