"""What Walmart's own mail is: a consumer-protection body's complaint, an escalation, a notice, or a request.

The words are data/consumer_protection.toml and data/walmart*.toml. When in doubt, a message is owed an answer,
and the shorter clock is the one that runs.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from relaywatch.core.classes import attachments
from relaywatch.core.language.passages import MAX_TEXT, around, spots, without
from relaywatch.core.language.rules import Match, Rule, Rules, Texts
from relaywatch.core.language.subject import is_answer_or_forward
from relaywatch.core.mail.address import Parties, is_mail_system, is_no_reply
from relaywatch.core.mail.message import Message
from relaywatch.core.mail.sender import name_and_address, sent_on_by
from relaywatch.core.words.contact import labelled_order_ids, order_ids, walmart_case_ids
from relaywatch.core.words.own_words import in_order

_SAID = re.compile(r"[\"“„][^\"“”„]{0,400}[\"”]|«[^«»]{0,400}»|「[^「」]{0,400}」")  # what is quoted
_SENTENCE = re.compile(r"[^.!?。！？~]+")
_REACH = 150  # characters between a body's name and a word of complaint
_REACH_PASSED_ON = 800  # in what was passed on with a word or two: a letter names its sender at its end
_BARE = 120  # characters of those words
_PLAIN = "plain"
_OF_ITSELF = "do_not_reply_notice"
_MARKED = ("own_words", "rest")
_BARS = ("|", "│", "┃", "¦")  # as marks of quotes, and between the cells of a table
_INITIALS = 3
_DEPTH = 2
_TORN = re.compile(r"(?<=[^\W\d_])[-\xad\u2010]\r?\n[\s>|]{0,10}(?=[^\W\d_])")  # a word that a line's end cuts
_OPEN_END = re.compile(r"(?<=[^\W_])[ \t]{0,20}\n[ \t]{0,20}\n")  # of a paragraph, without a stop
_TEARS = ("-\n", "-\r\n", "\xad\n", "\u2010\n")
_BULK = (  # headers of what goes to many
    "list-unsubscribe",
    "list-id",
    "feedback-id",
    "x-campaign",
    "x-campaignid",
    "x-campaign-id",
    "x-bulkmail",
    "x-mc-user",
    "x-mailer-lid",
)
_HOST = re.compile(r"(?:https?://|@)([\w.-]{1,80})")
_PRECEDENCE = ("precedence", "x-precedence")
_FIRST_PERSON = re.compile(r"\b(?:i|i'm|i'll|i've|me|je|j'ai|moi)\b|我(?!们|們|司)")  # folded


def texts_of(message: Message) -> Texts:
    """Return the bounded texts that rules about Walmart's mail look at."""
    return Texts(
        subject=message.subject,
        own_words=message.own_words[:MAX_TEXT],
        rest=message.rest[:MAX_TEXT],
        author=name_and_address(message),
    )


def whole_texts_of(message: Message) -> Texts:
    """Return the same of a mail that quotes nobody: what looks like a quote or a signature is what it passes on."""
    lines = in_order(message.own_words, message.rest, message.layout)
    return replace(texts_of(message), own_words="\n".join(lines)[:MAX_TEXT], rest="")


def consumer_protection(texts: Texts, rules: Rules) -> Match | None:
    """Return what tells of a consumer-protection body's complaint (policy C4), in own or forwarded words."""
    return next(filter(None, (_body(each, rules) for each in _ways_to_read(texts))), None)


def attached(message: Message, rules: Rules) -> Match | None:
    """Return what tells of such a complaint in the names or the text of the attachments (policy C4)."""
    if not (message.attachments or message.attached):
        return None
    found = consumer_protection(attachments.texts_of(message, rules), rules)
    return Match(found.rule, f"in an attachment: {found.evidence}") if found else None


