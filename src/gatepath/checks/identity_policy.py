"""Check `identity-policy`: do the caller's own policies, its boundary and service control policies allow it.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from gatepath.checks.base import Check, Removed, Traffics
from gatepath.checks.policies import READS, run_policies
from gatepath.model.world import World
from gatepath.request import Request
from gatepath.trace import Step

NAME = "identity-policy"


def run(request: Request, world: World, traffics: Traffics, removed: Removed) -> Step:
    """Judge what gets through by the policies of this check."""
    return run_policies(NAME, request, world, traffics, removed)


CHECK = Check(name=NAME, reads=READS, run=run)
