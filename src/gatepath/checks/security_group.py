"""Check `security-group`: egress of all the interface's groups together.

Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
"""

from gatepath.checks.base import (
    Check,
    Removed,
    Traffics,
    cut,
    findings_of,
    hits_of,
    parts_of,
    ports_text,
    step_verdict,
    undecided,
    whole_of,
)
from gatepath.engine.filters import groups_egress
from gatepath.engine.legs import Fault
from gatepath.engine.unnamed_groups import any_groups_egress, vpc_groups
from gatepath.model.network import PrefixListTarget, SecurityGroup, Subnet
from gatepath.model.ref import Ref, Unknown
from gatepath.model.world import World
from gatepath.packets import PacketSet
from gatepath.request import Part, Request
from gatepath.trace import Assumption, Component, Removal, RuleHit, Step, Traffic, Unsettled

NAME = "security-group"


def run(request: Request, world: World, traffics: Traffics, removed: Removed) -> Step:
    """Drop what no egress rule of the source's groups admits."""
    out: list[Traffic] = []
    hits: list[RuleHit] = []
    faults: list[Fault] = []
    unknowns: list[Unsettled] = []
    components: dict[str, Component] = {}
    assumptions: list[Assumption] = []
    for traffic in traffics:
        part = parts_of(request)[traffic.part]
        if part.subnet is None or part.group_ids == ():
            out.append(traffic)
            continue
        code = "unknown.security-group-rules"
        group_ids = part.group_ids
        if isinstance(group_ids, Unknown):
            code, gap = "unknown.security-groups", group_ids
            group_ids = vpc_groups(world, part.subnet, gap)
            if isinstance(group_ids, Unknown):
                out.append(undecided(traffic, group_ids))
                unknowns.append(Unsettled(code=code, unknown=group_ids))
                continue
            assumptions.append(_any_of(part.subnet, group_ids))
            filtered = any_groups_egress(world, group_ids, part.subnet.region, traffic.packets, gap)
        else:
            filtered = groups_egress(world, group_ids, part.subnet.region, traffic.packets)
        component = _component(part, part.subnet, group_ids)
        components[component.id] = component
        out.extend(cut(traffic, filtered, Removal(check=NAME, component=component.id), removed))
        if traffic.live:
            hits.extend(filtered.hits)
        unknowns.extend(Unsettled(code=code, unknown=gap) for gap in filtered.gaps)
        if filtered.denied and traffic.fates is None:
            faults.append(_fault(world, part, part.subnet, group_ids, component, filtered.denied))
            faults.extend(_foreign_lists(world, part.subnet.region, group_ids, filtered.denied))
    whole = whole_of(tuple(t for t in traffics if t.fates is None))
    return Step(
        check=NAME,
        direction="out",
        out=tuple(out),
        verdict=step_verdict(traffics, tuple(out)),
        components=tuple(components.values()),
        rule_hits=hits_of(hits),
        findings=findings_of(_graded(faults, whole), whole),
        unknowns=tuple(dict.fromkeys(unknowns)),
        assumptions=tuple(dict.fromkeys(assumptions)),
    )


def _any_of(subnet: Subnet, group_ids: tuple[str, ...]) -> Assumption:
    arguments = (("subnet", subnet.id), ("groups", ", ".join(group_ids)))
    return Assumption(code="assumption.any-groups", arguments=arguments)


def _component(part: Part, subnet: Subnet, group_ids: tuple[str, ...]) -> Component:
    account = part.interface.owner if part.interface else subnet.owner
    return Component(type=NAME, id=group_ids[0], account=account, region=subnet.region)


def _fault(
    world: World,
    part: Part,
    subnet: Subnet,
    group_ids: tuple[str, ...],
    component: Component,
    denied: PacketSet,
) -> Fault:
    refs: list[Ref] = []
    for group_id in group_ids:
        group = world.security_groups.get(group_id)
        if isinstance(group, SecurityGroup):
            refs.append(group.ref)
    where = part.interface.id if part.interface else subnet.id
    return Fault(
        code="security-group.no-egress",
        check=NAME,
        component=component,
        packets=denied,
        arguments=(
            ("groups", group_ids),
            ("interface", where),
            ("protocol", "TCP"),
            ("port", ports_text(denied)),
            ("destination", ", ".join(str(n) for n in denied.addresses()[:3])),
        ),
        refs=tuple(refs),
    )


def _graded(faults: list[Fault], whole: dict[int, PacketSet]) -> list[Fault]:
    """Call a fault partial where some packets of its IP version pass."""
    denied: dict[int, PacketSet] = {}
    for fault in faults:
        version = fault.packets.version
        denied[version] = denied.get(version, PacketSet.empty(version)) | fault.packets
    made = []
    for fault in faults:
        version = fault.packets.version
        if fault.code == "security-group.no-egress" and whole[version] - denied[version]:
            fault = _partial(fault)  # noqa: PLW2901 - the graded one takes its place
        made.append(fault)
    return made


def _partial(fault: Fault) -> Fault:
    return Fault(
        code="security-group.partial-egress",
        check=fault.check,
        component=fault.component,
        packets=fault.packets,
        arguments=fault.arguments,
        refs=fault.refs,
    )


def _foreign_lists(world: World, region: str, group_ids: tuple[str, ...], denied: PacketSet) -> list[Fault]:
    """Name rules whose prefix list belongs to another service, or doesn't exist in this Region."""
    made = []
    for group in filter(None, map(world.security_groups.get, group_ids)):
        for rule in group.egress:
            if not isinstance(rule.peer, PrefixListTarget):
                continue
            found = world.prefix_list(region, rule.peer.id)
            if isinstance(found, Unknown) or (found is not None and found.owner not in {"AWS", None}):
                continue
            name = "" if found is None else found.name
            made.append(
                Fault(
                    code="security-group.other-prefix-list",
                    check=NAME,
                    component=Component(type=NAME, id=group.id, account=group.owner, region=region),
                    packets=denied,
                    arguments=(("group", group.id), ("prefix_list", rule.peer.id), ("name", name)),
                    refs=(rule.ref,),
                )
            )
    return made


CHECK = Check(
    name=NAME,
    direction="out",
    reads=frozenset({"security_groups", "prefix_lists", "network_interfaces"}),
    run=run,
)
