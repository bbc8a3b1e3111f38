"""The fuzzer decides by its seed alone, spoils answers as it says, and its judges see what they look for."""

from random import Random

import pytest
from fuzz.imap import IMAP_KINDS
from fuzz.judges import FASTEST, WINDOW, fastest, name_of, warnings
from fuzz.mischief import Cut, Deed, Pause, Silence, Temper, shape, units
from fuzz.plot import plot
from lab_smtp import Accepted

FETCHED = b"* 1 FETCH (UID 1 BODY[]<0> {10}\r\n* 2 OK\r\n\r\n)\r\n"
ANSWER = FETCHED + b"* 2 EXISTS\r\nA1 OK done\r\n"


def shaped(kind, answer=ANSWER, refusals=()):
    return shape(Deed(kind, Random(7)), answer, refusals, bye=b"* BYE\r\n")


def test_a_seed_tells_the_same_story_again():
    assert plot("7.3") == plot("7.3")
    assert plot("7.3") != plot("7.4")


def test_the_nth_answer_to_a_command_meets_the_same_fate_whatever_else_is_asked():
    alone, among_others = (Temper("7", IMAP_KINDS, rate=0.5) for _ in range(2))
    fates = [alone.deed("EXAMINE") for _ in range(50)]
    others = []
    for _ in range(50):
        among_others.deed("UID FETCH")
        others.append(among_others.deed("EXAMINE"))
    assert fates == others
    assert len({fate.kind for fate in fates if fate}) > 1


def test_a_calm_server_does_no_mischief():
    temper = Temper("7", IMAP_KINDS, rate=1.0, calm=True)
    assert temper.deed("LOGIN") is None
    assert not temper.grudge("<one@shop.example>", 1.0)


def test_a_literal_stays_with_its_response():
    assert units(ANSWER) == [FETCHED, b"* 2 EXISTS\r\n", b"A1 OK done\r\n"]


@pytest.mark.parametrize(
    ("kind", "steps"),
    [
        ("twice", [ANSWER, ANSWER]),
        ("echoed", [FETCHED * 2 + b"* 2 EXISTS\r\n" * 2 + b"A1 OK done\r\n"]),
        ("early", [b"A1 OK done\r\n" + FETCHED + b"* 2 EXISTS\r\n"]),
        ("bye", [b"* BYE\r\n", Cut()]),
    ],
)
def test_an_answer_is_spoiled_as_it_is_called(kind, steps):
    assert shaped(kind) == steps


def test_what_is_late_split_or_shuffled_is_whole():
    late, split, (shuffled,) = shaped("late"), shaped("split"), shaped("shuffled")
    assert isinstance(late[0], Pause)
    assert len(split) > 1
    assert b"".join(step for step in split if isinstance(step, bytes)) == ANSWER
    assert sorted(units(shuffled)) == sorted(units(ANSWER))


def test_what_is_cut_or_silent_is_not():
    for kind, end in (("cut", Cut()), ("silent", Silence())):
        begun, last = shaped(kind)
        assert ANSWER.startswith(begun) and len(begun) < len(ANSWER)  # noqa: PT018 - one fact
        assert last == end


def test_a_refusal_stands_instead_of_the_answer():
    assert shaped("refused", refusals=[b"A1 NO\r\n"]) == [b"A1 NO\r\n"]


def test_a_spin_is_seen_in_any_window():
    calm = [float(second) for second in range(60)]
    burst = [30 + number / 500 for number in range(int(FASTEST * WINDOW) + 1)]
    assert fastest(calm) < 2
    assert fastest(sorted(calm + burst)) > FASTEST


def test_what_a_warning_is_about_is_told_whatever_its_case_is_numbered():
    cases = [{"id": 4, "deadlines": [{"started_by": "<b@x>"}, {"started_by": "<a@x>"}]}]
    mail = Accepted(0.0, "", "oncall@shop.example", b"X-Relaywatch-Case: 4, 9\nX-Relaywatch-Step: 1h, 3h\n\n", None, 1)
    assert name_of(cases[0]) == "<a@x>"
    assert list(warnings([mail], cases)) == [
        ("<a@x>", "1h", "oncall@shop.example"),
        ("number 9", "3h", "oncall@shop.example"),
    ]
