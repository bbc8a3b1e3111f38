"""Look before warning; and what is said, and not said, while a mailbox cannot be read."""

from datetime import timedelta

from lab_post import bounce, customer, reply
from lab_story import H, steps

MINUTE = timedelta(minutes=1)


def test_nothing_is_said_before_every_mailbox_was_read(shop):
    shop.mail(customer(), at=H(-23), seen=H(0))
    shop.sweep(H(0))
    shop.look(H(0), "care")
    shop.sweep(H(0))
    assert shop.deliver(H(0)) == []
    shop.look(H(0), "complaints")
    shop.sweep(H(0))
    assert steps(shop.deliver(H(0))) == ["1h"]


def test_a_step_waits_for_a_reading_after_it_fell_due(shop):
    shop.mail(customer(), at=H(0))
    shop.look(H(16) - MINUTE)
    shop.sweep(H(16))
    assert shop.deliver(H(16)) == []
    assert list(shop.held) == ["main"]  # the watchers are asked to look
    shop.sent(reply(), at=H(15.9), seen=H(16) + MINUTE)
    assert shop.now(H(16) + MINUTE) == []


def test_a_mailbox_that_is_lost_holds_a_warning_back_for_a_while(shop):
    shop.mail(customer(), at=H(0))
    shop.look(H(15))
    shop.lose(H(16) - MINUTE, "complaints")
    shop.look(H(16), "care")
    shop.sweep(H(16))
    shop.sweep(H(16) + 3 * MINUTE)
    assert shop.deliver(H(16) + 3 * MINUTE) == []
    shop.look(H(16) + 4 * MINUTE, "care")
    shop.sweep(H(16) + 4 * MINUTE)
    said = {warned.step: warned for warned in shop.deliver(H(16) + 4 * MINUTE)}
    assert set(said) == {"8h", "blind"}
    assert "complaints" in said["8h"].text
    assert said["blind"].mail["X-Relaywatch-Mailbox"] == "complaints"
    assert said["blind"].case is None


def test_a_blind_seller_is_still_warned(shop):
    shop.mail(customer(), at=H(0))
    shop.look(H(1))
    shop.lose(H(2))
    said = []
    for hour in range(2, 26):
        shop.sweep(H(hour) + 6 * MINUTE)
        said += steps(shop.deliver(H(hour) + 6 * MINUTE))
    assert said == ["blind", "blind", "8h", "3h", "1h", "due"]


def test_blindness_is_said_once_and_once_more_when_it_is_over(shop):
    shop.look(H(0))
    shop.lose(H(1), "care")
    shop.sweep(H(1) + 4 * MINUTE)
    assert shop.deliver(H(1) + 4 * MINUTE) == []
    shop.sweep(H(1) + 5 * MINUTE)
    (blind,) = shop.deliver(H(1) + 5 * MINUTE)
    assert (blind.step, blind.mail["X-Relaywatch-Mailbox"], blind.case) == ("blind", "care", None)
    assert "the server is away" in blind.text
    for minutes in range(6, 60, 6):
        shop.lose(H(1) + minutes * MINUTE, "care")  # the next try fails, for whatever reason
        shop.sweep(H(1) + minutes * MINUTE)
        assert shop.deliver(H(1) + minutes * MINUTE) == []
    (seeing,) = shop.now(H(2))
    assert (seeing.step, seeing.mail["X-Relaywatch-Mailbox"]) == ("seeing", "care")
    assert shop.now(H(3)) == []


def test_a_short_loss_is_not_said(shop):
    shop.look(H(0))
    shop.lose(H(1))
    shop.sweep(H(1) + 4 * MINUTE)
    assert shop.now(H(1) + 4 * MINUTE) == []


def test_each_outage_is_said(shop):
    said = []
    for hour in (1, 3):
        shop.look(H(hour))
        shop.lose(H(hour), "care")
        shop.sweep(H(hour) + 6 * MINUTE)
        said += steps(shop.deliver(H(hour) + 6 * MINUTE))
        said += steps(shop.now(H(hour + 1)))
    assert said == ["blind", "seeing", "blind", "seeing"]


