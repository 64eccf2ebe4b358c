"""The stations that judge what gets through; apart from the others, so that `--only network` starts quickly."""

from gatepath.checks import endpoint_policy, identity_policy, resource_policy
from gatepath.checks.base import Check

POLICIES: tuple[Check, ...] = (endpoint_policy.CHECK, resource_policy.CHECK, identity_policy.CHECK)
