"""What applies to one permission: every layer of policies, where each comes from, what is missing of it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache

from gatepath.engine.iam.ask import Attached, Layer
from gatepath.engine.iam.compiled import Policy, Role, compile_policy
from gatepath.engine.iam.principals import STRANGER, Kind, Who
from gatepath.model.naming import Arn
from gatepath.model.network import EndpointType, VpcEndpoint
from gatepath.model.policies import AccessPoint, BucketRights, PolicyText
from gatepath.model.ref import Ref, Unknown, unknown
from gatepath.model.world import World
from gatepath.request import Request
from gatepath.rights.guardrails import guardrails
from gatepath.rights.needs import Permission
from gatepath.rights.signer import Signer
from gatepath.trace import Component

_ALLOW_ALL = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}'
)
_COMPILED_LIMIT = 4096
_LINKED = "AWSServiceRoleFor"
"""Service-linked roles are exempt from both kinds of guardrails:
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html and
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html"""
FOREIGN_ACCOUNT = "000000000000"
"""Stands for an account that is none of those a policy names."""
NETWORK_ORIGIN = "network-origin"
"""Stands for the name of a policy: an access point's network origin."""


@lru_cache(maxsize=_COMPILED_LIMIT)
def compiled(text: str, role: Role) -> Policy:
    """Return a document compiled; each text once."""
    return compile_policy(text, role)


def passing(role: Role = Role.RESOURCE) -> Policy:
    """Return a policy that allows everything to everyone."""
    return compiled(_ALLOW_ALL, role)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The policies of one layer. `texts` match `attached` one to one; None there = assumed or not read."""

    layer: Layer
    check: str
    component: Component
    attached: Attached | None
    levels: tuple[int, ...] = ()
    """For SCP and RCP: how many policies each level has."""
    texts: tuple[PolicyText | None, ...] = ()
    gaps: tuple[Unknown, ...] = ()
    assumed: tuple[Unknown, ...] = ()
    """What could not be read and is taken as allowing: the answer is conditional on it."""
    gateway: bool = False
    """Whether it is the policy of a gateway endpoint, which takes no principal but everyone."""

    def ref(self, policy: int | None) -> Ref | None:
        """Return where a policy was recorded."""
        found = self.texts[policy] if policy is not None and policy < len(self.texts) else None
        return None if found is None else found.ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """All that applies to a permission. `account`: the resource's owner, None = not known."""

    permission: Permission
    account: str | None
    parts: tuple[Part, ...]
    block_public: bool | None = False
    block_gaps: tuple[Unknown, ...] = field(default=())

    def part(self, layer: Layer) -> Part | None:
        """Return the part of a layer."""
        return next((part for part in self.parts if part.layer is layer), None)


def _attached(
    policies: Iterable[PolicyText | Unknown | None], role: Role
) -> tuple[Attached, tuple[PolicyText | None, ...], tuple[Unknown, ...]]:
    attached: list[Policy | None] = []
    texts: list[PolicyText | None] = []
    gaps: list[Unknown] = []
    for policy in policies:
        if isinstance(policy, PolicyText):
            attached.append(compiled(policy.text, role))
            texts.append(policy)
        elif policy is not None:
            attached.append(None)
            texts.append(None)
            gaps.append(policy)
    return tuple(attached), tuple(texts), tuple(gaps)


def endpoint_part(endpoint: VpcEndpoint | None) -> Part | None:
    """Return the endpoint policy; None where there is no endpoint (or the default: full access)."""
    if endpoint is None or endpoint.policy_document is None:
        return None
    role = Role.GATEWAY if endpoint.type is EndpointType.GATEWAY else Role.RESOURCE
    text = PolicyText(
        text=endpoint.policy_document, ref=Ref(endpoint.ref.call, f"{endpoint.ref.pointer}/PolicyDocument")
    )
    attached, texts, _ = _attached((text,), role)
    component = Component(type="vpc-endpoint", id=endpoint.id, account=endpoint.owner, region=endpoint.region)
    return Part(
        layer=Layer.VPCE,
        check="endpoint-policy",
        component=component,
        attached=attached,
        texts=texts,
        gateway=role is Role.GATEWAY,
    )


def open_endpoint_part(request: Request, world: World) -> Part | None:
    """Return the layer of an endpoint where the way is not known: any of the VPC's endpoints, or none."""
    if request.vpc_id is None:
        return None
    policies = [e for e in world.vpc_endpoints.of_vpc(request.vpc_id) if e.policy_document is not None]
    if not policies:
        return None
    first = policies[0]
    component = Component(type="vpc-endpoint", id=first.id, account=first.owner, region=first.region)
    return Part(
        layer=Layer.VPCE,
        check="endpoint-policy",
        component=component,
        attached=(None,),
        texts=(None,),
        gaps=(unknown("", "", detail=first.id),),
    )


