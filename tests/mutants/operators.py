"""Mutants of a module: every decision changed one at a time, in its syntax tree.

Texts, docstrings, annotations, decorators and message arguments are left alone.
"""

import ast
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

COMPARE: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
BINARY: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
HALVED = (ast.Sub, ast.BitAnd, ast.BitOr)
"""Set operators: the left operand alone is a mutant too."""
CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}
MESSAGE_KEYWORDS = {"detail", "arguments", "strict", "reads"}
"""What only a message shows, and what the tests of the architecture hold against the code itself."""
SKIPPED_CALLS = {"isinstance", "cast", "TypeVar"}

Edit = Callable[[], None]


@dataclass(slots=True)
class Mutant:
    """One change; `apply` edits the tree in place (in a process of its own)."""

    function: str
    """Qualified name of the outermost function or method; "" at module or class level."""
    operator: str
    text: str
    after: str
    line: int
    lines: range
    apply: Edit
    statement: ast.stmt
    ordinal: int = 0
    """Which of the equal texts of one function."""

    @property
    def key(self) -> tuple[str, str, str, str, int]:
        """What stays the same when lines move."""
        return self.function, self.operator, self.text, self.after, self.ordinal

    def digest(self) -> str:
        """Return a hash of the function as it is before the change: a result holds for this text only."""
        return hashlib.sha256(ast.unparse(self.statement).encode()).hexdigest()[:12]

    def undone(self) -> "Mutant":
        """Return the change that leaves all as it is: where a test fails with it, the test proves nothing."""
        return replace(self, operator="nothing", after=self.text, apply=lambda: None)


@dataclass(slots=True)
class _Place:
    function: str = ""
    owner: str = ""
    statement: ast.stmt = field(default_factory=ast.Pass)


def mutants(tree: ast.Module) -> list[Mutant]:
    """Return the mutants of a tree, in order of lines; each edits this very tree."""
    made: list[Mutant] = []
    for statement in tree.body:
        made.extend(_statement(statement, _Place(), tree.body))
    seen: Counter[tuple[str, str, str, str, int]] = Counter()
    for mutant in made:
        key = mutant.key
        mutant.ordinal = seen[key]
        seen[key] += 1
    return made


def _one(
    place: _Place, node: ast.stmt | ast.expr, operator: str, apply: Edit, before: str, after: str
) -> Mutant:
    end = node.end_lineno or node.lineno
    if isinstance(node, ast.If | ast.For | ast.While | ast.With):
        end = node.lineno
    return Mutant(
        place.function,
        operator,
        before,
        after,
        node.lineno,
        range(node.lineno, end + 1),
        apply,
        place.statement,
    )


def _short(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())


def _statement(node: ast.stmt, place: _Place, body: list[ast.stmt]) -> Iterator[Mutant]:
    if isinstance(node, ast.Import | ast.ImportFrom | ast.Raise | ast.Assert):
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return
    if isinstance(node, ast.ClassDef):
        yield from _class(node, place)
        return
    if isinstance(node, ast.FunctionDef):
        yield from _function(node, place)
        return
    here = _Place(place.function, place.owner, node if not place.function else place.statement)
    yield from _removed(node, here, body)
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "targets", "target"}:
            continue
        yield from _field(node, name, value, here)


def _class(node: ast.ClassDef, place: _Place) -> Iterator[Mutant]:
    for inner in node.body:
        if isinstance(inner, ast.FunctionDef):
            yield from _function(inner, _Place("", node.name, inner))
        elif isinstance(inner, ast.AnnAssign) and inner.value is not None:
            here = _Place("", node.name, inner)
            for mutant in _field(inner, "value", inner.value, here):
                mutant.function = f"{node.name} (defaults)"
                yield mutant


def _function(node: ast.FunctionDef, place: _Place) -> Iterator[Mutant]:
    if node.name in {"__repr__", "__hash__", "__setattr__"}:
        return
    name = place.function or (f"{place.owner}.{node.name}" if place.owner else node.name)
    here = _Place(name, place.owner, place.statement if place.function else node)
    for which in ("defaults", "kw_defaults"):
        for mutant in _field(node.args, which, getattr(node.args, which), here):
            mutant.lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
            yield mutant
    yield from _body(node.body, here)


def _body(body: list[ast.stmt], place: _Place) -> Iterator[Mutant]:
    for inner in list(body):
        yield from _statement(inner, place, body)


def _removed(node: ast.stmt, place: _Place, body: list[ast.stmt]) -> Iterator[Mutant]:
    def instead(new: ast.stmt) -> Edit:
        def edit() -> None:
            body[body.index(node)] = ast.copy_location(new, node)

        return edit

    if isinstance(node, ast.Expr | ast.AugAssign) and place.function:
        yield _one(place, node, "statement removed", instead(ast.Pass()), _short(node), "pass")
    if isinstance(node, ast.Continue):
        yield _one(place, node, "continue to break", instead(ast.Break()), "continue", "break")
        yield _one(place, node, "statement removed", instead(ast.Pass()), "continue", "pass")
    if isinstance(node, ast.Break):
        yield _one(place, node, "break to continue", instead(ast.Continue()), "break", "continue")
    if isinstance(node, ast.Return) and not _is_none(node.value) and not isinstance(node.value, ast.Constant):
        new = ast.Return(ast.Constant(None))
        yield _one(place, node, "return None", instead(new), _short(node), "return None")
    if isinstance(node, ast.AugAssign) and type(node.op) in BINARY:
        old = type(node.op)

        def change() -> None:
            node.op = BINARY[old]()

        after = f"{BINARY[old].__name__} instead of {old.__name__}"
        yield _one(place, node, "operator", change, _short(node), after)


