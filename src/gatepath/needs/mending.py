"""Statements that let an endpoint policy pass what is needed, tried on the recorded world.

Source: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
"""

import contextlib
import json
from collections.abc import Callable, Iterable
from dataclasses import replace

from gatepath.model.world import World
from gatepath.needs.results import BucketResult, Mending, NeedResult, Statement

Judge = Callable[[World, BucketResult], BucketResult]
"""Judges a bucket again in another world."""


def mendings(results: Iterable[NeedResult], world: World, again: Judge) -> tuple[Mending, ...]:
    """Return what to add to each endpoint's policy, with the proof: the buckets judged again with it."""
    listed = list(results)
    endpoints = dict.fromkeys(b.refused_at for r in listed for b in r.buckets if b.refused_at is not None)
    return tuple(_mending(endpoint_id, listed, world, again) for endpoint_id in endpoints)


def _mending(endpoint_id: str, results: list[NeedResult], world: World, again: Judge) -> Mending:
    refused = [(r.need.name, b) for r in results for b in r.buckets if b.refused_at == endpoint_id]
    statements = tuple(_statements(refused))
    policy = with_statements(world, endpoint_id, statements)
    mended = with_policy(world, endpoint_id, policy)
    left = [b.name for _, b in refused if again(mended, b).refused_at is not None]
    return Mending(
        endpoint=endpoint_id,
        statements=statements,
        policy=policy,
        left=tuple(dict.fromkeys(left)),
    )


def _statements(refused: list[tuple[str, BucketResult]]) -> Iterable[Statement]:
    """Yield one statement a need and set of actions; what may not be needed comes in one of its own."""
    grouped: dict[tuple[str, bool, tuple[str, ...]], list[str]] = {}
    done: set[str] = set()
    for need, result in refused:
        key = (need, result.required, result.bucket.actions)
        fresh = [resource for resource in result.resources if resource not in done]
        done.update(fresh)
        if fresh:
            grouped.setdefault(key, []).extend(fresh)
    used: dict[str, int] = {}
    for (need, required, actions), resources in grouped.items():
        sid = ("AllowNeededFor" if required else "AllowIfNeededFor") + _camel(need)
        used[sid] = used.get(sid, 0) + 1
        number = "" if used[sid] == 1 else str(used[sid])
        yield Statement(
            sid=sid + number, actions=actions, resources=tuple(dict.fromkeys(resources)), required=required
        )


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("-"))


def with_statements(world: World, endpoint_id: str, statements: Iterable[Statement]) -> str:
    """Return the endpoint's policy with the statements at its end, as JSON text."""
    endpoint = world.vpc_endpoints.get(endpoint_id)
    text = "" if endpoint is None else endpoint.policy_document or ""
    row = _document(text)
    old = row.get("Statement", [])
    listed = list(old) if isinstance(old, list) else [old]
    row["Statement"] = [*listed, *(statement.row() for statement in statements)]
    return json.dumps(row, indent=2, ensure_ascii=False)


def _document(text: str) -> dict[str, object]:
    """Return the policy's JSON object; an empty one of the current version where it can't be read."""
    with contextlib.suppress(ValueError):
        document = json.loads(text)
        if isinstance(document, dict):
            return document
    return {"Version": "2012-10-17"}


def with_policy(world: World, endpoint_id: str, policy: str) -> World:
    """Return the world in which the endpoint has this policy."""
    endpoint = world.vpc_endpoints.get(endpoint_id)
    if endpoint is None:
        return world
    row = replace(endpoint, policy_document=policy)
    return replace(world, vpc_endpoints=world.vpc_endpoints.with_row(endpoint_id, row, endpoint.vpc_id))
