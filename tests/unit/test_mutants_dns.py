"""The check `dns` over several traffics: which of them count for its verdict and what it assumes.

https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html
"""

from dataclasses import replace

from tests import snapshots as s
from tests.unit.test_mutants_dns_asking import HOME

from gatepath.checks import dns
from gatepath.model.question import parse_question
from gatepath.model.ref import Unknown
from gatepath.packets import PacketSet
from gatepath.request import build_request
from gatepath.trace import Removal, Step, StepVerdict, Traffic

EVERY = PacketSet.of(4, None, [(443, 443)])
SHADOW = Traffic(part=0, packets=EVERY, dropped=Removal(check="source", component="x"))
LIVE = Traffic(part=0, packets=EVERY)


def step(*traffics: Traffic, name: str = f"data.s3.{s.REGION}.amazonaws.com") -> Step:
    made = s.sound()
    s.other_region(made, "us-east-1", ["203.0.113.0/24"])
    world = made.world()
    request = build_request(parse_question(s.question(client=s.client(hostname=name))), world)
    assert not isinstance(request.parts, Unknown)
    request = replace(request, parts=request.parts * 2)
    return dns.CHECK.run(request, world, traffics, frozenset())


def test_traffic_dropped_before_is_not_blocked_again() -> None:
    assert step(LIVE).verdict is StepVerdict.PASS
    found = step(SHADOW)
    assert found.verdict is StepVerdict.NOT_APPLICABLE
    assert found.out == (replace(SHADOW, packets=HOME),)


def test_a_part_dropped_before_is_no_drop_of_this_check() -> None:
    found = step(SHADOW, replace(LIVE, part=1))
    assert found.verdict is StepVerdict.PASS
    assert [one.live for one in found.out] == [False, True]


def test_what_is_assumed_for_live_traffic_is_said_whatever_was_dropped_before() -> None:
    code = "assumption.no-dns-profile"
    assert [one.code for one in step(SHADOW, LIVE).assumptions] == [code]
    assert [one.code for one in step(LIVE, SHADOW).assumptions] == [code]
    assert step(SHADOW).assumptions == ()


def test_answers_that_no_packet_goes_to_are_left_out_where_others_get_some() -> None:
    """The traffic is one to the home Region's addresses; the global name leads to us-east-1's too."""
    found = step(replace(LIVE, packets=HOME), name="data.s3.amazonaws.com")
    assert [one.packets for one in found.out] == [HOME]
