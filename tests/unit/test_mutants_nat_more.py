"""NAT gateways: several addresses, tables that lead nowhere or to an endpoint, regional ones.

https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html and
https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html
"""

import json

import pytest
from tests import scenarios as made_of
from tests import snapshots as s
from tests.unit.test_mutants_legs import S3, journey_of, walk
from tests.unit.test_mutants_nat import by_nat, codes, nat_row, regional

from gatepath.engine.legs import DROPPED, WORKS
from gatepath.trace import ANY_FATE, Fate, PathKind, Removal, Verdict


def two_addresses() -> s.Snapshot:
    made = by_nat()
    row = made.row("ec2.DescribeNatGateways", NatGatewayId=s.NAT)
    second = {
        "PublicIp": "203.0.113.21",
        "PrivateIp": "10.0.200.21",
        "IsPrimary": False,
        "Status": "succeeded",
    }
    row["NatGatewayAddresses"].append(second)
    return made


def test_which_of_several_public_addresses_a_nat_gateway_takes_is_not_known() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html"""
    (end,) = walk(two_addresses(), S3)[0]
    assert (end.kind, end.fates, end.gaps) == (PathKind.NAT_GATEWAY, WORKS, ())
    assert end.seen_as.address is None


@pytest.mark.parametrize("allowed", [s.NAT_EIP, "203.0.113.21"])
def test_a_policy_for_one_address_of_a_nat_gateway_is_neither_met_nor_missed(allowed: str) -> None:
    made = two_addresses()
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    condition = {"IpAddress": {"aws:SourceIp": f"{allowed}/32"}}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]})
    made.add_call("s3", "GetBucketPolicy", {"Bucket": "data"}, response={"Policy": policy})
    asked = s.question(principal={"anonymous": True})
    assert s.ask(made, asked, network=False).verdict is Verdict.UNKNOWN
    addresses = made.row("ec2.DescribeNatGateways", NatGatewayId=s.NAT)["NatGatewayAddresses"]
    addresses[:] = [row for row in addresses if row["PublicIp"] != allowed]
    assert s.ask(made, asked, network=False).verdict is Verdict.DENIED


def codes_of(made: s.Snapshot) -> list[str]:
    return codes(walk(made, S3)[1])


def public_routes(made: s.Snapshot, *routes: s.Json) -> s.Snapshot:
    made.row("ec2.DescribeRouteTables", RouteTableId=s.PUBLIC_TABLE)["Routes"][:] = [s.LOCAL, *routes]
    return made


def test_a_nat_gateways_table_without_a_way_is_one_fault() -> None:
    """It is the NAT gateway's table that leads nowhere; no second finding says the same."""
    made = public_routes(by_nat())
    (end,), notes = walk(made, S3)
    assert codes(notes) == ["route.nat-without-way-out"]
    table = journey_of(made).world.route_tables.get(s.PUBLIC_TABLE)
    assert table is not None
    assert (end.component, notes.faults[0].refs) == (s.PUBLIC_TABLE, (table.ref,))


def test_a_nat_gateway_in_the_senders_own_subnet_leads_back_before_any_acl() -> None:
    made = by_nat()
    nat_row(made)["SubnetId"] = s.PRIVATE
    outside = s.entry(5, egress=False, allow=False, CidrBlock="10.0.0.0/16")
    made_of.own_acl(made, [s.entry(10, egress=True), outside, s.entry(10, egress=False)])
    (end,) = walk(made, S3)[0]
    assert end.culprit == Removal(check="route", component=s.PRIVATE_TABLE)


def test_rules_met_behind_a_nat_gateway_are_told() -> None:
    made = public_routes(by_nat(), s.route("0.0.0.0/0", NetworkInterfaceId="eni-0b1"))
    made.rows("ec2.DescribeSecurityGroups").append(
        s.group("sg-0b1", ingress=[s.permission(cidrs=["10.0.0.0/8"])])
    )
    eni = s.interface("eni-0b1", s.PUBLIC, "10.0.200.40", ("sg-0b1",), SourceDestCheck=False)
    made.rows("ec2.DescribeNetworkInterfaces").append(eni)
    assert "sg-0b1" in {hit.component for hit in walk(made, S3)[1].hits}


