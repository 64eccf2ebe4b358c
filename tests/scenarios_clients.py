"""Scenarios of the checks `source`, `region`, `proxy` and `dns` (see scenarios.py)."""

from tests import snapshots as s
from tests.scenarios import (
    NAT_PATH,
    OK_PATH,
    OTHER,
    OTHER_CIDRS,
    SCENARIOS,
    Scenario,
    answer,
    ok,
    private_routes,
    scenario,
    without_endpoint_route,
)
from tests.snapshots import Json, Snapshot


def far_bucket(made: Snapshot) -> Json:
    """Put the bucket into another Region; return the question that asks for it there."""
    s.other_region(made, OTHER, OTHER_CIDRS)
    s.bucket(made, "far", OTHER)
    return s.question(
        resource="arn:aws:s3:::far/key",
        client=s.client(region=OTHER, hostname=f"far.s3.{OTHER}.amazonaws.com"),
    )


@scenario("source.instance-not-running")
def _(fires: bool) -> Scenario:
    made = s.sound()
    if fires:
        row = made.rows("ec2.DescribeInstances")[0]["Instances"][0]
        row["State"] = {"Code": 80, "Name": "stopped"}
    return made, s.question(), ok()


@scenario("source.other-interfaces")
def _(fires: bool) -> Scenario:
    made = s.sound()
    if fires:
        second = s.interface(
            "eni-0a2",
            s.PRIVATE,
            "10.0.1.11",
            (s.GROUP,),
            Attachment={"InstanceId": s.INSTANCE, "DeviceIndex": 1},
        )
        made.rows("ec2.DescribeNetworkInterfaces").append(second)
        row = made.rows("ec2.DescribeInstances")[0]["Instances"][0]
        row["NetworkInterfaces"].append({**second, "Attachment": {"DeviceIndex": 1, "Status": "attached"}})
    return made, s.question(), ok()


def function(made: Snapshot, vpc: Json) -> None:
    """Record a Lambda function."""
    made.add_call(
        "lambda",
        "GetFunctionConfiguration",
        {"FunctionName": "job"},
        response={
            "FunctionName": "job",
            "FunctionArn": f"arn:aws:lambda:{s.REGION}:{s.ACCOUNT}:function:job",
            "Role": f"arn:aws:iam::{s.ACCOUNT}:role/job",
            "VpcConfig": vpc,
        },
    )


@scenario("source.function-outside-vpc")
def _(fires: bool) -> Scenario:
    made = s.sound()
    inside = {"VpcId": s.VPC, "SubnetIds": [s.PRIVATE], "SecurityGroupIds": [s.GROUP]}
    function(made, {"VpcId": "", "SubnetIds": [], "SecurityGroupIds": []} if fires else inside)
    asked = s.question(source={"lambda": "job"})
    return (
        made,
        asked,
        answer("bypass", f"arn:aws:lambda:{s.REGION}:{s.ACCOUNT}:function:job", path=["internet"])
        if fires
        else ok(),
    )


@scenario("source.pod-uses-node-interface")
def _(fires: bool) -> Scenario:
    made = s.sound()
    asked = s.question(source={"eks_pod": {"node": s.INSTANCE}} if fires else {"instance": s.INSTANCE})
    return made, asked, ok()


@scenario("region.resource-elsewhere")
def _(fires: bool) -> Scenario:
    made = s.sound()
    asked = far_bucket(made) if fires else s.question()
    return made, asked, answer("bypass", "s3:bucket/far", path=NAT_PATH) if fires else ok()


@scenario("region.client-elsewhere")
def _(fires: bool) -> Scenario:
    """The bucket is at home, the client asks another Region; curl doesn't follow the redirect."""
    made = s.sound()
    s.other_region(made, OTHER, OTHER_CIDRS)
    region = OTHER if fires else s.REGION
    asked = s.question(
        client={"region": region, "hostname": f"data.s3.{region}.amazonaws.com", "port": 443, "sdk": "curl"}
    )
    return made, asked, answer("denied", "client:region", path=NAT_PATH) if fires else ok()


@scenario("region.redirect-refused")
def _(fires: bool) -> Scenario:
    made = s.sound()
    s.other_region(made, OTHER, OTHER_CIDRS)
    region = OTHER if fires else s.REGION
    asked = s.question(
        client={"region": region, "hostname": f"data.s3.{region}.amazonaws.com", "port": 443, "sdk": "curl"}
    )
    return made, asked, answer("denied", "client:region", path=NAT_PATH) if fires else ok()


