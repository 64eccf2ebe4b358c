"""Authorization alone: one JSON request with all its policies to one JSON answer.

`authorize` takes a decoded object, `Authorizer.answer` a line of JSON. A policy is compiled once and kept;
an answer never is.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import msgspec

from gatepath.engine.iam.ask import Ask, Evaluation, Levels, Stack
from gatepath.engine.iam.context import ContextError, caller_keys, fill_resource, read_context
from gatepath.engine.iam.documents import Problem
from gatepath.engine.iam.evaluate import evaluate
from gatepath.engine.iam.logic import Context
from gatepath.engine.iam.plans import Plan, plan_of
from gatepath.engine.iam.principals import Who, who
from gatepath.engine.iam.quick import Wanted, quick
from gatepath.engine.iam.shelf import UNKNOWN_MARK, UNKNOWN_TEXT, LayerError, Shelf, Shelved

_KEPT_CALLERS = 4096
_KEPT_PLANS = 1024
_SAMPLED = 61
_KEPT_ALIKE = 32
"""Texts with the same sample that are remembered: each is compared with the next one."""
_ACCOUNT_LENGTH = 12
_ARN_COLONS = 5

_NULL = msgspec.Raw(b"null")
_EMPTY = Stack()
_ENDPOINT_TYPES = frozenset({"gateway", "interface"})
_LAYERS = ("identity", "resource", "boundary", "session", "scp", "rcp", "vpce")


class AuthorizeError(ValueError):
    """A request that can't be judged: message code, place inside the line, detail."""

    def __init__(self, code: str, place: str, detail: str = "") -> None:
        """Take what is wrong and where."""
        super().__init__(f"{place}: {code} {detail}".strip())
        self.code = code
        self.place = place
        self.detail = detail


class _RequestWire(msgspec.Struct, frozen=True, gc=False):
    principal: str
    action: str
    resource: str
    principal_account: str | None = None
    resource_account: str | None = None
    context: msgspec.Raw = _NULL


class _PoliciesWire(msgspec.Struct):
    identity: msgspec.Raw = _NULL
    resource: msgspec.Raw = _NULL
    boundary: msgspec.Raw = _NULL
    session: msgspec.Raw = _NULL
    scp: msgspec.Raw = _NULL
    rcp: msgspec.Raw = _NULL
    vpce: msgspec.Raw = _NULL
    vpce_type: str | None = None
    unknown: bool = msgspec.field(default=False, name=UNKNOWN_MARK)


class _S3Settings(msgspec.Struct):
    block_public_access: dict[str, Any] | None = None
    object_ownership: Any = None


class _SettingsWire(msgspec.Struct):
    s3: _S3Settings | None = None


class _LineWire(msgspec.Struct, frozen=True, gc=False):
    request: _RequestWire
    id: Any = None
    policies: msgspec.Raw = _NULL
    settings: _SettingsWire | None = None


class Answer(NamedTuple):
    """The answer to one line; `problems`: (layer, policy number, problem) of malformed policies."""

    id: object
    evaluation: Evaluation
    problems: tuple[tuple[str, int, Problem], ...] = ()


class Asked(NamedTuple):
    """One line read; `given`: the layers that the line itself holds, `settings` among them."""

    id: object
    ask: Ask
    problems: tuple[tuple[str, int, Problem], ...]
    given: frozenset[str]

    def gives(self, layer: str) -> bool:
        """Tell whether the line itself says what a layer holds."""
        return layer in self.given


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


def authorize(line: object) -> dict[str, object]:
    """Return the answer to a decoded request, or `{"id", "error"}`; never raises for bad input."""
    try:
        text = msgspec.json.encode(line)
    except (TypeError, ValueError, RecursionError, UnicodeEncodeError) as error:
        return {"id": None, "error": f"iam.not-json: {error}"}
    try:
        return answer_json(Authorizer.shared().answer(text))
    except AuthorizeError as error:
        return {"id": line.get("id") if isinstance(line, Mapping) else None, "error": str(error)}


_shared: "list[Authorizer]" = []


