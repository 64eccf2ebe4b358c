"""What the service refuses, where the calls that tell are there, denied or missing; names outside the endpoint."""

import pytest
from tests import scenarios as sc
from tests import scenarios_clients as clients
from tests import snapshots as s
from tests.snapshots import Json, Snapshot
from tests.unit.test_dns_servers import above_info, paths, with_every_call, without_default

from gatepath.trace import Certainty, Verdict

GATEWAY = {f"gateway-endpoint {s.ENDPOINT}"}
NAT = {f"nat-gateway {s.NAT}"}
COPY: Json = {"operation": "CopyObject", "copy_source": "arn:aws:s3:::src/key"}


def bucket(made: Snapshot, status: int, region: str = sc.OTHER) -> None:
    headers = {} if status == 404 else {"x-amz-bucket-region": region}
    made.add_call(
        "s3",
        "HeadBucket",
        {"Bucket": "src"},
        error={"Code": str(status), "Message": ""},
        http={"status": status, "headers": headers},
    )


@pytest.mark.parametrize("status", [301, 403])
@pytest.mark.parametrize("operation", ["CopyObject", "UploadPartCopy", None])
def test_a_copy_from_another_region(status: int, operation: str | None) -> None:
    made = s.sound()
    bucket(made, status)
    asked = s.question(**{**COPY, "operation": operation})
    found = with_every_call(made, {key: value for key, value in asked.items() if value is not None})
    assert (found.verdict, above_info(found)) == (Verdict.DENIED, {"s3:service-rule/cross-region-copy"})
    assert paths(found) == GATEWAY


def test_a_copy_whose_source_s_region_is_not_known() -> None:
    found = s.ask(s.sound(), s.question(**COPY))
    assert found.verdict is Verdict.UNKNOWN
    assert [(u.code, dict(u.arguments)["resource"]) for u in found.unknowns] == [
        ("unknown.resource-region", "arn:aws:s3:::src/key")
    ]
    without = s.sound()
    sc.without_endpoint_route(without)
    assert s.ask(without, s.question(**COPY)).verdict is Verdict.BYPASS


def test_a_copy_within_the_region() -> None:
    made = s.sound()
    bucket(made, 403, s.REGION)
    assert with_every_call(made, s.question(**COPY)).verdict is Verdict.OK
    assert s.ask(s.sound(), s.question(**COPY, copy_source_region=s.REGION)).verdict is Verdict.OK


def test_a_copy_of_nothing() -> None:
    made = s.sound()
    bucket(made, 404)
    found = with_every_call(made, s.question(**COPY))
    assert (found.verdict, above_info(found)) == (Verdict.DENIED, {"s3:bucket/src"})


def test_an_access_point_as_a_copy_s_source_tells_its_region() -> None:
    arn = f"arn:aws:s3:{sc.OTHER}:{s.ACCOUNT}:accesspoint/ap/object/key"
    found = s.ask(s.sound(), s.question(operation="CopyObject", copy_source=arn))
    assert found.verdict is Verdict.DENIED


def test_another_operation_than_a_copy_has_no_source() -> None:
    made = s.sound()
    bucket(made, 403)
    assert s.ask(made, s.question(**{**COPY, "operation": "PutObject"})).verdict is Verdict.OK


TABLE = f"arn:aws:dynamodb:{s.REGION}:{s.ACCOUNT}:table/t"


def with_table(**answer: object) -> Snapshot:
    made = s.sound()
    made.rows("ec2.DescribeVpcEndpoints").append(s.endpoint("vpce-0d1", "dynamodb"))
    sc.private_routes(made).append(s.route(s.DDB_LIST, GatewayId="vpce-0d1"))
    made.add_call("sts", "GetCallerIdentity", {}, response={"Account": s.ACCOUNT, "Arn": "", "UserId": ""})
    if answer:
        made.add_call("dynamodb", "DescribeTable", {"TableName": "t"}, **answer)
    return made


def of_table(arn: str = TABLE) -> Json:
    client = {"region": s.REGION, "hostname": f"dynamodb.{s.REGION}.amazonaws.com", "port": 443}
    asked = s.question(client=client, resource=arn)
    return {**asked, "service": "dynamodb", "action": "dynamodb:GetItem"}


def test_a_table_that_is_not_there() -> None:
    made = with_table(error={"Code": "ResourceNotFoundException", "Message": ""})
    found = with_every_call(made, of_table())
    assert (found.verdict, above_info(found)) == (Verdict.DENIED, {TABLE})


@pytest.mark.parametrize("answer", [{}, {"error": {"Code": "AccessDeniedException", "Message": ""}}])
def test_a_table_that_nobody_described(answer: Json) -> None:
    found = s.ask(with_table(**answer), of_table())
    assert found.verdict is Verdict.UNKNOWN
    assert [u.code for u in found.unknowns] == ["unknown.resource-exists"]
    assert {gap.operation for u in found.unknowns for gap in u.unknown.gaps} == {"DescribeTable"}


@pytest.mark.parametrize(
    ("code", "verdict"), [("PolicyNotFoundException", "ok"), ("ResourceNotFoundException", "denied")]
)
def test_the_call_for_a_table_s_policy_tells_whether_it_exists(code: str, verdict: str) -> None:
    made = with_table()
    made.add_call(
        "dynamodb", "GetResourcePolicy", {"ResourceArn": TABLE}, error={"Code": code, "Message": ""}
    )
    assert s.ask(made, of_table()).verdict == verdict