def with_endpoint_behind(state: str = "available") -> s.Snapshot:
    made = public_routes(by_nat(), s.route(s.S3_LIST, GatewayId=s.ENDPOINT))
    made.rows("ec2.DescribeVpcEndpoints")[0].update(RouteTableIds=[s.PUBLIC_TABLE], State=state)
    return made


def test_an_endpoint_behind_a_nat_gateway_is_a_suspicion() -> None:
    """Whether AWS's NAT gateways and gateway endpoints work together is told differently by its pages."""
    ends, notes = walk(with_endpoint_behind(), S3)
    assert {end.fates for end in ends} == {WORKS}
    (fault,) = notes.faults
    assert (fault.code, fault.suspect, fault.component.id) == (
        "route.nat-then-endpoint",
        True,
        s.PRIVATE_TABLE,
    )
    assert dict(fault.arguments)["endpoint"] == s.ENDPOINT
    assert set(codes_of(with_endpoint_behind("failed"))) == {"route.endpoint-not-available"}


@pytest.mark.parametrize("recorded", [True, False])
def test_a_nat_gateway_whose_subnet_is_not_recorded_is_open(recorded: bool) -> None:
    made = by_nat()
    rows = made.rows("ec2.DescribeSubnets")
    rows[:] = [row for row in rows if row["SubnetId"] != s.PUBLIC]
    if not recorded:
        made.lists["ec2.DescribeSubnets"]["NextToken"] = "more"
    (end,) = walk(made, S3)[0]
    assert end.fates == ANY_FATE - {Fate.GATEWAY}
    assert [gap.operation for gap in end.gaps[0].gaps] == ["DescribeSubnets"]


def test_blocking_ingress_leaves_regional_nat_open() -> None:
    made = regional()
    options = made.lists["ec2.DescribeVpcBlockPublicAccessOptions"]["VpcBlockPublicAccessOptions"]
    options["InternetGatewayBlockMode"] = "block-ingress"
    assert walk(made, S3)[0][0].fates == WORKS


def test_an_appliance_attached_to_a_regional_nat_gateway_may_drop() -> None:
    made = regional()
    nat_row(made)["AttachedAppliances"] = [{"Type": "network-firewall-proxy"}]
    (end,) = walk(made, S3)[0]
    assert end.fates == WORKS | DROPPED
    assert end.gaps


@pytest.mark.parametrize(("low", "dropped"), [(1024, {False}), (1025, {False, True})])
def test_a_nat_gateway_takes_ports_from_1024_on(low: int, dropped: set[bool]) -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html"""
    made = by_nat()
    near = s.entry(10, egress=False, CidrBlock="10.0.0.0/16")
    far = s.entry(20, egress=False, **s.tcp("0.0.0.0/0", low, 65535))
    made_of.own_acl(made, [near, far, s.entry(10, egress=True)], s.PUBLIC)
    assert {end.dropped for end in walk(made, S3)[0]} == dropped


def test_behind_a_nat_gateway_the_service_may_see_its_public_address_or_the_endpoint() -> None:
    (one,) = {end.seen_as for end in walk(with_endpoint_behind(), S3)[0]}
    assert one.endpoint_id == s.ENDPOINT
    assert one.otherwise is not None
    assert str(one.otherwise.address) == s.NAT_EIP
    made = with_endpoint_behind()
    rows = nat_row(made)["NatGatewayAddresses"]
    rows.append({**rows[0], "PublicIp": "203.0.113.21", "PrivateIp": "10.0.200.21"})
    (several,) = {end.seen_as for end in walk(made, S3)[0]}
    assert several.otherwise is not None
    assert several.otherwise.address is None
