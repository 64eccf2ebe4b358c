"""A concrete request for a class, as the evaluator and `gatepath authorize` take it."""

from typing import NamedTuple

from gatepath.engine.iam.ask import Ask
from gatepath.engine.iam.logic import Context
from gatepath.engine.iam.principals import Kind
from gatepath.engine.iam.symbolic_fold import Base, Final, Space
from gatepath.engine.iam.symbolic_system import Layered, Scenario, compiled_of, raws_of

Row = dict[str, object]
_CALLER_KINDS = frozenset({Kind.USER, Kind.ROLE, Kind.SESSION, Kind.FEDERATED, Kind.ROOT})


class Hit(NamedTuple):
    """Requests of one base that are in an answer. `always`: whatever their keys are."""

    base: Base
    final: Final
    always: bool
    space: Space
    ways: tuple[str, ...] = ()
    change: str = ""

    @property
    def scenario(self) -> Scenario:
        """Return what the requests are judged by."""
        return self.space.system.scenario

    @property
    def context(self) -> Context:
        """Return all keys of the witness."""
        given = {key: value for key, value in self.final.values if value is not None}
        return {**self.space.fixed.known, **given}


def ask_of(hit: Hit, vpce: Layered | None, judged_by: Scenario | None = None) -> Ask:
    """Return the witness with all policies (of another scenario if one is given), and an endpoint policy or none."""
    scenario = judged_by or hit.scenario
    target = scenario.targets[hit.base.atom.target]
    return Ask(
        caller=scenario.caller,
        action=hit.base.actions[0].lower(),
        resource_arn=hit.base.atom.example,
        resource_account=target.account,
        context=hit.context,
        identity=compiled_of(scenario.identity),
        resource=compiled_of(target.policy),
        boundary=None if scenario.boundary is None else compiled_of(scenario.boundary),
        session=None if scenario.session is None else compiled_of(scenario.session),
        scp=tuple(compiled_of(level) for level in scenario.scp),
        rcp=tuple(compiled_of(level) for level in scenario.rcp),
        vpce=None if vpce is None else compiled_of(vpce),
        block_public=target.block_public,
    )


def line_of(hit: Hit, vpce: Layered | None, judged_by: Scenario | None = None) -> Row:
    """Return the witness as a line for `gatepath authorize`."""
    scenario = judged_by or hit.scenario
    target = scenario.targets[hit.base.atom.target]
    caller = scenario.caller
    spelled = spellings(hit.space)
    context = {
        spelled.get(key, key): list(value) if isinstance(value, tuple) else value
        for key, value in sorted(hit.context.items())
    }
    policies: Row = {
        "identity": list(raws_of(scenario.identity)),
        "resource": next(raws_of(target.policy), None),
        "boundary": None if scenario.boundary is None else next(raws_of(scenario.boundary), None),
        "session": None if scenario.session is None else next(raws_of(scenario.session), None),
        "scp": [{"target": "", "policies": list(raws_of(level))} for level in scenario.scp],
        "rcp": [{"target": "", "policies": list(raws_of(level))} for level in scenario.rcp],
        "vpce": None if vpce is None else next(raws_of(vpce), None),
        "vpce_type": scenario.vpce_type,
    }
    who = {"anonymous": "anonymous"}.get(caller.kind.value, caller.arn)
    request: Row = {
        "principal": who,
        "action": hit.base.actions[0],
        "resource": hit.base.atom.example,
        "resource_account": target.account,
        "context": context,
    }
    if caller.kind in _CALLER_KINDS:
        request["principal_account"] = caller.account
    made: Row = {"request": request, "policies": policies}
    if target.block_public is not False:
        made["settings"] = {"s3": {"block_public_access": {"RestrictPublicBuckets": target.block_public}}}
    return made


def spellings(space: Space) -> dict[str, str]:
    """Return keys as the policies spell them, by their lower case."""
    return {
        compiled.keys[0]: compiled.source.key
        for numbered in space.system.rules
        for compiled in numbered.rule.compiled
    }
