"""A warning of mail in Junk waits while that is on its way to the inbox, and goes if it does not get there (M1)."""

from dataclasses import replace

import pytest
from lab_post import ANSWER, agent, customer, reply
from lab_story import H, Story, steps

from relaywatch.core.mail.message import Class, Folder, Place
from relaywatch.pipeline.rescuing import end_rescues, is_customers, want_rescues, wanted_rescues


@pytest.fixture
def rescuing(shop) -> Story:
    """A seller whose care mailbox is rescued."""
    boxes = (replace(shop.account.mailboxes[0], rescue=True), *shop.account.mailboxes[1:])
    parties = replace(shop.account.parties, authserv_ids=frozenset({"mx.shop.example"}))
    shop.account = replace(shop.account, mailboxes=boxes, parties=parties)
    basis = replace(shop.bench.basis, parties=parties)
    shop.benches = {"main": replace(shop.bench, account=shop.account, basis=basis)}
    return shop


def proved(raw: bytes, result: str = "dmarc=pass header.from=relay.walmart.ca") -> bytes:
    """The same mail as a server that asked for its authentication stored it."""
    return f"Authentication-Results: mx.shop.example; {result}\r\n".encode() + raw


def junked(story: Story, raw=None, at=None) -> int:
    """A mail lies in Junk, and is to be moved; return its UID."""
    at = at or H(0)
    story.mail(raw or proved(customer()), at=at, folder=Folder.JUNK)
    stored = story.store.load_mails(story.store.message_rows("main"))[-1]
    with story.store.transaction():
        mails = [(story._uid, stored.mail)]
        want_rescues(
            story.store, story.account.parties, story.account.mailboxes[0], Place(Folder.JUNK, ""), 7, mails, at
        )
    return story._uid


def ended(story: Story, uid: int, way: str, at) -> None:
    end_rescues(story.store, story.account.mailboxes[0], ("", 7), [uid], way, "over quota", at)


def test_what_was_moved_is_never_told(rescuing):
    """policy M1."""
    uid = junked(rescuing)
    assert rescuing.now(H(0.01)) == []
    ended(rescuing, uid, "moved", H(0.02))
    assert rescuing.now(H(0.03)) == []
    rescuing.mail(customer(), at=H(0))
    assert rescuing.until(H(0.04), H(10), 60) == []
    (finding,) = rescuing.case().findings
    assert (finding.code, finding.mended_by) == ("junked", "<asked-1@relay.walmart.ca>")


@pytest.mark.parametrize("way", ["failed", "gone"])
def test_what_could_not_be_moved_is_told(rescuing, way):
    uid = junked(rescuing)
    assert rescuing.now(H(0.01)) == []
    ended(rescuing, uid, way, H(0.02))
    assert steps(rescuing.now(H(0.03))) == ["finding:junked"]
    assert rescuing.now(H(0.04)) == []


@pytest.mark.parametrize("way", ["", "moved"])
def test_what_does_not_turn_up_is_told_after_five_minutes(rescuing, way):
    uid = junked(rescuing)
    if way:
        ended(rescuing, uid, way, H(0))
    assert rescuing.now(H(0.08)) == []
    assert steps(rescuing.now(H(0.09))) == ["finding:junked"]


def test_without_rescue_nothing_waits(shop):
    junked(shop)
    assert steps(shop.now(H(0))) == ["finding:junked"]
    assert wanted_rescues(shop.store, shop.account.mailboxes[0], H(0)) == {}


def test_what_was_tried_too_often_is_given_up_and_told(rescuing):
    uid = junked(rescuing)
    box = rescuing.account.mailboxes[0]
    for _ in range(3):
        assert wanted_rescues(rescuing.store, box, H(0)) == {("", 7): [uid]}
        with rescuing.store.transaction():
            rescuing.store.try_rescues("main", "care", ("", 7), [uid])
    assert wanted_rescues(rescuing.store, box, H(0)) == {}
    assert steps(rescuing.now(H(0.01))) == ["finding:junked"]


def test_only_customers_mail_is_wanted(rescuing):
    for raw in (agent(), reply(text=ANSWER)):
        junked(rescuing, proved(raw, "dmarc=pass"))
    rescuing.mail(proved(customer(3)), at=H(0))
    junked(rescuing, proved(customer(3)))  # it lies in the inbox as well
    assert wanted_rescues(rescuing.store, rescuing.account.mailboxes[0], H(0)) == {}


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        pytest.param(proved(customer()), True, id="proved"),
        pytest.param(proved(customer(), "dmarc=fail header.from=relay.walmart.ca"), False, id="forged"),
        pytest.param(proved(customer(), "spf=neutral"), False, id="nothing is proved"),
        pytest.param(customer(), False, id="the server asked for nothing"),
        pytest.param(
            b"Received: from evil.example by mx.shop.example; now\r\n" + proved(customer()), False, id="its own word"
        ),
    ],
)
def test_only_what_is_surely_a_customers_is_moved(rescuing, raw, wanted):
    """The spam filter may be right: phishing is not carried past it."""
    junked(rescuing, raw)
    (stored,) = rescuing.store.load_mails([1])
    assert stored.mail.verdict.class_ is Class.CUSTOMER
    assert is_customers(stored.mail, rescuing.account.parties) is wanted
    assert bool(wanted_rescues(rescuing.store, rescuing.account.mailboxes[0], H(0))) is wanted
