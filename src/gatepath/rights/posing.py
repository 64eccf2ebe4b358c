"""Puts a question about all requests together: from a recording, from policies given, or both."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gatepath.engine.iam.ask import Layer
from gatepath.engine.iam.compiled import Policy
from gatepath.engine.iam.symbolic import ENDPOINT, Scenario, Target, Way
from gatepath.model.naming import Arn
from gatepath.model.network import EndpointType
from gatepath.model.world import World
from gatepath.rights.asked_keys import (
    Asker,
    chosen,
    keys_of,
    sends_from_anywhere,
    source_address,
)
from gatepath.rights.asker import asker_of
from gatepath.rights.assemble import resource_side
from gatepath.rights.cases import TLS_KEY
from gatepath.rights.context import keys_read
from gatepath.rights.key_gaps import joined
from gatepath.rights.layers import Part, endpoint_part, guardrail_parts, identity_parts
from gatepath.rights.named_resources import any_other, named, out_of_reach, recorded
from gatepath.rights.needs import Permission
from gatepath.rights.posed import Aim, Given, Group, Posed
from gatepath.rights.service_actions import account_actions, service_actions
from gatepath.rights.sides import Place
from gatepath.rights.written_parts import given_endpoint, given_resource, layered, levels
from gatepath.trace import Assumption, Unsettled

_CODES = {
    Layer.VPCE: "unknown.policy-vpce",
    Layer.IDENTITY: "unknown.policy-identity",
    Layer.BOUNDARY: "unknown.policy-boundary",
    Layer.SESSION: "unknown.policy-session",
    Layer.SCP: "unknown.policy-scp",
    Layer.RCP: "unknown.policy-rcp",
}


def pose(given: Given, world: World, *, alone: bool = False) -> Posed:
    """Return the question; raises `PoseError` and what `build_request` raises.

    `alone`: there is no recording; what is not given is not there.
    """
    return _Posing(asker_of(given, world, alone=alone), alone=alone).posed()


@dataclass(slots=True)
class _Posing:
    asker: Asker
    alone: bool

    def posed(self) -> Posed:
        asker = self.asker
        parts = self.own_parts()
        unsettled = list(_unread(parts))
        aims: list[tuple[Aim, Target]] = []
        left_out: list[tuple[str, str]] = []
        for arn in self.arns(parts):
            reason = "" if self.alone else out_of_reach(asker.world, arn, self.region)
            if reason:
                left_out.append((arn, reason))
                continue
            aim, target = self.aim(arn)
            gap = _unread_aim(aim, target)
            if gap is None:
                aims.append((aim, target))
            else:
                unsettled.append(gap)
        aims += self.others([*(aim.arn for aim, _ in aims), *(arn for arn, _ in left_out)], unsettled)
        groups, more = self.groups(parts, aims) if not unsettled_layers(unsettled) else ((), ())
        every = [policy for group in groups for policy in _policies(group.parts, group.aims)]
        return Posed(
            caller=asker.caller,
            service=asker.service,
            endpoint=asker.endpoint,
            way=self.way(every),
            actions=(*service_actions(asker.service), *account_actions(asker.service)),
            groups=groups,
            unsettled=(*unsettled, *more),
            assumptions=self.assumptions(groups, every),
            left_out=tuple(left_out),
            doubtful=any(rule.principal.doubtful for policy in every for rule in policy.rules),
        )

    @property
    def region(self) -> str:
        return self.asker.endpoint.region if self.asker.endpoint is not None else ""

    def own_parts(self) -> tuple[Part, ...]:
        """Return endpoint policy, identity policies and boundary."""
        asker, given = self.asker, self.asker.given
        found = endpoint_part(asker.endpoint)
        if given.endpoint_policy is not None:
            found = given_endpoint(asker.endpoint, given.endpoint or "", given.endpoint_policy)
        mine = identity_parts(asker.signer, asker.caller)
        return mine if found is None else (found, *mine)

    def arns(self, parts: tuple[Part, ...]) -> tuple[str, ...]:
        asker = self.asker
        policies = [policy for part in parts for policy in part.attached or () if policy is not None]
        made = dict.fromkeys(asker.given.resources)
        if not self.alone:
            made |= dict.fromkeys(recorded(asker.world, asker.service, self.region, asker.caller.account))
        made |= dict.fromkeys(named(policies, asker.service))
        return tuple(made)

    def aim(self, arn: str) -> tuple[Aim, Target]:
        asker, given = self.asker, self.asker.given
        own = given.resources.get(arn)
        kind = "bucket" if asker.service == "s3" else "table"
        account = given.resource_account
        parsed = Arn.parse(arn)
        if parsed is not None and parsed.account:
            account = parsed.account
        if self.alone:
            account = account or asker.caller.account
            aim = Aim(arn=arn, part=given_resource(arn, own))
            return aim, Target(kind=kind, arn=arn, account=account, policy=layered(aim.part))
        place = Place(region=self.region, resource_account=account)
        side = resource_side(place, asker.world, asker.caller, Permission(action="", resource=arn))
        part = side.part if own is None else given_resource(arn, own)
        owner = side.account
        block = (
            Unsettled(code="unknown.policy-settings", unknown=joined(side.block_gaps))
            if side.block_gaps
            else None
        )
        aim = Aim(arn=arn, part=part, block_unsettled=block)
        target = Target(
            kind=kind, arn=arn, account=owner, policy=layered(part), block_public=side.block_public
        )
        return aim, target

    def others(self, known: list[str], unsettled: list[Unsettled]) -> Iterator[tuple[Aim, Target]]:
        """Yield what stands for the account's other buckets or tables, and for no resource at all."""
        account = self.asker.caller.account
        if account is None:
            return
        open_ones = [dict(each.arguments).get("resource", "") for each in unsettled]
        but = tuple(dict.fromkeys((*known, *(str(arn) for arn in open_ones if arn))))
        if self.region or self.asker.service == "s3":
            arn, usual = any_other(self.asker.service, self.region, account)
            kind = "bucket" if self.asker.service == "s3" else "table"
            target = Target(kind=kind, arn=arn, account=account, but=but, usual=usual)
            yield Aim(arn=arn, part=None, recorded=False), target
        yield Aim(arn="*", part=None), Target(kind="*", arn="*", account=account)

    def groups(
        self, parts: tuple[Part, ...], aims: list[tuple[Aim, Target]]
    ) -> tuple[tuple[Group, ...], tuple[Unsettled, ...]]:
        """Return the aims by account, each with the guardrails over it."""
        by_account: dict[str | None, list[tuple[Aim, Target]]] = {}
        for aim, target in aims:
            by_account.setdefault(target.account, []).append((aim, target))
        groups: list[Group] = []
        unsettled: list[Unsettled] = []
        for account, listed in by_account.items():
            guards = () if self.alone else guardrail_parts(self.asker.world, self.asker.caller, account)
            gaps = list(_unread(guards))
            if gaps:
                unsettled += gaps
                continue
            whole = (*parts, *guards)
            policies = list(_policies(whole, [aim for aim, _ in listed]))
            scenario = self.scenario(whole, tuple(target for _, target in listed), account, policies)
            groups.append(Group(scenario=scenario, aims=tuple(aim for aim, _ in listed), parts=whole))
        return tuple(groups), tuple(dict.fromkeys(unsettled))

    def scenario(
        self,
        parts: tuple[Part, ...],
        targets: tuple[Target, ...],
        account: str | None,
        policies: list[Policy],
    ) -> Scenario:
        asker = self.asker
        known = keys_of(asker, account, {key for policy in policies for key in keys_read(policy)})
        layers = {part.layer: part for part in parts}
        endpoint = layers.get(Layer.VPCE)
        anywhere = sends_from_anywhere(asker.request) and source_address(asker.request) is None
        interface = asker.endpoint is not None and asker.endpoint.type is not EndpointType.GATEWAY
        boundary = layers.get(Layer.BOUNDARY)
        return Scenario(
            caller=asker.caller,
            targets=targets,
            identity=layered(layers.get(Layer.IDENTITY)),
            boundary=None if boundary is None else layered(boundary),
            scp=levels(layers.get(Layer.SCP)),
            rcp=levels(layers.get(Layer.RCP)),
            vpce=None if endpoint is None else layered(endpoint),
            vpce_type="interface" if interface else "gateway",
            known=known.keys,
            absent=known.absent,
            chosen=lambda key: chosen(key, address=anywhere),
        )

    def way(self, policies: list[Policy]) -> Way:
        read = {key for policy in policies for key in keys_read(policy)}
        known = keys_of(self.asker, self.asker.caller.account, read)
        pairs = tuple((key, value) for key, value in known.way.items() if isinstance(value, str))
        return Way(ENDPOINT, pairs, lacking=known.way_absent)

    def assumptions(self, groups: tuple[Group, ...], policies: list[Policy]) -> tuple[Assumption, ...]:
        made = list(self.asker.signer.assumptions)
        if any(TLS_KEY in keys_read(policy) for policy in policies):
            made.append(Assumption(code="assumption.tls-version"))
        for group in groups:
            parts = (*group.parts, *(aim.part for aim in group.aims if aim.part is not None))
            for part in parts:
                if part.assumed:
                    guardrail = part.layer in {Layer.SCP, Layer.RCP}
                    code = "assumption.guardrails" if guardrail else "assumption.other-side"
                    what = part.layer.value.upper() if guardrail else part.component.id
                    made.append(Assumption(code=code, arguments=(("what", what),), conditional=True))
        return tuple(dict.fromkeys(made))


def unsettled_layers(unsettled: Iterable[Unsettled]) -> bool:
    """Tell whether a layer that bears on everything was not read."""
    return any(each.code in _CODES.values() for each in unsettled)


def _policies(parts: Iterable[Part], aims: Iterable[Aim]) -> Iterator[Policy]:
    for part in (*parts, *(aim.part for aim in aims)):
        if part is not None:
            yield from (policy for policy in part.attached or () if policy is not None)


def _unread(parts: Iterable[Part]) -> Iterator[Unsettled]:
    """Yield the layers with a policy that could not be read."""
    for part in parts:
        if any(policy is None for policy in part.attached or ()):
            yield Unsettled(code=_CODES[part.layer], unknown=joined(part.gaps))


def _unread_aim(aim: Aim, target: Target) -> Unsettled | None:
    arguments = (("resource", aim.arn),)
    gaps = joined(() if aim.part is None else aim.part.gaps)
    if any(policy is None for policy in target.policy):
        return Unsettled(code="unknown.policy-of-resource", unknown=gaps, arguments=arguments)
    if target.account is None:
        return Unsettled(code="unknown.owner-of-resource", unknown=gaps, arguments=arguments)
    return None
