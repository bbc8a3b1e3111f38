"""A quote is what repeats the message that it answers, whatever its marks, language or program."""

import time
from dataclasses import replace

import cast as c
import pytest

from relaywatch.core.language.rules import fold
from relaywatch.core.words.known import Known, print_of
from relaywatch.core.words.own_words import divide, in_order, reread, stands_between

ASKED = (
    "Hello there,\nthe blue kettle that I bought from you in October whistles only when it is nearly empty.\n"
    "Could you tell me whether that is a fault, or how I should fill it?\nThank you\nJordan"
)
OWN = "Please fill it no higher than the spout, and it whistles."
ASKER = c.customer(own_words=ASKED, subject="Kettle whistles late", author_name="Jordan Marsh").message
KNOWN = Known([ASKER], own=frozenset({c.CARE}))


def own_of(text, known=KNOWN):
    """The author's words of a mail's text, as the judgement reads them."""
    found = divide(text)
    lines = reread(in_order(found.own, found.rest, found.layout), known)
    return " ".join(" ".join(lines).split())


LINES = ASKED.split("\n")
FLOWED = " ".join(LINES)
QUOTES = {
    "bare copy": ASKED,
    "marks": "\n".join(f"> {line}" for line in LINES),
    "bars": "\n".join(f"| {line}" for line in LINES),
    "one line": FLOWED,
    "an unknown language's attribution": f"Jordan Marsh <{ASKER.author}> ha scritlo, Kettle whistles late:\n{ASKED}",
    "a table": f"| From | {ASKER.author} |\n| Date | 11/13/2026 16:30 |\n| Subject | Kettle whistles late |\n{ASKED}",
    "replied message": f"---- Replied Message ----\nFrom Jordan Marsh <{ASKER.author}>\nDate 11/13/2026\nSubject "
    f"Kettle whistles late\n{ASKED}",
    "a foreign header block": f"Vin: {ASKER.author}\nGesendt: 2026-11-13 16:30\nTil: {c.CARE}\nEmne: Kettle whistles "
    f"late\n\n{ASKED}",
    "a part of it": "\n".join(LINES[1:3]),
}


@pytest.mark.parametrize("name", QUOTES)
def test_a_reply_above_a_quote(name):
    assert own_of(f"{OWN}\n\n{QUOTES[name]}\n") == OWN


@pytest.mark.parametrize("name", [name for name in QUOTES if name != "a part of it"])
def test_a_reply_below_a_quote(name):
    assert own_of(f"{QUOTES[name]}\n\n{OWN}\n") == OWN


@pytest.mark.parametrize("name", QUOTES)
def test_a_quote_alone_has_no_words_of_its_authors(name):
    assert own_of(f"{QUOTES[name]}\n") == ""


@pytest.mark.parametrize("mark", ["> ", "| ", ""], ids=["marked", "bars", "bare"])
def test_answers_between_quoted_lines(mark):
    quoted = [mark + line for line in LINES]
    text = "\n".join([*quoted[:2], "", OWN, "", *quoted[2:], "", "It is no fault."])
    assert own_of(text) == f"{OWN} It is no fault."


@pytest.mark.parametrize("text", [OWN, f"{OWN}\nJordan, it is no fault.", "We sold it to you in October.", "Thank you"])
def test_who_uses_the_same_words_quotes_nobody(text):
    assert own_of(text) == " ".join(text.split())


def test_who_repeats_himself_quotes_nobody():
    mine = c.sent(1, own_words=OWN).message
    assert own_of(OWN, Known([ASKER], [mine])) == OWN


def test_an_earlier_answer_that_is_quoted_is_no_new_one():
    mine = c.sent(1, own_words=OWN).message
    text = f"The lid is out of stock.\n\nFrom: {c.CARE}\nDate: 2026-11-13\nSubject: Kettle whistles late\n{OWN}"
    assert own_of(text, Known([ASKER], [mine], frozenset({c.CARE}))) == "The lid is out of stock."


def test_nothing_known_is_the_marks_alone():
    nothing = Known([])
    assert nothing.empty
    assert own_of(f"{OWN}\n\n> Hello there", nothing) == OWN
    assert "whistles only" in own_of(f"{OWN}\n\n{ASKED}", nothing)


# ---- fingerprints of what was forgotten ----


def test_a_fingerprint_is_short_and_says_no_word():
    long = " ".join(f"word{number} of{number % 7} a long letter" for number in range(4_000))
    for text in ("", "Ok.", ASKED, long, "水壶" * 9_000):
        assert len(print_of(text)) <= 300
        assert "kettle" not in print_of(text)
    assert print_of(ASKED) == print_of(FLOWED.upper())


def test_a_quote_of_what_was_forgotten_is_known_by_its_fingerprint():
    gone = replace(ASKER, own_words="", rest="", print=print_of(ASKED), forgotten=True)
    known = Known([gone])
    looked = known.look_at([fold(line) for line in (OWN, *LINES)])
    assert looked.copied[0] is False
    assert looked.copied[2] is True


