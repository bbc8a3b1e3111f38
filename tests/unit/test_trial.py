"""An operator's own patterns are tried on hostile text, in bounded time."""

import time

import pytest
from lab_mail import shipped_rules

from relaywatch.config.rules import load_rules
from relaywatch.config.trial import slow_patterns

ENTRY = "[[deed]]\nname = 'mine'\nwhere = ['own_words']\n"


def tried(tmp_path, pattern):
    path = tmp_path / "mine.toml"
    path.write_text(f"{ENTRY}patterns.en = ['''{pattern}''']", "utf-8")
    return slow_patterns(load_rules(path))


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param(r"(?:\w{1,40}\s?){1,40}~!", id="repeats within repeats, each bounded"),
        pytest.param(r"(?:a|aa|b){0,200}c", id="one thing in two ways"),
        pytest.param(r"\d+\s?\d+\s?dollars", id="three ways to share digits"),
        pytest.param(r"(?:refund|refund | ){0,90}order", id="of its own words"),
        pytest.param(r"\bbbb file \d+[- ]?\d+[- ]?\d+[a-z]", id="behind words"),
        pytest.param(r"\brefund of (?:\d{1,9}[ ,.]?){1,20} ?dollars\b", id="bounded, behind words"),
        pytest.param(r"https?://[^ ]+/[^ ]+/[^ ]+\.pdf", id="parted by what they repeat"),
        pytest.param(r"order \w+ ?\w* ?\w* cancelled", id="each may be all"),
        pytest.param(r"(?:case|file) (?:no|nr)[^a]?\w* ?\w* ?\w*!", id="behind a choice"),
    ],
)
def test_a_pattern_that_takes_too_long_is_found_soon(tmp_path, pattern):
    started = time.process_time()
    (line,) = tried(tmp_path, pattern)
    assert line.startswith("deed: mine: the pattern ")
    assert " characters of hostile text" in line
    assert time.process_time() - started < 60


@pytest.mark.parametrize(
    "pattern",
    [
        r"\brefund(?:ed)? within \d{1,3} days?\b",
        r"投诉.{0,40}消费者",
        r"\b[a-z]{1,60}@shop\.example",
        r"[^\W\d]{1,20}\s\S\D.!",
    ],
)
def test_a_pattern_that_is_linear_passes(tmp_path, pattern):
    assert tried(tmp_path, pattern) == []


def test_shipped_patterns_are_not_tried_again():
    """Tests have (test_hostile_patterns); `check` asks of what the operator wrote."""
    assert slow_patterns(shipped_rules()) == []
