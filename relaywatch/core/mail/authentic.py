"""Is a message from whom it says? As trusted servers' Authentication-Results tell (RFC 8601).

The receiving server writes its header above the Received line by which the mail came in (mailbox/border.py); what
stands below that came with the mail, and anybody can have written it (RFC 8601 5, 7.1). So only headers above it whose
authserv-id is trusted count, and where there are none there is no verdict. Below it a trusted id that tells of a
failure is believed: nobody forges a proof against themselves, and some servers write there. Gmail does, and repeats
its results in the header of ARC above (RFC 8617 4.1.1).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from relaywatch.core.mail.address import Parties, domain, is_below
from relaywatch.core.mail.message import Folder, Message
from relaywatch.core.mail.results import BOUND, DMARC_PASS, FAILED, NAMING, UNKNOWN, Result, told
from relaywatch.core.mail.sender import sent_on_by

_MOST_SAID = 10  # results
SINGLE = (  # fields that a mail has once (RFC 5322 3.6); a Message keeps further ones among its headers
    "from", "sender", "reply-to", "to", "cc", "subject", "message-id", "in-reply-to", "references", "date",
)  # fmt: skip
_RESULT = re.compile(r"\b(?:dmarc|dkim|spf)\b[^=;]{0,80}=|\bauth\b[^=;]{0,80}=[^;]{0,20}pass")
_NO_RESULTS = "no Authentication-Results of a trusted server"
_DENIED = "dmarc=fail"  # the reason where the sender's own domain says so


@dataclass(frozen=True, slots=True)
class Authenticity:
    """What a trusted server found. `status`: "pass", "fail", or "none" where nothing can be said."""

    status: str
    reason: str


class Proof(IntEnum):
    """How well a copy shows that it is the mail as its author wrote it; of several, the best is believed.

    What came to a `sent` mailbox stands above what came elsewhere, even where it failed: it is by that copy that a mail
    would count as the seller's, so it must not borrow the fields of another.
    """

    FAILED = 0
    NONE = 1
    COPYFAILED = 2
    COPY = 3
    PASSED = 4
    FILED = 5  # by the seller, in Sent


def _trusted(message: Message, parties: Parties, *, above: bool) -> tuple[Result, ...] | None:
    """Return what trusted servers found, as told above the line by which the mail came in or below; None: nothing.

    Where it is not known by which line a mail came in, the topmost header counts.
    """
    found = [one for one in told(message.headers) if one.above is above and one.authserv_id in parties.authserv_ids]
    if not above or not message.header("received"):
        found = found[:1]
    if not found:
        return None
    results = tuple(result for one in found for result in one.results)
    return tuple(one for one in results if one.value in FAILED) if _brings_results(message) else results


def _brings_results(message: Message) -> bool:
    """Whether the sender put into HELO or the envelope what may be taken for a server's result, or divides two.

    Both stand in the line by which the mail came in: `from HELO (…) by …; date`.
    """
    lines = message.header("received")
    said = [*(received.rpartition(";")[0] for received in lines), message.return_path or ""]
    return any(len(line) >= BOUND for line in lines) or any(";" in one or _RESULT.search(one.lower()) for one in said)


def _judge(results: tuple[Result, ...], aligned: Callable[[str], bool], *, one_author: bool) -> Authenticity:
    """Judge by DMARC first, then by an aligned DKIM or SPF (RFC 7489 3.1).

    A DMARC that failed outweighs one that passed: what a sender wrote may stand in a comment of another result.
    `one_author`: whether From is one address. Else a DMARC that passed for nobody by name is perhaps another's (6.6.1).
    Where both SPF and DKIM were asked and answered, what is the sender's would have passed one: else it is not.
    """
    of_dmarc = [(one, one.domains("header.from", "from")) for one in results if one.method == "dmarc"]
    of_dmarc = [(one, named) for one, named in of_dmarc if not named or any(map(aligned, named))]
    if any(one.value == "fail" for one, _ in of_dmarc):
        return Authenticity("fail", _DENIED)
    passed = next((one for one, named in of_dmarc if one.value in DMARC_PASS and (named or one_author)), None)
    if passed is not None:
        return Authenticity("pass", f"dmarc={passed.value}")
    failed = [f"dmarc={one.value}" for one in results if one.method == "dmarc" and one.value in FAILED]
    others: list[str] = []
    for result in results:
        found = result.domains(*NAMING.get(result.method, ("header.from", "from")))
        own = tuple(filter(aligned, found))
        if result.method in NAMING and result.value == "pass" and own:
            return Authenticity("pass", f"{result.method}=pass for {own[0]}")
        if result.method in NAMING and result.value in FAILED:
            failed.append(f"{result.method}={result.value}")
        elif result.value in DMARC_PASS and found and not own:  # with two authors in From it is about the other
            (failed if result.method == "dmarc" else others).append(f"{result.method}={result.value} for {found[0]}")
    if failed or _is_whole(results, aligned):
        said = ", ".join([*dict.fromkeys(failed + others)][:_MOST_SAID]) or "SPF and DKIM were asked"
        return Authenticity("fail", f"{said}, and nothing that is the sender's passed")
    return Authenticity("none", "the server reports no result that tells")


def _is_whole(results: tuple[Result, ...], aligned: Callable[[str], bool]) -> bool:
    """Whether all was asked by which the sender's domain could have passed, and answered.

    An answer that was delayed leaves it open, but not one about another's domain, who can delay it at will.
    """
    asked = [one for one in results if one.method in NAMING]
    delayed = any(one.value in UNKNOWN and all(map(aligned, one.domains(*NAMING[one.method]))) for one in asked)
    return {one.method for one in asked} == NAMING.keys() and not delayed


def verdict(message: Message, parties: Parties) -> Authenticity:
    """Return whether a message that says it is Walmart's is so; "none" for any other author.

    Any relay's or agents' domain is aligned with any other: walmart.com's agents are signed by wal-mart.com.
    What somebody sent on, who stands in From, must carry Walmart's own proof: else any header could name Walmart.
    """
    if not parties.is_walmart(message.author):
        return Authenticity("none", "not said to be Walmart's")
    by = sent_on_by(message)
    found = _found(message, parties, lambda host: parties.is_walmart(f"@{host}"), dmarc=not by)
    if by and parties.authserv_ids and found.status != "pass":
        return Authenticity("fail", f"sent on by {by}, and nothing of Walmart's own passed")
    return found


def of_domain(message: Message, parties: Parties) -> Authenticity:
    """Return whether the author's domain sent it, as a trusted server found (relaxed alignment, RFC 7489 3.1)."""
    if not domain(message.author):
        return Authenticity("none", "no sender")
    return _found(message, parties, _own(message), dmarc=True)