def identity_parts(who_signs: Signer, caller: Who) -> tuple[Part, ...]:
    """Return identity policies and permissions boundary of the caller."""
    component = identity_component(caller)
    if caller is STRANGER:
        gap = unknown("", "", detail="stranger")
        assumed = Part(
            layer=Layer.IDENTITY,
            check="identity-policy",
            component=component,
            attached=(passing(Role.IDENTITY),),
            assumed=(gap,),
        )
        return (assumed,)
    attached, texts, gaps = _attached(who_signs.policies, Role.IDENTITY)
    made = Part(
        layer=Layer.IDENTITY,
        check="identity-policy",
        component=component,
        attached=attached,
        texts=texts,
        gaps=gaps,
    )
    if who_signs.boundary is None:
        return (made,)
    bounds, bound_texts, bound_gaps = _attached((who_signs.boundary,), Role.IDENTITY)
    boundary = Part(
        layer=Layer.BOUNDARY,
        check="identity-policy",
        component=component,
        attached=bounds,
        texts=bound_texts,
        gaps=bound_gaps,
    )
    return made, boundary


def identity_component(caller: Who) -> Component:
    """Return the caller as a component: `iam:role/NAME`, `iam:user/NAME`, else its ARN or kind."""
    account = caller.account or ""
    if caller.kind in {Kind.ROLE, Kind.SESSION}:
        return Component(type="iam-role", id=f"iam:role/{caller.name}", account=account)
    if caller.kind is Kind.USER:
        return Component(type="iam-user", id=f"iam:user/{caller.name}", account=account)
    return Component(type="principal", id=caller.arn or caller.kind.value, account=account)


def guardrail_parts(world: World, caller: Who, resource_account: str | None) -> tuple[Part, ...]:
    """Return the service control policies over the caller and the resource control policies over the resource."""
    made: list[Part] = []
    if caller.kind in {Kind.ROLE, Kind.SESSION} and caller.name.startswith(_LINKED):
        return ()
    if caller.account is not None and caller.kind not in {Kind.ANONYMOUS, Kind.SERVICE}:
        found = guardrails(world, caller.account)
        made += _levels(Layer.SCP, "identity-policy", caller.account, found.scp, found.unread)
    if resource_account is not None:
        found = guardrails(world, resource_account)
        made += _levels(Layer.RCP, "resource-policy", resource_account, found.rcp, found.unread)
    return tuple(made)


