"""Names of interface endpoints: private DNS inside the VPC, and endpoint-specific names.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html,
https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html and
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/privatelink-interface-endpoints.html
"""

from dataclasses import dataclass, replace

from gatepath.engine.resolution import Outcome, Resolution, hidden, within
from gatepath.model.naming import dns_suffix, is_service_name
from gatepath.model.network import Address, EndpointType, Vpc, VpcEndpoint
from gatepath.model.ref import GapReason, Unknown, unknown
from gatepath.model.world import World, dangling
from gatepath.trace import Component


@dataclass(frozen=True, slots=True)
class PrivateName:
    """An interface endpoint whose private DNS answers a name: it acts as a zone of AWS for `domain`."""

    endpoint: VpcEndpoint
    domain: str


def private_name(world: World, vpc: Vpc, name: str) -> PrivateName | None:
    """Return the interface endpoint of the VPC whose private DNS covers a name most closely."""
    found = [
        PrivateName(endpoint, domain)
        for endpoint in world.vpc_endpoints.of_vpc(vpc.id)
        if _has_private_dns(endpoint)
        for domain in _domains(endpoint, vpc)
        if within(name, domain)
    ]
    return max(found, key=lambda one: len(one.domain), default=None)


def s3_domain(vpc: Vpc, name: str) -> str | None:
    """Return the domain by which an S3 interface endpoint would cover a name; None = it would not.

    The Regional name with its buckets, access points and control names; not the global name, dash names,
    FIPS or website names.
    """
    return next((domain for domain in _s3_domains(vpc) if within(name, domain)), None)


def _s3_domains(vpc: Vpc) -> tuple[str, ...]:
    suffix = f"{vpc.region}.{dns_suffix(vpc.region)}"
    return tuple(f"{word}.{suffix}" for word in ("s3", "s3-control", "s3-accesspoint"))


def _has_private_dns(endpoint: VpcEndpoint) -> bool:
    return (
        endpoint.type is EndpointType.INTERFACE
        and endpoint.private_dns_enabled
        and not endpoint.private_dns_only_for_inbound_resolver
        and endpoint.available
    )


def _domains(endpoint: VpcEndpoint, vpc: Vpc) -> tuple[str, ...]:
    """Return the domains it covers: S3's by the rule, others by what AWS lists; DynamoDB's has none."""
    if is_service_name(endpoint.service_name, vpc.region, "dynamodb"):
        return ()
    listed = tuple(n.removeprefix("*.") for n in endpoint.dns_names if ".vpce." not in n)
    if is_service_name(endpoint.service_name, vpc.region, "s3"):
        return (*_s3_domains(vpc), *listed)
    return listed


def by_private_name(world: World, found: PrivateName, name: str, version: int) -> Resolution:
    """Return the addresses by which an endpoint's private DNS answers."""
    endpoint = found.endpoint
    return replace(
        of_endpoint(world, endpoint, name, version),
        code="dns.interface-endpoint-answers",
        decider=Component(
            type="vpc-endpoint", id=endpoint.id, account=endpoint.owner, region=endpoint.region
        ),
        arguments=(("endpoint", endpoint.id), ("hostname", name)),
        refs=(endpoint.ref,),
    )


def specific(world: World, vpc: Vpc, name: str, version: int) -> Resolution:
    """Return the addresses behind an endpoint-specific name (public DNS answers it with private addresses)."""
    endpoint_id = next((part for label in name.split(".") for part in [_endpoint_id(label)] if part), None)
    endpoint = world.vpc_endpoints.get(endpoint_id) if endpoint_id is not None else None
    if endpoint is not None:
        return of_endpoint(world, endpoint, name, version)
    gap = world.vpc_endpoints.missing(region=vpc.region) or unknown(
        "ec2", "DescribeVpcEndpoints", GapReason.NOT_IN_API, detail=endpoint_id or name
    )
    return hidden(name, gap)


def _endpoint_id(label: str) -> str | None:
    """Return the endpoint id in a label such as `vpce-0123-abcd` or `vpce-0123-abcd-eu-west-1a`."""
    return "-".join(label.split("-")[:2]) if label.startswith("vpce-") else None


def of_endpoint(world: World, endpoint: VpcEndpoint, name: str, version: int) -> Resolution:
    """Return the addresses of all the endpoint's interfaces (names answer with each in turn)."""
    if not endpoint.interface_ids:
        gap = dangling("ec2", "DescribeVpcEndpoints", endpoint.id, endpoint.region)
        return replace(hidden(name, gap), endpoint=endpoint)
    addresses: list[Address] = []
    for interface_id in endpoint.interface_ids:
        interface = world.network_interfaces.find(
            interface_id, region=endpoint.region, account=endpoint.owner, vpc_id=endpoint.vpc_id
        )
        if interface is None:
            interface = dangling("ec2", "DescribeNetworkInterfaces", interface_id, endpoint.region)
        if isinstance(interface, Unknown):
            return replace(hidden(name, interface), endpoint=endpoint)
        addresses.extend(a for a in interface.addresses if a.version == version)
    outcome = Outcome.ADDRESSES if addresses else Outcome.NO_DATA
    return Resolution(outcome=outcome, name=name, addresses=tuple(addresses), endpoint=endpoint)


def endpoint_at(world: World, vpc: Vpc, address: Address) -> VpcEndpoint | None:
    """Return the interface endpoint that owns an address as seen from a VPC.

    An address of the VPC's own blocks is nobody else's; other VPCs' endpoints may be reached too.
    """
    own = any(address in cidr for cidr in vpc.cidrs)
    interfaces = world.network_interfaces
    for endpoint in world.vpc_endpoints.of_vpc(vpc.id) if own else world.vpc_endpoints:
        rows = [interfaces.get(interface_id) for interface_id in endpoint.interface_ids]
        if endpoint.type is EndpointType.INTERFACE and any(
            row is not None and address in row.addresses for row in rows
        ):
            return endpoint
    return None
