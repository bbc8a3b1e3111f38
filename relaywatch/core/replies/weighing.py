"""Which signs a reply shows: what is known decides before lists of phrases do.

Known are the message that is answered (its words, its sender), what the shop sent before, how much time went by, and
who wrote. Lists (data/automatic_*.toml, reply.toml) are for the cold start; each is a sign among others. What a sign
weighs stands in data/signs.toml (design: What is known comes before lists).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache

from relaywatch.core.classes.automatic import header_sign
from relaywatch.core.language import manner
from relaywatch.core.language.needles import search
from relaywatch.core.language.once import ByIdentity
from relaywatch.core.language.rules import Rules, Texts, fold
from relaywatch.core.language.signs import Side, Weighed
from relaywatch.core.replies.enclosed import file_of
from relaywatch.core.replies.gist import (
    DETAIL,
    LOOKED_AT,
    SHORT,
    STANDS_AROUND,
    Past,
    Read,
    SentText,
    above_service,
    apart,
    asks_back,
    automatic_words,
    core_of,
    cut,
    read_text,
    serves,
    text_of,
    without_pleasantries,
)
from relaywatch.core.words.facts import Facts
from relaywatch.core.words.frame import Line
from relaywatch.core.words.matter import common_words, service_in, service_words
from relaywatch.core.words.quality import is_thin, substance

_QUICK = timedelta(seconds=90)  # no person reads, thinks and writes sooner, unless it is short and to the point
_SKEW = timedelta(minutes=2)  # between two servers' clocks
_SHORT_CHINESE = 9  # tokens
_SOME, _SOME_CHINESE = 12, 20
_MUCH, _MUCH_CHINESE = 30, 50
_WORDS_A_SECOND = 1.0  # that people read and write, at the most
_MOST_OF_IT = 0.8  # of a text's words: a name or a number may differ
_REACTION_WORDS = 12
_BULK = ("list-unsubscribe", "list-id", "x-campaign", "x-campaignid", "feedback-id")
_IN_BULK = ("precedence", "bulk")
_SERVICE = (("service_all", 0.75), ("service_most", 0.5), ("service_half", 0.3))
_PAIRS = 0.2
_FEW_SERVICE = 3  # words of service, fewer of which say nothing
_MANY_LINKS = 2
_MANY_LABELS, _FORM_LABELS = 3, 4
_SPEAKS_AGAIN = 2  # times
_AT_HAND = ("reference", "money", "measure", "day", "deed", "much", "asks_back")  # of programs, with their own subject
_NOTHING = ("empty", "courtesy", "says_little", "picks")
_LITTLE = (*_NOTHING, "short", "brief", "mostly_furniture", "courtesy_first", "no_matter", "much_beside")
_TALK = 60  # lines looked at


def weigh(sent: SentText, rules: Rules) -> Weighed:
    """Return whether a message of the seller's counts as an answer, and the signs that say so (policy Q1, Q2).

    Of one in two scripts that half which says more: the other is a frame's, a banner's or a translation.
    """
    whole = read_text(sent.said.text[:LOOKED_AT])
    halves = [rules.signs.weigh(_signs(replace(sent, said=said), whole, rules)) for said in sent.said.by_script()]
    return max(halves, key=lambda weighed: weighed.score)


def _signs(sent: SentText, whole: Read, rules: Rules) -> dict[str, str]:
    if sent.message.damage and not (sent.message.own_words or sent.message.rest):
        return {"text_unknown": sent.message.damage}  # whatever its subject says
    found = dict(_all_signs(sent, whole, rules))
    if "own_subject" in found or any(name in found for name in STANDS_AROUND):
        found = {name: detail for name, detail in found.items() if name not in _AT_HAND}
    else:
        found = _beside_file(sent, whole, found)
    if "much_beside" in found and "deed" not in found:
        found.pop("day", None)  # by itself it is no news of the matter: the shop is closed then, or a sale ends
    supports = (name for name in found if name != "much" and rules.signs.signs[name].side is Side.PERSON)
    if sent.matter.has_words and "foreign" not in found and not any(supports):
        found["nothing_for"] = ""
    return found


def _beside_file(sent: SentText, whole: Read, found: dict[str, str]) -> dict[str, str]:
    """Return signs with that of a file that is brought: it says what the words beside it need not."""
    file, asked_for = file_of(sent, apart(whole.folded)[0])
    if not file:
        return found
    kept = {name: detail for name, detail in found.items() if name not in (_LITTLE if asked_for else _NOTHING)}
    if asked_for:
        return kept | {"file_asked": cut(file)}
    return kept | {"file": cut(file)} | ({} if len(kept) == len(found) else {"only_file": ""})


def _all_signs(sent: SentText, whole: Read, rules: Rules) -> Iterator[tuple[str, str]]:
    common = common_words(rules)
    sent = replace(sent, said=above_service(sent, rules, common))
    read = read_text(sent.said.text[:LOOKED_AT])
    told, deferring = apart(_without_form(sent, read))  # what puts the answer off deals with nothing that it names
    shared, things, specific = (sorted(some) for some in sent.shared(told, common))
    facts = Facts.of(told, sent.matter)
    on_matter = bool(shared) or facts.any
    core = core_of(sent, common)
    done_now = search(manner.NOW, told) is not None and tells_deed(told, rules)
    yield from _of_past(sent.past, read, on_matter=on_matter or done_now, leisure=facts.any or not _is_quick(sent))
    yield from _of_machine(sent, whole, core, rules, on_matter=on_matter)
    if not read.words:
        yield "empty", "" if not sent.said.below else cut(sent.said.below[0].folded)
        return
    if shared:
        yield "matter_one", ", ".join(shared[:3])
    elif sent.matter.said and read.language == sent.matter.language and sent.matter.small.isdisjoint(read.words):
        yield ("no_matter" if len(read.words) <= _SOME or facts.any else "much_beside"), ""
    if things:
        yield "thing", ", ".join(things[:3])
    if sent.between:
        yield "between", ""
    if deferring:
        yield ("defers_too" if on_matter else "defers"), cut(deferring.strip())
    if not (specific or shared or read.chinese):
        yield "specific_none", ""
    yield from _of_service(sent, core, rules, common)
    yield from facts.signs()
    if facts.until and sent.matter.said and not (on_matter or things) and manner.FIRST_PERSON.search(read.folded):
        yield "away", cut(facts.until)
    if not shared and any(line.paragraph in sent.said.linked for line in core):
        yield "links", ""
    yield from _of_form(sent, whole, read, facts, common)
    yield from _of_manner(sent, read, rules, common)
    alone = on_matter or not sent.matter.said
    yield from _of_size(sent, read, rules, facts, answers=bool(shared), on_matter=alone and not deferring)


def _without_form(sent: SentText, read: Read) -> str:
    """Return what is said to a customer without a form's lines, which give what a program had at hand."""
    form = _form_of(sent)
    if not sent.to_customer or len(form) < _FORM_LABELS:
        return read.folded
    return "\n".join(line.folded for line in sent.said.body if line not in form)


