"""Which order numbers a mail gives as its own, and which only as those of a matter that it speaks of.

A number in the Contact-Seller form, one that the subject calls an order's, and one on a labelled line of what is
quoted say whose matter a mail is. A labelled line that the author wrote says so only where nothing better does; a
number within a sentence ("my neighbour's order 600… came chipped") never does.
"""

from typing import NamedTuple

from relaywatch.core.contact import label_line_order_ids, read_form, ref_ids, subject_order_id
from relaywatch.core.message import Message


class Own(NamedTuple):
    """The numbers by which a mail says whose it is."""

    orders: tuple[str, ...]  # sure ones: of the form and of the subject, or of a quoted form
    labelled: str | None  # where there is none of these: on a labelled line of the author's


def own_orders(message: Message) -> Own:
    """Return a mail's own order numbers; of a forgotten mail there are none to read."""
    tail = subject_order_id(message.subject)
    form = read_form(message.rest) or read_form(message.own_words)
    if form is not None and form.order_id:
        return Own(tuple(dict.fromkeys(order for order in (form.order_id, tail) if order)), None)
    if tail is not None:
        return Own((tail,), None)
    quoted = label_line_order_ids(message.rest)
    written = label_line_order_ids(message.own_words)
    if quoted or (written and ref_ids(message.own_words)):  # a form in a shape that is not known
        return Own((quoted or written)[:1], None)
    return Own((), written[0] if written else None)
