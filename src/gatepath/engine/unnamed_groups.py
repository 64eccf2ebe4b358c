"""A workload whose security groups nobody names: it has some of its VPC's.

Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
"""

from gatepath.engine.filters import Filtered, groups_egress
from gatepath.model.network import Subnet
from gatepath.model.ref import GapReason, Unknown
from gatepath.model.world import World
from gatepath.packets import PacketSet


def vpc_groups(world: World, subnet: Subnet, gap: Unknown) -> tuple[str, ...] | Unknown:
    """Return the groups that a workload in the subnet may have, if only the question doesn't tell which.

    Else what is missing: the call that would tell, or the list of the VPC's groups.
    """
    if any(g.reason is not GapReason.NOT_IN_API for g in gap.gaps):
        return gap
    listing = world.security_groups
    hidden = listing.missing(region=subnet.region, account=subnet.owner, vpc_id=subnet.vpc_id)
    if hidden is not None:
        return gap | hidden
    return tuple(group.id for group in listing.of_vpc(subnet.vpc_id)) or gap


def any_groups_egress(
    world: World, group_ids: tuple[str, ...], region: str, packets: PacketSet, gap: Unknown
) -> Filtered:
    """Judge packets by the egress rules of some, but nobody knows which, of the groups.

    What each of them admits passes, what none admits drops; of the rest `gap` says why it is open.
    """
    judged = [groups_egress(world, (group_id,), region, packets) for group_id in group_ids]
    allowed = denied = packets
    for one in judged:
        allowed &= one.allowed
        denied &= one.denied
    rest = packets - allowed - denied
    match judged:
        case [only]:
            hits = only.hits
        case _:
            hits = ()
    gaps = (gap, *(hidden for one in judged for hidden in one.gaps)) if rest else ()
    return Filtered(
        allowed=allowed,
        denied=denied,
        unknown=rest,
        gaps=tuple(dict.fromkeys(gaps)),
        hits=hits,
    )
