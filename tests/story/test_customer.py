"""A customer's days: the ladder, the answer, what wears it down and what takes it back."""

from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP

import pytest
from lab_post import CARE, RECEIPT, bounce, customer, order, post, relay, reply
from lab_story import H, steps

from relaywatch.core.cases.case import Obligation, Verb
from relaywatch.core.mail.message import Folder


def test_a_day_without_an_answer(shop):
    shop.mail(customer(), at=H(0))
    assert shop.until(H(0), H(30)) == [(16, "8h"), (21, "3h"), (23, "1h"), (24, "due")]
    shop.sent(reply(), at=H(31))
    assert (shop.status(), shop.cases()) == (["late"], {1: "resolved"})
    assert shop.until(H(31), H(80), 60) == []
    assert shop.cases() == {1: "resolved"}


def test_a_step_that_could_not_leave_in_time_is_overtaken_by_the_lapse(shop):
    shop.mail(customer(), at=H(0))
    shop.look(H(23.5))
    shop.sweep(H(23.5))
    assert (shop.deliver(H(24.5)), shop.dropped) == ([], ["1h"])
    assert steps(shop.now(H(24.6))) == ["due"]


def test_an_answer_in_time_is_silent(shop):
    shop.mail(customer(), at=H(0))
    shop.sent(reply(), at=H(3))
    assert shop.until(H(3), H(60), 60) == []
    assert (shop.status(), shop.status(obligation=Obligation.RESOLUTION)) == (["met"], ["met"])


ADVICE = "The glaze of a mug can come off in a dishwasher: keep it, and send a photo of the mug, please."
CAME_IN = "Thank you for writing. We have received your message."
AUTO = {"Auto_Submitted": "auto-replied"}


@pytest.mark.parametrize(
    ("text", "after", "headers", "wanted"),
    [
        pytest.param(f"{RECEIPT}\n\n{ADVICE}", 3.0, {}, "doubtful", id="it says so, and advice of the matter"),
        pytest.param(f"{CAME_IN}\n\n{ADVICE}", 3.0, AUTO, "running", id="its headers say so"),
        pytest.param(f"{CAME_IN}\n\n{ADVICE}", 3.0, {}, "met", id="a person who begins with courtesy"),
        pytest.param(
            f"{CAME_IN}\n\n{ADVICE} We gave back $24.50.",
            3.0,
            AUTO,
            "met",
            id="its headers say so, and an amount stands there",
        ),
        pytest.param(f"{ADVICE}\n\n{CAME_IN}", 0.25, {}, "met", id="with a frame below"),
    ],
)
def test_a_receipt_with_words_of_the_matter(shop, text, after, headers, wanted):
    """policy Q2: what opens as a program's does not count for the advice below, unless a person shows themselves."""
    shop.mail(customer(), at=H(0))
    shop.sent(reply(text=text, **headers), at=H(after))
    shop.now(H(4))
    assert shop.status() == [wanted]


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(hours=2), []),
        (timedelta(hours=15, minutes=59), []),
        (timedelta(hours=16), ["8h"]),
        (timedelta(hours=23, minutes=10), ["1h"]),
        (timedelta(hours=23, minutes=59, seconds=59), ["1h"]),
        (timedelta(hours=24), ["due"]),
        (timedelta(hours=25), ["due"]),
        (timedelta(days=6), ["due"]),
    ],
)
def test_what_a_first_sync_says_of_one_message(shop, age, said):
    shop.mail(customer(), at=H(0) - age, seen=H(0))
    assert steps(shop.now(H(0))) == said
    assert shop.now(H(0)) == []


def test_a_first_sync_of_an_answered_shop_says_nothing(shop):
    for number in range(1, 21):
        shop.mail(customer(number), at=H(-number * 3), seen=H(0))
    shop.sweep(H(0))  # INBOX is read before Sent: nothing may be said between
    for number in range(1, 21):
        shop.sent(reply(number), at=H(-number * 3 + 2), seen=H(0))
    assert shop.until(H(0), H(1)) == []
    assert set(shop.cases().values()) <= {"answered", "resolved"}


def test_mail_in_the_junk_folder_is_told_once_and_runs(shop):
    shop.mail(customer(), at=H(0), folder=Folder.JUNK)
    assert shop.until(H(0), H(25)) == [
        (0, "finding:junked"),
        (16, "8h"),
        (21, "3h"),
        (23, "1h"),
        (24, "due"),
    ]


def test_junk_that_was_answered_is_not_told(shop):
    shop.mail(customer(), at=H(-5), folder=Folder.JUNK, seen=H(0))
    shop.sent(reply(), at=H(-2), seen=H(0))
    assert shop.now(H(0)) == []


def test_several_messages_of_one_customer_are_one_ladder(shop):
    shop.mail(customer(), at=H(0))
    shop.mail(customer(mid="again@relay.walmart.ca", author=relay(99)), at=H(2))
    said = shop.until(H(2), H(27))
    # The first deadline's ladder, its lapse; then the second, which now is the earliest that runs.
    assert said == [(16, "8h"), (21, "3h"), (23, "1h"), (24, "due"), (24, "3h"), (25, "1h"), (26, "due")]
    shop.sent(reply(), at=H(27))
    assert shop.status() == ["late", "late"]


def test_a_mail_names_the_partys_other_deadlines(shop):
    shop.mail(customer(), at=H(0))
    shop.mail(customer(mid="again@relay.walmart.ca"), at=H(1))
    (warned,) = shop.now(H(16))
    assert warned.mail["X-Relaywatch-Due"] == "2026-11-17T14:00:00Z"
    assert "15:00" not in warned.mail["Subject"]
    assert "10:00" in warned.text  # Toronto's time of the second, an hour later