def _form_of(sent: SentText) -> list[Line]:
    """Return the lines that are a label and its value, where they are most of what is said."""
    found = [line for line in sent.said.body if manner.LABEL.match(line.raw) and not line.is_sentence]
    return found if len(found) * 2 >= len(sent.said.body) else []


def _of_form(
    sent: SentText, whole: Read, read: Read, facts: Facts, common: frozenset[str]
) -> Iterator[tuple[str, str]]:
    """What a text looks like, and whom it is for."""
    if manner.CUT_OFF.search(sent.said.body[-1].folded):
        yield "cut_off", sent.said.body[-1].folded[-DETAIL:]
    if search(manner.BUTTONS, whole.text) or manner.SCALE.search(whole.text):
        yield "buttons", ""
    if len(sent.said.linked) >= _MANY_LINKS or manner.LIST.search(whole.text):
        yield "list_of_links", ""
    if sent.matter.is_named_in(read.folded):
        yield "names_subject", ""
    if _has_own_subject(sent, common) and not manner.FIRST_PERSON.search(read.folded):
        yield "own_subject", cut(sent.message.subject)
    labels = len(_form_of(sent))
    if labels >= (_FORM_LABELS if facts.any else _MANY_LABELS):
        yield "labels", f"{labels}"
    who = _speaker(sent, read)
    if who:
        yield "transcript", who
    if sent.matter.language not in ("", "zh") and read.chinese and not _speaks_to_reader(sent, read):
        yield "foreign", ""
    if sent.to_customer and (about := search(manner.ABOUT_CUSTOMER, read.folded)):
        yield "about_customer", about[0]


