"""Whether a reply's words deal with the matter or only fill the page (policy Q1).

Courtesy, receipts and promises to look into it are taken away (data/reply.toml: `filler`); what is left is what
a reply says. A short deed ("Refunded.", `deed`) says enough by itself. Advertising deals with nothing.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from relaywatch.core.language.rules import Rule, Rules, Texts, find_phrase, fold
from relaywatch.core.mail.message import Message

_ENOUGH = 3  # words, or Chinese characters, that are about something
_LONG = 500  # characters: who writes more has said something
_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"[0-9]{5}")  # a tracking number is nobody's name
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_STOPS = " ,.!?:;-–—~，。！？：；、…"
_GREETING = re.compile(
    r"(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|bonjour|bonsoir|salut|chers?|cheres?)\b"
    r"(?P<name>[^,.!:;，。！：]{0,50})(?P<stop>[,.!:;，。！：]|$)|(?:尊敬的|亲爱的)[^,，:：!！。]{0,20}(?:[,，:：!！。]|$)"
)
_MOST_NAMES = 4
_MOST_NAMES_UNMARKED = 3  # where no comma ends the greeting
_THANKS = frozenset({"thanks", "thank you", "many thanks", "merci", "谢谢"})  # these also open a text
_SIGN_OFFS = frozenset(
    {
        *("regards", "kind regards", "best regards", "warm regards", "best", "best wishes", "sincerely"),
        *("yours sincerely", "yours truly", "cheers", "cordialement", "bien cordialement", "bien a vous"),
        *("salutations", "sincerement", "此致", "祝好", "敬礼"),
    }
)
_IN_NAMES = frozenset({"de", "du", "la", "le", "van", "von", "the", "of", "and", "at", "from", "&", "-", "|", "/"})
_MOST_IN_NAME = 6
_CHINESE_NAME = 8  # characters
_SENTENCE = re.compile(r"[^.!?。！？\n]{1,1000}[.!?。！？\n]?")
_PROMOTIONS = ("advertising", "discount")  # results of data/outreach.toml


@lru_cache(maxsize=8)
def _phrases(table: tuple[Rule, ...]) -> tuple[str, ...]:
    """Return a table's phrases, the longest first."""
    return tuple(sorted({phrase for rule in table for phrase in rule.phrases}, key=lambda text: (-len(text), text)))


def substance(text: str, rules: Rules) -> int:
    """Return how many words deal with anything: those left without greetings, thanks, receipts and promises.

    Chinese is counted by characters. `text` is a line or a few; the work grows with its square.
    """
    left = fold(text[:_LONG])
    for phrase in _phrases(rules.tables.get("filler", ())):
        while phrase in left and (start := find_phrase(phrase, left)) >= 0:
            left = f"{left[:start]} | {left[start + len(phrase) :]}"
    chinese = len(_CHINESE.findall(left))
    return chinese + sum(1 for _ in _WORD.finditer(_CHINESE.sub(" ", left)))


def is_thin(own_words: str, rules: Rules) -> bool:
    """Whether a person's words say too little to deal with a matter (policy Q1).

    The fullest line decides, not the sum of all: a signature's names do not add up to an answer.
    """
    if len(own_words) > _LONG:
        return False
    for line in _lines(own_words):
        folded = fold(line).strip(_STOPS)
        if folded in _SIGN_OFFS:
            break
        if folded in _THANKS or _is_name(line):
            continue
        said = _without_greeting(folded)
        if _does(said, rules) or substance(said, rules) >= _ENOUGH:
            return False
    return True


def _lines(text: str) -> Iterator[str]:
    """Yield lines, those that a mail program wrapped put together again."""
    pending = ""
    for line in text.splitlines():
        stripped = line.strip()
        if pending and stripped[:1].islower():
            pending = f"{pending} {stripped}"
            continue
        if pending:
            yield pending
        pending = stripped
    if pending:
        yield pending


def _is_name(line: str) -> bool:
    """Whether a line looks like a name or a company's: a few words, all with a capital, and no sentence."""
    words = line.split()
    if len(_CHINESE.findall(line)) > _CHINESE_NAME:
        return False
    if not 0 < len(words) <= _MOST_IN_NAME or line.rstrip()[-1] in ".!?" or _NUMBER.search(line):
        return False
    return all(word[:1].isupper() or word.lower() in _IN_NAMES for word in words)


def _without_greeting(folded: str) -> str:
    greeting = _GREETING.match(folded)
    if greeting is None:
        return folded
    names = len((greeting["name"] or "").split())
    if names > (_MOST_NAMES if greeting["stop"] else _MOST_NAMES_UNMARKED):
        return folded
    return folded[greeting.end() :].strip(_STOPS)


def _does(folded: str, rules: Rules) -> bool:
    return any(find_phrase(phrase, folded) >= 0 for phrase in _phrases(rules.tables.get("deed", ())))


def is_only_promotion(message: Message, rules: Rules) -> bool:
    """Whether advertising is all that a message says: then it answers nothing (policy Q1, O2)."""
    table = [rule for rule in rules.tables.get("outreach_forbidden", ()) if rule.result in _PROMOTIONS]
    words = message.own_words
    if len(words) > 10 * _LONG or not _promotes(words, table):
        return False
    kept = [match[0] for match in _SENTENCE.finditer(words) if not _promotes(match[0], table)]
    return is_thin("".join(kept), rules)


def _promotes(text: str, table: Iterable[Rule]) -> bool:
    texts = Texts(own_words=text)
    return any("own_words" in rule.where and rule.find(texts) is not None for rule in table)
