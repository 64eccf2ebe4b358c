"""A request without a path, judged by the policies of a snapshot."""

from dataclasses import replace

from gatepath.engine.iam.ask import Ask, Layer
from gatepath.engine.iam.authorize import Asked
from gatepath.engine.iam.context import fill
from gatepath.engine.iam.logic import UNKNOWN
from gatepath.model.world import World
from gatepath.rights.assemble import layers_of, resource_side
from gatepath.rights.layers import Part, endpoint_part, guardrail_parts, identity_parts
from gatepath.rights.needs import Permission
from gatepath.rights.sides import Place
from gatepath.rights.signer import signer_of


def from_snapshot(asked: Asked, world: World) -> Ask:
    """Return the ask with the layers that the line leaves out taken from what is recorded.

    Guardrails that could not be read stay unknown. The endpoint is the one the context names.
    """
    ask = asked.ask
    found = signer_of(ask.caller, world)
    permission = Permission(action=ask.action, resource=ask.resource_arn)
    side = resource_side(
        Place(region="", resource_account=ask.resource_account), world, ask.caller, permission
    )
    account = ask.resource_account or side.account
    endpoint_id = ask.context.get("aws:sourcevpce")
    endpoint = world.vpc_endpoints.get(endpoint_id) if isinstance(endpoint_id, str) else None
    vpce = endpoint_part(endpoint)
    parts = [*identity_parts(found, ask.caller), side.part, *guardrail_parts(world, ask.caller, account)]
    if vpce is not None:
        parts.append(vpce)
    wanted = [_honest(part) for part in parts if not asked.gives(part.layer.value)]
    context = dict(ask.context)
    if context.get("aws:resourceaccount") is UNKNOWN and account is not None:
        del context["aws:resourceaccount"]
        fill(context, ask.caller, ask.action, ask.resource_arn, account)
    made = replace(ask, resource_account=account, context=context, block_public=side.block_public)
    return layers_of(made, tuple(wanted))


def _honest(part: Part) -> Part:
    """Return a layer without assumptions: what was not read is not known."""
    if not part.assumed:
        return part
    if part.layer in {Layer.SCP, Layer.RCP}:
        return replace(part, attached=(*(part.attached or ()), None), levels=(*part.levels, 1))
    return replace(part, attached=(None,))