@scenario("region.redirected")
def _(fires: bool) -> Scenario:
    """A bucket elsewhere, asked for at home: botocore follows the redirect out of the endpoint."""
    made = s.sound()
    far_bucket(made)
    name = "far" if fires else "data"
    asked = s.question(
        resource=f"arn:aws:s3:::{name}/key",
        client=s.client(hostname=f"{name}.s3.{s.REGION}.amazonaws.com", sdk="botocore"),
    )
    return made, asked, answer("bypass", "s3:bucket/far", "client:region", path=NAT_PATH) if fires else ok()


@scenario("region.unknown-region")
def _(fires: bool) -> Scenario:
    made = s.sound()
    region = "eu-west-11" if fires else s.REGION
    asked = s.question(client={"region": region, "hostname": f"data.s3.{region}.amazonaws.com", "port": 443})
    return made, asked, answer("blocked", "client:region", path=["dropped client:region"]) if fires else ok()


@scenario("region.resource-not-found")
def _(fires: bool) -> Scenario:
    made = s.sound()
    if fires:
        made.replace_call(
            "s3.HeadBucket",
            {"Bucket": "data"},
            error={"Code": "404", "Message": "Not Found"},
            http={"status": 404, "headers": {}},
        )
    return made, s.question(), answer("denied", "s3:bucket/data", path=OK_PATH) if fires else ok()


@scenario("region.cross-region-copy")
def _(fires: bool) -> Scenario:
    made = s.sound()
    source = OTHER if fires else s.REGION
    asked = s.question(operation="CopyObject", copy_source="arn:aws:s3:::src/key", copy_source_region=source)
    refused = answer("denied", "s3:service-rule/cross-region-copy", path=OK_PATH)
    return made, asked, refused if fires else ok()


@scenario("region.name-outside-endpoint")
def _(fires: bool) -> Scenario:
    made = s.sound()
    without = "data.s3-accelerate.amazonaws.com" if fires else f"data.s3.{s.REGION}.amazonaws.com"
    asked = s.question(client=s.client(hostname=without))
    return made, asked, answer("bypass", "client:hostname", path=NAT_PATH) if fires else ok()


@scenario("region.legacy-global-host")
def _(fires: bool) -> Scenario:
    """From us-east-1's endpoint the global name is fine; it is worth knowing."""
    made = s.sound()
    text = "\n".join(line.decode() for line in made.lines()).replace(s.REGION, "us-east-1")
    made = s.Snapshot(calls=[s.json.loads(line) for line in text.splitlines()])
    hostname = "data.s3.amazonaws.com" if fires else "data.s3.us-east-1.amazonaws.com"
    asked = s.question(client={"region": "us-east-1", "hostname": hostname, "port": 443})
    return made, asked, ok()


PROXY = {"https_proxy": "http://10.0.200.30:3128"}


def proxied(made: Snapshot) -> None:
    """Add a proxy host in the public subnet, with a public address."""
    made.rows("ec2.DescribeSecurityGroups").append(
        s.group("sg-0p1", ingress=[s.permission("tcp", 3128, cidrs=["10.0.0.0/16"])])
    )
    eni = s.interface("eni-0p1", s.PUBLIC, "10.0.200.30", ("sg-0p1",))
    made.rows("ec2.DescribeNetworkInterfaces").append(s.public(eni, "203.0.113.30"))


@scenario("proxy.not-exempted")
def _(fires: bool) -> Scenario:
    made = s.sound()
    proxied(made)
    env = PROXY if fires else {**PROXY, "no_proxy": f".s3.{s.REGION}.amazonaws.com"}
    asked = s.question(client=s.client(sdk="botocore", env=env))
    return made, asked, answer("bypass", "client:no_proxy", path=["proxy eni-0p1"]) if fires else ok()


@scenario("proxy.no-proxy-does-not-match")
def _(fires: bool) -> Scenario:
    made = s.sound()
    proxied(made)
    entry = f"*.s3.{s.REGION}.amazonaws.com" if fires else f"s3.{s.REGION}.amazonaws.com"
    asked = s.question(client=s.client(sdk="botocore", env={**PROXY, "no_proxy": entry}))
    return made, asked, answer("bypass", "client:no_proxy", path=["proxy eni-0p1"]) if fires else ok()


