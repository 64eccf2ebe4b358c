"""What the form of a host name says, row by row; names that SDKs other than botocore build."""

import pytest

from gatepath.engine.client_region import client_region
from gatepath.engine.hostnames import Reach, build_hostname, classify
from gatepath.engine.sdks import Sdk, family
from gatepath.model.naming import Arn
from gatepath.model.question import Client, Question, Source, SourceKind

YES, NO, BELIEVED, GLOBAL, OTHER = Reach.YES, Reach.NO, Reach.BELIEVED, Reach.GLOBAL, Reach.OTHER
ROWS = [  # name, form, service, Region, reach, dual-stack, bucket
    ("s3.eu-west-1.amazonaws.com", "regional", "s3", "eu-west-1", YES, False, None),
    ("b.s3.eu-west-1.amazonaws.com", "regional", "s3", "eu-west-1", YES, False, "b"),
    ("my.b.s3.eu-west-1.amazonaws.com.", "regional", "s3", "eu-west-1", YES, False, "my.b"),
    ("B.S3.EU-WEST-1.AMAZONAWS.COM", "regional", "s3", "eu-west-1", YES, False, "b"),
    ("s3.amazonaws.com", "global", "s3", None, GLOBAL, False, None),
    ("my.b.s3.amazonaws.com", "global", "s3", None, GLOBAL, False, "my.b"),
    ("b.s3-us-west-2.amazonaws.com", "dash", "s3", "us-west-2", BELIEVED, False, "b"),
    ("b.s3.dualstack.us-west-2.amazonaws.com", "dualstack", "s3", "us-west-2", YES, True, "b"),
    ("b.s3-fips.us-east-2.amazonaws.com", "fips", "s3", "us-east-2", BELIEVED, False, "b"),
    ("s3-fips-us-gov-west-1.amazonaws.com", "fips", "s3", "us-gov-west-1", BELIEVED, False, None),
    ("s3-fips.dualstack.us-east-2.amazonaws.com", "fips-dualstack", "s3", "us-east-2", BELIEVED, True, None),
    (
        "ap-111122223333.s3-accesspoint.eu-west-1.amazonaws.com",
        "access-point",
        "s3",
        "eu-west-1",
        YES,
        False,
        None,
    ),
    (
        "ap-111122223333.s3-accesspoint-fips.dualstack.us-east-1.amazonaws.com",
        "access-point",
        "s3",
        "us-east-1",
        BELIEVED,
        True,
        None,
    ),
    (
        "o-111122223333.s3-object-lambda.eu-west-1.amazonaws.com",
        "object-lambda",
        "",
        "eu-west-1",
        NO,
        False,
        None,
    ),
    ("m.mrap.accesspoint.s3-global.amazonaws.com", "multi-region-access-point", "", None, NO, False, None),
    ("b.s3-accelerate.amazonaws.com", "accelerate", "", None, NO, False, "b"),
    ("b.s3-accelerate.dualstack.amazonaws.com", "accelerate", "", None, NO, True, "b"),
    ("b.s3-website-us-east-1.amazonaws.com", "website", "s3", "us-east-1", BELIEVED, False, "b"),
    ("b.s3-website.eu-central-1.amazonaws.com", "website", "s3", "eu-central-1", BELIEVED, False, "b"),
    ("111122223333.s3-control.eu-west-1.amazonaws.com", "control", "s3", "eu-west-1", BELIEVED, False, None),
    ("s3express-control.us-east-1.amazonaws.com", "control", "s3express", "us-east-1", YES, False, None),
    (
        "s3express-control-dualstack.us-east-1.amazonaws.com",
        "control",
        "s3express",
        "us-east-1",
        YES,
        True,
        None,
    ),
    (
        "b--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com",
        "zonal",
        "s3express",
        "us-east-1",
        YES,
        False,
        "b--use1-az4--x-s3",
    ),
    ("s3tables.eu-west-1.amazonaws.com", "tables", "", "eu-west-1", NO, False, None),
    ("s3-r-w.eu-west-1.amazonaws.com", "file-system", "", "eu-west-1", NO, False, None),
    ("x.s3-outposts.eu-west-1.amazonaws.com", "outposts-like", "", "eu-west-1", OTHER, False, None),
    ("dynamodb.eu-west-1.amazonaws.com", "regional", "dynamodb", "eu-west-1", YES, False, None),
    ("dynamodb.eu-west-1.api.aws", "dualstack", "dynamodb", "eu-west-1", BELIEVED, True, None),
    ("dynamodb-fips.us-east-1.api.aws", "fips-dualstack", "dynamodb", "us-east-1", BELIEVED, True, None),
    ("111122223333.ddb.eu-west-1.amazonaws.com", "account", "dynamodb", "eu-west-1", BELIEVED, False, None),
    ("111122223333.ddb.eu-west-1.api.aws", "account", "dynamodb", "eu-west-1", BELIEVED, True, None),
    ("streams.dynamodb.eu-west-1.amazonaws.com", "streams", "", "eu-west-1", NO, False, None),
    ("streams-dynamodb.eu-west-1.api.aws", "streams", "", "eu-west-1", NO, True, None),
    ("c.x.dax-clusters.eu-west-1.amazonaws.com", "dax", "", "eu-west-1", OTHER, False, None),
    ("b.s3.cn-north-1.amazonaws.com.cn", "regional", "s3", "cn-north-1", YES, False, "b"),
    ("b.s3.eusc-de-east-1.amazonaws.eu", "regional", "s3", "eusc-de-east-1", YES, False, "b"),
    ("b.s3.us-east-11.amazonaws.com", "regional", "s3", "us-east-11", YES, False, "b"),
    ("sts.eu-west-1.amazonaws.com", "other-service", "", "eu-west-1", NO, False, None),
    ("1.dkr.ecr.eu-west-1.amazonaws.com", "other-service", "", "eu-west-1", NO, False, None),
    ("x.sts.eu-west-1.amazonaws.com", "foreign", "", None, OTHER, False, None),
    ("s3.example.com", "foreign", "", None, OTHER, False, None),
    ("repo.us-east-1.amazonaws.com", "foreign", "", None, OTHER, False, None),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_forms(row: tuple[str, str, str, str | None, Reach, bool, str | None]) -> None:
    host = classify(row[0])
    assert (host.form, host.service, host.region, host.reach, host.dualstack, host.bucket) == row[1:]
    assert host.name == row[0].lower().rstrip(".")


@pytest.mark.parametrize(
    ("name", "bucket"),
    [
        ("bucket.vpce-0a1b2c3d4e-5f6g.s3.eu-west-1.vpce.amazonaws.com", None),
        ("my.b.bucket.vpce-0a1b2c3d4e-5f6g.s3.eu-west-1.vpce.amazonaws.com", "my.b"),
        ("vpce-0a1b2c3d4e-5f6g.dynamodb.eu-west-1.vpce.amazonaws.com", None),
        ("vpce-0a1b2c3d4e-5f6g-eu-west-1a.s3.eu-west-1.vpce.amazonaws.com", None),
    ],
)
def test_endpoint_specific_names(name: str, bucket: str | None) -> None:
    host = classify(name)
    assert (host.form, host.reach, host.region) == ("endpoint-specific", NO, "eu-west-1")
    assert (host.endpoint_id, host.bucket) == ("vpce-0a1b2c3d4e", bucket)


def test_a_repository_of_amazon_linux_is_a_bucket_where_s3_is_asked_for() -> None:
    host = classify("repo.us-east-1.amazonaws.com", "s3")
    assert (host.form, host.service, host.region, host.reach) == ("foreign", "s3", "us-east-1", BELIEVED)
    assert host.bucket == "repo.us-east-1.amazonaws.com"
    assert classify("repo.example.com", "s3").service == ""


@pytest.mark.parametrize("sdk", ["javascript", "aws-cli", "aws-cli/2.15.0", "java", "go", "ruby", "curl"])
def test_other_sdks_have_the_regional_name_in_us_east_1(sdk: str) -> None:
    name, assumed = build_hostname(service="s3", region="us-east-1", bucket="b-b", sdk=sdk)
    assert name == "b-b.s3.us-east-1.amazonaws.com"
    told = {"javascript": [], "ruby": ["assumption.sdk-not-known"]}
    assert [a.code for a in assumed] == told.get(sdk, ["assumption.hostname-form"])


@pytest.mark.parametrize("sdk", [None, "boto3", "botocore", "aws-cli/1.32.0"])
def test_botocore_has_the_global_name_in_us_east_1(sdk: str | None) -> None:
    name, _ = build_hostname(service="s3", region="us-east-1", bucket="b-b", sdk=sdk)
    assert name == "b-b.s3.amazonaws.com"


def test_no_region() -> None:
    assert build_hostname(service="s3", region=None, bucket="b-b")[0] == "b-b.s3.amazonaws.com"
    with pytest.raises(ValueError, match="Region"):
        build_hostname(service="dynamodb", region=None)


def test_a_multi_region_access_point_has_a_global_name() -> None:
    arn = Arn.parse("arn:aws:s3::111122223333:accesspoint/mfzwi23gnjvgw.mrap")
    name, _ = build_hostname(service="s3", region="eu-west-1", resource=arn)
    assert name == "mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com"


def test_families() -> None:
    assert family(None) is Sdk.PYTHON
    assert family("AWS CLI") is Sdk.CLI
    assert family("aws-cli/1.2") is Sdk.PYTHON
    assert family("aws-sdk-go-v2") is Sdk.GO
    assert family("perl") is Sdk.OTHER


def asks(**client: str) -> Question:
    made = Client(**client)  # type: ignore[arg-type]
    return Question(source=Source(kind=SourceKind.EXTERNAL, id="laptop"), service="s3", client=made)


def test_the_clients_region() -> None:
    both = {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2"}
    assert client_region(asks(region="eu-west-3"), both, "boto3", "us-east-1") == ("eu-west-3", ())
    assert client_region(asks(hostname="b.s3.eu-north-1.amazonaws.com"), both, "boto3", "")[0] == "eu-north-1"
    found = [
        client_region(asks(), both, sdk, "us-east-1")[0] for sdk in ("boto3", "aws-cli", "java", "js", "curl")
    ]
    assert found == ["eu-west-2", "eu-west-1", "eu-west-1", "eu-west-1", "us-east-1"]
    region, assumed = client_region(asks(), {"AWS_REGION": "eu-west-1"}, "boto3", "us-east-1")
    assert region == "us-east-1"
    assert [a.code for a in assumed] == ["assumption.client-region", "assumption.region-variable-ignored"]
    assert client_region(asks(), {}, "boto3", "")[0] is None
