"""Answers with nothing but the members that are read: what is not there can't be given away."""

from functools import cache
from typing import Any

from msgspec import inspect

from gatepath.snapshot.pages import ANSWERS

Json = Any


def pruned(name: str, answer: Json) -> Json:
    """Return the answer of a call without the members that no loader reads."""
    return _pruned(answer, _type(name))


@cache
def _type(name: str) -> inspect.Type:
    return inspect.type_info(ANSWERS[name])


def _pruned(value: Json, kind: inspect.Type) -> Json:
    match kind:
        case inspect.UnionType():
            inner = [each for each in kind.types if not isinstance(each, inspect.NoneType)]
            return _pruned(value, inner[0]) if len(inner) == 1 else value
        case inspect.StructType() if isinstance(value, dict):
            types = {field.encode_name: field.type for field in kind.fields}
            return {key: _pruned(item, types[key]) for key, item in value.items() if key in types}
        case inspect.VarTupleType() | inspect.ListType() if isinstance(value, list):
            return [_pruned(item, kind.item_type) for item in value]
    return value
