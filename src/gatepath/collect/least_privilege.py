"""The least rights the tool needs, as a policy: JSON, Terraform, CloudFormation. Pure text from the table of calls."""

import json
from collections.abc import Iterable, Mapping
from enum import StrEnum

NAME = "gatepath-read-only"
VERSION = "2012-10-17"
MAX_CHARACTERS = 6144
"""Of a managed policy, white space not counted:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html."""


class PolicyFormat(StrEnum):
    """In which form a policy is printed."""

    JSON = "json"
    TERRAFORM = "terraform"
    CLOUDFORMATION = "cloudformation"


def policy_document(actions: Iterable[str]) -> dict[str, object]:
    """Return a policy that allows the actions on every resource, one statement a service, in order.

    The list calls of EC2, Route 53 Resolver and others know no resource-level permissions, and what a question
    leads to isn't known beforehand: hence `Resource: *`, for reading only.
    """
    by_service: dict[str, list[str]] = {}
    for action in sorted(set(actions)):
        by_service.setdefault(action.partition(":")[0], []).append(action)
    statements = [
        {"Sid": _sid(service), "Effect": "Allow", "Action": names, "Resource": "*"}
        for service, names in by_service.items()
    ]
    return {"Version": VERSION, "Statement": statements}


def size(document: Mapping[str, object]) -> int:
    """Return the policy's length as IAM counts it."""
    return len(json.dumps(document, separators=(",", ":")))


def render_policy(document: Mapping[str, object], form: PolicyFormat) -> str:
    """Return the policy in the wanted form, ending in a line feed."""
    match form:
        case PolicyFormat.JSON:
            return json.dumps(document, indent=2) + "\n"
        case PolicyFormat.TERRAFORM:
            return _terraform(document)
        case PolicyFormat.CLOUDFORMATION:
            return _cloudformation(document)


def _terraform(document: Mapping[str, object]) -> str:
    """Return a managed policy whose document Terraform encodes itself (JSON objects are HCL expressions)."""
    body = json.dumps(document, indent=2).replace("\n", "\n  ")
    return (
        'resource "aws_iam_policy" "gatepath" {\n'
        f'  name        = "{NAME}"\n'
        '  description = "Least rights of gatepath (read only)"\n'
        f"  policy      = jsonencode({body})\n"
        "}\n"
    )


def _cloudformation(document: Mapping[str, object]) -> str:
    properties = {
        "ManagedPolicyName": NAME,
        "Description": "Least rights of gatepath (read only)",
        "PolicyDocument": document,
    }
    resource = {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {"GatepathReadOnly": resource},
        "Outputs": {"PolicyArn": {"Value": {"Ref": "GatepathReadOnly"}}},
    }
    return json.dumps(template, indent=2) + "\n"


def _sid(service: str) -> str:
    return "Gatepath" + "".join(part.capitalize() for part in service.split("-"))