def _levels(
    layer: Layer,
    check: str,
    account: str,
    levels: tuple[tuple[PolicyText | Unknown, ...] | Unknown, ...],
    unread: Unknown | None,
) -> list[Part]:
    """Return the layer; where nothing of it could be read, it is taken as allowing."""
    sizes: list[int] = []
    rows: list[PolicyText | Unknown] = []
    for level in levels:
        listed = (level,) if isinstance(level, Unknown) else level
        sizes.append(len(listed))
        rows += listed
    attached, texts, gaps = _attached(rows, Role.IDENTITY)
    component = Component(type="organizations-policy", id=f"organizations:{account}", account=account)
    if not sizes and unread is None:
        return []
    return [
        Part(
            layer=layer,
            check=check,
            component=component,
            attached=attached,
            levels=tuple(sizes),
            texts=texts,
            gaps=gaps,
            assumed=() if unread is None else (unread,),
        )
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a request is made, and who owns its resource as far as the asker says."""

    region: str
    resource_account: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceSide:
    """A resource's own policy and who owns it."""

    account: str | None
    part: Part
    block_public: bool | None = False
    block_gaps: tuple[Unknown, ...] = ()


def bucket_side(place: Place, world: World, caller: Who, bucket: str, *, catalogue: bool) -> ResourceSide:
    """Return the bucket's policy and Block Public Access.

    What AWS refuses to show of somebody else's bucket is taken as allowing where the signature, too, is
    somebody else's, or where the bucket is one that AWS publishes for its workloads.
    """
    rights = world.bucket_rights.get(bucket)
    component = Component(type="s3-bucket-policy", id=f"s3:bucket-policy/{bucket}", region=place.region)
    if rights is None:
        gap = unknown("s3", "GetBucketPolicy", request=(("Bucket", bucket),))
        foreign = caller is STRANGER or catalogue
        account = place.resource_account or (FOREIGN_ACCOUNT if catalogue else None)
        return ResourceSide(account=account, part=_resource(component, gap, foreign=foreign))
    account = place.resource_account or rights.owner
    foreign = (caller is STRANGER or catalogue) and rights.denied
    part = _resource(component, rights.policy, foreign=foreign)
    if foreign:
        account = account or (FOREIGN_ACCOUNT if catalogue else None)
        return ResourceSide(account=account, part=part)
    block, gaps = _restricts(world, rights, account)
    return ResourceSide(account=account, part=part, block_public=block, block_gaps=gaps)


def _restricts(
    world: World, rights: BucketRights, account: str | None
) -> tuple[bool | None, tuple[Unknown, ...]]:
    """Return whether `RestrictPublicBuckets` is on for the bucket or its account (None = not known)."""
    whole = world.account_access_blocks.get(account or "")
    if whole is None:
        whole = unknown("s3control", "GetPublicAccessBlock", account=account)
    found = (rights.access_block, whole)
    if any(not isinstance(block, Unknown) and block.restrict_public_buckets for block in found):
        return True, ()
    gaps = tuple(block for block in found if isinstance(block, Unknown))
    return (None if gaps else False), gaps


def _resource(component: Component, policy: PolicyText | Unknown | None, *, foreign: bool = False) -> Part:
    if foreign and isinstance(policy, Unknown):
        return Part(
            layer=Layer.RESOURCE,
            check="resource-policy",
            component=component,
            attached=(passing(),),
            assumed=(policy,),
        )
    attached, texts, gaps = _attached((policy,), Role.RESOURCE)
    return Part(
        layer=Layer.RESOURCE,
        check="resource-policy",
        component=component,
        attached=attached,
        texts=texts,
        gaps=gaps,
    )


def access_point_side(point: AccessPoint) -> ResourceSide:
    """Return an access point's own policy; its network origin denies what comes from elsewhere.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-vpc.html
    """
    component = Component(
        type="s3-access-point",
        id=f"arn:aws:s3:{point.region}:{point.account}:accesspoint/{point.name}",
        account=point.account,
        region=point.region,
    )
    block = point.access_block
    known = None if isinstance(block, Unknown) else block.restrict_public_buckets
    part = _resource(component, point.policy)
    if point.vpc_id is not None:
        origin = point.vpc_id if isinstance(point.vpc_id, Unknown) else _origin(point.vpc_id)
        attached, texts, gaps = _attached((origin,), Role.RESOURCE)
        part = replace(
            part,
            attached=(*(part.attached or ()), *attached),
            texts=(*part.texts, *texts),
            gaps=(*part.gaps, *gaps),
        )
    return ResourceSide(
        account=point.account,
        part=part,
        block_public=known,
        block_gaps=(block,) if isinstance(block, Unknown) else (),
    )


def _origin(vpc_id: str) -> PolicyText:
    denial = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "*",
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:SourceVpc": vpc_id}},
    }
    return PolicyText(text=json.dumps({"Version": "2012-10-17", "Statement": [denial]}), name=NETWORK_ORIGIN)


def table_side(place: Place, world: World, arn: Arn) -> ResourceSide:
    """Return a table's policy, which also covers its indexes; a stream has its own."""
    pieces = arn.resource.split("/")
    whole = Arn(arn.partition, arn.service, arn.region, arn.account, "/".join(pieces[:2]))
    own = arn if len(pieces) > 2 and pieces[2] == "stream" else whole  # noqa: PLR2004 - table/NAME/stream
    name = pieces[1] if len(pieces) > 1 else arn.resource
    component = Component(
        type="dynamodb-table-policy",
        id=f"dynamodb:table-policy/{name}",
        account=arn.account,
        region=arn.region or place.region,
    )
    found = world.table_policies.get(str(own))
    if found is None:
        gap = unknown("dynamodb", "GetResourcePolicy", request=(("ResourceArn", str(own)),))
        return ResourceSide(account=arn.account or None, part=_resource(component, gap))
    return ResourceSide(account=arn.account or None, part=_resource(component, found.policy))


def key_side(key_arn: str, account: str, policy: PolicyText | Unknown) -> ResourceSide:
    """Return a KMS key's policy."""
    component = Component(type="kms-key", id=key_arn, account=account)
    return ResourceSide(account=account, part=_resource(component, policy))


def no_side(account: str | None) -> ResourceSide:
    """Return the side of an action without a resource."""
    part = Part(
        layer=Layer.RESOURCE, check="resource-policy", component=Component(type="account", id=""), attached=()
    )
    return ResourceSide(account=account, part=part)
