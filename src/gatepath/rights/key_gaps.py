"""What was not recorded where a condition key's value is not known.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from gatepath.engine.iam.ask import Layer
from gatepath.engine.iam.principals import Kind, Who
from gatepath.model.naming import Arn
from gatepath.model.ref import Unknown, unknown
from gatepath.model.world import World
from gatepath.rights.context import Asked
from gatepath.rights.guardrails import organization_of, organization_path
from gatepath.rights.layers import Applied
from gatepath.rights.signer import Signer

NOTHING = Unknown(())
OF_PRINCIPAL = ("aws:principalarn", "aws:userid", "aws:principaltag/")


def key_gap(key: str, asked: Asked, one: Applied) -> Unknown:
    """Return the calls that would tell a key (in lower case); nothing where only the asker can."""
    world, endpoint = asked.world, asked.seen.endpoint
    owner = None if endpoint is None else endpoint.owner
    for beginning, account in (
        ("principal", asked.caller.account),
        ("resource", one.account),
        ("vpce", owner),
    ):
        if key.startswith(f"aws:{beginning}org"):
            return _organization(world, account, paths=key.endswith("paths"))
    if key.startswith(OF_PRINCIPAL):
        return identity_gap(asked.who_signs, asked.caller)
    if key in {"aws:resourceaccount", "s3:resourceaccount"}:
        side = one.part(Layer.RESOURCE)
        return NOTHING if side is None else joined(side.gaps)
    return _access_point(world, one) if key == "s3:accesspointnetworkorigin" else NOTHING


def _organization(world: World, account: str | None, *, paths: bool) -> Unknown:
    if account is None:
        return NOTHING
    found = organization_path(world, account) if paths else organization_of(world, account)
    return found if isinstance(found, Unknown) else NOTHING


def identity_gap(who_signs: Signer, caller: Who) -> Unknown:
    """Return what is missing of who signs."""
    identity = who_signs.identity
    if caller.account is None or caller.kind is Kind.ROOT:
        return NOTHING
    if identity is None:
        return joined(tuple(policy for policy in who_signs.policies if isinstance(policy, Unknown)))
    return joined(tuple(v for v in (identity.arn, identity.id, identity.tags) if isinstance(v, Unknown)))


def _access_point(world: World, one: Applied) -> Unknown:
    arn = Arn.parse(one.permission.access_point or one.permission.resource)
    if arn is None:
        return NOTHING
    name = arn.resource.split("/")[1]
    found = world.access_points.get(f"{arn.account}/{arn.region}/{name}")
    if found is None:
        return unknown("s3control", "GetAccessPoint", request=(("AccountId", arn.account), ("Name", name)))
    return found.vpc_id if isinstance(found.vpc_id, Unknown) else NOTHING


def joined(gaps: tuple[Unknown, ...]) -> Unknown:
    """Return all that is missing."""
    made = NOTHING
    for gap in gaps:
        made |= gap
    return made
