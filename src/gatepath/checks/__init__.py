"""The stations of the walk, in the order a real request meets them."""

from gatepath.checks import (
    dns,
    network_acl,
    proxy,
    region,
    region_rules,
    route,
    security_group,
    source,
)
from gatepath.checks.base import Check

CHECKS: tuple[Check, ...] = (
    source.CHECK,
    region.CHECK,
    proxy.CHECK,
    dns.CHECK,
    security_group.CHECK,
    network_acl.OUT,
    route.CHECK,
    network_acl.IN,
    region_rules.SERVICE_RULES,
)
"""The network half. Policies, the path really used and AWS's own analysis follow them."""

POLICY_CHECKS = ("endpoint-policy", "resource-policy", "identity-policy")
"""What judges the request once it gets through: `judging.POLICIES`, imported where it is asked for."""
LATER_CHECKS = ("path-used", "reachability-analyzer")
ORDER: tuple[str, ...] = (
    "source",
    "region",
    "proxy",
    "dns",
    "security-group",
    "network-acl",
    "route",
    *POLICY_CHECKS,
    *LATER_CHECKS,
)
"""Names of all checks, in order: the order of findings."""
