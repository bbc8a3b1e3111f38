"""Which signs a reply shows: what is known decides before lists of phrases do.

Known are the message that is answered (its words, its sender), what the shop sent before, how much time went by, and
who wrote. Lists (data/automatic.toml, reply.toml) are for the cold start; each is a sign among others. What a sign
weighs stands in data/signs.toml.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache

from relaywatch.core.automatic import header_sign, read_automatic
from relaywatch.core.frame import Line, is_poll
from relaywatch.core.matter import Matter, common_words, language_of, service_in, service_words
from relaywatch.core.message import Message
from relaywatch.core.once import ByIdentity
from relaywatch.core.quality import is_thin, substance
from relaywatch.core.rules import Rules, Texts, fold
from relaywatch.core.said import Said
from relaywatch.core.signs import Side, Weighed
from relaywatch.core.tokens import stems, tokens

QUICK = timedelta(seconds=90)  # no person reads, thinks and writes sooner, unless it is short and to the point
_SKEW = timedelta(minutes=2)  # between two servers' clocks
_LOOKED_AT = 4_000  # characters of what is said
_SHORT, _SHORT_CHINESE = 5, 9  # tokens: less is seldom an answer
_SOME, _SOME_CHINESE = 12, 20
_MUCH, _MUCH_CHINESE = 30, 50
_WORDS_A_SECOND = 1.0  # that people read and write, at the most
_MOST_OF_IT = 0.8  # of a text's words: a name or a number may differ
_DETAIL = 60
_REFERENCE = re.compile(r"(?<![a-z0-9_#(-])(?=[a-z]{0,4}\d)(?=\w*\d{5})[a-z0-9]{9,40}(?![a-z0-9_-])")  # folded
_SPACED = re.compile(r"(?<!\d)\d{4}(?: \d{4}){2,5}(?!\d)")  # as parcels' numbers are printed
_MONEY = re.compile(r"(?:[$€£¥]|\b(?:cad|usd|c\$)) ?\d+(?:[.,]\d\d)?|\d+(?:[.,]\d\d)? ?(?:[$€£¥]|cad\b|dollars?\b|元)")
_MEASURE = re.compile(
    r"(?<!\d\d-)(?<![\w.])\d+(?:[.,]\d+)? ?(?:ml|l|cl|cm|mm|m|in|inch(?:es)?|ft|kg|g|lb|lbs|oz|w|v|watts?|volts?"
    r"|amps?|mah|gb|mb|degrees|%|°c|°f|po|pouces?|pieds?|litres?|liters?|pieces?|pack)\b"
    r"|\d+ ?(?:厘米|毫升|公斤|克|件|个|米|寸|瓦|伏)"
)
_DAY = re.compile(
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)\b"
    r"|\b(?:january|february|march|april|june|july|august|september|october|november|december)\b"
    r"|\b(?:janvier|fevrier|avril|juin|juillet|aout|septembre|octobre|novembre|decembre)\b"
    r"|\d{1,2}月\d{1,2}|周[一二三四五六日]|星期[一二三四五六日]|明天|后天"
    r"|\btomorrow\b|\bdemain\b|\btonight\b|\bce soir\b"
)
_DAYS = (
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|lundis?|mardis?|mercredis?|jeudis?|vendredis?|samedis?|dimanches?"
)
_AMOUNT = r"(?:[$€£¥]|cad|c\$) ?\d[\d.,]*|\d[\d.,]* ?(?:[$€£¥]|cad\b|dollars?\b|元)"
_STANDING = re.compile(  # folded: what holds at all times, and so is of no matter: from what amount, on which days
    rf"\b(?:over|above|from|minimum|plus de|a partir de|des|dessus de) (?:{_AMOUNT})"
    rf"|(?:{_AMOUNT}) ?(?:et plus|ou plus|and up|and more|or more|\+|以上|起)|满 ?\d+ ?(?:元|包邮)?"
    rf"|\b(?:every|each|chaque|tous les) (?:{_DAYS})"
    rf"|\b(?:{_DAYS}) (?:to|a|au|through|thru|until|and|et|-|–) (?:{_DAYS})\b"
    r"|(?:每)?周[一二三四五六日天](?:至|到|-|~)周?[一二三四五六日天]|每(?:周|星期)[一二三四五六日天]"
)
_YES_NO = re.compile(  # folded
    r"(?:yes|yep|yeah|no|nope|oui|non|si|sure|certainly|of course|absolutely|unfortunately|malheureusement|bien sur"
    r"|certainement)(?:[,.!;: -]|$)"
    r"|(?:是的|不是|可以|不可以|能的?[，,。]|不能|没有|有的|会的|不会|当然|对的?[，,。]|不用)"
    r"|(?:没问题|支持|不支持|不行|行的?[，,。])"
)
_REACTION = re.compile(
    r"[\s*_]{0,3}(?:[\U0001f300-\U0001faff\u2600-\u27bf\u2b50]\ufe0f?[\s*_]{0,3}){1,5}"
    r"|\[[\w ]{2,12}\] ?\S{1,30} \S{1,30} |[+-]1\b"
)
_REACTION_WORDS = 12
_SPOKEN = {"words_automatic_statement": "says_automatic", "words_out_of_office": "says_absent"}
_STANDS_AROUND = ("says_automatic", "says_receipt", "says_absent")
_BULK = ("list-unsubscribe", "list-id", "x-campaign", "x-campaignid", "feedback-id")
_IN_BULK = ("precedence", "bulk")
_SERVICE = (("service_all", 0.75), ("service_most", 0.5), ("service_half", 0.3))
_PAIRS = 0.2
_HALF = 0.4
_DENSE = 0.5  # share of words that are about something
_SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？\n]*")
_HEADING = 18  # tokens
_STOPS = (". ", "! ", "? ", "。", "！", "？", "，", ", ")
_FEW_SERVICE = 3  # words of service, fewer of which say nothing
_YOURS = re.compile(r"\b(?:your|votre|vos)\b|您的|[您你](?:来信|留言|反馈|咨询|邮件)")
_ABOUT_CUSTOMER = re.compile(  # folded: nobody speaks so to the customer, but for a department's name
    r"\b(?:the|this|that) (?:customer|buyer|client)\b(?! (?:service|care|support|experience|relations))"
    r"|\b(?:le|la|ce|cette|cet) (?:client|cliente|acheteur|acheteuse)\b(?!e)"
    r"|(?:这个|该|那个|此)(?:客户|买家|顾客|客人)|客人(?:说|要|想|问|的)|(?:客户|买家|顾客)(?:说|要求|想要|问|反馈|投诉)"
)
_TO_READER = re.compile(r"您|亲爱|尊敬|亲[,，~!！:]|顾客朋友")  # as Chinese shops speak to customers, not to colleagues
_FIRST_PERSON = re.compile(r"\b(?:i|i'm|i'll|i've|i'd|je|j'ai|j')\b|我(?!们|們|司)")


@dataclass(frozen=True, slots=True)
class Past:
    """What the shop sent before, as far as it meets this text (`recurring.Learned`)."""

    share: float = 0.0  # of its words, that went to several people, word for word
    rhythm: bool = False  # each time as long after the message that was answered
    confirmed: int = 0  # how often a person said that this wording counts, less how often that it does not


@dataclass(frozen=True, slots=True)
class Sent:
    """One message of the seller's, ready to be weighed."""

    message: Message
    said: Said
    matter: Matter
    after: timedelta | None  # since the message that it answers; None where that is not here
    past: Past
    spoken: bool  # whether it may use words that programs use: its class knows of none where it is not automatic
    to_customer: bool
    related: bool  # it answers, or continues, something that is here, by its headers or its subject

    def shared(self, folded: str, common: frozenset[str]) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """Return what `Matter.shared` does, of a text without the shop's own name."""
        own = fold(self.message.author_name)
        return self.matter.shared(folded.replace(own, " ") if len(own) > 1 else folded, common)


