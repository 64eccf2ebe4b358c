"""Every case's diagnosis as JSON: valid by the schema, and faithful to the diagnosis."""

import json
from pathlib import Path

import jsonschema_rs
import pytest
from tests.case_files import Case, all_cases

from gatepath.diagnose import diagnose
from gatepath.report.json import diagnosis_json, render_json
from gatepath.snapshot.calls import CALLS
from gatepath.snapshot.load import load_world
from gatepath.trace import Diagnosis

NETWORK = frozenset({"network"})
SCHEMA = json.loads(Path("src/gatepath/report/schema/gatepath-diagnosis-1.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema_rs.Draft202012Validator(SCHEMA)
EVERY = list(all_cases())


def faults(diagnosis: Diagnosis, language: str) -> list[str]:
    document = json.loads(render_json(diagnosis, language))
    return [f"{list(error.instance_path)}: {error.message}" for error in VALIDATOR.iter_errors(document)]


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("case", EVERY, ids=lambda case: case.name)
def test_every_case_is_valid_by_the_schema(case: Case, language: str) -> None:
    world = case.world()
    assert faults(diagnose(case.question(), world, only=NETWORK), language) == []
    assert faults(diagnose(case.question(), world), language) == []


def test_the_schema_refuses_a_wrong_document() -> None:
    case = EVERY[0]
    document = diagnosis_json(diagnose(case.question(), case.world(), only=NETWORK))
    for key in SCHEMA["required"]:
        assert not VALIDATOR.is_valid({name: value for name, value in document.items() if name != key}), key
    assert not VALIDATOR.is_valid({**document, "verdict": "fine"})
    assert not VALIDATOR.is_valid({**document, "certainty": "maybe"})


@pytest.mark.parametrize("case", EVERY, ids=lambda case: case.name)
def test_the_decision_is_left_out_with_the_policies(case: Case) -> None:
    found = json.loads(render_json(diagnose(case.question(), case.world(), only=NETWORK)))
    assert found["left_out"] == ["endpoint-policy", "resource-policy", "identity-policy"]
    assert all("decision" not in path for path in found["paths"])
    whole = json.loads(render_json(diagnose(case.question(), case.world())))
    assert whole["left_out"] == []
    assert all("decision" in path for path in whole["paths"] if path["kind"] != "dropped")


@pytest.mark.parametrize("case", EVERY, ids=lambda case: case.name)
def test_evidence_points_at_what_is_recorded(case: Case) -> None:
    records = {record.index: record for record in case.records()}
    found = json.loads(render_json(diagnose(case.question(), case.world(), only=NETWORK)))
    refs = [seen["ref"] for finding in found["findings"] for seen in finding["evidence"] if seen["ref"]]
    refs += [hit["ref"] for step in found["steps"] for hit in step["rule_hits"] if hit["ref"]]
    for ref in refs:
        record = records[ref["call"]]
        assert (record.name, record.region) == (ref["operation"], ref["region"])
        value = json.loads(record.response or b"null")
        for key in ref["pointer"].split("/")[1:]:
            step = key.replace("~1", "/").replace("~0", "~")
            value = value[int(step)] if isinstance(value, list) else value[step]


def test_an_unknown_names_call_reason_and_permission() -> None:
    case = next(case for case in EVERY if "case-045" in case.name)
    kept = [record for record in case.records() if record.operation != "DescribeSecurityGroups"]
    found = json.loads(render_json(diagnose(case.question(), load_world(kept), only=NETWORK)))
    assert found["verdict"] == "unknown"
    point = found["unknowns"][0]
    assert "ec2:DescribeSecurityGroups" in point["why"]
    assert "us-west-2" in point["settle_with"]
    for action in CALLS["ec2.DescribeSecurityGroups"].actions:
        assert f"`{action}`" in point["settle_with"]