def test_a_reading_that_goes_on_and_on_is_said_and_holds_nothing_back_for_longer_than_an_outage(shop):
    shop.mail(customer(), at=H(0))
    shop.look(H(22.99))  # an hour is left at 23 h
    shop.slow = {"care"}
    shop.look(H(23), "complaints")
    shop.sweep(H(23) + MINUTE)
    assert shop.deliver(H(23) + MINUTE) == []
    shop.sweep(H(23) + 5 * MINUTE)
    said = shop.deliver(H(23) + 5 * MINUTE)
    assert sorted(steps(said)) == ["1h", "blind"]
    assert all("care" in one.text for one in said)
    shop.sweep(H(23) + 9 * MINUTE)
    assert shop.deliver(H(23) + 9 * MINUTE) == []
    shop.slow = set()
    assert steps(shop.now(H(23) + 10 * MINUTE)) == ["seeing"]


def test_a_first_reading_that_goes_on_and_on_is_said(shop):
    shop.restart(H(0))
    shop.slow = {"care", "complaints"}
    shop.sweep(H(0) + 4 * MINUTE)
    assert shop.deliver(H(0) + 4 * MINUTE) == []
    shop.sweep(H(0) + 5 * MINUTE)
    assert steps(shop.deliver(H(0) + 5 * MINUTE)) == ["blind", "blind"]
    shop.slow = set()
    assert steps(shop.now(H(0) + 6 * MINUTE)) == ["seeing", "seeing"]
    assert shop.now(H(1)) == []


def test_an_outage_in_which_steps_passed_is_one_warning(shop):
    shop.mail(customer(), at=H(0))
    shop.now(H(1))
    assert steps(shop.now(H(23.5))) == ["1h"]
    assert shop.until(H(23.5), H(25)) == [(24, "due")]


def test_a_warning_that_lay_through_an_outage_is_overtaken_by_the_next(shop):
    shop.mail(customer(), at=H(0))
    shop.look(H(16))
    shop.sweep(H(16))  # written down; the mail server is away
    assert steps(shop.now(H(21))) == ["3h"]
    assert shop.dropped == ["8h"]


def test_a_warning_that_lay_through_an_outage_is_not_sent_once_it_is_settled(shop):
    shop.mail(customer(), at=H(0))
    shop.look(H(24))
    shop.sweep(H(24))
    shop.sent(reply(), at=H(24.1))
    assert shop.deliver(H(25)) == []
    assert shop.dropped == ["due"]


def refused(shop, now):
    """The mail server took DATA, and would not have the mail now."""
    for delivery in shop.store.pending_deliveries():
        with shop.store.transaction():
            shop.store.delivery_began(delivery.id, now)
            shop.store.delivery_failed(delivery.id, now, "451 4.3.0 try later", now + MINUTE)


def test_a_warning_that_was_refused_is_not_sent_once_it_is_settled(shop):
    shop.mail(customer(), at=H(0))
    shop.look(H(24))
    shop.sweep(H(24))
    refused(shop, H(24))
    shop.sent(reply(), at=H(24.5))
    assert shop.deliver(H(25)) == []
    assert shop.dropped == ["due"]


def test_a_warning_that_was_in_flight_when_all_ended_comes_again(shop):
    shop.mail(customer(), at=H(0))
    shop.look(H(24))
    shop.sweep(H(24))
    refused(shop, H(24))
    (delivery,) = shop.store.pending_deliveries()
    with shop.store.transaction():
        shop.store.delivery_began(delivery.id, H(24.1))  # and then the power failed
    shop.sent(reply(), at=H(24.5))
    (warned,) = shop.deliver(H(25))
    assert (warned.step, warned.mail["Message-ID"]) == ("due", delivery.warning.message_id)


def test_a_lapse_that_lay_through_an_outage_is_still_sent(shop):
    shop.mail(customer(), at=H(0))
    shop.look(H(24))
    shop.sweep(H(24))
    assert steps(shop.deliver(H(40))) == ["due"]