@scenario("proxy.ignored-by-sdk")
def _(fires: bool) -> Scenario:
    made = s.sound()
    env = {"HTTPS_PROXY": "http://10.0.200.30:3128"} if fires else {}
    asked = s.question(client=s.client(sdk="javascript-v3", env=env))
    return made, asked, ok()


@scenario("proxy.metadata-through-proxy")
def _(fires: bool) -> Scenario:
    made = s.sound()
    proxied(made)
    env = {
        **PROXY,
        "http_proxy": PROXY["https_proxy"],
        "no_proxy": "x.example" if fires else "169.254.169.254",
    }
    asked = s.question(client=s.client(sdk="botocore", env=env))
    return made, asked, answer("bypass", "client:no_proxy", path=["proxy eni-0p1"])


@scenario("proxy.no-such-host")
def _(fires: bool) -> Scenario:
    made = s.sound()
    proxied(made)
    url = "http://10.0.200.99:3128" if fires else PROXY["https_proxy"]
    asked = s.question(client=s.client(sdk="botocore", env={"https_proxy": url}))
    blocked = answer("blocked", "client:https_proxy", "client:no_proxy", path=["dropped client:https_proxy"])
    return made, asked, blocked if fires else answer("bypass", "client:no_proxy", path=["proxy eni-0p1"])


@scenario("proxy.address-unknown")
def _(fires: bool) -> Scenario:
    made = s.sound()
    proxied(made)
    url = "http://proxy.corp.example:3128" if fires else PROXY["https_proxy"]
    asked = s.question(client=s.client(sdk="botocore", env={"https_proxy": url}))
    if fires:
        return made, asked, answer("unknown", path=["local"])
    return made, asked, answer("bypass", "client:no_proxy", path=["proxy eni-0p1"])


@scenario("security-group.no-ingress")
def _(fires: bool) -> Scenario:
    made = s.sound()
    proxied(made)
    if fires:
        made.row("ec2.DescribeSecurityGroups", GroupId="sg-0p1")["IpPermissions"] = []
    asked = s.question(client=s.client(sdk="botocore", env=PROXY))
    blocked = answer("blocked", "sg-0p1", "client:no_proxy", path=["dropped sg-0p1"])
    return made, asked, blocked if fires else answer("bypass", "client:no_proxy", path=["proxy eni-0p1"])


@scenario("dns.support-disabled")
def _(fires: bool) -> Scenario:
    made = s.sound()
    if fires:
        request = {"VpcId": s.VPC, "Attribute": "enableDnsSupport"}
        made.replace_call(
            "ec2.DescribeVpcAttribute",
            request,
            response={"VpcId": s.VPC, "EnableDnsSupport": {"Value": False}},
        )
    return made, s.question(), answer("blocked", s.VPC, path=[f"dropped {s.VPC}"]) if fires else ok()


@scenario("dns.hostnames-disabled")
def _(fires: bool) -> Scenario:
    made = s.sound()
    if fires:
        request = {"VpcId": s.VPC, "Attribute": "enableDnsHostnames"}
        made.replace_call(
            "ec2.DescribeVpcAttribute",
            request,
            response={"VpcId": s.VPC, "EnableDnsHostnames": {"Value": False}},
        )
    return made, s.question(), ok()


def servers(made: Snapshot, *values: str) -> None:
    """Set the DHCP options' name servers."""
    row = made.rows("ec2.DescribeDhcpOptions")[0]
    row["DhcpConfigurations"] = [{"Key": "domain-name-servers", "Values": [{"Value": v} for v in values]}]


def own_server(made: Snapshot, *ingress: Json) -> None:
    """Let an instance in the public subnet be the VPC's DNS server."""
    made.rows("ec2.DescribeNetworkInterfaces").append(
        s.interface("eni-0d1", s.PUBLIC, "10.0.200.53", ("sg-0d1",))
    )
    made.rows("ec2.DescribeSecurityGroups").append(s.group("sg-0d1", ingress=list(ingress)))
    servers(made, "10.0.200.53")


