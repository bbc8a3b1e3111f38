"""The lexicon can be reviewed: the check finds each kind of fault, and what ships has none (tests/check_lexicon.py)."""

import cast as c
import pytest
from check_lexicon import faults_of
from lab_lexicon import Case, changes, differences

from relaywatch.config import load_rules
from relaywatch.core.language.rules import Texts

GOOD = """
[[question]]
name = "one"
about = "What it is for."
where = ["subject"]
phrases.en = [
  "café",
  "camera",
]
phrases.fr = [
  "appareil",
]
patterns.any = [
  '''
    \\b(?:one|
    two)
  ''',
  'three',
]
unless.en = [
  "café",
]

[[question]]
name = "two"
about = "The same elsewhere."
where = ["text"]
phrases.en = [
  "café",
]
"""


def faults_in(tmp_path, text):
    (tmp_path / "words.toml").write_text(text)
    return faults_of(tmp_path)


def test_the_lexicon_that_ships_is_in_order():
    assert faults_of() == []


def test_what_is_good_is_no_fault(tmp_path):
    assert faults_in(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("three", "x" * 116, "words.toml:18: the line is 121 columns wide, at most 120"),
        ("three", "投" * 58, "words.toml:18: the line is 121 columns wide, at most 120"),
        ("one|\n", "one| \n", "words.toml:15: the line ends in a blank (in a pattern write it `[ ]`)"),
        ('"camera"', '"Cafe"', 'words.toml:8: "cafe" stands at words.toml:7 already'),
        ("three", r"\b(?:one|two)", r'words.toml:18: "\b(?:one|two)" stands at words.toml:17 already'),
        ('"appareil"', '"camera"', 'words.toml:11: "camera" stands at words.toml:8 already'),
        (
            'where = ["text"]',
            'where = ["text", "subject"]',
            'words.toml:29: "cafe" stands in another table of question already, words.toml:7',
        ),
        (
            'about = "What it is for."\n',
            "",
            "words.toml:2: question, one has no sentence",
        ),
        (
            '"What it is for."',
            '"words"',
            "words.toml:2: question, one has no sentence",
        ),
        ("phrases.fr", "phrases.qq", "words.toml:2: question, one: phrases.qq is of no known language"),
        (
            "phrases.fr",
            "phrases.french",
            "words.toml: question[0].phrases.french: found an unknown language, expected a code such as en, fr or zh,",
        ),
        (
            "phrases.en",
            "phrases.zh",
            "words.toml:2: question, one: the languages of phrases are out of order, expected fr,",
        ),
        (
            '"café",\n  "camera"',
            '"camera",\n  "café"',
            'words.toml:8: "café" of phrases.en is out of order: it comes before "camera"',
        ),
        (
            '"café",\n  "camera",',
            '"café", "camera",',
            'words.toml:7: found \'"café", "camera",\', expected one phrase or',
        ),
        ("phrases.fr = [", "phrases = [", "words.toml: Cannot"),
    ],
)
def test_each_kind_of_fault_is_found(tmp_path, old, new, said):
    assert old in GOOD
    found = faults_in(tmp_path, GOOD.replace(old, new, 1))
    assert any(fault.startswith(said) for fault in found), found


# --- what a change of it does (tests/lab_lexicon.py)


def lexicon(tmp_path, text):
    folder = tmp_path / str(len(list(tmp_path.iterdir())))
    folder.mkdir()
    (folder / "words.toml").write_text(text)
    return load_rules(folder=folder)


def case(name, **fields):
    message = c.message(0, "jo@example.com", [c.CARE], name, **fields)
    texts = Texts(message.subject, message.own_words, message.rest)
    return Case(name, message, lambda rules: str([match.rule.name for match in rules.all("question", texts)]))


def told(tmp_path, old, new, *cases):
    rules = lexicon(tmp_path, GOOD), lexicon(tmp_path, GOOD.replace(old, new))
    return [(one.name, one.was, one.now, *map(str, one.by)) for one in differences(cases, *rules)]


def test_a_mail_that_is_judged_otherwise_is_told_with_the_phrase_that_did_it(tmp_path):
    cases = [case("a", subject="Le clavier"), case("b", subject="The camera"), case("c", subject="An appareil")]
    came = '+ "clavier" (phrases of question, one)'
    assert told(tmp_path, '"appareil",', '"appareil",\n  "clavier",', *cases) == [("a", "[]", "['one']", came)]
    went = '- "appareil" (phrases of question, one)'
    assert told(tmp_path, '"appareil"', '"autre"', *cases) == [("c", "['one']", "[]", went)]


def test_of_several_phrases_that_stand_in_a_mail_the_one_that_did_it_is_told(tmp_path):
    new = '"appareil",\n]\nunless.fr = [\n  "clavier",\n]\nunless_patterns.any = [\n  "pixel",\n]'
    found = told(tmp_path, '"appareil",\n]', new, case("a", subject="Camera, clavier", own_words="pixel"))
    assert found == [("a", "['one']", "[]", '+ "clavier" (unless of question, one)')]


def test_where_each_of_two_phrases_is_enough_both_are_told(tmp_path):
    found = told(tmp_path, '"appareil",', '"clavier",\n  "souris",', case("a", subject="clavier, souris"))
    assert found == [
        ("a", "[]", "['one']", *(f'+ "{word}" (phrases of question, one)' for word in ("clavier", "souris")))
    ]


def test_what_moves_to_another_language_is_no_change(tmp_path):
    old, new = lexicon(tmp_path, GOOD), lexicon(tmp_path, GOOD.replace("phrases.fr", "phrases.es"))
    assert changes(old, new) == []
    assert list(differences([case("a", subject="appareil")], old, new)) == []
