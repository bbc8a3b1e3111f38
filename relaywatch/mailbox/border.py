"""Where a mail came in: the first Received line that tells of a machine which is not the receiving side's own.

What stands above that line the receiving side wrote; what stands below it came with the mail, and anybody can have
written it (RFC 8601 5, 7.1). A HELO is the sender's word. So of where a mail came from only that counts which the
server found out by itself: the address (RFC 5321 4.4). One that is not private is another's: hosts of one provider
hand on the mail of all its customers.

The sender chooses the envelope's addresses, too, and a local part in quotes may hold blanks, parentheses and words
(RFC 5321 4.1.2). So an address in `<>` is blanked out before anything is read, a quote or bracket that belongs to none
makes the line odd, and so does a second "by": the server always writes one of its own, and which it is nobody knows.
"""

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple

_LOOKED_AT = 2_000  # characters of a line: what is longer is odd
_DEEPEST = 3  # comments within comments
_COMMENT = re.compile(r"\([^()]{0,500}\)")
# No bracket within the quotes: else a HELO could open a path that the recipient's closes, the server's words within.
_PATH = re.compile(r'<(?:"(?:[^"\\<>]|\\[^<>])*"@)?[^\s<>()"\\]*>')
_QUOTED = re.compile(r'"[^"]*"')
_STRAY = re.compile(r'[<>"]')
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_FROM = re.compile(r"\s*from\s", re.IGNORECASE)
_BY = re.compile(r"(?<![\w.@-])by(?![\w.@-])", re.IGNORECASE | re.ASCII)
_HOST = re.compile(r"\s+([^\s;()]{1,255})", re.ASCII)
_WITH = re.compile(r"\swith\s+([\w-]{1,40})", re.IGNORECASE | re.ASCII)
_FURTHER = re.compile(r";|\s(?:id|for)\s", re.IGNORECASE | re.ASCII)  # what follows `with` (RFC 5321 4.4)
_NUMBERS = re.compile(r"(?<![\w.-])\d{1,3}(?:\.\d{1,3}){3}(?!\.?[\w-])", re.ASCII)
_PIECE = re.compile(r"[^\s()\[\],;<>@]{1,255}")  # `ident@address`: the first is the sender's word (RFC 1413)
_INWARD = ("lmtp", "lmtps", "lmtpa", "lmtpsa", "http", "https", "mapi", "local")  # from a server to its own store
_PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")))
_SHORT = 3  # letters: "co" of co.uk


class _Hop(NamedTuple):
    """What a Received line says, where it can be read in one way only."""

    source: str  # what stands before "by", comments too
    host: str
    way: str  # what stands behind "with", "" for nothing


def is_border(raw: bytes) -> bool:
    """Whether a Received line tells that the mail came from another's machine, or may have: in doubt it does."""
    line = raw[: _LOOKED_AT + 1].decode("latin-1")  # a byte is a character: no charset swallows the server's words
    if not _FROM.match(line) and not _FROM.match(_without_comments(line)):
        return False  # handed on within one machine, or one provider
    hop = _hop(line)
    if hop is None:
        return True
    if hop.way in _INWARD:
        return False
    addresses = list(_addresses(hop.source))
    if addresses and all(address.is_loopback for address in addresses):
        return False
    private = bool(addresses) and all(any(address in net for net in _PRIVATE) for address in addresses)
    name = _FROM.sub("", hop.source, 1).partition("(")[0].strip(" []").rstrip(".").lower()
    return not (private and _is_beside(name, hop.host))  # a proxy's address is private, too, but not the name


def taken_by(line: str) -> str:
    """Return the host that says in a Received line that it took the mail; "" where that is not plain."""
    hop = _hop(line)
    return hop.host if hop else ""


def _hop(line: str) -> _Hop | None:
    """Read a Received line; None for an odd one, of which nobody knows what of it the server wrote."""
    if len(line) > _LOOKED_AT or _UNSEEN.search(line):
        return None
    plain = _PATH.sub(_blank, line)
    found = list(_BY.finditer(plain))  # in comments, too: a HELO may open one
    if len(found) != 1:
        return None
    by = found[0]
    source = _QUOTED.sub(_blank, plain[: by.start()])  # of a certificate, say; nothing is quoted behind "by"
    plain = source + plain[by.start() :]
    if _STRAY.search(plain):  # in comments, too: what follows such a bracket may have closed them
        return None
    plain = _without_comments(plain)
    if "(" in plain or ")" in plain:
        return None
    host = _HOST.match(plain, by.end())
    if host is None or plain[by.start()].isspace():  # it stood in a comment
        return None
    further = _FURTHER.search(plain, host.end())
    way = _WITH.search(plain, host.end(), further.start() if further else len(plain))
    return _Hop(line[: by.start()], host[1].strip("[]").rstrip(".").lower(), way[1].lower() if way else "")


def _without_comments(text: str) -> str:
    """Blank comments out (RFC 5322 3.2.2), so that what is left keeps its place."""
    for _ in range(_DEEPEST if "(" in text else 0):
        text = _COMMENT.sub(_blank, text)
    return text


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _addresses(source: str) -> Iterator[IPv4Address | IPv6Address]:
    for piece in (*_NUMBERS.findall(source), *_PIECE.findall(source)):
        bare = piece.lower().removeprefix("ipv6:").partition("%")[0]
        if not bare[-1:].isdigit() and ":" not in bare:
            continue  # a host's name, as most
        try:
            found = ip_address(bare)
        except ValueError:
            continue
        yield (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def _is_beside(name: str, host: str) -> bool:
    """Whether two hosts are of one domain: one is below the other, or both below a third that is nobody's suffix."""
    parent = host.partition(".")[2]
    above = parent if "." in parent and len(parent.partition(".")[0]) > _SHORT else host
    return name in ("localhost", host, above) or name.endswith((f".{above}", f".{host}"))
