"""Check `resource-policy`: do bucket, access point, table, key and resource control policies allow it.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html and
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
"""

from gatepath.checks.base import Check, Removed, Traffics
from gatepath.checks.policies import READS, run_policies, with_lints
from gatepath.checks.policy_lints import resource_lints
from gatepath.model.world import World
from gatepath.request import Request
from gatepath.trace import Step

NAME = "resource-policy"


def run(request: Request, world: World, traffics: Traffics, removed: Removed) -> Step:
    """Judge what gets through by the policies of this check."""
    step = run_policies(NAME, request, world, traffics, removed)
    return with_lints(step, resource_lints(request, world))


CHECK = Check(name=NAME, reads=READS, run=run)
