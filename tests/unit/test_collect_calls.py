"""How the collector meets paging, throttling, refusals and half answers, over real HTTP."""

import json
from collections.abc import Iterator, Mapping

import pytest
from tests.unit.aws_stub import Answer, ec2, ec2_error, stub_aws

from gatepath.collect.answers import ApiCall, ask
from gatepath.collect.calling import Page, call_pages, next_tokens
from gatepath.collect.errors import CollectError
from gatepath.collect.live import Progress, record_for_question, record_regions
from gatepath.collect.session import SessionOptions, open_clients
from gatepath.model.question import Question, Source, SourceKind
from gatepath.snapshot.pages import Recording
from gatepath.snapshot.record import decode_line

SUBNET = Question(source=Source(kind=SourceKind.SUBNET, id="subnet-1"), service="s3")


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")


def options(url: str) -> SessionOptions:
    return SessionOptions(region="eu-west-1", endpoint_url=url)


def pages(url: str, call: ApiCall) -> list[Page]:
    return list(call_pages(open_clients(options(url)), call, "111122223333"))


def subnets(*ids: str, after: str = "") -> Answer:
    items = "".join(f"<item><subnetId>{name}</subnetId><vpcId>vpc-1</vpcId></item>" for name in ids)
    return ec2(
        "DescribeSubnets",
        f"<subnetSet>{items}</subnetSet>" + (f"<nextToken>{after}</nextToken>" if after else ""),
    )


def test_every_page_is_a_record_of_its_own() -> None:
    def script(_: str, form: Mapping[str, str], __: int) -> Answer:
        return subnets("subnet-2") if form.get("NextToken") == "more" else subnets("subnet-1", after="more")

    with stub_aws(script) as (url, _):
        found = pages(url, ask("eu-west-1", "ec2.DescribeSubnets"))
    assert [page.record["request"] for page in found] == [{}, {"NextToken": "more"}]
    assert [page.record["response"]["Subnets"][0]["SubnetId"] for page in found] == ["subnet-1", "subnet-2"]  # type: ignore[index]
    assert found[0].record["response"]["NextToken"] == "more"  # type: ignore[index]


def test_a_token_that_leads_back_to_itself_ends_the_list_cut_short() -> None:
    with stub_aws(lambda *_: subnets("subnet-1", after="same")) as (url, asked):
        found = pages(url, ask("eu-west-1", "ec2.DescribeSubnets"))
    assert asked.count("DescribeSubnets") == 2
    assert found[-1].record["response"]["NextToken"] == "same"  # type: ignore[index]


def test_throttling_is_retried() -> None:
    def script(_: str, __: Mapping[str, str], before: int) -> Answer:
        return ec2_error("RequestLimitExceeded", 503) if before < 2 else subnets("subnet-1")

    with stub_aws(script) as (url, asked):
        found = pages(url, ask("eu-west-1", "ec2.DescribeSubnets"))
    assert asked.count("DescribeSubnets") == 3
    assert [page.answer.error for page in found] == [""]


def test_a_refused_page_keeps_what_came_before() -> None:
    def script(_: str, form: Mapping[str, str], __: int) -> Answer:
        return (
            ec2_error("UnauthorizedOperation") if "NextToken" in form else subnets("subnet-1", after="more")
        )

    with stub_aws(script) as (url, _):
        found = pages(url, ask("eu-west-1", "ec2.DescribeSubnets"))
    assert [page.answer.error for page in found] == ["", "UnauthorizedOperation"]
    assert found[1].record["request"] == {"NextToken": "more"}
    assert found[1].record["error"] == {"Code": "UnauthorizedOperation", "Message": "no"}
    assert found[1].failure is None


def test_a_denied_call_never_stops_the_rest() -> None:
    def script(operation: str, _: Mapping[str, str], __: int) -> Answer:
        if operation == "DescribeRouteTables":
            return ec2_error("UnauthorizedOperation")
        return subnets("subnet-1") if operation == "DescribeSubnets" else ec2_error("Unsupported", 400)

    records: list[dict[str, object]] = []
    with stub_aws(script) as (url, asked):
        done = record_for_question(SUBNET, options(url), lambda _: None, records.append, policies=False)
    denied = [record for record in records if record["operation"] == "DescribeRouteTables"]
    assert denied[0]["error"] == {"Code": "UnauthorizedOperation", "Message": "no"}
    assert {"DescribeNetworkAcls", "DescribeVpcEndpoints", "ListResolverRules"} <= set(asked)
    assert done.errors["ec2.DescribeRouteTables"] == "UnauthorizedOperation"
    assert all(record["account"] == "111122223333" for record in records)


