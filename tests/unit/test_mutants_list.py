"""The mutation run itself: what it changes, and that its list of equivalent mutants is up to date."""

import ast

from tests.mutants.equivalents import Equivalents
from tests.mutants.operators import mutants
from tests.mutants.scope import MODULES, path_of

SOURCE = '''
LIMIT = 3

def f(a: int, b: "list[int]") -> bool:
    """Text."""
    for one in b:
        if not one:
            continue
        if a <= one and one in b:
            return True
    return a == LIMIT
'''


def changed() -> set[tuple[str, str]]:
    return {(mutant.text, mutant.after) for mutant in mutants(ast.parse(SOURCE))}


def test_each_kind_of_decision_is_changed() -> None:
    assert changed() == {
        ("3", "4"),
        ("3", "2"),
        ("not one", "one"),
        ("continue", "break"),
        ("continue", "pass"),
        ("a <= one and one in b", "not (a <= one and one in b)"),
        ("a <= one and one in b", "a <= one or one in b"),
        ("a <= one", "a < one"),
        ("a <= one", "a > one"),
        ("one in b", "one not in b"),
        ("True", "False"),
        ("return a == LIMIT", "return None"),
        ("a == LIMIT", "a != LIMIT"),
    }


def test_a_mutant_edits_the_tree_it_came_from() -> None:
    tree = ast.parse(SOURCE)
    (chosen,) = [mutant for mutant in mutants(tree) if mutant.after == "a != LIMIT"]
    chosen.apply()
    space: dict[str, object] = {}
    exec(compile(ast.fix_missing_locations(tree), "<test>", "exec"), space)  # noqa: S102 - the text above
    judge = space["f"]
    assert callable(judge)
    assert judge(4, []) is True


def test_keys_are_unique() -> None:
    for module in MODULES:
        keys = [mutant.key for mutant in mutants(ast.parse(path_of(module).read_text(encoding="utf-8")))]
        assert len(set(keys)) == len(keys)


def test_every_listed_equivalent_names_a_mutant_and_a_reason() -> None:
    listed = Equivalents.read()
    assert listed.stale() == []
    assert all(len(reason) > 10 for reason in listed.reasons.values())
