"""Each check reads the listings it declares: no others, and all of them in some case."""

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

import pytest
from tests import scenarios_policies as p
from tests import snapshots as s
from tests.case_files import all_cases

from gatepath import walk
from gatepath.checks import CHECKS, judging
from gatepath.checks.base import Check, Removed, Traffics
from gatepath.diagnose import diagnose
from gatepath.model.world import World
from gatepath.request import Request
from gatepath.trace import Step

LISTINGS = frozenset(field.name for field in fields(World))
Key = tuple[str, str | None]


class Watched(World):
    """A world that notes which of its listings are read."""

    def __getattribute__(self, name: str) -> Any:
        if name in LISTINGS:
            Watched.seen.add(name)
        return super().__getattribute__(name)

    seen: set[str] = set()  # noqa: RUF012 - shared on purpose: checks run one after the other


def watched(check: Check, reads: dict[Key, set[str]]) -> Check:
    def run(request: Request, world: World, traffics: Traffics, removed: Removed) -> Step:
        Watched.seen = set()
        step = check.run(request, world, traffics, removed)
        reads.setdefault((check.name, check.direction), set()).update(Watched.seen)
        return step

    return replace(check, run=run)


def group_reference() -> s.Snapshot:
    made = s.sound()
    made.rows("ec2.DescribeSecurityGroups")[0]["IpPermissionsEgress"] = [s.permission(groups=[s.GROUP])]
    return made


def next_hops_in_the_subnet() -> s.Snapshot:
    made = s.sound()
    made.rows("ec2.DescribeNatGateways")[0]["SubnetId"] = s.PRIVATE
    made.rows("ec2.DescribeNetworkAcls")[0]["Entries"] = []
    made.rows("ec2.DescribeRouteTables")[0]["Routes"][1:] = [
        s.route("52.218.0.0/17", NatGatewayId=s.NAT),
        s.route("3.5.64.0/21", NetworkInterfaceId=s.ENI),
        s.route("52.92.0.0/18", InstanceId=s.INSTANCE),
        s.route("52.92.64.0/18", GatewayId=s.ENDPOINT),
    ]
    return made


def own_roles() -> list[tuple[s.Snapshot, s.Json]]:
    """Return questions that leave it to the source who signs."""
    asked = p.asked()
    del asked["principal"]
    nameless = {"service": "s3", "client": s.client()}
    return [
        (p.judged(), asked),
        (p.judged(), {**nameless, "source": {"instance": s.INSTANCE}}),
        (p.judged(), {**nameless, "source": {"lambda": "f", "subnet": s.PRIVATE}}),
        (p.judged(), {**nameless, "source": {"ecs_service": "c/f", "subnet": s.PRIVATE}}),
    ]


def instance_as_target() -> s.Snapshot:
    made = s.sound()
    made.rows("ec2.DescribeRouteTables")[0]["Routes"][1:] = [s.route("0.0.0.0/0", InstanceId=s.INSTANCE)]
    return made


def with_servers(world: World) -> Iterator[World]:
    """Yield the world with DNS servers of one's own, here and abroad: queries take every kind of way."""
    for servers in (
        ("198.51.100.53",),
        ("52.218.1.53",),
        ("10.9.0.53",),
        ("2001:db8:f::53",),
        ("10.0.1.99",),
    ):
        options = world.dhcp_options
        for key, row in options.rows.items():
            options = options.with_row(key, replace(row, domain_name_servers=servers))
        yield replace(world, dhcp_options=options)


@pytest.fixture(scope="module")
def reads() -> dict[Key, set[str]]:
    found: dict[Key, set[str]] = {}
    patch = pytest.MonkeyPatch()
    patch.setattr(walk, "CHECKS", tuple(watched(check, found) for check in CHECKS))
    patch.setattr(judging, "POLICIES", tuple(watched(check, found) for check in judging.POLICIES))
    for case in all_cases():
        world = case.world()
        seen = Watched(**{name: getattr(world, name) for name in LISTINGS})
        diagnose(case.question(), seen)
        if case.folder.name != "quiet":
            for other in with_servers(world):
                seen = Watched(**{name: getattr(other, name) for name in LISTINGS})
                diagnose(case.question(), seen, only=frozenset({"network"}))
    questions = [s.question(operation="CopyObject", copy_source="arn:aws:s3:::x/k")]
    for made in (group_reference(), next_hops_in_the_subnet(), instance_as_target()):
        for world in (made.world(), *with_servers(made.world())):
            seen = Watched(**{name: getattr(world, name) for name in LISTINGS})
            for asked in (s.question(), *questions):
                diagnose(s.parse_question(asked), seen, only=frozenset({"network"}))
    for made, asked in own_roles():
        world = made.world()
        diagnose(s.parse_question(asked), Watched(**{name: getattr(world, name) for name in LISTINGS}))
    patch.undo()
    return found


@pytest.mark.parametrize(
    "check", [*CHECKS, *judging.POLICIES], ids=lambda check: f"{check.name}-{check.direction}"
)
def test_declared_is_read(check: Check, reads: dict[Key, set[str]]) -> None:
    assert reads[check.name, check.direction] == set(check.reads)
