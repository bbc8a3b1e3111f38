"""Processor time for the files of what fails authentication."""

from lab_files import COMPLAINT, agents, attached, pdf
from lab_mail import shipped_rules
from lab_post import CARE

from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Class, Copy, Folder, Role
from relaywatch.pipeline.allowance import Allowance
from relaywatch.pipeline.reading import RawMail, read

COPY = Copy(mailbox="care", role=Role.CARE, folder=Folder.INBOX)
PARTIES = Parties(registered=frozenset({CARE}), authserv_ids=frozenset({"mx.shop.example"}))


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_it_comes_back_slowly_and_does_not_heap_up():
    clock = Clock()
    allowance = Allowance(clock)
    assert allowance.left() == 2
    allowance.spend(1.5)
    assert allowance.left() == 0.5
    allowance.spend(1.5)
    assert allowance.left() == 0
    clock.now += 10
    assert allowance.left() == 0  # the second that was spent beyond it
    clock.now += 5
    assert allowance.left() == 0.5
    clock.now += 10_000
    assert allowance.left() == 2


def read_by(allowance, result, **more):
    said = b"Authentication-Results: mx.shop.example; dmarc=%s header.from=walmart.com\r\n" % result
    raw = said + agents("Please see the file.", attached(pdf(COMPLAINT), "a.pdf", "application/pdf"), **more)
    return read(RawMail(raw, True, "main", COPY, None), PARTIES, shipped_rules(), allowance)


def test_what_fails_spends_it_and_is_named_without():
    allowance = Allowance(Clock())
    assert read_by(allowance, b"fail").mail.verdict.class_ is Class.CONSUMER_PROTECTION
    left = allowance.left()
    assert 0 < left < 2
    allowance.spend(left)
    unread = read_by(allowance, b"fail")
    assert [one.why for one in unread.mail.message.unread] == ["there was no time to read it"]
    assert not unread.needs_more


def test_what_passes_neither_asks_nor_spends():
    allowance = Allowance(Clock())
    allowance.spend(2)
    assert read_by(allowance, b"pass").mail.verdict.class_ is Class.CONSUMER_PROTECTION
    assert allowance.left() == 0


def test_nobody_elses_files_are_opened_though_answers_go_to_walmart():
    allowance = Allowance(Clock())
    found = read_by(allowance, b"fail", author="eve@evil.example", top="Reply-To: jsmith@walmart.com\n")
    assert (found.mail.message.attached, found.mail.message.unread) == ("", ())
    assert allowance.left() == 2
