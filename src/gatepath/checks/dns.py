"""Check `dns`: which resolver answers, and with what; are the answers inside the prefix list.

Sources: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html and those of
`engine/resolver.py`.
"""

from dataclasses import replace

from gatepath.checks.base import Check, Removed, Traffics, parts_of, step_verdict
from gatepath.checks.dns_answers import (
    NAME,
    Notes,
    box,
    by_addresses,
    note,
    proxy,
    resolved,
    unreachable,
)
from gatepath.checks.dns_targets import Target, endpoint_addresses, known_region, target_packets
from gatepath.engine.hostnames import Host, classify
from gatepath.engine.resolver import Outcome, Resolution, resolve
from gatepath.model.naming import is_service_name
from gatepath.model.network import EndpointType, Vpc
from gatepath.model.ref import GapReason, Unknown, unknown
from gatepath.model.world import World
from gatepath.packets import PacketSet
from gatepath.request import Part, Request
from gatepath.trace import (
    ANY_FATE,
    Component,
    Evidence,
    Fate,
    Removal,
    Step,
    Traffic,
)


def run(request: Request, world: World, traffics: Traffics, removed: Removed) -> Step:
    """Narrow every traffic to the addresses its host name stands for."""
    notes = Notes({}, [])
    out: list[Traffic] = []
    for traffic in traffics:
        part = parts_of(request)[traffic.part]
        vpc = world.vpc_of_subnet(part.subnet) if part.subnet is not None else None
        if isinstance(vpc, Vpc) and vpc.enable_dns_hostnames is False and request.resolves_to is None:
            notes.add("dns.hostnames-disabled", _vpc_component(vpc), (("vpc", vpc.id),))
        made = _answered(request, world, part, vpc, traffic, removed, notes)
        out.extend(made)
    out = _without_empty(out)
    return Step(
        check=NAME,
        out=tuple(out),
        verdict=step_verdict(_resized(traffics, out), tuple(out), diverted=notes.diverted),
        components=tuple(dict.fromkeys(f.component for f in notes.findings.values())),
        findings=tuple(notes.findings.values()),
        unknowns=tuple(dict.fromkeys(notes.unknowns)),
    )


def _vpc_component(vpc: Vpc) -> Component:
    return Component(type="vpc", id=vpc.id, account=vpc.owner, region=vpc.region)


def _resized(before: Traffics, out: list[Traffic]) -> Traffics:
    """Return what entered as the packets that DNS gave, so that narrowing does not look like a drop."""
    alive = {traffic.part for traffic in before if traffic.live}
    return tuple(replace(t, dropped=None) for t in out if t.part in alive)


def _without_empty(out: list[Traffic]) -> list[Traffic]:
    """Leave out parts that have no address where others have: the client uses those."""
    some = any(t.packets for t in out)
    return [t for t in out if t.packets or not some]


def _answered(
    request: Request,
    world: World,
    part: Part,
    vpc: Vpc | Unknown | None,
    traffic: Traffic,
    removed: Removed,
    notes: Notes,
) -> list[Traffic]:
    if request.proxy.url is not None:
        return proxy(request, world, vpc, traffic, notes)
    if request.resolves_to is not None:
        return resolved(request, world, part, traffic, request.resolves_to, notes)
    host = request.host
    target = target_packets(request, world, host, part.ip_version)
    if host.region not in {None, request.region} and not known_region(host.region or "", world):
        return _no_such_region(request, world, part, traffic, host, removed, notes)
    if part.subnet is None or vpc is None:
        return _public(traffic, target, notes)
    if isinstance(vpc, Unknown):
        notes.open("unknown.dns-vpc", vpc)
        return _any_answer(request, world, part, traffic, target, vpc)
    answer = resolve(world, vpc, host.name, part.ip_version)
    if answer.decider is not None and Removal(check=NAME, component=answer.decider.id) in removed:
        answer = Resolution(outcome=Outcome.PUBLIC, name=host.name)
    if answer.outcome is not Outcome.ADDRESSES:
        note(answer, notes)
    return _by_outcome(request, world, part, traffic, target, answer, removed, notes)


