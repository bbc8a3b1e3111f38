"""The files that a reply brings, which may be the answer that was asked for (policy Q1).

Their names are known, and whether the words point to them. What a mail program attaches by itself, the pictures of a
signature, and what was received and goes back with the quote are no files that anybody brought. A shop's system has
documents at hand, too: only where one was asked for does a file answer by itself; else a person is asked.
"""

import re
from collections.abc import Collection

from relaywatch.core.language.needles import search
from relaywatch.core.language.rules import fold
from relaywatch.core.language.tokens import tokens
from relaywatch.core.replies.gist import SentText

_BY_PROGRAMS = re.compile(  # folded names
    r"(?:image\d{3}|(?:outlook|att)[-_]?\w{0,40}|[^.]{0,60}?(?:logo|signature|banner|icon|facebook|instagram|linkedin)"
    r"[^.]{0,60})\.(?:png|jpe?g|gif|bmp|svg|webp)"
    r"|smime\.p7[sm]|winmail\.dat|noname|att\d{3,6}\.(?:txt|html?)|[^.]{0,80}\.(?:asc|sig|vcf|ics|p7s|eml)"
)
_POINTS = re.compile(  # folded
    r"\battach(?:ed|ing|ments?)\b|\benclosed\b|\bci-? ?joint(?:e|s|es)?\b|\bpieces? jointes?\b"
    r"|\bje (?:vous )?joins\b|\ben annexe\b|附件|附上|附在|已附|随附"
)
# The words of each kind in three languages, folded: who is asked for an invoice sends facture.pdf. No photos: customers
# speak of those that they send.
_DOCUMENTS = (
    ("invoice", "invoices", "bill", "facture", "factures", "发票"),
    ("receipt", "receipts", "recu", "recus", "收据", "小票"),
    ("label", "labels", "etiquette", "etiquettes", "bordereau", "面单", "标签"),
    ("proof", "proofs", "pod", "preuve", "preuves", "证明", "签收单"),
    ("manual", "manuals", "instructions", "manuel", "mode d'emploi", "说明书"),
    ("certificate", "certificates", "certificat", "certificats", "证书"),
)
_ENDING = re.compile(r"\.\w{1,5}$")
_NUMBER = re.compile(r"(?<!\d)\d{5,40}(?!\d)")
_SENTENCE = re.compile(r"[^.!?。！？\n]+")


def file_of(sent: SentText, told: str) -> tuple[str, bool]:
    """Return a file that a reply brings and points to ("" where none), and whether it is what was asked for.

    `told`: what the reply says, folded, without what puts an answer off. The name of a document that was asked for
    points by itself.
    """
    others = (name for name in sent.message.attachments if name and name not in sent.matter.files)
    names = [name for name in others if not _BY_PROGRAMS.fullmatch(fold(name))]
    if not names:
        return "", False
    pointing = [one for one in _SENTENCE.findall(told) if search(_POINTS, one)]
    asked = _kinds(sent.matter.words)
    called = next((name for name in names if _is_called(name, asked, sent.matter.numbers)), "")
    said = any(asked & _kinds(tokens(one)) for one in pointing)
    if not (pointing or called):
        return "", False
    return called or names[0], bool(pointing) and bool(called or said)


def _is_called(name: str, asked: frozenset[int], numbers: frozenset[str]) -> bool:
    """Whether a file has the name of what was asked for, or the number of that which a document was asked of."""
    words = _ENDING.sub("", fold(name)).replace("_", " ")
    return bool(asked & _kinds(tokens(words)) or (asked and not numbers.isdisjoint(_NUMBER.findall(words))))


def _kinds(words: Collection[str]) -> frozenset[int]:
    """Return the kinds of documents that words name; Chinese ones are known by their characters."""
    there = frozenset(words)
    return frozenset(at for at, names in enumerate(_DOCUMENTS) if any(there.issuperset(tokens(one)) for one in names))
