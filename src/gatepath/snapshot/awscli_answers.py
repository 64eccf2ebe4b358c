"""Which call an answer of the AWS CLI belongs to: told by its members, and by its file's name for the rest."""

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from gatepath.snapshot.calls import CALLS

Json = dict[str, Any]

_BY_KEYS: dict[frozenset[str], str] = {
    frozenset({"VpcId", "EnableDnsSupport"}): "ec2.DescribeVpcAttribute",
    frozenset({"VpcId", "EnableDnsHostnames"}): "ec2.DescribeVpcAttribute",
    frozenset({"VpcBlockPublicAccessOptions"}): "ec2.DescribeVpcBlockPublicAccessOptions",
    frozenset({"Table"}): "dynamodb.DescribeTable",
    frozenset({"BucketRegion"}): "s3.HeadBucket",
    frozenset({"LocationConstraint"}): "s3.GetBucketLocation",
    frozenset({"ServerSideEncryptionConfiguration"}): "s3.GetBucketEncryption",
    frozenset({"OwnershipControls"}): "s3.GetBucketOwnershipControls",
    frozenset({"Owner", "Grants"}): "s3.GetBucketAcl",
    frozenset({"PublicAccessBlockConfiguration"}): "s3.GetPublicAccessBlock",
    frozenset({"UserId", "Account", "Arn"}): "sts.GetCallerIdentity",
    frozenset({"FunctionName", "FunctionArn"}): "lambda.GetFunctionConfiguration",
    frozenset({"UserDetailList", "RoleDetailList"}): "iam.GetAccountAuthorizationDetails",
    frozenset({"Role"}): "iam.GetRole",
    frozenset({"RoleName", "PolicyName", "PolicyDocument"}): "iam.GetRolePolicy",
    frozenset({"UserName", "PolicyName", "PolicyDocument"}): "iam.GetUserPolicy",
    frozenset({"GroupName", "PolicyName", "PolicyDocument"}): "iam.GetGroupPolicy",
    frozenset({"PolicyVersion"}): "iam.GetPolicyVersion",
    frozenset({"InstanceProfile"}): "iam.GetInstanceProfile",
    frozenset({"KeyMetadata"}): "kms.DescribeKey",
    frozenset({"Organization"}): "organizations.DescribeOrganization",
    frozenset({"Parents"}): "organizations.ListParents",
    frozenset({"cluster"}): "eks.DescribeCluster",
    frozenset({"nodegroup"}): "eks.DescribeNodegroup",
}
"""Members that an answer is known by, beside the lists of `calls.toml`."""

_LISTED = frozenset({"ec2", "route53", "route53resolver", "route53profiles", "ecs"})
"""Services whose lists have names of their own."""

_TOLD: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "dynamodb.DescribeTable": {"TableName": "Table.TableName"},
        "lambda.GetFunctionConfiguration": {"FunctionName": "FunctionName"},
        "iam.GetRole": {"RoleName": "Role.RoleName"},
        "iam.GetUser": {"UserName": "User.UserName"},
        "iam.GetRolePolicy": {"RoleName": "RoleName", "PolicyName": "PolicyName"},
        "iam.GetUserPolicy": {"UserName": "UserName", "PolicyName": "PolicyName"},
        "iam.GetGroupPolicy": {"GroupName": "GroupName", "PolicyName": "PolicyName"},
        "iam.GetPolicy": {"PolicyArn": "Policy.Arn"},
        "iam.GetInstanceProfile": {"InstanceProfileName": "InstanceProfile.InstanceProfileName"},
        "kms.DescribeKey": {"KeyId": "KeyMetadata.Arn"},
        "organizations.DescribePolicy": {"PolicyId": "Policy.PolicySummary.Id"},
        "s3control.GetAccessPoint": {"Name": "Name"},
        "eks.DescribeCluster": {"name": "cluster.name"},
        "eks.DescribeNodegroup": {
            "clusterName": "nodegroup.clusterName",
            "nodegroupName": "nodegroup.nodegroupName",
        },
    }
)
"""What was asked for, where the answer tells it: member of the request -> path in the answer."""

_ANY = r".+"

_NAMED: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "ec2.GetManagedPrefixListEntries": ("PrefixListId", r"pl-[0-9a-f]+"),
        "ec2.GetTransitGatewayRouteTableAssociations": ("TransitGatewayRouteTableId", r"tgw-rtb-[0-9a-f]+"),
        "ec2.SearchTransitGatewayRoutes": ("TransitGatewayRouteTableId", r"tgw-rtb-[0-9a-f]+"),
        "route53.ListHostedZonesByVPC": ("VPCId", r"vpc-[0-9a-f]+"),
        "route53.ListResourceRecordSets": ("HostedZoneId", r"Z[0-9A-Z]{6,}"),
        "route53resolver.ListFirewallRules": ("FirewallRuleGroupId", r"rslvr-frg-[0-9a-z]+"),
        "route53resolver.ListFirewallDomains": ("FirewallDomainListId", r"rslvr-fdl-[0-9a-z]+"),
        "route53profiles.ListProfileResourceAssociations": ("ProfileId", r"rp-[0-9a-z]+"),
        "organizations.ListParents": ("ChildId", r"ou-[0-9a-z]+-[0-9a-z]+|\d{12}"),
        "organizations.ListPoliciesForTarget": ("TargetId", r"r-[0-9a-z]+|ou-[0-9a-z]+-[0-9a-z]+|\d{12}"),
        "iam.GetPolicyVersion": ("PolicyArn", _ANY),
        "kms.GetKeyPolicy": ("KeyId", _ANY),
        "dynamodb.GetResourcePolicy": ("ResourceArn", _ANY),
        "s3control.GetAccessPointPolicy": ("Name", _ANY),
        **{
            f"s3.{operation}": ("Bucket", _ANY)
            for operation in (
                "HeadBucket",
                "GetBucketLocation",
                "GetBucketPolicy",
                "GetPublicAccessBlock",
                "GetBucketEncryption",
                "GetBucketOwnershipControls",
                "GetBucketAcl",
            )
        },
        **{
            f"iam.{operation}": (f"{kind}Name", _ANY)
            for kind in ("Role", "User", "Group")
            for operation in (f"List{kind}Policies", f"ListAttached{kind}Policies")
        },
        "iam.ListGroupsForUser": ("UserName", _ANY),
    }
)
"""What was asked for, where only the file's name can tell it: member of the request, and its form."""

