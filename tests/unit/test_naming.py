"""What a message names is looked for once, and never taken for another's."""

import pickle
from dataclasses import replace

import cast as c
import pytest
from lab_mail import a_mail
from lab_post import relay

from relaywatch.core.language.once import name_of
from relaywatch.core.mail.message import Class, Copy, Folder, Mail, Role, Verdict
from relaywatch.core.threads import naming
from relaywatch.core.threads.naming import Named, keys, named, note

ORDER = f"Sales Order ID: {c.ORDER}"
AGENT = "jsmith@walmart.com"
IN_SENT = (Copy(mailbox="care", role=Role.CARE, folder=Folder.SENT),)


@pytest.fixture(autouse=True)
def nothing_is_known():
    naming._NAMED.clear()
    yield
    naming._NAMED.clear()


def mail(class_=Class.CUSTOMER, original=None, **facts):
    message = a_mail(ORDER, "Mug", author=relay(), **facts)
    return Mail(message, Verdict(class_=class_, rule="of_the_test", original_id=original))


def test_what_was_told_is_not_looked_for():
    one = mail(message_id="<told@relay.walmart.ca>")
    told = Named(frozenset({"order:1"}), "1")
    note(one, c.PARTIES, told)
    assert named(one, c.PARTIES) == told
    assert keys(one, c.PARTIES) == told.keys


@pytest.mark.parametrize(
    "other",
    [
        mail(class_=Class.WALMART_AGENT),
        mail(class_=Class.BOUNCE, original="<sent@shop.example>"),
        mail(in_reply_to=("<before@relay.walmart.ca>",)),
        mail(references=("<before@relay.walmart.ca>",)),
        mail(to=(AGENT,)),
        mail(class_=Class.SELLER_REPLY, copies=IN_SENT, cc=(AGENT,)),
        mail(rest="RefID: " + "0F" * 16),
        mail(forgotten=True, remembered=("order:2",)),
    ],
)
def test_another_mail_is_looked_into_although_it_has_the_same_id(other):
    one = mail()
    assert one.message.key == other.message.key
    note(one, c.PARTIES, Named(frozenset({"order:1"}), "1"))
    assert "order:1" not in keys(other, c.PARTIES)


def test_what_stands_for_a_mail_is_short_however_long_it_is():
    people = tuple(f"p{number}@b.example" for number in range(3_000))
    long = mail(to=people, cc=people, references=people, rest="x" * 100_000, headers=(("x-spam", "y" * 9_000),))
    *name, parties = naming._read_for(long, c.PARTIES)
    assert parties is c.PARTIES
    assert len(pickle.dumps(name)) < 500
    assert len(pickle.dumps(name_of(long.message))) < 500


def test_who_is_who_decides_too():
    one = mail(class_=Class.WALMART_AGENT)
    note(one, c.PARTIES, Named(frozenset({"order:1"}), "1"))
    others = replace(c.PARTIES, agent_domains=frozenset({"elsewhere.example"}))
    assert "order:1" not in keys(one, others)
