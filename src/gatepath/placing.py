"""Where the source of a question sits: its subnets, interfaces and security groups, found in the world."""

from dataclasses import dataclass, field, replace

from gatepath.model.naming import Arn
from gatepath.model.network import Address, NetworkInterface, Subnet
from gatepath.model.question import Question, Source
from gatepath.model.ref import GapReason, Unknown, unknown
from gatepath.model.world import World, dangling
from gatepath.trace import Assumption, Component, Finding, Severity


class UnknownSourceError(LookupError):
    """A complete list shows that what the question names does not exist.

    `code` is `question.unknown-source`, `id` the name as given.
    """

    code = "question.unknown-source"

    def __init__(self, id: str) -> None:  # noqa: A002 - AWS's word
        super().__init__(f"{self.code}: {id}")
        self.id = id
        self.where = ""


class ElsewhereError(UnknownSourceError):
    """What the question names is recorded elsewhere than it says: `where` is where the question looks for it."""

    code = "question.elsewhere"

    def __init__(self, id: str, where: str) -> None:  # noqa: A002 - AWS's word
        super().__init__(id)
        self.where = where


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One place that sends. `subnet` None = outside any VPC we know."""

    subnet: Subnet | None
    interface: NetworkInterface | None = None
    address: Address | None = None
    """The one address that sends, where the question names it."""
    group_ids: tuple[str, ...] | Unknown = ()
    public: bool | None = None
    """Whether a public IPv4 address is given at start; None = as the interface says."""
    ipv6: bool = True
    """Whether the workload may use IPv6 at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """What is known of the source."""

    region: str
    account: str = ""
    seats: tuple[Seat, ...] | Unknown = ()
    platform: str = "linux"
    """`linux`, `windows`, `lambda`, `eks`."""
    platform_gap: Unknown | None = None
    """Why it isn't known which of `linux` and `windows` it is."""
    env: tuple[tuple[str, str], ...] = ()
    findings: tuple[Finding, ...] = ()
    assumptions: tuple[Assumption, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Search:
    """The question, the world and the source's Region."""

    source: Source
    world: World
    region: str

    @property
    def listed(self) -> tuple[NetworkInterface, ...]:
        """Return the recorded interfaces of the Region."""
        return tuple(i for i in self.world.network_interfaces if i.region == self.region)


def source_region(question: Question, world: World) -> str:
    """Return the source's Region: as asked, else where its ids are recorded, else the only one recorded.

    Empty where none of these tells it.
    """
    source = question.source
    arn = Arn.parse(source.id)
    recorded_in = _recorded_in(world, source)
    if question.region or (arn is not None and arn.region):
        asked = question.region or (arn.region if arn is not None else "")
        if recorded_in not in {None, asked}:
            raise ElsewhereError(source.id, asked)
        return asked
    if recorded_in is not None:
        return recorded_in
    named = {f.region for f in world.lambda_functions if f.name == source.id}
    named |= {w.region for w in world.ecs_workloads if w.name == source.id}
    named |= {i.region for i in world.network_interfaces if source.id in {str(a) for a in i.addresses}}
    if len(named) == 1:
        return named.pop()
    listings = (world.network_interfaces, world.subnets, world.vpcs, world.instances, world.route_tables)
    recorded = {cover.region for listing in listings for cover in listing.coverage}
    recorded = recorded or {row.region for row in world.subnets}
    return recorded.pop() if len(recorded) == 1 else ""


def _recorded_in(world: World, source: Source) -> str | None:
    """Return the Region that the source's ids are recorded in."""
    ids = (source.id, source.interface_id or "", source.subnet_id or "")
    for listing in (world.instances, world.network_interfaces, world.subnets):
        for key in ids:
            if (row := listing.get(key)) is not None:
                return row.region
    return None


def not_told(detail: str) -> Unknown:
    """Return the gap of something no read call tells."""
    return unknown("", "", GapReason.NOT_IN_API, detail=detail)


def interface_of(search: Search, interface_id: str, *, named: bool) -> NetworkInterface | Unknown:
    """Return an interface; raises `UnknownSourceError` if the user named one that does not exist."""
    found = search.world.network_interfaces.find(interface_id, region=search.region)
    if found is not None:
        return found
    if named:
        raise UnknownSourceError(interface_id)
    return dangling("ec2", "DescribeNetworkInterfaces", interface_id, search.region)


def subnet_of(search: Search, subnet_id: str, *, named: bool) -> Subnet | Unknown:
    """Return a subnet; raises `UnknownSourceError` if the user named one that does not exist."""
    found = search.world.subnets.find(subnet_id, region=search.region)
    if found is not None:
        return found
    if named:
        raise UnknownSourceError(subnet_id)
    return dangling("ec2", "DescribeSubnets", subnet_id, search.region)


def seat_of(search: Search, interface_id: str, *, named: bool) -> Seat | Unknown:
    """Return the seat of an interface."""
    interface = interface_of(search, interface_id, named=named)
    if isinstance(interface, Unknown):
        return interface
    subnet = subnet_of(search, interface.subnet_id, named=False)
    if isinstance(subnet, Unknown):
        return subnet
    return Seat(subnet=subnet, interface=interface, group_ids=interface.group_ids)


def one(search: Search, seat: Seat | Unknown, **more: object) -> Placement:
    """Return the placement of a single seat; `more` are further fields of `Placement`."""
    made = Placement(region=search.region, **more)  # type: ignore[arg-type]
    if isinstance(seat, Unknown):
        return replace(made, seats=seat)
    return replace(made, seats=(seat,), account=account_of(seat))


def account_of(seat: Seat) -> str:
    """Return the account that owns what sends."""
    if seat.interface is not None:
        return seat.interface.owner
    return seat.subnet.owner if seat.subnet is not None else ""


def placed_by_name(search: Search, interface_id: str | None, subnet_id: str | None) -> Seat | Unknown | None:
    """Return the seat that the question names beside the workload, None if it names none."""
    if interface_id is not None:
        return seat_of(search, interface_id, named=True)
    if subnet_id is None:
        return None
    subnet = subnet_of(search, subnet_id, named=True)
    if isinstance(subnet, Unknown):
        return subnet
    return Seat(subnet=subnet, group_ids=search.source.group_ids or not_told(search.source.id))


def by_interface(search: Search) -> Placement:
    """Return the placement of a network interface."""
    return seated(search, seat_of(search, search.source.id, named=True))


def seated(search: Search, seat: Seat | Unknown) -> Placement:
    """Return the placement of an interface, on the platform of what it belongs to."""
    interface = None if isinstance(seat, Unknown) else seat.interface
    if interface is None:
        return one(search, seat)
    if interface.interface_type == "lambda":
        return one(search, seat, platform="lambda")
    if interface.instance_id is None:
        return one(search, seat)
    host = search.world.instances.find(interface.instance_id, region=search.region)
    if isinstance(host, Unknown):
        return one(search, seat, platform_gap=host)
    return one(search, seat, platform=(host.platform if host is not None else "") or "linux")


def instance(search: Search, instance_id: str, interface_id: str | None) -> Placement:
    """Return the placement of an instance: its primary interface unless one is named."""
    found = search.world.instances.find(instance_id, region=search.region)
    attached = [i for i in search.listed if i.instance_id == instance_id]
    attached.sort(key=lambda i: (i.device_index is None, i.device_index or 0))
    if found is None and not attached:
        raise UnknownSourceError(instance_id)
    ids = tuple(i.id for i in attached)
    if found is None or isinstance(found, Unknown):
        gap = found if found is not None else not_told(instance_id)
        if not ids:
            return one(search, gap)
        return one(search, seat_of(search, interface_id or ids[0], named=False), platform_gap=gap)
    ids = found.interface_ids or ids
    component = Component(type="instance", id=instance_id, account=found.owner, region=search.region)
    findings = []
    chosen = interface_id or (ids[0] if ids else None)
    if found.state != "running":
        arguments = (("instance", instance_id), ("state", found.state))
        findings.append(info("source.instance-not-running", component, arguments))
    if interface_id is None and len(ids) > 1:
        others = tuple(i for i in ids if i != chosen)
        arguments_many = (("instance", instance_id), ("interfaces", others))
        findings.append(info("source.other-interfaces", component, arguments_many))
    more = {
        "platform": found.platform or "linux",
        "findings": tuple(findings),
    }
    if chosen is None:
        # a terminated instance has no interface any more
        return one(search, not_told(instance_id), **more)
    return one(search, seat_of(search, chosen, named=interface_id is not None), **more)


def info(
    code: str, component: Component, arguments: tuple[tuple[str, str | tuple[str, ...]], ...]
) -> Finding:
    """Return a finding of the source that is merely worth knowing."""
    return Finding(
        code=code, check="source", component=component, arguments=arguments, severity=Severity.INFO
    )


def by_instance(search: Search) -> Placement:
    """Return the placement of an instance that is the source: of several interfaces the one that is named.

    Raises `ElsewhereError` for an interface or a subnet that is not the instance's.
    """
    source = search.source
    if source.interface_id is not None:
        named = search.world.network_interfaces.get(source.interface_id)
        if named is not None and named.instance_id not in {None, source.id}:
            raise ElsewhereError(source.interface_id, source.id)
        return instance(search, source.id, source.interface_id)
    return instance(search, source.id, _in_subnet(search))


def _in_subnet(search: Search) -> str | None:
    """Return the instance's first interface in the subnet that the question names, None if it names none."""
    source = search.source
    attached = [i for i in search.listed if i.instance_id == source.id]
    attached.sort(key=lambda i: (i.device_index is None, i.device_index or 0))
    found = next((i.id for i in attached if i.subnet_id == source.subnet_id), None)
    if found is None and attached and source.subnet_id is not None:
        raise ElsewhereError(source.id, source.subnet_id)
    return found


def by_subnet(search: Search) -> Placement:
    """Return the placement of a workload that is yet to be started in a subnet."""
    source = search.source
    subnet = subnet_of(search, source.id, named=True)
    if isinstance(subnet, Unknown):
        return one(search, subnet)
    groups = source.group_ids if source.group_ids is not None else not_told(subnet.id)
    public = subnet.map_public_ip_on_launch
    arguments = (("subnet", subnet.id), ("public", public))
    return one(
        search,
        Seat(subnet=subnet, group_ids=groups, public=public),
        assumptions=(Assumption(code="assumption.public-address", arguments=arguments),),
    )
