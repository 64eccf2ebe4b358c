"""With a proxy two names are resolved: the proxy's by the client, the target's by the proxy's own resolver."""

import pytest
from tests import scenarios_clients as clients
from tests import snapshots as s
from tests.snapshots import Json, Snapshot
from tests.unit.test_dns_servers import above_info, paths, record, with_every_call

from gatepath.trace import Verdict

NAMED = {"https_proxy": "http://proxy.corp.example:3128"}
THROUGH = {"proxy eni-0p1"}


def behind_proxy() -> Snapshot:
    made = s.sound()
    clients.proxied(made)
    return made


def asked(env: Json, **more: object) -> Json:
    return s.question(client=s.client(**{"sdk": "botocore", "env": env, **more}))


def test_the_proxy_s_name_in_a_private_zone() -> None:
    made = behind_proxy()
    clients.zone(made, "corp.example", [record("proxy.corp.example", "10.0.200.30")])
    found = with_every_call(made, asked(NAMED))
    assert (found.verdict, paths(found)) == (Verdict.BYPASS, THROUGH)


def test_the_zone_lacks_the_proxy_s_name() -> None:
    made = behind_proxy()
    clients.zone(made, "corp.example", [])
    found = with_every_call(made, asked(NAMED))
    assert found.verdict is Verdict.BLOCKED
    assert above_info(found) == {"client:no_proxy", "dns:Z0A1"}
    assert paths(found) == {"dropped dns:Z0A1"}


def test_nothing_resolves_the_proxy_s_name() -> None:
    made = behind_proxy()
    made.replace_call(
        "ec2.DescribeVpcAttribute",
        {"VpcId": s.VPC, "Attribute": "enableDnsSupport"},
        response={"VpcId": s.VPC, "EnableDnsSupport": {"Value": False}},
    )
    found = with_every_call(made, asked(NAMED))
    assert (found.verdict, paths(found)) == (Verdict.BLOCKED, {f"dropped {s.VPC}"})
    clients.own_server(made)
    found = s.ask(made, asked(NAMED))
    assert (found.verdict, paths(found)) == (Verdict.BLOCKED, {"dropped sg-0d1"})
    assert "dns.custom-resolver-unreachable" in {f.code for f in found.findings}


def test_a_proxy_s_name_that_only_public_dns_knows() -> None:
    found = s.ask(behind_proxy(), asked(NAMED))
    assert found.verdict is Verdict.UNKNOWN
    assert [u.code for u in found.unknowns] == ["unknown.proxy-address"]


def test_a_dual_stack_client_goes_to_the_proxy_by_its_ip_version() -> None:
    made = behind_proxy()
    clients.ipv6(made)
    host = f"data.s3.dualstack.{s.REGION}.amazonaws.com"
    found = s.ask(made, asked(clients.PROXY, hostname=host))
    assert (found.verdict, paths(found)) == (Verdict.BYPASS, THROUGH)


def test_an_ipv6_client_and_a_proxy_with_an_ipv4_address() -> None:
    made = behind_proxy()
    clients.ipv6(made)
    host = f"data.s3.dualstack.{s.REGION}.amazonaws.com"
    found = s.ask(made, asked(clients.PROXY, hostname=host, ip_version=6))
    assert (found.verdict, paths(found)) == (Verdict.BLOCKED, {"dropped client:https_proxy"})


def test_the_proxy_asks_its_own_resolver() -> None:
    """The zone hides the bucket's name from the proxy as it would from the client."""
    made = behind_proxy()
    clients.zone(made, f"s3.{s.REGION}.amazonaws.com", [])
    found = with_every_call(made, asked(clients.PROXY))
    assert found.verdict is Verdict.BLOCKED
    assert above_info(found) == {"client:no_proxy", "dns:Z0A1"}
    assert paths(found) == {"dropped dns:Z0A1"}


def test_the_proxy_is_led_to_an_interface_endpoint() -> None:
    made = behind_proxy()
    clients.interface_endpoint(made, private_dns=True)
    found = with_every_call(made, asked(clients.PROXY))
    assert (found.verdict, paths(found)) == (Verdict.BYPASS, THROUGH)
    made.row("ec2.DescribeSecurityGroups", GroupId="sg-0e1")["IpPermissions"] = []
    found = s.ask(made, asked(clients.PROXY))
    assert (found.verdict, paths(found)) == (Verdict.BLOCKED, {"dropped sg-0e1"})


def test_the_proxy_s_resolver_can_t_be_seen() -> None:
    made = behind_proxy()
    clients.own_server(made, s.permission("udp", 53, cidrs=["10.0.0.0/16"]))
    found = s.ask(made, asked(clients.PROXY))
    assert found.verdict is Verdict.UNKNOWN
    assert found.unknowns


def test_boto3_s_global_name_in_us_east_1_through_a_proxy() -> None:
    """An exemption for the Regional name doesn't cover the global one; the proxy goes on to us-east-1."""
    text = [line.replace(s.REGION.encode(), b"us-east-1") for line in behind_proxy().lines()]
    env = {**clients.PROXY, "no_proxy": "s3.us-east-1.amazonaws.com"}
    question = asked(env)
    question["client"] |= {"region": "us-east-1", "hostname": "data.s3.amazonaws.com"}
    found = s.ask(Lines(text), question)
    assert (found.verdict, paths(found)) == (Verdict.BYPASS, THROUGH)
    assert "client:no_proxy" in above_info(found)


class Lines(Snapshot):
    """Recorded lines as they are."""

    def __init__(self, text: list[bytes]) -> None:
        super().__init__()
        self.text = text

    def lines(self) -> list[bytes]:
        return self.text


@pytest.mark.parametrize("region", ["eu-west-2", "eu-west-99"])
def test_the_proxy_asks_for_another_region(region: str) -> None:
    host = f"data.s3.{region}.amazonaws.com"
    found = s.ask(behind_proxy(), asked(clients.PROXY, hostname=host, region=region, sdk="curl"))
    known = region == "eu-west-2"
    assert found.verdict is (Verdict.DENIED if known else Verdict.BLOCKED)
    assert paths(found) == (THROUGH if known else {"dropped client:region"})
