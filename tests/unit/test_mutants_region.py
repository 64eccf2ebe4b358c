"""The check `region`: names and resources of other Regions.

https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html (same Region only) and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
"""

from dataclasses import replace
from typing import Any

import pytest
from tests import snapshots as s

from gatepath.checks import region
from gatepath.engine.hostnames import classify
from gatepath.model.question import parse_question
from gatepath.model.ref import Unknown, unknown
from gatepath.request import build_request
from gatepath.trace import Certainty, Severity, Step, StepVerdict

HOME = f"data.s3.{s.REGION}.amazonaws.com"


def run(name: str = HOME, *, made: s.Snapshot | None = None, outside: str = "", **more: Any) -> Step:
    world = (made or s.sound()).world()
    request = build_request(parse_question(s.question(client=s.client(hostname=name))), world)
    assert not isinstance(request.parts, Unknown)
    bare = replace(request.parts[0], subnet=None)
    parts = {"": request.parts, "all": (bare,), "one": (bare, request.parts[0])}[outside]
    changed = {"second_host": None, **more}
    return region.CHECK.run(replace(request, parts=parts, **changed), world, (), frozenset())


def codes(found: Step) -> list[str]:
    return [finding.code for finding in found.findings]


def test_at_home_there_is_nothing_to_say() -> None:
    found = run()
    assert (found.verdict, found.findings, found.components, found.unknowns) == (StepVerdict.PASS, (), (), ())


@pytest.mark.parametrize(("outside", "told"), [("", True), ("one", True), ("all", False)])
def test_a_client_of_another_region_matters_inside_a_vpc(outside: str, told: bool) -> None:
    found = run("data.s3.eu-central-1.amazonaws.com", outside=outside)
    assert codes(found) == (["region.client-elsewhere"] if told else [])
    assert found.verdict is (StepVerdict.DIVERT if told else StepVerdict.PASS)
    assert [c.id for c in found.components] == (["client:region"] if told else [])


def test_a_region_that_does_not_exist_is_told_apart_from_another() -> None:
    name = "data.s3.xx-nowhere-1.amazonaws.com"
    assert codes(run(name)) == ["region.unknown-region"]
    made = s.sound()
    s.other_region(made, "xx-nowhere-1", ["198.51.100.0/24"])
    assert codes(run(name, made=made)) == ["region.client-elsewhere"]


@pytest.mark.parametrize(
    ("place", "told"),
    [
        (s.REGION, []),
        ("eu-central-1", ["region.resource-elsewhere"]),
        ("", ["region.resource-not-found"]),
        (None, []),
    ],
)
def test_where_the_resource_is(place: str | None, told: list[str]) -> None:
    assert codes(run(resource_region=place)) == told
    if place:
        assert codes(run(resource_region=place, outside="all")) == []


def test_a_resource_whose_region_is_hidden_is_open() -> None:
    gap = unknown("s3", "HeadBucket")
    found = run(resource_region=gap)
    assert found.verdict is StepVerdict.UNKNOWN
    assert [(u.code, u.unknown) for u in found.unknowns] == [("unknown.resource-region", gap)]


def test_the_global_name_alone_diverts_nothing() -> None:
    found = run("data.s3.amazonaws.com", resource_region=s.REGION)
    assert [(f.code, f.severity) for f in found.findings if f.code == "region.legacy-global-host"] == [
        ("region.legacy-global-host", Severity.INFO)
    ]
    assert "client:hostname" not in {c.id for c in found.components}


@pytest.mark.parametrize(
    ("second", "severity"), [(HOME, Severity.INFO), ("data.s3.eu-central-1.amazonaws.com", None)]
)
def test_a_redirect_home_is_harmless(second: str, severity: Severity | None) -> None:
    found = run(second_host=classify(second))
    assert [(f.code, f.severity) for f in found.findings] == [("region.redirected", severity)]


@pytest.mark.parametrize(
    ("name", "certainty"),
    [
        (f"x.s3-object-lambda.{s.REGION}.amazonaws.com", Certainty.PROVEN),
        ("data.s3-accelerate.amazonaws.com", None),
    ],
)
def test_names_that_no_endpoint_carries(name: str, certainty: Certainty | None) -> None:
    found = [f for f in run(name).findings if f.code == "region.name-outside-endpoint"]
    assert len(found) == 1
    assert certainty is None or found[0].certainty is certainty
    assert not [f for f in run(name, outside="all").findings if f.code == "region.name-outside-endpoint"]


@pytest.mark.parametrize(("place", "told"), [(s.REGION, False), ("eu-central-1", True)])
def test_an_access_point_of_another_region(place: str, told: bool) -> None:
    found = run(f"ap-111122223333.s3-accesspoint.{place}.amazonaws.com")
    named = [
        dict(f.arguments)["access_point_region"]
        for f in found.findings
        if f.code == "region.access-point-elsewhere"
    ]
    assert named == ([place] if told else [])
