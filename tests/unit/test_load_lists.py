"""Pages, repeats, filters, shared VPCs: what a recorded list proves."""

import json
import random

import pytest
from tests import snapshots as s

from gatepath.model.ref import GapReason, Unknown
from gatepath.model.world import World
from gatepath.snapshot.load import load_world
from gatepath.snapshot.record import Record, decode_line
from gatepath.trace import Verdict


def world(*calls: s.Json) -> World:
    return load_world(records(*calls))


def records(*calls: s.Json) -> list[Record]:
    base = {"account": s.ACCOUNT, "region": s.REGION, "service": "ec2", "request": {}}
    return [decode_line(json.dumps({**base, **c}).encode(), n, f"x:{n}") for n, c in enumerate(calls)]


def subnets(*ids: str, **more: object) -> s.Json:
    rows = [s.subnet(subnet_id, "10.0.1.0/24") for subnet_id in ids]
    return {"operation": "DescribeSubnets", "response": {"Subnets": rows, **more}}


def test_pages_are_joined() -> None:
    made = world(
        subnets("subnet-1", NextToken="t"),
        {**subnets("subnet-2"), "request": {"NextToken": "t", "MaxResults": 5}},
    )
    assert set(made.subnets.rows) == {"subnet-1", "subnet-2"}
    assert made.subnets.missing(region=s.REGION) is None


def test_a_token_without_its_page_is_cut_short() -> None:
    made = world(subnets("subnet-1", NextToken="t"))
    assert made.subnets.get("subnet-1") is not None
    gap = made.subnets.missing(region=s.REGION)
    assert isinstance(gap, Unknown)
    assert gap.gaps[0].reason is GapReason.CUT_SHORT


def test_a_page_without_the_first_is_cut_short() -> None:
    made = world({**subnets("subnet-2"), "request": {"NextToken": "t"}})
    assert made.subnets.missing(region=s.REGION) is not None


def test_a_later_answer_replaces_the_earlier() -> None:
    made = world(subnets("subnet-1"), subnets("subnet-2"))
    assert set(made.subnets.rows) == {"subnet-2"}


def test_time_beats_the_order_of_lines() -> None:
    made = world(
        {**subnets("subnet-1"), "at": "2026-11-23T10:00:00Z"},
        {**subnets("subnet-2"), "at": "2026-11-23T09:00:00Z"},
    )
    assert set(made.subnets.rows) == {"subnet-1"}


@pytest.mark.parametrize(
    ("request_", "vpc", "ids", "proven"),
    [
        ({}, None, None, True),
        ({"Filters": [{"Name": "vpc-id", "Values": ["vpc-1"]}]}, "vpc-1", None, True),
        ({"Filters": [{"Name": "vpc-id", "Values": ["vpc-1"]}]}, "vpc-2", None, False),
        ({"Filters": [{"Name": "vpc-id", "Values": ["vpc-1"]}]}, None, None, False),
        ({"Filters": [{"Name": "tag:x", "Values": ["y"]}]}, "vpc-1", None, False),
        ({"SubnetIds": ["subnet-9"]}, None, "subnet-9", True),
        ({"SubnetIds": ["subnet-9"]}, None, "subnet-8", False),
    ],
)
def test_what_a_filtered_list_proves(
    request_: s.Json, vpc: str | None, ids: str | None, *, proven: bool
) -> None:
    made = world({**subnets(), "request": request_})
    found = made.subnets.missing(region=s.REGION, vpc_id=vpc, id=ids)
    assert (found is None) is proven


def test_a_list_proves_nothing_about_another_region() -> None:
    assert world(subnets()).subnets.missing(region="eu-north-1") is not None


