"""A failing random VPC made small: drop routes, rules, entries and addresses while it still fails."""

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.lab.aws_json import Json
from tests.lab.random_vpcs import Made

Fails = Callable[[Made], bool]
SHRINKABLE = frozenset({"Routes", "Entries", "IpPermissions", "IpPermissionsEgress", "Groups", "Cidrs"})
FINAL_ENTRIES = frozenset({32767, 32768})
PARALLEL = ("DescribePrefixLists", "GetManagedPrefixListEntries")


def shrink(made: Made, fails: Fails, *, attempts: int = 400) -> Made:
    """Return a smaller VPC that still fails; the given one must."""
    best, again = made, True
    while again and attempts > 0:
        again = False
        for smaller in _smaller(best):
            attempts -= 1
            if attempts <= 0:
                break
            if _still(smaller, fails):
                best, again = smaller, True
                break
    return best


def _still(made: Made, fails: Fails) -> bool:
    try:
        return fails(made)
    except (KeyError, StopIteration, IndexError, ValueError):
        return False  # no longer a whole VPC


def _smaller(made: Made) -> Iterator[Made]:
    """Yield the VPC without one element each."""
    for number, call in enumerate(made.calls):
        if call["operation"] in PARALLEL:
            continue  # the two recordings of a list have to stay equal
        for path in _paths(call["response"], ()):
            calls = list(made.calls)
            calls[number] = copy.deepcopy(call)
            _drop(calls[number]["response"], path)
            yield replace(made, calls=tuple(calls))
    cidrs = {c for call in made.calls for c in _listed(call)}
    for cidr in sorted(cidrs):
        calls = [_without(call, cidr) for call in made.calls]
        yield replace(made, calls=tuple(calls))


def _listed(call: Json) -> list[str]:
    if call["operation"] == "DescribePrefixLists":
        return [c for row in call["response"]["PrefixLists"] for c in row["Cidrs"] if len(row["Cidrs"]) > 1]
    return []


def _without(call: Json, cidr: str) -> Json:
    if call["operation"] not in PARALLEL:
        return call
    made = copy.deepcopy(call)
    for row in made["response"].get("PrefixLists", []):
        row["Cidrs"] = [c for c in row["Cidrs"] if c != cidr]
    if "Entries" in made["response"]:
        made["response"]["Entries"] = [e for e in made["response"]["Entries"] if e["Cidr"] != cidr]
    return made


def _paths(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    """Yield the place of everything that may be left out."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in SHRINKABLE and isinstance(inner, list):
                for number, element in enumerate(inner):
                    if not _needed(key, element, inner):
                        yield (*path, key, number)
            else:
                yield from _paths(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _paths(inner, (*path, number))


def _needed(key: str, element: Any, among: list[Any]) -> bool:
    if key == "Routes":
        return bool(element.get("GatewayId") == "local")
    if key == "Entries":
        return element.get("RuleNumber") in FINAL_ENTRIES
    return key == "Groups" and len(among) == 1


def _drop(value: Any, path: tuple[str | int, ...]) -> None:
    for step in path[:-1]:
        value = value[step]
    del value[path[-1]]


def write_case(made: Made, folder: Path, expected: Json) -> str:
    """Write a case folder; return how to run it again."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(call, separators=(",", ":")) for call in made.calls]
    (folder / "snapshot.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for name, data in (("question", made.question), ("expected", expected)):
        (folder / f"{name}.json").write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    return f"seed {made.seed}; shrunk to {folder}"
