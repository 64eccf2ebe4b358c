"""Check `endpoint-policy`: does the endpoint that carries the request let it through.

Source: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
"""

from gatepath.checks.base import Check, Removed, Traffics
from gatepath.checks.policies import READS, run_policies, with_lints
from gatepath.checks.policy_lints import endpoint_lints
from gatepath.model.world import World
from gatepath.request import Request
from gatepath.trace import Step

NAME = "endpoint-policy"


def run(request: Request, world: World, traffics: Traffics, removed: Removed) -> Step:
    """Judge what gets through by the policies of this check."""
    step = run_policies(NAME, request, world, traffics, removed)
    return with_lints(step, endpoint_lints(world, traffics))


CHECK = Check(name=NAME, reads=READS, run=run)
