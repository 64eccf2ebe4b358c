"""Requests to try where the question names no action or no resource.

Every Allow of a readable policy gives one: what no such request can do, no request can.
"""

from collections.abc import Iterable, Iterator

from gatepath.engine.iam.documents import parse
from gatepath.model.naming import Arn, partition
from gatepath.model.policies import PolicyText
from gatepath.model.world import World
from gatepath.request import Request
from gatepath.rights.needs import Permission, on
from gatepath.rights.signer import Signer

ANY_NAME = "any-name-of-gatepath"
"""Stands for a bucket or table that nobody named: of the caller's account, without a policy of its own."""
_ACTIONS = {
    "s3": ("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"),
    "s3express": ("s3express:CreateSession",),
    "dynamodb": (
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "dynamodb:Query",
        "dynamodb:Scan",
    ),
}
_LIMIT = 400


def usual_first(actions: Iterable[str]) -> tuple[str, ...]:
    """Return actions with those that workloads use most at the head."""
    usual = {name: number for names in _ACTIONS.values() for number, name in enumerate(names)}
    return tuple(sorted(actions, key=lambda name: (usual.get(name, len(usual)), name)))


def some_permissions(request: Request, world: World, who_signs: Signer) -> tuple[Permission, ...]:
    """Return the requests to try: the usual actions, and what each Allow of a policy names."""
    question = request.question
    actions = [question.action] if question.action and "*" not in question.action else None
    resources = [question.resource] if question.resource else None
    whole = _bucket_of(question.resource)
    usual = list(_ACTIONS[request.service])
    tried: set[Permission | None] = {
        _permission(a, r) for a in actions or usual for r in resources or [_any(request)]
    }
    for document in _documents(request, world, who_signs):
        for named_actions, named_resources in _named(document, request):
            for action in actions or named_actions or usual:
                inside = [r for r in named_resources if whole is not None and r.startswith(f"{whole}/")]
                for resource in (*(resources or named_resources or [_any(request)]), *inside):
                    tried.add(_permission(action, resource))
    found = sorted((p for p in tried if p is not None), key=lambda p: (p.action, p.resource))
    return tuple(found[:_LIMIT])


def _permission(action: str, resource: str) -> Permission | None:
    whole = _bucket_of(resource)
    where = on(action, resource) or (None if whole is None else on(action, f"{whole}/key"))
    return None if where is None else Permission(action=action, resource=where)


def _bucket_of(resource: str | None) -> str | None:
    """Return the ARN where it names a whole bucket."""
    arn = Arn.parse(resource or "")
    plain = arn is not None and arn.service == "s3" and not arn.account and "/" not in arn.resource
    return resource if plain else None


def _any(request: Request) -> str:
    place = partition(request.region)
    if request.service == "dynamodb":
        name = request.table or ANY_NAME
        return f"arn:{place}:dynamodb:{request.region}:{request.account or '0' * 12}:table/{name}"
    if request.service == "s3express":
        name = request.bucket or ANY_NAME
        return f"arn:{place}:s3express:{request.region}:{request.account or '0' * 12}:bucket/{name}"
    return f"arn:{place}:s3:::{request.bucket or ANY_NAME}/key"


def _documents(request: Request, world: World, who_signs: Signer) -> Iterator[str]:
    yield from (policy.text for policy in who_signs.policies if isinstance(policy, PolicyText))
    for endpoint in world.vpc_endpoints.of_vpc(request.vpc_id or ""):
        if endpoint.policy_document is not None:
            yield endpoint.policy_document
    rights = world.bucket_rights.get(request.bucket or "")
    if rights is not None and isinstance(rights.policy, PolicyText):
        yield rights.policy.text
    table = world.table_policies.get(str(request.resource or ""))
    if table is not None and isinstance(table.policy, PolicyText):
        yield table.policy.text


def _named(text: str, request: Request) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the actions and resources of each Allow, wildcards filled."""
    for statement in parse(text).statements:
        if statement.allow:
            yield (
                list(_filled(statement.actions or (), f"{request.service}:")),
                [r for r in _filled(statement.resources or (), "arn:") if Arn.parse(r) is not None],
            )


def _filled(patterns: Iterable[str], prefix: str) -> Iterator[str]:
    for pattern in patterns:
        if pattern.lower().startswith(prefix) and "${" not in pattern:
            yield pattern.replace("*", "x").replace("?", "x")
