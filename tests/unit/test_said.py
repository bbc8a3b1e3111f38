"""What a reply says, without what only stands around it, known by its form and its place."""

import time

import pytest

from relaywatch.core.language.rules import fold, fold_line
from relaywatch.core.words.said import is_greeting, read

SAYS = "Another bowl left our kiln this morning."
SIGNATURE = "Mei Lin\nBlue Kiln Pottery Ltd.\n+1 555 010 0199\nMon-Fri 9:00-17:00\nwww.bluekiln.example"


def body(text, **more):
    return read(text.splitlines(), **more).text


@pytest.mark.parametrize(
    "text",
    [
        SAYS,
        f"Hello Jordan,\n\n{SAYS}",
        f"Bonjour Madame Roy,\n\n{SAYS}",
        f"尊敬的王女士：\n\n{SAYS}",
        f"Selam Jordan,\n\n{SAYS}",
        f"{SAYS}\n\nKind regards,\nMei Lin",
        f"{SAYS}\n\n{SIGNATURE}",
        f"{SAYS}\n\nhttps://bluekiln.example/returns",
        f"[image: Blue Kiln]\n\n{SAYS}\n\nIMG_2041.JPG",
        f"{SAYS}\n\n[cid:logo.png@01D]\nBlue Kiln · Open 9:00-17:00",
        f"Hello Jordan, {SAYS}",
    ],
)
def test_what_stands_around_what_is_said(text):
    assert body(text).lower().rstrip(".") == SAYS.lower().rstrip(".")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "Hello Jordan,",
        "您好，",
        "[image: photo]",
        "IMG_2041.JPG",
        "invoice 2041.pdf (23 kB)",
        "https://bluekiln.example/help",
        "care@shop.example",
        "👍",
        "...",
    ],
)
def test_nothing_is_said(text):
    assert body(text) == ""


@pytest.mark.parametrize(
    "below",
    [
        "张敏 | 跨境部\n广州市蓝窑家居用品有限公司\n地址：石槎路3栋\n手机/微信：13800138000\n官网：www.kiln.example",
        "Poterie du Four Bleu inc.\nTéléc. : voir le site\nCourriel : au four",
        "Blue Kiln Pottery Ltd.\nTel: ask at the desk",
    ],
)
def test_how_a_company_is_reached_is_furniture(below):
    assert body(f"{SAYS}\n\n{below}") == SAYS


@pytest.mark.parametrize(
    "text",
    [
        "Sent by regular mail on Tuesday",
        "Scanned by Canada Post last night",
        "On my phone the tracking says Tuesday",
        "Please see drawing.pdf for how the lid is turned.",
        "The address is 12 Kiln Road and the bowl goes there.",
        "It is open from 9:00 to 17:00 on Monday, so come by.",
        "2 litres.",
        "1Z999AA10123456784",
        "Yes.",
        "可以的，今天发货。",
    ],
)
def test_a_persons_words_are_no_furniture(text):
    assert body(text) == text


def test_wrapped_lines_are_one():
    said = read("Another bowl left our kiln\nthis morning, and it will\nreach you soon.".splitlines())
    assert [line.folded for line in said.body] == [
        "another bowl left our kiln this morning, and it will reach you soon."
    ]


def test_a_postscript_below_the_name_is_kept_apart():
    said = read(f"{SAYS}\n\nRegards,\nMei\n\nPlease keep the broken one until then.".splitlines())
    assert said.text == SAYS
    assert [line.raw for line in said.below] == ["Please keep the broken one until then."]


def test_links_are_left_out_and_where_they_stood_is_known():
    said = read([f"See https://bluekiln.example/a and {SAYS}", "https://bluekiln.example/b"])
    assert (said.linked, "https" in said.text) == ({0}, False)
    assert said.set_aside >= 1


def test_paragraphs():
    said = read(["It is blue.", "", "It is sent today.", "By mail."])
    assert [[line.raw for line in lines] for lines in said.paragraphs()] == [
        ["It is blue."],
        ["It is sent today.", "By mail."],
    ]