@scenario("dns.custom-resolver")
def _(fires: bool) -> Scenario:
    made = s.sound()
    own_server(made, s.permission("udp", 53, cidrs=["10.0.0.0/16"]))
    if not fires:
        servers(made, "10.0.0.2")
    return made, s.question(), answer("unknown", path=[*OK_PATH, "dropped dns:resolver"]) if fires else ok()


def zone(made: Snapshot, name: str, records: list[Json]) -> None:
    """Associate a private hosted zone."""
    made.replace_call(
        "route53.ListHostedZonesByVPC",
        {"VPCId": s.VPC, "VPCRegion": s.REGION},
        response={
            "HostedZoneSummaries": [
                {"HostedZoneId": "Z0A1", "Name": f"{name}.", "Owner": {"OwningAccount": s.ACCOUNT}}
            ]
        },
    )
    made.add_call(
        "route53",
        "ListResourceRecordSets",
        {"HostedZoneId": "Z0A1"},
        region="aws-global",
        response={"ResourceRecordSets": records, "IsTruncated": False},
    )


@scenario("dns.zone-lacks-record")
def _(fires: bool) -> Scenario:
    made = s.sound()
    zone(made, f"s3.{s.REGION}.amazonaws.com" if fires else "corp.example", [])
    return made, s.question(), answer("blocked", "dns:Z0A1", path=["dropped dns:Z0A1"]) if fires else ok()


@scenario("dns.zone-answers-elsewhere")
def _(fires: bool) -> Scenario:
    made = s.sound()
    name = f"data.s3.{s.REGION}.amazonaws.com"
    address = "198.51.100.7" if fires else "52.218.1.1"
    zone(
        made,
        f"s3.{s.REGION}.amazonaws.com",
        [{"Name": f"{name}.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": address}]}],
    )
    return made, s.question(), answer("unknown", path=NAT_PATH) if fires else ok()


def interface_endpoint(made: Snapshot, *, private_dns: bool) -> None:
    """Add an interface endpoint for S3 in the private subnet."""
    eni = s.interface("eni-0e1", s.PRIVATE, "10.0.1.51", ("sg-0e1",), InterfaceType="vpc_endpoint")
    made.rows("ec2.DescribeNetworkInterfaces").append(eni)
    ingress = [s.permission("tcp", 443, cidrs=["10.0.0.0/16"])]
    made.rows("ec2.DescribeSecurityGroups").append(s.group("sg-0e1", ingress=ingress))
    made.rows("ec2.DescribeVpcEndpoints").append(
        s.endpoint(
            "vpce-0e1",
            VpcEndpointType="Interface",
            RouteTableIds=[],
            SubnetIds=[s.PRIVATE],
            Groups=[{"GroupId": "sg-0e1"}],
            NetworkInterfaceIds=["eni-0e1"],
            PrivateDnsEnabled=private_dns,
            DnsEntries=[{"DnsName": f"*.vpce-0e1-abcd.s3.{s.REGION}.vpce.amazonaws.com"}],
        )
    )


@scenario("dns.interface-endpoint-answers")
def _(fires: bool) -> Scenario:
    made = s.sound()
    interface_endpoint(made, private_dns=fires)
    path = ["interface-endpoint vpce-0e1"]
    return made, s.question(), answer("bypass", "vpce-0e1", path=path) if fires else ok()


@scenario("dns.zone-leads-to-interface-endpoint")
def _(fires: bool) -> Scenario:
    made = s.sound()
    interface_endpoint(made, private_dns=False)
    name = f"*.s3.{s.REGION}.amazonaws.com" if fires else f"other.s3.{s.REGION}.amazonaws.com"
    alias = {
        "HostedZoneId": "Z1",
        "DNSName": f"vpce-0e1-abcd.s3.{s.REGION}.vpce.amazonaws.com.",
        "EvaluateTargetHealth": False,
    }
    zone_name = f"s3.{s.REGION}.amazonaws.com" if fires else "corp.example"
    zone(made, zone_name, [{"Name": f"{name}.".replace("*", "\\052"), "Type": "A", "AliasTarget": alias}])
    path = ["interface-endpoint vpce-0e1"]
    return made, s.question(), answer("bypass", "dns:Z0A1", path=path) if fires else ok()


