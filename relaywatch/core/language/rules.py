"""Rules that are words: tables of phrases, in order, as data/ holds them, applied to folded text.

Folding makes phrases match mail as it really is: lower case, no accents, straight apostrophes and hyphens,
single blanks, nothing that nobody sees, and no letters of another alphabet in a Latin word. A phrase is plain text
and matches whole words; a pattern is a regular expression over folded text, for what plain text cannot say. Phrases
are looked up with `in`, which is what keeps a message cheap, so prefer them.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from relaywatch.core.language.lookalikes import INVISIBLE, PLAIN, unmixed
from relaywatch.core.language.needles import Sought, each_once
from relaywatch.core.language.signs import SignTable

_SAME = str.maketrans(
    dict.fromkeys("’‘ʼ`´", "'")
    | dict.fromkeys("“”", '"')
    | dict.fromkeys("‐‑‒–—―−⁻₋﹘︱︲", "-")
    | {"ŉ": "'n"}
    | dict.fromkeys(INVISIBLE, "")
)
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_WORD = re.compile(r"[^\W\d_]+")
_OTHER_TO_BLANK = bytes(code if chr(code).isascii() and chr(code).isalnum() else 32 for code in range(256))
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_ASCII = bytes(range(128))
_LONG = 400  # characters, from which on to look for what is beyond ASCII is slower than to replace it
_SEVERAL = 24  # different characters beyond ASCII: more are Chinese, or nonsense
_SHORT = 8  # characters beyond ASCII in a row: an accented letter is met again, a Chinese sentence is not
KEPT_LINE = 200  # characters of a line that is kept at hand, folded: what is longer is seldom met again
_FOREIGN = "\x80"
_EVIDENCE = 60  # characters of context that a person needs to recognise the place


def fold(text: str) -> str:
    """Return text as phrases are compared: see the module's text. Linear in time."""
    if not text.isascii():
        text = _ascii(text) if len(text) > _LONG else _NOT_ASCII.sub(_plainer, text)
        text = text if text.isascii() else unmixed(text)
    return " ".join(text.replace("`", "'").lower().split())


def fold_line(line: str) -> str:
    """Fold one line. Lines are met again, in quotes, signatures and forms, and several look at each."""
    return _known_line(line) if len(line) <= KEPT_LINE else fold(line)


_known_line = lru_cache(maxsize=4096)(fold)


def _ascii(text: str) -> str:
    """Replace what is beyond ASCII, each character by itself: none is changed by its neighbours."""
    beyond = text.encode("utf-8", "surrogatepass").translate(None, _ASCII).decode("utf-8", "surrogatepass")
    distinct = set(beyond)
    plain = [(char, _known_plainer(char)) for char in distinct] if len(distinct) <= _SEVERAL else []
    if not plain or not all(other.isascii() for _, other in plain):  # what one gives must not be replaced again
        return _NOT_ASCII.sub(_plainer, text)
    for char, other in plain:
        text = text.replace(char, other)
    return text


def _plainer(match: re.Match[str]) -> str:
    found = match[0]
    return _known_plainer(found) if len(found) <= _SHORT else _without_accents(found)


def _without_accents(text: str) -> str:
    text = unicodedata.normalize("NFKD", text.translate(_SAME))
    return "".join([char for char in text if not unicodedata.combining(char)]).translate(PLAIN)


_known_plainer = lru_cache(maxsize=1024)(_without_accents)


def _is_word(char: str) -> bool:
    """Whether a neighbour would make it another word; Chinese has no blanks between words."""
    return char.isalnum() and not "\u2e80" <= char <= "\u9fff"


def find_phrase(phrase: str, text: str) -> int:
    """Return where a folded phrase stands in folded text as whole words, -1 where it does not."""
    start = text.find(phrase)
    while start >= 0:
        end = start + len(phrase)
        opens = start == 0 or not (_is_word(phrase[0]) and _is_word(text[start - 1]))
        closes = end == len(text) or not (_is_word(phrase[-1]) and _is_word(text[end]))
        if opens and closes:
            return start
        start = text.find(phrase, start + 1)
    return -1