def test_what_introduces_says_who_when_and_about_what():
    looked = KNOWN.look_at([fold(line) for line in (f"Jordan Marsh <{ASKER.author}>", "Jordan Marsh said no", OWN, "")])
    assert looked.strong(0)
    assert looked.weak(1)
    assert not looked.strong(1)
    assert looked.points[2:] == [0, 0]


# ---- bounds ----

HOSTILE = {
    "one word": "a " * 500_000,
    "no blanks": "a" * 1_000_000,
    "marks": "> " * 500_000,
    "marked lines": "> a\n" * 250_000,
    "the message again and again": f"{ASKED}\n" * (1_000_000 // len(ASKED)),
    "addresses": f"{ASKER.author} " * 20_000,
    "labels": "From: Jordan Marsh\n" * 50_000,
    "colons": "a:" * 500_000,
    "rulers": f"{'-' * 60}\n" * 16_000,
    "brackets": "[" * 1_000_000,
    "Chinese": "水壶" * 500_000,
    "digits": "1" * 1_000_000,
    "dates": "2026-11-13 16:30 " * 60_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_costs_linear_time(name):
    text = HOSTILE[name]
    start = time.process_time()
    found = divide(text)
    middle = time.process_time()
    reread(in_order(found.own, found.rest, found.layout), KNOWN)
    assert middle - start < 1
    assert time.process_time() - middle < 1


LINE_OF_ATTRIBUTION = [
    "{own} Le 27 nov. 2026 à 15:56, Jordan Marsh <{address}> a écrit :\n{quote}",
    "{own} On Fri, Nov 13, 2026 at 4:30 PM <{address}> wrote:\n{quote}",
    "{address} <{address}> 于2026年11月13日写道： {own}\n\n{quote}",
    "On Nov 13, 2026, Jordan Marsh <{address}> wrote: {own}\n\n{quote}",
]


@pytest.mark.parametrize("style", LINE_OF_ATTRIBUTION)
@pytest.mark.parametrize(
    "own", [OWN, "no higher than the spout", "Officially 90. Mine is 93 and it holds", "壶嘴以下：别太满"]
)
def test_an_answer_on_the_line_of_the_attribution(style, own):
    quote = "\n".join(f"> {line}" for line in LINES)
    assert own_of(style.format(own=own, address=ASKER.author, quote=quote)) == own


@pytest.mark.parametrize(
    ("text", "is_between"),
    [
        (f"> {LINES[1]}\n{OWN}\n> {LINES[2]}\n", True),
        (f"Hello Jordan,\n\nJordan Marsh wrote:\n> {LINES[1]}\n\n{OWN}\n\n> {LINES[2]}\n\nMei\n", True),
        (f"Hello Jordan,\n\n> {LINES[1]}\n> {LINES[2]}\n\n{OWN}\n", False),
        (f"{OWN}\n\n> {LINES[1]}\n> {LINES[2]}\n\nKiln Desk\n", False),
        (f"{LINES[1]}\n{OWN}\n{LINES[2]}\n", False),  # a receipt may list what it was told
        (f"> What nobody wrote.\n{OWN}\n> Nor this one here.\n", False),
        (f"> {LINES[1]}\nMei\n> {LINES[2]}\n", False),
    ],
)
def test_an_answer_in_parts(text, is_between):
    found = divide(text)
    assert stands_between(found.own, found.rest, found.layout, KNOWN) is is_between


def test_a_form_filled_in_within_the_quote():
    form = "Please complete these lines.\n\nRoot cause:\nAction taken:\nTracking number:\n\nJohn\nWalmart Canada Care"
    known = Known([c.agent(own_words=form).message], own=frozenset({c.CARE}))
    filled = form.replace("cause:", "cause: labels were swapped").replace("taken:", "taken: another kettle was sent")
    text = f"From: John <{c.SMITH}>\nSent: Friday\nTo: {c.CARE}\nSubject: Case 10293847\n\n{filled}"
    assert own_of(text, known) == "labels were swapped another kettle was sent"


def test_a_short_message_repeated_whole_is_a_quote_without_any_mark():
    known = Known([c.customer(own_words="It fogs up.").message])
    assert list(known.without_whole(["We sent another one.", "", "It fogs up."])) == ["We sent another one.", ""]
    assert list(known.without_whole(["It fogs up."])) == []
    assert list(KNOWN.without_whole(["It fogs up."])) == ["It fogs up."]


def test_a_help_desks_line_below_who_replies_is_no_quote():
    text = f"Mei sent a reply\n-- Please reply above this line --\n{'-' * 40}\n\n{OWN}\n\nSupport powered by FreeScout"
    assert OWN in own_of(text)
