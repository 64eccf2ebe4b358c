"""What the resolver of a VPC makes of a traffic: every answer it gives, or may give, for the host name.

Sources: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html and those of
`engine/resolver.py`.
"""

from dataclasses import replace

from gatepath.checks.base import Removed, journey_of, part_leg, parts_of
from gatepath.checks.dns_answers import NAME, Notes, box, by_addresses, note
from gatepath.checks.dns_targets import Target, endpoint_addresses, known_region, target_packets
from gatepath.engine.addresses import PRIVATE
from gatepath.engine.dns_servers import Asker, reached
from gatepath.engine.hostnames import Host, classify
from gatepath.engine.legs import Fault, Leg
from gatepath.engine.resolver import Outcome, Resolution, resolve
from gatepath.model.naming import is_service_name
from gatepath.model.network import EndpointType, Vpc
from gatepath.model.ref import GapReason, Unknown, unknown
from gatepath.model.world import World
from gatepath.packets import PacketSet
from gatepath.request import Part, Request
from gatepath.trace import ANY_FATE, Component, Evidence, Fate, Removal, Traffic


def answered(
    request: Request,
    world: World,
    part: Part,
    vpc: Vpc | Unknown | None,
    traffic: Traffic,
    removed: Removed,
    notes: Notes,
) -> list[Traffic]:
    """Narrow a traffic to the addresses that DNS gives for the request's host name."""
    host = request.host
    target = target_packets(request, world, host, part.ip_version)
    if host.region not in {None, request.region} and not known_region(host.region or "", world):
        return _no_such_region(request, world, part, traffic, host, removed, notes)
    if vpc is None:
        return _public(request, traffic, target, notes)
    if isinstance(vpc, Unknown):
        notes.open("unknown.dns-vpc", vpc)
        return _any_answer(request, world, part, traffic, target, vpc, notes)
    answer = resolve(world, vpc, host.name, part.ip_version)
    if answer.decider is not None and Removal(check=NAME, component=answer.decider.id) in removed:
        answer = Resolution(outcome=Outcome.PUBLIC, name=host.name)
    answer, lost = by_reach(request, world, part, answer, removed)
    if lost is not None:
        note_lost(answer, lost, notes)
        stand_in = _stand_in(request, world, part, traffic, target)
        return [t.drop(lost.check, lost.component.id, suspect=lost.suspect) for t in stand_in]
    if answer.outcome is not Outcome.ADDRESSES:
        note(answer, notes)
    return _by_outcome(request, world, part, traffic, target, answer, notes)


def by_reach(
    request: Request, world: World, part: Part, answer: Resolution, removed: Removed
) -> tuple[Resolution, Fault | None]:
    """Return what is answered where queries to custom servers may be lost, and what drops them all.

    A client whose options name the VPC's resolver too turns to it when no custom server can be reached.
    """
    if not answer.servers:
        return answer, None
    journey = journey_of(request, world, removed, ())
    legs = {version: leg for version in (4, 6) if (leg := _leg(world, part, version)) is not None}
    asker = Asker(legs=legs, source_ports=part.source_ports, interface=part.interface)
    found = reached(journey, asker, answer.servers)
    if found.fault is not None:
        return (answer, found.fault) if answer.otherwise is None else (answer.otherwise, None)
    gap = answer.gap
    for more in found.gaps:
        gap = more if gap is None else gap | more
    return replace(answer, gap=gap), None


def _leg(world: World, part: Part, version: int) -> Leg | None:
    """Return where the part's packets of an IP version leave from, which may be the other one's sender."""
    if version == part.ip_version:
        return part_leg(world, part)
    address = part.interface.primary(version) if part.interface is not None else None
    if part.interface is None or address is None:
        return None
    public = part.interface.public_ip(address)  # of IPv4: which address an IPv6 query shows decides nothing
    return part_leg(world, replace(part, ip_version=version, address=address, public_address=public))


def note_lost(answer: Resolution, lost: Fault, notes: Notes) -> None:
    """Write down that no query gets through to the custom servers."""
    by = dict(lost.arguments).get("groups") or lost.component.id
    arguments = (
        ("server", ", ".join(answer.servers)),
        ("by", by if isinstance(by, str) else ", ".join(map(str, by if isinstance(by, tuple) else (by,)))),
    )
    evidence = tuple(Evidence(ref=ref) for ref in lost.refs)
    code = "dns.custom-resolver-unreachable"
    notes.add(code, lost.component, arguments, evidence, check=lost.check, suspect=lost.suspect)