@dataclass(frozen=True)
class Texts:
    """The texts of one message that rules look at; each is folded once, and only if a rule asks."""

    subject: str = ""
    own_words: str = ""
    rest: str = ""
    author: str = ""  # name and address

    @cached_property
    def folded(self) -> dict[str, str]:
        """Cache of folded texts by field name."""
        return {}

    def get(self, where: str) -> str:
        """Return the folded `subject`, `own_words`, `rest`, `author` or `text` (own words and rest)."""
        if where not in self.folded:
            whole = f"{self.own_words}\n{self.rest}" if where == "text" else getattr(self, where)
            self.folded[where] = _folded(whole)
        return self.folded[where]

    @cached_property
    def known_words(self) -> dict[str, frozenset[str]]:
        """Cache of the words of folded texts by field name."""
        return {}

    def words(self, where: str) -> frozenset[str]:
        """Return what Rule.anchors are compared with: the runs of ASCII letters and digits in a text."""
        if where not in self.known_words:
            self.known_words[where] = _words(self.get(where))
        return self.known_words[where]


# The rules about one message are asked through several Texts, most of which hold the same words.
_folded = lru_cache(maxsize=16)(fold)


@lru_cache(maxsize=16)
def _words(folded: str) -> frozenset[str]:
    folded = each_once(folded)
    always = ("",) if folded.isascii() else ("", _FOREIGN)
    return frozenset((*ascii_words(folded), *always))


def ascii_words(text: str) -> list[str]:
    """Return the runs of ASCII letters and digits in a text: five times as fast as a regular expression finds them."""
    return text.encode("ascii", "replace").translate(_OTHER_TO_BLANK).decode().split()


