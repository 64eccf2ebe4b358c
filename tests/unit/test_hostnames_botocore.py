"""Host names against the installed botocore: clients are built and stopped before anything is sent."""

import itertools
import os
from collections.abc import Mapping
from urllib.parse import urlsplit

import botocore.loaders
import botocore.session
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.client import BaseClient
from botocore.config import Config

from gatepath.engine.hostnames import Reach, build_hostname, classify
from gatepath.engine.proxies import client_endpoint
from gatepath.model.naming import Arn

REGIONS = (
    "us-east-1",
    "eu-west-1",
    "ap-northeast-1",
    "us-gov-west-1",
    "cn-north-1",
    "eusc-de-east-1",
    "us-iso-east-1",
    "us-isob-east-1",
    "us-east-11",
)
BUCKETS = ("bkt", "my.dotted.bucket", "UPPER", "under_score", "a1-b2")
WORDS = ("", "path", "virtual", "dualstack", "fips", "fips,dualstack", "path,dualstack", "accelerate")


LOADER = botocore.loaders.Loader()
"""Shared: reading the service models takes longer than all the rest."""


class StoppedError(Exception):
    pass


def client_of(
    service: str, region: str | None, words: str, env: Mapping[str, str], patch: pytest.MonkeyPatch
) -> BaseClient:
    for name, value in env.items():
        patch.setenv(name, value)
    chosen = set(words.split(","))
    s3: dict[str, object] = {}
    if "accelerate" in chosen:
        s3["use_accelerate_endpoint"] = True
    style = next((word for word in ("path", "virtual") if word in chosen), None)
    if style:
        s3["addressing_style"] = style
    config = Config(
        s3=s3 or None,  # type: ignore[arg-type]
        use_dualstack_endpoint="dualstack" in chosen or None,
        use_fips_endpoint="fips" in chosen or None,
    )
    session = botocore.session.Session()
    session.register_component("data_loader", LOADER)
    return session.create_client(service, region_name=region, config=config)


def sent_to(client: BaseClient, operation: str, arguments: Mapping[str, str]) -> str:
    seen: list[str] = []

    def stop(request: AWSPreparedRequest, **_: object) -> None:
        seen.append(request.url)
        raise StoppedError

    client.meta.events.register("before-send", stop)
    with pytest.raises(StoppedError):
        getattr(client, operation)(**arguments)
    client.meta.events.unregister("before-send", stop)
    return urlsplit(seen[0]).hostname or ""