_PREFIX = re.compile(r"(?:^|[-_. ])(?:aws|s3api|s3control|s3|ec2|iam|kms|dynamodb|organizations)$")


@cache
def _words() -> Mapping[str, tuple[str, ...]]:
    """Return the calls by the CLI's word for them (`get-bucket-policy`), the longest words first."""
    found: dict[str, tuple[str, ...]] = {}
    for name, call in CALLS.items():
        word = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", call.operation).lower()
        found[word] = (*found.get(word, ()), name)
    return dict(sorted(found.items(), key=lambda pair: -len(pair[0])))


def named_call(stem: str) -> tuple[str | None, str]:
    """Return the call that a file's name names, and what the name says beside it."""
    lowered = stem.lower()
    for word, names in _words().items():
        place = re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", lowered)
        if place is None:
            continue
        service = next(
            (name for name in names if name.partition(".")[0] in lowered[: place.start()]), names[0]
        )
        before = _PREFIX.sub("", stem[: place.start()].rstrip("-_. "))
        return service, "-".join(part for part in (before, stem[place.end() :]) if part).strip("-_. ")
    return None, stem


def call_of(data: Json, stem: str) -> str | None:
    """Return the call whose answer this is; the file's name decides between calls with equal answers."""
    named = named_call(stem)[0]
    if named is not None and _agrees(named, data):
        return named
    known = next((name for members, name in _BY_KEYS.items() if members <= data.keys()), None)
    return known or _by_kind(data) or _by_list(data)


def _by_kind(data: Json) -> str | None:
    """Return the call of an answer whose one member may stand for several things."""
    if isinstance(rows := data.get("PrefixLists"), list):
        managed = any("AddressFamily" in row for row in rows if isinstance(row, dict))
        return "ec2.DescribeManagedPrefixLists" if managed else "ec2.DescribePrefixLists"
    if isinstance(policy := data.get("Policy"), dict):
        return "organizations.DescribePolicy" if "PolicySummary" in policy else "iam.GetPolicy"
    return "iam.GetUser" if isinstance(data.get("User"), dict) else None


def _by_list(data: Json) -> str | None:
    for name, call in CALLS.items():
        keys = call.result_keys
        if keys and call.service in _LISTED and all(isinstance(data.get(key), list) for key in keys):
            return name
    return None


def _agrees(name: str, data: Json) -> bool:
    """Tell whether an answer may be one of a call: it has one of the call's lists, or some member of its own."""
    keys = CALLS[name].result_keys
    if any(key in data for key in keys):
        return True
    known = [members for members, other in _BY_KEYS.items() if other == name]
    return (
        not data
        or any(members <= data.keys() for members in known)
        or "Policy" in data
        or not (keys or known)
    )


def request_of(name: str, data: Json, stem: str, account: str) -> Json | None:
    """Return the request of an answer (or error: no data), None where neither answer nor file tells it."""
    if name == "ec2.DescribeVpcAttribute":
        attribute = "enableDnsSupport" if "EnableDnsSupport" in data else "enableDnsHostnames"
        return {"VpcId": data["VpcId"], "Attribute": attribute} if "VpcId" in data else None
    made: Json = {"AccountId": account} if name.startswith("s3control.") else {}
    made |= {key: _at(data, path) for key, path in _TOLD.get(name, {}).items()}
    if name in _NAMED:
        key, form = _NAMED[name]
        made[key] = _named(stem, form)
    made |= _more(name, data)
    return made if all(isinstance(value, str) for value in made.values()) else None


def _named(stem: str, form: str) -> str | None:
    """Return what was asked for from a file's name: an id of a known form, or all that stands beside the call."""
    call, rest = named_call(stem)
    if call is None and form == _ANY:
        return None
    found = re.search(rf"(?<![a-z0-9])(?:{form})", rest, re.IGNORECASE)
    return found.group() if found else None


def _more(name: str, data: Json) -> Json:
    match name:
        case "kms.GetKeyPolicy":
            return {"PolicyName": "default"}
        case "iam.GetPolicyVersion":
            return {"VersionId": _at(data, "PolicyVersion.VersionId")}
        case "organizations.ListPoliciesForTarget":
            kinds = {row.get("Type") for row in data.get("Policies", ()) if isinstance(row, dict)}
            return {"Filter": kinds.pop() if len(kinds) == 1 else None}
    return {}


def word_of(name: str) -> str:
    """Return the CLI's word for a call, `get-bucket-policy`."""
    return next(word for word, names in _words().items() if name in names)


def _at(data: Json, path: str) -> Any:
    value: Any = data
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value