def _by_outcome(
    request: Request,
    world: World,
    part: Part,
    traffic: Traffic,
    target: Target,
    answer: Resolution,
    removed: Removed,
    notes: Notes,
) -> list[Traffic]:
    match answer.outcome:
        case Outcome.PUBLIC:
            if answer.name != request.host.name:
                led = classify(answer.name, request.service)
                target = target_packets(request, world, led, part.ip_version)
                notes.diverted = notes.diverted or led.region != request.region
            return _with_version(request, world, part, _public(traffic, target, notes), target, notes)
        case Outcome.ADDRESSES:
            return by_addresses(request, world, part, traffic, answer, notes)
        case Outcome.NO_SUCH_NAME | Outcome.NO_DATA:
            by = answer.decider.id if answer.decider is not None else "client:hostname"
            if answer.decider is None:
                component = Component(type="client", id=by, account=request.account, region=request.region)
                asked = (("hostname", answer.name), ("ip_version", part.ip_version))
                notes.add("dns.no-address-of-version", component, asked)
            return [t.drop(NAME, by) for t in _stand_in(request, world, part, traffic, target)]
        case _:
            gap = answer.gap or unknown("", "", GapReason.NOT_IN_API, detail=answer.name)
            if answer.servers:
                out_of_reach = unreachable(world, part, answer.servers, removed, notes)
                if out_of_reach is not None:
                    stand_in = _stand_in(request, world, part, traffic, target)
                    return [t.drop("security-group", out_of_reach) for t in stand_in]
                options = _options(world, part)
                component = Component(type="dhcp-options", id=options, region=request.region)
                arguments = (("servers", ", ".join(answer.servers)), ("dhcp_options", options))
                notes.add("dns.custom-resolver", component, arguments)
                notes.open("unknown.dns-custom-resolver", gap, servers=", ".join(answer.servers))
            else:
                notes.open("unknown.dns-answer", gap, hostname=answer.name)
            return _any_answer(request, world, part, traffic, target, gap)


def _options(world: World, part: Part) -> str:
    vpc = world.vpc_of_subnet(part.subnet) if part.subnet is not None else None
    return (vpc.dhcp_options_id or "") if isinstance(vpc, Vpc) else ""


def _public(traffic: Traffic, target: Target, notes: Notes) -> list[Traffic]:
    """Return the traffic to what public DNS answers."""
    if target.gap is not None:
        notes.open("unknown.service-addresses", target.gap)
    if target.packets is None:
        gaps = () if target.gap is None else (target.gap,)
        return [replace(traffic, fates=ANY_FATE, unsettled=(*traffic.unsettled, *gaps))]
    made = []
    for packets in (target.packets, *target.alternatives):
        group = f"dns:{traffic.part}" if target.open else None
        cut = replace(
            traffic.only(traffic.packets & packets),
            group=group,
            suspect=traffic.suspect or target.suspect,
        )
        made.append(cut)
    return made


def _with_version(
    request: Request, world: World, part: Part, made: list[Traffic], target: Target, notes: Notes
) -> list[Traffic]:
    """Name what is peculiar to IPv6: no addresses, NAT64, an endpoint that carries IPv4 only."""
    host = request.host
    component = Component(type="client", id="client:hostname", account=request.account, region=request.region)
    arguments = (("hostname", host.name), ("ip_version", part.ip_version))
    if target.nat64 and part.subnet is not None:
        subnet = Component(
            type="subnet", id=part.subnet.id, account=part.subnet.owner, region=part.subnet.region
        )
        notes.add("dns.nat64", subnet, (("subnet", part.subnet.id), ("hostname", host.name)))
        notes.diverted = True
    if target.packets is not None and not target.packets:
        if len(parts_of(request)) > 1:
            return made
        notes.add("dns.no-address-of-version", component, arguments)
        return [t.drop(NAME, component.id) for t in made]
    if part.ip_version == 6 and not target.nat64:  # noqa: PLR2004 - IP version
        _ipv4_only_endpoint(request, world, part, notes)
    return made


