"""What the service itself refuses: wrong Regions, missing resources, copies between Regions.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
"""

from dataclasses import replace
from typing import Any

import pytest
from tests import snapshots as s
from tests.unit.test_mutants_checks import ALL, SHADOW

from gatepath.checks.region_rules import SERVICE_RULES
from gatepath.model.question import parse_question
from gatepath.model.ref import unknown
from gatepath.request import build_request
from gatepath.trace import ANY_FATE, Fate, PathKind, Removal, Step, StepVerdict, Traffic

BY_ENDPOINT = replace(ALL, kind=PathKind.GATEWAY_ENDPOINT, component=s.ENDPOINT)
BY_NAT = replace(ALL, kind=PathKind.NAT_GATEWAY, component=s.NAT)
COPY = {"operation": "CopyObject", "copy_source": "arn:aws:s3:::other/key"}
RULE = Removal(check="region", component="s3:service-rule/cross-region-copy")
GAP = unknown("s3", "HeadBucket")


def run(*traffics: Traffic, removed: Removal | None = None, asked: s.Json | None = None, **more: Any) -> Step:
    made = s.sound()
    s.bucket(made, "other", "eu-central-1")
    world = made.world()
    request = replace(build_request(parse_question(s.question(**(asked or {}))), world), **more)
    return SERVICE_RULES.run(request, world, traffics, frozenset({removed} if removed else ()))


def refused(found: Step) -> list[str | None]:
    return [one.refused.component if one.refused else None for one in found.out]


def test_a_good_request_is_refused_nothing() -> None:
    found = run(BY_ENDPOINT, BY_NAT)
    assert found.out == (BY_ENDPOINT, BY_NAT)
    assert (found.verdict, found.findings, found.components) == (StepVerdict.PASS, (), ())
    assert run(SHADOW).verdict is StepVerdict.NOT_APPLICABLE
    assert run(SHADOW, BY_NAT).verdict is StepVerdict.PASS


def test_a_copy_from_another_region_is_refused_through_an_endpoint_only() -> None:
    found = run(BY_NAT, BY_ENDPOINT, BY_NAT, BY_ENDPOINT, asked=COPY)
    assert refused(found) == [None, RULE.component, None, RULE.component]
    assert found.verdict is StepVerdict.BLOCK
    assert [f.code for f in found.findings] == ["region.cross-region-copy"]
    assert [c.id for c in found.components] == [RULE.component]


def test_a_refusal_taken_as_passed_refuses_none_of_several() -> None:
    found = run(BY_ENDPOINT, BY_NAT, BY_ENDPOINT, removed=RULE, asked=COPY)
    assert found.out == (BY_ENDPOINT, BY_NAT, BY_ENDPOINT)
    assert found.verdict is StepVerdict.PASS


def test_a_certain_refusal_leaves_suspicions_of_the_way() -> None:
    sure, doubtful = run(BY_ENDPOINT, replace(BY_ENDPOINT, suspect=True), asked=COPY).out
    assert (sure.suspect, doubtful.suspect) == (False, True)


def test_dropped_and_open_traffic_is_not_refused() -> None:
    shadow = replace(SHADOW, kind=PathKind.GATEWAY_ENDPOINT)
    open_way = replace(BY_ENDPOINT, fates=ANY_FATE)
    found = run(shadow, open_way, asked=COPY)
    assert refused(found) == [None, None]
    assert found.findings == ()


def test_a_missing_resource_is_refused_and_was_named_before() -> None:
    found = run(BY_NAT, resource_region="")
    assert refused(found) == ["s3:bucket/data"]
    assert (found.verdict, found.findings) == (StepVerdict.BLOCK, ())
    gone = run(BY_NAT, asked={**COPY, "copy_source": "arn:aws:s3:::data/key"})
    assert refused(gone) == [None]


def test_a_name_of_another_region_than_the_buckets_is_refused() -> None:
    found = run(BY_NAT, resource_region="eu-central-1", second_host=None)
    assert refused(found) == ["client:region"]
    assert [f.code for f in found.findings] == ["region.redirect-refused"]


def test_what_hides_whether_the_resource_exists_leaves_a_refusal_open() -> None:
    found = run(BY_NAT, replace(BY_NAT, fates=ANY_FATE), SHADOW, existence=GAP)
    first, second, shadow = found.out
    assert first.fates == frozenset({Fate.BYPASS, Fate.REFUSED})
    assert (first.unsettled, first.judged) == ((GAP,), True)
    assert (second.fates, second.judged) == (ANY_FATE, False)
    assert shadow == SHADOW
    assert [(u.code, u.unknown) for u in found.unknowns] == [("unknown.resource-exists", GAP)]


def test_a_copy_whose_sources_region_is_hidden_is_open_through_an_endpoint_only() -> None:
    asked = {**COPY, "copy_source": "arn:aws:s3:::nobodys/key"}
    way, nat = run(BY_ENDPOINT, BY_NAT, asked=asked).out
    assert way.fates == frozenset({Fate.GATEWAY, Fate.REFUSED})
    assert nat == BY_NAT


def test_a_resource_whose_region_is_hidden_leaves_everything_open() -> None:
    found = run(BY_NAT, replace(BY_NAT, fates=frozenset({Fate.BYPASS})), SHADOW, resource_region=GAP)
    assert [one.fates for one in found.out] == [ANY_FATE, {Fate.BYPASS, Fate.REFUSED}, None]
    assert [one.unsettled for one in found.out] == [(GAP,), (GAP,), ()]


@pytest.mark.parametrize(
    ("asked", "copies"),
    [
        ({"copy_source_region": "eu-central-1"}, True),
        ({"copy_source": "arn:aws:s3:::other/key"}, True),
        ({"operation": "UploadPartCopy", "copy_source_region": "eu-central-1"}, True),
        ({"copy_source_region": s.REGION}, False),
        ({}, False),
    ],
)
def test_a_request_is_a_copy_by_its_name_or_by_a_source(asked: s.Json, copies: bool) -> None:
    assert (refused(run(BY_ENDPOINT, asked=asked)) == [RULE.component]) is copies


def test_a_copy_of_what_does_not_exist_is_refused_whichever_way_it_comes() -> None:
    made = s.sound()
    error = {"Code": "404", "Message": "Not Found"}
    made.add_call("s3", "HeadBucket", {"Bucket": "gone"}, error=error, http={"status": 404, "headers": {}})
    world = made.world()
    asked = s.question(operation="CopyObject", copy_source="arn:aws:s3:::gone/key")
    request = build_request(parse_question(asked), world)
    found = SERVICE_RULES.run(request, world, (BY_NAT, BY_ENDPOINT), frozenset())
    assert refused(found) == ["s3:bucket/gone"] * 2
    assert [f.code for f in found.findings] == ["region.resource-not-found"]