def _ways_to_read(texts: Texts) -> Iterator[Texts]:
    """Yield texts without the marks of quotes and tables, and with torn words whole.

    What somebody wrote, a name or a threat, goes on over a line's end, behind the marks of the next line; but not over
    a paragraph's: what a customer "is thinking" is not what the next paragraph, of the agent, is about.
    """
    yield _unmarked(texts)
    if any(tear in text for tear in _TEARS for text in (texts.own_words, texts.rest)):
        whole = {name: _TORN.sub("", getattr(texts, name)) for name in _MARKED}
        yield _unmarked(replace(texts, **whole))
    if any("\n\n" in text for text in (texts.own_words, texts.rest)):
        yield _unmarked(replace(texts, **{name: _OPEN_END.sub(".\n\n", getattr(texts, name)) for name in _MARKED}))


def _unmarked(texts: Texts) -> Texts:
    """Return texts without marks; folding and the words, which are the same, are not done again."""
    better = {name: _without_marks(texts.get(name)) for name in _MARKED}
    if all(better[name] is texts.get(name) for name in better):
        return texts
    made = replace(texts, **better)
    made.folded.update(better)
    made.known_words.update({name: texts.words(name) for name in _MARKED})
    return made


def _without_marks(folded: str) -> str:
    found = [mark for mark in _BARS if mark in folded]
    if not found and ">" not in folded:
        return folded
    for mark in found:
        folded = folded.replace(mark, " ")
    for _ in range(_DEPTH):  # most marks stand apart, and so most texts are done
        folded = f" {folded} ".replace(" > ", " ").strip()
    pieces: list[str] = []
    at = 0
    while (spot := folded.find(">", at)) >= 0:
        start, end = max(folded.rfind(" ", at, spot) + 1, at), folded.find(" ", spot)
        end = len(folded) if end < 0 else end
        pieces += (folded[at:start], _without_angle(folded[start:end]))
        at = end
    folded = "".join((*pieces, folded[at:]))
    return " ".join(folded.split()) if "  " in folded or found else folded


def _without_angle(word: str) -> str:
    """Take the marks off a word, and the initials that old programs put before them: `>>du`, `jd>du`."""
    mark, _, bare = word.rpartition(">")
    return bare if len(mark.strip(">")) <= _INITIALS else f"{mark} {bare}"


def _body(texts: Texts, rules: Rules) -> Match | None:
    if rules.first("consumer_protection", texts) is None:
        return None
    near_misses = rules.tables["consumer_protection_near_miss"]
    texts = Texts(*(without(texts.get(where), near_misses) for where in ("subject", "own_words", "rest")))
    matches = rules.all("consumer_protection", texts)
    return next((match for match in matches if _is_said(match.rule, texts, rules)), None)


def _is_said(body: Rule, texts: Texts, rules: Rules) -> bool:
    """Whether the body is named where its name alone says it, or with a word of complaint near it."""
    words = rules.tables["consumer_protection_complaint"]
    for where in body.where:
        text = texts.get(where)
        for start, end in spots(body, text):
            if not body.result and where != "rest":
                return True
            passed_on = where == "rest" and len(texts.get("own_words")) <= _BARE
            passage = around(text, start, end, _REACH_PASSED_ON if passed_on else _REACH)
            if where == "own_words" and texts.get("subject"):
                passage = f"{texts.get('subject')} ~ {passage}"
            if any(True for rule in words for _ in spots(rule, passage)):
                return True
    return False


def escalation(texts: Texts, rules: Rules) -> Match | None:
    """Return what marks a customer's issue as escalated (policy C3)."""
    return rules.first("walmart_escalation", texts)


def is_machine(message: Message, parties: Parties, rules: Rules) -> bool:
    """Whether the address says that no person reads what is sent to it."""
    author = message.author
    if is_no_reply(author) or is_mail_system(author) or not parties.is_agent(author):
        return True
    return rules.first("walmart_machine", Texts(author=name_and_address(message))) is not None


def is_bulk(message: Message, texts: Texts, rules: Rules) -> bool:
    """Whether a mail has the form of what goes to many: its headers say so, or it says that nobody answers it.

    The headers of a group that sent it on (`sender.sent_on_by`) are the group's.
    """
    if not sent_on_by(message):
        submitted = (value.strip().lower() for value in message.header("auto-submitted"))
        precedence = (value.strip().lower() for name in _PRECEDENCE for value in message.header(name))
        if any(message.header(name) for name in _BULK) or "bulk" in precedence:
            return True
        if any(value.startswith("auto-generated") for value in submitted):
            return True
    if rules.first("walmart_bulk", texts) is not None:
        return True
    return any(match.rule.name == _OF_ITSELF for match in rules.all("walmart_notice", texts))


