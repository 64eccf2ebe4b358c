"""What the collector asks for a question proves absence: its lists are complete for the VPC or the ids."""

import json

import pytest

from gatepath.collect.answers import ApiCall, ask
from gatepath.collect.plan_network import VPC_LISTS, vpc_filter
from gatepath.snapshot.calls import CALLS
from gatepath.snapshot.pages import Recording
from gatepath.snapshot.record import decode_line

SCOPED = [
    *(ask("eu-west-1", name, **vpc_filter("vpc-1")) for name in VPC_LISTS),
    ask("eu-west-1", "ec2.DescribeNatGateways", **vpc_filter("vpc-1", "Filter")),
    ask("eu-west-1", "ec2.DescribeTransitGatewayVpcAttachments", **vpc_filter("vpc-1")),
]
BY_ID = [
    ask("eu-west-1", "ec2.DescribeVpcs", VpcIds=["x-1"]),
    ask("eu-west-1", "ec2.DescribeInstances", InstanceIds=["x-1"]),
    ask("eu-west-1", "ec2.DescribeDhcpOptions", DhcpOptionsIds=["x-1"]),
    ask("eu-west-1", "ec2.DescribeInternetGateways", InternetGatewayIds=["x-1"]),
    ask("eu-west-1", "ec2.DescribeEgressOnlyInternetGateways", EgressOnlyInternetGatewayIds=["x-1"]),
    ask("eu-west-1", "ec2.DescribeVpcPeeringConnections", VpcPeeringConnectionIds=["x-1"]),
]


def recorded(call: ApiCall) -> Recording:
    key = CALLS[call.name].result_keys[0]
    record = {
        "account": "111122223333",
        "region": call.region,
        "service": call.service,
        "operation": call.operation,
        "request": call.request,
        "response": {key: []},
    }
    return Recording([decode_line(json.dumps(record).encode(), 0, "test:1")])


@pytest.mark.parametrize("call", SCOPED, ids=lambda call: call.operation)
def test_lists_scoped_by_vpc_are_complete_for_it(call: ApiCall) -> None:
    (cover,) = recorded(call).coverage(call.name)
    assert (cover.vpc_ids, cover.ids) == (frozenset({"vpc-1"}), None)


@pytest.mark.parametrize("call", BY_ID, ids=lambda call: call.operation)
def test_lists_by_id_are_complete_for_the_ids(call: ApiCall) -> None:
    (cover,) = recorded(call).coverage(call.name)
    assert (cover.vpc_ids, cover.ids) == (None, frozenset({"x-1"}))
