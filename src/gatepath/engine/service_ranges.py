"""Which public addresses a service answers from in a Region, and how sure that is."""

from dataclasses import dataclass

from gatepath.model.network import Network
from gatepath.model.ref import Ref, Unknown
from gatepath.model.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRanges:
    """Addresses of one service in one Region and IP version.

    `exact` is False for the packaged public ranges: a dated upper bound of the prefix list
    (https://docs.aws.amazon.com/vpc/latest/userguide/aws-ip-ranges.html), which may decide only where
    all of it fares the same.
    """

    cidrs: tuple[Network, ...]
    exact: bool
    date: str = ""
    refs: tuple[Ref, ...] = ()
    gap: Unknown | None = None
    """Why the prefix list itself is not used."""


def service_ranges(world: World, service: str, region: str, version: int) -> ServiceRanges | Unknown:
    """Return the prefix list's addresses, else the packaged ranges, else what is missing.

    The list is what endpoint routes and group rules match
    (https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html).
    An IP version of which a recorded Region has no list is proven to be empty.
    """
    lists = world.prefix_lists_of(region, service)
    gap: Unknown | None = None
    if not isinstance(lists, Unknown):
        entries = [pl for pl in lists if pl.version == version]
        hidden = next((pl.cidrs for pl in entries if isinstance(pl.cidrs, Unknown)), None)
        if entries and hidden is None:
            cidrs = tuple(c for pl in entries if not isinstance(pl.cidrs, Unknown) for c in pl.cidrs)
            return ServiceRanges(cidrs=cidrs, exact=True, refs=tuple(pl.ref for pl in entries))
        # No list of this IP version exists: what the packaged ranges say is still where DNS may point.
        gap = hidden or world.prefix_lists.missing(region=region, aws_managed=True) or Unknown(())
    else:
        gap = lists
    packaged = world.public_ranges.cidrs.get((service, region, version), ())
    if packaged:
        return ServiceRanges(cidrs=packaged, exact=False, date=world.public_ranges.date, gap=gap)
    if not gap.gaps:
        return ServiceRanges(cidrs=(), exact=True)
    return gap