def test_a_stranger_s_table_is_taken_as_there() -> None:
    made = with_table(error={"Code": "AccessDeniedException", "Message": ""})
    arn = TABLE.replace(s.ACCOUNT, "999988887777")
    assert s.ask(made, of_table(arn)).verdict is Verdict.OK


def test_the_global_name_from_another_region_than_us_east_1() -> None:
    """It leads to us-east-1 until DNS knows the bucket's Region; which of them can't be seen."""
    client = s.client(hostname="data.s3.amazonaws.com", sdk="botocore")
    found = s.ask(without_default(s.sound()), s.question(client=client))
    assert found.verdict is Verdict.UNKNOWN
    assert found.unknowns
    assert s.ask(s.sound(), s.question(client=client)).verdict is Verdict.OK


def test_the_global_name_was_seen_to_lead_to_us_east_1() -> None:
    client = s.client(hostname="data.s3.amazonaws.com", sdk="go", resolves_to=["52.216.1.1"])
    found = with_every_call(s.sound(), s.question(client=client))
    assert (found.verdict, above_info(found), paths(found)) == (Verdict.BYPASS, {"client:region"}, NAT)
    client["resolves_to"] = ["52.218.1.1"]
    found = with_every_call(s.sound(), s.question(client=client))
    assert (found.verdict, above_info(found)) == (Verdict.OK, set())


def test_the_global_name_stays_open_without_any_one_call() -> None:
    """A resolver that can't be seen may know the bucket's Region too; a bucket may be anywhere."""
    client = s.client(hostname="data.s3.amazonaws.com", sdk="botocore")
    made = without_default(s.sound())
    assert with_every_call(made, s.question(client=client)).verdict is Verdict.UNKNOWN
    sc.without_endpoint_route(made)
    assert with_every_call(made, s.question(client=client)).verdict is Verdict.BLOCKED


@pytest.mark.parametrize("nat", [True, False])
@pytest.mark.parametrize(
    ("host", "certainty"),
    [
        (f"sts.{s.REGION}.amazonaws.com", Certainty.PROVEN),
        ("sts.amazonaws.com", Certainty.PROVEN),
        (f"111122223333.dkr.ecr.{s.REGION}.amazonaws.com", Certainty.PROVEN),
        (f"api.ecr.{s.REGION}.amazonaws.com", Certainty.PROVEN),
        (f"kms.{s.REGION}.amazonaws.com", Certainty.PROVEN),
        (f"x-ext-s3alias.s3-r-w.{s.REGION}.amazonaws.com", Certainty.SUSPECT),
        ("data.s3-accelerate.amazonaws.com", Certainty.SUSPECT),
    ],
)
def test_names_that_no_gateway_endpoint_carries(host: str, certainty: Certainty, nat: bool) -> None:
    made = s.sound() if nat else without_default(s.sound())
    found = s.ask(made, s.question(client=s.client(hostname=host)))
    assert found.verdict is (Verdict.BYPASS if nat else Verdict.BLOCKED)
    assert found.certainty is certainty
    named = next(f for f in found.findings if f.code == "region.name-outside-endpoint")
    assert (named.component.id, named.certainty) == ("client:hostname", certainty)
    assert paths(found) == (NAT if nat else {f"dropped {s.PRIVATE_TABLE}"})


def test_a_name_of_s3_s_own_repositories_is_no_other_service() -> None:
    client = s.client(hostname=f"repo.{s.REGION}.amazonaws.com")
    assert s.ask(s.sound(), s.question(client=client)).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("service", "private", "host"),
    [
        (
            "com.amazonaws.s3-global.accesspoint",
            "*.accesspoint.s3-global.amazonaws.com",
            "x.mrap.accesspoint.s3-global.amazonaws.com",
        ),
        (f"com.amazonaws.{s.REGION}.sts", f"sts.{s.REGION}.amazonaws.com", f"sts.{s.REGION}.amazonaws.com"),
    ],
)
def test_an_endpoint_of_another_service_has_its_names(service: str, private: str, host: str) -> None:
    made = without_default(s.sound())
    clients.interface_endpoint(made, private_dns=True)
    row = made.rows("ec2.DescribeVpcEndpoints")[-1]
    row |= {"ServiceName": service, "DnsEntries": [{"DnsName": private}]}
    found = s.ask(made, s.question(client=s.client(hostname=host)))
    assert (found.verdict, paths(found)) == (Verdict.BYPASS, {"interface-endpoint vpce-0e1"})


def of_directory_bucket() -> Json:
    zone = "euw1-az1"
    client = {
        "region": s.REGION,
        "hostname": f"b--{zone}--x-s3.s3express-{zone}.{s.REGION}.amazonaws.com",
        "port": 443,
    }
    arn = f"arn:aws:s3express:{s.REGION}:{s.ACCOUNT}:bucket/b--{zone}--x-s3"
    asked = s.question(client=client, resource=arn)
    return {**asked, "service": "s3express", "action": "s3express:CreateSession"}


def test_a_directory_bucket_where_no_list_of_its_addresses_is_recorded() -> None:
    """The lists are whole, so no gateway endpoint carries them; they are outside S3's own list."""
    found = s.ask(s.sound(), of_directory_bucket())
    assert (found.verdict, found.certainty) == (Verdict.BYPASS, Certainty.SUSPECT)
    assert (above_info(found), paths(found)) == ({s.PRIVATE_TABLE}, NAT)
    found = s.ask(without_default(s.sound()), of_directory_bucket())
    assert (found.verdict, above_info(found)) == (Verdict.BLOCKED, {s.PRIVATE_TABLE})
