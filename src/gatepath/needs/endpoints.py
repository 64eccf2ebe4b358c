"""Interface endpoints that would give hosts a way, tried: put into the world, and the host judged again.

Source: https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
"""

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Network
from itertools import islice

from gatepath.checks.base import parts_of
from gatepath.model.network import Address, EndpointType, NetworkInterface, Subnet, VpcEndpoint
from gatepath.model.ref import CallRef, Ref
from gatepath.model.world import World
from gatepath.needs.catalogue import NeededHost
from gatepath.needs.hosts import judge_host
from gatepath.needs.results import EndpointTrial
from gatepath.request import Request
from gatepath.trace import Verdict

_NEW = "to-be-created"
_RESERVED = 4
"""Addresses at the start of a subnet that AWS keeps: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html"""
_SEARCHED = 1024


def try_endpoint(home: Request, world: World, host: NeededHost) -> EndpointTrial:
    """Return whether an endpoint in the source's own subnets, open to everybody, would give the host a way."""
    changed = _with_endpoint(home, world, host)
    service = host.endpoint_service(home.region)
    if changed is None:
        return EndpointTrial(service_name=service, verified=False)
    after = judge_host(home, changed, "", host)
    way = after.verdict is Verdict.OK and after.component == f"vpce-{_NEW}"
    return EndpointTrial(service_name=service, verified=way, because=after.because)


def _with_endpoint(home: Request, world: World, host: NeededHost) -> World | None:
    """Return the world with the endpoint; None where no subnet of the source's is known or has room."""
    rows = [row for row in (_interface(world, subnet) for subnet in _subnets(home)) if row is not None]
    if not rows:
        return None
    interfaces = world.network_interfaces
    for row in rows:
        interfaces = interfaces.with_row(row.id, row, row.vpc_id)
    first = rows[0]
    endpoint = VpcEndpoint(
        id=f"vpce-{_NEW}",
        region=home.region,
        type=EndpointType.INTERFACE,
        vpc_id=first.vpc_id,
        owner=first.owner,
        service_name=host.endpoint_service(home.region),
        state="available",
        last_error="",
        policy_document=None,
        route_table_ids=(),
        subnet_ids=tuple(row.subnet_id for row in rows),
        group_ids=(),
        interface_ids=tuple(row.id for row in rows),
        ip_address_type="ipv4",
        dns_record_ip_type="ipv4",
        private_dns_enabled=True,
        private_dns_only_for_inbound_resolver=False,
        dns_names=(host.name(home.region, home.account),),
        ref=first.ref,
    )
    endpoints = world.vpc_endpoints.with_row(endpoint.id, endpoint, endpoint.vpc_id)
    return replace(world, network_interfaces=interfaces, vpc_endpoints=endpoints)


def _subnets(home: Request) -> tuple[Subnet, ...]:
    found = {part.subnet.id: part.subnet for part in parts_of(home) if part.subnet is not None}
    return tuple(found.values())


def _interface(world: World, subnet: Subnet) -> NetworkInterface | None:
    address = next(_free(world, subnet), None)
    if address is None:
        return None
    return NetworkInterface(
        id=f"eni-{_NEW}-{subnet.id}",
        region=subnet.region,
        vpc_id=subnet.vpc_id,
        subnet_id=subnet.id,
        owner=subnet.owner,
        addresses=(address,),
        public_addresses=(),
        group_ids=(),
        interface_type="vpc_endpoint",
        description="",
        requester_managed=True,
        source_dest_check=True,
        status="in-use",
        instance_id=None,
        device_index=None,
        ref=Ref(CallRef(index=0, account="", region=subnet.region, service="ec2", operation="")),
    )


def _free(world: World, subnet: Subnet) -> Iterator[Address]:
    """Yield the subnet's IPv4 addresses that nobody is known to have."""
    used = {a for row in world.network_interfaces.of_vpc(subnet.vpc_id) for a in row.addresses}
    for cidr in subnet.cidrs:
        if isinstance(cidr, IPv4Network):
            # hosts() leaves out the network's own and the broadcast address
            yield from (a for a in islice(cidr.hosts(), _RESERVED - 1, _SEARCHED) if a not in used)
