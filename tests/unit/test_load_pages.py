"""Pages and repeats: what belongs to one list, what is left over, what is cut short."""

from typing import Any

import pytest

from gatepath.model.ref import GapReason
from gatepath.snapshot.containers import line
from gatepath.snapshot.load import load_world
from gatepath.snapshot.pages import Recording
from gatepath.snapshot.record import Record, SnapshotError, decode_line

SUBNETS = "ec2.DescribeSubnets"
RECORDS = "route53.ListResourceRecordSets"


def call(name: str, request: dict[str, Any], response: dict[str, Any], **more: Any) -> dict[str, Any]:
    service, _, operation = name.partition(".")
    answer = {} if "error" in more else {"response": response}
    place = {"account": "111122223333", "region": "eu-west-1", "service": service, "operation": operation}
    return {**place, "request": request, **answer, **more}


def subnets(*ids: str, after: str = "", more: str = "", **rest: Any) -> dict[str, Any]:
    rows = [{"SubnetId": i, "VpcId": "vpc-1"} for i in ids]
    request = {"NextToken": after} if after else {}
    return call(SUBNETS, request, {"Subnets": rows, **({"NextToken": more} if more else {})}, **rest)


def records(*calls: dict[str, Any]) -> list[Record]:
    return [decode_line(line(row), index, f"s.jsonl:{index + 1}") for index, row in enumerate(calls)]


def held(*calls: dict[str, Any]) -> tuple[list[str], bool]:
    """Return the ids of the subnets, and whether the list is whole."""
    recording = Recording(records(*calls))
    found = [row.SubnetId for _, page in recording.pages(SUBNETS) for row in page.answer.Subnets]  # type: ignore[union-attr] # decoded
    return sorted(found), bool(recording.coverage(SUBNETS))


def test_pages_are_joined_in_whatever_order_they_stand() -> None:
    pages = [subnets("a", more="x"), subnets("b", after="x", more="y"), subnets("c", after="y")]
    assert held(*pages) == (["a", "b", "c"], True)
    assert held(*reversed(pages)) == (["a", "b", "c"], True)


def test_a_token_of_digits_is_a_token() -> None:
    assert held(subnets("a", more="2"), subnets("b", after="2")) == (["a", "b"], True)


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_without_any_page_the_list_is_cut_short(missing: int) -> None:
    pages = [subnets("a", more="x"), subnets("b", after="x", more="y"), subnets("c", after="y")]
    del pages[missing]
    assert not held(*pages)[1]


def test_a_list_whose_pages_run_in_a_circle_has_no_end() -> None:
    assert not held(
        subnets("a", more="x"), subnets("b", after="x", more="y"), subnets("c", after="y", more="x")
    )[1]
    assert not held(subnets("a", more="x"), subnets("b", after="x", more="x"))[1]


def test_pages_of_an_earlier_recording_of_the_list_are_left_out() -> None:
    before = [subnets("a", more="x"), subnets("gone", after="x")]
    assert held(*before, subnets("a", more="z"), subnets("b", after="z")) == (["a", "b"], True)
    assert held(*before, subnets("a")) == (["a"], True)
    assert held(*before, subnets("a", more="z")) == (["a"], False)


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        ("2026-11-23T09:00:00Z", "2026-11-23T10:00:00Z", "later"),
        ("2026-11-23T10:00:00Z", "2026-11-23T09:00:00Z", "earlier"),
        ("2026-11-23T09:00:00Z", "2026-11-23T09:00:00.5Z", "later"),
        ("2026-11-23T09:00:00.5Z", "2026-11-23T09:00:00Z", "earlier"),
        ("2026-11-23T09:30:00Z", "2026-11-23T18:00:00+09:00", "earlier"),
        ("2026-11-23T09:00:00+00:00", "2026-11-23T09:00:00Z", "later"),
        (None, "2026-11-23T09:00:00Z", "later"),
        ("2026-11-23T09:00:00Z", None, "later"),
        ("yesterday", "2026-11-23T09:00:00Z", "later"),
    ],
)
def test_of_repeats_the_newer_counts(first: str | None, second: str | None, kept: str) -> None:
    times = [{"at": at} if at is not None else {} for at in (first, second)]
    assert held(subnets("earlier", **times[0]), subnets("later", **times[1]))[0] == [kept]


def test_a_retried_call_is_whole_whichever_way_it_went_at_first() -> None:
    refused = subnets(error={"Code": "RequestLimitExceeded", "Message": ""}, at="2026-11-23T09:00:00Z")
    answered = subnets("a", at="2026-11-23T09:00:05Z")
    assert held(refused, answered) == (["a"], True)
    assert held(answered, refused) == (["a"], True)