@dataclass(slots=True, kw_only=True)
class _Shelved:
    """The layers of a `policies` object, compiled; `plans` by action."""

    identity: Stack
    resource: Stack
    boundary: Stack | None
    session: Stack | None
    scp: Levels
    rcp: Levels
    vpce: Stack | None
    problems: tuple[tuple[str, int, Problem], ...]
    given: frozenset[str]
    plans: dict[str, Plan | None] = field(default_factory=dict)

    def plan(self, action: str) -> Plan | None:
        """Return the plan for an action in lower case."""
        if len(self.plans) >= _KEPT_PLANS:
            self.plans.clear()
        made = self.plans[action] = plan_of(self, action)
        return made


class _Read(NamedTuple):
    """One line read, before its layers are put to it."""

    id: object
    wanted: Wanted
    action: str
    account: str | None
    shelved: _Shelved
    block_public: bool | None
    says_settings: bool


_CONTEXT = msgspec.json.Decoder(dict[str, Any] | None)
_POLICIES = msgspec.json.Decoder(_PoliciesWire | None)


@dataclass(slots=True)
class Authorizer:
    """Answers lines; keeps compiled policies and callers."""

    _shelf: Shelf = field(default_factory=Shelf)
    _whole: dict[tuple[int, bytes], list[tuple[bytes, _Shelved]]] = field(default_factory=dict)
    _callers: dict[str, tuple[Who, Context]] = field(default_factory=dict)
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
        read = self._read(line)
        found = None
        if read.block_public is False and read.account is not None:
            plans = read.shelved.plans
            plan = plans[read.action] if read.action in plans else read.shelved.plan(read.action)
            found = None if plan is None else quick(plan, read.wanted)
        return Answer(read.id, found or evaluate(_ask(read)), read.shelved.problems)

    def read(self, line: bytes) -> Asked:
        """Return what one line of JSON asks; raises `AuthorizeError`."""
        read = self._read(line)
        given = read.shelved.given | ({"settings"} if read.says_settings else set())
        return Asked(read.id, _ask(read), read.shelved.problems, given)

    def _read(self, line: bytes) -> _Read:
        try:
            wire = self._decoder.decode(line)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise AuthorizeError("iam.bad-line", "", str(error)) from error
        shelved = self._shelved(bytes(wire.policies))
        request = wire.request
        caller, keys = self._caller(request)
        action = request.action.lower()
        if ":" not in action:
            raise AuthorizeError("iam.bad-action", "request.action", request.action)
        account = _resource_account(request, caller)
        try:
            context = keys | read_context(_given(bytes(request.context)))
        except ContextError as error:
            raise AuthorizeError(error.code, "request.context", error.key) from error
        if account is None and isinstance(given := context.get("aws:resourceaccount"), str):
            account = given
        fill_resource(context, action, request.resource, account)
        wanted = Wanted(caller, request.resource, account or "", context)
        block = False if wire.settings is None else _block_public(wire.settings)
        return _Read(wire.id, wanted, action, account, shelved, block, wire.settings is not None)

    def _shelved(self, text: bytes) -> _Shelved:
        """Return the layers of a `policies` object; the same object again costs a look-up."""
        # hashing the whole text would cost as much as judging it: a sample finds it, comparing decides
        shelf = self._whole.setdefault((len(text), text[::_SAMPLED]), [])
        for known, shelved in shelf:
            if known == text:
                return shelved
        if len(self._whole) >= _KEPT_CALLERS:
            self._whole.clear()
            shelf = self._whole.setdefault((len(text), text[::_SAMPLED]), [])
        if len(shelf) >= _KEPT_ALIKE:
            shelf.clear()
        made = self._made(text)
        shelf.append((text, made))
        return made

    def _made(self, text: bytes) -> _Shelved:
        try:
            wire = _POLICIES.decode(text) or _PoliciesWire()
            if wire.unknown:
                wire = _PoliciesWire(**dict.fromkeys(_LAYERS, msgspec.Raw(UNKNOWN_TEXT)))  # type: ignore[arg-type]
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise AuthorizeError("iam.bad-line", "policies", str(error)) from error
        endpoint = (wire.vpce_type or "gateway").lower()
        if endpoint not in _ENDPOINT_TYPES:
            raise AuthorizeError("iam.bad-policy", "policies.vpce_type", endpoint)
        layers: dict[str, Shelved] = {}
        for name in _LAYERS:
            try:
                layers[name] = self._shelf.layer(endpoint if name == "vpce" else name, getattr(wire, name))
            except LayerError as error:
                raise AuthorizeError("iam.bad-policy", f"policies.{name}", str(error)) from error
        return _Shelved(
            identity=layers["identity"].stack or _EMPTY,
            resource=layers["resource"].stack or _EMPTY,
            boundary=layers["boundary"].stack,
            session=layers["session"].stack,
            scp=layers["scp"].levels,
            rcp=layers["rcp"].levels,
            vpce=layers["vpce"].stack,
            problems=tuple((n, number, p) for n, layer in layers.items() for number, p in layer.problems),
            given=frozenset(name for name in _LAYERS if bytes(getattr(wire, name)) != b"null"),
        )

    def _caller(self, request: _RequestWire) -> tuple[Who, Context]:
        """Return who asks, and the keys that follow from that."""
        text = request.principal
        found = self._callers.get(text)
        if found is None:
            caller = who(text)
            if caller is None:
                raise AuthorizeError("iam.bad-principal", "request.principal", text)
            if len(self._callers) >= _KEPT_CALLERS:
                self._callers.clear()
            found = self._callers[text] = caller, caller_keys(caller)
        if request.principal_account is not None and request.principal_account != found[0].account:
            raise AuthorizeError(
                "iam.account-contradicts", "request.principal_account", request.principal_account
            )
        return found


