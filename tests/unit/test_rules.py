"""Rules that are words: folding, phrases as whole words, what speaks against a rule, and reading them."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab_mail import shipped_rules

from relaywatch.config import ConfigError, load_rules
from relaywatch.config.rules import parse_rules
from relaywatch.core.language.rules import Rule, Rules, Texts, find_phrase, fold

# --- fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("", ""),
        ("  Hello\t\r\n World ", "hello world"),
        ("Bureau d’éthique commerciale", "bureau d'ethique commerciale"),
        ("BUREAU D`ÉTHIQUE", "bureau d'ethique"),
        ("don`t", "don't"),
        ("e\u0301thique", "ethique"),
        ("in\u00a0store", "in store"),
        ("in‑store – pick—up", "in-store - pick-up"),
        ("“quoted”", '"quoted"'),
        ("re\u00adfund\u200b now", "refund now"),
        ("ＢＢＢ", "bbb"),
        ("ﬁled", "filed"),
        ("消费者，投诉！", "消费者,投诉!"),
        ("İstanbul ẞ", "istanbul ß"),
        ("œuvre", "œuvre"),
    ],
)
def test_fold(text, folded):
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_folded_text_is_one_line_without_double_blanks(text):
    assert fold(text) == " ".join(fold(text).split())


@given(st.text("abXYé ÀçÑœŒ’-投"))
def test_case_does_not_matter(text):
    assert fold(text.upper()) == fold(text.lower()) == fold(text)


def test_folding_and_finding_are_linear():
    started = time.perf_counter()
    for text in ("é" * 1_000_000, "e\u0301" * 500_000, " \u200b" * 500_000, "aе" * 500_000, "е" * 999_999 + "a"):
        fold(text)
    find_phrase("aab", "a" * 1_000_000)
    find_phrase("a a", "xa ax " * 200_000)
    assert time.perf_counter() - started < 5


HIDERS = "\u200d\u200c\u2060\u2063\ufe0f\u180e\U000e0061\u3164\uffa0\u034f\u200e\u202e\u061c\ufeff\U000e0100"


@pytest.mark.parametrize("hider", HIDERS)
def test_what_nobody_sees_hides_no_word(hider):
    written = "My parcel with the mug never arrived"
    assert fold(written.replace("r", f"r{hider}")) == written.lower()
    assert fold(hider.join(written * 20)) == (written * 20).lower()  # long texts are folded in another way


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("nеvеr аrrіvеd", "never arrived"),
        ("RЕFUND Μy Μoney", "refund my money"),
        ("rεfυnd", "refund"),
        ("neᴠeʀ ᴀʀʀɪᴠᴇᴅ", "never arrived"),
        ("kırıldı", "kirildi"),
        ("Моя чашка не пришла, верните деньги", "моя чашка не пришла, верните деньги"),
        ("Заказ на Walmart: кружка", "заказ на walmart: кружка"),
        ("Η κούπα έσπασε", "η κουπα εσπασε"),
        ("600х400", "600х400"),  # digits are of any alphabet
        ("❤️ 👩‍👧 1️⃣", "❤ 👩👧 1⃣"),
        ("می‌خواهم", "میخواهم"),
    ],
)
def test_letters_that_look_latin_are_latin_in_latin_words(text, folded):
    assert fold(text) == folded
    assert fold(folded) == folded


# --- phrases


@pytest.mark.parametrize(
    ("phrase", "text", "at"),
    [
        ("bbb", "bbb", 0),
        ("bbb", "a bbb complaint", 2),
        ("bbb", "(bbb)", 1),
        ("bbb", "bbb's", 0),
        ("bbb", "bbbs", -1),
        ("bbb", "abbb", -1),
        ("bbb", "bbb2", -1),
        ("bbb", "bbbb bbb", 5),
        ("bbb", "客户向bbb投诉", 3),  # Chinese has no blanks between words
        ("投诉", "客户投诉了", 2),
        ("投诉", "客户", -1),
        ("in store", "in  store", -1),  # both are folded before
        ("no. 5", "no. 55", -1),
        ("re:", "re:store", 0),  # ends in no letter: nothing to bound
        ("-5", "a-5", 1),
        ("x", "", -1),
    ],
)
def test_find_phrase(phrase, text, at):
    assert find_phrase(phrase, text) == at


ALPHABET = "ab1 '-é投诉ß"


@given(st.text(ALPHABET, min_size=1, max_size=6), st.text(ALPHABET, max_size=30))
def test_a_phrase_is_found_where_a_regular_expression_would(phrase, text):
    def bound(char):
        return r"[^\W_投诉]" if re.fullmatch(r"[^\W_投诉]", char) else "(?!)"

    expected = re.search(
        rf"(?<!{bound(phrase[0])}){re.escape(phrase)}(?!{bound(phrase[-1])})"
        if bound(phrase[0]) != "(?!)"
        else rf"{re.escape(phrase)}(?!{bound(phrase[-1])})",
        text,
    )
    assert find_phrase(phrase, text) == (expected.start() if expected else -1)


@given(
    st.lists(st.text(ALPHABET, min_size=1, max_size=5).map(fold).filter(bool), min_size=1, max_size=5),
    st.text(ALPHABET, max_size=40),
)
def test_a_rule_finds_the_first_of_its_phrases_that_stands_in_the_text(phrases, text):
    folded = fold(text)
    first = next((phrase for phrase in phrases if find_phrase(phrase, folded) >= 0), None)
    evidence = Rule(name="r", where=("own_words",), phrases=tuple(phrases)).find(Texts(own_words=text))
    if first is None:
        assert evidence is None
    else:
        assert evidence is not None
        assert first in evidence


# --- rules


def rule(**over):
    return Rule(**{"name": "r", "where": ("own_words",), "phrases": ("bbb",), **over})


@pytest.mark.parametrize(
    ("entry", "texts", "evidence"),
    [
        (rule(), Texts(own_words="The BBB wrote"), "the bbb wrote"),
        (rule(), Texts(subject="BBB", rest="BBB", author="BBB"), None),
        (rule(where=("subject", "rest")), Texts(rest="BBB"), "bbb"),
        (rule(where=("text",)), Texts(own_words="x", rest="BBB"), "x bbb"),
        (rule(where=("author",)), Texts(author="BBB <bbb@x.example>"), "bbb <bbb@x.example>"),
        (rule(unless=("bbb rated",)), Texts(own_words="we are BBB rated"), None),
        (rule(unless=("rated",)), Texts(own_words="the BBB. underrated"), "the bbb. underrated"),
        (rule(unless_patterns=(re.compile(r"bbb [a-z]{5}\b"),)), Texts(own_words="BBB rated"), None),
        (rule(phrases=(), patterns=(re.compile(r"\bb{3}\b"),)), Texts(own_words="the bbb"), "the bbb"),
        (rule(phrases=(), patterns=(re.compile(r"\bb{3}\b"),)), Texts(own_words="bbbb"), None),
        (rule(phrases=("投诉",)), Texts(own_words="客户要投诉！"), "客户要投诉!"),
    ],
)
def test_a_rule(entry, texts, evidence):
    assert entry.find(texts) == evidence


def test_what_speaks_against_a_rule_does_so_in_its_own_place_only():
    entry = rule(where=("subject", "own_words"), unless=("rated",))
    assert entry.find(Texts(subject="BBB rated", own_words="the BBB wrote")) == "the bbb wrote"


def test_evidence_is_short():
    text = "x" * 500 + " bbb " + "y" * 500
    evidence = rule().find(Texts(own_words=text))
    assert evidence is not None
    assert "bbb" in evidence
    assert len(evidence) <= 80


def test_the_first_rule_that_matches_decides():
    table = (rule(name="none", phrases=("zzz",)), rule(name="first"), rule(name="second"))
    rules = Rules({"table": table})
    found = rules.first("table", Texts(own_words="BBB"))
    assert found is not None
    assert found.rule.name == "first"
    assert [match.rule.name for match in rules.all("table", Texts(own_words="BBB"))] == ["first", "second"]
    assert rules.first("table", Texts()) is None
    with pytest.raises(KeyError):
        rules.first("other", Texts())


# --- reading them

ENTRY = '[[kinds]]\nname = "a"\nwhere = ["text"]\n'


def test_an_entry_is_read_whole():
    problems: list[str] = []
    tables = parse_rules(
        ENTRY + "phrases = ['Émeraude  Verte']\npatterns = ['\\bx{1,3}\\b']\nunless = ['ÉTÉ']\n"
        "unless_patterns = ['y']\nresult = 'complaint'\n",
        "mine.toml",
        problems,
    )
    assert problems == []
    (entry,) = tables["kinds"]
    assert (entry.name, entry.where, entry.result) == ("a", ("text",), "complaint")
    assert (entry.phrases, entry.unless) == (("emeraude verte",), ("ete",))
    assert [pattern.pattern for pattern in entry.patterns] == [r"\bx{1,3}\b"]
    assert [pattern.pattern for pattern in entry.unless_patterns] == ["y"]


def test_lists_by_language_mean_what_one_list_means():
    problems: list[str] = []
    by_language = """about = "What it is for."
