"""With any one recorded call taken away, no need is judged otherwise: the same verdict, or `unknown`."""

import json
from collections.abc import Iterator
from copy import deepcopy

import pytest

from gatepath.model.question import parse_question
from gatepath.model.world import World
from gatepath.needs.judge import judge_needs
from gatepath.snapshot.load import load_world
from gatepath.snapshot.record import decode_line
from gatepath.trace import Verdict
from tests import snapshots as s
from tests.scenarios import egress, private_routes, without_endpoint_route
from tests.snapshots import Json, Snapshot

WANTED = ("ecr", "amazon-linux-1", "amazon-linux-2023", "codeartifact", "cloudformation", "ssm", "auto")
Verdicts = dict[str, Verdict]


def endpoint(made: Snapshot) -> None:
    """Add an interface endpoint for AWS STS and one for the API of Amazon ECR, without private DNS."""
    made.rows("ec2.DescribeSecurityGroups").append(
        s.group("sg-0c1", ingress=[s.permission("tcp", 443, groups=[s.GROUP])])
    )
    for number, (service, private) in enumerate((("ssm", True), ("ecr.api", False))):
        eni = f"eni-0c{number}"
        row = s.interface(
            eni, s.PUBLIC, f"10.0.200.{100 + number}", ("sg-0c1",), InterfaceType="vpc_endpoint"
        )
        made.rows("ec2.DescribeNetworkInterfaces").append(row)
        more: Json = {
            "VpcEndpointType": "Interface",
            "RouteTableIds": [],
            "SubnetIds": [s.PUBLIC],
            "NetworkInterfaceIds": [eni],
            "PrivateDnsEnabled": private,
            "Groups": [{"GroupId": "sg-0c1", "GroupName": "sg-0c1"}],
            "DnsEntries": [{"DnsName": f"{service}.{s.REGION}.amazonaws.com"}],
        }
        made.rows("ec2.DescribeVpcEndpoints").append(s.endpoint(f"vpce-0c{number}", service, **more))


def policy(made: Snapshot) -> None:
    """Let one organization only through the endpoint, and Amazon Linux 2023."""
    condition = {"StringEquals": {"aws:PrincipalOrgID": "o-abc1234567"}}
    rule = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    linux = {**rule, "Resource": "arn:aws:s3:::al2023-*/*"}
    text = json.dumps({"Statement": [{**rule, "Condition": condition}, linux]})
    made.rows("ec2.DescribeVpcEndpoints")[0]["PolicyDocument"] = text


def without_nat(made: Snapshot) -> None:
    routes = private_routes(made)
    routes[:] = [route for route in routes if route.get("DestinationCidrBlock") != "0.0.0.0/0"]


def narrow(made: Snapshot) -> None:
    egress(made, s.permission("tcp", 443, lists=[s.S3_LIST]), s.permission("tcp", 443, groups=["sg-0c1"]))


WORLDS = {
    "sound": (),
    "fenced": (policy,),
    "endpoints": (endpoint, policy, without_nat),
    "narrow": (endpoint, narrow),
    "nat": (without_endpoint_route,),
}


def built(name: str) -> Snapshot:
    made = s.sound()
    for change in WORLDS[name]:
        change(made)
    made.rows("ec2.DescribeInstances")[0]["Instances"][0]["Tags"] = [
        {"Key": "eks:nodegroup-name", "Value": "n"}
    ]
    return made


def verdicts(world: World) -> Verdicts:
    result = judge_needs(parse_question(s.question()), world, WANTED, policies=True)
    found: Verdicts = {}
    for one in result.needs:
        found |= {f"{one.need.name} {b.name}:{b.bucket.port}": b.verdict for b in one.buckets}
        found |= {f"{one.need.name} {h.name}": h.verdict for h in one.hosts}
    return found


def cut(made: Snapshot) -> Iterator[tuple[str, World]]:
    """Yield the world without each call, and the call's name."""
    lines = made.lines()
    for index, line in enumerate(lines):
        call = json.loads(line)
        rest = [other for number, other in enumerate(lines) if number != index]
        records = [decode_line(other, number, str(number)) for number, other in enumerate(rest)]
        yield f"{call['service']}.{call['operation']} {call['request']}", load_world(records)


@pytest.mark.parametrize("name", WORLDS)
def test_a_missing_call_never_changes_a_verdict_but_to_unknown(name: str) -> None:
    made = built(name)
    whole = verdicts(deepcopy(made).world())
    for missing, world in cut(made):
        for item, verdict in verdicts(world).items():
            assert verdict in {whole.get(item, verdict), Verdict.UNKNOWN}, (missing, item)
