"""Whether all that a mail says is what programs say: of an absence, a receipt, a report (policy Q2).

Who misses a deadline pays the customer's refund: a customer gains by a mail that starts no clock. So the proof is
turned round. Not that nothing in it looks like a demand, but that each piece of it, wherever it stands, is one that
a program writes: it has a phrase of the tables of data/automatic_*.toml and, but for names and dates, their words; or
it is a courtesy, a name, a contact line or what companies append, by its form. What is not understood is somebody's.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from relaywatch.core.classes.reported import is_by_form
from relaywatch.core.language import chinese
from relaywatch.core.language.lookalikes import seen
from relaywatch.core.language.pieces import lines_of, sentences_of
from relaywatch.core.language.rules import Rules, Texts, fold
from relaywatch.core.language.tokens import is_chinese, tokens
from relaywatch.core.mail.message import Message
from relaywatch.core.words import footers, quotes
from relaywatch.core.words.frame import Line, is_name
from relaywatch.core.words.quality import substance

_ABSENT = ("automatic_absence", "automatic_meanwhile", "automatic_thanks", "automatic_promise", "automatic_statement")
_LONG = 6_000  # characters: no absence has more, and what a reader cut off stands behind so many
_LARGE = 200_000  # bytes of a mail: the text of one is read to an end, too
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
_MOST_NAMES = 6  # words of a customer's mail with a capital that no table has: two names and a company
_OF_A_NAME = 3  # words
_FURTHER = 2  # lines below a name
_NOT_ROLES = 1  # so many of them, where nothing else names who signs
_GREETED = 2  # words of a name behind "Dear"
_ADDRESSED = 4  # words behind "Dear"
_ADDRESS = re.compile(
    r"\S{1,80}@\S{1,80}|https?://\S+|www\.\S+|\+?[\d(][\d ().-]{6,20}\d(?:\s?(?:x|ext\.?|poste)\s?\d{1,6})?"
)
_MONTH = re.compile(r"(?<=\d )(?:de )?[^\W\d_]{3,10}|(?<=\der )[^\W\d_]{3,10}")  # "le 20 novembre"
_BARS = re.compile(r"\s[|·•]\s")
_PART = re.compile(  # the clauses of a sentence
    r"[,;:()\u2013\u2014\u060c]|\s-\s|\b(?:and|but|so|because|while|et|mais|car|und|aber|y|pero|e|ma|mas)\b",
    re.IGNORECASE,
)
# words that programs use, which show none
_BESIDE = ("automatic_common", "automatic_calendar", "short_calendar", "common_words")
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
_RETURNED = frozenset({"message/rfc822", "message/global"})  # what comes back, of which nothing was read
_SIGNATURES = (".p7s", ".asc", ".sig")
_HARM = ("shop_matters", "shop_goods")
_OF_A_SHOP = (
    *("handover", "handover_problem", "automatic_deed", "automatic_matter", "consumer_protection_complaint"),
    *("service_words", "short_words"),
)
_IN_NAMES = frozenset({"inc", "ltd", "ltee", "llc", "guy", "max", "mom", "dad", "sir", "mrs"})  # companies', persons'
_JUNK = re.compile(r"\b(?:junk|spam) (?:and spam |or spam )?(?:mail|e-?mail|folder|box)\b")  # folded: no matter
_MAILBOX = re.compile(r"[\w.+-]{1,64}@")
_CHINESE_BESIDE = 5  # characters of an agent's sentence: a greeting
_GREETING = re.compile(  # folded
    r"(?:hi|hello|hey|dear|greetings|good (?:day|morning|afternoon|evening)|bonjour|bonsoir|salut|chers?|cheres?)\b"
    r"(?P<name>[^,.!?:;]{0,60})[,.!:;]?$"
)
_GREETED_WORDS = frozenset(
    {
        *("there", "all", "everyone", "everybody", "sir", "madam", "or", "sender", "customer", "team", "colleague"),
        *("colleagues", "friends", "friend", "to", "whom", "a", "tous", "toutes", "et", "madame", "monsieur", "mr"),
        *("mrs", "ms", "mme", "client", "cliente", "collegues", "and", "valued"),
    }
)


@dataclass(frozen=True, slots=True)
class Program:
    """What programs of a kind say: phrases of tables, or what a pattern finds, and the words of both."""

    tables: tuple[str, ...]
    says: re.Pattern[str] | None = None  # of folded text
    beside: tuple[str, ...] = ()  # tables whose words it has, and whose phrases show nothing
    never: re.Pattern[str] | None = None  # of folded text: what people say in the same words
    never_in: tuple[str, ...] = ()  # tables of the same
    marks: re.Pattern[str] | None = None  # hosts and numbers, which are no words
    returns: bool = False  # whether it brings back what it speaks of

    def words(self, rules: Rules) -> frozenset[str]:
        """Return the words that it says it with."""
        words = rules.words_of((*self.tables, *self.beside))
        return words.union(_WORD.findall(self.says.pattern)) if self.says is not None else words


RECEIVED = Program((*_ABSENT, "automatic_aside", "automatic_receipt"))


def beyond(message: Message, rules: Rules, program: Program = RECEIVED) -> str:
    """Return what shows that a mail is, or may be, more than a program's words; "" where nothing does.

    Quotes count: whether somebody wrote there what the mail before says cannot be told of one mail.
    """
    own, rest = message.own_words, message.rest
    if program.says is None and not (own or rest or message.forgotten):
        return "it has no words"
    reading = _Reading(rules, program, _vouched(message))
    return _brought(message, program) or _unread(message) or _said((own, rest), reading)


def beside(message: Message, rules: Rules) -> str:
    """Return the same of what stands beside own words: in another version, below a footer; no marked quotes."""
    rest = "\n".join(line for line in message.rest.split("\n") if not quotes.is_quote(line))
    return _unread(message) or _said((rest,), _Reading(rules, RECEIVED, strict=False, spoken=True))


def tells_harm(text: str, rules: Rules, *, of_goods: bool = True) -> bool:
    """Whether a text has a word of what befell a thing, or of what is owed for it; `of_goods`: or of a thing."""
    words = rules.words_of(_HARM if of_goods else _HARM[:1])
    return not words.isdisjoint(_WORD.findall(_JUNK.sub(" ", fold(text))))


def demands(text: str) -> bool:
    """Whether somebody says that they want something."""
    return _DEMANDS.search(fold(text)) is not None


def _brought(message: Message, program: Program) -> str:
    """Return what of a mail people open or look at beside its text."""
    passed = _OF_TEXT | _OF_A_REPORT if is_by_form(message) else _OF_TEXT
    if program.returns and message.report is not None and message.report.original_id:
        passed = passed | _RETURNED
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


def _said(texts: Iterable[str], reading: "_Reading") -> str:
    """Return the first piece of the texts that no program says."""
    for line in chain.from_iterable(map(lines_of, texts)):
        if reading.spoken and reading.signs(line):
            continue
        for piece in sentences_of(line):
            if not reading.passes(piece) or reading.is_over:
                return piece[:60]
    return "" if reading.names_few else "it has too many words that may be names"


def _vouched(message: Message) -> frozenset[str]:
    """Return words that others than the text give for its writer's name: the sender's, those of addresses in it."""
    parts = (found[0].split("@")[0] for found in _MAILBOX.finditer(message.text))
    return frozenset(_WORD.findall(fold(" ".join((message.author_name, *parts)))))


@dataclass
class _Reading:
    """How far a mail was read, and what names were met in it.

    `strict`: a customer's, who gains by what is overlooked; else an agent's, whose signature tells of a shop too.
    """

    rules: Rules
    program: Program
    vouched: frozenset[str] = frozenset()
    strict: bool = True
    spoken: bool = False  # whether a program's sentence was met
    is_over: bool = False  # whether more was said below a signature
    signed: list[str] = field(default_factory=list)  # lines
    names: set[str] = field(default_factory=set)  # words with a capital that no table has

    @cached_property
    def known(self) -> frozenset[str]:
        """The words that the program says."""
        return self.program.words(self.rules)

    @cached_property
    def harm(self) -> frozenset[str]:
        """What no program of the kind says, of what befell a thing and what is owed for it."""
        return self.rules.words_of(_HARM) - self.rules.words_of(self.program.beside) if self.strict else frozenset()

    @cached_property
    def matters(self) -> frozenset[str]:
        """What no name has: harm, and what a shop deals with."""
        if not self.strict:
            return frozenset()
        none = self.rules.words_of(("automatic_common", "automatic_calendar", "short_calendar", "automatic_roles"))
        return self.harm | (self.rules.words_of(_OF_A_SHOP) - none - _IN_NAMES - self.vouched)

    @cached_property
    def chinese(self) -> tuple[str, ...]:
        """The Chinese phrases that the program says, and what may stand beside them."""
        phrases = self.rules.phrases_of((*self.program.tables, "chinese_beside"))
        return tuple(phrase for phrase in phrases if any(map(is_chinese, phrase)))

    @property
    def names_few(self) -> bool:
        """Whether no more names were met than absences have."""
        return not self.strict or len(self.names) <= _MOST_NAMES

    def signs(self, line: str) -> bool:
        """Whether a line is of a signature: a name, or what stands below one."""
        if self.strict and _GREETING.match(fold(line)):
            return False
        below = bool(self.signed)
        role = below and _is_role(line, self.program, self.rules)
        if not role and not _is_signature(line, self.program, self.rules):
            return False
        words = [word for word in _WORD.findall(fold(line)) if len(word) > _TINY]
        if self.strict and not (self._is_further(words, role=role) if below else self._is_first(words)):
            return False
        self.signed.append(line)
        self.names.update(word for word in words if not role or word not in self._of_roles())
        return self.strict or sum(len(tokens(fold(one))) for one in self.signed) <= _SIGNED

    def _of_roles(self) -> frozenset[str]:
        return self.rules.words_of(("automatic_roles",)) | self.known | self.rules.words_of(_BESIDE)

    def _is_first(self, words: list[str]) -> bool:
        return 0 < len(words) <= _OF_A_NAME and self.matters.isdisjoint(words)

    def _is_further(self, words: list[str], *, role: bool) -> bool:
        if not (self.harm if role else self.matters).isdisjoint(words):
            return False
        said = set(_WORD.findall(fold(" ".join(self.signed))))
        if said.issuperset(words):
            return True  # the name again
        others = sum(not _is_role(one, self.program, self.rules) for one in self.signed[1:])
        allowed = _FURTHER if not said.isdisjoint(self.vouched) else _NOT_ROLES
        return len(self.signed) <= _FURTHER and (role or others < allowed)

    def passes(self, piece: str) -> bool:
        """Whether a piece of a line is a program's, or what stands around what it says."""
        harmless = self.harm.isdisjoint(_WORD.findall(_JUNK.sub(" ", fold(piece))))
        piece = self.program.marks.sub(" ", piece).strip() if self.program.marks is not None else piece
        folded = fold(piece)
        if not any(map(str.isalnum, piece)):
            return harmless
        if _is_appended(piece, self.rules):
            self._meets(piece)
            return True
        if harmless and (self._greets(piece, folded) or (_is_contact(piece, self.known) and self._names_only(piece))):
            self._meets(piece)
            return True
        if not harmless or not self._is_ordinary(piece, folded):
            return False
        self._meets(piece)
        self.spoken = True
        self.is_over = self.strict and bool(self.signed) and substance(piece, self.rules) > 0
        return True

    def _is_ordinary(self, piece: str, folded: str) -> bool:
        program = self.program
        if program.never is not None and program.never.search(folded):
            return False
        texts = Texts(own_words=folded)
        if any(self.rules.first(table, texts) is not None for table in program.never_in):
            return False
        names = piece.split(maxsplit=1)[-1] if self.strict else ""  # what opens a sentence has a capital anyway
        return self._names_only(names) and _is_ordinary(piece, self)

    def _greets(self, piece: str, folded: str) -> bool:
        """Whether a piece is a greeting, of somebody by two words at most."""
        found = _GREETING.match(folded) if self.strict else None
        if found is None:
            return False
        words = _WORD.findall(found["name"])
        names = [word for word in words if word not in _GREETED_WORDS]
        called = self.matters.isdisjoint(names) and len(names) <= _GREETED
        written = set(map(fold, filter(str.istitle, _WORD.findall(piece))))
        called = called and written.issuperset(names)
        return called and len(words) <= _ADDRESSED and _has_no_grammar(names, self.program, self.rules)

    def _strangers(self, piece: str) -> list[str]:
        """Return the words with a capital that no table has, folded."""
        known = self.known | self.rules.words_of(_BESIDE)
        words = [word for word in _WORD.findall(_ADDRESS.sub(" ", piece)) if len(word) > _TINY and word[0].isupper()]
        return [part for word in words for part in _WORD.findall(fold(word)) if part not in known]

    def _names_only(self, piece: str) -> bool:
        return self.matters.isdisjoint(self._strangers(piece))

    def _meets(self, piece: str) -> None:
        self.names.update(self._strangers(piece))


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


