"""Requests that an AWS service makes, for itself or on the caller's behalf: not by the source's way."""

import pytest
from tests import scenarios_policies as p
from tests import snapshots as s
from tests.rights_worlds import OBJECTS, by_gateway, from_outside, keys_asked, whole
from tests.snapshots import Json

from gatepath.trace import Diagnosis

LOGS = {"service": "cloudtrail.amazonaws.com"}
GRANT = p.allow(Principal={"Service": LOGS["service"]}, Action="s3:PutObject", Resource=OBJECTS)
ELASTIC = f"{s.NAT_EIP}/32"


def denying(condition: Json) -> Json:
    return p.deny(Action="s3:*", Resource=OBJECTS, Condition=condition)


def delivered(condition: Json) -> Diagnosis:
    """Diagnose a log that a service delivers to the bucket."""
    made, question = from_outside()
    p.bucket_policy(made, GRANT, denying(condition))
    return whole(made, {**question, "action": "s3:PutObject", "principal": LOGS})


def on_behalf(condition: Json, context: Json | None = None) -> Diagnosis:
    """Diagnose a query that a service runs with the caller's credentials, asked for inside the VPC."""
    made, question = by_gateway()
    p.bucket_policy(made, denying(condition))
    return whole(made, {**question, "context": context or {"aws:ViaAWSService": True}})


@pytest.mark.parametrize("value", [True, "true", "True"])
def test_forward_access_carries_no_key_of_the_way(value: object) -> None:
    condition = {"StringNotEquals": {"aws:SourceVpc": s.VPC}}
    found = on_behalf(condition, {"aws:ViaAWSService": value})
    assert found.verdict == "denied"
    assert found.findings[0].component.id == p.POLICY
    assert on_behalf(condition, {"aws:ViaAWSService": False}).verdict == "ok"


def test_a_chain_of_services_is_forward_access_too() -> None:
    condition = {"Null": {"aws:SourceVpce": "true"}}
    assert on_behalf(condition, {"aws:CalledVia": ["athena.amazonaws.com"]}).verdict == "denied"
    assert on_behalf(condition, {"aws:CalledVia": []}).verdict == "ok"


def test_a_policy_may_exempt_services() -> None:
    perimeter = {"StringNotEquals": {"aws:SourceVpc": s.VPC}, "Bool": {"aws:ViaAWSService": "false"}}
    assert on_behalf(perimeter).verdict == "ok"


def test_no_endpoint_policy_judges_what_a_service_asks() -> None:
    made, question = by_gateway()
    p.endpoint_policy(made, p.deny())
    assert whole(made, question).verdict == "denied"
    assert whole(made, {**question, "context": {"aws:ViaAWSService": True}}).verdict == "ok"


@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        # neither an address of the service nor none at all is the customer's own
        ({"NotIpAddress": {"aws:SourceIp": [ELASTIC, "198.51.100.0/24"]}}, "denied"),
        ({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, "denied"),
        ({"NotIpAddress": {"aws:SourceIp": "2001:db8:1::/48"}}, "denied"),
        ({"IpAddress": {"aws:SourceIp": ELASTIC}}, "bypass"),
        # large ranges may hold addresses of AWS
        ({"NotIpAddress": {"aws:SourceIp": "52.0.0.0/8"}}, "unknown"),
        ({"IpAddress": {"aws:SourceIp": "52.0.0.0/8"}}, "unknown"),
        # with an address this holds, without one it does not
        ({"Null": {"aws:SourceIp": "false"}}, "unknown"),
        (
            {"NotIpAddress": {"aws:SourceIp": ELASTIC}, "Bool": {"aws:PrincipalIsAWSService": "false"}},
            "bypass",
        ),
    ],
)
def test_the_address_of_a_service_is_none_of_the_customers(condition: Json, verdict: str) -> None:
    found = delivered(condition)
    assert found.verdict == verdict
    assert found.certainty == "proven"
    if verdict == "unknown":
        assert {str(key).lower() for key in keys_asked(found)} == {"aws:sourceip"}


def test_an_address_that_is_told_counts() -> None:
    made, question = from_outside()
    p.bucket_policy(made, GRANT, denying({"NotIpAddress": {"aws:SourceIp": ELASTIC}}))
    told = {**question, "action": "s3:PutObject", "principal": LOGS, "context": {"aws:SourceIp": s.NAT_EIP}}
    assert whole(made, told).verdict == "bypass"


def test_the_key_is_named_in_which_the_cases_differ() -> None:
    # with an address this holds, without one it does not
    found = delivered({"NotIpAddressIfExists": {"aws:SourceIp": ELASTIC}, "Null": {"aws:SourceIp": "false"}})
    assert found.verdict == "unknown"
    assert {str(key).lower() for key in keys_asked(found)} == {"aws:sourceip"}
