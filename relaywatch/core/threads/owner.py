"""Which order numbers a mail gives as its own, and which only as those of a matter that it speaks of.

A number in the Contact-Seller form, else one that the subject calls an order's or one on a labelled line of what is
quoted, says whose matter a mail is. A labelled line that the author wrote says so only where nothing better does; a
number within a sentence ("my neighbour's order 600… came chipped") never does.

They do not prove it. A shopper writes the subject of what they send, and what they quote or paste into it; only the
form that a new mail begins with is the relay's own writing: it answers nothing, and what does is the shopper's from
the first line on, though the relay sends it. What has to be proved (core/cases/party.py) asks for that.
A form in which the shopper's name or text may pass for the relay's labels says nothing.
"""

from typing import NamedTuple

from relaywatch.core.language.subject import is_answer
from relaywatch.core.mail.message import Message
from relaywatch.core.words.contact import label_line_order_ids, only_order_id, ref_ids, subject_order_id
from relaywatch.core.words.contact_form import Form, above_form, read_form
from relaywatch.core.words.own_words import in_order

_MOST_WORDS_ABOVE = 3  # a logo's text, a greeting; more may be the shopper's, who pasted the form below


class Own(NamedTuple):
    """The numbers by which a mail says whose it is."""

    orders: tuple[str, ...]  # of the form, else of the subject or of a quoted form
    labelled: str | None  # of the subject beside a form; where there is none of these, on a line of the author's


def own_orders(message: Message) -> Own:
    """Return a mail's own order numbers; of a forgotten mail there are none to read."""
    tail = subject_order_id(message.subject)
    form = _form(message)
    if form is not None and form.contradicts:
        return Own((), None)
    if form is not None and form.order_id:
        return Own((form.order_id,), tail if tail != form.order_id else None)
    if tail is not None:
        return Own((tail,), None)
    quoted = label_line_order_ids(message.rest)
    written = label_line_order_ids(message.own_words)
    if quoted or (written and ref_ids(message.own_words)):  # a form in a shape that is not known
        return Own((quoted or written)[:1], None)
    return Own((), written[0] if written else None)


def walmarts_order(message: Message) -> str | None:
    """Return the order that a mail of Walmart's people and machines is about, if it names just one.

    A form that stands in it is of the customer whose words it passes on, who may have pasted anybody's.
    """
    text = "\n".join(in_order(message.own_words, message.rest, message.layout))
    above = [found for one in (message.rest, text) if (found := above_form(one)) is not None]
    return only_order_id(message.subject, above[0] if above else text)


def relays_form(message: Message) -> Form | None:
    """Return the form that the relay wrote; None where the shopper may have written, quoted or pasted it."""
    if says_it_answers(message):
        return None
    form = _form(message)
    if form is None or len(form.above.split()) > _MOST_WORDS_ABOVE:
        return None
    own_first = message.layout[:1] > (0,)
    set_aside = read_form(message.rest) is not None  # below words of the shopper's it is a quote
    return None if message.layout and own_first is set_aside else form


def says_it_answers(message: Message) -> bool:
    """Whether a mail is an answer by its headers or by its subject, as no form of the relay's is."""
    return bool(message.ancestors) or is_answer(message.subject)


def _form(message: Message) -> Form | None:
    return read_form(message.rest) or read_form(message.own_words)
