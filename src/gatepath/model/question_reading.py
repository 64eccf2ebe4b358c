"""Reading a decoded JSON document by hand, so that an error names the path of what is wrong."""

from collections.abc import Iterable

Arguments = tuple[tuple[str, str], ...]


class QuestionError(ValueError):
    """A question that can't be read: `path` names the place, `code` (`question.…`) and `arguments` the fault."""

    def __init__(self, path: str, code: str, arguments: Arguments = ()) -> None:
        super().__init__(f"{path}: {code}")
        self.path = path
        self.code = code
        self.arguments = arguments


Row = dict[str, object]


def join_path(path: str, key: str) -> str:
    """Return the path of a key."""
    return f"{path}.{key}" if path else key


def object_of(value: object, path: str, known: Iterable[str] | None) -> Row:
    """Return the object without its nulls; `known` None = any key."""
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise QuestionError(path, "question.wrong-type", (("expected", "object"),))
    if known is not None and (strange := [key for key in value if key not in known]):
        raise QuestionError(join_path(path, strange[0]), "question.unknown-key", (("key", strange[0]),))
    return {key: item for key, item in value.items() if item is not None or known is None}


def text_of(row: Row, key: str, path: str) -> str | None:
    """Return a text, None where the key is absent."""
    value = row.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise QuestionError(join_path(path, key), "question.wrong-type", (("expected", "string"),))
    if not value.strip():
        raise QuestionError(join_path(path, key), "question.empty")
    return value


def texts_of(row: Row, key: str, path: str) -> tuple[str, ...] | None:
    """Return a list of texts, None where the key is absent."""
    value = row.get(key)
    if value is None:
        return None
    if not isinstance(value, list | tuple):
        raise QuestionError(join_path(path, key), "question.wrong-type", (("expected", "array"),))
    items = {f"{key}[{index}]": item for index, item in enumerate(value)}
    return tuple(required_text(items, name, path) for name in items)


def required_text(row: Row, key: str, path: str) -> str:
    """Return a text that must be there."""
    value = text_of(row, key, path)
    if value is None:
        raise QuestionError(join_path(path, key), "question.missing")
    return value


def choice_of(row: Row, key: str, path: str, choices: tuple[str, ...]) -> str | None:
    """Return a text that must be one of `choices`."""
    value = text_of(row, key, path)
    if value is not None and value not in choices:
        raise QuestionError(join_path(path, key), "question.not-one-of", (("choices", ", ".join(choices)),))
    return value


def number_of(value: object, path: str, low: int, high: int) -> int:
    """Return a whole number within bounds."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise QuestionError(path, "question.wrong-type", (("expected", "integer"),))
    if not low <= value <= high:
        raise QuestionError(path, "question.out-of-range", (("low", str(low)), ("high", str(high))))
    return value
