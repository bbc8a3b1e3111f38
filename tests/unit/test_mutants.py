"""What `make mutants` changes, and that a change is what is imported."""

import ast
from importlib.util import module_from_spec

import pytest
from lab_mutants import Instead, changes, mutants_of

from relaywatch.core.due.outage import recent


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("a < b", ["a <= b"]),
        ("a is None", ["a is not None"]),
        ("a and b and c", ["a or b or c", "b and c", "a and c", "a and b"]),
        ("not a", ["a"]),
        ("a - b", ["a + b"]),
        ("a = 1", ["a = 0"]),
        ("a = 7", ["a = 8"]),
        ("a = True", ["a = False"]),
        ("a = max(b, c)", ["a = min(b, c)"]),
        ("a = any(b, key=c)", ["a = all(b, key=c)", "a = any(b)"]),
        ("a = [b for b in c if b]", ["a = [b for b in c]"]),
        ("a.b()", ["pass"]),
        ("a = b if c else d", ["a = b if not c else d"]),
        ("def f():\n    return a", ["def f():\n    return None"]),
        ("def f() -> bool:\n    return a", ["def f() -> bool:\n    return not a"]),
        ("while a:\n    continue", ["while not a:\n    continue", "while a:\n    break"]),
        ("a: Literal[0] = b(c, strict=True)", []),
        ("@a(1)\nclass B:\n    pass", []),
    ],
)
def test_one_place_is_changed_at_a_time(code, found):
    tree = ast.parse(code)
    assert [ast.unparse(tree) for _ in changes(tree)] == found
    assert ast.unparse(tree) == code


def test_a_mutant_is_imported_in_place_of_its_module():
    """Here the one that takes a failure of long ago for a recent one."""
    (mutant,) = [one for one in mutants_of("relaywatch/core/due/outage.py") if one.told.endswith(" <= HOUR")]
    spec = Instead(mutant).find_spec("relaywatch.core.due.outage")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (module.recent([0], 3600), recent([0], 3600)) == ([0], [])