def _anchored(phrases: tuple[str, ...]) -> Mapping[str, tuple[int, ...]]:
    """Return phrases' positions by a word that a text must have to hold them.

    A phrase stands in a text as whole words only, so its longest run of ASCII letters is a word of the text.
    For phrases without one (Chinese) the key is _FOREIGN, for the rest "".
    """
    found: dict[str, list[int]] = {}
    for position, phrase in enumerate(phrases):
        anchor = max(_ASCII_WORD.findall(phrase), key=len, default="" if phrase.isascii() else _FOREIGN)
        found.setdefault(anchor, []).append(position)
    return {anchor: tuple(positions) for anchor, positions in found.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One entry of a table: any of its phrases or patterns, in any of these places, and none of `unless`."""

    name: str
    where: tuple[str, ...]  # see Texts.get
    phrases: tuple[str, ...] = ()  # folded
    patterns: tuple[re.Pattern[str], ...] = ()
    unless: tuple[str, ...] = ()  # folded phrases that, in the same place, speak against it
    unless_patterns: tuple[re.Pattern[str], ...] = ()
    own: bool = False  # of the operator's own file: what it says outranks who wrote
    result: str = ""  # what a match means, where the table's rules mean different things (a topic, a class)
    anchors: Mapping[str, tuple[int, ...]] = field(init=False, repr=False, compare=False)  # see _anchored
    needs: tuple[frozenset[str], ...] = field(init=False, repr=False, compare=False)  # of each phrase, see Texts.words
    sought: Sought = field(init=False, repr=False, compare=False)  # the patterns
    unless_sought: Sought = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "anchors", _anchored(self.phrases))
        object.__setattr__(self, "needs", tuple(frozenset(_ASCII_WORD.findall(phrase)) for phrase in self.phrases))
        object.__setattr__(self, "sought", Sought(self.patterns))
        object.__setattr__(self, "unless_sought", Sought(self.unless_patterns))

    def find(self, texts: Texts) -> str | None:
        """Return the words that matched, with a little around them, or None."""
        for where in self.where:
            text = texts.get(where)
            spot = self._spot(text, texts.words(where))
            if spot is None:
                continue
            if any(find_phrase(phrase, text) >= 0 for phrase in self.unless):
                continue
            if any(pattern.search(text) for pattern in self.unless_sought.possible(text)):
                continue
            start, end = spot
            return text[max(0, start - 10) : min(len(text), max(end, start + _EVIDENCE))]
        return None

    def _spot(self, text: str, words: frozenset[str]) -> tuple[int, int] | None:
        anchors = words.intersection(self.anchors)
        if not anchors and not self.patterns:
            return None
        needs = self.needs
        for position in sorted(at for anchor in anchors for at in self.anchors[anchor] if needs[at] <= words):
            phrase = self.phrases[position]
            start = find_phrase(phrase, text)
            if start >= 0:
                return start, start + len(phrase)
        for pattern in self.sought.possible(text):
            match = pattern.search(text)
            if match:
                return match.span()
        return None


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that matched and the words that it matched on."""

    rule: Rule
    evidence: str


@dataclass(frozen=True, slots=True)
class Rules:
    """All tables by name. A table is in order: the first rule that matches decides.

    `signs`: what weighs whether a reply counts.
    """

    tables: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)
    signs: SignTable = field(default_factory=SignTable)
    _indexes: dict[str, "_Index"] = field(default_factory=dict, init=False, repr=False, compare=False)
    _vocabularies: dict[tuple[str, ...], frozenset[str]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def first(self, table: str, texts: Texts) -> Match | None:
        """Return the first match of a table; an unknown table is a programming error (KeyError)."""
        return next(self._matches(table, texts), None)

    def all(self, table: str, texts: Texts) -> tuple[Match, ...]:
        """Return every match of a table, in its order."""
        return tuple(self._matches(table, texts))

    def possible(self, table: str, texts: Texts) -> bool:
        """Return False only where no rule of a table matches, however the words of the texts are put together."""
        return bool(self._index(table).candidates(texts))

    def words_of(self, tables: Sequence[str]) -> frozenset[str]:
        """Return the words of all phrases of some tables."""
        key = tuple(tables)
        if key not in self._vocabularies:
            phrases = (phrase for table in key for rule in self.tables[table] for phrase in rule.phrases)
            self._vocabularies[key] = frozenset(word for phrase in phrases for word in _WORD.findall(phrase))
        return self._vocabularies[key]

    def phrases_of(self, tables: Sequence[str]) -> tuple[str, ...]:
        """Return all phrases of some tables, folded."""
        return tuple(phrase for table in tables for rule in self.tables[table] for phrase in rule.phrases)

    def _index(self, table: str) -> "_Index":
        index = self._indexes.get(table)
        if index is None:
            index = self._indexes[table] = _Index(self.tables[table])
        return index

    def _matches(self, table: str, texts: Texts) -> Iterator[Match]:
        rules = self.tables[table]
        for position in self._index(table).candidates(texts):
            rule = rules[position]
            evidence = rule.find(texts)
            if evidence is not None:
                yield Match(rule, evidence)


class _Index:
    """Which rules of a table can match, by the words that its texts have: few, as a rule."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self._always = frozenset(position for position, rule in enumerate(rules) if rule.patterns)
        self._holders: dict[str, dict[str, list[tuple[frozenset[str], int]]]] = {}  # where: anchor: needs, position
        for position, rule in enumerate(rules):
            for where in rule.where:
                holders = self._holders.setdefault(where, {})
                for anchor, phrases in rule.anchors.items():
                    needs = {rule.needs[phrase] for phrase in phrases}
                    holders.setdefault(anchor, []).extend((need, position) for need in needs)
        self._anchors = {where: frozenset(holders) for where, holders in self._holders.items()}

    def candidates(self, texts: Texts) -> list[int]:
        """Return the positions of the rules to try, in order."""
        found = set(self._always)
        for where, anchors in self._anchors.items():
            holders = self._holders[where]
            words = texts.words(where)
            for anchor in words & anchors:
                found.update(position for need, position in holders[anchor] if need <= words)
        return sorted(found)