HALF_ANSWERS = [
    (200, ""),
    (200, "<html>login here</html>"),
    (200, "<DescribeSubnetsResponse/>"),
    ec2("DescribeSubnets", "<subnetSet><item/></subnetSet>"),
    ec2("DescribeSubnets", "<subnetSet>text</subnetSet>"),
    (200, "not xml at all <"),
    (200, '{"ResolverRules": "text", "FirewallRuleGroupAssociations": [1, null, {"VpcId": 3}]}'),
    (200, "[]"),
    (200, "null"),
    (400, "nothing"),
    (302, "<moved/>"),
]


@pytest.mark.parametrize("half", HALF_ANSWERS)
def test_half_answers_never_raise(half: Answer) -> None:
    def script(operation: str, _: Mapping[str, str], __: int) -> Answer:
        return subnets("subnet-1") if operation == "DescribeSubnets" else half

    records: list[dict[str, object]] = []
    with stub_aws(script) as (url, _):
        record_for_question(SUBNET, options(url), lambda _: None, records.append)
    assert {"DescribeRouteTables", "DescribeVpcs", "ListResolverRules"} <= {
        str(record["operation"]) for record in records
    }
    assert all(("response" in record) != ("error" in record) for record in records)


@pytest.mark.parametrize("half", HALF_ANSWERS[1:3])
def test_half_answers_never_raise_when_whole_regions_are_recorded(half: Answer) -> None:
    records: list[dict[str, object]] = []
    with stub_aws(lambda *_: half) as (url, _):
        record_regions(options(url), ("eu-west-1",), lambda _: None, records.append, buckets=("b",))
    assert len(records) > 20


def test_no_network_is_a_collect_error() -> None:
    with stub_aws(lambda *_: (200, "")) as (url, _):
        pass
    with pytest.raises(CollectError) as raised:
        record_for_question(SUBNET, options(url), lambda _: None, lambda _: None)
    assert raised.value.code == "collect.cannot-connect"


def test_no_credentials_is_a_collect_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(CollectError) as raised:
        record_for_question(SUBNET, options("http://127.0.0.1:9"), lambda _: None, lambda _: None)
    assert raised.value.code == "collect.no-credentials"


def test_unknown_profile_is_a_collect_error() -> None:
    with pytest.raises(CollectError) as raised:
        open_clients(SessionOptions(profile="no-such-profile"))
    assert raised.value.code == "collect.profile-not-found"


def test_progress_counts_every_answer() -> None:
    seen: list[Progress] = []
    with stub_aws(lambda *_: subnets("subnet-1")) as (url, _):
        done = record_for_question(SUBNET, options(url), seen.append, lambda _: None, policies=False)
    assert [step.made for step in seen] == list(range(1, done.calls + 1))


def test_head_bucket_keeps_the_first_answer() -> None:
    with stub_aws(lambda *_: (301, "")) as (url, asked):
        (page,) = pages(url, ask("eu-west-1", "s3.HeadBucket", Bucket="elsewhere"))
    assert asked == ["HEAD /elsewhere"]
    assert page.record["http"] == {"status": 301, "headers": {}}
    assert page.answer.error == "301"


def tokens() -> Iterator[tuple[dict[str, object], object, dict[str, object]]]:
    simple: dict[str, object] = {"input_token": "NextToken", "output_token": "NextToken"}
    yield simple, {"NextToken": "a"}, {"NextToken": "a"}
    yield simple, {"NextToken": ""}, {}
    yield simple, "text", {}
    marker: dict[str, object] = {
        "input_token": "Marker",
        "output_token": "Marker",
        "more_results": "IsTruncated",
    }
    yield marker, {"IsTruncated": False, "Marker": "a"}, {}
    yield marker, {"IsTruncated": True, "Marker": "a"}, {"Marker": "a"}
    records: dict[str, object] = {
        "input_token": ["StartRecordName", "StartRecordType"],
        "output_token": ["NextRecordName", "NextRecordType"],
    }
    yield records, {"NextRecordName": "n"}, {"StartRecordName": "n"}


@pytest.mark.parametrize(("rule", "response", "expected"), list(tokens()))
def test_next_tokens(rule: dict[str, object], response: object, expected: dict[str, object]) -> None:
    assert next_tokens(rule, response) == expected


@pytest.mark.parametrize("body", ["<html>a proxy's page</html>", "{}", '{"Organization": 5}', ""])
def test_a_page_in_place_of_an_answer_never_proves_anything(body: str) -> None:
    """botocore makes an empty answer of what is no JSON."""
    with stub_aws(lambda *_: (200, body)) as (url, _):
        for name in ("organizations.DescribeOrganization", "route53resolver.ListResolverRules"):
            lines = [json.dumps(page.record).encode() for page in pages(url, ask("eu-west-1", name))]
            recording = Recording(decode_line(line, n, f"x:{n}") for n, line in enumerate(lines))
            assert recording.gaps(name)
            assert not recording.coverage(name)