TOP, BOTTOM = "We are the Blue Kiln, since 1985.", "Follow us for news of the wheel."


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"{TOP}\n\n{SAYS}\n\n{BOTTOM}", SAYS),
        (f"{SAYS}\n\n{BOTTOM}\n\nMei", SAYS),
        (f"{SAYS}\n\n{TOP}\n\nIt is wrapped in straw.", f"{SAYS}\n{TOP}\nIt is wrapped in straw."),
        (f"{TOP}\n\n{BOTTOM}", ""),
    ],
    ids=["both ends", "a name below", "in the middle it is said", "nothing else"],
)
def test_what_recurs_goes_at_the_top_and_the_bottom(text, left):
    assert body(text, recurring={fold(TOP), fold(BOTTOM)}) == left


@pytest.mark.parametrize(
    ("text", "greeting"),
    [("hello jordan,", True), ("bonjour", True), ("您好", True), ("hello, it is sent.", False), ("", False)],
)
def test_a_greeting(text, greeting):
    assert is_greeting(text) is greeting


HOSTILE = ["a " * 500_000, "a" * 1_000_000, "<" * 1_000_000, "[image" * 160_000, "9 - " * 250_000, "1." * 500_000]
HOSTILE += [
    "a.b@" * 250_000,
    "https://" * 120_000,
    "Mei,\n" * 200_000,
    "水" * 1_000_000,
    "a|b " * 250_000,
    "\n" * 10**6,
]


@pytest.mark.parametrize("text", HOSTILE, ids=[repr(text[:6]) for text in HOSTILE])
def test_hostile_text_costs_linear_time(text):
    for lines in (text.split("\n"), [text[at : at + 600] for at in range(0, len(text), 600)]):
        start = time.process_time()
        read(lines)
        assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("text", "raw"),
    [
        ("Hello Jordan, it works", "it works"),
        ("Hello Jordan, it works.", "it works."),
        ("您好，孔径是 6.3 的。", "孔径是 6.3 的。"),
    ],
)
def test_what_is_said_behind_a_greeting_ends_as_it_was_written(text, raw):
    (line,) = read([text]).body
    assert line.raw == raw
    assert line.folded[-1] == fold_line(raw)[-1]


LINK = "https://parcels.example/track?pin=335258857374"
POINTS = [
    "It shipped yesterday with the post:",
    "Shipped today, tracking:",
    "Your tracking link:",
    "Votre colis est parti hier :",
    "Voici le suivi :",
    "包裹昨天已经发出,物流单号查询:",
    "这是物流链接：",
]


@pytest.mark.parametrize("apart", [" ", "\n", "\n\n"], ids=["on its line", "below", "in a paragraph of its own"])
@pytest.mark.parametrize("greeting", ["", "Hi Jordan,\n\n"], ids=["at once", "greets"])
@pytest.mark.parametrize("line", POINTS)
def test_a_line_that_says_what_a_link_is_was_said(line, greeting, apart):
    assert body(f"{greeting}{line}{apart}{LINK}\n\nMei").lower() == line.lower()


@pytest.mark.parametrize("line", ["Shipped today, tracking:", "包裹昨天已经发出,物流单号查询:"])
def test_what_has_a_comma_within_is_no_greeting(line):
    assert read([line, "", "Mei"]).greeting == ""


@pytest.mark.parametrize("line", ["Selam Jordan,", "Szia kedves Jordan ,"])
def test_a_few_words_and_a_stop_are_a_greeting_in_any_language(line):
    assert read([line, "", SAYS]).greeting == line.lower()


@pytest.mark.parametrize("head", ["Mei commented: <mei@bluekiln.example>", "Mei Lin replied : mei@bluekiln.example"])
def test_an_address_is_no_link_that_a_line_points_to(head):
    assert body(f"{head}\n\n{SAYS}") == SAYS
