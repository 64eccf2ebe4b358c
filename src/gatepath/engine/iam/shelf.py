"""Layers of policies compiled from their JSON texts, each text once: a policy may be used again, an answer never."""

from dataclasses import dataclass, field

import msgspec

from gatepath.engine.iam.ask import Levels, Stack
from gatepath.engine.iam.compiled import Policy, Role, compile_policy
from gatepath.engine.iam.documents import Problem

UNKNOWN_MARK = "$unknown"
UNKNOWN_TEXT = b'{"$unknown":true}'
_KEPT = 8192
_NO_LEVELS = Levels()
_ROLES = {
    "identity": Role.IDENTITY,
    "resource": Role.RESOURCE,
    "boundary": Role.IDENTITY,
    "session": Role.SESSION,
    "scp": Role.IDENTITY,
    "rcp": Role.IDENTITY,
    "gateway": Role.GATEWAY,
    "interface": Role.RESOURCE,
}
"""What the layers' policies are attached to; the endpoint policy by the endpoint's type."""
_UNKNOWN = {UNKNOWN_MARK: True}
_RAWS = msgspec.json.Decoder(list[msgspec.Raw])


class _Level(msgspec.Struct):
    policies: msgspec.Raw
    target: str = ""


_LEVEL = msgspec.json.Decoder(_Level)


class LayerError(ValueError):
    """A layer that is neither policies nor the mark of unknown ones."""


@dataclass(frozen=True, slots=True)
class Shelved:
    """A layer ready to use; None = there is none. `problems`: (policy number, problem)."""

    stack: Stack | None = None
    levels: Levels = _NO_LEVELS
    problems: tuple[tuple[int, Problem], ...] = ()


@dataclass(slots=True)
class Shelf:
    """Compiled layers by kind and text."""

    _layers: dict[str, dict[bytes, Shelved]] = field(default_factory=lambda: {name: {} for name in _ROLES})
    _policies: dict[tuple[Role, bytes], Policy] = field(default_factory=dict)

    def layer(self, kind: str, raw: msgspec.Raw) -> Shelved:
        """Return a layer; raises `LayerError`."""
        text = bytes(raw)
        kept = self._layers[kind]
        found = kept.get(text)
        if found is None:
            if len(kept) >= _KEPT:
                kept.clear()
            try:
                found = kept[text] = self._made(kind, text)
            except (RecursionError, UnicodeDecodeError, msgspec.DecodeError) as error:
                raise LayerError(str(error)) from error
        return found

    def _made(self, kind: str, text: bytes) -> Shelved:
        role = _ROLES[kind]
        if kind in {"scp", "rcp"}:
            return self._guardrails(role, text)
        if _is_none(text):
            return Shelved(stack=Stack() if kind == "identity" else None)
        if kind == "identity":
            stack = self._list(role, text)
        elif text.startswith(b"["):
            raise LayerError("a list")
        else:
            stack = Stack([self._policy(role, text)])
        return Shelved(stack=stack, problems=_problems(stack))

    def _guardrails(self, role: Role, text: bytes) -> Shelved:
        if _is_none(text):
            return Shelved()
        if text.startswith(b"{"):
            return Shelved(levels=Levels([_unknown_layer(text)]))
        levels = Levels([self._level(role, bytes(raw)) for raw in _RAWS.decode(text)])
        return Shelved(levels=levels, problems=_problems(levels.stack))

    def _level(self, role: Role, text: bytes) -> Stack:
        if msgspec.json.decode(text) == _UNKNOWN:
            return Stack([None])
        return self._list(role, bytes(_LEVEL.decode(text).policies))

    def _list(self, role: Role, text: bytes) -> Stack:
        if _is_none(text):
            return Stack()
        if text.startswith(b"{"):
            return _unknown_layer(text)
        return Stack([self._policy(role, bytes(raw)) for raw in _RAWS.decode(text)])

    def _policy(self, role: Role, text: bytes) -> Policy | None:
        found = self._policies.get((role, text))
        if found is None:
            document: object = msgspec.json.decode(text)
            if document == _UNKNOWN:
                return None
            if len(self._policies) >= _KEPT:
                self._policies.clear()
            found = self._policies[role, text] = compile_policy(document, role)
        return found


def _is_none(text: bytes) -> bool:
    """Tell whether a layer says that there is none: `null` or an empty list."""
    return text == b"null" or (text.startswith(b"[") and not text[1:-1].strip())


def _unknown_layer(text: bytes) -> Stack:
    if msgspec.json.decode(text) != _UNKNOWN:
        raise LayerError("an object")
    return Stack([None])


def _problems(stack: Stack) -> tuple[tuple[int, Problem], ...]:
    found = ((number, policy) for number, policy in enumerate(stack) if policy is not None)
    return tuple((number, problem) for number, policy in found for problem in policy.problems)