def _own(message: Message) -> Callable[[str], bool]:
    """Return what says of a host whether it is the author's."""
    wanted = domain(message.author)
    return lambda host: "." in host and (is_below(host, frozenset({wanted})) or is_below(wanted, frozenset({host})))


def of_copy(message: Message, parties: Parties) -> Authenticity:
    """Return whether what lies among the seller's own mail is theirs, though it may have come by mail as anybody's may.

    A `sent` mailbox has an address, and some servers file by the detail of one: what goes to `care+Sent@` lies in Sent.
    What a mail program puts there crossed no border, so that no server says anything of it: see of_own.
    """
    found = of_own(message, parties)
    if found.status == "pass" and not parties.is_seller(message.author):
        return Authenticity("fail", f"{found.reason}, and {message.author} is none of your addresses")
    if found.status == "pass" and message.arrived and not is_as_sent(message, parties):
        return Authenticity("fail", f"{found.reason}, but who got it may have sent it on to others")
    if found.status == "fail" and _logged_in(message, parties):
        return Authenticity("none", "its sender logged in")
    return found


def of_report(message: Message, parties: Parties) -> Authenticity:
    """Return whether a mail system's report is from whom it says: it is disbelieved where DMARC failed, by that alone.

    A genuine report has the null path, for which SPF seldom passes, and often no signature. So that nothing passed
    shows nothing, and it is believed: a reply wrongly held for received costs more than a false alarm (policy Q6).
    """
    found = of_domain(message, parties)
    return found if found.status == "pass" or found.reason == _DENIED else Authenticity("none", found.reason)


