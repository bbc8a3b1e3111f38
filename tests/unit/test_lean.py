"""What is left out of a mail in memory changes nothing of its judgement, and is not lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab_audit import after, at_hour, put, run
from lab_mail import a_mail, shipped_rules
from lab_post import COMPLAINTS, agent, relay

from relaywatch.core.classes.classify import classify
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Mail
from relaywatch.core.threads.naming import named
from relaywatch.pipeline.lean import lean, whole

PARTIES = Parties(registered=frozenset({"care@shop.example"}))
JORDAN = relay()
QUOTE = "> the glaze of the second bowl isn’t what the picture shows\n" * 30
TELLING = (
    "Sales Order ID: 600000012345678\n",
    "Sales Order ID:\n600000012345678\n",
    "> Order number\n> 457-745-084-0432\n",
    f"RefID: {'0F' * 16}\n",
    "Case 10293847\n",
    "Y12345678 is my order\n",
    "call 416 555 0199, 20 bowls\n",
)


def mail(rest, author=JORDAN):
    message = a_mail("It broke.", "Bowl", author=author, rest=rest, copies=())
    return Mail(message, classify(message, PARTIES, shipped_rules()))


def slimmed(one):
    return lean(one, named(one, PARTIES), PARTIES)


@pytest.mark.parametrize("telling", TELLING)
@pytest.mark.parametrize("author", [JORDAN, "jsmith@walmart.com"])
def test_numbers_stay_and_quotes_go(telling, author):
    one = mail(QUOTE + telling + QUOTE, author=author)
    short, packed = slimmed(one)
    assert len(short.message.rest) < 200
    assert named(short, PARTIES) == named(one, PARTIES)
    assert whole(short.message, packed) == one.message


def test_what_is_short_stays_as_it_is():
    one = mail("> thank you")
    assert slimmed(one) == (one, b"")
    assert whole(one.message, b"") == one.message


def test_a_mail_that_would_be_known_by_other_keys_stays_as_it_is():
    """Its number is written across lines, of which none looks like a number's."""
    one = mail(f"Sales Order ID: 600000012345678\n{QUOTE}")
    names = named(one, PARTIES)
    others = names._replace(keys=names.keys | {"order:1"})
    assert lean(one, others, PARTIES) == (one, b"")


@given(st.lists(st.sampled_from([*TELLING, QUOTE, "\n", "1234567", "Order:\n", "\udc80 \x85 é\n"]), max_size=12))
def test_nothing_is_ever_lost(parts):
    one = mail("".join(parts))
    short, packed = slimmed(one)
    assert whole(short.message, packed) == one.message
    assert named(short, PARTIES) == named(one, PARTIES)


def test_a_mail_that_is_classified_again_is_read_whole(tmp_path):
    """The words that decide stand in what was packed: with a second copy the verdict would differ without them."""
    forwarded = "\n\n---------- Forwarded message ---------\nFrom: Better Business Bureau <a@bbb.example>\n"
    text = (
        f"See below.\n{forwarded}\nThe Better Business Bureau received a complaint.\n"
        + "Terms of our service apply.\n" * 60
    )
    raw = at_hour(agent(text, to=COMPLAINTS), 0)
    put(tmp_path / "care", raw)
    before = [case.kind for _, case in run([tmp_path], after(0.5)).cases]
    put(tmp_path / "Junk", raw)
    assert [case.kind for _, case in run([tmp_path], after(0.5)).cases] == before