@scenario("dns.rule-forwards")
def _(fires: bool) -> Scenario:
    made = s.sound()
    domain = "amazonaws.com." if fires else "corp.example."
    made.rows("route53resolver.ListResolverRuleAssociations").append(
        {"Id": "rslvr-rrassoc-1", "ResolverRuleId": "rslvr-rr-1", "VPCId": s.VPC, "Status": "COMPLETE"}
    )
    made.rows("route53resolver.ListResolverRules").append(
        {
            "Id": "rslvr-rr-1",
            "DomainName": domain,
            "RuleType": "FORWARD",
            "TargetIps": [{"Ip": "10.9.0.53", "Port": 53}],
        }
    )
    return made, s.question(), answer("unknown", path=[*OK_PATH, "dropped dns:resolver"]) if fires else ok()


@scenario("dns.firewall-blocks")
def _(fires: bool) -> Scenario:
    made = s.sound()
    made.rows("route53resolver.ListFirewallRuleGroupAssociations").append(
        {
            "Id": "rslvr-frgassoc-1",
            "FirewallRuleGroupId": "rslvr-frg-1",
            "VpcId": s.VPC,
            "Priority": 101,
            "Status": "COMPLETE",
        }
    )
    made.add_call(
        "route53resolver",
        "ListFirewallRules",
        {"FirewallRuleGroupId": "rslvr-frg-1"},
        response={
            "FirewallRules": [
                {
                    "FirewallDomainListId": "rslvr-fdl-1",
                    "Priority": 1,
                    "Action": "BLOCK",
                    "BlockResponse": "NODATA",
                }
            ]
        },
    )
    domain = "*.amazonaws.com." if fires else "*.example."
    made.add_call(
        "route53resolver",
        "ListFirewallDomains",
        {"FirewallDomainListId": "rslvr-fdl-1"},
        response={"Domains": [domain]},
    )
    blocked = answer("blocked", "dns:rslvr-frg-1", path=["dropped dns:rslvr-frg-1"])
    return made, s.question(), blocked if fires else ok()


@scenario("dns.name-does-not-exist")
def _(fires: bool) -> Scenario:
    made = s.sound()
    region = "eu-west-99" if fires else s.REGION
    asked = s.question(client={"region": region, "hostname": f"data.s3.{region}.amazonaws.com", "port": 443})
    return made, asked, answer("blocked", "client:region", path=["dropped client:region"]) if fires else ok()


@scenario("dns.address-outside-service")
def _(fires: bool) -> Scenario:
    made = s.sound()
    address = "198.51.100.9" if fires else "52.218.3.7"
    asked = s.question(client=s.client(resolves_to=[address]))
    return made, asked, answer("unknown", path=NAT_PATH) if fires else ok()


def ipv6(made: Snapshot) -> None:
    """Give the workload, subnet and VPC IPv6, and the internet by an egress-only gateway."""
    made.rows("ec2.DescribeVpcs")[0]["Ipv6CidrBlockAssociationSet"] = [
        {"Ipv6CidrBlock": "2001:db8:1::/56", "Ipv6CidrBlockState": {"State": "associated"}}
    ]
    made.rows("ec2.DescribeSubnets")[0]["Ipv6CidrBlockAssociationSet"] = [
        {"Ipv6CidrBlock": "2001:db8:1:1::/64", "Ipv6CidrBlockState": {"State": "associated"}}
    ]
    address = [{"Ipv6Address": "2001:db8:1:1::10"}]
    made.rows("ec2.DescribeNetworkInterfaces")[0]["Ipv6Addresses"] = address
    row = made.rows("ec2.DescribeInstances")[0]["Instances"][0]
    row["NetworkInterfaces"][0]["Ipv6Addresses"] = address
    made.rows("ec2.DescribeEgressOnlyInternetGateways").append(
        {"EgressOnlyInternetGatewayId": "eigw-0a1", "Attachments": [{"VpcId": s.VPC, "State": "attached"}]}
    )
    private_routes(made).append(s.route("::/0", EgressOnlyInternetGatewayId="eigw-0a1"))
    acl = made.rows("ec2.DescribeNetworkAcls")[0]
    for egress in (True, False):
        entry = s.entry(101, egress=egress)
        del entry["CidrBlock"]
        acl["Entries"].append({**entry, "Ipv6CidrBlock": "::/0"})
    made.row("ec2.DescribeSecurityGroups", GroupId=s.GROUP)["IpPermissionsEgress"].append(
        s.permission(cidrs6=["::/0"])
    )


