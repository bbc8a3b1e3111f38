"""Is a message from whom it says? As trusted servers' Authentication-Results tell (RFC 8601).

The receiving server writes its header on top; what stands below it came with the mail and may be forged. So
only the topmost header whose authserv-id is trusted counts, and where there is none there is no verdict.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from relaywatch.core.address import Parties, domain, is_below
from relaywatch.core.message import Message
from relaywatch.core.sender import sent_on_by

_BOUND = 8_000  # characters of a header's value
_MOST_RESULTS = 50
_DMARC_PASS = frozenset({"pass", "bestguesspass"})  # the second is Microsoft's, for domains without a policy
_NAMING = {"dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom", "smtp.mail", "smtp.helo")}
_FAILED = frozenset({"fail", "softfail", "hardfail", "permerror", "policy"})


@dataclass(frozen=True, slots=True)
class Authenticity:
    """What a trusted server found. `status`: "pass", "fail", or "none" where nothing can be said."""

    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Result:
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


def _without_comments(value: str) -> str:
    """Blank comments out and take quotes away, with what in them would divide (RFC 5322 3.2.2, 3.2.4)."""
    kept = []
    depth, quoted, escaped = 0, False, False
    for char in value[:_BOUND]:
        if escaped:
            escaped = False
            kept.append(char if not depth and char not in ";= " else "")
        elif char == "\\" and (quoted or depth):
            escaped = True
        elif quoted:
            quoted = char != '"'
            kept.append(char if quoted and char not in ";= " else "")
        elif char == "(":
            depth += 1
            kept.append(" ")
        elif char == ")" and depth:
            depth -= 1
        elif not depth:
            quoted = char == '"'
            kept.append("" if quoted else char)
    return "".join(kept).lower()


def _parse(value: str) -> tuple[str, tuple[_Result, ...]]:
    """Return the authserv-id and the results; "" and () for what is no such header. Never raises."""
    head, *parts = _without_comments(value).split(";")[:_MOST_RESULTS]
    name = head.split()[:1]
    if not name or "=" in name[0]:
        return "", ()
    return name[0], tuple(result for part in parts if (result := _result(part)) is not None)


def _result(part: str) -> _Result | None:
    pairs = list(_pairs(part))
    if not pairs:
        return None
    (method, value), *properties = pairs
    return _Result(method.partition("/")[0], value, tuple(properties))


def _pairs(part: str) -> Iterator[tuple[str, str]]:
    """Yield `name=value`, blanks around the sign or not."""
    for word in part.replace(" =", "=").replace("= ", "=").split()[:_MOST_RESULTS]:
        name, sign, value = word.partition("=")
        if sign and name:
            yield name, value


def _trusted_results(message: Message, parties: Parties) -> tuple[_Result, ...] | None:
    if not parties.authserv_ids:
        return None
    for value in message.header("authentication-results"):
        name, results = _parse(value)
        if name in parties.authserv_ids:
            return results
    return None


def _judge(results: tuple[_Result, ...], aligned: Callable[[str], bool]) -> Authenticity:
    """Judge by DMARC first, then by an aligned DKIM or SPF (RFC 7489 3.1)."""
    for result in results:
        named = result.domains("header.from", "from")
        if result.method == "dmarc" and (not named or any(map(aligned, named))):
            if result.value in _DMARC_PASS:
                return Authenticity("pass", f"dmarc={result.value}")
            if result.value == "fail":
                return Authenticity("fail", "dmarc=fail")
    failed = []
    for result in results:
        if result.method in _NAMING:
            named = tuple(filter(aligned, result.domains(*_NAMING[result.method])))
            if result.value == "pass" and named:
                return Authenticity("pass", f"{result.method}=pass for {named[0]}")
            if result.value in _FAILED:
                failed.append(f"{result.method}={result.value}")
    if failed:
        return Authenticity("fail", f"{', '.join(dict.fromkeys(failed))}, and nothing that is the sender's passed")
    return Authenticity("none", "the server reports no result that tells")


def verdict(message: Message, parties: Parties) -> Authenticity:
    """Return whether a message that says it is Walmart's is so; "none" for any other author.

    Any relay's or agents' domain is aligned with any other: walmart.com's agents are signed by wal-mart.com.
    What somebody sent on, who stands in From, must carry Walmart's own proof: else any header could name Walmart.
    """
    if not parties.is_walmart(message.author):
        return Authenticity("none", "not said to be Walmart's")
    results = _trusted_results(message, parties)
    by = sent_on_by(message)
    found = Authenticity("none", "no Authentication-Results of a trusted server")
    if results is not None:
        if by:  # DMARC is about From, which is another's now
            results = tuple(result for result in results if result.method != "dmarc")
        found = _judge(results, lambda host: parties.is_walmart(f"@{host}"))
    if by and parties.authserv_ids and found.status != "pass":
        return Authenticity("fail", f"sent on by {by}, and nothing of Walmart's own passed")
    return found


def is_authenticated(message: Message, parties: Parties) -> bool:
    """Whether a trusted server found that the author's domain sent it (relaxed alignment, RFC 7489 3.1)."""
    results = _trusted_results(message, parties)
    wanted = domain(message.author)
    if results is None or not wanted:
        return False

    def aligned(host: str) -> bool:
        return "." in host and (is_below(host, frozenset({wanted})) or is_below(wanted, frozenset({host})))

    return _judge(results, aligned).status == "pass"