def _is_none(node: ast.expr | None) -> bool:
    return node is None or (isinstance(node, ast.Constant) and node.value is None)


def _field(parent: ast.AST, name: str, value: object, place: _Place) -> Iterator[Mutant]:
    """Go through one field of a node: an expression, a list of them, or statements below."""
    if isinstance(value, ast.expr):

        def put(new: ast.expr) -> None:
            setattr(parent, name, new)

        yield from _negated(parent, name, value, place, put)
        yield from _expression(value, place, put)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            if isinstance(item, ast.stmt):
                yield from _statement(item, place, value)
            elif isinstance(item, ast.expr):
                yield from _expression(item, place, _at(value, number))
            elif isinstance(item, ast.AST):
                yield from _inner(item, place)
    elif isinstance(value, ast.AST):
        yield from _inner(value, place)


def _at(items: list[ast.expr], number: int) -> Callable[[ast.expr], None]:
    def put(new: ast.expr) -> None:
        items[number] = new

    return put


def _negated(
    parent: ast.AST, name: str, value: ast.expr, place: _Place, put: Callable[[ast.expr], None]
) -> Iterator[Mutant]:
    """Swap the branches of a condition, unless another operator does the same."""
    if name != "test" or (isinstance(value, ast.Compare) and len(value.ops) == 1):
        return
    if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not):
        return
    new = ast.copy_location(ast.UnaryOp(ast.Not(), value), value)
    yield _one(place, value, "branches swapped", lambda: put(new), _short(value), _short(new))


def _inner(node: ast.AST, place: _Place) -> Iterator[Mutant]:
    if isinstance(node, ast.keyword) and node.arg in MESSAGE_KEYWORDS:
        return
    if isinstance(node, ast.comprehension):
        for number, test in enumerate(node.ifs):
            put = _at(node.ifs, number)
            new = ast.copy_location(ast.Constant(True), test)
            yield _one(place, test, "filter dropped", _putter(put, new), _short(test), "True")
    for name, value in ast.iter_fields(node):
        if name not in {"target", "annotation", "ctx"}:
            yield from _field(node, name, value, place)


def _putter(put: Callable[[ast.expr], None], new: ast.expr) -> Edit:
    return lambda: put(new)


def _expression(node: ast.expr, place: _Place, put: Callable[[ast.expr], None]) -> Iterator[Mutant]:
    if isinstance(node, ast.JoinedStr | ast.Name):
        return
    for operator, new in _replacements(node):
        ast.copy_location(new, node)
        ast.fix_missing_locations(new)
        yield _one(place, node, operator, _putter(put, new), _short(node), _short(new))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SKIPPED_CALLS:
        yield from _field(node, "args", node.args[:1], place)
        return
    if isinstance(node, ast.BinOp) and _of_types(node):
        return
    for name, value in ast.iter_fields(node):
        yield from _field(node, name, value, place)


def _of_types(node: ast.BinOp) -> bool:
    """Tell whether a `|` joins types."""
    return (
        isinstance(node.op, ast.BitOr)
        and isinstance(node.right, ast.Name | ast.Constant)
        and (
            isinstance(node.right, ast.Constant)
            or (node.right.id[:1].isupper() and not node.right.id.isupper())
        )
    )


def _replacements(node: ast.expr) -> Iterator[tuple[str, ast.expr]]:  # noqa: C901 - one case an operator
    match node:
        case ast.Compare():
            for number, op in enumerate(node.ops):
                for other in COMPARE[type(op)]:
                    ops = [*node.ops[:number], other(), *node.ops[number + 1 :]]
                    yield "comparison", ast.Compare(node.left, ops, node.comparators)
        case ast.BoolOp(op=op, values=values):
            yield "and/or", ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield "sign dropped", operand
        case ast.BinOp() if not _of_types(node):
            yield "operator", ast.BinOp(node.left, BINARY.get(type(node.op), ast.Sub)(), node.right)
            if isinstance(node.op, HALVED):
                yield "left only", node.left
        case ast.IfExp(test=test) if isinstance(test, ast.Constant):
            yield "branches swapped", ast.IfExp(test, node.orelse, node.body)
        case ast.Call(func=ast.Name(id=name)) if name in CALLS:
            yield "call", ast.Call(ast.Name(CALLS[name], ast.Load()), node.args, node.keywords)
        case ast.Constant(value=bool() as value):
            yield "constant", ast.Constant(not value)
        case ast.Constant(value=int() as value):
            yield "constant", ast.Constant(value + 1)
            yield "constant", ast.Constant(value - 1)