def _is_ordinary(piece: str, reading: _Reading) -> bool:
    folded = fold(piece)
    rules, program, known = reading.rules, reading.program, reading.known
    if len(folded) > _PIECE or _DEMANDS.search(folded):
        return False
    if any(map(is_chinese, folded)):
        return _is_ordinary_chinese(folded, reading)
    if substance(piece, rules) == 0:
        return True
    if not _has_program_words(piece, program, rules):
        return False
    plain = not program.beside  # of a report, words without a phrase may be anybody's: "Send it again."
    said = _has_phrase(folded, rules, program) or (plain and _is_short(piece, known))
    return said or (plain and _serves(piece, folded, known, rules))


def _is_ordinary_chinese(folded: str, reading: _Reading) -> bool:
    """Whether a Chinese sentence has no more than phrases, courtesy, days and whom to ask; an agent's may have some."""
    rules, program = reading.rules, reading.program
    text = _ADDRESS.sub(" ", folded)
    latin = sum(len(word) > _TINY for word in _LATIN.findall(text))
    if reading.strict and chinese.demands(folded):
        return False
    beside = _beyond_chinese(text, reading)
    if latin > _SHORT or (beside and not _has_phrase(folded, rules, program)):
        return False
    return len(beside) <= (0 if reading.strict else _CHINESE_BESIDE)


