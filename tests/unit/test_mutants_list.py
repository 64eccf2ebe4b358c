"""The mutation run itself: what it changes, and that its list of equivalent mutants is up to date."""

import ast
import json
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from tests.mutants.equivalents import Equivalents, Key
from tests.mutants.look import moved
from tests.mutants.operators import Mutant, mutants
from tests.mutants.patching import names_at_import
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


SMALL = "gatepath.engine.proxied"


def small() -> list[Mutant]:
    return list(mutants(ast.parse(path_of(SMALL).read_text(encoding="utf-8"))))


def verdict(folder: Path, rows: list[dict[str, object]], *listed: Key) -> int:
    """Return what a run ends with that left these rows behind."""
    results = folder / "run.jsonl"
    results.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        return Equivalents(dict.fromkeys(listed, "a reason long enough")).report(results, (SMALL,))


def all_killed() -> list[dict[str, object]]:
    return [
        {"module": SMALL, "key": m.key, "digest": m.digest(), "status": "killed", "stage": "tests"}
        for m in small()
    ]


def test_a_run_passes_where_every_mutant_is_killed_or_explained(tmp_path: Path) -> None:
    rows = all_killed()
    assert verdict(tmp_path, rows) == 0
    first = small()[0]
    assert verdict(tmp_path, [rows[0] | {"status": "survived"}, *rows[1:]], (SMALL, *first.key)) == 0


@pytest.mark.parametrize("status", ["survived", "untouched"])
def test_a_run_fails_over_an_unexplained_survivor(tmp_path: Path, status: str) -> None:
    rows = all_killed()
    assert verdict(tmp_path, [rows[0] | {"status": status}, *rows[1:]]) == 1


def test_a_run_fails_where_a_listed_equivalent_is_killed(tmp_path: Path) -> None:
    assert verdict(tmp_path, all_killed(), (SMALL, *small()[0].key)) == 1


def test_a_run_fails_where_a_listed_equivalent_names_no_mutant(tmp_path: Path) -> None:
    assert verdict(tmp_path, all_killed(), (SMALL, "gone", "comparison", "a < b", "a <= b", 0)) == 1


def test_a_run_fails_where_a_mutant_was_not_run_or_in_another_text_of_its_function(tmp_path: Path) -> None:
    rows = all_killed()
    assert verdict(tmp_path, rows[1:]) == 1
    assert verdict(tmp_path, [rows[0] | {"digest": "of another text"}, *rows[1:]]) == 1


def test_the_change_that_changes_nothing_leaves_the_tree_as_it_is() -> None:
    tree = ast.parse(SOURCE)
    before = ast.dump(tree)
    for mutant in mutants(tree):
        mutant.undone().apply()
    assert ast.dump(tree) == before


def test_constants_made_of_what_changes_are_made_again() -> None:
    tree = ast.parse("A = 1\nB = A + 1\n\ndef f() -> int:\n    return 2\n\nC = f()\nD = 3\n")
    again = {(m.text, frozenset(names_at_import(tree, m))) for m in mutants(tree)}
    assert again == {
        ("1", frozenset({"A", "B"})),
        ("A + 1", frozenset({"B"})),
        ("1", frozenset({"B"})),
        ("2", frozenset({"C"})),
        ("3", frozenset({"D"})),
    }


def test_lines_are_found_again_after_an_edit() -> None:
    before, after = ["a", "b", "c", "d"], ["a", "x", "c", "d", "e"]
    assert moved(before, after) == {1: {1}, 2: {2}, 3: {3}, 4: {4, 5}}
