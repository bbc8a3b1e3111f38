"""The table of signs (data/signs.toml): what is in it is used, and the reverse; where weights point."""

import ast
from pathlib import Path

import pytest

from relaywatch.config.signs import load_signs, parse_signs
from relaywatch.core.language.signs import SURE, Answer, Side, Sign, SignTable
from relaywatch.core.replies import gist, weighing
from relaywatch.core.words import facts

ROW = '[[sign]]\nname = "{name}"\nside = "{side}"\nweight = {weight}\nsays = "so"\n'
HEAD = "base = 0.0\ncounts = 1.0\ndoes_not = -1.0\n"


def words_in_code():
    trees = (ast.parse(Path(module.__file__).read_text("utf-8")) for module in (weighing, gist, facts))
    nodes = (node for tree in trees for node in ast.walk(tree))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_every_sign_of_the_table_is_given_somewhere():
    assert set(load_signs().signs) - words_in_code() == set()


def yielded():
    """Return the names that the weighing yields outright, as the first of a pair or a choice."""
    tree = ast.parse(Path(weighing.__file__).read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):
            first = node.value.elts[0]
            choices = [first]
            if isinstance(first, ast.IfExp):
                choices = [part for part in ast.walk(first) if isinstance(part, ast.Constant)]
            yield from (one.value for one in choices if isinstance(one, ast.Constant) and isinstance(one.value, str))


def test_every_sign_that_is_given_stands_in_the_table():
    names = {*yielded(), *gist._SIGNS.values(), *gist.STANDS_AROUND, *(name for name, _ in weighing._SERVICE)}
    assert len(names) > 20
    assert names - set(load_signs().signs) == set()


def test_weights_point_to_their_side():
    for sign in load_signs().signs.values():
        assert sign.weight >= 0 if sign.side is Side.PERSON else sign.weight <= 0, sign.name
        assert sign.says.strip() == sign.says != ""


def test_the_thresholds_are_in_order():
    table = load_signs()
    assert table.does_not < table.counts
    assert table.weigh({}).answer in {Answer.COUNTS, Answer.DOUBTFUL}  # without any sign nothing is held against it


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (HEAD + ROW.format(name="a", side="person", weight=-1), "a speaks for person"),
        (HEAD + ROW.format(name="a", side="thin", weight=1), "a speaks for thin"),
        (HEAD + ROW.format(name="a", side="machine", weight=0.1), "a speaks for machine"),
        (HEAD + 2 * ROW.format(name="a", side="thin", weight=-1), "a stands there twice"),
        (HEAD + ROW.format(name="a", side="nobody", weight=-1), "nobody"),
        (HEAD + ROW.format(name="a", side="thin", weight='"much"'), "could not convert"),
    ],
    ids=["person", "thin", "machine", "twice", "side", "no number"],
)
def test_a_bad_table_is_refused(text, error):
    with pytest.raises(ValueError, match=error):
        parse_signs(text)


@pytest.mark.parametrize("left_out", ["base", "counts", "does_not", "sign"])
def test_a_table_that_lacks_something_is_refused(left_out):
    lines = (HEAD + ROW.format(name="a", side="thin", weight=-1)).split("\n")
    if left_out == "sign":
        lines = lines[:3]
    with pytest.raises(KeyError, match=left_out):
        parse_signs("\n".join(line for line in lines if not line.startswith(f"{left_out} =")))


TABLE = SignTable(
    signs={
        sign.name: sign
        for sign in (
            Sign(name="good", side=Side.PERSON, weight=2, says="it is good"),
            Sign(name="robot", side=Side.MACHINE, weight=-3, says="it is a robot's"),
            Sign(name="thin", side=Side.THIN, weight=-2, says="it is thin"),
            Sign(name="manner", side=Side.MANNER, weight=-1, says="it is stiff"),
        )
    },
    base=1.0,
    counts=1.0,
    does_not=-1.0,
)


@pytest.mark.parametrize(
    ("names", "answer", "machine"),
    [
        ((), Answer.COUNTS, False),
        (("good", "robot"), Answer.DOUBTFUL, True),
        (("good", "robot", "manner"), Answer.DOUBTFUL, True),
        (("robot",), Answer.DOES_NOT, True),
        (("thin",), Answer.DOUBTFUL, False),
        (("thin", "manner"), Answer.DOES_NOT, False),
        (("robot", "thin"), Answer.DOES_NOT, True),
    ],
)
def test_what_signs_come_to(names, answer, machine):
    found = TABLE.weigh(dict.fromkeys(names, ""))
    assert (found.answer, found.machine) == (answer, machine)


def test_what_is_against_it_is_told_the_heaviest_first():
    found = TABLE.weigh({"manner": "", "good": "", "thin": "two words", "robot": "a header"})
    assert found.why == ("it is a robot's: a header", "it is thin: two words", "it is stiff")
    assert [one.sign.name for one in found.against] == ["robot", "thin", "manner"]


def test_a_name_that_is_not_in_the_table_is_a_mistake_of_the_programs():
    with pytest.raises(KeyError):
        TABLE.weigh({"unheard_of": ""})


def test_what_cannot_be_weighed_is_not_held_against_it():
    assert (SURE.answer, SURE.why) == (Answer.COUNTS, ())
