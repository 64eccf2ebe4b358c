"""Whether anybody but root can repair a bucket policy."""

import pytest
from tests import scenarios_policies as p
from tests import snapshots as s
from tests.rights_worlds import whole
from tests.snapshots import Json

BUCKET = f"arn:aws:s3:::{p.BUCKET}"
ELSEWHERE = {"StringNotEquals": {"aws:SourceVpce": "vpce-0dead"}}


def found(*statements: Json) -> tuple[str, str] | None:
    """Return certainty and severity of the finding."""
    made = p.judged()
    p.bucket_policy(made, *statements)
    diagnosis = whole(made, p.asked())
    named = [f for f in diagnosis.findings if f.code == "resource-policy.locks-out"]
    return (named[0].certainty.value, str(named[0].severity)) if named else None


def denial(condition: Json | None = None, **more: object) -> Json:
    return p.deny(Action="s3:*", Resource=BUCKET, **({"Condition": condition} if condition else {}), **more)


@pytest.mark.parametrize(
    ("statement", "certainty"),
    [
        (denial(), "proven"),
        (denial(Principal={"AWS": s.ACCOUNT}), "proven"),
        (denial({"Bool": {"aws:SecureTransport": "true"}}), "proven"),
        # no request carries a private address there
        (denial({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}), "proven"),
        # an endpoint nobody recorded might be there
        (denial(ELSEWHERE), "suspect"),
        (denial({"StringNotEquals": {"aws:SourceVpc": "vpc-0dead"}}), "suspect"),
        # somebody is spared, or may be
        (denial({"StringNotEquals": {"aws:SourceVpce": s.ENDPOINT}}), None),
        (denial({"StringNotEquals": {"aws:SourceVpc": s.VPC}}), None),
        (denial({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}), None),
        (denial({"ArnNotEquals": {"aws:PrincipalArn": p.ROLE_ARN}}), None),
        (denial({"Bool": {"aws:SecureTransport": "false"}}), None),
        (denial(Principal={"AWS": p.ROLE_ARN}), None),
        (denial(Principal={"AWS": p.OTHER_ACCOUNT}), None),
        (p.deny(Action="s3:PutBucketPolicy", Resource=BUCKET), None),
        (p.deny(Action="s3:*", Resource=f"{BUCKET}/*"), None),
        (p.deny(NotAction="s3:PutBucketPolicy", Resource=BUCKET), None),
    ],
)
def test_who_is_shut_out(statement: Json, certainty: str | None) -> None:
    if "NotAction" in statement:
        del statement["Action"]
    assert found(statement) == (None if certainty is None else (certainty, "info"))


def test_two_denials_together_shut_everybody_out() -> None:
    put = p.deny(Action="s3:PutBucketPolicy", Resource=BUCKET)
    assert found(put, p.deny(Action="s3:DeleteBucketPolicy", Resource=BUCKET)) == ("proven", "info")


def test_without_the_list_of_endpoints_nothing_is_said() -> None:
    made = p.judged()
    p.bucket_policy(made, denial(ELSEWHERE))
    del made.lists["ec2.DescribeVpcEndpoints"]
    assert not any(f.code == "resource-policy.locks-out" for f in whole(made, p.asked()).findings)
