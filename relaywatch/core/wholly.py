"""Whether all that a mail says is what programs say: of an absence, a receipt, a report (policy Q2).

Who misses a deadline pays the customer's refund: a customer gains by a mail that starts no clock. So the proof is
turned round. Not that nothing in it looks like a demand, but that each piece of it, wherever it stands, is one that
a program writes: it has a phrase of the tables of data/automatic.toml and, but for names and dates, their words; or it
is a courtesy, a name, a contact line or what companies append, by its form. What is not understood is somebody's.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from relaywatch.core import footers, quotes
from relaywatch.core.frame import Line, is_name
from relaywatch.core.lookalikes import seen
from relaywatch.core.message import Message
from relaywatch.core.quality import substance
from relaywatch.core.reported import is_by_form
from relaywatch.core.rules import Rules, Texts, fold
from relaywatch.core.tokens import is_chinese, tokens

_ABSENT = ("automatic_absence", "automatic_meanwhile", "automatic_thanks", "automatic_promise", "automatic_statement")
_LONG = 6_000  # characters: no absence has more, and what a reader cut off stands behind so many
_LARGE = 200_000  # bytes of a mail: the text of one is read to an end, too
_WRAPPED = 50  # characters of a line that a mail program may have wrapped
_MONTHS = 2  # of one sentence
_SHORT = 3  # words of a piece that need no phrase of the tables: "Kim is in."
_UNKNOWN = 1  # words that no table has, in a sentence
_AMONG = 6  # so many others let one more be
_TINY = 2  # letters of words that are grammar
_INITIALS = 3  # letters of an abbreviation: longer words in capitals are shouted
_NAMES = 5  # words with a capital among them, as names and days have
_SIGNED = 8  # words of all lines that are names
_ROLE_WORDS = 5  # "Directrice adjointe, ventes et service"
_OF_BOILERPLATE = 3  # known words for each that is not, in a company's sentence
_FIRST_PERSON = re.compile(r"\b(?:i|i'm|i've|me|my|mine|je|j'ai|moi|mon|ma|mes)\b|我")  # folded
_DEMANDS = re.compile(  # folded: no program says it of an absence
    r"\b(?:me|moi|mine)\b|\b(?:i|we) (?:want|need|demand|expect|insist)\b"
    r"|\b(?:je |j'|nous )(?:veux|exige|attends|voulons|exigeons)\b"
)
_PIECE = 400  # characters of a sentence
_CHINESE_BESIDE = 5  # characters of a sentence: a greeting
_CLAUSE = re.compile(r"[^,.!?;:，。！？；：、]+")
_SENTENCE = re.compile(r"(?:[^.!?;…。！？；।॥؟۔\n]|(?<=\d)[.](?=\d)|[.](?=\w))+[.!?;…。！？；।॥؟۔]*")
_TITLE = re.compile(r"\b(mr|mrs|ms|dr|mme|mlle|st|no|jr)\. ", re.IGNORECASE)  # their stop ends no sentence
_ADDRESS = re.compile(
    r"\S{1,80}@\S{1,80}|https?://\S+|www\.\S+|\+?[\d(][\d ().-]{6,20}\d(?:\s?(?:x|ext\.?|poste)\s?\d{1,6})?"
)
_MONTH = re.compile(r"(?<=\d )(?:de )?[^\W\d_]{3,10}|(?<=\der )[^\W\d_]{3,10}")  # "le 20 novembre"
_BARS = re.compile(r"\s[|·•]\s")
_PART = re.compile(  # the clauses of a sentence
    r"[,;:()\u2013\u2014\u060c]|\s-\s|\b(?:and|but|so|because|while|et|mais|car|und|aber|y|pero|e|ma|mas)\b",
    re.IGNORECASE,
)
_BESIDE = ("automatic_common", "automatic_calendar", "common_words")  # words that programs use, which show none
_LATIN = re.compile(r"[a-z]+")
_WORD = re.compile(r"[^\W\d_]+")
_HERE = frozenset({"is", "will", "est", "sera", "has", "can"})
_SIGNED_KINDS = ("pkcs7-signature", "x-pkcs7-signature", "pgp-signature")
_OF_TEXT = frozenset({"text/plain", "text/html", *(f"application/{kind}" for kind in _SIGNED_KINDS)})
_OF_A_REPORT = frozenset(
    {
        *(f"message/{kind}" for kind in ("delivery-status", "disposition-notification", "feedback-report")),
        "text/rfc822-headers",
    }
)
_SIGNATURES = (".p7s", ".asc", ".sig")


@dataclass(frozen=True, slots=True)
class Program:
    """What programs of a kind say: phrases of tables, or what a pattern finds, and the words of both."""

    tables: tuple[str, ...]
    says: re.Pattern[str] | None = None  # of folded text

    def words(self, rules: Rules) -> frozenset[str]:
        """Return the words that it says it with."""
        words = rules.words_of(self.tables)
        return words.union(_WORD.findall(self.says.pattern)) if self.says is not None else words


RECEIVED = Program((*_ABSENT, "automatic_aside", "automatic_receipt"))


def beyond(message: Message, rules: Rules, program: Program = RECEIVED) -> str:
    """Return what shows that a mail is, or may be, more than a program's words; "" where nothing does.

    Quotes count: whether somebody wrote there what the mail before says cannot be told of one mail.
    """
    own, rest = message.own_words, message.rest
    if program.says is None and not (own or rest or message.forgotten):
        return "it has no words"
    return (
        _brought(message)
        or _unread(message)
        or _said(own, rules, program, above=False)
        or _said(rest, rules, program, above=bool(own))
    )


def beside(message: Message, rules: Rules) -> str:
    """Return the same of what stands beside own words: in another version, below a footer; no marked quotes."""
    rest = "\n".join(line for line in message.rest.split("\n") if not quotes.is_quote(line))
    return _unread(message) or _said(rest, rules, RECEIVED, above=True)


def _brought(message: Message) -> str:
    """Return what of a mail people open or look at beside its text."""
    passed = _OF_TEXT | _OF_A_REPORT if is_by_form(message) else _OF_TEXT
    kinds = (kind for kind in message.structure if not kind.startswith("multipart/") and kind not in passed)
    names = (name for name in message.attachments if not name.lower().endswith(_SIGNATURES))
    found = next(chain(kinds, names), "")
    return f"it brings {found}" if found else ""


def _unread(message: Message) -> str:
    """Return why a mail may say more than the text that is kept of it."""
    if message.elsewhere:
        return "another version of it says more"
    if message.damage:
        return f"not all of it could be read: {message.damage}"
    if max(len(message.own_words), len(message.rest)) > _LONG or message.size > _LARGE:
        return "it is too long"
    return ""


def _said(text: str, rules: Rules, program: Program, *, above: bool) -> str:
    """Return the first piece of a text that no program says. `above`: whether something was said before it."""
    known = program.words(rules)
    signed, spoken = 0, above
    for line in _lines(text):
        if spoken and (_is_signature(line, program, rules) or (signed and _is_role(line, program, rules))):
            signed += len(tokens(fold(line)))
            if signed > _SIGNED:
                return line[:60]
            continue
        for found in _SENTENCE.findall(_TITLE.sub(r"\1 ", line)):
            piece: str = found.strip()
            if not any(map(str.isalnum, piece)) or _is_contact(piece, known) or _is_appended(piece, rules):
                continue
            if not _is_ordinary(piece, rules, program, known):
                return piece[:60]
            spoken = True
    return ""


def _lines(text: str) -> Iterator[str]:
    """Yield lines, those that a mail program wrapped whole again: a full one that ends in the midst of a sentence."""
    pending = ""
    for line in text.split("\n"):
        bare = line.strip()
        if pending and bare:
            pending = f"{pending} {bare}"
            continue
        if pending:
            yield pending
        full = len(bare) >= _WRAPPED and (bare[-1:].isalnum() or bare.endswith(","))
        pending = bare if full else ""
        if bare and not pending:
            yield line.rstrip()
    if pending:
        yield pending


def _is_appended(piece: str, rules: Rules) -> bool:
    """Whether a sentence is a mail program's or a company's, by its form and words: one person speaks in neither."""
    folded = fold(piece)
    if footers.is_footer(folded):
        found = _strange(piece, footers.FOOTER_WORDS)
        return found.small == 0 and found.capital <= 1
    company = footers.is_disclaimer(folded) or footers.is_banner(folded)
    if not company or _FIRST_PERSON.search(folded) or any(map(is_chinese, folded)):
        return False
    found = _strange(piece, footers.BOILERPLATE_WORDS | rules.words_of(_BESIDE))
    return found.small + found.capital <= found.known // _OF_BOILERPLATE


def _is_signature(line: str, program: Program, rules: Rules) -> bool:
    """Whether a line is a name or what its bearer is, with no word that sentences have."""
    folded = fold(line)
    if not is_name(Line(line, folded)) or any(map(is_chinese, folded)):
        return False
    return _has_no_grammar(_WORD.findall(folded), program, rules)


def _has_no_grammar(words: Iterable[str], program: Program, rules: Rules) -> bool:
    grammar = (program.words(rules) | rules.words_of(_BESIDE)) - rules.words_of(("automatic_common",))
    return grammar.isdisjoint(word for word in words if len(word) > _TINY)


def _is_role(line: str, program: Program, rules: Rules) -> bool:
    """Whether a line below a name says what its bearer does: few words without a stop, one of them a role's."""
    words = _WORD.findall(fold(line))
    roles = rules.words_of(("automatic_roles",))
    plain = all(char.isalnum() or char in " ,-'’&/()" for char in line.strip())
    brief = plain and len(words) <= _ROLE_WORDS and not roles.isdisjoint(words)
    return brief and _has_no_grammar(set(words) - roles, program, rules)


