"""Route 53 Profiles bring zones, rules and firewall groups that the VPC's own lists don't show.

Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html
"""

from dataclasses import replace

import pytest
from tests import snapshots as s

from gatepath.engine.resolver import Outcome, resolve
from gatepath.trace import Diagnosis

ASSUMED = "assumption.no-dns-profile"


def asked(
    status: str | None, *, by_vpc: bool = True, vpc: str = s.VPC, question: s.Json | None = None
) -> Diagnosis:
    made = s.sound()
    rows = (
        [] if status is None else [{"Id": "rpa-1", "ProfileId": "rp-1", "ResourceId": vpc, "Status": status}]
    )
    request = {"ResourceId": s.VPC} if by_vpc else {}
    made.add_call(
        "route53profiles", "ListProfileAssociations", request, response={"ProfileAssociations": rows}
    )
    return s.ask(made, question)


def assumes(found: Diagnosis) -> bool:
    return any(a.code == ASSUMED for a in found.assumptions)


@pytest.mark.parametrize("status", ["COMPLETE", "CREATING", "UPDATING", "DELETING"])
def test_what_a_profile_brings_is_not_known(status: str) -> None:
    found = asked(status)
    assert found.verdict == "unknown"
    assert [u.unknown.gaps[0].detail for u in found.unknowns] == ["rp-1"]
    assert not assumes(found)


@pytest.mark.parametrize("status", ["DELETED", "FAILED", None])
@pytest.mark.parametrize("by_vpc", [True, False])
def test_without_a_profile_nothing_is_open_and_nothing_assumed(status: str | None, *, by_vpc: bool) -> None:
    found = asked(status, by_vpc=by_vpc)
    assert (found.verdict, found.unknowns) == ("ok", ())
    assert not assumes(found)


def test_another_vpcs_profile_changes_nothing() -> None:
    assert asked("COMPLETE", by_vpc=False, vpc="vpc-0other").verdict == "ok"


def test_what_the_client_was_answered_stands_whatever_a_profile_brings() -> None:
    seen = s.question(client={"resolves_to": ["3.5.64.7"]})
    assert asked("COMPLETE", question=seen).verdict == "ok"


def test_where_no_call_tells_it_is_assumed() -> None:
    found = s.ask(s.sound())
    assert assumes(found)
    assert (found.verdict, found.certainty) == ("ok", "proven")


def test_a_list_of_another_vpc_tells_nothing() -> None:
    made = s.sound()
    request = {"ResourceId": "vpc-0other"}
    made.add_call("route53profiles", "ListProfileAssociations", request, response={"ProfileAssociations": []})
    assert assumes(s.ask(made))


@pytest.mark.parametrize(
    ("statuses", "hidden"),
    [((), False), (("DELETED",), False), (("FAILED", "COMPLETE"), True), (("COMPLETE", "DELETED"), True)],
)
def test_a_live_profile_hides_every_answer_of_the_vpcs_resolver(
    statuses: tuple[str, ...], *, hidden: bool
) -> None:
    made = s.sound()
    rows = [
        {"Id": f"rpa-{n}", "ProfileId": f"rp-{n}", "ResourceId": s.VPC, "Status": status}
        for n, status in enumerate(statuses)
    ]
    made.add_call("route53profiles", "ListProfileAssociations", {}, response={"ProfileAssociations": rows})
    world = made.world()
    vpc = world.vpcs.get(s.VPC)
    assert vpc is not None
    name = "data.s3.eu-west-1.amazonaws.com"
    answer = resolve(world, vpc, name, 4)
    assert answer.outcome is (Outcome.HIDDEN if hidden else Outcome.PUBLIC)
    live = [f"rp-{n}" for n, status in enumerate(statuses) if status == "COMPLETE"]
    assert [gap.detail for gap in (answer.gap.gaps if answer.gap else ())] == live
    off = resolve(world, replace(vpc, enable_dns_support=False), name, 4)
    assert off.outcome is Outcome.NO_SUCH_NAME
