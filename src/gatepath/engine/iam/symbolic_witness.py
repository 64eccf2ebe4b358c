"""A concrete request for a class, as the evaluator and `gatepath authorize` take it."""

from typing import NamedTuple

from gatepath.engine.iam.ask import Ask
from gatepath.engine.iam.context import UNKNOWN_VALUE
from gatepath.engine.iam.logic import Context
from gatepath.engine.iam.principals import Kind, Who, who
from gatepath.engine.iam.symbolic_fold import Base, Final, Pick, Space
from gatepath.engine.iam.symbolic_system import Layered, Scenario, compiled_of, raws_of

Row = dict[str, object]
_CALLER_KINDS = frozenset({Kind.USER, Kind.ROLE, Kind.SESSION, Kind.FEDERATED, Kind.ROOT})
_SPELLINGS = {
    name.lower(): name
    for name in (
        "aws:PrincipalAccount",
        "aws:PrincipalArn",
        "aws:PrincipalIsAWSService",
        "aws:PrincipalOrgID",
        "aws:PrincipalType",
        "aws:RequestedRegion",
        "aws:ResourceAccount",
        "aws:ResourceOrgID",
        "aws:SecureTransport",
        "aws:SourceIp",
        "aws:SourceVpc",
        "aws:SourceVpcArn",
        "aws:SourceVpce",
        "aws:ViaAWSService",
        "aws:VpcSourceIp",
        "aws:VpceAccount",
        "aws:VpceOrgID",
        "s3:ResourceAccount",
    )
}
_ARN = "aws:principalarn"


class Hit(NamedTuple):
    """Requests of one base that are in an answer: those with the keys `held`, none = all of them."""

    base: Base
    final: Final
    held: tuple[Pick, ...]
    space: Space
    others: "tuple[tuple[str, Hit], ...]" = ()
    """Other ways on which they are allowed too, each with a witness."""
    open_ways: tuple[str, ...] = ()
    """Other ways of which that is not decided."""
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

    @property
    def caller(self) -> Who:
        """Return who asks in the witness, where the caller stands for others."""
        given = dict(self.final.values)
        if _ARN not in self.scenario.free or _ARN not in given:
            return self.scenario.caller
        value = given[_ARN]
        return (who(value) if isinstance(value, str) else None) or self.scenario.caller


def ask_of(hit: Hit, scenario: Scenario, vpce: Layered | None) -> Ask:
    """Return the witness with all policies of a scenario, and an endpoint policy or none."""
    target = scenario.targets[hit.base.atom.target]
    own = scenario is hit.scenario
    layer = hit.space.system.stack if own else compiled_of
    return Ask(
        caller=hit.caller,
        action=hit.base.actions[0].lower(),
        resource_arn=hit.base.atom.example,
        resource_account=target.account,
        context=hit.context,
        identity=layer(scenario.identity),
        resource=layer(target.policy),
        boundary=None if scenario.boundary is None else layer(scenario.boundary),
        session=None if scenario.session is None else layer(scenario.session),
        scp=tuple(layer(level) for level in scenario.scp),
        rcp=tuple(layer(level) for level in scenario.rcp),
        vpce=None if vpce is None else layer(vpce),
        block_public=target.block_public,
    )


def line_of(hit: Hit, scenario: Scenario, vpce: Layered | None) -> Row:
    """Return the witness as a line for `gatepath authorize`."""
    target = scenario.targets[hit.base.atom.target]
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
    made: Row = {"request": request_of(hit, scenario), "policies": policies}
    if target.block_public is not False:
        restricts = dict(UNKNOWN_VALUE) if target.block_public is None else True
        made["settings"] = {"s3": {"block_public_access": {"RestrictPublicBuckets": restricts}}}
    return made


def request_of(hit: Hit, scenario: Scenario) -> Row:
    """Return the witness's request."""
    caller, spelled = hit.caller, spellings(hit.space)
    context = {
        spelled.get(key, key): list(value) if isinstance(value, tuple) else value
        for key, value in sorted(hit.context.items())
    }
    request: Row = {
        "principal": {"anonymous": "anonymous"}.get(caller.kind.value, caller.arn),
        "action": hit.base.actions[0],
        "resource": hit.base.atom.example,
        "resource_account": scenario.targets[hit.base.atom.target].account,
        "context": context,
    }
    if caller.kind in _CALLER_KINDS:
        request["principal_account"] = caller.account
    return request


def spellings(space: Space) -> dict[str, str]:
    """Return keys as the policies spell them, else as AWS does, by their lower case."""
    return _SPELLINGS | {
        compiled.keys[0]: compiled.source.key
        for numbered in space.system.rules
        for compiled in numbered.rule.compiled
    }