def _ipv4_only_endpoint(request: Request, world: World, part: Part, notes: Notes) -> None:
    if part.subnet is None:
        return
    for endpoint in world.vpc_endpoints.of_vpc(part.subnet.vpc_id):
        if endpoint.type is not EndpointType.GATEWAY or endpoint.ip_address_type not in {"", "ipv4"}:
            continue
        if is_service_name(endpoint.service_name, request.region, request.host.service or request.service):
            component = Component(
                type="vpc-endpoint", id=endpoint.id, account=endpoint.owner, region=endpoint.region
            )
            arguments = (("hostname", request.host.name), ("endpoint", endpoint.id))
            notes.add("dns.ipv6-not-by-endpoint", component, arguments, (Evidence(ref=endpoint.ref),))
            notes.diverted = True


def _stand_in(request: Request, world: World, part: Part, traffic: Traffic, target: Target) -> list[Traffic]:
    """Return the traffic as if DNS had answered, so that later checks see it as a shadow."""
    if target.packets:
        return [traffic.only(traffic.packets & target.packets)]
    home = target_packets(request, world, replace(request.host, region=request.region), part.ip_version)
    packets = home.packets if home.packets is not None else PacketSet.empty(traffic.packets.version)
    return [traffic.only(traffic.packets & packets)]


def _no_such_region(
    request: Request,
    world: World,
    part: Part,
    traffic: Traffic,
    host: Host,
    removed: Removed,
    notes: Notes,
) -> list[Traffic]:
    """Drop: a name in a Region that doesn't exist has no address."""
    component = Component(type="client", id="client:region", account=request.account, region=request.region)
    made = _stand_in(request, world, part, traffic, Target())
    if Removal(check=NAME, component=component.id) in removed:
        return made
    notes.add("dns.name-does-not-exist", component, (("hostname", host.name),))
    return [t.drop(NAME, component.id) for t in made]


def _any_answer(
    request: Request, world: World, part: Part, traffic: Traffic, target: Target, gap: Unknown
) -> list[Traffic]:
    """Return all that an unseen resolver may answer: nothing, the service's addresses, an endpoint's."""
    group = f"dns:{traffic.part}"
    base = replace(traffic, group=group)
    stand_in = _stand_in(request, world, part, base, target)
    made = [t.drop(NAME, "dns:resolver") for t in stand_in]
    made += [replace(t, unsettled=(*t.unsettled, gap)) for t in stand_in]
    others = endpoint_addresses(request, world, part)
    if others:
        made.append(replace(base.only(box(traffic, others)), unsettled=(*traffic.unsettled, gap)))
    made += _unrecorded_endpoints(world, part, base)
    return made


def _unrecorded_endpoints(world: World, part: Part, traffic: Traffic) -> list[Traffic]:
    """Return the traffic to an interface endpoint that may be there but was not recorded."""
    vpc = world.vpc_of_subnet(part.subnet) if part.subnet is not None else None
    if not isinstance(vpc, Vpc):
        return []
    gap = world.vpc_endpoints.missing(region=vpc.region, account=vpc.owner, vpc_id=vpc.id)
    if gap is None:
        gap = world.network_interfaces.missing(region=vpc.region, account=vpc.owner, vpc_id=vpc.id)
    if gap is None:
        return []
    packets = traffic.packets & PacketSet.of(traffic.packets.version, vpc.cidrs)
    fates = ANY_FATE - {Fate.GATEWAY}
    return [replace(traffic.only(packets), fates=fates, unsettled=(*traffic.unsettled, gap))]


CHECK = Check(
    name=NAME,
    reads=frozenset(
        {
            "dhcp_options",
            "firewall_rule_groups",
            "hosted_zones",
            "network_interfaces",
            "prefix_lists",
            "public_ranges",
            "resolver_rules",
            "security_groups",
            "vpc_endpoints",
            "vpcs",
        }
    ),
    run=run,
)