def weigh(sent: Sent, rules: Rules) -> Weighed:
    """Return whether a message of the seller's counts as an answer, and the signs that say so (policy Q1, Q2).

    Of one in two scripts that half which says more: the other is a frame's, a banner's or a translation.
    """
    whole = _read(sent.said.text[:_LOOKED_AT])
    halves = [rules.signs.weigh(_signs(replace(sent, said=said), whole, rules)) for said in sent.said.by_script()]
    return max(halves, key=lambda weighed: weighed.score)


def _signs(sent: Sent, whole: "_Read", rules: Rules) -> dict[str, str]:
    found = dict(_all_signs(sent, whole, rules))
    if (
        not any(rules.signs.signs[name].side is Side.PERSON for name in found if name != "much")
        and "foreign" not in found
    ):
        found["nothing_for"] = ""
    return found


def _all_signs(sent: Sent, whole: "_Read", rules: Rules) -> Iterator[tuple[str, str]]:
    common = common_words(rules)
    sent = replace(sent, said=_above_service(sent, rules, common))
    read = _read(sent.said.text[:_LOOKED_AT])
    shared, things, specific = (sorted(stems) for stems in sent.shared(read.folded, common))
    facts = _Facts.of(read.folded, sent.matter)
    on_matter = bool(shared) or facts.any
    core = _core(sent, common)
    yield from _of_past(sent.past, read, on_matter=on_matter, leisure=facts.any or not _is_quick(sent))
    yield from _of_machine(sent, whole, core, rules, on_matter=on_matter)
    if not read.words:
        yield "empty", "" if not sent.said.below else _cut(sent.said.below[0].folded)
        return
    if shared:
        yield "matter_one", ", ".join(shared[:3])
    elif sent.matter.said and read.language == sent.matter.language:
        yield ("no_matter" if len(read.words) <= _SOME or facts.any else "much_beside"), ""
    if things:
        yield "thing", ", ".join(things[:3])
    if sent.matter.language not in ("", "zh") and read.chinese and not _TO_READER.search(read.folded):
        yield "foreign", ""
    if sent.to_customer and (about := _ABOUT_CUSTOMER.search(read.folded)):
        yield "about_customer", about[0]
    if not (specific or shared or read.chinese):
        yield "specific_none", ""
    yield from _of_service(sent, core, rules, common)
    yield from facts.signs()
    if not shared and any(line.paragraph in sent.said.linked for line in core):
        yield "links", ""
    yield from _of_manner(sent, read, common)
    yield from _of_size(sent, read, rules, shared, on_matter=on_matter or not sent.matter.said)


