"""No pattern takes more than linear time on hostile text: twice the text is less than three times the work."""

import re
import time

import pytest
from lab_mail import shipped_rules

from relaywatch.core.language import manner
from relaywatch.core.words import facts

SIZE = 8_000  # characters, and twice as many, which is what a mail's own words may have
TOLD_APART = 0.01  # seconds: what takes less at twice the size is not told from the clock's noise
TRIES = 4  # of which the best counts: others use this machine, too

SHIPPED = {
    pattern
    for table in shipped_rules().tables.values()
    for rule in table
    for pattern in (*rule.patterns, *rule.unless_patterns)
}
OF_CODE = {one for place in (facts, manner) for one in vars(place).values() if isinstance(one, re.Pattern)}
PIECES = ("1", "a", " ", "a ", "1 ", "1,", "1,,", "投1", "投a1", "投", "\n", "1\n", "- ", "from 1 ", "i will ")


def seconds(pattern, text):
    started = time.process_time()
    for _ in pattern.finditer(text):
        pass
    return time.process_time() - started


def grows(pattern, piece):
    """Return by how much the work grows with twice the text, 0 where it is next to nothing."""
    texts = [(piece * 2 * SIZE)[:size] + " ~" for size in (SIZE, 2 * SIZE)]
    ratios = []
    for _ in range(TRIES):
        once, twice = (seconds(pattern, text) for text in texts)
        ratios.append(twice / max(once, 1e-6) if twice > TOLD_APART else 0)
        if ratios[-1] < 3:
            break
    return min(ratios)


@pytest.mark.parametrize("piece", PIECES)
def test_twice_the_text_is_less_than_three_times_the_work(piece):
    slow = {pattern.pattern: grows(pattern, piece) for pattern in SHIPPED | OF_CODE}
    assert {pattern: ratio for pattern, ratio in slow.items() if ratio >= 3} == {}


def test_a_pattern_that_takes_quadratic_time_is_found():
    assert max(grows(re.compile(r"\d+ ?dollars"), "1") for _ in range(TRIES)) >= 3