def test_lapses_of_one_party_seen_together_are_one_mail(shop):
    shop.mail(customer(), at=H(0), seen=H(30))
    shop.mail(customer(mid="again@relay.walmart.ca"), at=H(1), seen=H(30))
    (warned,) = shop.now(H(30))
    assert (warned.step, warned.mail["X-Relaywatch-Due"]) == ("due", "2026-11-17T14:00:00Z")
    assert shop.now(H(31)) == []


def test_an_automatic_reply_stops_nothing_and_is_told_in_the_next_step(shop):
    shop.mail(customer(), at=H(0))
    shop.sent(reply(text=RECEIPT), at=H(0.01))
    assert shop.until(H(0.02), H(15)) == []
    assert [finding.code for finding in shop.case().findings] == ["automatic_reply"]
    (warned,) = shop.now(H(16))
    assert "automatic" in warned.text.lower()


def test_a_thin_reply_is_told_at_once_and_mended(shop):
    shop.mail(customer(), at=H(0))
    shop.sent(reply(text="Ok."), at=H(1))
    assert steps(shop.now(H(1))) == ["finding:thin_reply"]
    shop.sent(reply(mid="better@shop.example"), at=H(2))
    assert shop.until(H(2), H(30), 60) == []
    (finding,) = shop.case().findings
    assert finding.mended_by == "<better@shop.example>"


def test_a_reply_around_the_relay_is_told_and_stops_nothing(shop):
    shop.mail(customer(), at=H(0))
    shop.sent(reply(to="jordan@mail.example"), at=H(1))
    assert steps(shop.now(H(1))) == ["finding:outside_relay"]
    assert shop.status() == ["running"]


def test_a_bounce_opens_the_case_again_and_its_ladder_speaks_on(shop):
    shop.mail(customer(), at=H(0))
    assert shop.until(H(0), H(17)) == [(16, "8h")]
    shop.sent(reply(), at=H(17.5))
    assert shop.cases() == {1: "answered"}
    shop.mail(bounce(), at=H(18))
    assert (shop.cases(), shop.status()) == ({1: "open"}, ["running"])
    assert shop.until(H(18), H(25)) == [(18, "finding:bounced_reply"), (21, "3h"), (23, "1h"), (24, "due")]
    assert shop.events("deadline.reopened")


def test_a_bounce_after_the_deadline_says_that_it_lapsed(shop):
    shop.mail(customer(), at=H(0))
    shop.sent(reply(), at=H(2))
    assert shop.until(H(2), H(26), 60) == []
    shop.mail(bounce(), at=H(26.5))
    assert "due" in steps(shop.now(H(26.5)))


def test_a_message_after_the_answer_starts_its_own_clock(shop):
    shop.mail(customer(), at=H(0))
    shop.sent(reply(), at=H(1))
    shop.mail(customer(mid="thanks@relay.walmart.ca", text="Thanks! And when will it be here?"), at=H(5))
    assert shop.until(H(5), H(30), 30) == [(21, "8h"), (26, "3h"), (28, "1h"), (29, "due")]
    assert shop.cases() == {1: "open"}


def test_a_hand_over_has_a_ladder_of_its_own(shop):
    shop.mail(customer(text="My order never arrived, tracking has not moved for two weeks."), at=H(0))
    shop.sent(
        reply(text="I am sorry that it never arrived. Tracking ends in Calgary, so we sent another mug today."), at=H(2)
    )
    (warned,) = shop.now(H(16))
    assert (warned.step, warned.rule, warned.mail["X-Relaywatch-Obligation"]) == ("8h", "H2", "handover")
    shop.say(Verb.ANSWERED, 1, at=H(17), obligation=Obligation.HANDOVER)
    assert shop.until(H(17), H(30), 60) == []


def test_a_warning_bears_no_subject_that_another_customer_chose(shop):
    asked = "Do you ship your mugs to Calgary, and what would that cost?\n"
    shop.mail(post(relay(2), CARE, f"Lottery! Order {order(1)}", asked, mid="two@relay.walmart.ca"), at=H(0))
    shop.mail(customer(1), at=H(1))
    assert shop.cases() == {1: "open"}
    warned = {one.mail["X-Relaywatch-Due"]: "Lottery!" in one.text for one in shop.now(H(17))}
    assert [warned[due] for due in sorted(warned)] == [True, False]


@pytest.mark.parametrize(
    ("name", "status"),
    [(None, "running"), ("image001.png", "running"), ("terms.pdf", "doubtful"), ("invoice 5512.pdf", "met")],
    ids=["nothing", "a signature's picture", "some file", "what was asked for"],
)
def test_the_answer_may_be_the_attached_file(shop, name, status):
    shop.mail(customer(text="Can you send me the invoice for my mug please?"), at=H(0))
    mail = message_from_bytes(reply(text="Hi Jordan,\n\nPlease see attached.\n\nMei\n"), policy=SMTP)
    if name:
        mail.add_attachment(b"%PDF-1.4", maintype="application", subtype="octet-stream", filename=name)
    shop.sent(bytes(mail), at=H(1))
    assert shop.status() == [status]


@pytest.mark.parametrize("apart", [" ", "\n\n"], ids=["on its line", "below"])
def test_a_line_with_its_link_is_an_answer(shop, apart):
    shop.mail(customer(text="Has my mug shipped?"), at=H(0))
    link = "https://parcels.example/track?pin=335258857374"
    shop.sent(reply(text=f"Hi Jordan,\n\nIt shipped yesterday with Purolator:{apart}{link}\n\nMei\n"), at=H(1))
    assert shop.status() in (["met"], ["doubtful"])
    assert shop.case().findings == ()
