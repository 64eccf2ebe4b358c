"""Layers of policies as symbolic questions take them, with their documents; layers that the asker gives."""

from gatepath.engine.iam.ask import Layer
from gatepath.engine.iam.compiled import Role
from gatepath.engine.iam.documents import decode
from gatepath.engine.iam.symbolic_system import Layered, Written
from gatepath.model.naming import Arn
from gatepath.model.network import EndpointType, VpcEndpoint
from gatepath.model.policies import PolicyText
from gatepath.rights.layers import Part, compiled
from gatepath.trace import Component

ALLOW_ALL = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}


def given_endpoint(endpoint: VpcEndpoint | None, name: str, policy: PolicyText) -> Part:
    """Return the layer of an endpoint policy that is given."""
    interface = endpoint is not None and endpoint.type is not EndpointType.GATEWAY
    role = Role.RESOURCE if interface else Role.GATEWAY
    return Part(
        layer=Layer.VPCE,
        check="endpoint-policy",
        component=Component(type="vpc-endpoint", id=name),
        attached=(compiled(policy.text, role),),
        texts=(policy,),
        gateway=not interface,
    )


def given_resource(arn: str, policy: PolicyText | None) -> Part:
    """Return the layer of a resource's policy that is given."""
    parsed = Arn.parse(arn)
    bucket = parsed is not None and parsed.service == "s3"
    name = "" if parsed is None else parsed.resource.rpartition("/")[2]
    component = (
        Component(type="s3-bucket-policy", id=f"s3:bucket-policy/{name}")
        if bucket
        else Component(type="dynamodb-table-policy", id=f"dynamodb:table-policy/{name}")
    )
    attached = () if policy is None else (compiled(policy.text, Role.RESOURCE),)
    texts = () if policy is None else (policy,)
    return Part(
        layer=Layer.RESOURCE, check="resource-policy", component=component, attached=attached, texts=texts
    )


def layered(part: Part | None) -> Layered:
    """Return a layer as symbolic questions take it."""
    if part is None:
        return ()
    texts = part.texts or (None,) * len(part.attached or ())
    return tuple(
        None if policy is None else Written(_raw(text), policy)
        for policy, text in zip(part.attached or (), texts, strict=True)
    )


def _raw(text: PolicyText | None) -> object:
    if text is None:
        return ALLOW_ALL
    found = decode(text.text)
    return found if isinstance(found, dict) else {}  # what is no document allows nothing


def levels(part: Part | None) -> tuple[Layered, ...]:
    """Return guardrails level by level."""
    if part is None:
        return ()
    listed, made, start = layered(part), [], 0
    for size in part.levels:
        made.append(listed[start : start + size])
        start += size
    return tuple(made)
