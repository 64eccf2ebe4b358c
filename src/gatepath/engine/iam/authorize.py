"""Authorization alone: one JSON request with all its policies to one JSON answer.

`authorize` takes a decoded object, `Authorizer.answer` a line of JSON. A policy is compiled once and kept;
an answer never is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import msgspec

from gatepath.engine.iam.ask import NOT_KNOWN, Ask, Attached, Evaluation
from gatepath.engine.iam.compiled import Policy, Role, compile_policy
from gatepath.engine.iam.context import UNKNOWN_MARK, ContextError, fill, read_context
from gatepath.engine.iam.documents import Problem
from gatepath.engine.iam.evaluate import evaluate
from gatepath.engine.iam.principals import Who, who
from gatepath.model.naming import Arn

_KEPT_POLICIES = 8192
_NONE = frozenset({b"null", b"[]"})
_KEPT_CALLERS = 4096
_UNKNOWN_SIZE = 40
"""Longest text (bytes) of the object that marks an unknown policy."""
_ACCOUNT_LENGTH = 12

_NULL = msgspec.Raw(b"null")
_Open = dict[str, bool]
_Listed = list[msgspec.Raw] | _Open | None


class AuthorizeError(ValueError):
    """A request that can't be judged: message code, place inside the line, detail."""

    def __init__(self, code: str, place: str, detail: str = "") -> None:
        """Take what is wrong and where."""
        super().__init__(f"{place}: {code} {detail}".strip())
        self.code = code
        self.place = place
        self.detail = detail


class _RequestWire(msgspec.Struct):
    principal: str
    action: str
    resource: str
    principal_account: str | None = None
    resource_account: str | None = None
    context: dict[str, Any] = {}


class _LevelWire(msgspec.Struct):
    policies: _Listed
    target: str = ""


class _PoliciesWire(msgspec.Struct):
    identity: _Listed = None
    resource: msgspec.Raw = _NULL
    boundary: msgspec.Raw = _NULL
    session: msgspec.Raw = _NULL
    scp: list[_LevelWire] | _Open | None = None
    rcp: list[_LevelWire] | _Open | None = None
    vpce: msgspec.Raw = _NULL
    vpce_type: str | None = None


class _S3Settings(msgspec.Struct):
    block_public_access: dict[str, Any] | None = None
    object_ownership: Any = None


class _SettingsWire(msgspec.Struct):
    s3: _S3Settings | None = None


