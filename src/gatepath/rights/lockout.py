"""Does a bucket policy shut out everyone who could repair it? The owner account's root user always can.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gatepath.engine.iam.compiled import Policy, Rule
from gatepath.engine.iam.lints import is_private
from gatepath.engine.iam.logic import UNKNOWN, YES, Context
from gatepath.model.world import World
from gatepath.rights.cases import NOBODYS_ADDRESS, address_ranges
from gatepath.rights.context import keys_read
from gatepath.rights.service_actions import cannot_carry

_REPAIRS = ("s3:putbucketpolicy", "s3:deletebucketpolicy")
_OF_ENDPOINT = ("aws:sourcevpc", "aws:vpc")
_ADDRESS = "aws:sourceip"


@dataclass(frozen=True, slots=True, kw_only=True)
class LockOut:
    """The statements that deny every repair. `proven` False: unless it comes through an endpoint not recorded."""

    statements: tuple[int, ...]
    proven: bool


def lock_out(policy: Policy, bucket_arn: str, owner: str, region: str, world: World) -> LockOut | None:
    """Return the denials that no principal of the owner's account but root gets around; None = somebody may."""
    read = set(keys_read(policy))
    known = [_context(read, owner, way) for way in _ways(world, policy)]
    found = _denying(policy, bucket_arn, owner, known)
    if found is None or world.vpc_endpoints.missing(region=region, account=owner) is not None:
        return None
    anywhere = _context(read, owner, {_ADDRESS: None})
    proven = _denying(policy, bucket_arn, owner, [anywhere]) is not None
    return LockOut(statements=found, proven=proven)


def _denying(policy: Policy, bucket_arn: str, owner: str, ways: list[Context]) -> tuple[int, ...] | None:
    """Return the statements that deny every repair by every way, or None."""
    found: set[int] = set()
    for action in _REPAIRS:
        denying = policy.concerned(action)[0]
        for way in ways:
            context = {key: value for key, value in way.items() if not cannot_carry(action, key)}
            hit = next((rule.number for rule in denying if _hits(rule, context, bucket_arn, owner)), None)
            if hit is None:
                return None
            found.add(hit)
    return tuple(sorted(found))


def _hits(rule: Rule, context: Context, bucket_arn: str, owner: str) -> bool:
    whole = {owner, f"arn:aws:iam::{owner}:root"}
    named = rule.statement.principals
    everybody = rule.anyone or (named is not None and any(value in whole for _, value in named.entries))
    return everybody and min(rule.resource(context, bucket_arn), rule.holds(context)) == YES


def _context(read: set[str], owner: str, way: dict[str, str | None]) -> Context:
    """Return what is known of a repair that comes one way; a key None is not in the request."""
    made: Context = {
        "aws:principalaccount": owner,
        "aws:resourceaccount": owner,
        "s3:resourceaccount": owner,
        "aws:principalisawsservice": "false",
        "aws:viaawsservice": "false",
        "aws:securetransport": "true",
    }
    for key in read - set(made):
        if key not in way:
            made[key] = UNKNOWN
        elif (value := way[key]) is not None:
            made[key] = value
    return made


def _ways(world: World, policy: Policy) -> Iterator[dict[str, str | None]]:
    """Yield the keys of each way: past any endpoint, and through each recorded one of S3."""
    past: dict[str, str | None] = dict.fromkeys(k for k in keys_read(policy) if k.startswith(_OF_ENDPOINT))
    if all(is_private(text) for text in address_ranges([policy])):
        # nobody comes from a private address there
        past[_ADDRESS] = NOBODYS_ADDRESS
    yield past
    for endpoint in world.vpc_endpoints:
        if endpoint.service_name.endswith(".s3"):
            yield {_ADDRESS: None, "aws:sourcevpce": endpoint.id, "aws:sourcevpc": endpoint.vpc_id}
