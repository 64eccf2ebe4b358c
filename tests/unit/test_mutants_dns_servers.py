"""Whether queries reach DNS servers of one's own, server by server.

https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
"""

from typing import Any

import pytest
from tests import scenarios as made_of
from tests import snapshots as s
from tests.unit.test_mutants_legs import journey_of, leg_of

from gatepath.engine.dns_servers import Asker, Reached, reached
from gatepath.model.ref import unknown
from gatepath.trace import Removal

FAR = "198.51.100.53"


def asked(made: s.Snapshot, *servers: str, removed: tuple[Removal, ...] = (), **more: Any) -> Reached:
    journey = journey_of(made, *removed)
    legs = {4: leg_of(journey, **{"group_ids": (s.GROUP,), **more})}
    return reached(journey, Asker(legs=legs, source_ports=(32768, 60999), interface=None), servers)


def letting_out(*permissions: s.Json) -> s.Snapshot:
    made = s.sound()
    made_of.egress(made, *permissions)
    return made


@pytest.mark.parametrize(
    ("permission", "lost"),
    [
        (s.permission("udp", 53, cidrs=["0.0.0.0/0"]), False),
        (s.permission("tcp", 53, cidrs=["0.0.0.0/0"]), False),
        (s.permission(cidrs=["0.0.0.0/0"]), False),
        (s.permission("udp", 52, cidrs=["0.0.0.0/0"]), True),
        (s.permission("udp", 54, cidrs=["0.0.0.0/0"]), True),
        (s.permission("tcp", 443, cidrs=["0.0.0.0/0"]), True),
        (s.permission("udp", 53, cidrs=["203.0.113.0/24"]), True),
    ],
)
def test_port_53_by_either_protocol_is_enough(permission: s.Json, lost: bool) -> None:
    found = asked(letting_out(permission), FAR)
    assert (found.fault is not None) is lost
    if found.fault is not None:
        assert (found.fault.code, found.fault.component.id) == ("security-group.no-egress", s.GROUP)
        assert not found.fault.suspect


def test_one_server_that_is_reached_is_enough() -> None:
    made = letting_out(s.permission("udp", 53, cidrs=[f"{FAR}/32"]))
    assert asked(made, "203.0.113.53", FAR).fault is None
    assert asked(made, "203.0.113.53").fault is not None
    assert asked(letting_out(), "203.0.113.53", FAR).fault is not None


def test_what_cannot_be_tried_is_not_lost() -> None:
    made = letting_out()
    assert asked(made, "dns.example") == Reached()
    assert asked(made, FAR, "dns.example") == Reached()
    assert asked(made, "2001:db8::53") == Reached()
    gap = unknown("ec2", "DescribeNetworkInterfaces")
    assert asked(made, FAR, group_ids=gap) == Reached(gaps=(gap,))


def test_a_culprit_taken_as_passed_loses_nothing() -> None:
    passed = (Removal(check="security-group", component=s.GROUP),)
    assert asked(letting_out(), FAR, removed=passed).fault is None
    made = s.sound()
    made_of.private_routes(made)[:] = [s.LOCAL]
    assert asked(made, FAR).fault is not None
    assert asked(made, FAR, removed=(Removal(check="route", component=s.PRIVATE_TABLE),)).fault is None


def test_the_fault_is_of_what_drops_not_of_what_was_met_on_the_way() -> None:
    made = s.sound()
    made.rows("ec2.DescribeNatGateways")[0]["State"] = "deleted"
    made_of.egress(made)
    found = asked(made, FAR)
    assert found.fault is not None
    assert found.fault.component.id == s.GROUP
    made_of.egress(made, s.permission(cidrs=["0.0.0.0/0"]))
    found = asked(made, FAR)
    assert found.fault is not None
    assert (found.fault.code, found.fault.component.id) == ("route.nat-not-available", s.NAT)


def test_an_open_way_says_why_and_a_suspicion_stays_one() -> None:
    made = s.sound()
    made_of.private_routes(made)[:] = [s.LOCAL, s.route("0.0.0.0/0", GatewayId="vgw-0a1")]
    assert asked(made, FAR).gaps
    found = asked(s.sound(), "10.0.1.53")
    assert found.fault is not None
    assert found.fault.suspect
