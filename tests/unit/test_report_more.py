"""What the terminal report once got wrong: found by reading it."""

import re
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

import pytest
from tests.case_files import Case, all_cases

from gatepath.diagnose import diagnose
from gatepath.messages.catalogue import finding, finding_codes, messages, render
from gatepath.model.question import parse_question
from gatepath.model.ref import Gap, GapReason
from gatepath.report.layout import Style
from gatepath.report.parts import finding_text, gap_text, percent
from gatepath.report.text import render_text
from gatepath.snapshot.load import load_world
from gatepath.trace import Component, Finding, PathKind

NETWORK = frozenset({"network"})
WIDE = Style(width=1000)


def fires(code: str) -> Case:
    return next(case for case in all_cases() if case.name == f"findings/{code}/fires")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_cut_by_source_port_is_no_share_of_the_addresses(language: str) -> None:
    case = fires("network-acl.partial-return")
    found = diagnose(case.question(), case.world(), only=NETWORK)
    dropped, kept = (
        [t.packets.addresses() for t in found.steps[-1].out if t.live is live] for live in (False, True)
    )
    assert dropped == kept, "the case cuts by port alone"
    text = render_text(found, language, WIDE)
    assert not re.search(r"\d % of the addresses|アドレスの \d", text)


@pytest.mark.parametrize("code", ["route.more-specific", "route.same-cidr-static"])
def test_the_way_by_the_endpoint_is_not_marked_as_diverted(code: str) -> None:
    case = fires(code)
    found = diagnose(case.question(), case.world(), only=NETWORK)
    kinds = [path.kind for path in found.paths]
    assert set(kinds) == {PathKind.GATEWAY_ENDPOINT, PathKind.NAT_GATEWAY}
    ways = [line for line in render_text(found, "en", WIDE).splitlines() if " ─ " in line]
    assert "DIVERT" in ways[kinds.index(PathKind.NAT_GATEWAY)]
    assert "DIVERT" not in ways[kinds.index(PathKind.GATEWAY_ENDPOINT)]


def ways_of_an_outside_source() -> list[str]:
    case = fires("route.more-specific")
    asked = parse_question({"source": {"external": "my laptop"}, "service": "s3", "region": "eu-west-1"})
    found = diagnose(asked, case.world(), only=NETWORK)
    assert [path.kind for path in found.paths] == [PathKind.INTERNET]
    return [line for line in render_text(found, "en", WIDE).splitlines() if " ─ " in line]


def test_the_way_of_an_outside_source_begins_with_a_name() -> None:
    assert all(not line.strip().startswith("─") for line in ways_of_an_outside_source())


def test_an_outside_source_passes_no_filters() -> None:
    for line in ways_of_an_outside_source():
        assert "security group" not in line
        assert "network ACL" not in line


@pytest.mark.parametrize("detail", ["overlapping-prefix-lists", "ipv6-to-nat-gateway"])
@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_slug_is_not_shown_as_a_reason(detail: str, language: str) -> None:
    gap = Gap(service="", operation="", reason=GapReason.NOT_IN_API, detail=detail)
    assert detail not in gap_text(gap, language)


def japanese() -> Iterable[tuple[str, str]]:
    for code in messages():
        yield code, render(code, (), "ja")
    for code in finding_codes():
        for part, text in finding(code).texts["ja"].items():
            yield f"{code}:{part}", text


@pytest.mark.parametrize(("first", "second"), [("ポッド", r"\bPod\b"), ("わかり", "分かり"), (r" \(", "（")])
def test_one_spelling_for_one_thing_in_japanese(first: str, second: str) -> None:
    used = [
        {place for place, text in japanese() if re.search(spelling, text)} for spelling in (first, second)
    ]
    assert not all(used), used


def test_a_table_that_leads_nowhere_says_so() -> None:
    for language, said in (("en", "nowhere"), ("ja", "なし")):
        found = Finding(
            code="route.endpoint-not-associated",
            check="route",
            component=Component(type="route-table", id="rtb-1"),
            arguments=(("table", "rtb-1"), ("subnet", "subnet-1"), ("endpoint", "vpce-1"), ("target", "-")),
        )
        assert said in finding_text(found, "message", language)


def test_all_of_it_is_no_share() -> None:
    assert percent(Fraction(1), "en", "report.share-of-ports") == "all packets"
    assert percent(Fraction(1), "ja") == "すべてのパケット"
    assert percent(Fraction(999, 1000), "en") == "99 % of the addresses"


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_call_recorded_for_others_is_not_said_to_be_missing(language: str) -> None:
    case = next(case for case in all_cases() if case.name == "case-045-stale-hardcoded-service-cidrs")
    records = [
        replace(record, request={"InstanceIds": ["i-1"]})
        if record.name == "ec2.DescribeInstances"
        else record
        for record in case.records()
    ]
    question = parse_question({"source": {"instance": "i-0999"}, "service": "s3"})
    text = render_text(diagnose(question, load_world(records)), language, WIDE)
    assert "`i-0999`" in text
    assert "`id=i-0999`" in text
    assert render("gap.not-recorded", {"call": "ec2:DescribeInstances"}, language) not in text