def _has_own_subject(sent: SentText, common: frozenset[str]) -> bool:
    """Whether a customer is written to under a subject that is not theirs and has no word of the matter."""
    if sent.titled or not sent.to_customer:
        return False
    return not any(sent.shared(fold(sent.message.subject), common)[:2])


def _speaker(sent: SentText, read: Read) -> str:
    """Return who speaks again and again in a talk that was written down; "" where none was.

    Where little is said, what was set aside is looked at, too: the talk repeats what the customer wrote.
    """
    lines = [line.raw for line in sent.said.body]
    if len(read.words) <= _SOME:
        lines = [line.strip() for line in sent.message.text.split("\n", _TALK)[:_TALK]]
    speakers = Counter(found["who"] for line in lines if (found := manner.SPEAKER.match(line)))
    who, times = next(iter(speakers.most_common(1)), ("", 0))
    return who if times >= _SPEAKS_AGAIN else ""


def _speaks_to_reader(sent: SentText, read: Read) -> bool:
    """Whether Chinese text speaks as shops do to customers, or greets by name whoever wrote."""
    greeting = sent.said.greeting
    return manner.TO_READER.search(read.folded) is not None or any(name in greeting for name in sent.matter.names)


def _of_service(
    sent: SentText, core: Sequence[Line], rules: Rules, common: frozenset[str]
) -> Iterator[tuple[str, str]]:
    """How much of what is said is of letters and service, and whether it speaks of what is the reader's."""
    read = read_text(without_pleasantries(text_of(core), rules, common))
    shared, things, specific = sent.shared(read.folded, common)
    service = service_in(read.words, service_words(rules))
    share = service / max(1, service + len(specific) + len(shared) + len(things))
    share -= _PAIRS * read.chinese  # two characters are found in many words
    told = next((name for name, least in _SERVICE if share >= least), "") if service >= _FEW_SERVICE else ""
    if told:
        yield told, f"{service} words"
    if search(manner.YOURS, read.folded):
        yield "yours", ""


def _is_quick(sent: SentText) -> bool:
    return sent.after is not None and -_SKEW <= sent.after < _QUICK


def _of_past(past: Past, read: Read, *, on_matter: bool, leisure: bool) -> Iterator[tuple[str, str]]:
    """What the shop sent before, and what a person said of it."""
    if past.confirmed > 0:
        yield "confirmed", ""
    elif past.confirmed < 0:
        yield "rejected", ""
    if past.share >= _MOST_OF_IT and len(read.words) > SHORT:
        yield ("same_text_with_facts" if on_matter else "same_text"), ""
        if past.rhythm and not (on_matter and leisure):
            yield "same_delay", ""


def _of_machine(
    sent: SentText, read: Read, core: Sequence[Line], rules: Rules, *, on_matter: bool
) -> Iterator[tuple[str, str]]:
    """How programs behave: headers, haste, and how they speak (policy Q2)."""
    message = sent.message
    header = header_sign(message)
    words, detail = _spoken(sent, core, rules, header) if sent.spoken else ("", "")  # else its class says: none
    if header:
        yield "header", header
    bulk = next((name for name, value in message.headers if name in _BULK or (name, value.lower()) == _IN_BULK), "")
    if bulk:
        yield "bulk", bulk
    if words:
        yield words, detail
    if unfilled := manner.UNFILLED.search(f"{sent.said.greeting}{read.text}"):
        yield "unfilled", cut(unfilled[0])
    if robot := search(manner.ROBOT, read.folded):
        yield "robot", cut(robot[0])
    if sent.after is not None and _is_quick(sent):
        seconds = max(0, round(sent.after.total_seconds()))
        fast = len(read.words) > seconds * _WORDS_A_SECOND * (1 + read.chinese)
        yield ("too_fast" if fast else "quick_on_matter" if on_matter else "quick"), f"{seconds} s"
    if not sent.related:
        yield "unasked", ""
        told = rules.first("outreach_forbidden", Texts(subject=message.subject, own_words=read.text))
        if told:
            yield "outreach", cut(told.evidence)