def test_not_found_proves_that_the_id_does_not_exist() -> None:
    made = world(
        {
            "operation": "DescribeSubnets",
            "request": {"SubnetIds": ["subnet-9"]},
            "error": {"Code": "InvalidSubnetID.NotFound", "Message": ""},
        }
    )
    assert made.subnets.missing(region=s.REGION, id="subnet-9") is None


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("UnauthorizedOperation", GapReason.DENIED),
        ("AccessDenied", GapReason.DENIED),
        ("RequestLimitExceeded", GapReason.FAILED),
    ],
)
def test_errors_are_gaps(code: str, reason: GapReason) -> None:
    made = world({"operation": "DescribeSubnets", "error": {"Code": code, "Message": ""}})
    found = made.subnets.missing(region=s.REGION)
    assert isinstance(found, Unknown)
    assert (found.gaps[0].reason, found.gaps[0].detail) == (reason, code)


PARTICIPANT = "444455556666"


def shared(operation: str) -> s.Snapshot:
    """Record the VPC from the participant's account: the owner's own things are not seen."""
    made = s.sound()
    for row in made.rows("ec2.DescribeNetworkInterfaces")[:1] + made.rows("ec2.DescribeSecurityGroups"):
        row["OwnerId"] = PARTICIPANT
    made.rows("ec2.DescribeInstances")[0]["OwnerId"] = PARTICIPANT
    made.lists[operation] = {
        key: [] for key, value in made.lists[operation].items() if isinstance(value, list)
    }
    return made


def as_participant(made: s.Snapshot) -> list[Record]:
    lines = [json.loads(line) for line in made.lines()]
    text = [json.dumps({**call, "account": PARTICIPANT}).encode() for call in lines]
    return [decode_line(line, n, f"x:{n}") for n, line in enumerate(text)]


@pytest.mark.parametrize("operation", ["ec2.DescribeVpcEndpoints", "ec2.DescribeNatGateways"])
def test_what_a_participant_is_not_shown_is_unknown(operation: str) -> None:
    made = shared(operation)
    found = load_world(as_participant(made))
    listing = found.vpc_endpoints if "Endpoints" in operation else found.nat_gateways
    gap = listing.missing(region=s.REGION, account=s.ACCOUNT, vpc_id=s.VPC)
    assert isinstance(gap, Unknown)
    assert gap.gaps[0].reason is GapReason.NOT_OWNER
    assert found.route_tables.missing(region=s.REGION, account=s.ACCOUNT, vpc_id=s.VPC) is None


def test_the_verdict_from_a_participants_recording_alone_is_unknown() -> None:
    from gatepath.diagnose import diagnose

    world_ = load_world(as_participant(shared("ec2.DescribeVpcEndpoints")))
    found = diagnose(s.parse_question(s.question()), world_, only=frozenset({"network"}))
    assert found.verdict is Verdict.UNKNOWN
    assert "DescribeVpcEndpoints" in {g.operation for u in found.unknowns for g in u.unknown.gaps}


@pytest.mark.parametrize("seed", range(15))
def test_order_and_paging_do_not_matter(seed: int) -> None:
    rng = random.Random(seed)
    calls = [json.loads(line) for line in s.sound().lines()]
    cut = []
    for call in calls:
        lists = [k for k, v in call["response"].items() if isinstance(v, list) and len(v) > 1]
        if lists and call["service"] == "ec2" and rng.random() < 0.8:
            rows = call["response"][lists[0]]
            at = rng.randrange(1, len(rows))
            cut.append({**call, "response": {lists[0]: rows[:at], "NextToken": "n"}})
            cut.append(
                {**call, "request": {**call["request"], "NextToken": "n"}, "response": {lists[0]: rows[at:]}}
            )
        else:
            cut.append(call)
    rng.shuffle(cut)
    lines = [json.dumps(c).encode() for c in cut]
    made = load_world(decode_line(line, n, f"x:{n}") for n, line in enumerate(lines))
    whole = s.sound().world()
    for name in ("subnets", "route_tables", "network_interfaces", "prefix_lists", "network_acls"):
        assert set(getattr(made, name).rows) == set(getattr(whole, name).rows)
    assert s.diagnose(s.parse_question(s.question()), made, only=frozenset({"network"})).verdict == "ok"
