"""Put a mutant into the running process: the modules stay imported, one function gets other code."""

import ast
import sys
from types import CodeType, FunctionType, ModuleType
from typing import Any

from tests.mutants.operators import Mutant


def patch(module: ModuleType, tree: ast.Module, mutant: Mutant) -> None:
    """Apply a mutant to an imported module; every reference to its functions sees it."""
    mutant.apply()
    ast.fix_missing_locations(tree)
    if mutant.function.endswith(" (defaults)"):
        _field_default(module, mutant)
        return
    if mutant.function:
        _function(module, tree, mutant)
    if names := names_at_import(tree, mutant):
        _constants(module, tree, names)


def function_of(module: ModuleType, name: str) -> FunctionType:
    """Return the plain function behind a qualified name, without its decorators."""
    owner: Any = module
    found: Any = None
    for part in name.split("."):
        found = vars(owner)[part]
        owner = found
    found = getattr(found, "fget", None) or getattr(found, "__func__", None) or found
    while not isinstance(found, FunctionType):
        found = found.__wrapped__
    while hasattr(found, "__wrapped__"):
        found = found.__wrapped__
    assert isinstance(found, FunctionType)
    return found


def _codes(code: CodeType, name: str) -> list[CodeType]:
    made = [code] if code.co_qualname == name else []
    for inner in code.co_consts:
        if isinstance(inner, CodeType) and name.startswith(inner.co_qualname.split(".<locals>")[0]):
            made += _codes(inner, name)
    return made


def _function(module: ModuleType, tree: ast.Module, mutant: Mutant) -> None:
    function = function_of(module, mutant.function)
    whole = compile(tree, str(module.__file__), "exec")
    codes = [
        c for c in _codes(whole, mutant.function) if c.co_firstlineno == function.__code__.co_firstlineno
    ]
    function.__code__ = codes[0]
    node = mutant.statement
    assert isinstance(node, ast.FunctionDef)
    if node.args.defaults:
        function.__defaults__ = tuple(_value(module, default) for default in node.args.defaults)
    named = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
    kwdefaults = {arg.arg: _value(module, default) for arg, default in named if default is not None}
    if kwdefaults:
        function.__kwdefaults__ = kwdefaults


def _value(module: ModuleType, node: ast.expr) -> Any:
    return eval(compile(ast.Expression(node), "<mutant>", "eval"), vars(module))  # noqa: S307 - our own source


def _field_default(module: ModuleType, mutant: Mutant) -> None:
    statement = mutant.statement
    assert isinstance(statement, ast.AnnAssign)
    assert isinstance(statement.target, ast.Name)
    assert statement.value is not None
    made = vars(module)[mutant.function.removesuffix(" (defaults)")]
    name, value = statement.target.id, _value(module, statement.value)
    init = made.__init__
    if init.__kwdefaults__ and name in init.__kwdefaults__:
        init.__kwdefaults__ = {**init.__kwdefaults__, name: value}
    else:
        names = init.__code__.co_varnames[: init.__code__.co_argcount]
        offset = names.index(name) - len(names) + len(init.__defaults__)
        values = list(init.__defaults__)
        values[offset] = value
        init.__defaults__ = tuple(values)


def names_at_import(tree: ast.Module, mutant: Mutant) -> set[str]:
    """Return the module's constants that are made of what a mutant changes, in one step or several."""
    changed = {mutant.function.partition(".")[0]} if mutant.function else set[str]()
    made: set[str] = set()
    for statement in tree.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            used = {
                node.id
                for node in ast.walk(statement.value or ast.Constant(None))
                if isinstance(node, ast.Name)
            }
            if statement is mutant.statement or used & changed:
                changed |= _targets(statement)
                made |= _targets(statement)
    return made


def _constants(module: ModuleType, tree: ast.Module, names: set[str]) -> None:
    """Make constants again, and let every module that imported one see the new one."""
    before = dict(vars(module))
    again = [
        node for node in tree.body if isinstance(node, ast.Assign | ast.AnnAssign) and _targets(node) & names
    ]
    exec(compile(ast.Module(list[ast.stmt](again), []), str(module.__file__), "exec"), vars(module))  # noqa: S102 - our own source
    changed = {name: value for name, value in vars(module).items() if before.get(name) is not value}
    for other in list(sys.modules.values()):
        if not getattr(other, "__name__", "").startswith(("gatepath", "tests")):
            continue
        for name, value in changed.items():
            if vars(other).get(name) is before.get(name, other):
                setattr(other, name, value)


def _targets(node: ast.Assign | ast.AnnAssign) -> set[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return {name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}