def test_a_restart_believes_no_old_loss(shop):
    """A shop that was answered while nothing ran, and whose mailbox was away when it stopped, is not cried over."""
    shop.mail(customer(), at=H(0))
    shop.look(H(1))
    shop.lose(H(2))
    shop.restart(H(25))
    shop.sweep(H(25))
    assert shop.deliver(H(25)) == []
    shop.sent(reply(), at=H(5), seen=H(25))
    assert shop.now(H(25) + MINUTE) == []


def test_a_restart_that_is_blind_says_so_in_time(shop):
    shop.mail(customer(), at=H(0))
    shop.look(H(1))
    shop.restart(H(25))
    shop.lose(H(25))
    shop.sweep(H(25) + 5 * MINUTE)
    assert sorted(steps(shop.deliver(H(25) + 5 * MINUTE))) == ["blind", "blind", "due"]


def test_a_warning_that_was_settled_before_it_could_leave_is_owed_again_when_the_reply_bounces(shop):
    shop.mail(customer(), at=H(0))
    shop.look(H(24))
    shop.sweep(H(24))
    shop.sent(reply(), at=H(24.1))
    assert shop.deliver(H(24.2)) == []
    assert shop.now(H(24.3)) == []
    shop.mail(bounce(), at=H(24.4))
    assert steps(shop.now(H(24.5))) == ["due", "finding:bounced_reply"]
    assert shop.now(H(24.6)) == []


def test_who_was_not_told_before_it_was_settled_is_told_when_it_is_owed_again(shop):
    """The one whose mail left before the answer came has it already."""
    shop.configure(notify='escalate_to = ["owner@shop.example"]')
    shop.mail(customer(), at=H(0))
    shop.look(H(24))
    shop.sweep(H(24))
    (first, _) = shop.store.pending_deliveries()
    with shop.store.transaction():
        shop.store.delivery_sent(first.id, H(24), "250 OK")
    shop.sent(reply(), at=H(24.1))
    assert shop.deliver(H(24.2)) == []
    shop.mail(bounce(), at=H(24.4))
    told = [(warned.to, warned.step) for warned in shop.now(H(24.5)) if warned.step == "due"]
    assert told == [("owner@shop.example" if first.recipient != "owner@shop.example" else "oncall@shop.example", "due")]


def test_a_lapse_that_is_settled_leaves_room_for_the_next_of_the_same_party(shop):
    """One mail was to tell of both; the answer came between the two questions."""
    shop.mail(customer(), at=H(0))
    shop.mail(customer(mid="again@relay.walmart.ca"), at=H(0.5))
    shop.look(H(25))
    shop.sweep(H(25))
    shop.sent(reply(), at=H(0.2), seen=H(25.1))
    assert steps(shop.deliver(H(25.2))) == ["due"]


def test_what_a_gathered_mail_left_out_as_settled_is_said_when_it_is_owed_again(shop):
    for number in range(1, 13):
        shop.mail(customer(number), at=H(0))
    shop.look(H(25))
    shop.sweep(H(25))
    shop.sent(reply(3), at=H(23), seen=H(25.1))
    (gathered,) = shop.deliver(H(25.2))
    assert len(gathered.case.split(",")) == 11
    assert shop.now(H(25.3)) == []
    shop.mail(bounce(number=3, of="answer-3@shop.example"), at=H(25.4))
    assert steps(shop.now(H(25.5))) == ["due", "finding:bounced_reply"]


def test_a_finding_is_said_though_the_message_that_it_is_about_got_its_text_and_another_key(shop):
    """What the server could not give at first is kept by its header, and by another digest later."""
    shop.mail(customer(), at=H(0))
    shop.sent(reply(), at=H(1))
    shop.mail(bounce(), at=H(1.1))
    shop.look(H(1.2))
    shop.sweep(H(1.2))
    key = shop.case().deadlines[0].started_key
    with shop.store.transaction():
        shop.store._db.db.execute("UPDATE warnings SET detail = REPLACE(detail, ?, 'of the header')", [key])
    assert steps(shop.deliver(H(1.3))) == ["finding:bounced_reply"]
