"""Addresses behind peerings, of pods, of AWS's own zones: what a list proves about them, and what it doesn't."""

from ipaddress import ip_address

import pytest
from tests import scenarios as sc
from tests import scenarios_clients as clients
from tests import snapshots as s
from tests.snapshots import Json, Snapshot
from tests.unit.test_dns_servers import UDP53, above_info, paths, record, with_every_call, without_default

from gatepath.snapshot.record import SnapshotError
from gatepath.trace import Certainty, Verdict

STRANGER = "999988887777"


def proxied_by(address: str) -> Json:
    env = {"https_proxy": f"http://{address}:3128"}
    return s.question(client=s.client(sdk="botocore", env=env))


def peered(owner: str, region: str = s.REGION) -> Snapshot:
    made = s.sound()
    sc._peered(made)
    made.rows("ec2.DescribeVpcPeeringConnections")[0]["AccepterVpcInfo"] |= {
        "OwnerId": owner,
        "Region": region,
    }
    sc.private_routes(made).append(s.route("10.9.0.0/16", VpcPeeringConnectionId=sc.PEERING))
    return made


@pytest.mark.parametrize(("owner", "region"), [(STRANGER, s.REGION), (s.ACCOUNT, sc.OTHER)])
def test_a_peer_that_nobody_recorded_may_hold_any_address(owner: str, region: str) -> None:
    """The own account's list says nothing about interfaces of another account or Region."""
    found = with_every_call(peered(owner, region), proxied_by("10.9.0.30"))
    assert found.verdict is Verdict.UNKNOWN
    server = peered(owner, region)
    clients.servers(server, "10.9.0.53")
    assert s.ask(server).verdict is Verdict.UNKNOWN
    zone = peered(owner, region)
    clients.zone(zone, f"s3.{s.REGION}.amazonaws.com", [record(f"*.s3.{s.REGION}.amazonaws.com", "10.9.0.7")])
    assert s.ask(zone).verdict is Verdict.UNKNOWN


def test_a_peer_of_the_own_account_holds_what_the_list_says() -> None:
    found = s.ask(peered(s.ACCOUNT), proxied_by("10.9.0.30"))
    assert (found.verdict, paths(found)) == (Verdict.BLOCKED, {"dropped client:https_proxy"})


def with_pods(made: Snapshot) -> Snapshot:
    """Give a node a block of addresses for its pods."""
    made.rows("ec2.DescribeNetworkInterfaces").append(
        s.interface(
            "eni-0f1", s.PUBLIC, "10.0.200.40", ("sg-0f1",), Ipv4Prefixes=[{"Ipv4Prefix": "10.0.200.64/28"}]
        )
    )
    rules = [UDP53, s.permission("tcp", 3128, cidrs=["10.0.0.0/16"])]
    made.rows("ec2.DescribeSecurityGroups").append(s.group("sg-0f1", ingress=rules))
    return made


def test_an_address_of_an_interface_s_prefix_is_somebody_s() -> None:
    made = with_pods(s.sound())
    clients.servers(made, "10.0.200.70")
    assert s.ask(made).verdict is Verdict.UNKNOWN
    clients.servers(made, "10.0.200.90")
    assert s.ask(made).verdict is Verdict.BLOCKED


def test_a_proxy_in_a_pod() -> None:
    made = with_pods(s.sound())
    found = s.ask(made, proxied_by("10.0.200.70"))
    assert "proxy.no-such-host" not in {f.code for f in found.findings}
    assert "proxy.no-such-host" in {f.code for f in s.ask(made, proxied_by("10.0.200.90")).findings}


def test_prefixes_of_both_ip_versions_are_read() -> None:
    made = with_pods(s.sound())
    row = made.row("ec2.DescribeNetworkInterfaces", NetworkInterfaceId="eni-0f1")
    row["Ipv6Prefixes"] = [{"Ipv6Prefix": "2001:db8:1::/80"}]
    interface = made.world().network_interfaces.rows["eni-0f1"]
    assert [str(prefix) for prefix in interface.prefixes] == ["10.0.200.64/28", "2001:db8:1::/80"]
    assert interface.held[0] == ip_address("10.0.200.40")