def _of_service(sent: Sent, core: Sequence[Line], rules: Rules, common: frozenset[str]) -> Iterator[tuple[str, str]]:
    """How much of what is said is of letters and service, and whether it speaks of what is the reader's."""
    read = _read(_without_pleasantries(_text_of(core), rules, common))
    shared, things, specific = sent.shared(read.folded, common)
    service = service_in(read.words, service_words(rules))
    share = service / max(1, service + len(specific) + len(shared) + len(things))
    share -= _PAIRS * read.chinese  # two characters are found in many words
    told = next((name for name, least in _SERVICE if share >= least), "") if service >= _FEW_SERVICE else ""
    if told:
        yield told, f"{service} words"
    if _YOURS.search(read.folded):
        yield "yours", ""


@dataclass(frozen=True, slots=True)
class _Read:
    """A text, taken apart once."""

    text: str
    folded: str
    words: tuple[str, ...]
    language: str
    chinese: bool


@lru_cache(maxsize=1024)
def _read(text: str) -> _Read:
    folded = Texts(own_words=text).get("own_words")
    words = tuple(tokens(folded))
    language = language_of(folded)
    return _Read(text, folded, words, language, language == "zh")


@dataclass(frozen=True, slots=True)
class _Facts:
    """What can be checked: numbers of parcels, money, measures, days."""

    reference: str
    money: str
    measure: str
    day: str

    @staticmethod
    def of(folded: str, matter: Matter) -> "_Facts":
        references = (found[0] for found in _REFERENCE.finditer(folded))
        new = next(
            (
                one
                for one in references
                if not matter.has_code(one) and not any(number in one for number in matter.numbers)
            ),
            "",
        )
        spaced = _SPACED.search(folded)
        new = new or (spaced[0] if spaced and not matter.has_code(spaced[0].replace(" ", "")) else "")
        told = _STANDING.sub(" ", folded)
        first = [found[0] if (found := pattern.search(told)) else "" for pattern in (_MONEY, _MEASURE, _DAY)]
        return _Facts(new, *first)

    @property
    def any(self) -> bool:
        """Whether anything is told that only this matter has."""
        return bool(self.reference or self.money or self.measure)

    def signs(self) -> Iterator[tuple[str, str]]:
        for name in ("reference", "money", "measure", "day"):
            found = getattr(self, name)
            if found:
                yield name, found


