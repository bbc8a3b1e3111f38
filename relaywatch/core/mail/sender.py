"""Who wrote a mail, where a list, a group or a forwarder put itself into From.

Domains that publish DMARC make lists rewrite From (RFC 7960 4.1.3.1): `'Jordan' via Care <care@shop.example>`.
The author then stands in X-Original-From, X-Original-Sender (Google Groups), Original-From (RFC 5703 5), Author
(RFC 9057), Reply-To (Mailman), Sender, or in the name itself. Any of them can be forged, as From can: so they
are asked only of mail that came from the seller's own side or from a list that names itself, they are believed
only where they name the relay or Walmart, and authentic.verdict then asks for proof. A clock that runs for
nothing costs a look; one that never started costs the customer. And a stranger who writes to a list of the
seller's has written nothing in the seller's name.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from relaywatch.core.mail.address import Parties, domain, is_no_reply
from relaywatch.core.mail.message import Message

_NAMING = ("x-original-from", "original-from", "author", "x-original-sender")  # most telling first
_LISTING = ("list-id", "list-post", "mailing-list", "x-mailing-list")
_MAILBOX = re.compile(r"([^<>]{0,200}?)\s{0,5}<([^<>\s@]{1,200}@[^<>\s@]{1,255})>")
_IN_NAME = re.compile(
    r"([\w.+=-]{1,64})\s{0,2}(?:@|\(at\)|\[at\]|(?<=\s)at(?=\s))\s{0,2}([\w-]{1,63}(?:\.[\w-]{1,63}){1,8})",
    re.IGNORECASE,
)
_BY_WAY_OF = re.compile(
    r"\s{1,5}\(?(?:via|through|on behalf of|by way of|forwarded by|par l['’]interm[ée]diaire d[eu]|de la part d[eu]"
    r"|au nom d[eu]|transmis par)\s|\s{0,5}(?:通过|代表|经由|經由)",
    re.IGNORECASE,
)
_LONGEST_NAME = 300
_BRACKETS = str.maketrans("<>", "  ")


def as_written(message: Message, parties: Parties) -> Message:
    """Return the message as its author's, where somebody else stands in From; unchanged if nothing says so.

    `from_` stays as it is: what differs from it was sent on. Doing it twice changes nothing.
    """
    if message.outgoing or message.author in parties.own:
        return message
    if parties.is_walmart(message.author):
        found = _behind_machine(message, parties)
    else:
        found = next(_authors(message, parties), None) or _behind_own_list(message, parties)
    if found is None:
        return message
    name, address = found
    back = message.reply_to
    if not any(parties.is_walmart(one) for one in back):  # the group's own: what goes there does not go to the author
        back = ()
    return replace(message, author=address, author_name=name or _first_name(message), reply_to=back)


def name_and_address(message: Message) -> str:
    """Return the author as rules look for one: the address is what stands in brackets, and no name brings its own."""
    return f"{message.author_name.translate(_BRACKETS)} <{message.author}>"


def sent_on_by(message: Message) -> str:
    """Return who put itself into From in the author's place, "" where the author stands there."""
    return message.from_[0] if message.from_ and message.author not in message.from_ else ""


def _authors(message: Message, parties: Parties) -> Iterator[tuple[str, str]]:
    """Yield (name, address) of each author of the relay's or Walmart's that the mail names, the likeliest first."""
    for address in message.from_:  # two authors (RFC 5322 3.6.2)
        if parties.is_walmart(address):
            yield address, address
    if not _sends_on(message, parties):
        return
    for header in _NAMING:
        for value in message.header(header):
            for name, address in _MAILBOX.findall(value):
                if parties.is_walmart(address.lower()):
                    yield name.strip(" ,\"'"), address.lower()
    others = frozenset(message.recipients)
    for address in (*message.reply_to, *message.sender, *_named(message)):
        if parties.is_walmart(address) and address not in others:
            yield "", address


def _behind_machine(message: Message, parties: Parties) -> tuple[str, str] | None:
    """Return the customer for whom an address of Walmart's that nobody reads sends, by Reply-To."""
    if not is_no_reply(message.author):
        return None
    behind = (one for one in message.reply_to if parties.is_relay(one) and not is_no_reply(one))
    return next(((message.author_name, address) for address in behind), None)


def _behind_own_list(message: Message, parties: Parties) -> tuple[str, str] | None:
    """Return the stranger for whom a list or a group puts an address of the seller's into From, and its signature.

    What the list says of the author decides; else that it is named as a way, and where answers go. Nobody can take
    these away, and who forges them makes nothing the seller's.
    """
    if not parties.is_seller(message.author):
        return None
    named = [found for header in _NAMING for value in message.header(header) for found in _MAILBOX.findall(value)]
    if named:
        name, address = named[0]
        return None if parties.is_seller(address) else (name.strip(" ,\"'"), address.lower())
    if not _is_listed(message) or not _BY_WAY_OF.search(message.author_name[:_LONGEST_NAME]):
        return None
    others = (one for one in (*message.reply_to, *message.sender, *_named(message), *message.cc))
    return next((("", address) for address in others if not parties.is_seller(address)), None)


def _named(message: Message) -> Iterator[str]:
    """Yield the addresses in a name such as `jsmith@walmart.com via Care`."""
    name = message.author_name[:_LONGEST_NAME]
    way = _BY_WAY_OF.search(name)
    if way:
        for local, host in _IN_NAME.findall(name[: way.start()]):
            yield f"{local}@{host}".lower()


def _first_name(message: Message) -> str:
    """Return what stands before "via" in a name: `'Jordan' via Care` is Jordan."""
    name = message.author_name[:_LONGEST_NAME]
    way = _BY_WAY_OF.search(name)
    return (name[: way.start()] if way else name).strip(" \"'")


def _sends_on(message: Message, parties: Parties) -> bool:
    """Whether whoever stands in From is one who passes mail on to the seller: their own side, or a list."""
    author = message.author
    if not author:
        return False
    own = {domain(address) for address in (*parties.registered, *parties.seller)}
    return parties.is_seller(author) or domain(author) in own or (_is_listed(message) and not is_no_reply(author))


def _is_listed(message: Message) -> bool:
    """Whether the address in From is a list's, as its headers say."""
    author = message.author
    listed = " ".join(value for name in _LISTING for value in message.header(name)).lower()
    return author in listed or author.replace("@", ".") in listed