def _by_outcome(
    request: Request,
    world: World,
    part: Part,
    traffic: Traffic,
    target: Target,
    answer: Resolution,
    notes: Notes,
) -> list[Traffic]:
    match answer.outcome:
        case Outcome.PUBLIC:
            if answer.name != request.host.name:
                led = classify(answer.name, request.service)
                target = target_packets(request, world, led, part.ip_version)
                notes.diverted = notes.diverted or led.region != request.region
            return _with_version(
                request, world, part, _public(request, traffic, target, notes), target, notes
            )
        case Outcome.ADDRESSES:
            return by_addresses(request, world, part, traffic, answer, notes)
        case Outcome.NO_SUCH_NAME | Outcome.NO_DATA:
            by = answer.decider.id if answer.decider is not None else "client:hostname"
            if answer.decider is None:
                component = Component(type="client", id=by, account=request.account, region=request.region)
                asked = (("hostname", answer.name), ("ip_version", part.ip_version))
                notes.add("dns.no-address-of-version", component, asked)
            notes.lacks = answer.outcome is Outcome.NO_DATA
            return [t.drop(NAME, by) for t in _stand_in(request, world, part, traffic, target)]
        case _:
            gap = answer.gap or unknown("", "", GapReason.NOT_IN_API, detail=answer.name)
            if answer.servers:
                options = _options(world, part)
                component = Component(type="dhcp-options", id=options, region=request.region)
                arguments = (("servers", ", ".join(answer.servers)), ("dhcp_options", options))
                notes.add("dns.custom-resolver", component, arguments)
                notes.open("unknown.dns-custom-resolver", gap, servers=", ".join(answer.servers))
            else:
                notes.open("unknown.dns-answer", gap, hostname=answer.name)
            return _any_answer(request, world, part, traffic, target, gap, notes)


def _options(world: World, part: Part) -> str:
    vpc = world.vpc_of_subnet(part.subnet) if part.subnet is not None else None
    return (vpc.dhcp_options_id or "") if isinstance(vpc, Vpc) else ""


def _public(request: Request, traffic: Traffic, target: Target, notes: Notes) -> list[Traffic]:
    """Return the traffic to what public DNS answers."""
    if target.gap is not None:
        notes.open("unknown.service-addresses", target.gap)
    elif target.open:
        gap = unknown("", "", GapReason.NOT_IN_API, detail=request.host.name)
        notes.open("unknown.dns-answer", gap, hostname=request.host.name)
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
    request: Request,
    world: World,
    part: Part,
    traffic: Traffic,
    target: Target,
    gap: Unknown,
    notes: Notes,
) -> list[Traffic]:
    """Return all that an unseen resolver may answer: nothing, the service's addresses, an endpoint's."""
    group = f"dns:{traffic.part}"
    base = replace(traffic, group=group)
    stand_in = _stand_in(request, world, part, base, target)
    made = [t.drop(NAME, "dns:resolver") for t in stand_in]
    others = [base.only(base.packets & packets) for packets in target.alternatives]
    made += [replace(t, unsettled=(*t.unsettled, gap)) for t in (*stand_in, *others)]
    private = endpoint_addresses(request, world, part)
    if private:
        made.append(replace(base.only(box(traffic, private)), unsettled=(*traffic.unsettled, gap)))
    made += _unrecorded_endpoints(request, world, part, base, notes)
    return made


def _unrecorded_endpoints(
    request: Request, world: World, part: Part, traffic: Traffic, notes: Notes
) -> list[Traffic]:
    """Return the traffic to an interface endpoint that may be there but was not recorded."""
    subnet = part.subnet
    if subnet is None:
        return []
    listings = (world.vpc_endpoints, world.network_interfaces)
    region, owner, vpc_id = subnet.region, subnet.owner, subnet.vpc_id
    gaps = [one.missing(region=region, account=owner, vpc_id=vpc_id) for one in listings]
    gap = gaps[0] or gaps[1]
    if gap is None:
        return []
    notes.open("unknown.dns-answer", gap, hostname=request.host.name)
    vpc = world.vpc_of_subnet(subnet)
    blocks = vpc.cidrs if isinstance(vpc, Vpc) else (*PRIVATE, *subnet.cidrs)
    packets = traffic.packets & PacketSet.of(traffic.packets.version, blocks)
    fates = ANY_FATE - {Fate.GATEWAY}
    return [replace(traffic.only(packets), fates=fates, unsettled=(*traffic.unsettled, gap))]
