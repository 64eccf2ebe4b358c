"""Every case folder: verdict, component, path; and the same with any one call taken away."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from tests.case_files import Case, all_cases

from gatepath.diagnose import diagnose
from gatepath.model.ref import GapReason
from gatepath.snapshot.calls import CALLS
from gatepath.snapshot.load import load_world
from gatepath.snapshot.record import Record
from gatepath.trace import Diagnosis, Severity, Verdict

NETWORK = frozenset({"network"})
EVERY = list(all_cases())
NOW = [case for case in EVERY if not case.needs_policies]
DECIDED = [case for case in EVERY if "decider" in case.expected]
WHOLE = [case for case in EVERY if case.needs_policies or not case.name.startswith("findings/")]
"""Those whose snapshots hold what policies need; the folders of network findings don't."""
ONLY = [NETWORK, None]


def above_info(diagnosis: Diagnosis) -> set[str]:
    return {f.component.id for f in diagnosis.findings if f.severity is not Severity.INFO}


@pytest.mark.parametrize("case", NOW, ids=lambda case: case.name)
def test_verdict_component_and_path(case: Case) -> None:
    found = diagnose(case.question(), case.world(), only=NETWORK)
    assert found.verdict == case.expected["verdict"]
    wanted = set(case.expected["components"])
    if wanted:
        assert wanted & above_info(found)
    elif found.verdict is Verdict.OK:
        assert not above_info(found)
    paths = {f"{path.kind} {path.component}" if path.component else path.kind.value for path in found.paths}
    assert paths == set(case.expected["path"])
    certainty = case.expected.get("certainty")
    if certainty is not None:
        assert found.certainty in ({"proven", "conditional"} if certainty == "proven" else {certainty})


@pytest.mark.parametrize("case", NOW, ids=lambda case: case.name)
def test_shares_add_up(case: Case) -> None:
    found = diagnose(case.question(), case.world(), only=NETWORK)
    if found.verdict is Verdict.UNKNOWN:
        return  # alternatives that exclude each other have no shares
    by_version: dict[int, list[float]] = {}
    for path in found.paths:
        assert path.share is not None
        by_version.setdefault(path.ip_version, []).append(path.share)  # type: ignore[arg-type]
    assert all(sum(shares) == 1 for shares in by_version.values())


@pytest.mark.parametrize("case", WHOLE, ids=lambda case: case.name)
def test_the_whole_answer(case: Case) -> None:
    found = diagnose(case.question(), case.world())
    assert found.verdict == case.expected["verdict"]
    wanted = set(case.expected["components"])
    if wanted:
        assert wanted & above_info(found)
    elif found.verdict is Verdict.OK:
        assert not above_info(found)
    paths = {f"{path.kind} {path.component}" if path.component else path.kind.value for path in found.paths}
    assert paths == set(case.expected["path"])
    certainty = case.expected.get("certainty")
    if certainty is not None:
        assert found.certainty in ({"proven", "conditional"} if certainty == "proven" else {certainty})


@pytest.mark.parametrize("case", DECIDED, ids=lambda case: case.name)
def test_the_deciding_statement(case: Case) -> None:
    found = diagnose(case.question(), case.world())
    named = [dict(finding.arguments) for finding in found.findings]
    decider = case.expected["decider"]
    assert any(all(row.get(key, 0) == value for key, value in decider.items()) for row in named)


ASSUMED = {"ec2.DescribeVpcEncryptionControls": "assumption.encryption-controls"}
"""Calls that only refine an answer: what they would say is a listed assumption when they are absent."""


def is_assumed(found: Diagnosis, taken: Record) -> bool:
    """Tell whether the answer lists what the call would have said as an assumption."""
    return ASSUMED.get(taken.name) in {assumption.code for assumption in found.assumptions}


@pytest.mark.parametrize("only", ONLY, ids=["network", "all"])
@pytest.mark.parametrize("case", EVERY, ids=lambda case: case.name)
def test_without_any_one_call_the_verdict_stays_or_is_unknown(
    case: Case, only: frozenset[str] | None
) -> None:
    question, records = case.question(), case.records()
    whole = diagnose(question, case.world(), only=only).verdict
    for number, taken in enumerate(records):
        world = load_world(record for record in records if record.index != number)
        found = diagnose(question, world, only=only)
        label = f"without {taken.service}.{taken.operation} {taken.request}"
        if is_assumed(found, taken):
            continue
        assert found.verdict in {whole, Verdict.UNKNOWN}, label
        if found.verdict is Verdict.UNKNOWN and whole is not Verdict.UNKNOWN:
            named = [gap for unsettled in found.unknowns for gap in unsettled.unknown.gaps if gap.operation]
            assert named, label
            assert taken.operation in {gap.operation for gap in named}, label
            assert all(CALLS[f"{gap.service}.{gap.operation}"].actions for gap in named), label


@pytest.mark.parametrize("only", ONLY, ids=["network", "all"])
@pytest.mark.parametrize("case", EVERY, ids=lambda case: case.name)
def test_a_denied_call_is_named_as_denied(case: Case, only: frozenset[str] | None) -> None:
    question, records = case.question(), case.records()
    whole = diagnose(question, case.world(), only=only).verdict
    for number, taken in enumerate(records):
        denied = replace(
            taken, response=None, error_code="AccessDenied", error_message="no", status=None, headers={}
        )
        world = load_world(denied if record.index == number else record for record in records)
        found = diagnose(question, world, only=only)
        if is_assumed(found, taken):
            continue
        assert found.verdict in {whole, Verdict.UNKNOWN}
        if found.verdict is Verdict.UNKNOWN and whole is not Verdict.UNKNOWN:
            reasons = {gap.reason for unsettled in found.unknowns for gap in unsettled.unknown.gaps}
            assert GapReason.DENIED in reasons, f"{taken.name} {taken.request}"


def test_no_case_name_is_in_the_source() -> None:
    source = "\n".join(p.read_text(encoding="utf-8") for p in Path("src").rglob("*.py"))
    for case in EVERY:
        question = (case.folder / "question.json").read_text(encoding="utf-8")
        if case.name.startswith("findings/"):
            continue
        for bucket in re.findall(r"arn:aws:s3:::([a-z0-9.-]+)", question):
            assert bucket not in source
    assert not re.search(r"\b(i|eni|vpc|subnet|rtb|acl|sg|nat)-0[a-f]{3}0{6}", source)
