"""Audit: from mail in files to cases, in memory, by the same judgement as the daemon's.

The same steps in the same order: read and classify (in processes of their own), put copies of one mail
together, learn what the seller sends to everybody, group into conversations, judge each. Nothing is kept.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from relaywatch.config import MAIN_ACCOUNT, Account
from relaywatch.core.cases.case import Case, Conversation, Finding
from relaywatch.core.cases.clock import kind_of
from relaywatch.core.cases.judge import Basis, Judgement, judge
from relaywatch.core.classes.classify import classify
from relaywatch.core.classes.whose import is_sellers
from relaywatch.core.language.rules import Rules
from relaywatch.core.mail.address import Parties
from relaywatch.core.mail.authentic import proof
from relaywatch.core.mail.message import Copy, Folder, Mail, Role
from relaywatch.core.mail.when import UNKNOWN, received_at
from relaywatch.core.policy import Policy
from relaywatch.core.replies.learned import learned_of
from relaywatch.core.threads import thread
from relaywatch.mailbox.files import FileMail, read_path
from relaywatch.pipeline import lean
from relaywatch.pipeline.readers import Readers
from relaywatch.pipeline.reading import RawMail, ReadMail

_BATCH_MAILS = 400
_BATCH_BYTES = 4 * 1024 * 1024
_HEADERS = 65_536  # bytes of a mail in which the seller's addresses are looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """One seller whose mail is judged, with or without a configuration."""

    name: str = MAIN_ACCOUNT
    parties: Parties
    policy: Policy
    mailboxes: Mapping[Role, str]  # a name for each role
    addresses: tuple[tuple[Role, str], ...] = ()  # of one login behind both


@dataclass(frozen=True, slots=True)
class Audited:
    """What the mail amounts to: numbered cases in order of opening, and the findings that belong to none."""

    cases: tuple[tuple[int, Case], ...]
    findings: tuple[Finding, ...]
    messages: int  # that were judged, each mail once
    sent: int  # of them by the seller
    unread: int  # files and mails that could not be read


def seller_of(account: Account) -> Seller:
    """Return a configured account as the seller of the mail in files."""
    names: dict[Role, str] = {}
    for mailbox in account.mailboxes:
        for role in (mailbox.role, *mailbox.addresses):
            names.setdefault(role, mailbox.name)
    addresses = tuple(pair for mailbox in account.mailboxes for pair in mailbox.addresses.items())
    return Seller(
        name=account.name, parties=account.parties, policy=account.policy, mailboxes=names, addresses=addresses
    )


def seller_at(addresses: Iterable[str]) -> Seller:
    """Return the seller of these registered addresses, with everything else as it is by default."""
    parties = Parties(registered=frozenset(address.lower() for address in addresses))
    return Seller(parties=parties, policy=Policy(), mailboxes={})


async def audit(
    paths: Sequence[str], sellers: Sequence[Seller], rules: Rules, at: datetime, complain: Callable[[str], None]
) -> Audited:
    """Judge all mail at these paths as of `at`; what was received later is left out.

    `complain` gets one line for each mail that could not be read; nothing is raised for what a file holds.
    """
    desk = Desk(sellers, rules, at, complain)
    await desk.read(paths)
    cases: list[Case] = []
    findings: list[Finding] = []
    for seller in sellers:
        for found in _judged(desk, seller, rules, at, complain):
            if isinstance(found, Case):
                cases.append(found)
            else:
                findings.append(found)
    return Audited(
        tuple(enumerate(sorted(cases, key=_opening), start=1)),
        tuple(sorted(findings, key=lambda finding: (finding.at, finding.code, finding.message_key))),
        desk.count,
        sum(is_sellers(mail) for seller in sellers for mail in desk.mails_of(seller)),
        desk.unread,
    )


def _opening(case: Case) -> tuple[datetime, str]:
    return case.opened_at, min(deadline.started_key for deadline in case.deadlines)


def _judged(
    desk: "Desk", seller: Seller, rules: Rules, at: datetime, complain: Callable[[str], None]
) -> Iterator[Case | Finding]:
    """Yield the cases among one seller's mail, and the findings of conversations that are none."""
    groups = thread.group(desk.mails_of(seller), seller.parties)
    basis = Basis(seller.policy, seller.parties, rules, learned_of(groups))
    for group in groups:
        found = _judgement(tuple(map(desk.whole, group)), basis, at, complain)
        if found.case is not None:
            yield found.case
        else:
            yield from found.findings


def _judgement(group: tuple[Mail, ...], basis: Basis, at: datetime, complain: Callable[[str], None]) -> Judgement:
    """Judge a conversation; where that fails, what opened it alone, as the daemon does: in doubt, an answer is owed."""
    try:
        return judge(Conversation(group), basis, at)
    except Exception as error:  # noqa: BLE001 - one conversation must not cost the report of all others
        complain(f"the conversation of {group[0].message.message_id} could not be judged: {type(error).__name__}")
    openers = tuple(mail for mail in group if kind_of(mail) is not None and not is_sellers(mail))
    return judge(Conversation(openers), basis, at)


