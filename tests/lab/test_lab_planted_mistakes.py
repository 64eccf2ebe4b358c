"""The lab notices mistakes: the naive evaluator is given a VPC that was misread, the kernel the real one."""

import copy
import random
from collections.abc import Callable

import pytest

from tests.differential.one_packet import Packet, fate_of
from tests.differential.recorded import Recorded
from tests.lab import probes
from tests.lab.aws_json import Json, rows
from tests.lab.batch import SIZE, vpcs_of
from tests.lab.process import LabProcess, NoKernelLab
from tests.lab.random_vpcs import Made, make

SEEDS = range(5000, 5160)
Tried = tuple[Made, Packet, Json]
Mistake = Callable[[list[Json]], None]


@pytest.fixture(scope="module")
def tried() -> list[Tried]:
    """Send probes through the kernel once, for all mistakes."""
    found: list[Tried] = []
    with LabProcess() as lab:
        try:
            lab.run([make(0).calls], [])
        except NoKernelLab as reason:
            pytest.skip(f"no kernel lab here: {reason}")
        for first in range(SEEDS.start, SEEDS.stop, SIZE):
            vpcs = vpcs_of(range(first, first + SIZE))
            recorded = [Recorded(made.calls) for made in vpcs]
            todo = [(m, r, p) for m, r in zip(vpcs, recorded, strict=True) for p in probes.draw(m, r, 40)]
            seen = lab.run([m.calls for m in vpcs], [probes.probe_of(r, p) for _, r, p in todo])
            found += [(m, p, s) for (m, _, p), s in zip(todo, seen, strict=True)]
    return found


def _entries(calls: list[Json]) -> list[Json]:
    return [e for acl in rows(calls, "DescribeNetworkAcls") for e in acl["Entries"]]


def _routes(calls: list[Json]) -> list[Json]:
    return [r for table in rows(calls, "DescribeRouteTables") for r in table["Routes"]]


def last_entry_wins(calls: list[Json]) -> None:
    for entry in _entries(calls):
        if entry["RuleNumber"] < 32767:
            entry["RuleNumber"] = 32767 - entry["RuleNumber"]


def port_end_exclusive(calls: list[Json]) -> None:
    for entry in _entries(calls):
        if "PortRange" in entry:
            entry["PortRange"]["To"] -= 1


def udp_entries_match_tcp(calls: list[Json]) -> None:
    for entry in _entries(calls):
        if entry["Protocol"] == "17":
            entry["Protocol"] = "6"


def acl_stateful(calls: list[Json]) -> None:
    """Answers pass whatever the entries of the way in say."""
    for acl in rows(calls, "DescribeNetworkAcls"):
        kept = [e for e in acl["Entries"] if e["Egress"]]
        extra = [{"RuleNumber": n, "RuleAction": "allow", "Protocol": "-1", "Egress": False} for n in (1, 2)]
        acl["Entries"] = [*kept, extra[0] | {"CidrBlock": "0.0.0.0/0"}, extra[1] | {"Ipv6CidrBlock": "::/0"}]


def black_hole_falls_back(calls: list[Json]) -> None:
    for table in rows(calls, "DescribeRouteTables"):
        table["Routes"] = [r for r in table["Routes"] if r["State"] == "active"]


def propagated_as_good_as_static(calls: list[Json]) -> None:
    for route in _routes(calls):
        if route["Origin"] == "EnableVgwRoutePropagation":
            route["Origin"] = "CreateRoute"
        elif "DestinationPrefixListId" not in route and route.get("GatewayId") != "local":
            route["Origin"] = "EnableVgwRoutePropagation"


def main_table_for_all(calls: list[Json]) -> None:
    for table in rows(calls, "DescribeRouteTables"):
        table["Associations"] = [a for a in table["Associations"] if a["Main"]]


def nat_subnet_unfiltered(calls: list[Json]) -> None:
    home = rows(calls, "DescribeNatGateways")[0]["SubnetId"]
    acls = rows(calls, "DescribeNetworkAcls")
    for acl in acls:
        acl["Associations"] = [a for a in acl["Associations"] if a["SubnetId"] != home]
    both = [
        {"RuleNumber": 1, "RuleAction": "allow", "Protocol": "-1", "Egress": e, "CidrBlock": "0.0.0.0/0"}
        for e in (True, False)
    ]
    acls[0].setdefault("Associations", [])
    call = next(c for c in calls if c["operation"] == "DescribeNetworkAcls")
    call["response"]["NetworkAcls"].append(
        {"NetworkAclId": "acl-open", "Entries": both, "Associations": [{"SubnetId": home}]}
    )


def first_group_only(calls: list[Json]) -> None:
    for eni in rows(calls, "DescribeNetworkInterfaces"):
        eni["Groups"] = eni["Groups"][:1]


def groups_of_targets_not_asked(calls: list[Json]) -> None:
    for group in rows(calls, "DescribeSecurityGroups"):
        group["IpPermissions"] = [
            {
                "IpProtocol": "-1",
                "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
                "Ipv6Ranges": [],
                "PrefixListIds": [],
                "UserIdGroupPairs": [],
            }
        ]


def last_address_left_out(calls: list[Json]) -> None:
    """A prefix list's blocks end one address early."""
    for row in rows(calls, "DescribePrefixLists"):
        row["Cidrs"] = [c for cidr in row["Cidrs"] for c in _without_last(cidr)]


def _without_last(cidr: str) -> list[str]:
    network = probes.ip_network(cidr)
    last = probes.ip_network(f"{network[-1]}/{network.max_prefixlen}")
    return [str(n) for n in network.address_exclude(last)]  # type: ignore[arg-type]


MISTAKES: tuple[Mistake, ...] = (
    last_entry_wins,
    port_end_exclusive,
    udp_entries_match_tcp,
    acl_stateful,
    black_hole_falls_back,
    propagated_as_good_as_static,
    main_table_for_all,
    nat_subnet_unfiltered,
    first_group_only,
    groups_of_targets_not_asked,
    last_address_left_out,
)


def _found(tried: list[Tried], mistake: Mistake) -> int:
    """Count the probes that fare otherwise, not only by another rule."""
    shown, misread = 0, dict[int, Recorded]()
    for made, packet, seen in tried:
        if made.seed not in misread:
            calls = copy.deepcopy(list(made.calls))
            mistake(calls)
            misread[made.seed] = Recorded(calls)
        recorded = misread[made.seed]
        fate = fate_of(recorded, packet)
        both_dropped = fate.kind == "dropped" and not seen["by"]
        shown += not both_dropped and probes.difference(recorded, packet, fate, seen) is not None
    return shown


def test_nothing_is_shown_where_nothing_is_misread(tried: list[Tried]) -> None:
    for made, packet, seen in random.Random(1).sample(tried, 1000):
        recorded = Recorded(made.calls)
        assert probes.difference(recorded, packet, fate_of(recorded, packet), seen) is None


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_shows(tried: list[Tried], mistake: Mistake) -> None:
    assert _found(tried, mistake) > 0