def _is_quick(sent: Sent) -> bool:
    return sent.after is not None and -_SKEW <= sent.after < QUICK


def _without_pleasantries(text: str, rules: Rules, common: frozenset[str]) -> str:
    """Return a text without the sentences that only serve, where the larger half of it says many things."""
    sentences = _SENTENCE.findall(text)
    left = "".join(one for one in sentences if not _is_service(_read(one).words, rules))
    words = _read(left).words
    dense = len(stems(words, common)) >= _DENSE * len(words)
    return left if dense and len(left) * 2 >= len(text) else text


def _is_service(words: Sequence[str], rules: Rules) -> bool:
    return service_in(words, service_words(rules)) >= _HALF * len(words)


def _of_past(past: Past, read: _Read, *, on_matter: bool, leisure: bool) -> Iterator[tuple[str, str]]:
    """What the shop sent before, and what a person said of it."""
    if past.confirmed > 0:
        yield "confirmed", ""
    elif past.confirmed < 0:
        yield "rejected", ""
    if past.share >= _MOST_OF_IT and len(read.words) > _SHORT:
        yield ("same_text_with_facts" if on_matter else "same_text"), ""
        if past.rhythm and not (on_matter and leisure):
            yield "same_delay", ""


def _of_machine(
    sent: Sent, read: _Read, core: Sequence[Line], rules: Rules, *, on_matter: bool
) -> Iterator[tuple[str, str]]:
    """How programs behave: headers, haste, and how they speak (policy Q2)."""
    message = sent.message
    header = header_sign(message)
    spoken = sent.spoken  # else its class says that it has none
    words, detail = _automatic(message, read.text, rules) if spoken else ("", "")
    if header:
        yield "header", header
    bulk = next((name for name, value in message.headers if name in _BULK or (name, value.lower()) == _IN_BULK), "")
    if bulk:
        yield "bulk", bulk
    if words in _STANDS_AROUND and not _automatic(message, _text_of(core), rules)[0]:
        words = "says_automatic_below"  # a frame's or a footer's, that stands around whatever is said
    if words:
        yield words, detail
    if sent.after is not None and _is_quick(sent):
        seconds = max(0, round(sent.after.total_seconds()))
        fast = len(read.words) > seconds * _WORDS_A_SECOND * (1 + read.chinese)
        yield ("too_fast" if fast else "quick_on_matter" if on_matter else "quick"), f"{seconds} s"
    if not sent.related:
        yield "unasked", ""
        told = rules.first("outreach_forbidden", Texts(subject=message.subject, own_words=read.text))
        if told:
            yield "outreach", _cut(told.evidence)


def _automatic(message: Message, text: str, rules: Rules) -> tuple[str, str]:
    """Return the sign and evidence of words that programs use ("" where nothing)."""
    found = read_automatic(replace(message, own_words=text, headers=(), return_path=None), rules)
    if found is None:
        return "", ""
    name = _SPOKEN.get(found.rule, "says_receipt" if found.rule.startswith("words_") else "report")
    name = "subject_automatic" if found.rule.startswith("subject_") else name
    return name, _cut(found.evidence[0] if found.evidence else message.subject)


def _core(sent: Sent, common: frozenset[str]) -> tuple[Line, ...]:
    """Return the paragraphs that speak of the matter; of a text where none does, all but a short last one."""
    paragraphs = sent.said.paragraphs()
    told = [lines for lines in paragraphs if _on_matter(sent, lines, common)]
    if not told and paragraphs:
        *told, last = paragraphs
        if not _is_less([last], told):
            told = paragraphs
    return tuple(line for lines in told for line in lines)


def _on_matter(sent: Sent, lines: Sequence[Line], common: frozenset[str]) -> bool:
    folded = _read(_text_of(lines)).folded
    return bool(sent.shared(folded, common)[0]) or _Facts.of(folded, sent.matter).any


