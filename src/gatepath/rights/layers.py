"""What applies to one permission: every layer of policies, where each comes from, what is missing of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache

from gatepath.engine.iam.ask import Attached, Layer
from gatepath.engine.iam.compiled import Policy, Role, compile_policy
from gatepath.engine.iam.principals import STRANGER, Kind, Who
from gatepath.model.network import EndpointType, VpcEndpoint
from gatepath.model.policies import PolicyText
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
KEY_DISABLED = "key-disabled"
"""Likewise: a KMS key that is not enabled."""


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
    acls: bool | None = False
    """Whether access control lists may grant as well, None if it is not known."""

    def part(self, layer: Layer) -> Part | None:
        """Return the part of a layer."""
        return next((part for part in self.parts if part.layer is layer), None)


def attach(
    policies: Iterable[PolicyText | Unknown | None], role: Role
) -> tuple[Attached, tuple[PolicyText | None, ...], tuple[Unknown, ...]]:
    """Return policies compiled, with their texts one to one, and what could not be read."""
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
    attached, texts, _ = attach((text,), role)
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
    """Return identity policies, permissions boundary and session policy of the caller."""
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
    attached, texts, gaps = attach(who_signs.policies, Role.IDENTITY)
    made = Part(
        layer=Layer.IDENTITY,
        check="identity-policy",
        component=component,
        attached=attached,
        texts=texts,
        gaps=gaps,
    )
    if caller.kind is Kind.FEDERATED:
        # no call tells with which session policy GetFederationToken was called
        return made, replace(made, layer=Layer.SESSION, attached=(None,), texts=(None,))
    if who_signs.boundary is None:
        return (made,)
    bounds, bound_texts, bound_gaps = attach((who_signs.boundary,), Role.IDENTITY)
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
    attached, texts, gaps = attach(rows, Role.IDENTITY)
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
