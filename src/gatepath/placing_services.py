"""Where managed workloads and bare addresses sit: Lambda functions, ECS tasks and services, IP addresses."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from gatepath.model.naming import Arn, is_service_name
from gatepath.model.network import Address, EndpointType, NetworkInterface
from gatepath.model.question import Question, SourceKind
from gatepath.model.ref import Unknown, unknown
from gatepath.model.workload import EcsWorkload, LambdaFunction
from gatepath.model.world import World
from gatepath.packets import parse_address
from gatepath.placing import (
    Placement,
    Search,
    Seat,
    UnknownSourceError,
    by_instance,
    by_interface,
    by_subnet,
    instance,
    not_told,
    one,
    placed_by_name,
    seat_of,
    seated,
    subnet_of,
)
from gatepath.placing_pods import by_pod
from gatepath.trace import Assumption, Component, Finding

_LAMBDA_ENI = "AWS Lambda VPC ENI-"


def function(search: Search) -> Placement:
    """Return the placement of a Lambda function: one seat a subnet.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
    """
    source = search.source
    arn = Arn.parse(source.id)
    name = (arn.resource.removeprefix("function:") if arn is not None else source.id).split(":")[0]
    found = search.world.lambda_functions.find(f"{search.region}/{name}", region=search.region)
    named = placed_by_name(search, source.interface_id, source.subnet_id)
    if found is None and named is None:
        raise UnknownSourceError(source.id)
    if found is None or isinstance(found, Unknown):
        seats = named if named is not None else _by_description(search, name)
        if seats is None:
            seats = found if isinstance(found, Unknown) else not_told(name)
        return one(search, seats, platform="lambda")
    more = Placement(
        region=search.region,
        account=found.account,
        platform="lambda",
        env=found.environment,
    )
    if not found.subnet_ids and named is None:
        return replace(more, seats=(Seat(subnet=None),), findings=(_without_vpc(found),))
    return replace(more, seats=_function_seats(search, found, named))


def _without_vpc(found: LambdaFunction) -> Finding:
    component = Component(
        type="lambda-function", id=found.arn or found.name, account=found.account, region=found.region
    )
    return Finding(
        code="source.function-outside-vpc",
        check="source",
        component=component,
        arguments=(("function", found.name),),
    )


def _function_seats(
    search: Search, found: LambdaFunction, named: Seat | Unknown | None
) -> tuple[Seat, ...] | Unknown:
    if isinstance(named, Unknown):
        return named
    if named is not None and named.interface is not None:
        return (replace(named, ipv6=found.ipv6_allowed_for_dual_stack, public=False),)
    wanted = (named.subnet.id,) if named is not None and named.subnet is not None else found.subnet_ids
    seats = []
    for subnet_id in wanted:
        subnet = subnet_of(search, subnet_id, named=False)
        if isinstance(subnet, Unknown):
            return subnet
        seats.append(
            Seat(
                subnet=subnet,
                interface=_shared_interface(search, subnet_id, found.group_ids),
                group_ids=found.group_ids or not_told(found.name),
                public=False,
                ipv6=found.ipv6_allowed_for_dual_stack,
            )
        )
    return tuple(seats)


def _shared_interface(search: Search, subnet_id: str, group_ids: tuple[str, ...]) -> NetworkInterface | None:
    """Return the interface that functions with the same subnet and groups share."""
    return next(
        (
            i
            for i in search.listed
            if i.interface_type == "lambda"
            and i.subnet_id == subnet_id
            and set(i.group_ids) == set(group_ids)
        ),
        None,
    )


def _by_description(search: Search, name: str) -> Seat | Unknown | None:
    """Return the seat of an interface that Lambda made for the function and named after it."""
    mine = [i for i in search.listed if i.description.startswith(f"{_LAMBDA_ENI}{name}-")]
    return seat_of(search, mine[0].id, named=False) if mine else None


def ecs(search: Search) -> Placement:
    """Return the placement of an ECS task or service: its own interfaces, or its container instance's.

    Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking.html
    """
    source = search.source
    found = _workload(search)
    named = placed_by_name(search, source.interface_id, source.subnet_id)
    if found is None and named is None:
        raise UnknownSourceError(source.id)
    if found is None or isinstance(found, Unknown):
        return one(search, named or found or not_told(source.id), platform_gap=found)
    if named is not None:
        return replace(one(search, named, env=found.environment), **_platform(found))
    own = found.interface_ids or found.subnet_ids
    mode = "awsvpc" if isinstance(found.network_mode, Unknown) and own else found.network_mode
    if isinstance(mode, Unknown):
        return one(search, mode, env=found.environment)
    if mode == "awsvpc":
        made = Placement(region=search.region, account=found.account, env=found.environment)
        return replace(made, seats=_task_seats(search, found), **_platform(found))
    host = found.container_instance_id or ""
    if not host.startswith("i-"):
        operation = "DescribeContainerInstances" if host else "DescribeTasks"
        return one(search, unknown("ecs", operation, region=search.region), env=found.environment)
    placed = instance(search, host, None)
    assumed = Assumption(
        code="assumption.container-uses-instance", arguments=(("instance", host), ("mode", mode))
    )
    return replace(placed, env=found.environment, assumptions=(*placed.assumptions, assumed))


def _platform(found: EcsWorkload) -> dict[str, Any]:
    """Return the fields of `Placement` that say on which platform a task with its own interface runs."""
    if isinstance(found.platform, Unknown):
        return {"platform_gap": found.platform}
    return {"platform": found.platform}


def _workload(search: Search) -> EcsWorkload | Unknown | None:
    wanted = search.source.id
    arn = Arn.parse(wanted)
    path = (arn.resource.partition("/")[2] if arn is not None else wanted).split("/")
    rows = [w for w in search.world.ecs_workloads if w.region == search.region]
    for row in rows:
        name = row.name.rsplit("/", 1)[-1]
        cluster = row.cluster.rsplit("/", 1)[-1]
        if wanted == row.name or (path[-1] == name and (len(path) == 1 or path[-2] == cluster)):
            return row
    key = f"{search.region}/{'/'.join(path[-2:])}"
    found = search.world.ecs_workloads.find(key, region=search.region)
    if not isinstance(found, Unknown):
        return found
    operation = "DescribeTasks" if search.source.kind is SourceKind.ECS_TASK else "DescribeServices"
    gaps = tuple(gap for gap in found.gaps if gap.operation == operation)
    return Unknown(gaps) if gaps else unknown("ecs", operation, region=search.region)


def _task_seats(search: Search, found: EcsWorkload) -> tuple[Seat, ...] | Unknown:
    seats: list[Seat] = []
    for interface_id in found.interface_ids:
        seat = seat_of(search, interface_id, named=False)
        if isinstance(seat, Unknown):
            break
        seats.append(seat)
    if seats and len(seats) == len(found.interface_ids):
        return tuple(seats)
    seats = []
    for subnet_id in found.subnet_ids:
        subnet = subnet_of(search, subnet_id, named=False)
        if isinstance(subnet, Unknown):
            return subnet
        groups = found.group_ids or not_told(found.name)
        seats.append(Seat(subnet=subnet, group_ids=groups, public=found.assign_public_ip))
    return tuple(seats) if seats else not_told(found.name)


def addressed(search: Search) -> Placement:
    """Return the placement of an IP address: the interface that has it, else a recorded subnet, else outside."""
    source = search.source
    address = parse_address(source.id)
    if address is None:
        raise UnknownSourceError(source.id)
    named = placed_by_name(search, source.interface_id, source.subnet_id)
    if named is not None:
        return seated(search, named if isinstance(named, Unknown) else replace(named, address=address))
    mine = [
        i
        for i in search.listed
        if address in i.addresses or any(address == public for _, public in i.public_addresses)
    ]
    if len(mine) == 1:
        seat = seat_of(search, mine[0].id, named=False)
        own = next((a for a, public in mine[0].public_addresses if public == address), address)
        return seated(search, seat if isinstance(seat, Unknown) else replace(seat, address=own))
    if mine:
        return one(search, not_told(source.id))
    return _unowned(search, address)


def _unowned(search: Search, address: Address) -> Placement:
    """Return the placement of an address that no recorded interface has."""
    source, world = search.source, search.world
    subnets = [s for s in world.subnets if s.region == search.region and s.holds(address)]
    if len(subnets) == 1:
        gap = world.network_interfaces.missing(region=search.region, vpc_id=subnets[0].vpc_id)
        groups = gap if gap is not None else not_told(source.id)
        return one(search, Seat(subnet=subnets[0], address=address, group_ids=groups))
    if len(subnets) > 1:
        return one(search, not_told(source.id))
    gap = world.subnets.missing(region=search.region)
    if gap is not None and address.is_private:
        return one(search, gap)
    return one(search, Seat(subnet=None, address=address))


def outside(search: Search) -> Placement:
    """Return the placement of a source that is in no VPC."""
    return one(search, Seat(subnet=None))


_KINDS: dict[SourceKind, Callable[[Search], Placement]] = {
    SourceKind.INSTANCE: by_instance,
    SourceKind.NETWORK_INTERFACE: by_interface,
    SourceKind.LAMBDA: function,
    SourceKind.ECS_TASK: ecs,
    SourceKind.ECS_SERVICE: ecs,
    SourceKind.EKS_POD: by_pod,
    SourceKind.SUBNET: by_subnet,
    SourceKind.IP: addressed,
    SourceKind.EXTERNAL: outside,
}


def place(question: Question, world: World, region: str) -> Placement:
    """Return where the source sits. Raises `UnknownSourceError` for an id that does not exist."""
    placed = _KINDS[question.source.kind](Search(question.source, world, region))
    if isinstance(placed.seats, Unknown) or placed.findings:
        return placed
    if any(seat.subnet is not None for seat in placed.seats):
        return placed
    return replace(placed, findings=(_outside_vpc(question, world, region),))


def _outside_vpc(question: Question, world: World, region: str) -> Finding:
    """Return the finding of a source in no VPC, on the gateway endpoint that can't serve it."""
    endpoints = [
        endpoint
        for endpoint in world.vpc_endpoints
        if endpoint.type is EndpointType.GATEWAY
        and is_service_name(endpoint.service_name, region, question.service)
    ]
    component = Component(type="client", id="client:source", region=region)
    if endpoints:
        first = endpoints[0]
        component = Component(type="vpc-endpoint", id=first.id, account=first.owner, region=region)
    listed = ", ".join(endpoint.id for endpoint in endpoints) or "-"
    arguments = (("source", question.source.id), ("endpoints", listed))
    return Finding(code="source.outside-vpc", check="source", component=component, arguments=arguments)