def _ask(read: _Read) -> Ask:
    caller, resource, _, context = read.wanted
    shelved = read.shelved
    return Ask(
        caller=caller,
        action=read.action,
        resource_arn=resource,
        resource_account=read.account,
        context=context,
        identity=shelved.identity,
        resource=shelved.resource,
        boundary=shelved.boundary,
        session=shelved.session,
        scp=shelved.scp,
        rcp=shelved.rcp,
        vpce=shelved.vpce,
        block_public=read.block_public,
    )


def _given(text: bytes) -> dict[str, object]:
    """Return the keys of a context; raises `ContextError` where one stands twice, of which JSON keeps the last."""
    try:
        made = _CONTEXT.decode(text) or {}
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise AuthorizeError("iam.bad-line", "request.context", str(error)) from error
    if text.count(b'":') != len(made):
        # quotes and colons may stand in values too: only then is it worth reading key by key
        seen = Counter(key for key, _ in json.loads(text, object_pairs_hook=list) or ())
        for key, times in seen.items():
            if times > 1:
                raise ContextError("iam.key-twice", key)
    return made


def _resource_account(request: _RequestWire, caller: Who) -> str | None:
    """Return the owner: the ARN's account wins over the field, a contradiction is an error."""
    given = request.resource_account
    if request.resource == "*":
        return given or caller.account
    fields = request.resource.split(":", _ARN_COLONS)
    if len(fields) <= _ARN_COLONS or fields[0] != "arn":
        raise AuthorizeError("iam.bad-resource", "request.resource", request.resource)
    account = fields[4]
    inside = account if len(account) == _ACCOUNT_LENGTH and account.isdigit() else None
    if inside is None:
        return given
    if given is not None and given != inside:
        raise AuthorizeError("iam.account-contradicts", "request.resource_account", given)
    return inside


def _block_public(settings: _SettingsWire) -> bool | None:
    """Return whether `RestrictPublicBuckets` is on; None if it is not known. Raises `AuthorizeError`."""
    block = None if settings.s3 is None else settings.s3.block_public_access
    if block is None:
        return False
    if block == {UNKNOWN_MARK: True}:
        return None
    for key, value in block.items():
        if key.replace("_", "").lower() == "restrictpublicbuckets":
            if value == {UNKNOWN_MARK: True}:
                return None
            if not isinstance(value, bool):
                place = f"settings.s3.block_public_access.{key}"
                raise AuthorizeError("iam.bad-settings", place, str(value))
            return value
    return False