def _above_service(sent: Sent, rules: Rules, common: frozenset[str]) -> Said:
    """Return what is said without a heading, and without the last paragraphs that only serve."""
    kept = sent.said.paragraphs()
    count = len(kept)
    kept = [lines for lines in kept if count == 1 or not any(map(is_poll, lines))]
    headed = count > 1 and _is_heading(kept[0]) and not _on_matter(sent, kept[0], common)
    if headed and not all(_serves(sent, lines, rules) for lines in kept[1:]):
        kept.pop(0)
    aside = [not _on_matter(sent, lines, common) for lines in kept]
    for at in range(1, len(kept)):
        if not (all(aside[at:]) and _serves(sent, kept[at], rules)):
            continue
        linked = kept[at][0].paragraph in sent.said.linked
        if linked or at + 1 == len(kept) or _is_less(kept[at:], kept[:at]):
            kept = kept[:at]
            break
    if len(kept) == count:
        return sent.said
    return replace(sent.said, body=tuple(line for lines in kept for line in lines))


def _is_less(some: Sequence[Sequence[Line]], others: Sequence[Sequence[Line]]) -> bool:
    return sum(len(_text_of(lines)) for lines in some) <= sum(len(_text_of(lines)) for lines in others)


def _is_heading(lines: Sequence[Line]) -> bool:
    """Whether a paragraph is one line without any stop, with a capital, longer than a word or two."""
    text = lines[0].raw
    stopped = lines[0].is_sentence or any(mark in text for mark in _STOPS)
    return len(lines) == 1 and not stopped and not text[:1].islower() and _SHORT < len(_read(text).words) <= _HEADING


def _serves(sent: Sent, lines: Sequence[Line], rules: Rules) -> bool:
    """Whether a paragraph holds a link, speaks as programs do, or half of its words are of letters and service."""
    if lines[0].paragraph in sent.said.linked:
        return True
    text = _text_of(lines)
    return _is_service(_read(text).words, rules) or _automatic(sent.message, text, rules)[0] in _STANDS_AROUND


def _text_of(lines: Iterable[Line]) -> str:
    return "\n".join(line.raw for line in lines)[:_LOOKED_AT]


def _of_manner(sent: Sent, read: _Read, common: frozenset[str]) -> Iterator[tuple[str, str]]:
    """How people speak: to somebody, of themselves, yes or no, asking back."""
    first = sent.said.body[0].folded if sent.said.body else ""
    if sent.matter.asks and _YES_NO.match(first) and len(read.words) > 1:
        yield "yes_or_no", _cut(first, 20)
    if sent.said.named and sent.matter.is_another(sent.said.named, common):
        yield "named_other", sent.said.named
    if _FIRST_PERSON.search(read.folded):
        yield "first_person", ""
    if _REACTION.match(read.text) and len(read.words) <= _REACTION_WORDS:
        yield "reaction", _cut(read.folded, 30)


def _of_size(
    sent: Sent, read: _Read, rules: Rules, shared: Sequence[str], *, on_matter: bool
) -> Iterator[tuple[str, str]]:
    """How much is said, courtesy aside."""
    short, some, much = (_SHORT_CHINESE, _SOME_CHINESE, _MUCH_CHINESE) if read.chinese else (_SHORT, _SOME, _MUCH)
    size = len(read.words)
    if all(_thin(line.raw, ByIdentity(rules)) for line in sent.said.body):
        little = "picks" if sent.matter.offers and shared else "says_little"
        yield (little if substance(read.text, rules) else "courtesy"), _cut(read.folded)
    elif _deed(read.text, ByIdentity(rules)):
        yield "deed", ""
    if size <= some and sent.matter.said and not shared and read.language in ("", sent.matter.language):
        yield ("short" if size <= short else "brief"), f"{size}"
    elif size > much and on_matter:
        yield "much", f"{size}"
    first = [line for line in sent.said.body if line.paragraph == sent.said.body[0].paragraph]
    if len(first) < len(sent.said.body) and not shared and all(_thin(line.raw, ByIdentity(rules)) for line in first):
        yield "courtesy_first", _cut(first[0].folded)
    if sent.said.set_aside and size <= short:
        yield "mostly_furniture", f"{sent.said.set_aside}"


@lru_cache(maxsize=1024)
def _thin(text: str, rules: ByIdentity) -> bool:
    return is_thin(text, rules.rules)


@lru_cache(maxsize=1024)
def _deed(text: str, rules: ByIdentity) -> bool:
    texts = Texts(own_words=text)
    return any(rules.rules.first(table, texts) is not None for table in ("automatic_deed", "automatic_dealt", "deed"))


def _cut(text: str, most: int = _DETAIL) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


__all__ = ["QUICK", "Past", "Sent", "weigh"]
