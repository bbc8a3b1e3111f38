"""Whether a machine of Walmart's only brings the Contact-Seller form that a customer filled in (policy C1).

Three labels are soon pasted into a complaint. So the mail's first words must be the form's, and nothing outside of it
may be a matter of Walmart's own: then it is that, and the form is what it passes on.
"""

import re

from relaywatch.core.classes import walmart
from relaywatch.core.language.passages import MAX_TEXT
from relaywatch.core.language.rules import Rules, Texts
from relaywatch.core.mail.message import Message
from relaywatch.core.words.contact import subject_order_id, walmart_case_ids
from relaywatch.core.words.contact_form import Form, read_form, without_message

_RELAY_SUBJECT = re.compile(r"walmart\.(?:ca|com) customer|message from walmart", re.IGNORECASE)


def has_relays_subject(message: Message) -> bool:
    """Whether a mail has a subject such as the relay gives to what customers write."""
    return _RELAY_SUBJECT.search(message.subject) is not None


def only_brings_form(message: Message, rules: Rules) -> bool:
    """Whether a mail of a machine's is the form, and neither a complaint nor about a matter of its own."""
    form = _first(message)
    if form is None or form.above or form.contradicts or not (form.introduced or has_relays_subject(message)):
        return False
    named = subject_order_id(message.subject)
    if walmart_case_ids(message.subject, "") or (named is not None and named != form.order_id):
        return False
    beside = _beside(message, form)
    return walmart.consumer_protection(beside, rules) is None and walmart.escalation(beside, rules) is None


def _first(message: Message) -> Form | None:
    """Return the form with which a mail begins; what answers something, or has it below other words, has none."""
    aside = read_form(message.rest)
    own_first = message.layout[:1] > (0,)
    if message.ancestors or (message.layout and own_first is (aside is not None)):
        return None
    return aside or read_form(message.own_words)


def _beside(message: Message, form: Form) -> Texts:
    """Return a mail's words without the customer's."""
    others = message.rest or without_message(message.own_words, form) or ""
    return Texts(subject=message.subject, own_words=others[:MAX_TEXT])
