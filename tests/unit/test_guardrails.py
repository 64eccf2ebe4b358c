"""Guardrails: read, unreadable as a whole, or with a hole.

Sources: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html and
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
"""

import pytest
from tests import scenarios_policies as p
from tests import snapshots as s

from gatepath.trace import Certainty, Verdict

DENIED = {"Code": "AccessDeniedException", "Message": "You don't have permissions to access this resource."}
SCP = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
NOT_OURS = p.deny(Action="sqs:*")
UNREAD = ("ListParents", "ListPoliciesForTarget", "DescribePolicy")


def organized(scp: s.Json) -> s.Snapshot:
    made = p.judged()
    p.organization(made, scp, NOT_OURS)
    return made


def test_an_allowed_request_is_proven_where_all_is_read() -> None:
    found = s.ask(organized({**SCP, "Action": "ec2:*"}), p.asked(), network=False)
    assert (found.verdict, found.certainty) == (Verdict.OK, Certainty.PROVEN)


def test_what_a_member_account_may_not_read_makes_the_answer_conditional() -> None:
    made = organized(SCP)
    for call in made.calls:
        if call["operation"] in UNREAD:
            call.pop("response")
            call["error"] = DENIED
    found = s.ask(made, p.asked(), network=False)
    assert (found.verdict, found.certainty) == (Verdict.OK, Certainty.CONDITIONAL)
    assert any(a.code == "assumption.guardrails" and a.conditional for a in found.assumptions)


def test_without_any_organization_call_the_answer_is_conditional() -> None:
    made = p.judged()
    made.calls = [call for call in made.calls if call["service"] != "organizations"]
    found = s.ask(made, p.asked(), network=False)
    assert (found.verdict, found.certainty) == (Verdict.OK, Certainty.CONDITIONAL)


@pytest.mark.parametrize("policy", ["p-scp00001", "p-FullAWSAccess"])
def test_a_hole_in_what_was_read_is_unknown_and_names_the_permission(policy: str) -> None:
    made = organized(SCP if policy == "p-scp00001" else {**SCP, "Action": "ec2:*"})
    made.calls = [call for call in made.calls if call["request"] != {"PolicyId": policy}]
    found = s.ask(made, p.asked(), network=False)
    assert found.verdict is Verdict.UNKNOWN
    assert "DescribePolicy" in {gap.operation for u in found.unknowns for gap in u.unknown.gaps}


def test_a_denial_that_was_read_holds_whatever_else_is_missing() -> None:
    made = organized(SCP)
    made.calls = [call for call in made.calls if call["request"] != {"PolicyId": "p-FullAWSAccess"}]
    found = s.ask(made, p.asked(), network=False)
    assert (found.verdict, found.certainty) == (Verdict.DENIED, Certainty.PROVEN)


def test_the_management_account_is_exempt() -> None:
    made = organized(SCP)
    shown = {"Id": p.ORGANIZATION, "MasterAccountId": s.ACCOUNT, "FeatureSet": "ALL"}
    made.replace_call("organizations.DescribeOrganization", {}, response={"Organization": shown})
    found = s.ask(made, p.asked(), network=False)
    assert (found.verdict, found.certainty) == (Verdict.OK, Certainty.PROVEN)


def listed(made: s.Snapshot, kind: str, **policies: list[str]) -> None:
    """Set what is attached to account or root."""
    for call in made.calls:
        request = call["request"]
        if call["operation"] == "ListPoliciesForTarget" and request["Filter"].startswith(kind):
            where = "root" if request["TargetId"].startswith("r-") else "account"
            if where in policies:
                call["response"] = {"Policies": [{"Id": policy} for policy in policies[where]]}


def test_policies_that_are_attached_nowhere_are_not_enabled() -> None:
    made = organized(SCP)
    listed(made, "SERVICE", account=[], root=[])
    found = s.ask(made, p.asked(), network=False)
    assert (found.verdict, found.certainty) == (Verdict.OK, Certainty.PROVEN)
    made = organized({**SCP, "Action": "ec2:*"})
    listed(made, "RESOURCE", account=[], root=[])
    found = s.ask(made, p.asked(), network=False)
    assert (found.verdict, found.certainty) == (Verdict.OK, Certainty.PROVEN)


def test_a_level_without_a_policy_among_others_allows_nothing() -> None:
    made = organized({**SCP, "Action": "ec2:*"})
    listed(made, "SERVICE", account=[])
    found = s.ask(made, p.asked(), network=False)
    assert found.verdict is Verdict.DENIED
    named = dict(found.findings[0].arguments)
    assert (named["layer"], named["effect"], named["statement"]) == ("scp", "implicit_deny", None)