def of_own(message: Message, parties: Parties) -> Authenticity:
    """Return whether what says that it is of the seller's people or the program is: if asked for proof, it needs one.

    What never crossed the border, or came from somebody who logged in, is not asked by SPF, DKIM or DMARC.
    """
    found = of_domain(message, parties)
    asked = any(one.method in NAMING or one.method == "dmarc" for one in _above(message, parties))
    forged = found.status == "none" and asked and not _logged_in(message, parties)
    return Authenticity("fail", found.reason) if forged else found


def _logged_in(message: Message, parties: Parties) -> bool:
    """Whether a trusted server says, above its own line, that the sender logged in (RFC 8601 2.7.4)."""
    return any(one.method == "auth" and one.value == "pass" for one in _above(message, parties))


def _above(message: Message, parties: Parties) -> tuple[Result, ...]:
    """Return what trusted servers say above the line by which a mail came in, where nobody else can have written."""
    return (_trusted(message, parties, above=True) if parties.authserv_ids else None) or ()


def _found(message: Message, parties: Parties, aligned: Callable[[str], bool], *, dmarc: bool) -> Authenticity:
    """Judge what trusted servers found. `dmarc`: whether DMARC says anything, which is about From."""
    found = Authenticity("none", _NO_RESULTS)
    for above in (True, False) if parties.authserv_ids else ():
        results = _trusted(message, parties, above=above)
        if results is None:
            continue
        told_of = tuple(one for one in results if dmarc or one.method != "dmarc")
        judged = _judge(told_of, aligned, one_author=len(message.from_) <= 1)
        if judged.status == "fail" or (above and judged.status == "pass"):
            return judged
        if above:
            found = judged
        elif found.reason == _NO_RESULTS:
            found = Authenticity("none", "what its server found stands where anybody can have written it")
    return found


def is_as_sent(message: Message, parties: Parties) -> bool:
    """Whether a trusted server found that the author's domain sent it, and nothing says that another changed it since.

    Who got a mail can send it on, and its signature still passes (RFC 6376 8.6): for other people where it does not
    cover them, which the envelope's domain shows, and with a second field above the one that was signed.
    """
    if of_domain(message, parties).status != "pass" or any(message.header(name) for name in SINGLE):
        return False
    is_own = _own(message)
    signatures = [value.split() for value in message.header("dkim-signature")]
    people = {"to": message.to, "cc": message.cc, "bcc": message.bcc}
    of_walmarts = [name for name, some in people.items() if any(map(parties.is_walmart, some))]
    for host in _signers(message, parties, is_own):
        signed = [words for words in signatures if words and is_below(host, frozenset(words[:1]))]
        if signed and all(name in words for words in signed for name in of_walmarts):
            return True
    if any(words and words[0].startswith("d=") for words in signatures):  # kept by an earlier version, without these
        return True
    spf = [(one.value, one.domains(*NAMING["spf"])) for one in _above(message, parties) if one.method == "spf"]
    envelopes = [(value, hosts) for value, hosts in spf if hosts]
    return not envelopes or any(value == "pass" and any(map(is_own, hosts)) for value, hosts in envelopes)


def _signers(message: Message, parties: Parties, is_own: Callable[[str], bool]) -> frozenset[str]:
    """Return the author's domains whose signature passed, for anybody's hand can add one that does not.

    Where the server names none it is the author's very own, if any.
    """
    passed = [one for one in _above(message, parties) if one.method == "dkim" and one.value == "pass"]
    named = frozenset(host for one in passed for host in one.domains(*NAMING["dkim"]))
    return frozenset(filter(is_own, named)) if named else frozenset((domain(message.author),))


def proof(message: Message, parties: Parties) -> Proof:
    """Return how well a message is proved by its fields and where it lies.

    Sent proves the seller's mail alone: what Walmart wrote is no more Walmart's for having been put there.
    """
    walmarts = parties.is_walmart(message.author)
    if walmarts:
        status = verdict(message, parties).status
    else:
        status = (of_copy if message.outgoing else of_domain)(message, parties).status
        if status != "fail" and any(copy.folder is Folder.SENT for copy in message.copies):
            return Proof.FILED
    if status == "pass":
        return Proof.PASSED
    if message.outgoing and not walmarts:
        return Proof.COPYFAILED if status == "fail" else Proof.COPY
    return Proof.FAILED if status == "fail" else Proof.NONE
