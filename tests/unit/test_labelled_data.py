"""The labelled set: its ingredients are many and whole, and what is made of them is mail that can be read."""

import re
from collections import Counter

import lab_labelled as lab
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lab_parse import message

FEWEST = 600
PER_LANGUAGE = {"counts": 70, "thin": 25, "automatic": 40}
SAMPLES = lab.samples(FEWEST, 3)
MANY = lab.samples(1_500, 2)
PLACEHOLDER = re.compile(r"\{[a-z0-9_]+\}")
SPACES = re.compile(r"\s+")


def bare(text):
    """A text without its blanks, of which line breaks and HTML make their own."""
    return SPACES.sub("", text)


def missing(sample):
    """The author's words that the reply's text does not hold, wherever they stand in it."""
    return Counter(sample.text.split()) - Counter(message(sample.reply).text.split())


@pytest.mark.parametrize("language", lab.LANGUAGES)
@pytest.mark.parametrize("label", lab.LABELS)
def test_each_language_has_enough_of_each_label(language, label):
    found = [base for base in lab.bases() if (base.language, base.label) == (language, label)]
    assert len(found) >= PER_LANGUAGE[label]


def test_there_are_enough_of_the_other_ingredients():
    assert len(lab.furniture()) >= 45
    assert len(lab.frames()) >= 16
    assert len(lab.styles()) >= 34
    for language in lab.LANGUAGES:
        assert {piece.place for piece in lab.furniture() if piece.language == language} == {"top", "bottom"}
        assert any(frame.language == language for frame in lab.frames())
        assert any(style.language == language for style in lab.styles())


@pytest.mark.parametrize("ingredients", [lab.bases, lab.furniture, lab.frames, lab.styles])
def test_no_id_occurs_twice(ingredients):
    assert [id_ for id_, times in Counter(one.id for one in ingredients()).items() if times > 1] == []


def test_no_two_bases_of_a_language_are_about_the_same_matter():
    matters = Counter((base.language, base.matter.casefold()) for base in lab.bases())
    assert [matter for matter, times in matters.items() if times > 1] == []


def test_kin_are_of_one_label_and_of_several_languages():
    kin = {}
    for base in lab.bases():
        kin.setdefault(base.kin, []).append(base)
    for family in kin.values():
        assert len({(base.label, base.to) for base in family}) == 1
        assert len({base.language for base in family}) == len(family)


def test_no_two_bases_say_the_same():
    said = Counter((base.language, base.text.casefold()) for base in lab.bases() if base.label != "thin")
    assert [text for text, times in said.items() if times > 1] == []


def test_the_ingredients_speak_of_places_and_labels_that_there_are():
    assert {base.label for base in lab.bases()} == set(lab.LABELS)
    assert {base.to for base in lab.bases()} == {"customer", "agent"}
    assert {piece.place for piece in lab.furniture()} == {"top", "bottom"}
    assert {style.place for style in lab.styles()} == {
        *("below", "above", "between", "line_before", "line_after", "inside"),
    }
    assert {style.quotes for style in lab.styles()} == {"form", "matter"}
    for frame in lab.frames():
        assert frame.text.count("{reply}") == frame.text.count("{quote}") == 1
    for style in lab.styles():
        assert not style.html or "{lines}" in style.html


def test_every_ingredient_occurs():
    assert {sample.base for sample in SAMPLES} == {base.id for base in lab.bases()}
    assert {piece for sample in MANY for piece in sample.furniture} == {piece.id for piece in lab.furniture()}
    assert {sample.frame for sample in MANY} == {frame.id for frame in lab.frames()} | {""}
    assert {sample.style for sample in MANY} == {style.id for style in lab.styles()} | {""}


def test_the_samples_are_many_and_distinct():
    assert len(SAMPLES) >= FEWEST
    assert len({sample.id for sample in SAMPLES}) == len(SAMPLES)
    assert len({(one.base, one.style, one.frame, one.furniture) for one in SAMPLES}) == len(SAMPLES)


def test_the_same_numbers_give_the_same_samples():
    assert lab.samples(50, 7) == lab.samples(50, 7)
    assert lab.samples(50, 7) != lab.samples(50, 8)


def test_no_placeholder_is_left():
    left = []
    for sample in SAMPLES:
        for raw in (sample.inbound, sample.reply):
            read = message(raw)
            found = PLACEHOLDER.findall(f"{read.subject}\n{read.text}\n{read.author_name}")
            left += [(sample.id, sample.style, sample.frame, one) for one in found]
    assert left == []


def test_every_sample_is_read_without_damage():
    for sample in SAMPLES:
        inbound, reply = message(sample.inbound), message(sample.reply)
        assert not inbound.damage, sample.id
        assert not reply.damage, sample.id
        assert reply.in_reply_to == (inbound.message_id,)
        assert reply.author == "care@shop.example"
        assert reply.to == (inbound.author,)
        assert bare(sample.matter) in bare(inbound.text)
        passed = (reply.date - inbound.date).total_seconds()
        assert passed == pytest.approx(sample.hours * 3600, abs=1.5)


def test_every_reply_holds_what_its_author_wrote():
    for sample in SAMPLES:
        assert not missing(sample), (sample.id, sample.style, sample.frame)


@pytest.mark.parametrize("style", lab.styles(), ids=lambda style: style.id)
def test_every_style_quotes_what_is_answered(style):
    base = next(base for base in lab.bases() if base.id == "en-counts-001")
    for seed in range(4):
        sample = lab.compose(base, style=style, seed=seed)
        text = message(sample.reply).text
        for word in sample.matter.split():
            assert word in text


def test_names_and_orders_are_the_same_in_both_mails():
    for sample in SAMPLES:
        inbound, reply = message(sample.inbound), message(sample.reply)
        orders = set(re.findall(r"600000\d{9}", reply.text + reply.subject))
        assert orders <= set(re.findall(r"600000\d{9}", inbound.text + inbound.subject)) or sample.to == "agent"


def test_a_machine_is_mostly_quick_and_a_person_mostly_not():
    quick = Counter()
    for sample in MANY:
        kind = sample.label, len(sample.text) <= lab.SHORT
        quick[kind, sample.hours <= 121 / 3600] += 1
    automatic = sum(quick[("automatic", short), True] for short in (True, False))
    slow = sum(quick[("automatic", short), False] for short in (True, False))
    assert 0.72 < automatic / (automatic + slow) < 0.88
    assert 0.1 < quick[("counts", True), True] / (quick[("counts", True), True] + quick[("counts", True), False]) < 0.3
    assert quick[("counts", False), True] == 0


def test_headers_of_machines_stand_on_a_third_of_theirs_and_on_a_tenth_of_people_s():
    for label, low, high in (("automatic", 0.27, 0.41), ("counts", 0.06, 0.15)):
        of_label = [bool(sample.headers) for sample in MANY if sample.label == label]
        assert low < sum(of_label) / len(of_label) < high


@settings(max_examples=60)
@given(
    base=st.sampled_from(lab.bases()),
    style=st.none() | st.sampled_from(lab.styles()),
    frame=st.none() | st.sampled_from(lab.frames()),
    pieces=st.lists(st.sampled_from(lab.furniture()), max_size=4, unique=True),
    seed=st.integers(0, 1_000_000),
)
def test_any_ingredients_make_mail_that_can_be_read(base, style, frame, pieces, seed):
    sample = lab.compose(base, style=style, frame=frame, pieces=pieces, seed=seed)
    assert not message(sample.reply).damage
    assert not missing(sample)
