"""The stations of the walk, in the order a real request meets them."""

from gatepath.checks import (
    dns,
    endpoint_policy,
    identity_policy,
    network_acl,
    proxy,
    region,
    resource_policy,
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
    region.SERVICE_RULES,
)
"""The network half. Policies, the path really used and AWS's own analysis follow them."""

POLICIES: tuple[Check, ...] = (endpoint_policy.CHECK, resource_policy.CHECK, identity_policy.CHECK)
"""What judges the request once it gets through."""

POLICY_CHECKS = tuple(check.name for check in POLICIES)
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