def zone(first: dict[str, str], following: dict[str, str], *names: str) -> dict[str, Any]:
    rows = [{"Name": name, "Type": "A"} for name in names]
    more = {"IsTruncated": bool(following), **following}
    return call(
        RECORDS, {"HostedZoneId": "Z1", "MaxItems": "100", **first}, {"ResourceRecordSets": rows, **more}
    )


def test_records_of_one_name_may_fill_several_pages() -> None:
    starts = [{"StartRecordName": "a.", "StartRecordType": "A", "StartRecordIdentifier": i} for i in "12"]
    follow = [{"NextRecordName": "a.", "NextRecordType": "A", "NextRecordIdentifier": i} for i in "12"]
    pages = [zone({}, follow[0], "p."), zone(starts[0], follow[1], "q."), zone(starts[1], {}, "r.")]
    recording = Recording(records(*pages))
    assert len(list(recording.pages(RECORDS))) == 3
    assert not recording.gaps(RECORDS)
    assert Recording(records(*pages[:2])).gaps(RECORDS)
    short = zone({"StartRecordName": "a."}, {}, "r.")
    assert not Recording(records(zone({}, follow[0], "p."), short)).gaps(RECORDS)


def test_a_not_found_of_several_ids_speaks_of_those_it_names() -> None:
    error = {"Code": "InvalidSubnetID.NotFound", "Message": "The subnet ID 'subnet-2' does not exist"}
    asked = {"SubnetIds": ["subnet-1", "subnet-2"]}
    world = load_world(records(call(SUBNETS, asked, {}, error=error)))
    assert world.subnets.find("subnet-2", region="eu-west-1") is None
    assert world.subnets.find("subnet-1", region="eu-west-1") is not None


@pytest.mark.parametrize(
    ("name", "request_", "response", "place"),
    [
        (
            "ec2.GetManagedPrefixListEntries",
            {"PrefixListId": "pl-1"},
            {"Entries": [{"Cidr": "10.0.0.0/8"}, {"Cidr": "x"}]},
            "response.Entries[1].Cidr",
        ),
        (
            "ec2.DescribeVpcs",
            {},
            {
                "Vpcs": [
                    {"VpcId": "v", "CidrBlock": "10.0.0.0/8", "CidrBlockAssociationSet": [{"CidrBlock": "x"}]}
                ]
            },
            "response.Vpcs[0].CidrBlockAssociationSet[0].CidrBlock",
        ),
        (
            "ec2.DescribeSubnets",
            {},
            {
                "Subnets": [
                    {"SubnetId": "s", "VpcId": "v", "Ipv6CidrBlockAssociationSet": [{"Ipv6CidrBlock": "x"}]}
                ]
            },
            "response.Subnets[0].Ipv6CidrBlockAssociationSet[0].Ipv6CidrBlock",
        ),
        (
            "ec2.DescribeNetworkInterfaces",
            {},
            {
                "NetworkInterfaces": [
                    {"NetworkInterfaceId": "e", "PrivateIpAddresses": [{"PrivateIpAddress": "x"}]}
                ]
            },
            "response.NetworkInterfaces[0].PrivateIpAddresses[0].PrivateIpAddress",
        ),
    ],
)
def test_a_bad_value_is_told_with_its_place(
    name: str, request_: dict[str, Any], response: dict[str, Any], place: str
) -> None:
    world = load_world(records(call(SUBNETS, {"Filters": []}, {}), call(name, request_, response)))
    with pytest.raises(SnapshotError) as raised:
        _ = [*world.prefix_lists, *world.vpcs, *world.subnets, *world.network_interfaces]
    assert str(raised.value).startswith("s.jsonl:2: snapshot.detail.not-a")
    assert f"path={place}," in str(raised.value)


@pytest.mark.parametrize("response", [{}, {"message": "<html>"}, {"ResponseMetadata": {}}])
def test_an_answer_without_what_it_is_about_proves_nothing(response: dict[str, Any]) -> None:
    recording = Recording(records(call(SUBNETS, {}, response)))
    assert not recording.coverage(SUBNETS)
    (gap,) = recording.gaps(SUBNETS)
    assert (gap.reason, gap.detail) == (GapReason.FAILED, "IncompleteAnswer")
    organization = records(call("organizations.DescribeOrganization", {}, response))
    assert load_world(organization) is not None


def test_an_empty_list_is_whole() -> None:
    assert held(subnets()) == ([], True)
