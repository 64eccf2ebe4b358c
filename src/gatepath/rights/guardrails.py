"""Service and resource control policies of an account, level by level.

Sources: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html and
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
"""

from dataclasses import dataclass

from gatepath.model.policies import Attached, Organization, OrganizationTarget
from gatepath.model.ref import Unknown, unknown
from gatepath.model.world import World

_DEPTH = 12
"""More levels than an organization can have (root, five levels of units, account)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guardrails:
    """Levels from the account up to the root; a level Unknown could not be read.

    `unread`: nothing could be read (member accounts may not), so that what they allow is an assumption. Where
    some of it could, a hole in it is not known.
    """

    scp: tuple[Attached | Unknown, ...] = ()
    rcp: tuple[Attached | Unknown, ...] = ()
    unread: Unknown | None = None


NONE = Guardrails()


def organization_of(world: World, account: str) -> Organization | Unknown:
    """Return the account's organization as recorded by it or by another account of it."""
    found = world.organizations.get(account)
    if isinstance(found, Organization):
        return found
    for other in world.organizations:
        if isinstance(other, Organization) and other.id and _member(world, other, account):
            return other
    gap = next((gap for gap in world.organizations.gaps if gap.account in {account, None}), None)
    if gap is not None:
        return Unknown((gap,))
    return unknown("organizations", "DescribeOrganization", account=account)


def _member(world: World, organization: Organization, account: str) -> bool:
    return account == organization.management_account or account in world.organization_targets.rows


def guardrails(world: World, account: str) -> Guardrails:
    """Return what limits an account's principals (SCP) and resources (RCP).

    The management account's principals and resources are exempt.
    """
    organization = organization_of(world, account)
    if isinstance(organization, Unknown):
        if account not in world.organization_targets.rows:
            return Guardrails(unread=organization)
    elif not organization.id or not organization.all_features or account == organization.management_account:
        return NONE
    levels, hole = _levels(world, account)
    scp: list[Attached | Unknown] = [level.scp for level in levels]
    rcp: list[Attached | Unknown] = [level.rcp for level in levels]
    if not any(scp_read := [level for level in scp if not isinstance(level, Unknown)]) and scp_read:
        # each target has one at least where they are enabled:
        # https://docs.aws.amazon.com/organizations/latest/APIReference/API_DetachPolicy.html
        scp = [level for level in scp if isinstance(level, Unknown)]
    if all(isinstance(level, Unknown) for level in (*scp, *rcp)) and (scp or rcp or not levels):
        missing = next((level for level in (*scp, *rcp) if isinstance(level, Unknown)), hole)
        return Guardrails(unread=missing)
    if isinstance(organization, Unknown):
        # it may be the management account, which is exempt
        return Guardrails(scp=(organization,), rcp=(organization,))
    if hole is not None:
        scp.append(hole)
        rcp.append(hole)
    return Guardrails(scp=tuple(scp), rcp=tuple(rcp))


def organization_path(world: World, account: str) -> tuple[str, ...] | Unknown:
    """Return the account's place as condition keys show it: organization, root, units; nothing outside of any.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    organization = organization_of(world, account)
    if isinstance(organization, Unknown):
        return organization
    if not organization.id:
        return ()
    levels, hole = _levels(world, account)
    if hole is not None:
        return hole
    units = [level.id for level in levels if level.id != account]
    return ("/".join((organization.id, *reversed(units))) + "/",)


def _levels(world: World, account: str) -> tuple[list[OrganizationTarget], Unknown | None]:
    levels: list[OrganizationTarget] = []
    at = account
    while len(levels) < _DEPTH:
        target = world.organization_targets.get(at)
        if target is None:
            request = (("TargetId", at),)
            return levels, unknown("organizations", "ListPoliciesForTarget", request=request)
        levels.append(target)
        if isinstance(target.parent, Unknown):
            return levels, target.parent
        if not target.parent:
            return levels, None
        at = target.parent
    return levels, None