def _beyond_chinese(folded: str, reading: _Reading) -> str:
    """Return the characters of a Chinese text that no table has, and that name nobody."""
    says = reading.program.says
    return chinese.beyond(says.sub(" ", folded) if says is not None else folded, reading.chinese)


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


class _UnknownWords(NamedTuple):
    """How many words of a text no program says, written small or with a capital, and how many one does."""

    small: int
    capital: int
    known: int


def _strange(text: str, known: frozenset[str]) -> _UnknownWords:
    words = [word for word in _WORD.findall(seen(text)) if len(word) > _TINY or not word.isascii()]
    strange = [word for word in words if not known.issuperset(_WORD.findall(fold(word)))]
    capital = sum(word[0].isupper() and not (word.isupper() and len(word) > _INITIALS) for word in strange)
    return _UnknownWords(len(strange) - capital, capital, len(words) - len(strange))


def _is_contact(piece: str, known: frozenset[str]) -> bool:
    """Whether a piece is an address, a number or a row between bars, and hardly a word beside it."""
    if not (_ADDRESS.search(piece) or _BARS.search(piece)):
        return False
    found = _strange(_ADDRESS.sub(" ", piece), known)
    brief = found.known <= _SHORT and _DEMANDS.search(fold(piece)) is None
    return brief and found.small == 0 and found.capital <= _SIGNED
