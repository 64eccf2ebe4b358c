"""A request without a path, judged by the policies of a snapshot."""

from dataclasses import replace

from gatepath.engine.iam.ask import Ask, Attached, Layer, flat
from gatepath.engine.iam.authorize import Asked
from gatepath.engine.iam.context import fill
from gatepath.engine.iam.documents import Problem
from gatepath.engine.iam.logic import UNKNOWN
from gatepath.model.world import World
from gatepath.rights.assemble import layers_of, resource_side
from gatepath.rights.layers import Part, endpoint_part, guardrail_parts, identity_parts
from gatepath.rights.needs import Permission
from gatepath.rights.sides import Place
from gatepath.rights.signer import signer_of
from gatepath.trace import Component

_OWNER = frozenset({"aws:resourceaccount", "s3:resourceaccount"})


def from_snapshot(asked: Asked, world: World) -> Ask:
    """Return the ask with the layers that the line leaves out taken from what is recorded.

    Guardrails that could not be read stay unknown. The endpoint is the one the context names: if that is not
    recorded (another account's, say), its policy is not known.
    """
    ask = asked.ask
    found = signer_of(ask.caller, world)
    permission = Permission(action=ask.action, resource=ask.resource_arn)
    side = resource_side(
        Place(region="", resource_account=ask.resource_account), world, ask.caller, permission
    )
    account = ask.resource_account or side.account
    vpce = _endpoint(ask, world)
    parts = [*identity_parts(found, ask.caller), side.part, *guardrail_parts(world, ask.caller, account)]
    if vpce is not None:
        parts.append(vpce)
    wanted = [_honest(part) for part in parts if not asked.gives(part.layer.value)]
    context = dict(ask.context)
    if ask.resource_account is None and account is not None:
        context = {key: value for key, value in context.items() if key not in _OWNER or value is not UNKNOWN}
        fill(context, ask.caller, ask.action, ask.resource_arn, account)
    block = ask.block_public if asked.gives(Layer.SETTINGS.value) else side.block_public
    made = replace(ask, resource_account=account, context=context, block_public=block)
    return layers_of(made, tuple(wanted))


def problems_of(ask: Ask) -> tuple[tuple[str, int, Problem], ...]:
    """Return what is malformed in the policies: (layer, policy number, problem)."""
    layers: tuple[tuple[Layer, Attached], ...] = (
        (Layer.IDENTITY, ask.identity),
        (Layer.RESOURCE, ask.resource),
        (Layer.BOUNDARY, ask.boundary or ()),
        (Layer.SESSION, ask.session or ()),
        (Layer.SCP, flat(ask.scp)),
        (Layer.RCP, flat(ask.rcp)),
        (Layer.VPCE, ask.vpce or ()),
    )
    return tuple(
        (layer.value, number, problem)
        for layer, attached in layers
        for number, policy in enumerate(attached)
        if policy is not None
        for problem in policy.problems
    )


def _endpoint(ask: Ask, world: World) -> Part | None:
    """Return the policy of the endpoint that the context names; one that is not recorded is not known."""
    named = ask.context.get("aws:sourcevpce")
    if named is None or named == ():
        return None
    found = world.vpc_endpoints.get(named) if isinstance(named, str) else None
    if found is not None:
        return endpoint_part(found)
    component = Component(type="vpc-endpoint", id=named if isinstance(named, str) else "")
    return Part(layer=Layer.VPCE, check="endpoint-policy", component=component, attached=(None,))


def _honest(part: Part) -> Part:
    """Return a layer without assumptions: what was not read is not known."""
    if not part.assumed:
        return part
    if part.layer in {Layer.SCP, Layer.RCP}:
        return replace(part, attached=(*(part.attached or ()), None), levels=(*part.levels, 1))
    return replace(part, attached=(None,))
