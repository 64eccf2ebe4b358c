"""IAM roles, users, groups with their policies, from single calls or the account's authorization details."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from gatepath.model import policies as m
from gatepath.model.ref import Unknown
from gatepath.model.store import Coverage
from gatepath.snapshot import wire_policies as w
from gatepath.snapshot.answered import asked, missing, one, page_spot, policy_text, rows
from gatepath.snapshot.listing import Row, listing
from gatepath.snapshot.pages import Page, Recording
from gatepath.snapshot.rows import Spot

DETAILS = "iam.GetAccountAuthorizationDetails"
_KINDS = ("Role", "User", "Group")
_LISTS = {"Role": "RoleDetailList", "User": "UserDetailList", "Group": "GroupDetailList"}


def identity_listings(recording: Recording) -> dict[str, Any]:
    """Return the listings of this area by their name in `World`."""
    return {
        "identities": listing(
            recording, _identities(recording), "iam.GetRole", "iam.GetUser", coverage=_coverage(recording)
        ),
        "instance_profiles": listing(recording, _profiles(recording), "iam.GetInstanceProfile", coverage=()),
    }


def _coverage(recording: Recording) -> tuple[Coverage, ...]:
    """Return the accounts whose authorization details are whole: what isn't in them does not exist."""
    return tuple(
        Coverage(account=answered.account, region="aws-global")
        for answered in recording.of(DETAILS)
        if answered.gap() is None and not answered.request.get("Filter")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """An entity that some call names. `detail`: its place in the authorization details."""

    kind: str
    account: str
    name: str
    detail: tuple[Spot, w.Entity] | None = None


def _identities(recording: Recording) -> Iterator[Row]:
    found: dict[tuple[str, str, str], _Asked] = {}
    for answered, page in recording.pages(DETAILS):
        for kind in _KINDS:
            for number, row in enumerate(getattr(page.answer, _LISTS[kind])):
                name = getattr(row, f"{kind}Name") or ""
                spot = page_spot(page, f"/{_LISTS[kind]}/{number}")
                found[answered.account, kind, name] = _Asked(
                    kind=kind, account=answered.account, name=name, detail=(spot, row)
                )
    for kind in _KINDS:
        calls = [f"iam.List{kind}Policies", f"iam.ListAttached{kind}Policies", f"iam.Get{kind}Policy"]
        for call in [*calls, *([f"iam.Get{kind}"] if kind != "Group" else [])]:
            for answered in recording.of(call):
                name = str(answered.request.get(f"{kind}Name", ""))
                found.setdefault(
                    (answered.account, kind, name), _Asked(kind=kind, account=answered.account, name=name)
                )
    for (account, kind, name), entity in found.items():
        make = partial(_identity, recording, entity)
        yield Row(f"{account}/{kind.lower()}/{name}", "", account, account, make)


def _identity(recording: Recording, entity: _Asked) -> m.Identity:
    if entity.detail is not None:
        return _from_details(recording, entity, *entity.detail)
    kind, account, name = entity.kind, entity.account, entity.name
    place = {f"{kind}Name": name}
    got: tuple[Page, w.Entity] | Unknown | None = None
    if kind != "Group":
        got = one(recording, f"iam.Get{kind}", partial(_entity, kind), account=account, **place)
    policies = (*_inline(recording, entity), *_attached(recording, entity))
    if kind == "User":
        policies += _of_groups(recording, entity)
    common: dict[str, Any] = {"kind": kind.lower(), "account": account, "name": name, "policies": policies}
    if got is None or isinstance(got, Unknown):
        gap = (
            got
            if got is not None
            else missing(f"iam.Get{kind}", account, **place)
            if kind != "Group"
            else Unknown(())
        )
        gone = got is None and kind != "Group"
        return m.Identity(
            **common,
            arn=gap,
            id=gap,
            exists=False if gone else gap,
            boundary=None if kind == "Group" else gap,
            tags=gap,
        )
    page, row = got
    return m.Identity(
        **common,
        arn=row.Arn,
        id=row.RoleId or row.UserId or "",
        exists=True,
        boundary=_boundary(recording, account, row),
        tags=tuple((tag.Key, tag.Value) for tag in row.Tags),
        ref=page_spot(page, f"/{kind}").ref,
    )


def _entity(kind: str, page: Page, answer: Any) -> tuple[Page, w.Entity]:
    return page, getattr(answer, kind)


def _inline(recording: Recording, entity: _Asked) -> m.Attached:
    kind, account = entity.kind, entity.account
    place = {f"{kind}Name": entity.name}
    names = rows(recording, f"iam.List{kind}Policies", "PolicyNames", account=account, **place)
    if isinstance(names, Unknown):
        # what was read counts: a statement of it may deny whatever the rest says
        known = {
            str(answered.request.get("PolicyName", ""))
            for answered in asked(recording, f"iam.Get{kind}Policy", account=account, **place)
        }
        read = (_inline_one(recording, entity, name) for name in sorted(known))
        return (*read, names)
    return tuple(_inline_one(recording, entity, name) for _, name in names)


def _inline_one(recording: Recording, entity: _Asked, name: str) -> m.PolicyText | Unknown:
    call = f"iam.Get{entity.kind}Policy"
    place = {f"{entity.kind}Name": entity.name, "PolicyName": name}
    found = one(
        recording,
        call,
        lambda page, answer: policy_text(page_spot(page, "/PolicyDocument"), answer.PolicyDocument, name),
        account=entity.account,
        **place,
    )
    return missing(call, entity.account, **place) if found is None else found


def _attached(recording: Recording, entity: _Asked) -> m.Attached:
    place = {f"{entity.kind}Name": entity.name}
    call = f"iam.ListAttached{entity.kind}Policies"
    listed = rows(recording, call, "AttachedPolicies", account=entity.account, **place)
    if isinstance(listed, Unknown):
        return (listed,)
    return tuple(managed(recording, entity.account, row.PolicyArn) for _, row in listed)


def managed(recording: Recording, account: str, arn: str) -> m.PolicyText | Unknown:
    """Return the default version of a managed policy."""
    recorded = _managed_index(recording).get(arn)
    if recorded is not None:
        page, pointer, document = recorded
        return policy_text(page_spot(page, pointer), document, arn)
    default = one(recording, "iam.GetPolicy", lambda _, answer: answer.Policy.DefaultVersionId, PolicyArn=arn)
    if default is None:
        return missing("iam.GetPolicy", account, PolicyArn=arn)
    if isinstance(default, Unknown):
        return default
    place = {"PolicyArn": arn, "VersionId": default}
    found = one(
        recording,
        "iam.GetPolicyVersion",
        lambda page, answer: policy_text(
            page_spot(page, "/PolicyVersion/Document"), answer.PolicyVersion.Document, arn
        ),
        **place,
    )
    return missing("iam.GetPolicyVersion", account, **place) if found is None else found


def _managed_index(recording: Recording) -> dict[str, tuple[Page, str, object]]:
    """Return the default versions in authorization details by policy ARN (built once)."""
    if DETAILS not in recording.indexes:
        made: dict[str, tuple[Page, str, object]] = {}
        for _, page in recording.pages(DETAILS):
            details: Any = page.answer
            for number, policy in enumerate(details.Policies):
                for at, version in enumerate(policy.PolicyVersionList):
                    if version.IsDefaultVersion:
                        pointer = f"/Policies/{number}/PolicyVersionList/{at}/Document"
                        made[policy.Arn] = (page, pointer, version.Document)
        recording.indexes[DETAILS] = made
    return recording.indexes[DETAILS]


def _of_groups(recording: Recording, entity: _Asked) -> m.Attached:
    listed = rows(recording, "iam.ListGroupsForUser", "Groups", account=entity.account, UserName=entity.name)
    if isinstance(listed, Unknown):
        return (listed,)
    made: m.Attached = ()
    for _, row in listed:
        group = _Asked(kind="Group", account=entity.account, name=row.GroupName or "")
        made += (*_inline(recording, group), *_attached(recording, group))
    return made


def _boundary(recording: Recording, account: str, row: w.Entity) -> m.PolicyText | Unknown | None:
    if row.PermissionsBoundary is None:
        return None
    return managed(recording, account, row.PermissionsBoundary.PermissionsBoundaryArn)


def _from_details(recording: Recording, entity: _Asked, spot: Spot, row: w.Entity) -> m.Identity:
    return m.Identity(
        kind=entity.kind.lower(),
        account=entity.account,
        name=entity.name,
        arn=row.Arn,
        id=row.RoleId or row.UserId or row.GroupId or "",
        exists=True,
        policies=(
            *_detail_policies(recording, entity, spot, row),
            *_detail_groups(recording, entity, row),
        ),
        boundary=_boundary(recording, entity.account, row),
        tags=tuple((tag.Key, tag.Value) for tag in row.Tags),
        ref=spot.ref,
    )


def _detail_policies(recording: Recording, entity: _Asked, spot: Spot, row: w.Entity) -> m.Attached:
    key = f"{entity.kind}PolicyList"
    inline = tuple(
        policy_text(spot.at(key, number, "PolicyDocument"), policy.PolicyDocument, policy.PolicyName)
        for number, policy in enumerate(getattr(row, key))
    )
    attached = tuple(
        managed(recording, entity.account, policy.PolicyArn) for policy in row.AttachedManagedPolicies
    )
    return (*inline, *attached)


def _detail_groups(recording: Recording, entity: _Asked, row: w.Entity) -> m.Attached:
    """Return the policies of a user's groups, which the same details hold."""
    made: m.Attached = ()
    wanted = set(row.GroupList)
    found: set[str] = set()
    for answered, page in recording.pages(DETAILS):
        details: Any = page.answer
        for number, group in enumerate(details.GroupDetailList):
            if answered.account == entity.account and group.GroupName in wanted:
                found.add(group.GroupName)
                spot = page_spot(page, f"/GroupDetailList/{number}")
                one_group = _Asked(kind="Group", account=entity.account, name=group.GroupName)
                made += _detail_policies(recording, one_group, spot, group)
    if wanted - found:
        made += (missing(DETAILS, entity.account),)
    return made


def _profiles(recording: Recording) -> Iterator[Row]:
    for answered, page in recording.pages("iam.GetInstanceProfile"):
        profile: Any = page.answer.InstanceProfile  # type: ignore[union-attr]
        name = str(answered.request.get("InstanceProfileName", ""))
        role = profile.Roles[0].Arn if profile.Roles else ""
        yield Row(f"{answered.account}/{name}", "", answered.account, answered.account, partial(str, role))
