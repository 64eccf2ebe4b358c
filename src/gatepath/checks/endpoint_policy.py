"""Check `endpoint-policy`."""

from gatepath.checks.base import Check, Removed, Traffics
from gatepath.checks.policies import run_policies, with_lints
from gatepath.checks.policy_lints import endpoint_lints
from gatepath.model.world import World
from gatepath.request import Request
from gatepath.trace import Step

NAME = "endpoint-policy"


def run(request: Request, world: World, traffics: Traffics, removed: Removed) -> Step:
    """Judge what gets through by the policies of this check."""
    step = run_policies(NAME, request, world, traffics, removed)
    return with_lints(step, endpoint_lints(world, traffics))


CHECK = Check(name=NAME, reads=frozenset(), run=run)