def _spoken(sent: SentText, core: Sequence[Line], rules: Rules, header: str) -> tuple[str, str]:
    """Return the sign and evidence of words that programs use, as `automatic_words` does.

    Where a text opens with them, and a header or they themselves say that a program sent it, what stands below is the
    program's too: its advice, which may have a word of the matter. Not so where a fact is in it.
    """
    first = _opening(sent, rules)
    stated = first[0] == "says_automatic" or (first[0] and header)
    if stated and not Facts.of(read_text(text_of(sent.said.body)).folded, sent.matter).any:
        return first
    words, detail = automatic_words(sent.message, sent.everything.text[:LOOKED_AT], rules)
    if words in STANDS_AROUND and not automatic_words(sent.message, text_of(core), rules)[0]:
        words = "says_automatic_below"  # a frame's or a footer's, that stands around whatever is said
    return words, detail


def _opening(sent: SentText, rules: Rules) -> tuple[str, str]:
    """Return what a text says of itself before anything but courtesy."""
    for lines in sent.everything.paragraphs():
        words, detail = automatic_words(sent.message, text_of(lines), rules)
        if words in STANDS_AROUND:
            return words, detail
        if not serves(sent, lines, rules):
            break
    return "", ""


def _of_manner(sent: SentText, read: Read, rules: Rules, common: frozenset[str]) -> Iterator[tuple[str, str]]:
    """How people speak: to somebody, of themselves, yes or no, asking back."""
    first = sent.said.body[0].folded if sent.said.body else ""
    if sent.matter.asks and manner.YES_NO.match(first) and len(read.words) > 1:
        yield "yes_or_no", cut(first, 20)
    steps = search(manner.STEPS, read.folded)
    if steps and any(manner.ASKS_HOW.search(fold(text)) for text in sent.matter.texts):
        yield "steps", cut(steps[0].strip(), 30)
    if sent.said.named and sent.matter.is_another(sent.said.named, common):
        yield "named_other", sent.said.named
    if asks_back(sent, read, rules):
        yield "asks_back", ""
    if settled := manner.SETTLES.search(read.folded):
        yield "settles", cut(settled[0])
    if manner.FIRST_PERSON.search(read.folded):
        yield "first_person", ""
    if manner.REACTION.match(read.text) and len(read.words) <= _REACTION_WORDS:
        yield "reaction", cut(read.folded, 30)


def _of_size(
    sent: SentText, read: Read, rules: Rules, facts: Facts, *, answers: bool, on_matter: bool
) -> Iterator[tuple[str, str]]:
    """How much is said, courtesy aside; `answers`: it has a word of the matter."""
    short, some, much = (_SHORT_CHINESE, _SOME_CHINESE, _MUCH_CHINESE) if read.chinese else (SHORT, _SOME, _MUCH)
    size = len(read.words)
    dealt = answers or facts.reference != ""  # the number that was asked for says enough
    if not facts.reference and all(_thin(line.raw, ByIdentity(rules)) for line in sent.said.body):
        little = "picks" if sent.matter.offers and answers else "says_little"
        yield (little if substance(read.text, rules) else "courtesy"), cut(read.folded)
    elif tells_deed(read.text, rules):
        yield "deed", ""
        dealt = dealt or _tells(sent, short, rules)
    if size <= some and sent.matter.said and not dealt and read.language in ("", sent.matter.language):
        yield ("short" if size <= short else "brief"), f"{size}"
    elif size > much and on_matter:
        yield "much", f"{size}"
    first = [line for line in sent.said.body if line.paragraph == sent.said.body[0].paragraph]
    if len(first) < len(sent.said.body) and not answers and all(_thin(line.raw, ByIdentity(rules)) for line in first):
        yield "courtesy_first", cut(first[0].folded)
    if sent.said.set_aside and size <= short:
        yield "mostly_furniture", f"{sent.said.set_aside}"


def _tells(sent: SentText, short: int, rules: Rules) -> bool:
    """Whether a paragraph of more than a few words tells what was done."""
    texts = map(text_of, sent.said.paragraphs())
    return any(len(read_text(text).words) > short and tells_deed(text, rules) for text in texts)


@lru_cache(maxsize=1024)
def _thin(text: str, rules: ByIdentity) -> bool:
    return is_thin(text, rules.rules)


def tells_deed(text: str, rules: Rules) -> bool:
    """Whether a text says that something was done for the reader, or will be."""
    return _deed(text, ByIdentity(rules))


@lru_cache(maxsize=1024)
def _deed(text: str, rules: ByIdentity) -> bool:
    texts = Texts(own_words=text)
    return any(rules.rules.first(table, texts) is not None for table in ("automatic_deed", "automatic_dealt", "deed"))
