"""Organizations and their guardrails: AWS shapes to model.

Sources: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html and
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from gatepath.model import policies as m
from gatepath.model.ref import Unknown
from gatepath.snapshot import wire_policies as w
from gatepath.snapshot.answered import missing, one, page_spot, policy_text, rows
from gatepath.snapshot.listing import Row, listing
from gatepath.snapshot.pages import Page, Recording

ORGANIZATION = "organizations.DescribeOrganization"
PARENTS = "organizations.ListParents"
LISTED = "organizations.ListPoliciesForTarget"


def organization_listings(recording: Recording) -> dict[str, Any]:
    """Return the listings of this area by their name in `World`."""
    return {
        "organizations": listing(recording, _organizations(recording), ORGANIZATION, coverage=()),
        "organization_targets": listing(recording, _targets(recording), LISTED, PARENTS, coverage=()),
    }


def _organizations(recording: Recording) -> Iterator[Row]:
    for answered in recording.of(ORGANIZATION):
        if answered.gap() is None:
            account = answered.account
            yield Row(account, "", account, account, partial(_organization, recording, account))


def _organization(recording: Recording, account: str) -> m.Organization | Unknown:
    found = one(recording, ORGANIZATION, partial(_read, account), account=account)
    if found is None:
        return m.Organization(account=account, id="", management_account="", all_features=False)
    return found


def _read(account: str, page: Page, answer: w.OrganizationAnswer) -> m.Organization:
    row = answer.Organization
    return m.Organization(
        account=account,
        id=row.Id,
        management_account=row.MasterAccountId,
        all_features=row.FeatureSet == "ALL",
        ref=page_spot(page, "/Organization").ref,
    )


def _targets(recording: Recording) -> Iterator[Row]:
    seen: dict[str, None] = {}
    for answered in recording.of(PARENTS):
        seen[str(answered.request.get("ChildId", ""))] = None
    for answered in recording.of(LISTED):
        seen[str(answered.request.get("TargetId", ""))] = None
    for target in seen:
        yield Row(target, "", "", "", partial(_target, recording, target))


def _target(recording: Recording, target: str) -> m.OrganizationTarget:
    parent: str | Unknown = ""
    if not target.startswith("r-"):
        listed = rows(recording, PARENTS, "Parents", ChildId=target)
        if isinstance(listed, Unknown):
            parent = listed
        else:
            parent = listed[0][1].Id if listed else missing(PARENTS, None, ChildId=target)
    return m.OrganizationTarget(
        id=target,
        parent=parent,
        scp=_policies(recording, target, "SERVICE_CONTROL_POLICY"),
        rcp=_policies(recording, target, "RESOURCE_CONTROL_POLICY"),
    )


def _policies(recording: Recording, target: str, kind: str) -> m.Attached | Unknown:
    listed = rows(recording, LISTED, "Policies", TargetId=target, Filter=kind)
    if isinstance(listed, Unknown):
        return listed
    return tuple(_content(recording, row.Id) for _, row in listed)


def _content(recording: Recording, policy_id: str) -> m.PolicyText | Unknown:
    found = one(
        recording,
        "organizations.DescribePolicy",
        lambda page, answer: policy_text(
            page_spot(page, "/Policy/Content"), answer.Policy.Content, policy_id
        ),
        PolicyId=policy_id,
    )
    return missing("organizations.DescribePolicy", None, PolicyId=policy_id) if found is None else found
