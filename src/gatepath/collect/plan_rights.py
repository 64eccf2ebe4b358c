"""Which calls tell the resource, who signs, and what limits both. Pure rules."""

from collections.abc import Iterator

from gatepath.collect.answers import ApiCall, ask, objects, part, text, texts, unique
from gatepath.collect.view import View
from gatepath.model.naming import Arn

_NOT_FOUND = frozenset({"404", "NoSuchBucket"})


def bucket_place(view: View) -> Iterator[ApiCall]:
    """Ask where the buckets are."""
    for bucket in view.buckets():
        yield ask(view.region, "s3.HeadBucket", Bucket=bucket)
        head = view.head(bucket)
        if head is not None and head.error not in _NOT_FOUND:
            yield ask(view.bucket_region(bucket) or view.region, "s3.GetBucketLocation", Bucket=bucket)


def bucket_policies(view: View) -> Iterator[ApiCall]:
    """Ask for what decides at the buckets, in their own Region."""
    for bucket in view.buckets():
        head = view.head(bucket)
        if head is None or head.error in _NOT_FOUND:
            continue
        region = view.bucket_region(bucket) or view.region
        for name in (
            "GetBucketPolicy",
            "GetPublicAccessBlock",
            "GetBucketEncryption",
            "GetBucketOwnershipControls",
        ):
            yield ask(region, f"s3.{name}", Bucket=bucket)
        yield ask(region, "s3.GetBucketAcl", Bucket=bucket)
        if view.account:
            yield ask(region, "s3control.GetPublicAccessBlock", AccountId=view.account)
    yield from _directory_bucket(view)
    yield from _keys(view)


def _directory_bucket(view: View) -> Iterator[ApiCall]:
    """Ask the Regional endpoint for what decides at a directory bucket; the ARN tells the Region."""
    arn = Arn.parse(view.question.resource or "")
    if arn is not None and arn.service == "s3express" and arn.resource.startswith("bucket/"):
        for name in ("GetBucketPolicy", "GetBucketEncryption"):
            yield ask(arn.region or view.region, f"s3.{name}", Bucket=arn.resource.split("/")[1])


def access_point(view: View) -> Iterator[ApiCall]:
    """Ask for an access point that the question names."""
    arn = Arn.parse(view.question.resource or "")
    if arn is None or arn.service != "s3" or not arn.resource.startswith(("accesspoint/", "accesspoint:")):
        return
    name = arn.resource[len("accesspoint/") :].split("/")[0]
    place = {"AccountId": arn.account or view.account, "Name": name}
    yield ask(arn.region or view.region, "s3control.GetAccessPoint", **place)
    yield ask(arn.region or view.region, "s3control.GetAccessPointPolicy", **place)


def _keys(view: View) -> Iterator[ApiCall]:
    """Ask for the KMS keys that buckets are encrypted with by default."""
    for page in view.answers.pages("s3.GetBucketEncryption"):
        for rule in objects(part(page.response, "ServerSideEncryptionConfiguration").get("Rules")):
            default = part(rule, "ApplyServerSideEncryptionByDefault")
            key = text(default, "KMSMasterKeyID")
            if not text(default, "SSEAlgorithm").startswith("aws:kms") or not key:
                continue
            arn = Arn.parse(key)
            region = arn.region if arn is not None else page.call.region
            yield ask(region, "kms.DescribeKey", KeyId=key)
            described = view.answers.of(ask(region, "kms.DescribeKey", KeyId=key))
            key_id = text(part(described.response, "KeyMetadata"), "Arn") if described is not None else ""
            if key_id:
                yield ask(region, "kms.GetKeyPolicy", KeyId=key_id, PolicyName="default")


def table(view: View) -> Iterator[ApiCall]:
    """Ask for the table that the question names."""
    arn = Arn.parse(view.question.resource or "")
    if arn is None or arn.service != "dynamodb" or not arn.resource.startswith("table/"):
        return
    region, name = arn.region or view.region, "/".join(arn.resource.split("/")[:2])
    yield ask(region, "dynamodb.DescribeTable", TableName=name.removeprefix("table/"))


def table_policy(view: View) -> Iterator[ApiCall]:
    """Ask for the table's own policy."""
    arn = Arn.parse(view.question.resource or "")
    if arn is not None and arn.service == "dynamodb" and arn.resource.startswith("table/"):
        whole = Arn(
            arn.partition, arn.service, arn.region, arn.account, "/".join(arn.resource.split("/")[:2])
        )
        yield ask(arn.region or view.region, "dynamodb.GetResourcePolicy", ResourceArn=str(whole))


