"""What a message says of whose it is: the keys of the conversations that it can belong to, and its order.

Finding them is reading, so it is done once: whoever reads a message hands on what it found, and all who put messages
into conversations again and again are told.
"""

from collections.abc import Hashable, Iterator
from typing import NamedTuple

from relaywatch.core.classes.whose import answerable, is_bystanders, is_forged, is_sellers, is_unproved
from relaywatch.core.language.once import Kept
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.message import Class, Mail, Message
from relaywatch.core.threads.owner import Own, own_orders, relays_form, says_it_answers, walmarts_order
from relaywatch.core.words import contact
from relaywatch.core.words.contact_form import above_form

PROVING = ("form_order:", "form_ref:")
AGENTS = (Class.WALMART_AGENT, Class.COMPLAINT, Class.CONSUMER_PROTECTION)


class Named(NamedTuple):
    """What a message names.

    `keys` say what it shares with its companions. `id:` a Message-ID, `order:` an order number that it speaks of,
    `ref:` a RefID, `case:` Walmart's number of a case. Two say whose it is: `form:` an order number that it gives as
    its own, `label:` one that may be. Two prove it, for the relay's form has them, and no shopper wrote them:
    `form_order:` and `form_ref:`. `order`: what it is about, whether or not that may join it to others.
    """

    keys: frozenset[str]
    order: str | None


_NAMED: Kept[Named] = Kept(1024)  # of a batch, and of what each of it belongs to


def named(mail: Mail, parties: Parties) -> Named:
    """Return what a message names; looked for only where `note` did not tell, and once."""
    return _NAMED.get(_read_for(mail, parties), lambda: _named(mail, parties))


def note(mail: Mail, parties: Parties, found: Named) -> None:
    """Keep what another process found that a message names."""
    _NAMED.get(_read_for(mail, parties), lambda: found)


def keys(mail: Mail, parties: Parties) -> frozenset[str]:
    """Return what names the conversations that a message can belong to; none where it is a bystander's.

    Of what fails authentication it is its own id alone, of a report that of the message which it is about as well.
    """
    return named(mail, parties).keys


def order_of(message: Message) -> str | None:
    """Return the order that a message is about: a labelled number before one known by its shape."""
    if message.forgotten:
        return next((key.partition(":")[2] for key in message.remembered if key.startswith("order:")), None)
    return contact.order_id(message.subject, message.text)


def _read_for(mail: Mail, parties: Parties) -> Hashable:
    """Return what stands for all that is read for it: what may be long as hashes, which no sender can choose."""
    message = mail.message
    texts = hash((message.subject, message.own_words, message.rest, message.layout))
    people = hash((message.author, message.reply_to, message.to, message.cc, message.bcc, message.outgoing))
    ids = hash((message.message_id, message.ancestors, message.forgotten, message.remembered))
    return (message.account, message.key, texts, people, ids, *_of_verdict(mail), parties)


def _of_verdict(mail: Mail) -> tuple[Hashable, ...]:
    return mail.verdict.class_, mail.verdict.original_id, bool(mail.verdict.unauthenticated)


def _passes_on(mail: Mail, parties: Parties) -> bool:
    """Whether a machine of Walmart's passes on what a customer wrote, who may be answered: the machine may not."""
    return mail.verdict.class_ in AGENTS and not answerable(mail.message, parties)


def _speaks_of_order(mail: Mail, parties: Parties) -> bool:
    """Whether its order number may join it to a customer's conversation (an agent's may not)."""
    message, class_ = mail.message, mail.verdict.class_
    if class_ is Class.CUSTOMER or class_ is Class.HANDOVER:
        return True
    if class_ in AGENTS:
        return _passes_on(mail, parties)
    if class_ is Class.BOUNCE:  # of the relay's refusals, which may name nothing else (policy Q6)
        return parties.is_walmart(message.author) and not parties.is_agent(message.author)
    if not is_sellers(mail):
        return False
    return any(map(parties.is_relay, message.recipients)) or not any(map(parties.is_agent, message.recipients))


def _named(mail: Mail, parties: Parties) -> Named:
    passes_on = _passes_on(mail, parties) and not mail.message.forgotten
    order = walmarts_order(mail.message) if passes_on else order_of(mail.message)
    return Named(_keys(mail, parties, order), order)


def _keys(mail: Mail, parties: Parties, order: str | None) -> frozenset[str]:
    if is_bystanders(mail):
        return frozenset()
    message = mail.message
    unproved = is_unproved(mail) and not is_forged(mail)  # what is forged is shown beside what it names
    ancestors = () if unproved else message.ancestors
    found = {f"id:{id_}" for id_ in (message.message_id, mail.verdict.original_id, *ancestors) if id_}
    if unproved:  # what answers it may name it; what it names itself, anybody can write
        return frozenset(found)
    if message.forgotten:
        answers = says_it_answers(message)  # it was remembered whoever wrote it
        return frozenset(found.union(key for key in message.remembered if not (answers and key.startswith(PROVING))))
    if _speaks_of_order(mail, parties):
        passes_on = _passes_on(mail, parties)
        if order:
            own = Own((order,), None) if passes_on else own_orders(message)
            found.update(f"form:{number}" for number in own.orders)
            if own.labelled:
                found.add(f"label:{own.labelled}")
            found.update(f"order:{number}" for number in (order, *own.orders, own.labelled) if number)
        if not passes_on or (order is None and above_form(message.text) is None):
            found.update(f"ref:{ref}" for ref in contact.ref_ids(message.text))
        found.update(_of_form(message) if mail.verdict.class_ is Class.CUSTOMER else ())
    if mail.verdict.class_ in AGENTS or any(map(parties.is_agent, message.recipients)):
        found.update(f"case:{id_}" for id_ in contact.walmart_case_ids(message.subject, message.text))
    return frozenset(found)


def _of_form(message: Message) -> Iterator[str]:
    form = relays_form(message)
    if form is not None and form.order_id:
        yield f"form_order:{form.order_id}"
    if form is not None and form.ref_id:
        yield f"form_ref:{form.ref_id}"