def _is_ordinary(piece: str, rules: Rules, program: Program, known: frozenset[str]) -> bool:
    folded = fold(piece)
    if len(folded) > _PIECE or _DEMANDS.search(folded):
        return False
    if any(map(is_chinese, folded)):
        return _is_ordinary_chinese(folded, rules, program)
    if substance(piece, rules) == 0:
        return True
    if not _has_program_words(piece, program, rules):
        return False
    return _has_phrase(folded, rules, program) or _is_short(piece, known) or _serves(piece, folded, known, rules)


def _is_ordinary_chinese(folded: str, rules: Rules, program: Program) -> bool:
    """Whether a Chinese sentence has a phrase in each of its clauses, but for a greeting and a day."""
    latin = sum(len(word) > _TINY for word in _LATIN.findall(_ADDRESS.sub(" ", folded)))
    if latin > _SHORT or not _has_phrase(folded, rules, program):
        return False
    clauses = (clause for clause in _CLAUSE.findall(folded) if not _has_phrase(clause, rules, program))
    return sum(is_chinese(char) and char not in "月日" for clause in clauses for char in clause) <= _CHINESE_BESIDE


def _has_program_words(piece: str, program: Program, rules: Rules) -> bool:
    """Whether hardly a word of a sentence, and of each of its clauses, is one that no program says."""
    known = program.words(rules) | rules.words_of(_BESIDE)
    parts = [_strange(part, known) for part in _PART.split(_MONTH.sub(" ", _ADDRESS.sub(" ", piece), count=_MONTHS))]
    if any(part.small > _UNKNOWN + part.known // _AMONG for part in parts):
        return False
    small, names, many = (sum(numbers) for numbers in zip(*parts, strict=True))
    return bool(small <= _UNKNOWN + many // _AMONG and names <= _NAMES)


def _serves(piece: str, folded: str, known: frozenset[str], rules: Rules) -> bool:
    """Whether a sentence is about mail and service only, and nobody speaks of themselves: "Need help sooner?"."""
    if _FIRST_PERSON.search(folded) or rules.first("automatic_common", Texts(own_words=folded)) is None:
        return False
    return _strange(_ADDRESS.sub(" ", piece), known | rules.words_of(_BESIDE)).small == 0


def _has_phrase(folded: str, rules: Rules, program: Program) -> bool:
    texts = Texts(own_words=folded)
    if program.says is not None and program.says.search(folded):
        return True
    return any(rules.first(table, texts) is not None for table in program.tables)


def _is_short(piece: str, known: frozenset[str]) -> bool:
    """Whether a few words are those of the tables: "Back soon.", or say that somebody is there."""
    words = _WORD.findall(fold(piece))
    if len(words) > _SHORT:
        return False
    return known.issuperset(words) or (words[1:2] != [] and words[1] in _HERE and known.issuperset(words[1:]))


class _Words(NamedTuple):
    """How many words of a text no program says, written small or with a capital, and how many one does."""

    small: int
    capital: int
    known: int


def _strange(text: str, known: frozenset[str]) -> _Words:
    words = [word for word in _WORD.findall(seen(text)) if len(word) > _TINY or not word.isascii()]
    strange = [word for word in words if not known.issuperset(_WORD.findall(fold(word)))]
    capital = sum(word[0].isupper() and not (word.isupper() and len(word) > _INITIALS) for word in strange)
    return _Words(len(strange) - capital, capital, len(words) - len(strange))


def _is_contact(piece: str, known: frozenset[str]) -> bool:
    """Whether a piece is an address, a number or a row between bars, and hardly a word beside it."""
    if not (_ADDRESS.search(piece) or _BARS.search(piece)):
        return False
    found = _strange(_ADDRESS.sub(" ", piece), known)
    brief = found.known <= _SHORT and _DEMANDS.search(fold(piece)) is None
    return brief and found.small == 0 and found.capital <= _SIGNED