def principal(view: View) -> Iterator[ApiCall]:
    """Ask for the policies of whoever signs: the named principal, else the source's own role."""
    profile_calls = tuple(_instance_profiles(view))
    yield from profile_calls
    for arn in _principal_arns(view):
        kind, _, name = arn.resource.partition("/")
        if arn.account not in {"", view.account}:
            continue
        if kind == "assumed-role":
            yield from _entity(view, "Role", name.split("/")[0])
        elif kind == "role":
            yield from _entity(view, "Role", name.split("/")[-1])
        elif kind == "user":
            yield from _entity(view, "User", name.split("/")[-1])
            yield from _groups(view, name.split("/")[-1])
    yield from managed_policies(view)


def _instance_profiles(view: View) -> Iterator[ApiCall]:
    if view.question.principal is not None:
        return
    for instance in view.instances():
        arn = Arn.parse(text(part(instance, "IamInstanceProfile"), "Arn"))
        if arn is not None and text(instance, "InstanceId") in view.source_instances():
            yield ask("", "iam.GetInstanceProfile", InstanceProfileName=arn.resource.split("/")[-1])


def _principal_arns(view: View) -> Iterator[Arn]:
    if view.question.principal is not None:
        found = [view.question.principal.arn or "", view.question.principal.presigned_by or ""]
    else:
        found = [text(view.lambda_configuration(), "Role")]
        for page in view.answers.pages("ecs.DescribeTaskDefinition"):
            found.append(text(part(page.response, "taskDefinition"), "taskRoleArn"))
        for page in view.answers.pages("iam.GetInstanceProfile"):
            profile = part(page.response, "InstanceProfile")
            found += [text(role, "Arn") for role in objects(profile.get("Roles"))]
    yield from (
        arn for arn in map(Arn.parse, unique(found)) if arn is not None and arn.service in {"iam", "sts"}
    )


def _entity(view: View, kind: str, name: str) -> Iterator[ApiCall]:
    """Ask for a role's, user's or group's inline and attached policies; only groups have no boundary."""
    key = {f"{kind}Name": name}
    if kind != "Group":
        yield ask("", f"iam.Get{kind}", **key)
    yield ask("", f"iam.List{kind}Policies", **key)
    yield ask("", f"iam.ListAttached{kind}Policies", **key)
    for page in view.answers.pages(f"iam.List{kind}Policies"):
        if page.call.request.get(f"{kind}Name") == name:
            for policy in texts(page.response.get("PolicyNames")):
                yield ask("", f"iam.Get{kind}Policy", **key, PolicyName=policy)


def _groups(view: View, user: str) -> Iterator[ApiCall]:
    yield ask("", "iam.ListGroupsForUser", UserName=user)
    for group in view.answers.rows("iam.ListGroupsForUser", "Groups"):
        yield from _entity(view, "Group", text(group, "GroupName"))


def managed_policies(view: View) -> Iterator[ApiCall]:
    """Ask for the documents of attached policies and permissions boundaries."""
    arns = []
    for kind in ("Role", "User", "Group"):
        rows = view.answers.rows(f"iam.ListAttached{kind}Policies", "AttachedPolicies")
        arns += [text(row, "PolicyArn") for row in rows]
        for page in view.answers.pages(f"iam.Get{kind}"):
            arns.append(
                text(part(part(page.response, kind), "PermissionsBoundary"), "PermissionsBoundaryArn")
            )
    for arn in unique(arns):
        yield ask("", "iam.GetPolicy", PolicyArn=arn)
    for page in view.answers.pages("iam.GetPolicy"):
        policy = part(page.response, "Policy")
        if version := text(policy, "DefaultVersionId"):
            arn = text(policy, "Arn") or str(page.call.request.get("PolicyArn"))
            yield ask("", "iam.GetPolicyVersion", PolicyArn=arn, VersionId=version)


def guardrails(view: View) -> Iterator[ApiCall]:
    """Ask for SCPs and RCPs from the account up to the root, as far as the account may read them.

    Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
    """
    yield ask("", "organizations.DescribeOrganization")
    page = next(view.answers.pages("organizations.DescribeOrganization"), None)
    if page is None or page.error or not view.account:
        return
    targets = [account for account in (view.account, view.question.resource_account) if account]
    for answer in view.answers.pages("organizations.ListParents"):
        targets += [text(parent, "Id") for parent in objects(answer.response.get("Parents"))]
    for target in unique(targets):
        if not target.startswith("r-"):
            yield ask("", "organizations.ListParents", ChildId=target)
        for kind in ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"):
            yield ask("", "organizations.ListPoliciesForTarget", TargetId=target, Filter=kind)
    for row in view.answers.rows("organizations.ListPoliciesForTarget", "Policies"):
        yield ask("", "organizations.DescribePolicy", PolicyId=text(row, "Id"))
