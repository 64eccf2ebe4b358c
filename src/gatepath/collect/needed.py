"""Which calls and permissions which kind of question needs: read off the table of needed calls."""

from collections.abc import Callable, Iterable, Mapping

from gatepath.collect.doctor import Needed
from gatepath.snapshot.calls import CALLS, NeededCall

_EXTRA: Mapping[str, tuple[str, ...]] = {
    "ec2.DescribeRegions": ("ec2:DescribeRegions",),
    "lambda.ListFunctions": ("lambda:ListFunctions",),
    "ecs.ListClusters": ("ecs:ListClusters",),
    "ecs.ListServices": ("ecs:ListServices",),
    "ecs.ListTasks": ("ecs:ListTasks",),
    "eks.ListClusters": ("eks:ListClusters",),
    "dynamodb.ListTables": ("dynamodb:ListTables",),
}
"""Calls that only find what there is, for a recording of whole Regions."""

_PATH_GROUPS = frozenset({"source", "names", "filters-and-routes", "onward"})
_PATH_CALLS = frozenset(
    {"s3.HeadBucket", "s3.GetBucketLocation", "dynamodb.DescribeTable", "sts.GetCallerIdentity"}
)
_REFINING = "refining"


def _network(call: NeededCall) -> bool:
    refines = call.group == _REFINING and call.service in {
        "ec2",
        "eks",
        "route53profiles",
        "route53resolver",
    }
    return call.group in _PATH_GROUPS or call.name in _PATH_CALLS or refines


_KINDS: Mapping[str, Callable[[NeededCall], bool]] = {
    "network": _network,
    "s3": lambda call: call.group == "bucket" or call.service == "s3",
    "dynamodb": lambda call: call.group == "table",
    "policies": lambda call: call.group in {"principal", "guardrails"},
}
_REGIONS = "regions"
KINDS: tuple[str, ...] = (*_KINDS, _REGIONS)
"""Kinds of question: the path, the resource of either service, the signer; `regions` finds all there is."""


def needed_calls() -> tuple[Needed, ...]:
    """Return every call of the table, as `doctor` tries them."""
    return tuple(
        Needed(
            name=call.name,
            actions=call.actions,
            refining=call.group == _REFINING,
            harmless=(*call.none_errors, *call.not_found_errors),
        )
        for call in CALLS.values()
    )


def actions_for(kinds: Iterable[str]) -> tuple[str, ...]:
    """Return the IAM actions of these kinds of question, of all if none is named."""
    wanted = tuple(kinds) or KINDS
    found = {
        action
        for call in CALLS.values()
        if any(_KINDS[kind](call) for kind in wanted if kind != _REGIONS)
        for action in call.actions
    }
    if _REGIONS in wanted:
        found.update(action for actions in _EXTRA.values() for action in actions)
    return tuple(sorted(found))


def actions_of(name: str) -> tuple[str, ...]:
    """Return the IAM actions that `service.Operation` needs."""
    call = CALLS.get(name)
    return call.actions if call is not None else _EXTRA.get(name, ())


def means_none(name: str, error: str) -> bool:
    """Tell whether an error of a call is evidence ("there is none") and no gap."""
    call = CALLS.get(name)
    return call is not None and error in (*call.none_errors, *call.not_found_errors)
