"""Which calls tell what a name resolves to inside a VPC. Pure rules."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from gatepath.collect.answers import ApiCall, ask, text, unique
from gatepath.collect.view import View
from gatepath.model.naming import dns_suffix, dualstack_suffix


def attributes(view: View) -> Iterator[ApiCall]:
    """Ask for both DNS attributes and the DHCP options of every VPC in question."""
    for vpc in view.vpcs():
        yield from vpc_attributes(view.region, vpc)
    wanted = view.vpcs()
    for row in view.rows("ec2.DescribeVpcs", "Vpcs"):
        options = text(row, "DhcpOptionsId")
        if text(row, "VpcId") in wanted and options.startswith("dopt-"):
            yield ask(view.region, "ec2.DescribeDhcpOptions", DhcpOptionsIds=[options])


def vpc_attributes(region: str, vpc: str) -> Iterator[ApiCall]:
    """Ask for the two DNS attributes: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html."""
    for attribute in ("enableDnsSupport", "enableDnsHostnames"):
        yield ask(region, "ec2.DescribeVpcAttribute", VpcId=vpc, Attribute=attribute)


def zones(view: View) -> Iterator[ApiCall]:
    """Ask for the VPCs' private hosted zones, and the records of those that could hold a name in question."""
    for vpc in view.vpcs():
        yield ask(view.region, "route53.ListHostedZonesByVPC", VPCId=vpc, VPCRegion=view.region)
    names = _names(view)
    for row in view.answers.rows("route53.ListHostedZonesByVPC", "HostedZoneSummaries"):
        if zone_could_match(text(row, "Name"), names):
            yield ask(view.region, "route53.ListResourceRecordSets", HostedZoneId=text(row, "HostedZoneId"))


def zone_could_match(zone: str, names: tuple[str, ...]) -> bool:
    """Tell whether a zone stands above, at or below one of the names."""
    zone = zone.lower().rstrip(".")
    return any(
        name == zone or name.endswith(f".{zone}") or zone.endswith(f".{name}") or not zone for name in names
    )


def service_suffixes(region: str) -> tuple[str, ...]:
    """Return the suffixes under which the services' host names stand."""
    return (
        f"{region}.{dns_suffix(region)}",
        f"s3.{dns_suffix(region)}",
        f"{region}.{dualstack_suffix(region)}",
    )


def _names(view: View) -> tuple[str, ...]:
    """Return what the client may look up: the service's names, its own host name, proxies and endpoint URLs."""
    client = view.question.client
    found = [suffix for region in view.regions() for suffix in service_suffixes(region)]
    found.append((client.hostname or "").lower().rstrip("."))
    for name, value in (client.env or {}).items():
        if "proxy" in name.lower() or "endpoint" in name.lower():
            found.append(_host(value))
    return unique(found)


def _host(url: str) -> str:
    try:
        return (urlsplit(url if "//" in url else f"//{url}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def resolver(view: View) -> Iterator[ApiCall]:
    """Ask for Resolver rules and DNS Firewall: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver.html."""
    vpcs = view.vpcs()
    if not vpcs:
        return
    yield ask(view.region, "route53resolver.ListResolverRuleAssociations")
    yield ask(view.region, "route53resolver.ListResolverRules")
    yield ask(view.region, "route53resolver.ListFirewallRuleGroupAssociations")
    for row in view.rows(
        "route53resolver.ListFirewallRuleGroupAssociations", "FirewallRuleGroupAssociations"
    ):
        if text(row, "VpcId") in vpcs:
            yield ask(
                view.region,
                "route53resolver.ListFirewallRules",
                FirewallRuleGroupId=text(row, "FirewallRuleGroupId"),
            )
            yield ask(view.region, "route53resolver.GetFirewallConfig", ResourceId=text(row, "VpcId"))
    for row in view.rows("route53resolver.ListFirewallRules", "FirewallRules"):
        if domains := text(row, "FirewallDomainListId"):
            yield ask(view.region, "route53resolver.ListFirewallDomains", FirewallDomainListId=domains)


def profiles(view: View) -> Iterator[ApiCall]:
    """Ask for Route 53 Profiles, which attach zones and rules out of sight of the other lists."""
    for vpc in view.home_vpcs():
        yield ask(view.region, "route53profiles.ListProfileAssociations", ResourceId=vpc)