phrases.en = ["missing", "never came"]
phrases.fr = ["jamais reçu"]
patterns.any = ['bbb{1,2}']
unless.zh = ["收到了"]
unless_patterns.en = ['found it']
"""
    in_one = """phrases = ["never came", "jamais reçu", "missing"]
patterns = ['bbb{1,2}']
unless = ["收到了"]
unless_patterns = ['found it']
"""
    assert parse_rules(ENTRY + by_language, "mine.toml", problems) == parse_rules(ENTRY + in_one, "mine.toml", problems)
    assert problems == []


def test_of_two_phrases_that_overlap_the_longer_is_looked_for_first():
    (entry,) = parse_rules(ENTRY + "phrases.en = ['refund', 'a refund', 'no']", "mine.toml", [])["kinds"]
    assert entry.phrases == ("a refund", "refund", "no")


@pytest.mark.parametrize(
    ("written", "pattern"),
    [
        (r"patterns.en = ['\ba b\b']", r"\ba b\b"),
        ("patterns.en = ['  a ']", "  a "),
        ("patterns.en = ['''a|\n  b''']", "a|b"),
        ("patterns.en = ['''\n    a |\n\t  b c|\n    d\n  ''']", "a |b c|d"),
        ("patterns.en = ['''\r\n  a|\r\n  b\r\n''']", "a|b"),
        ("patterns.en = ['''a|\n  [ ]b''']", "a|[ ]b"),
        ("patterns = ['''(?x) a # this\n  b''']", "(?x) a # this\n  b"),  # the one list for all is read as written
    ],
)
def test_a_pattern_may_stand_on_several_lines(written, pattern):
    problems: list[str] = []
    (entry,) = parse_rules(ENTRY + written, "mine.toml", problems)["kinds"]
    assert problems == []
    assert [each.pattern for each in entry.patterns] == [pattern]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[[kinds]]",
            ["kinds[0].name: found nothing", "kinds[0].where: found nothing", "kinds[0]: found neither"],
        ),
        ("kinds = 1", ["kinds: found 1, expected [[kinds]] entries"]),
        ("kinds = [1]", ["kinds: found a list, expected [[kinds]] entries"]),
        (ENTRY, ["kinds[0]: found neither phrases nor patterns, expected what to look for"]),
        (ENTRY + "phrases = 'x'", ['kinds[0].phrases: found "x", expected a list of texts']),
        (ENTRY + "phrases = ['x', 1]", ["kinds[0].phrases[1]: found 1, expected text"]),
        (ENTRY + "phrases = ['x', ' ']", ['kinds[0].phrases[1]: found " ", expected words']),
        (
            ENTRY + "phrases = ['x']\nunles = ['y']",
            ["kinds[0].unles: found an unknown key, expected one of about, name, p"],
        ),
        (ENTRY + "phrases = ['x']\nresult = 1", ["kinds[0].result: found 1, expected text"]),
        (
            ENTRY.replace("text", "body") + "phrases = ['x']",
            ['kinds[0].where: found "body", expected one of author'],
        ),
        (ENTRY + "patterns = ['x(']", ['kinds[0].patterns[0]: found "x(", expected a regular expression (']),
        (
            ENTRY + "patterns = ['BBB']",
            ['kinds[0].patterns[0]: found "BBB", expected lower case without accents'],
        ),
        (
            ENTRY + "patterns = ['éa']",
            ['kinds[0].patterns[0]: found "éa", expected lower case without accents'],
        ),
        (
            ENTRY + "patterns = ['(a+)+b']",
            ['kinds[0].patterns[0]: found "(a+)+b", expected no unbounded repetition'],
        ),
        (ENTRY + "unless_patterns = ['(']\nphrases = ['x']", ['kinds[0].unless_patterns[0]: found "("']),
        (ENTRY + "phrases.en = 'x'", ['kinds[0].phrases.en: found "x", expected a list of texts']),
        (ENTRY + "phrases.fr = ['x', 1]", ["kinds[0].phrases.fr[1]: found 1, expected text"]),
        (ENTRY + "phrases.en = ['x']\nphrases.fr = ['x', ' ']", ['kinds[0].phrases.fr[1]: found " ", expected words']),
        (ENTRY + "phrases.french = ['x']", ["kinds[0].phrases.french: found an unknown language, expected a code"]),
        (ENTRY + "phrases.en = []", ["kinds[0]: found neither phrases nor patterns"]),
        (ENTRY + "phrases = {}", ["kinds[0]: found neither phrases nor patterns"]),
        (ENTRY + "phrases = 1", ["kinds[0].phrases: found 1, expected a list of texts"]),
        (ENTRY + "patterns.zh = ['x(']", ['kinds[0].patterns.zh[0]: found "x(", expected a regular expression (']),
        (ENTRY + "about = 1\nphrases = ['x']", ["kinds[0].about: found 1, expected text"]),
        ("x", ["Expected '=' after a key"]),
    ],
)
def test_mistakes_in_an_entry(text, said):
    problems: list[str] = []
    parse_rules(text, "mine.toml", problems)
    assert len(problems) == len(said)
    for problem, expected in zip(problems, said, strict=True):
        assert problem.startswith(f"mine.toml: {expected}")


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+",
        "(a*b?)*",
        "(?:a|b+)*x",
        "((a+)b?){2,}",
        "x.*y",
        "x.+?y",
        r"(?:\w+ )*",
        "(?:(?:a{1,}))+",
        "(a+)*+",
    ],
)
def test_patterns_that_may_take_for_ever_are_refused(pattern):
    problems: list[str] = []
    parse_rules(f"{ENTRY}patterns = ['{pattern}']", "mine.toml", problems)
    assert len(problems) == 1
    assert "no unbounded repetition inside another" in problems[0]


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?:\w{1,20} ){0,3}x",
        "a+b+",
        "(?:a|b)+",
        r"\(a+\)+",
        "[.*]+x",
        "[(]a+[)]+",
        "(a{2,3})+",
        r"\.+x",
        "(?P<x>a)b*",
    ],
)
def test_patterns_that_are_fine(pattern):
    problems: list[str] = []
    parse_rules(f"{ENTRY}patterns = ['{pattern}']", "mine.toml", problems)
    assert problems == []


def test_the_shipped_rules_are_read_and_cannot_be_changed():
    rules = load_rules()
    assert rules.tables
    assert all(rules.tables.values())
    with pytest.raises(TypeError):
        rules.tables["kinds"] = ()


def test_no_shipped_pattern_is_slow_on_hostile_text():
    rules = load_rules()
    patterns = [
        pattern
        for table in rules.tables.values()
        for entry in table
        for pattern in (*entry.patterns, *entry.unless_patterns)
    ]
    texts = [char * 20_000 for char in ("a", " a", "0", "- ", "on ", "re: ", "投", "a@a.a ", "\n> ")]
    for pattern in patterns:
        started = time.perf_counter()
        for text in texts:
            pattern.search(fold(text))
        assert time.perf_counter() - started < 2, pattern.pattern


def test_ones_own_rules_come_first(tmp_path):
    shipped = load_rules()
    table = next(iter(shipped.tables))
    path = tmp_path / "mine.toml"
    path.write_text(ENTRY.replace("kinds", table) + "phrases = ['x']")
    mine = load_rules(path)
    assert mine.tables[table][0].name == "a"
    assert mine.tables[table][1:] == shipped.tables[table]
    assert {name: mine.tables[name] for name in shipped.tables if name != table} == {
        name: entries for name, entries in shipped.tables.items() if name != table
    }


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (ENTRY.encode() + b"phrases = ['x']", "mine.toml: kinds: found an unknown table, expected one of "),
        (b"\xff", "{path}: found bytes that are not UTF-8, expected a TOML file"),
        (None, "{path}: cannot be read: No such file or directory"),
    ],
)
def test_a_file_of_ones_own_that_cannot_be_used(tmp_path, content, said):
    path = tmp_path / "mine.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load_rules(path)
    (problem,) = caught.value.problems
    assert problem.startswith(said.replace("{path}", str(path)))


@given(st.sampled_from(["better business", "filed with the bbb", "a mug", "本消费者协会", ""]), st.text())
def test_what_matches_is_possible(words, more):
    rules = shipped_rules()
    texts = Texts(own_words=f"{words} {more}", rest=words)
    for table in rules.tables:
        assert rules.possible(table, texts) or rules.first(table, texts) is None