def from_office(made: Snapshot, env: Json) -> Json:
    clients.proxied(made)
    client = s.client(sdk="botocore", env=env)
    return {**s.question(client=client), "source": {"external": "office"}}


def test_a_proxy_in_the_vpc_works_for_clients_outside() -> None:
    made = s.sound()
    found = with_every_call(made, from_office(made, clients.PROXY))
    assert (found.verdict, {path.kind for path in found.paths}) == (Verdict.BYPASS, {"internet"})


def test_a_proxy_in_the_vpc_without_a_way_does_not_work_for_clients_outside() -> None:
    made = s.sound()
    asked = from_office(made, clients.PROXY)
    made.row("ec2.DescribeRouteTables", RouteTableId=s.PUBLIC_TABLE)["Routes"].pop()
    found = with_every_call(made, asked)
    assert found.verdict is Verdict.BLOCKED
    assert s.PUBLIC_TABLE in above_info(found)


def test_a_proxy_outside_all_recorded_vpcs_is_taken_to_work() -> None:
    made = s.sound()
    asked = from_office(made, {"https_proxy": "http://192.168.3.3:3128"})
    assert s.ask(made, asked).verdict is Verdict.BYPASS


def aws_zone(made: Snapshot) -> None:
    """List the zone that AWS keeps for an interface endpoint's private DNS; its records can't be read."""
    summary = {
        "HostedZoneId": "ZAWS",
        "Name": f"s3.{s.REGION}.amazonaws.com.",
        "Owner": {"OwningService": "vpce.amazonaws.com"},
    }
    made.replace_call(
        "route53.ListHostedZonesByVPC",
        {"VPCId": s.VPC, "VPCRegion": s.REGION},
        response={"HostedZoneSummaries": [summary]},
    )


@pytest.mark.parametrize("inbound_only", [True, False])
def test_the_zone_behind_private_dns_is_read_off_the_endpoint(inbound_only: bool) -> None:
    made = s.sound()
    clients.interface_endpoint(made, private_dns=True)
    aws_zone(made)
    options = {"DnsRecordIpType": "ipv4", "PrivateDnsOnlyForInboundResolverEndpoint": inbound_only}
    made.rows("ec2.DescribeVpcEndpoints")[-1]["DnsOptions"] = options
    found = with_every_call(made, s.question())
    assert found.verdict is (Verdict.OK if inbound_only else Verdict.BYPASS)


def test_an_unread_zone_of_another_account_is_open() -> None:
    made = s.sound()
    aws_zone(made)
    for call in made.calls:
        if call["operation"] == "ListHostedZonesByVPC":
            call["response"]["HostedZoneSummaries"][0]["Owner"] = {"OwningAccount": STRANGER}
    assert s.ask(made).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(("nat", "verdict"), [(True, "bypass"), (False, "blocked")])
def test_a_service_of_another_region_without_known_addresses(nat: bool, verdict: str) -> None:
    """No list and no published ranges: somewhere public, outside this Region's lists, all faring alike."""
    host = f"b--euw2-az1--x-s3.s3express-euw2-az1.{sc.OTHER}.amazonaws.com"
    client = {"region": sc.OTHER, "hostname": host, "port": 443}
    arn = f"arn:aws:s3express:{sc.OTHER}:{s.ACCOUNT}:bucket/b--euw2-az1--x-s3"
    asked = {**s.question(client=client, resource=arn), "service": "s3express"}
    asked["action"] = "s3express:CreateSession"
    found = s.ask(s.sound() if nat else without_default(s.sound()), asked)
    assert (found.verdict, found.certainty) == (verdict, Certainty.SUSPECT)


def test_a_block_that_is_no_block_is_told_with_its_place() -> None:
    made = with_pods(s.sound())
    made.row("ec2.DescribeNetworkInterfaces", NetworkInterfaceId="eni-0f1")["Ipv4Prefixes"] = [
        {"Ipv4Prefix": "ten"}
    ]
    with pytest.raises(SnapshotError, match="Ipv4Prefixes"):
        made.world().network_interfaces.get("eni-0f1")
