"""Which network keys a request carries, by its way: read off a bucket policy that denies on each.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies-vpc-endpoint.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from collections.abc import Callable

import pytest
from tests import rights_worlds as w
from tests import scenarios_policies as p
from tests import snapshots as s
from tests.snapshots import Json, Snapshot

from gatepath.trace import Diagnosis, Verdict

Way = Callable[[], tuple[Snapshot, Json]]
VPC_ARN = f"arn:aws:ec2:{s.REGION}:{s.ACCOUNT}:vpc/{s.VPC}"
ENDPOINT_KEYS = (
    "aws:SourceVpce",
    "aws:SourceVpc",
    "aws:SourceVpcArn",
    "aws:VpcSourceIp",
    "aws:VpceAccount",
    "aws:VpceOrgID",
    "aws:VpceOrgPaths",
)
BY_ENDPOINT = {
    "aws:SourceVpc": s.VPC,
    "aws:SourceVpcArn": VPC_ARN,
    "aws:VpcSourceIp": "10.0.1.10",
    "aws:VpceAccount": s.ACCOUNT,
}
EVERYWHERE = {
    "aws:SecureTransport": "true",
    "aws:ViaAWSService": "false",
    "aws:PrincipalIsAWSService": "false",
    "aws:PrincipalAccount": s.ACCOUNT,
    "aws:PrincipalArn": p.ROLE_ARN,
    "aws:PrincipalType": "AssumedRole",
    "aws:userid": "AROAEXAMPLE0000000001:session",
    "aws:ResourceAccount": s.ACCOUNT,
    "s3:ResourceAccount": s.ACCOUNT,
    "aws:RequestedRegion": s.REGION,
    "s3:authType": "REST-HEADER",
}
WAYS: dict[str, tuple[Way, dict[str, str]]] = {
    "gateway": (w.by_gateway, {"aws:SourceVpce": s.ENDPOINT, **BY_ENDPOINT}),
    "interface": (w.by_interface_endpoint, {"aws:SourceVpce": w.INTERFACE, **BY_ENDPOINT}),
    "nat": (w.by_nat, {"aws:SourceIp": s.NAT_EIP}),
    "internet": (w.by_internet_gateway, {"aws:SourceIp": "203.0.113.10"}),
    "proxy": (w.by_proxy, {"aws:SourceIp": "203.0.113.30"}),
}
PRESENT = [
    pytest.param(way, key, value, id=f"{name}-{key}")
    for name, (way, keys) in WAYS.items()
    for key, value in {**keys, **EVERYWHERE}.items()
]
ORGANIZED = ("aws:PrincipalOrgID", "aws:ResourceOrgID", "aws:PrincipalOrgPaths", "aws:ResourceOrgPaths")
ABSENT = [
    pytest.param(way, key, id=f"{name}-{key}")
    for name, (way, keys) in WAYS.items()
    for key in (
        *(key for key in (*ENDPOINT_KEYS, "aws:SourceIp") if key not in keys and key != "aws:VpceOrgPaths"),
        "aws:SourceArn",
        "aws:SourceAccount",
        "aws:CalledVia",
        "aws:PrincipalServiceName",
        "s3:DataAccessPointArn",
        "s3:AccessPointNetworkOrigin",
        "aws:username",
        *ORGANIZED,
    )
]


@pytest.mark.parametrize(("way", "key", "value"), PRESENT)
def test_a_key_has_its_value(way: Way, key: str, value: str) -> None:
    assert w.denied_if(*way(), {"StringEquals": {key: value}}) is Verdict.DENIED
    assert w.denied_if(*way(), {"StringNotEquals": {key.upper(): value}}) in w.TRANSITED


@pytest.mark.parametrize(("way", "key"), ABSENT)
def test_a_key_is_absent(way: Way, key: str) -> None:
    assert w.denied_if(*way(), {"Null": {key: "true"}}) is Verdict.DENIED
    assert w.denied_if(*way(), {"Null": {key: "false"}}) in w.TRANSITED
    # a negated operator holds where the key is absent, a positive one doesn't, IfExists does
    assert w.denied_if(*way(), {"StringNotEquals": {key: "x"}}) is Verdict.DENIED
    assert w.denied_if(*way(), {"StringEquals": {key: "x"}}) in w.TRANSITED
    assert w.denied_if(*way(), {"StringEqualsIfExists": {key: "x"}}) is Verdict.DENIED


def test_from_outside_no_key_of_an_endpoint_is_there_and_the_address_is_not_known() -> None:
    for key in ENDPOINT_KEYS:
        assert w.denied_if(*w.from_outside(), {"Null": {key: "true"}}) is Verdict.DENIED
    made, question = w.from_outside()
    office = {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    p.bucket_policy(made, p.deny(Action="s3:*", Resource=w.OBJECTS, Condition=office))
    found = w.whole(made, question)
    assert found.verdict is Verdict.UNKNOWN
    assert w.keys_asked(found) == {"aws:SourceIp"}


def test_the_address_outside_may_be_told() -> None:
    office = {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    for address, verdict in (("203.0.113.9", Verdict.BYPASS), ("198.51.100.9", Verdict.DENIED)):
        made, question = w.from_outside()
        assert w.denied_if(made, {**question, "context": {"aws:SourceIp": address}}, office) is verdict


@pytest.mark.parametrize("way", [w.by_gateway, w.by_interface_endpoint])
def test_a_condition_on_public_addresses_breaks_once_there_is_an_endpoint(way: Way) -> None:
    office = {"NotIpAddress": {"aws:SourceIp": f"{s.NAT_EIP}/32"}}
    assert w.denied_if(*w.by_nat(), office) is Verdict.BYPASS
    assert w.denied_if(*way(), office) is Verdict.DENIED


def test_an_allow_for_the_nat_address_no_longer_matches_past_the_endpoint() -> None:
    for way, verdict in ((w.by_nat, Verdict.BYPASS), (w.by_gateway, Verdict.DENIED)):
        _, question = way()
        made = way()[0]
        made.replace_call("iam.ListRolePolicies", {"RoleName": p.ROLE}, response={"PolicyNames": []})
        allowed = {"IpAddress": {"aws:SourceIp": f"{s.NAT_EIP}/32"}}
        p.bucket_policy(made, p.allow(Action="s3:*", Resource=w.OBJECTS, Condition=allowed))
        found = w.whole(made, question)
        assert found.verdict is verdict
        if verdict is Verdict.DENIED:
            assert "resource-policy.condition-fails" in w.codes(found)


@pytest.mark.parametrize(
    ("ids", "gateway", "interface"),
    [
        ([s.ENDPOINT], Verdict.OK, Verdict.DENIED),
        ([w.INTERFACE], Verdict.DENIED, Verdict.BYPASS),
        ([s.ENDPOINT, w.INTERFACE], Verdict.OK, Verdict.BYPASS),
        (["vpce-0000000000000dead"], Verdict.DENIED, Verdict.DENIED),
    ],
    ids=["gateway only", "interface only", "both", "recreated"],
)
def test_an_endpoint_policy_names_endpoints_by_id(
    ids: list[str], gateway: Verdict, interface: Verdict
) -> None:
    elsewhere = {"StringNotEquals": {"aws:SourceVpce": ids}}
    assert w.denied_if(*w.by_gateway(), elsewhere) is gateway
    assert w.denied_if(*w.by_interface_endpoint(), elsewhere) is interface
    assert w.denied_if(*w.by_nat(), elsewhere) is Verdict.DENIED


def test_a_private_range_of_addresses_needs_the_key_of_the_endpoint() -> None:
    for key, verdict in (("aws:SourceIp", Verdict.DENIED), ("aws:VpcSourceIp", Verdict.OK)):
        assert w.denied_if(*w.by_gateway(), {"NotIpAddress": {key: "10.0.0.0/16"}}) is verdict


def test_plain_http_is_not_secure_transport() -> None:
    made, question = w.by_gateway()
    question["client"]["port"] = 80
    assert w.denied_if(made, question, {"Bool": {"aws:SecureTransport": "false"}}) is Verdict.DENIED
    assert w.denied_if(made, question, {"Null": {"s3:TlsVersion": "true"}}) is Verdict.DENIED


def test_the_organization_of_endpoint_principal_and_resource() -> None:
    for key in ("aws:VpceOrgID", "aws:PrincipalOrgID", "aws:ResourceOrgID"):
        made, question = w.by_gateway()
        p.organization(made, {"Effect": "Deny", "Action": "sqs:*", "Resource": "*"}, p.deny(Action="sqs:*"))
        assert w.denied_if(made, question, {"StringEquals": {key: p.ORGANIZATION}}) is Verdict.DENIED
        assert w.denied_if(made, question, {"StringNotEquals": {key: p.ORGANIZATION}}) is Verdict.OK


def test_a_key_nobody_tells_is_not_taken_as_absent() -> None:
    made, question = w.by_gateway()
    p.bucket_policy(
        made,
        p.deny(
            Action="s3:*", Resource=w.OBJECTS, Condition={"StringEquals": {"s3:ExistingObjectTag/a": "b"}}
        ),
    )
    found = w.whole(made, question)
    assert found.verdict is Verdict.UNKNOWN
    assert w.keys_asked(found) == {"s3:ExistingObjectTag/a"}


def test_a_key_may_be_told_or_told_to_be_absent() -> None:
    key = "s3:ExistingObjectTag/a"
    for value, equals, null in (("b", Verdict.DENIED, Verdict.OK), (None, Verdict.OK, Verdict.DENIED)):
        made, question = w.by_gateway()
        question["context"] = {key: value}
        assert w.denied_if(made, question, {"StringEquals": {key: "b"}}) is equals
        assert w.denied_if(made, question, {"Null": {key: "true"}}) is null


def test_null_takes_away_what_the_way_gives() -> None:
    made, question = w.by_gateway()
    question["context"] = {"AWS:SOURCEVPCE": None}
    assert w.denied_if(made, question, {"Null": {"aws:SourceVpce": "true"}}) is Verdict.DENIED


def test_an_interface_endpoint_has_its_own_policy() -> None:
    made, question = w.by_interface_endpoint()
    p.endpoint_policy(made, p.deny())
    assert w.whole(made, question).verdict is Verdict.BYPASS
    row = made.row("ec2.DescribeVpcEndpoints", VpcEndpointId=w.INTERFACE)
    row["PolicyDocument"] = p.document(p.allow(Principal={"AWS": p.ROLE_ARN}))
    assert w.whole(made, question).verdict is Verdict.BYPASS
    row["PolicyDocument"] = p.document(p.allow(Principal={"AWS": f"{p.ROLE_ARN}-other"}))
    found = w.whole(made, question)
    assert found.verdict is Verdict.DENIED
    assert w.codes(found) == ["endpoint-policy.no-allow"]


def test_no_endpoint_policy_judges_what_goes_past_the_endpoint() -> None:
    for way in (w.by_nat, w.by_internet_gateway, w.by_proxy):
        made, question = way()
        p.endpoint_policy(made, p.deny())
        assert w.whole(made, question).verdict is Verdict.BYPASS


def behind_nat(*statements: Json, endpoint: tuple[Json, ...] = ()) -> Diagnosis:
    """Diagnose where only the NAT gateway's own subnet has the endpoint's route."""
    made, question = w.by_nat()
    s_table = made.row("ec2.DescribeRouteTables", RouteTableId=s.PUBLIC_TABLE)
    s_table["Routes"].append(s.route(s.S3_LIST, GatewayId=s.ENDPOINT))
    if statements:
        p.bucket_policy(made, *statements)
    if endpoint:
        p.endpoint_policy(made, *endpoint)
    return w.whole(made, question)


def nat_denial(condition: Json) -> Json:
    return p.deny(Action="s3:*", Resource=w.OBJECTS, Condition=condition)


@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        # the service sees the endpoint, or the gateway's Elastic IP: pages contradict
        ({"StringNotEquals": {"aws:SourceVpce": s.ENDPOINT}}, "unknown"),
        ({"NotIpAddress": {"aws:SourceIp": s.NAT_EIP}}, "unknown"),
        ({"NotIpAddress": {"aws:VpcSourceIp": s.NAT_IP}}, "unknown"),
        # the same either way
        ({"StringNotEquals": {"aws:SourceVpc": "vpc-0ff"}}, "denied"),
        (
            {"StringNotEquals": {"aws:SourceVpce": s.ENDPOINT}, "NotIpAddress": {"aws:SourceIp": s.NAT_EIP}},
            "bypass",
        ),
    ],
)
def test_behind_a_nat_gateway_with_an_endpoint_both_views_have_to_agree(
    condition: Json, verdict: str
) -> None:
    found = behind_nat(nat_denial(condition))
    assert found.verdict == verdict
    if verdict == "unknown":
        assert {u.code for u in found.unknowns} == {"unknown.nat-or-endpoint"}
    else:
        assert found.certainty == "suspect"


def test_an_endpoint_policy_behind_a_nat_gateway_may_or_may_not_count() -> None:
    assert behind_nat(endpoint=(p.allow(Resource="arn:aws:s3:::other/*"),)).verdict == "unknown"
    assert behind_nat(endpoint=(p.allow(),)).verdict == "bypass"


@pytest.mark.parametrize(("principal", "verdict"), [("*", "ok"), ({"AWS": p.ROLE_ARN}, "denied")])
def test_a_website_is_read_without_signature(principal: object, verdict: str) -> None:
    made, question = w.by_gateway()
    p.bucket_policy(made, p.allow(Principal=principal, Action="s3:GetObject", Resource=w.OBJECTS))
    host = f"{p.BUCKET}.s3-website-{s.REGION}.amazonaws.com"
    found = w.whole(made, {**question, "client": {"region": s.REGION, "hostname": host, "port": 80}})
    assert found.verdict == verdict
    assert any(a.code == "assumption.website-unsigned" for a in found.assumptions)


@pytest.mark.parametrize(
    ("ranges", "verdict"),
    [
        (["10.0.1.0/24"], "ok"),
        (["10.0.0.0/16"], "ok"),
        (["10.0.1.0/25", "10.0.1.128/25"], "ok"),
        (["10.0.2.0/24"], "denied"),
        (["10.0.1.128/25"], "unknown"),
        (["10.0.1.77"], "unknown"),
    ],
)
def test_any_address_of_the_subnet_may_send(ranges: list[str], verdict: str) -> None:
    made, question = w.by_gateway()
    p.bucket_policy(made, nat_denial({"NotIpAddress": {"aws:VpcSourceIp": ranges}}))
    found = w.whole(made, {**question, "source": {"subnet": s.PRIVATE, "security_groups": [s.GROUP]}})
    assert found.verdict == verdict
    if verdict == "unknown":
        assert w.keys_asked(found) == {"aws:VpcSourceIp"}


def test_an_address_compared_as_a_text_stays_open() -> None:
    made, question = w.by_gateway()
    place = {"subnet": s.PRIVATE, "security_groups": [s.GROUP]}
    for condition in (
        {"StringLike": {"aws:VpcSourceIp": "10.0.1.2*"}},
        {"StringEquals": {"aws:PrincipalTag/address": "${aws:VpcSourceIp}"}},
    ):
        p.bucket_policy(made, nat_denial(condition))
        context = {"aws:PrincipalTag/address": "10.0.1.7"}
        assert w.whole(made, {**question, "source": place, "context": context}).verdict == "unknown"
