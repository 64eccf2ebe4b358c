"""Route 53 Resolver DNS Firewall.

Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-dns-firewall.html
"""

from dataclasses import replace

from gatepath.engine.resolution import NOTHING, Follow, Outcome, Resolution, hidden, record_type, unseen
from gatepath.model.names import FirewallRule, FirewallRuleGroup
from gatepath.model.network import Vpc
from gatepath.model.ref import GapReason, Unknown, unknown
from gatepath.model.world import World
from gatepath.trace import Component

_QTYPES = {4: {"A", "1"}, 6: {"AAAA", "28"}}


def filtered(world: World, vpc: Vpc, name: str, version: int, follow: Follow) -> Resolution | None:
    """Return what DNS Firewall answers in place of the resolver; None = it lets the query pass.

    Groups by the priority of their association, rules by theirs; the first ALLOW or BLOCK decides. Read from
    the last rule to the first: a rule that can't be read matters only if what follows it differs.
    """
    gap = world.firewall_rule_groups.missing(region=vpc.region, account=vpc.owner, vpc_id=vpc.id)
    if gap is not None:
        return hidden(name, gap)
    answer: Resolution | None = None
    for group in sorted(world.firewall_rule_groups.of_vpc(vpc.id), key=lambda g: -g.priority):
        if isinstance(group.rules, Unknown):
            answer = hidden(name, group.rules)
            continue
        for rule in sorted(group.rules, key=lambda r: -r.priority):
            answer = _before(answer, group, rule, name, version, follow, vpc.owner)
    return answer


def _before(
    rest: Resolution | None,
    group: FirewallRuleGroup,
    rule: FirewallRule,
    name: str,
    version: int,
    follow: Follow,
    account: str,
) -> Resolution | None:
    """Return the answer with one rule more in front of those that gave `rest`."""
    if rule.action == "ALERT" or (rule.qtype and rule.qtype.upper() not in _QTYPES[version]):
        return rest
    matches = _matches(rule, name)
    if matches is False:
        return rest
    taken = _taken(group, rule, name, version, follow, account)
    if matches is True:
        return taken
    same = (
        rest is None
        if taken is None
        else rest is not None and rest.outcome in NOTHING and taken.outcome in NOTHING
    )
    return rest if same else hidden(name, matches)


def _matches(rule: FirewallRule, name: str) -> bool | Unknown:
    if isinstance(rule.domains, Unknown):
        return rule.domains
    if any(_covers(domain, name) for domain in rule.domains):
        return True
    odd = next((d for d in rule.domains if d.startswith("*") and name.endswith(d[1:])), None)
    return False if odd is None else unknown("", "", GapReason.NOT_IN_API, detail=odd)


def _covers(domain: str, name: str) -> bool:
    """Tell whether a domain of a list matches; `*example.com` without a dot is not documented."""
    if domain == "*":
        return True
    if domain.startswith("*."):
        return name.endswith(domain[1:])
    return name == domain


def _taken(
    group: FirewallRuleGroup, rule: FirewallRule, name: str, version: int, follow: Follow, account: str
) -> Resolution | None:
    """Return what the rule's action does to a query that matches."""
    if rule.action == "ALLOW":
        return None
    if rule.action != "BLOCK":
        return unseen(name, rule.action)
    component = Component(
        type="dns-firewall-rule-group", id=f"dns:{group.id}", account=account, region=group.region
    )
    said = replace(
        Resolution(outcome=Outcome.NO_SUCH_NAME, name=name),
        decider=component,
        code="dns.firewall-blocks",
        arguments=(("rule_group", group.id), ("response", rule.block_response), ("hostname", name)),
        refs=(rule.ref,),
    )
    if rule.block_response == "OVERRIDE":
        if not rule.override_name:
            return replace(unseen(name, record_type(version)), decider=component)
        answer = follow(rule.override_name)
        return replace(answer, decider=component, code=said.code, arguments=said.arguments, refs=said.refs)
    return replace(said, outcome=Outcome.NO_DATA) if rule.block_response == "NODATA" else said
