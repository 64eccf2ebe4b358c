"""The catalogue of needs is well formed, and its host names are those that SDKs build."""

import re
import tomllib
from pathlib import Path

import botocore.session
import pytest

from gatepath.engine.hostnames import classify
from gatepath.needs.catalogue import Need, NeededHost, SignedBy, names, need, when_text
from gatepath.rights.published import is_published

TEXT = Path("src/gatepath/needs/catalogue.toml").read_text(encoding="utf-8")
DOCUMENT = tomllib.loads(TEXT)
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
PLACEHOLDERS = {"{region}", "{region_without_dashes}", "{service_account}", "{suffix}"}
REGION = "eu-west-1"
AGENTS = {
    "ecr.dkr",
    "ecs-agent",
    "ecs-telemetry",
    "ec2messages",
    "ssmmessages",
    "codedeploy-commands-secure",
    "elasticbeanstalk-health",
    "codeartifact.repositories",
}
"""Endpoint services whose hosts no SDK client is made for."""
NOT_PUBLISHED = {"service-catalog", "data-exchange"}
"""Patterns so general that customers' own buckets may have such names."""


def every() -> list[Need]:
    return [need(name) for name in names()]


def hosts() -> dict[str, NeededHost]:
    return {host.service: host for found in every() for host in found.hosts}


def whens(found: Need) -> list[str | None]:
    return [bucket.when for bucket in found.buckets] + [host.when for host in found.hosts]


@pytest.mark.parametrize("name", names())
def test_a_need_is_whole(name: str) -> None:
    found = need(name)
    assert re.fullmatch(r"[a-z][a-z0-9-]*", name)
    assert found.source.startswith("https://")
    assert set(found.title) == {"en", "ja"}
    assert all(found.title.values())
    assert not JAPANESE.search(found.title["en"])
    assert found.buckets or found.hosts
    assert None in whens(found)


@pytest.mark.parametrize("found", every(), ids=lambda found: found.name)
def test_every_bucket_has_source_signer_and_objects(found: Need) -> None:
    for bucket in found.buckets:
        assert bucket.source.startswith("https://"), bucket.pattern
        assert bucket.signed_by in set(SignedBy)
        assert set(re.findall(r"\{\w+\}", bucket.pattern)) <= PLACEHOLDERS
        assert bucket.objects
        assert all(text.endswith("*") for text in bucket.objects)
        assert all(action.startswith("s3:") for action in bucket.actions)
        assert bucket.port in {80, 443}
        assert bucket.partitions


def test_what_writes_is_what_pages_say_that_it_writes() -> None:
    writing = {
        bucket.pattern for found in every() for bucket in found.buckets if "s3:PutObject" in bucket.actions
    }
    assert {
        "cloudformation-waitcondition-{region}",
        "cloudformation-custom-resource-response-{region_without_dashes}",
    } <= writing


def test_names_are_filled_by_region() -> None:
    patterns = {bucket.pattern: bucket for found in every() for bucket in found.buckets}
    custom = patterns["cloudformation-custom-resource-response-{region_without_dashes}"]
    assert custom.name("us-west-2") == "cloudformation-custom-resource-response-uswest2"
    assert (
        patterns["prod-{region}-starport-layer-bucket"].name(REGION) == "prod-eu-west-1-starport-layer-bucket"
    )
    assert (
        patterns["patch-baseline-snapshot-{region}"].name("me-south-1")
        == "patch-baseline-snapshot-me-south-1-uduvl7q8"
    )
    assert (
        patterns["elasticbeanstalk-{region}"].name("cn-north-1") == "elasticbeanstalk-public-beta-cn-north-1"
    )


def test_a_name_that_only_aws_knows_is_never_guessed() -> None:
    unknown = {b.pattern for found in every() for b in found.buckets if b.name(REGION) is None}
    assert "assets-{service_account}-{region}" in unknown
    assert "static-{region}-prod-static-{suffix}" in unknown
    assert all("{suffix}" in pattern or "{service_account}" in pattern for pattern in unknown)
    patch = next(b for b in need("patch-manager").buckets if b.pattern.startswith("aws-patch-manager"))
    assert patch.name("me-south-1") == "aws-patch-manager-me-south-1-a53fc9dce"


def test_buckets_of_single_regions() -> None:
    used = {b.pattern for b in need("ssm").buckets if b.used_in("af-south-1")}
    assert "aws-ssm-distributor-file-{region}" in used
    assert "{region}-birdwatcher-prod" not in used


@pytest.mark.parametrize("found", every(), ids=lambda found: found.name)
def test_the_policy_half_knows_the_buckets_as_published(found: Need) -> None:
    if found.name in NOT_PUBLISHED:
        return
    for bucket in found.buckets:
        name = bucket.shown(REGION).replace("{suffix}", "0a1b2c3d").replace("{service_account}", "0" * 12)
        assert is_published(name), bucket.pattern


@pytest.mark.parametrize("service", sorted(hosts()))
def test_a_host_is_what_botocore_builds_for_its_service(service: str) -> None:
    host = hosts()[service]
    assert host.source.startswith("https://docs.aws.amazon.com/")
    if host.botocore is None:
        assert service in AGENTS
        return
    session = botocore.session.get_session()
    session.set_credentials("x", "x")
    client = session.create_client(host.botocore, region_name=REGION)
    assert client.meta.endpoint_url == f"https://{host.name(REGION, '')}"


def test_endpoint_service_names() -> None:
    api = hosts()["ecr.api"]
    assert api.endpoint_service(REGION) == "com.amazonaws.eu-west-1.ecr.api"
    assert api.endpoint_service("cn-north-1") == "cn.com.amazonaws.cn-north-1.ecr.api"


def test_included_needs_are_needed_too() -> None:
    assert {host.service for host in need("eks").hosts} >= {"ecr.api", "ecr.dkr", "ec2"}
    assert need("ecr").buckets[0] in need("ecs").buckets


def test_repository_hosts_are_names_of_s3() -> None:
    for name in ("amazon-linux-1", "amazon-linux-2", "amazon-linux-2023"):
        for bucket in need(name).buckets:
            host = bucket.host(REGION)
            if host is not None:
                found = classify(host, "s3")
                assert found.service == "s3", host
                assert found.bucket == bucket.name(REGION)


def test_every_word_is_used_and_stands_in_both_languages() -> None:
    used = {when for found in every() for when in whens(found)} - {None}
    assert used == set(DOCUMENT["when"])
    assert set(hosts()) == set(DOCUMENT["host"])
    for word in DOCUMENT["when"]:
        assert JAPANESE.search(when_text(word, "ja"))
        assert not JAPANESE.search(when_text(word, "en"))
