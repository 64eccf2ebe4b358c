"""Sentences that lower layers leave to the catalogue: a code and its arguments instead of words."""

import errno
import json
from dataclasses import dataclass
from types import MappingProxyType

_SYSTEM = MappingProxyType(
    {
        errno.ENOENT: "system.no-such-file",
        errno.ENOTDIR: "system.no-such-file",
        errno.EACCES: "system.not-permitted",
        errno.EPERM: "system.not-permitted",
        errno.EISDIR: "system.is-a-folder",
        errno.ENOSPC: "system.no-space",
        errno.EDQUOT: "system.no-space",
        errno.EROFS: "system.read-only",
        errno.ENAMETOOLONG: "system.name-too-long",
        errno.ELOOP: "system.links-in-a-circle",
        errno.EMFILE: "system.too-many-files",
        errno.EBADF: "system.closed",
        errno.EIO: "system.device-error",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A sentence by its code; the arguments are names and values, no words."""

    code: str
    arguments: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        """Return code and arguments, for developers."""
        shown = ", ".join(f"{name}={value}" for name, value in self.arguments)
        return f"{self.code} ({shown})" if shown else self.code


def told(code: str, **arguments: str) -> Told:
    """Return a sentence by its code."""
    return Told(code=code, arguments=tuple(arguments.items()))


def of_system(error: BaseException) -> Told:
    """Return why a file can't be read or written; the system's own words are English only."""
    if isinstance(error, UnicodeError):
        return told("system.not-utf8")
    number = error.errno if isinstance(error, OSError) else None
    if number is None:
        return told("system.other", name=type(error).__name__)
    return told(_SYSTEM.get(number, "system.other"), name=errno.errorcode.get(number, str(number)))


def of_json(error: Exception) -> Told:
    """Return why a text is no JSON."""
    if isinstance(error, json.JSONDecodeError):
        return told("json.at", line=str(error.lineno), column=str(error.colno))
    if isinstance(error, UnicodeError):
        return of_system(error)
    if isinstance(error, KeyTwiceError):
        return told("json.key-twice", key=error.key)
    return told("json.too-deep" if isinstance(error, RecursionError) else "json.number")


class KeyTwiceError(ValueError):
    """A JSON object has a key twice, so that one of the values would be lost."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return the object of these members, as `object_pairs_hook`; raises `KeyTwiceError`."""
    made = dict(pairs)
    if len(made) < len(pairs):
        keys = [key for key, _ in pairs]
        raise KeyTwiceError(next(key for key in keys if keys.count(key) > 1))
    return made