class Desk:
    """Where the mail lies while it is read: each mail once, with all its copies. Nothing is raised for what it says."""

    def __init__(self, sellers: Sequence[Seller], rules: Rules, at: datetime, complain: Callable[[str], None]) -> None:
        self._sellers = {seller.name: seller for seller in sellers}
        self._owners = _owners(sellers)
        self._rules = rules
        self._at = at
        self._complain = complain
        self._mails: dict[tuple[str, str], Mail] = {}
        self._quoted: dict[tuple[str, str], bytes] = {}
        self._again: set[tuple[str, str]] = set()
        self.unread = 0

    @property
    def count(self) -> int:
        """How many mails there are."""
        return len(self._mails)

    def mails_of(self, seller: Seller) -> list[Mail]:
        """Return one seller's mail."""
        return [mail for (name, _), mail in self._mails.items() if name == seller.name]

    def whole(self, mail: Mail) -> Mail:
        """Return a mail with all that it quotes: what a reply repeats must be at hand when it is judged."""
        packed = self._quoted.get((mail.message.account, mail.message.key))
        return Mail(lean.whole(mail.message, packed), mail.verdict) if packed else mail

    async def read(self, paths: Iterable[str]) -> None:
        """Read everything: while one batch is parsed in the reading processes, the next is taken from the disk."""
        parties = {name: seller.parties for name, seller in self._sellers.items()}
        async with Readers(parties, self._rules) as readers:
            parsing: asyncio.Task[list[ReadMail]] | None = None
            labels: list[str] = []
            for batch in _batches(self._files(paths)):
                items = [self._raw(mail) for mail in batch]
                if parsing is not None:
                    self._take(labels, await parsing)
                labels = [mail.label for mail in batch]
                parsing = asyncio.create_task(readers.read(items))
                await asyncio.sleep(0)  # lets the batch go out before the disk is read again
            if parsing is not None:
                self._take(labels, await parsing)
        self._classify_again()

    def _files(self, paths: Iterable[str]) -> Iterator[FileMail]:
        for path in paths:
            for mail in read_path(path):
                if mail.error:
                    self._problem(mail.label, mail.error)
                else:
                    yield mail

    def _problem(self, label: str, error: str) -> None:
        self.unread += 1
        self._complain(f"{label}: {error}")

    def _raw(self, mail: FileMail) -> RawMail:
        seller = self._owner(mail.raw)
        own = mail.folder is not Folder.SENT and mail.role is not Role.COMPLAINT
        return RawMail(
            raw=mail.raw,
            whole=mail.whole,
            account=seller.name,
            copy=Copy(mailbox=seller.mailboxes.get(mail.role, mail.role.value), role=mail.role, folder=mail.folder),
            own_hosts=None,
            addresses=seller.addresses if own else (),
            slim=True,
        )

    def _owner(self, raw: bytes) -> Seller:
        """Return whose mail it is: of the seller with most addresses in its headers, in doubt the first."""
        if len(self._owners) == 1:
            return self._owners[0][0]
        headers = raw[:_HEADERS].replace(b"\r\n", b"\n").partition(b"\n\n")[0].lower()
        named = Counter({place: len(set(found.findall(headers))) for place, (_, found) in enumerate(self._owners)})
        return self._owners[max(named, key=lambda place: (named[place], -place))][0]

    def _take(self, labels: Sequence[str], read: Sequence[ReadMail]) -> None:
        for label, found in zip(labels, read, strict=True):
            message = found.mail.message
            received = received_at(message)[0]
            if received == UNKNOWN:
                self._problem(label, "no time in it: neither a Received line nor a Date that can be read")
            elif received <= self._at:
                self._keep(found)

    def _keep(self, found: ReadMail) -> None:
        message = found.mail.message
        name = (message.account, message.key)
        known = self._mails.get(name)
        if known is None:
            self._set(name, found)
            return
        parties = self._sellers[message.account].parties
        if proof(message, parties) > proof(known.message, parties):  # as the daemon does: it may say another recipient
            self._set(name, found)
            self._mails[name] = Mail(message.with_copies(known.message.copies), found.mail.verdict)
            self._again.add(name)
            return
        together = known.message.with_copies(message.copies)
        if together.copies != known.message.copies:
            self._mails[name] = Mail(together, known.verdict)
            self._again.add(name)

    def _set(self, name: tuple[str, str], found: ReadMail) -> None:
        self._mails[name] = found.mail
        self._quoted.pop(name, None)
        if found.packed:
            self._quoted[name] = found.packed

    def take(self, found: ReadMail) -> None:
        """Take one more mail that was read elsewhere."""
        self._keep(found)

    def _classify_again(self) -> None:
        """What a message is depends on where it lies: a further copy, in the complaint mailbox say, may change it."""
        for name in self._again:
            message = self._mails[name].message
            whole = lean.whole(message, self._quoted.get(name, b""))
            verdict = classify(whole, self._sellers[name[0]].parties, self._rules)
            self._mails[name] = Mail(whole, verdict)


def _owners(sellers: Iterable[Seller]) -> list[tuple[Seller, re.Pattern[bytes]]]:
    """Return for each seller what finds their addresses, whole ones, in the headers of a mail."""
    found = []
    for seller in sellers:
        addresses = sorted(seller.parties.registered | seller.parties.seller)
        any_of = b"|".join(re.escape(address.encode()) for address in addresses) or b"(?!)"
        found.append((seller, re.compile(rb"(?<![\w.+-])(?:" + any_of + rb")(?![\w.-])")))
    return found


def _batches(mails: Iterable[FileMail]) -> Iterator[list[FileMail]]:
    batch: list[FileMail] = []
    size = 0
    for mail in mails:
        batch.append(mail)
        size += len(mail.raw)
        if len(batch) >= _BATCH_MAILS or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