def is_list_mail(message: Message, texts: Texts, parties: Parties, rules: Rules) -> bool:
    """Whether Walmart's own mailing list sent it, and it names no order and no case: no agent writes by one."""
    ids = [value.strip(" <>").rpartition("<")[2] for value in message.header("list-id")]
    if message.header("list-unsubscribe-post"):  # one click (RFC 8058), at a host of Walmart's
        ids += [host for value in message.header("list-unsubscribe") for host in _HOST.findall(value)]
    listed = any(parties.is_walmart(f"list@{host.lower()}") for host in ids)
    if not listed or not message.header("list-unsubscribe") or message.ancestors or escalation(texts, rules):
        return False
    return not (labelled_order_ids(message.subject, message.text) or walmart_case_ids(message.subject, message.text))


def request(texts: Texts, rules: Rules) -> Match | None:
    """Return the words that ask for an answer, those about a customer first."""
    return rules.first("walmart_request", texts)


def is_plain(asked: Match) -> bool:
    """Whether a request is plain courtesy, which a machine's notice has too."""
    return asked.rule.result == _PLAIN


def wording(texts: Texts, rules: Rules) -> Match | None:
    """Return what sounds like a notice, whoever wrote it."""
    return rules.first("walmart_notice", texts)


def tells_of_itself(found: Match) -> bool:
    """Whether a notice's wording is only that a program sent it."""
    return found.rule.name == _OF_ITSELF


def notice(found: Match, message: Message, texts: Texts, parties: Parties, rules: Rules) -> Match | None:
    """Return the wording of a notice that nobody answers; None where it asks for something, or may.

    Who wrote outranks the subject: of a machine the wording is enough; a team's address needs the form of bulk
    mail too, and names no order and no case, and answers nothing; what a person's address sends is never one.
    """
    if escalation(texts, rules):
        return None
    asked = request(texts, rules)
    if found.rule.own and (asked is None or is_plain(asked)):
        return found
    if is_machine(message, parties, rules):
        return found if (asked is None or is_plain(asked)) and not asks_in_person(texts, rules) else None
    if asked or tells_of_itself(found) or message.ancestors or is_answer_or_forward(message.subject):
        return None
    if rules.first("walmart_team", texts) is None or not is_bulk(message, texts, rules):
        return None
    named = labelled_order_ids(message.subject, message.text) or walmart_case_ids(message.subject, message.text)
    return None if named or asks_in_person(texts, rules) else found


def asks_in_person(texts: Texts, rules: Rules) -> bool:
    """Whether one person speaks and wants something, from whatever address: no notice says "I count on you"."""
    own = texts.get("own_words")
    if _FIRST_PERSON.search(own) is None:
        return False
    cut = Texts(own_words=without(own, rules.tables["walmart_asks_near_miss"]))
    return rules.first("walmart_asks", cut) is not None


def teaches(texts: Texts, rules: Rules) -> bool:
    """Whether consumer protection is named only in what a newsletter teaches about it."""
    lessons = rules.tables["walmart_lesson"]
    left = Texts(*(without(texts.get(where), lessons) for where in ("subject", "own_words", "rest")))
    return consumer_protection(left, rules) is None


def is_news(message: Message, texts: Texts, rules: Rules) -> bool:
    """Whether a mail tells of rules, and of nobody's matter: it names no order, no case, no complaint, no customer.

    A sentence tells what the body does, outside of what is quoted: what somebody says may speak of any rules.
    """
    if order_ids(message.subject, message.text) or walmart_case_ids(message.subject, message.text):
        return False
    told = " ~ ".join(map(texts.get, ("subject", "own_words", "rest")))
    if _stands("walmart_matter", told, rules) or asks_in_person(texts, rules):
        return False
    sentences = _SENTENCE.findall(_SAID.sub(" ", told))
    return any(_stands("consumer_protection", one, rules) and _stands("walmart_news", one, rules) for one in sentences)


def _stands(table: str, folded: str, rules: Rules) -> bool:
    return any(True for rule in rules.tables[table] for _ in spots(rule, folded))
