"""Where a mail came in: the first Received line that tells of a machine which is not the receiving side's own.

What stands above that line the receiving side wrote; what stands below it came with the mail, and anybody can have
written it (RFC 8601 5, 7.1). A HELO is the sender's word. So of where a mail came from only that counts which the
server found out by itself: the address (RFC 5321 4.4). One that is not private is another's: hosts of one provider
hand on the mail of all its customers.
"""

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from relaywatch.mailbox.charset import decode

_LOOKED_AT = 2_000  # bytes of a line
_COMMENT = re.compile(r"\([^()]{0,500}\)")
_DEEPEST = 3  # comments within comments
_BY = re.compile(r"(?:^|\s)by\s+([^\s;()]{1,255})", re.IGNORECASE)
_WITH = re.compile(r"\swith\s+([\w-]{1,40})", re.IGNORECASE)
_FROM = re.compile(r"\s{0,5}from\s", re.IGNORECASE)
_PIECE = re.compile(r"[^\s()\[\],;<>]{1,255}")
_INWARD = ("lmtp", "lmtps", "lmtpa", "lmtpsa", "http", "https", "mapi", "local")  # from a server to its own store
_PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")))
_SHORT = 3  # letters: "co" of co.uk


def is_border(raw: bytes) -> bool:
    """Whether a Received line tells that the mail came from another's machine, or may have: in doubt it does."""
    line = decode(raw[:_LOOKED_AT])
    if not _FROM.match(line):
        return False  # handed on within one machine, or one provider
    plain = line
    for _ in range(_DEEPEST if "(" in line else 0):
        plain = _COMMENT.sub(lambda match: " " * len(match[0]), plain)
    by = next(reversed(list(_BY.finditer(plain))), None)  # the last: a HELO may say "by", too
    if by is None:
        return True
    way = _WITH.search(plain, by.end())
    if way and way[1].lower() in _INWARD:
        return False
    source, host = line[: by.start()], by[1].strip("[]").rstrip(".").lower()
    addresses = list(_addresses(source))
    if addresses and all(address.is_loopback for address in addresses):
        return False
    private = bool(addresses) and all(any(address in net for net in _PRIVATE) for address in addresses)
    name = _FROM.sub("", source, 1).partition("(")[0].strip(" []").rstrip(".").lower()
    return not (private and _is_beside(name, host))  # a proxy's address is private, too, but not the name


def _addresses(source: str) -> Iterator[IPv4Address | IPv6Address]:
    for piece in _PIECE.findall(source):
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