@pytest.fixture
def patch(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in os.environ:
        if name.startswith("AWS_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return monkeypatch


@pytest.mark.parametrize("region", REGIONS)
def test_s3_object_requests(region: str, patch: pytest.MonkeyPatch) -> None:
    for words in WORDS:
        if words == "accelerate" and not region.startswith(("us-east-1", "eu-", "ap-")):
            continue
        if "dualstack" in words and region.startswith("us-iso"):
            continue
        if "fips" in words and region.startswith("cn-"):
            continue  # botocore refuses: the partition has none
        client = client_of("s3", region, words, {}, patch)
        for bucket in BUCKETS:
            if words == "accelerate" and bucket not in {"bkt", "a1-b2"}:
                continue
            theirs = sent_to(client, "get_object", {"Bucket": bucket, "Key": "k"})
            ours, _ = build_hostname(
                service="s3",
                region=region,
                bucket=bucket,
                sdk="boto3",
                addressing=words,
                operation="GetObject",
            )
            assert ours == theirs, (words, bucket)


@pytest.mark.parametrize(
    ("operation", "arguments"), [("list_buckets", {}), ("get_bucket_location", {"Bucket": "bkt"})]
)
@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", None])
@pytest.mark.parametrize("words", ["", "dualstack", "fips"])
def test_s3_path_style_requests(
    operation: str, arguments: dict[str, str], region: str | None, words: str, patch: pytest.MonkeyPatch
) -> None:
    if region is None and words:
        pytest.skip("botocore needs a Region for these")
    theirs = sent_to(client_of("s3", region, words, {}, patch), operation, arguments)
    name = "".join(part.capitalize() for part in operation.split("_"))
    ours, _ = build_hostname(
        service="s3",
        region=region,
        bucket=arguments.get("Bucket"),
        sdk="boto3",
        addressing=words,
        operation=name,
    )
    assert ours == theirs


@pytest.mark.parametrize(
    "env",
    [
        {"AWS_S3_US_EAST_1_REGIONAL_ENDPOINT": "regional"},
        {"AWS_USE_DUALSTACK_ENDPOINT": "true"},
        {"AWS_USE_FIPS_ENDPOINT": "true"},
        {"AWS_ENDPOINT_URL_S3": "https://s3.eu-west-1.amazonaws.com"},
        {"AWS_ENDPOINT_URL": "http://proxy.internal:9000"},
        {"AWS_ENDPOINT_URL": "https://one.example", "AWS_ENDPOINT_URL_S3": "https://two.example"},
        {"AWS_ENDPOINT_URL": "https://one.example", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
        {"AWS_ENDPOINT_URL_DYNAMODB": "https://other.example"},
    ],
)
@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_s3_environment(env: dict[str, str], region: str, patch: pytest.MonkeyPatch) -> None:
    theirs = sent_to(client_of("s3", region, "", env, patch), "get_object", {"Bucket": "bkt", "Key": "k"})
    ours, _ = build_hostname(service="s3", region=region, bucket="bkt", sdk="boto3", env=env)
    assert ours == theirs


@pytest.mark.parametrize("words", ["", "dualstack", "fips", "fips,dualstack"])
@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_access_points(words: str, region: str, patch: pytest.MonkeyPatch) -> None:
    client = client_of("s3", region, words, {}, patch)
    for text in (
        "arn:aws:s3:us-west-2:111122223333:accesspoint/apx",
        "arn:aws:s3:eu-west-1:111122223333:accesspoint:apy",
        "arn:aws:s3-object-lambda:eu-west-1:111122223333:accesspoint/olap",
    ):
        if words and "object-lambda" in text and "dualstack" in words:
            continue
        theirs = sent_to(client, "get_object", {"Bucket": text, "Key": "k"})
        ours, _ = build_hostname(
            service="s3", region=region, sdk="boto3", addressing=words, resource=Arn.parse(text)
        )
        assert ours == theirs


@pytest.mark.parametrize("words", ["", "dualstack", "fips", "fips,dualstack"])
def test_directory_buckets(words: str, patch: pytest.MonkeyPatch) -> None:
    bucket = "b--use1-az4--x-s3"
    for operation, name in (
        ("head_bucket", "HeadBucket"),
        ("create_session", "CreateSession"),
        ("get_bucket_policy", "GetBucketPolicy"),
        ("delete_bucket", "DeleteBucket"),
    ):
        client = client_of("s3", "us-east-1", words, {}, patch)
        theirs = sent_to(client, operation, {"Bucket": bucket})
        ours, _ = build_hostname(
            service="s3express",
            region="us-east-1",
            bucket=bucket,
            sdk="boto3",
            addressing=words,
            operation=name,
        )
        assert ours == theirs
        assert classify(ours).service == "s3express"


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize(
    "env",
    [
        {},
        {"AWS_ACCOUNT_ID": "111122223333"},
        {"AWS_ACCOUNT_ID": "111122223333", "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled"},
        {"AWS_ENDPOINT_URL_DYNAMODB": "http://localhost:8000"},
    ],
)
def test_dynamodb(region: str, env: dict[str, str], patch: pytest.MonkeyPatch) -> None:
    tables = ("t", "arn:aws:dynamodb:us-east-1:444455556666:table/t")
    for words, table in itertools.product(("", "dualstack", "fips", "fips,dualstack"), tables):
        if env and "ENDPOINT_URL" in "".join(env) and words:
            continue
        client = client_of("dynamodb", region, words, env, patch)
        theirs = sent_to(client, "describe_table", {"TableName": table})
        ours, _ = build_hostname(
            service="dynamodb",
            region=region,
            sdk="boto3",
            addressing=words,
            env=env,
            resource=Arn.parse(table),
        )
        assert ours == theirs, (words, table)


@pytest.mark.parametrize("words", ["", "dualstack"])
def test_streams(words: str, patch: pytest.MonkeyPatch) -> None:
    theirs = sent_to(client_of("dynamodbstreams", "eu-west-1", words, {}, patch), "list_streams", {})
    ours, _ = build_hostname(
        service="dynamodb", region="eu-west-1", sdk="boto3", addressing=words, operation="ListStreams"
    )
    assert ours == theirs
    assert classify(ours).reach is Reach.NO


@pytest.mark.parametrize("region", REGIONS[:-1])
def test_built_names_classify_to_what_they_were_built_from(region: str) -> None:
    for words, bucket in itertools.product(
        ("", "path", "dualstack", "fips", "fips,dualstack"), ("bkt", "a.b")
    ):
        name, _ = build_hostname(
            service="s3", region=region, bucket=bucket, sdk="javascript", addressing=words
        )
        host = classify(name)
        assert (host.service, host.region) == ("s3", region)
        assert host.dualstack == ("dualstack" in words)
        assert host.bucket == ("bkt" if bucket == "bkt" and "path" not in words else None)


def test_the_endpoint_of_a_client_is_the_name_without_bucket_or_account(patch: pytest.MonkeyPatch) -> None:
    for region, words in itertools.product(
        ("us-east-1", "eu-west-1", "cn-north-1"), ("", "dualstack", "path")
    ):
        client = client_of("s3", region, words, {}, patch)
        host = sent_to(client, "get_object", {"Bucket": "bkt", "Key": "k"})
        assert client_endpoint(classify(host)) == urlsplit(client.meta.endpoint_url).hostname
    patch.setenv("AWS_ACCOUNT_ID", "111122223333")
    client = client_of("dynamodb", "eu-west-1", "", {}, patch)
    host = sent_to(client, "describe_table", {"TableName": "t"})
    assert classify(host).form == "account"
    assert client_endpoint(classify(host)) == urlsplit(client.meta.endpoint_url).hostname
    client = client_of("s3", "us-east-1", "", {}, patch)
    host = sent_to(client, "head_bucket", {"Bucket": "b--use1-az4--x-s3"})
    assert client_endpoint(classify(host)) == urlsplit(client.meta.endpoint_url).hostname
