"""Random mixes of DNS settings, proxies and clients: what every answer promises, whatever the mix."""

import json
import random
from collections.abc import Callable

import pytest

from gatepath.diagnose import diagnose
from gatepath.model.question import parse_question
from gatepath.snapshot.load import load_world
from gatepath.snapshot.record import Record
from gatepath.trace import Diagnosis, Severity, Verdict
from tests import scenarios as sc
from tests import scenarios_clients as clients
from tests import snapshots as s
from tests.snapshots import Json, Snapshot

ONLY = frozenset({"network"})
S3 = f"s3.{s.REGION}.amazonaws.com"
HOSTS = [
    *[f"data.{S3}"] * 6,
    S3,
    "data.s3.amazonaws.com",
    f"data.s3.dualstack.{s.REGION}.amazonaws.com",
    "data.s3-accelerate.amazonaws.com",
    f"data.s3.{sc.OTHER}.amazonaws.com",
    f"sts.{s.REGION}.amazonaws.com",
    f"data.bucket.vpce-0e1-abcd.{S3.removesuffix('.amazonaws.com')}.vpce.amazonaws.com",
    "storage.example.com",
    f"streams.dynamodb.{s.REGION}.amazonaws.com",
]
ENVIRONMENTS: list[Json] = [
    {},
    {},
    clients.PROXY,
    {**clients.PROXY, "no_proxy": ".amazonaws.com"},
    {"https_proxy": "http://proxy.corp.example:3128"},
    {"https_proxy": "http://198.51.100.4:8080"},
]
SERVERS = [["10.0.200.53"], ["10.9.0.53"], ["10.0.1.53", "AmazonProvidedDNS"], ["198.51.100.53"]]
ADDRESSES = ["52.218.1.1", "10.0.1.51", "10.0.1.99", "198.51.100.4", "52.216.1.1"]


def zone(made: Snapshot, rng: random.Random) -> None:
    values = [{"Value": value} for value in rng.sample(ADDRESSES, 2)]
    record = {"Name": f"*.{S3}.", "Type": "A", "TTL": 60, "ResourceRecords": values}
    name, records = rng.choice([(S3, []), (S3, [record]), ("amazonaws.com", []), ("corp.example", [])])
    clients.zone(made, name, records)


def servers(made: Snapshot, rng: random.Random) -> None:
    clients.own_server(made, s.permission("udp", 53, cidrs=["10.0.0.0/16"]))
    clients.servers(made, *rng.choice(SERVERS))


def rule(made: Snapshot, rng: random.Random) -> None:
    associated = {"Id": "a1", "ResolverRuleId": "rslvr-rr-1", "VPCId": s.VPC, "Status": "COMPLETE"}
    made.rows("route53resolver.ListResolverRuleAssociations").append(associated)
    domain = rng.choice([".", "amazonaws.com.", f"{S3}.", "corp.example."])
    made.rows("route53resolver.ListResolverRules").append(
        {"Id": "rslvr-rr-1", "DomainName": domain, "RuleType": rng.choice(["FORWARD", "SYSTEM"])}
    )


def proxy(made: Snapshot, _: random.Random) -> None:
    clients.proxied(made)


def endpoint(made: Snapshot, rng: random.Random) -> None:
    clients.interface_endpoint(made, private_dns=rng.random() < 0.5)


def no_default_route(made: Snapshot, _: random.Random) -> None:
    routes = sc.private_routes(made)
    routes[:] = [r for r in routes if r.get("DestinationCidrBlock") != "0.0.0.0/0"]


def dual_stack(made: Snapshot, _: random.Random) -> None:
    clients.ipv6(made)


def support_off(made: Snapshot, _: random.Random) -> None:
    made.replace_call(
        "ec2.DescribeVpcAttribute",
        {"VpcId": s.VPC, "Attribute": "enableDnsSupport"},
        response={"VpcId": s.VPC, "EnableDnsSupport": {"Value": False}},
    )


CHANGES: list[Callable[[Snapshot, random.Random], None]] = [
    zone,
    servers,
    rule,
    proxy,
    endpoint,
    no_default_route,
    dual_stack,
    support_off,
]


def mix(seed: int) -> tuple[Snapshot, Json]:
    rng = random.Random(seed)
    made = s.sound()
    for change in rng.sample(CHANGES, rng.choice([1, 2, 3])):
        change(made, rng)
    client = {"sdk": rng.choice(["boto3", "aws-cli-v2", "curl", "java", "go"]), "hostname": rng.choice(HOSTS)}
    asked = s.question(client=s.client(**client, env=rng.choice(ENVIRONMENTS)))
    if rng.random() < 0.2:
        asked["client"]["resolves_to"] = rng.sample(ADDRESSES, rng.choice([1, 2]))
    if rng.random() < 0.1:
        asked["source"] = {"external": "office"}
    return made, asked


def keeps_its_word(found: Diagnosis) -> bool:
    """Tell whether an answer has what its verdict asks for."""
    above = [f for f in found.findings if f.severity is not Severity.INFO]
    if found.verdict is Verdict.UNKNOWN:
        return bool(found.unknowns)
    return bool(above) is (found.verdict is not Verdict.OK)


@pytest.mark.parametrize("seed", range(60))
def test_every_answer_keeps_its_word_and_no_missing_call_changes_it(seed: int) -> None:
    made, asked = mix(seed)
    told = f"{json.dumps(asked['client'])} {asked['source']}"
    question, records = parse_question(asked), made.records()
    whole = diagnose(question, load_world(records), only=ONLY)
    assert keeps_its_word(whole), told
    for taken in records:
        found = diagnose(question, load_world(_without(records, taken)), only=ONLY)
        assert found.verdict in {whole.verdict, Verdict.UNKNOWN}, f"{taken.operation} {told}"
        assert keeps_its_word(found), f"{taken.operation} {told}"
        if found.verdict is not whole.verdict:
            named = {gap.operation for unsettled in found.unknowns for gap in unsettled.unknown.gaps}
            assert taken.operation in named, f"{taken.operation} {told}"


def _without(records: list[Record], taken: Record) -> list[Record]:
    return [record for record in records if record.index != taken.index]


def test_the_mixes_reach_every_verdict_that_names_can_give() -> None:
    met = set()
    for seed in range(60):
        made, asked = mix(seed)
        met.add(s.ask(made, asked).verdict)
    assert met >= {Verdict.OK, Verdict.BYPASS, Verdict.BLOCKED, Verdict.UNKNOWN}
