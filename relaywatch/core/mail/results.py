"""What an Authentication-Results header says, as a server wrote it or as anybody may have (RFC 8601).

Its grammar is read as far as mail needs. A sender chooses words that servers repeat in it: HELO, the envelope's
address, signatures; none of them may turn a failure into a pass.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from relaywatch.core.mail.address import domain

BOUND = 8_000  # characters of a header's value
_MOST_PAIRS = 50  # of a result
DMARC_PASS = frozenset({"pass", "bestguesspass"})  # the second is Microsoft's, for domains without a policy
NAMING = {"dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom", "smtp.mail", "smtp.helo")}
FAILED = frozenset({"fail", "softfail", "hardfail", "permerror", "policy", "unread"})
UNKNOWN = frozenset({"temperror"})
_OPENING = str.maketrans('()"', "   ")


@dataclass(frozen=True, slots=True)
class Result:
    """One method's result, e.g. dkim=pass header.d=walmart.com."""

    method: str
    value: str
    properties: tuple[tuple[str, str], ...]

    def domains(self, *names: str) -> tuple[str, ...]:
        """Return the domains that the first of these properties speaks of, if any is there.

        The order matters: a sender may HELO as anybody, and SPF's pass is then about the envelope's sender.
        """
        for name in names:
            found = tuple(_domain_of(value) for key, value in self.properties if key == name)
            if found:
                return found
        return ()


def _domain_of(value: str) -> str:
    return (domain(value) if "@" in value else value).lower().strip("<>. ")


_CUT_OFF = Result("dmarc", "unread", ())


def _without_comments(value: str) -> tuple[str, bool]:
    """Blank comments out and take quotes away, with what in them would divide (RFC 5322 3.2.2, 3.2.4).

    The second says whether each was closed. Quotes count in comments as well, though not by the RFC: servers repeat a
    sender's address there as it is, and what closes a bracket may stand in its quotes.
    """
    kept = []
    depth, quoted, escaped = 0, False, False
    for at, char in enumerate(value[:BOUND]):
        if escaped:
            escaped = False
            kept.append(char if not depth and char not in ";= " else "")
        elif char == "\\" and (quoted or depth):
            escaped = True
        elif quoted:
            quoted = char != '"'
            kept.append(char if quoted and not depth and char not in ";= " else "")
        elif char == "(":
            depth += 1
            kept.append(" ")
        elif char == ")" and depth:
            depth -= 1
        elif depth:
            quoted = char == '"' and '"' in value[at + 1 : BOUND]
        else:
            quoted = char == '"'
            kept.append("" if quoted else char)
    return "".join(kept).lower(), not (depth or quoted)


def _parse(value: str) -> tuple[str, tuple[Result, ...]]:
    """Return the authserv-id and the results; "" and () for what is no such header. Never raises.

    A bracket or quote may be the sender's, who put it into HELO or the envelope to hide what stands behind it. So a
    failure is believed within brackets as well, and where nothing closes one, failures alone are. So may be the
    signatures that make a header too long to be read to its end: that no failure of DMARC stands in what was read tells
    nothing good.
    """
    text, closed = _without_comments(value)
    opened = value[:BOUND].translate(_OPENING).lower()
    head, *parts = (text if closed else opened).split(";")
    name = head.split()[:1]
    if not name or "=" in name[0]:
        return "", ()
    believed = tuple(one for one in _results(parts) if closed or one.value in FAILED)
    if closed:
        hidden = (one for one in _results(opened.split(";")[1:]) if one.method == "dmarc" and one.value in FAILED)
        believed = tuple(dict.fromkeys((*believed, *hidden)))
    cut = len(value) >= BOUND
    return name[0], _consistent((*believed, _CUT_OFF) if cut else believed)


def _results(parts: Iterable[str]) -> Iterator[Result]:
    return (result for part in parts if (result := _result(part)) is not None)


def _consistent(results: tuple[Result, ...]) -> tuple[Result, ...]:
    """Leave out that DMARC passed where the same header says otherwise, too: one of both is what the sender wrote."""
    if len({one.value for one in results if one.method == "dmarc"}) <= 1:
        return results
    return tuple(one for one in results if one.method != "dmarc" or one.value not in DMARC_PASS)


def _result(part: str) -> Result | None:
    pairs = list(_pairs(part))
    if not pairs:
        return None
    (method, value), *properties = pairs
    return Result(method.partition("/")[0], value, tuple(properties))


def _pairs(part: str) -> Iterator[tuple[str, str]]:
    """Yield `name=value`, blanks around the sign or not."""
    for word in part.replace(" =", "=").replace("= ", "=").split()[:_MOST_PAIRS]:
        name, sign, value = word.partition("=")
        if sign and name:
            yield name, value


class ServerResults(NamedTuple):
    """What a mail's headers say that a server found. `above`: whether no one but that server can have written it."""

    authserv_id: str
    results: tuple[Result, ...]
    above: bool


def told(headers: Iterable[tuple[str, str]]) -> Iterator[ServerResults]:
    """Yield what servers found, topmost first, whoever they are. `headers`: as a Message has them."""
    above = True
    for header, value in headers:
        if header == "received":
            above = False
        elif header == "authentication-results":
            yield ServerResults(*_parse(value), above)
        elif header == "arc-authentication-results":  # i=1; authserv-id; results
            yield ServerResults(*_parse(value.partition(";")[2]), above)