@scenario("dns.ipv6-not-by-endpoint")
def _(fires: bool) -> Scenario:
    """A dual-stack name and an endpoint of type ipv4: IPv6 leaves by the egress-only gateway."""
    made = s.sound()
    ipv6(made)
    hostname = f"data.s3.dualstack.{s.REGION}.amazonaws.com" if fires else f"data.s3.{s.REGION}.amazonaws.com"
    asked = s.question(client=s.client(hostname=hostname))
    both = [*OK_PATH, "egress-only-internet-gateway eigw-0a1"]
    return made, asked, answer("bypass", s.ENDPOINT, path=both) if fires else ok()


@scenario("dns.no-address-of-version")
def _(fires: bool) -> Scenario:
    made = s.sound()
    ipv6(made)
    asked = s.question(client=s.client(ip_version=6 if fires else 4))
    blocked = answer("blocked", "client:hostname", path=["dropped client:hostname"])
    return made, asked, blocked if fires else ok()


@scenario("dns.nat64")
def _(fires: bool) -> Scenario:
    made = s.sound()
    ipv6(made)
    made.rows("ec2.DescribeSubnets")[0]["EnableDns64"] = True
    private_routes(made).append(s.route("64:ff9b::/96", NatGatewayId=s.NAT))
    asked = s.question(client=s.client(ip_version=6 if fires else 4))
    return made, asked, answer("bypass", s.PRIVATE, path=NAT_PATH) if fires else ok()


@scenario("route.diverted")
def _(fires: bool) -> Scenario:
    """The endpoints can't be read; the table has no route to any."""
    made = s.sound()
    without_endpoint_route(made)
    if fires:
        made.lists["ec2.DescribeVpcEndpoints"] = {"VpcEndpoints": [], "NextToken": "more"}
    return (
        made,
        s.question(),
        answer("unknown", path=[*NAT_PATH, "dropped dns:resolver", "local"])
        if fires
        else answer("bypass", s.PRIVATE_TABLE, path=NAT_PATH),
    )


@scenario("region.access-point-elsewhere")
def _(fires: bool) -> Scenario:
    made = s.sound()
    s.other_region(made, OTHER, OTHER_CIDRS)
    region = OTHER if fires else s.REGION
    asked = s.question(
        resource=f"arn:aws:s3:{region}:{s.ACCOUNT}:accesspoint/ap/object/key",
        client=s.client(hostname=f"ap-{s.ACCOUNT}.s3-accesspoint.{region}.amazonaws.com"),
    )
    return made, asked, answer("bypass", "client:hostname", "client:region", path=NAT_PATH) if fires else ok()


@scenario("route.no-such-host")
def _(fires: bool) -> Scenario:
    """The zone's record names the address of an endpoint that is gone."""
    made = s.sound()
    interface_endpoint(made, private_dns=False)
    name = f"data.s3.{s.REGION}.amazonaws.com"
    address = "10.0.1.77" if fires else "10.0.1.51"
    record = {"Name": f"{name}.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": address}]}
    zone(made, f"s3.{s.REGION}.amazonaws.com", [record])
    blocked = answer("blocked", "dns:Z0A1", s.VPC, path=[f"dropped {s.VPC}"])
    quiet = answer("bypass", "dns:Z0A1", path=["interface-endpoint vpce-0e1"])
    return made, s.question(), blocked if fires else quiet


@scenario("dns.custom-resolver-unreachable")
def _(fires: bool) -> Scenario:
    """No rule lets DNS out to the custom server: no name resolves."""
    made = s.sound()
    own_server(made, s.permission("udp", 53, cidrs=["10.0.0.0/16"]))
    rules = [s.permission("tcp", 443, cidrs=["0.0.0.0/0"])]
    if not fires:
        rules.append(s.permission("udp", 53, cidrs=["10.0.200.0/24"]))
    made.row("ec2.DescribeSecurityGroups", GroupId=s.GROUP)["IpPermissionsEgress"] = rules
    blocked = answer("blocked", s.GROUP, path=[f"dropped {s.GROUP}"])
    return (
        made,
        s.question(),
        blocked if fires else answer("unknown", path=[*OK_PATH, "dropped dns:resolver"]),
    )


__all__ = ["SCENARIOS"]
