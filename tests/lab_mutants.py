"""Small changes of a file of the program (mutants): lists them all, and imports one in place of its module.

Not changed are texts and patterns (they are data, which tables of phrases test), annotations, decorators, and the
`strict=` of zip. `tests/mutants.py` runs the tests against them.
"""

import ast
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType

ROOT = Path(__file__).parents[1]

_PAIRS = (
    *((ast.Lt, ast.LtE), (ast.Gt, ast.GtE), (ast.Eq, ast.NotEq), (ast.Is, ast.IsNot), (ast.In, ast.NotIn)),
    *((ast.And, ast.Or), (ast.Add, ast.Sub), (ast.Mult, ast.Div), (ast.BitAnd, ast.BitOr), ("min", "max")),
    *(("any", "all"),),
)
_TURNED = dict(_PAIRS) | {after: before for before, after in _PAIRS} | {ast.FloorDiv: ast.Mult}
_NOT_CHANGED = {"annotation", "returns", "decorator_list", "type_params"}
_PLAIN_TESTS = ast.If | ast.IfExp | ast.While


class Mutant:
    """One change: `number` is its place among those of its file."""

    def __init__(self, path: str, number: int, before: ast.AST, after: ast.AST) -> None:
        self.path, self.number = path, number
        self.line = before.target.lineno if isinstance(before, ast.comprehension) else before.lineno
        dropped = set(getattr(before, "keywords", ())) - set(getattr(after, "keywords", ()))
        change = f"without {ast.unparse(*dropped)}" if dropped else ast.unparse(after)
        self.told = f"{_short(ast.unparse(before))}  ->  {_short(change)}"

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.told}"


def _short(code: str) -> str:
    code = " ".join(code.split())
    return code if len(code) <= 90 else f"{code[:60]} … {code[-27:]}"


def mutants_of(path: str) -> list[Mutant]:
    """Return all mutants of a file, in order."""
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return [Mutant(path, number, *pair) for number, pair in enumerate(changes(tree))]


def code_of(mutant: Mutant) -> CodeType:
    """Return a mutant's module, compiled."""
    tree = ast.parse((ROOT / mutant.path).read_text("utf-8"))
    for number, _ in enumerate(changes(tree)):
        if number == mutant.number:
            return compile(tree, str(ROOT / mutant.path), "exec")
    raise IndexError(mutant.number)


class Instead:
    """Import a mutant's code in place of its module: to be put first on `sys.meta_path`."""

    def __init__(self, mutant: Mutant) -> None:
        self.name, self.path = mutant.path.removesuffix(".py").replace("/", "."), str(ROOT / mutant.path)
        code = code_of(mutant)
        self.loader = SourceFileLoader(self.name, self.path)
        self.loader.get_code = lambda _name: code

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        return spec_from_file_location(name, self.path, loader=self.loader) if name == self.name else None


def changes(holder: ast.AST, *, returns_bool: bool = False) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Change one place after the other; while a pair (before, after) is held, the tree is changed, then as it was."""
    if isinstance(holder, ast.FunctionDef | ast.AsyncFunctionDef):
        returns_bool = isinstance(holder.returns, ast.Name) and holder.returns.id == "bool"
    for field, value in ast.iter_fields(holder):
        if field in _NOT_CHANGED or (isinstance(holder, ast.keyword) and holder.arg == "strict"):
            continue
        values = value if isinstance(value, list) else [value]
        for place, node in enumerate(values):
            if not isinstance(node, ast.AST):
                continue
            for other in _others(node, returns_bool=returns_bool):
                ast.fix_missing_locations(ast.copy_location(other, node))
                setattr(holder, field, [*values[:place], other, *values[place + 1 :]] if value is values else other)
                yield node, other
                setattr(holder, field, value)
            yield from changes(node, returns_bool=returns_bool)


def _others(node: ast.AST, *, returns_bool: bool) -> Iterator[ast.AST]:
    """What may stand in a node's place."""
    if isinstance(node, ast.Return) and node.value is not None and _is_plain(node.value):
        yield ast.Return(ast.UnaryOp(ast.Not(), node.value) if returns_bool else ast.Constant(None))
    elif isinstance(node, _PLAIN_TESTS) and _is_plain(node.test):
        yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))
    elif type(node) in _CHANGED:
        yield from _CHANGED[type(node)](node)


def _compared(node: ast.Compare) -> Iterator[ast.AST]:
    for place, op in enumerate(node.ops):
        yield _with(node, ops=[*node.ops[:place], _TURNED[type(op)](), *node.ops[place + 1 :]])


def _joined(node: ast.BoolOp) -> Iterator[ast.AST]:
    """Each condition is left out once."""
    yield _with(node, op=_TURNED[type(node.op)]())
    for place in range(len(node.values)):
        rest = [*node.values[:place], *node.values[place + 1 :]]
        yield rest[0] if len(rest) == 1 else _with(node, values=rest)


def _turned(node: ast.UnaryOp) -> Iterator[ast.AST]:
    if isinstance(node.op, ast.Not):
        yield node.operand


def _reckoned(node: ast.BinOp | ast.AugAssign) -> Iterator[ast.AST]:
    if type(node.op) in _TURNED:
        yield _with(node, op=_TURNED[type(node.op)]())


def _constant(node: ast.Constant) -> Iterator[ast.AST]:
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int):
        yield ast.Constant(0 if node.value == 1 else node.value + 1)


def _called(node: ast.Call) -> Iterator[ast.AST]:
    if isinstance(node.func, ast.Name) and node.func.id in _TURNED:
        yield _with(node, func=ast.Name(_TURNED[node.func.id], ast.Load()))
    for keyword in node.keywords:
        if keyword.arg not in (None, "strict"):
            yield _with(node, keywords=[one for one in node.keywords if one is not keyword])


def _done(node: ast.Expr) -> Iterator[ast.AST]:
    if isinstance(node.value, ast.Call):
        yield ast.Pass()


def _sifted(node: ast.comprehension) -> Iterator[ast.AST]:
    if node.ifs:
        yield _with(node, ifs=[])


_CHANGED: dict[type[ast.AST], Callable[..., Iterator[ast.AST]]] = {
    ast.Compare: _compared,
    ast.BoolOp: _joined,
    ast.UnaryOp: _turned,
    ast.BinOp: _reckoned,
    ast.AugAssign: _reckoned,
    ast.Constant: _constant,
    ast.Call: _called,
    ast.Expr: _done,
    ast.Continue: lambda _: iter([ast.Break()]),
    ast.comprehension: _sifted,
}


def _is_plain(value: ast.expr) -> bool:
    """Whether a condition or a value is turned round by no other change."""
    return not isinstance(value, ast.Compare | ast.BoolOp | ast.UnaryOp | ast.Constant)


def _with(node: ast.AST, **fields: object) -> ast.AST:
    return type(node)(**{**dict(ast.iter_fields(node)), **fields})
