"""The least rights: complete, real IAM actions, for reading only, and in three forms."""

import json
import re
from importlib.resources import files

import pytest

from gatepath.collect.least_privilege import (
    MAX_CHARACTERS,
    PolicyFormat,
    policy_document,
    render_policy,
    size,
)
from gatepath.collect.needed import KINDS, actions_for, actions_of, means_none, needed_calls
from gatepath.collect.plan_regions import REGION_LISTS
from gatepath.collect.probes import REQUESTS, request_for

DOCUMENT = policy_document(
    ["s3:GetBucketPolicy", "ec2:DescribeVpcs", "ec2:DescribeSubnets", "ec2:DescribeVpcs"]
)


def read_actions() -> set[str]:
    text = files("gatepath.data").joinpath("iam_actions.json").read_text("utf-8")
    listed = json.loads(text)["actions"]
    return {
        f"{service}:{name}"
        for service, levels in listed.items()
        for names in levels.values()
        for name in names
    }


def test_every_action_exists_and_only_reads() -> None:
    assert {action for one in needed_calls() for action in one.actions} <= read_actions()
    assert set(actions_for(())) <= read_actions()


def test_every_call_has_its_actions() -> None:
    free = {"sts.GetCallerIdentity"}  # needs no permission
    assert [one.name for one in needed_calls() if not one.actions and one.name not in free] == []


def test_calls_of_whole_regions_are_covered() -> None:
    everything = set(actions_for(()))
    for name in REGION_LISTS:
        assert set(actions_of(name)) & everything, name


def test_every_call_can_be_tried_or_needs_a_resource_that_exists() -> None:
    untried = {one.name.partition(".")[0] for one in needed_calls() if request_for(one.name) is None}
    assert untried <= {"s3", "s3control", "kms", "organizations", "route53", "dynamodb"}
    assert request_for("route53.ListResourceRecordSets") is not None
    assert all("." in name for name in REQUESTS)


def test_one_statement_a_service_without_repetition() -> None:
    assert DOCUMENT == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "GatepathEc2",
                "Effect": "Allow",
                "Action": ["ec2:DescribeSubnets", "ec2:DescribeVpcs"],
                "Resource": "*",
            },
            {"Sid": "GatepathS3", "Effect": "Allow", "Action": ["s3:GetBucketPolicy"], "Resource": "*"},
        ],
    }


@pytest.mark.parametrize("kinds", [(), *((kind,) for kind in KINDS)])
def test_the_policy_fits_a_managed_policy(kinds: tuple[str, ...]) -> None:
    document = policy_document(actions_for(kinds))
    assert 0 < size(document) < MAX_CHARACTERS
    assert all(re.fullmatch("[A-Za-z0-9]+", str(row["Sid"])) for row in document["Statement"])  # type: ignore[attr-defined]


def test_a_kind_asks_for_less_than_everything() -> None:
    everything = set(actions_for(()))
    for kind in KINDS:
        assert set(actions_for((kind,))) < everything
    assert "iam:GetRole" not in actions_for(("network",))
    assert "ec2:DescribeRouteTables" in actions_for(("network",))


def test_json_and_cloudformation_hold_the_document() -> None:
    assert json.loads(render_policy(DOCUMENT, PolicyFormat.JSON)) == DOCUMENT
    template = json.loads(render_policy(DOCUMENT, PolicyFormat.CLOUDFORMATION))
    (resource,) = template["Resources"].values()
    assert resource["Type"] == "AWS::IAM::ManagedPolicy"
    assert resource["Properties"]["PolicyDocument"] == DOCUMENT


def test_terraform_encodes_the_same_document() -> None:
    text = render_policy(DOCUMENT, PolicyFormat.TERRAFORM)
    found = re.search(r"jsonencode\((.*)\)\n}\n$", text, re.DOTALL)
    assert found is not None
    assert json.loads(found.group(1)) == DOCUMENT
    assert text.startswith('resource "aws_iam_policy" "gatepath" {\n')


def test_errors_that_mean_there_is_none() -> None:
    assert means_none("s3.GetBucketPolicy", "NoSuchBucketPolicy")
    assert not means_none("s3.GetBucketPolicy", "AccessDenied")
