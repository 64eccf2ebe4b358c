"""Puts right, in moto's memory, what moto leaves untrue after a write call.

Each function names the AWS behaviour it restores. Only attributes of moto's own objects are touched.
"""

import ipaddress
import json
from functools import cache
from pathlib import Path
from typing import Any

PREFIX_LISTS = Path(__file__).with_name("prefix_lists.json")
DENY_ALL_RULE = 32767


@cache
def prefix_lists() -> dict[str, dict[str, dict[str, Any]]]:
    """Return Region -> service -> `{"id", "cidrs"}`; the id is missing where no public source tells it."""
    regions: dict[str, dict[str, dict[str, Any]]] = json.loads(PREFIX_LISTS.read_text("utf-8"))["regions"]
    return regions


def put_right() -> None:
    """Put all EC2 backends right, of every account and Region in use."""
    for backend in list(_all_backends()):
        for step in (
            _real_prefix_lists,
            _endpoints,
            _endpoint_routes,
            _blackholes,
            _final_denies,
            _default_dhcp_options,
            _addresses_inside_subnets,
        ):
            step(backend)


def _all_backends() -> Any:
    from moto.ec2.models import ec2_backends

    for regions in list(ec2_backends.values()):
        yield from list(regions.values())


def _real_prefix_lists(backend: Any) -> None:
    """Give the S3 and DynamoDB lists their Region's id and addresses (moto: random ids, us-east-1's addresses)."""
    known = prefix_lists().get(backend.region_name, {})
    for old_id, listed in list(backend.managed_prefix_lists.items()):
        fact = known.get(str(listed.prefix_list_name).rpartition(".")[2])
        if listed.resource_owner_id != "AWS" or fact is None:
            continue
        if listed.prefix_list_name != f"com.amazonaws.{backend.region_name}.{_service(listed)}":
            continue
        listed.entries = {1: [{"Cidr": cidr} for cidr in fact["cidrs"]]}
        new_id = fact.get("id", old_id)
        if new_id != old_id:
            listed.id = new_id
            listed.prefix_list_arn = listed.arn(backend.region_name, "aws")
            backend.managed_prefix_lists[new_id] = backend.managed_prefix_lists.pop(old_id)


def _service(listed: Any) -> str:
    return str(listed.prefix_list_name).rpartition(".")[2]


def _endpoints(backend: Any) -> None:
    """Make Gateway the default type, and forget deleted endpoints (AWS drops them after a while)."""
    for endpoint_id, endpoint in list(backend.vpc_end_points.items()):
        if endpoint.vpc_endpoint_type is None:
            endpoint.vpc_endpoint_type = "Gateway"
        if str(endpoint.state).lower() == "deleted":
            del backend.vpc_end_points[endpoint_id]


def _endpoint_routes(backend: Any) -> None:
    """Make every associated table hold the endpoint's route, and no other table (moto: not on `AddRouteTableIds`)."""
    from moto.ec2.models.route_tables import Route

    for table in backend.route_tables.values():
        for route_id, route in list(table._routes.items()):
            target = route.gateway_id or ""
            if target.startswith("vpce-") and route.destination_prefix_list is not None:
                endpoint = backend.vpc_end_points.get(target)
                if endpoint is None or table.id not in endpoint.route_table_ids:
                    del table._routes[route_id]
    for endpoint in backend.vpc_end_points.values():
        listed = backend.managed_prefix_lists.get(endpoint.destination_prefix_list_id)
        if listed is None:
            continue
        for table_id in endpoint.route_table_ids or []:
            table = backend.route_tables.get(table_id)
            if table is not None and not any(route.gateway_id == endpoint.id for route in table.routes):
                route = Route(table, None, None, listed, gateway=endpoint)  # type: ignore[abstract] # moto makes them so too
                table._routes[route.id] = route


def _blackholes(backend: Any) -> None:
    """Turn routes to what no longer exists into blackholes."""
    for table in backend.route_tables.values():
        for route in table.routes:
            nat, interface, peering = route.nat_gateway, route.interface, route.vpc_pcx
            gone = nat is not None and nat.state in {"deleted", "deleting", "failed"}
            gone = gone or (interface is not None and interface.id not in backend.enis)
            gone = gone or (peering is not None and peering.id not in backend.vpc_pcxs)
            gateway = route.gateway_id or ""
            gone = gone or (gateway.startswith("igw-") and gateway not in backend.internet_gateways)
            if gone:
                route.__class__ = _blackhole_class()


@cache
def _blackhole_class() -> Any:
    from moto.ec2.models.route_tables import Route

    class BlackholeRoute(Route):
        @property
        def state(self) -> str:
            return "blackhole"

    return BlackholeRoute


def _final_denies(backend: Any) -> None:
    """Give every network ACL the deny entries it ends with: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html."""
    from moto.ec2.models.network_acls import NetworkAclEntry

    for acl in backend.network_acls.values():
        present = {
            entry.egress for entry in acl.network_acl_entries if int(entry.rule_number) == DENY_ALL_RULE
        }
        for egress in {True, False} - present:
            entry = NetworkAclEntry(
                backend,
                acl.id,
                DENY_ALL_RULE,
                "-1",
                "deny",
                egress,
                "0.0.0.0/0",
                None,
                None,
                None,
                None,
                None,
            )
            acl.network_acl_entries.append(entry)


def _default_dhcp_options(backend: Any) -> None:
    """Give every VPC an option set that can be described (moto: the word `default`)."""
    region = backend.region_name
    domain = "ec2.internal" if region == "us-east-1" else f"{region}.compute.internal"
    for vpc in backend.vpcs.values():
        if vpc.dhcp_options is None:
            options = backend.create_dhcp_options(
                domain_name_servers=["AmazonProvidedDNS"], domain_name=[domain]
            )
            backend.associate_dhcp_options(options, vpc)


def _addresses_inside_subnets(backend: Any) -> None:
    """Move interfaces that moto put outside their subnet (NAT gateways, endpoint interfaces) into it."""
    taken = {eni.private_ip_address for eni in backend.enis.values()}
    for eni in backend.enis.values():
        block = ipaddress.ip_network(eni.subnet.cidr_block)
        if not eni.private_ip_address or ipaddress.ip_address(eni.private_ip_address) in block:
            continue
        free = next(str(host) for host in list(block.hosts())[3:] if str(host) not in taken)
        taken.add(free)
        old, eni.private_ip_address = eni.private_ip_address, free
        for item in eni.private_ip_addresses:
            if item.get("PrivateIpAddress") == old:
                item["PrivateIpAddress"] = free
        for nat in backend.nat_gateways.values():
            if getattr(nat, "_eni", None) is eni:
                nat.private_ip = free
                for item in nat.address_set:
                    item["privateIp"] = free