def test_resource_policies_count_where_those_of_services_are_not_enabled() -> None:
    made = p.judged()
    p.organization(made, SCP, p.deny(Action="s3:*"))
    listed(made, "SERVICE", account=[], root=[])
    found = s.ask(made, p.asked(), network=False)
    assert (found.verdict, found.findings[0].component.id) == (Verdict.DENIED, "p-rcp00001")


def test_of_policies_attached_nowhere_as_far_as_read_the_rest_is_a_hole() -> None:
    made = organized(SCP)
    listed(made, "SERVICE", account=[], root=[])
    made.calls = [c for c in made.calls if c["request"].get("TargetId") != "r-ab12"]
    assert s.ask(made, p.asked(), network=False).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("key", ["aws:PrincipalOrgID", "aws:ResourceOrgID", "aws:VpceOrgID"])
def test_an_organization_that_was_not_read_is_named_with_its_call(key: str) -> None:
    made = p.judged()
    p.endpoint_policy(made, p.allow(Condition={"StringEquals": {key: p.ORGANIZATION}}))
    made.calls = [call for call in made.calls if call["operation"] != "DescribeOrganization"]
    found = s.ask(made, p.asked(), network=False)
    assert found.verdict is Verdict.UNKNOWN
    gaps = [gap for u in found.unknowns for gap in u.unknown.gaps]
    assert {(gap.service, gap.operation) for gap in gaps} == {("organizations", "DescribeOrganization")}


def test_a_denial_decides_nothing_where_the_account_may_be_the_exempt_one() -> None:
    made = organized(SCP)
    made.calls = [call for call in made.calls if call["operation"] != "DescribeOrganization"]
    found = s.ask(made, p.asked(), network=False)
    assert found.verdict is Verdict.UNKNOWN
    assert "DescribeOrganization" in {gap.operation for u in found.unknowns for gap in u.unknown.gaps}


def test_whether_policies_are_enabled_is_open_where_a_list_is_missing_and_the_others_are_empty() -> None:
    made = organized(SCP)
    listed(made, "SERVICE", account=[], root=[])
    kept = [
        c for c in made.calls if c["request"] != {"TargetId": s.ACCOUNT, "Filter": "SERVICE_CONTROL_POLICY"}
    ]
    made.calls = kept
    found = s.ask(made, p.asked(), network=False)
    assert found.verdict is Verdict.UNKNOWN
    assert "ListPoliciesForTarget" in {gap.operation for u in found.unknowns for gap in u.unknown.gaps}


@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{p.ORGANIZATION}/r-ab12/*"}}, Verdict.OK),
        ({"ForAnyValue:StringEquals": {"aws:ResourceOrgPaths": f"{p.ORGANIZATION}/r-ab12/"}}, Verdict.OK),
        ({"ForAnyValue:StringLike": {"aws:VpceOrgPaths": f"{p.ORGANIZATION}/*"}}, Verdict.OK),
        ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-other/*"}}, Verdict.DENIED),
        (
            {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{p.ORGANIZATION}/r-ab12/ou-*"}},
            Verdict.DENIED,
        ),
    ],
)
def test_the_place_in_the_organization_is_a_key(condition: s.Json, verdict: Verdict) -> None:
    made = organized({**SCP, "Action": "ec2:*"})
    p.endpoint_policy(made, p.allow(Condition=condition))
    assert s.ask(made, p.asked(), network=False).verdict is verdict


def test_a_place_that_was_not_read_is_named_with_its_call() -> None:
    made = organized({**SCP, "Action": "ec2:*"})
    paths = {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{p.ORGANIZATION}/*"}}
    p.endpoint_policy(made, p.allow(Condition=paths))
    made.calls = [call for call in made.calls if call["operation"] != "ListParents"]
    found = s.ask(made, p.asked(), network=False)
    assert found.verdict is Verdict.UNKNOWN
    assert "ListParents" in {gap.operation for u in found.unknowns for gap in u.unknown.gaps}


def test_strangers_are_nowhere_in_the_organization() -> None:
    made = organized({**SCP, "Action": "ec2:*"})
    paths = {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{p.ORGANIZATION}/*"}}
    p.endpoint_policy(made, p.allow(Condition=paths))
    question = p.asked(principal={"presigned_by": "an account of AWS"})
    assert s.ask(made, question, network=False).verdict is Verdict.DENIED
