"""The cheapest way to try each needed read call: a request that returns nothing, if possible without a resource.

EC2's calls are tried with `DryRun`, which answers only whether the call would be allowed:
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonParameters.html. The others name something that
does not exist: whoever is told "not found" was allowed to look.
"""

from collections.abc import Mapping

NAME = "gatepath-doctor-does-not-exist"
_HEX = "0" * 17

REQUESTS: Mapping[str, Mapping[str, object]] = {
    "ec2.DescribeVpcAttribute": {"VpcId": f"vpc-{_HEX}", "Attribute": "enableDnsSupport"},
    "ec2.GetManagedPrefixListEntries": {"PrefixListId": f"pl-{_HEX}"},
    "ec2.GetTransitGatewayRouteTableAssociations": {"TransitGatewayRouteTableId": f"tgw-rtb-{_HEX}"},
    "ec2.SearchTransitGatewayRoutes": {
        "TransitGatewayRouteTableId": f"tgw-rtb-{_HEX}",
        "Filters": [{"Name": "state", "Values": ["active"]}],
    },
    "dynamodb.DescribeTable": {"TableName": NAME},
    "ecs.DescribeServices": {"services": [NAME]},
    "ecs.DescribeTasks": {"tasks": ["0" * 32]},
    "ecs.DescribeTaskDefinition": {"taskDefinition": NAME},
    "ecs.DescribeContainerInstances": {"containerInstances": ["0" * 32]},
    "eks.DescribeCluster": {"name": NAME},
    "eks.DescribeNodegroup": {"clusterName": NAME, "nodegroupName": NAME},
    "eks.DescribeAddon": {"clusterName": NAME, "addonName": NAME},
    "iam.GetAccountAuthorizationDetails": {"MaxItems": 1},
    "iam.GetGroup": {"GroupName": NAME},
    "iam.GetGroupPolicy": {"GroupName": NAME, "PolicyName": NAME},
    "iam.GetInstanceProfile": {"InstanceProfileName": NAME},
    "iam.GetPolicy": {"PolicyArn": f"arn:aws:iam::aws:policy/{NAME}"},
    "iam.GetPolicyVersion": {"PolicyArn": f"arn:aws:iam::aws:policy/{NAME}", "VersionId": "v1"},
    "iam.GetRole": {"RoleName": NAME},
    "iam.GetRolePolicy": {"RoleName": NAME, "PolicyName": NAME},
    "iam.GetUser": {"UserName": NAME},
    "iam.GetUserPolicy": {"UserName": NAME, "PolicyName": NAME},
    "iam.ListAttachedGroupPolicies": {"GroupName": NAME},
    "iam.ListAttachedRolePolicies": {"RoleName": NAME},
    "iam.ListAttachedUserPolicies": {"UserName": NAME},
    "iam.ListGroupPolicies": {"GroupName": NAME},
    "iam.ListGroupsForUser": {"UserName": NAME},
    "iam.ListRolePolicies": {"RoleName": NAME},
    "iam.ListUserPolicies": {"UserName": NAME},
    "kms.DescribeKey": {"KeyId": f"alias/{NAME}"},
    "lambda.GetFunctionConfiguration": {"FunctionName": NAME},
    "organizations.DescribeOrganization": {},
    "route53.ListResourceRecordSets": {"HostedZoneId": "Z00000000000000000000", "MaxItems": "1"},
    "route53profiles.ListProfileAssociations": {},
    "route53profiles.ListProfileResourceAssociations": {"ProfileId": NAME},
    "route53resolver.GetFirewallConfig": {"ResourceId": f"vpc-{_HEX}"},
    "route53resolver.ListFirewallRuleGroupAssociations": {"MaxResults": 1},
    "route53resolver.ListFirewallRules": {"FirewallRuleGroupId": NAME},
    "route53resolver.ListFirewallDomains": {"FirewallDomainListId": NAME},
    "route53resolver.ListResolverRuleAssociations": {"MaxResults": 1},
    "route53resolver.ListResolverRules": {"MaxResults": 1},
    "sts.GetCallerIdentity": {},
}
"""Requests of the calls that need arguments; EC2 calls that are not listed are tried without."""

_DENIED = (
    "AccessDenied",
    "UnauthorizedOperation",
    "AuthorizationError",
    "NotAuthorized",
    "ForbiddenException",
)
_LOOKED = (
    "DryRunOperation",
    "NotFound",
    "NoSuch",
    "ResourceNotFound",
    "DoesNotExist",
    "ClusterNotFound",
    "NotInUse",
)


def request_for(name: str) -> Mapping[str, object] | None:
    """Return the request that tries `service.Operation`, or None if there is no harmless one."""
    if name in REQUESTS:
        return {**REQUESTS[name], "DryRun": True} if name.startswith("ec2.") else REQUESTS[name]
    return {"DryRun": True} if name.startswith("ec2.Describe") else None


def is_denied(code: str) -> bool:
    """Tell whether an error code means that a permission is missing."""
    return any(word in code for word in _DENIED) or code == "403"


def proves_allowed(code: str) -> bool:
    """Tell whether an error code can only come after the permission was granted."""
    return any(word in code for word in _LOOKED)
