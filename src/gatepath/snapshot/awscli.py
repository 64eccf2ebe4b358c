"""Files as the AWS CLI prints them (`aws ec2 describe-vpcs > vpcs.json`) to calls."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gatepath.model.told import of_json, of_system, told
from gatepath.snapshot.calls import CALLS
from gatepath.snapshot.record import SnapshotError

Call = dict[str, Any]

_REGION = re.compile(r"^[a-z]{2,4}(-[a-z]+)+-\d+$")

_BY_KEYS: dict[frozenset[str], str] = {
    frozenset({"VpcId", "EnableDnsSupport"}): "ec2.DescribeVpcAttribute",
    frozenset({"VpcId", "EnableDnsHostnames"}): "ec2.DescribeVpcAttribute",
    frozenset({"VpcBlockPublicAccessOptions"}): "ec2.DescribeVpcBlockPublicAccessOptions",
    frozenset({"Table"}): "dynamodb.DescribeTable",
    frozenset({"BucketRegion"}): "s3.HeadBucket",
    frozenset({"LocationConstraint"}): "s3.GetBucketLocation",
    frozenset({"UserId", "Account", "Arn"}): "sts.GetCallerIdentity",
    frozenset({"FunctionName", "FunctionArn"}): "lambda.GetFunctionConfiguration",
}
"""Keys that an answer with no list is known by."""

_ASKED_FOR = {
    "ec2.GetManagedPrefixListEntries": "PrefixListId",
    "route53.ListResourceRecordSets": "HostedZoneId",
    "route53resolver.ListFirewallRules": "FirewallRuleGroupId",
    "route53resolver.ListFirewallDomains": "FirewallDomainListId",
    "s3.HeadBucket": "Bucket",
    "s3.GetBucketLocation": "Bucket",
    "s3.GetBucketPolicy": "Bucket",
}
"""What the answer doesn't say itself: taken from the file's name (`…-pl-0123.json`, `data.head-bucket.json`)."""


@dataclass(slots=True)
class Imported:
    """The calls of a folder, and the files that could not be told."""

    calls: list[Call] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def import_folder(path: Path, account: str, region: str | None) -> Imported:
    """Return the calls in a file or folder of the AWS CLI's output.

    The Region is the nearest folder named like one, else `region`. The CLI joins pages itself, so each list
    counts as whole. Raises `SnapshotError` for a file that is no JSON, or that needs a Region and has none.
    """
    made = Imported()
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*.json") if p.is_file())
    if not files:
        raise SnapshotError(str(path), "snapshot.empty", detail=told("snapshot.detail.no-json-file"))
    for file in files:
        calls = list(_read(file, path, account, region))
        made.calls.extend(calls)
        if not calls:
            made.skipped.append(str(file))
    return made


def _read(file: Path, root: Path, account: str, region: str | None) -> Iterator[Call]:
    try:
        data = json.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SnapshotError(str(file), "snapshot.unreadable", detail=of_system(error)) from error
    except (ValueError, RecursionError) as error:
        raise SnapshotError(str(file), "snapshot.bad-json", detail=of_json(error)) from error
    if not isinstance(data, dict):
        return
    name = _operation(data)
    request = _request(name, data, file) if name is not None else None
    if name is None or request is None:
        return
    where = "aws-global" if CALLS[name].is_global else _region_of(file, root) or region
    if where is None:
        raise SnapshotError(str(file), "snapshot.no-region")
    service, _, operation = name.partition(".")
    yield {
        "account": account,
        "region": where,
        "service": service,
        "operation": operation,
        "request": request,
        "response": data,
    }


def _operation(data: dict[str, Any]) -> str | None:
    keys = set(data)
    for known, name in _BY_KEYS.items():
        if known <= keys:
            return name
    if isinstance(rows := data.get("PrefixLists"), list):
        managed = any("AddressFamily" in row for row in rows if isinstance(row, dict))
        return "ec2.DescribeManagedPrefixLists" if managed else "ec2.DescribePrefixLists"
    for name, call in CALLS.items():
        lists = [key for key in call.result_keys if isinstance(data.get(key), list)]
        if lists and len(lists) == len(call.result_keys) and call.service in _LISTED:
            return name
    return None


_LISTED = frozenset({"ec2", "route53", "route53resolver"})


def _request(name: str, data: dict[str, Any], file: Path) -> dict[str, Any] | None:
    """Return the request the answer belongs to, None where it can't be told."""
    if name == "ec2.DescribeVpcAttribute":
        attribute = "enableDnsSupport" if "EnableDnsSupport" in data else "enableDnsHostnames"
        return {"VpcId": data["VpcId"], "Attribute": attribute}
    if name == "dynamodb.DescribeTable":
        return {"TableName": data["Table"].get("TableName", "")}
    if name == "lambda.GetFunctionConfiguration":
        return {"FunctionName": data["FunctionName"]}
    if name == "route53.ListHostedZonesByVPC":
        vpc = re.search(r"vpc-[0-9a-f]+", file.stem)
        region = _region_of(file, file.parent.parent)
        return {"VPCId": vpc.group(), "VPCRegion": region} if vpc and region else None
    key = _ASKED_FOR.get(name)
    if key is None:
        return {}
    asked = file.stem.split(".")[0] if key == "Bucket" else _id_in(file.stem)
    return {key: asked} if asked else None


def _id_in(stem: str) -> str | None:
    found = re.search(r"(pl|rslvr-frg|rslvr-fdl)-[0-9a-z]+|Z[0-9A-Z]{6,}", stem)
    return found.group() if found else None


def _region_of(file: Path, root: Path) -> str | None:
    inside = file.relative_to(root).parts if file.is_relative_to(root) and file != root else file.parts
    return next((part for part in reversed(inside[:-1]) if _REGION.match(part)), None) or (
        root.name if _REGION.match(root.name) else None
    )