class _LineWire(msgspec.Struct):
    request: _RequestWire
    id: Any = None
    policies: _PoliciesWire | None = None
    settings: _SettingsWire | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to one line; `problems`: (layer, policy number, problem) of malformed policies."""

    id: object
    evaluation: Evaluation
    problems: tuple[tuple[str, int, Problem], ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """One line read. `wire` holds the layers as they were given."""

    id: object
    ask: Ask
    problems: tuple[tuple[str, int, Problem], ...]
    wire: _PoliciesWire

    def gives(self, layer: str) -> bool:
        """Tell whether the line itself says what a layer holds."""
        value = getattr(self.wire, layer)
        return bytes(value) != b"null" if isinstance(value, msgspec.Raw) else value is not None


def answer_json(answer: Answer) -> dict[str, object]:
    """Return the answer as a JSON object."""
    found = answer.evaluation
    made: dict[str, object] = {
        "id": answer.id,
        "decision": "unknown" if found.decision is None else found.decision.value,
        "decided_by": [
            {"layer": d.layer.value, "policy": d.policy, "statement": d.statement} for d in found.decided_by
        ],
        "depends_on": list(found.depends_on),
    }
    if answer.problems:
        made["problems"] = [
            {"layer": layer, "policy": number, "pointer": p.pointer, "code": p.code, "detail": p.detail}
            for layer, number, p in answer.problems
        ]
    return made


def authorize(line: Mapping[str, object]) -> dict[str, object]:
    """Return the answer to a decoded request, or `{"id", "error"}`; never raises for bad input."""
    try:
        text = msgspec.json.encode(line)
    except (TypeError, ValueError, RecursionError, UnicodeEncodeError) as error:
        return {"id": None, "error": f"iam.not-json: {error}"}
    try:
        return answer_json(Authorizer.shared().answer(text))
    except AuthorizeError as error:
        return {"id": line.get("id"), "error": str(error)}


_shared: "list[Authorizer]" = []


@dataclass(slots=True)
class Authorizer:
    """Answers lines; keeps compiled policies and callers."""

    _policies: dict[tuple[Role, bytes], Policy] = field(default_factory=dict)
    _callers: dict[str, Who] = field(default_factory=dict)
    _decoder: msgspec.json.Decoder[_LineWire] = field(
        default_factory=partial(msgspec.json.Decoder, _LineWire)
    )

    @staticmethod
    def shared() -> "Authorizer":
        """Return the one of this process."""
        if not _shared:
            _shared.append(Authorizer())
        return _shared[0]

    def answer(self, line: bytes) -> Answer:
        """Return the answer to one line of JSON; raises `AuthorizeError`."""
        asked = self.read(line)
        return Answer(id=asked.id, evaluation=evaluate(asked.ask), problems=asked.problems)

    def read(self, line: bytes) -> Asked:
        """Return what one line of JSON asks; raises `AuthorizeError`."""
        try:
            wire = self._decoder.decode(line)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise AuthorizeError("iam.bad-line", "", str(error)) from error
        policies = wire.policies or _PoliciesWire()
        problems: list[tuple[str, int, Problem]] = []
        ask = self._ask(wire, policies, problems)
        return Asked(wire.id, ask, tuple(problems), policies)

    def _ask(self, wire: _LineWire, policies: _PoliciesWire, problems: list[tuple[str, int, Problem]]) -> Ask:
        request = wire.request
        caller = self._caller(request)
        action = request.action.lower()
        if ":" not in action:
            raise AuthorizeError("iam.bad-action", "request.action", request.action)
        account = _resource_account(request, caller)
        try:
            context = read_context(request.context)
        except ContextError as error:
            raise AuthorizeError(error.code, "request.context", error.key) from error
        if account is None and isinstance(given := context.get("aws:resourceaccount"), str):
            account = given
        fill(context, caller, action, request.resource, account)
        gateway = policies.vpce_type in {None, "gateway"}
        one = partial(self._one, problems)
        return Ask(
            caller=caller,
            action=action,
            resource_arn=request.resource,
            resource_account=account,
            context=context,
            identity=self._listed(problems, "identity", policies.identity),
            resource=one("resource", policies.resource, Role.RESOURCE) or (),
            boundary=one("boundary", policies.boundary, Role.IDENTITY),
            session=one("session", policies.session, Role.SESSION),
            scp=self._levels(problems, "scp", policies.scp),
            rcp=self._levels(problems, "rcp", policies.rcp),
            vpce=one("vpce", policies.vpce, Role.GATEWAY if gateway else Role.RESOURCE),
            block_public=_block_public(wire.settings),
        )

    def _caller(self, request: _RequestWire) -> Who:
        text = request.principal
        caller = self._callers.get(text)
        if caller is None:
            caller = who(text)
            if caller is None:
                raise AuthorizeError("iam.bad-principal", "request.principal", text)
            if len(self._callers) >= _KEPT_CALLERS:
                self._callers.clear()
            self._callers[text] = caller
        if request.principal_account is not None and request.principal_account != caller.account:
            raise AuthorizeError(
                "iam.account-contradicts", "request.principal_account", request.principal_account
            )
        return caller

    def _policy(
        self, problems: list[tuple[str, int, Problem]], layer: str, number: int, raw: msgspec.Raw, role: Role
    ) -> Policy | None:
        text = bytes(raw)
        if (
            len(text) <= _UNKNOWN_SIZE
            and UNKNOWN_MARK.encode() in text
            and msgspec.json.decode(text) == {UNKNOWN_MARK: True}
        ):
            return None
        found = self._policies.get((role, text))
        if found is None:
            try:
                found = compile_policy(msgspec.json.decode(text), role)
            except (RecursionError, msgspec.DecodeError) as error:
                raise AuthorizeError("iam.bad-policy", f"policies.{layer}", str(error)) from error
            if len(self._policies) >= _KEPT_POLICIES:
                self._policies.clear()
            self._policies[role, text] = found
        if found.problems:
            problems += [(layer, number, problem) for problem in found.problems]
        return found

    def _one(
        self, problems: list[tuple[str, int, Problem]], layer: str, raw: msgspec.Raw, role: Role
    ) -> Attached | None:
        text = bytes(raw)
        if text in _NONE:
            return None
        if text.startswith(b"["):
            raise AuthorizeError("iam.bad-policy", f"policies.{layer}", "a list")
        return (self._policy(problems, layer, 0, raw, role),)

    def _listed(
        self, problems: list[tuple[str, int, Problem]], layer: str, listed: _Listed, start: int = 0
    ) -> Attached:
        if listed is None:
            return ()
        if isinstance(listed, dict):
            return _open(layer, listed)
        return tuple(
            self._policy(problems, layer, start + number, raw, Role.IDENTITY)
            for number, raw in enumerate(listed)
        )

    def _levels(
        self,
        problems: list[tuple[str, int, Problem]],
        layer: str,
        levels: Iterable[_LevelWire] | _Open | None,
    ) -> tuple[Attached, ...]:
        if levels is None:
            return ()
        if isinstance(levels, dict):
            return (_open(layer, levels),)
        made: list[Attached] = []
        start = 0
        for level in levels:
            made.append(self._listed(problems, layer, level.policies, start))
            start += len(made[-1])
        return tuple(made)


def _open(layer: str, marked: _Open) -> Attached:
    if marked != {UNKNOWN_MARK: True}:
        raise AuthorizeError("iam.bad-policy", f"policies.{layer}", "an object")
    return NOT_KNOWN


def _resource_account(request: _RequestWire, caller: Who) -> str | None:
    """Return the owner: the ARN's account wins over the field, a contradiction is an error."""
    given = request.resource_account
    if request.resource == "*":
        return given or caller.account
    arn = Arn.parse(request.resource)
    if arn is None:
        raise AuthorizeError("iam.bad-resource", "request.resource", request.resource)
    inside = arn.account if len(arn.account) == _ACCOUNT_LENGTH and arn.account.isdigit() else None
    if inside is None:
        return given
    if given is not None and given != inside:
        raise AuthorizeError("iam.account-contradicts", "request.resource_account", given)
    return inside


def _block_public(settings: _SettingsWire | None) -> bool | None:
    """Return whether `RestrictPublicBuckets` is on; None if it is not known."""
    block = settings.s3.block_public_access if settings is not None and settings.s3 is not None else None
    if block is None:
        return False
    if block == {UNKNOWN_MARK: True}:
        return None
    for key, value in block.items():
        if key.replace("_", "").lower() == "restrictpublicbuckets":
            return None if isinstance(value, dict) else bool(value)
    return False
