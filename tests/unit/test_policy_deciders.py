"""The deciding layer is named as it decides, whatever else is not known."""

from tests import scenarios_policies as p
from tests import snapshots as s
from tests.rights_worlds import whole
from tests.snapshots import Snapshot

from gatepath.trace import Diagnosis

DENIED = {"Code": "AccessDenied", "Message": "no"}


def somebody_elses(made: Snapshot) -> Snapshot:
    """Let AWS refuse to show anything of the bucket."""
    for operation in ("GetBucketPolicy", "GetPublicAccessBlock", "GetBucketEncryption"):
        made.replace_call(f"s3.{operation}", {"Bucket": p.BUCKET}, error=DENIED)
    return made


def decider(found: Diagnosis) -> tuple[object, ...]:
    named = dict(found.findings[0].arguments)
    return found.findings[0].code, named["layer"], named["effect"], named["statement"]


def test_a_missing_allow_stays_implicit_beside_a_policy_that_could_not_be_read() -> None:
    made = somebody_elses(p.judged())
    p.endpoint_policy(made, p.allow(Resource="arn:aws:s3:::other/*"))
    found = whole(made, p.asked())
    assert (found.verdict, found.certainty) == ("denied", "proven")
    assert decider(found) == ("endpoint-policy.no-allow", "vpce", "implicit_deny", None)


def test_a_failing_condition_stays_one_beside_a_policy_that_could_not_be_read() -> None:
    made = somebody_elses(p.judged())
    p.endpoint_policy(made, p.allow(Condition={"StringEquals": {"aws:SourceVpc": "vpc-0ff"}}))
    assert decider(whole(made, p.asked())) == (
        "endpoint-policy.condition-fails",
        "vpce",
        "implicit_deny",
        0,
    )


def test_across_accounts_the_identity_lacks_its_allow_whatever_the_other_side_says() -> None:
    made = somebody_elses(p.judged({"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}))
    found = whole(made, p.asked(resource_account=p.OTHER_ACCOUNT))
    assert decider(found) == ("identity-policy.no-allow", "identity", "implicit_deny", None)


def test_an_explicit_deny_stays_explicit() -> None:
    made = somebody_elses(p.judged())
    p.endpoint_policy(made, p.allow(), p.deny(Action="s3:Get*"))
    assert decider(whole(made, p.asked())) == (
        "endpoint-policy.explicit-deny",
        "vpce",
        "explicit_deny",
        1,
    )
    assert whole(made, p.asked()).findings[0].component.id == s.ENDPOINT


def test_what_no_value_of_an_unknown_key_lets_through_has_somebody_to_blame() -> None:
    made = somebody_elses(p.judged())
    # the caller is in no organization, so no value of the bucket's is equal to its own
    same = {"StringEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}}
    p.endpoint_policy(made, p.allow(Condition=same))
    found = whole(made, p.asked())
    assert found.verdict == "denied"
    assert decider(found) == ("endpoint-policy.condition-fails", "vpce", "implicit_deny", 0)
