"""Which needs follow from the source itself: `--needs auto`.

Sources: https://docs.aws.amazon.com/eks/latest/userguide/eks-using-tags.html,
https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-plan-tags.html,
https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/using-features.tagging.html and
https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-instance-permissions.html

What no recorded call tells (the distribution of Linux, installed agents) is not guessed.
"""

from collections.abc import Iterator

from gatepath.model.naming import Arn
from gatepath.model.network import Instance
from gatepath.model.policies import PolicyText
from gatepath.model.question import Question, SourceKind
from gatepath.model.world import World
from gatepath.needs.results import Guess

_TAGS = (
    ("kubernetes.io/cluster/", "eks"),
    ("eks:nodegroup-name", "eks"),
    ("eks:cluster-name", "eks"),
    ("aws:eks:cluster-name", "eks"),
    ("aws:elasticmapreduce:", "emr"),
    ("elasticbeanstalk:environment-name", "elastic-beanstalk"),
)
"""Beginnings of tag keys that AWS sets, and the need of the workload."""
_MANAGED = "policy/AmazonSSMManagedInstanceCore"


def guesses(question: Question, world: World) -> tuple[Guess, ...]:
    """Return the needs that the source has, each once, with the reason."""
    found: dict[str, Guess] = {}
    for guess in _all(question, world):
        found.setdefault(guess.need, guess)
    return tuple(found.values())


def _all(question: Question, world: World) -> Iterator[Guess]:
    source = question.source
    match source.kind:
        case SourceKind.EKS_POD:
            yield Guess(need="eks", code="assumption.needs-pod", arguments=(("source", source.id),))
        case SourceKind.ECS_TASK | SourceKind.ECS_SERVICE:
            yield Guess(need="ecs", code="assumption.needs-task", arguments=(("source", source.id),))
        case _:
            pass
    instance = _instance(question, world)
    if instance is not None:
        yield from _of_instance(instance, world)


def _instance(question: Question, world: World) -> Instance | None:
    source = question.source
    if source.kind in {SourceKind.INSTANCE, SourceKind.EKS_POD}:
        return world.instances.get(source.id)
    if source.kind is SourceKind.NETWORK_INTERFACE:
        interface = world.network_interfaces.get(source.id)
        return None if interface is None else world.instances.get(interface.instance_id or "")
    return None


def _of_instance(instance: Instance, world: World) -> Iterator[Guess]:
    for key, _ in instance.tags:
        for beginning, need in _TAGS:
            if key.startswith(beginning):
                arguments = (("instance", instance.id), ("tag", key))
                yield Guess(need=need, code="assumption.needs-tag", arguments=arguments)
    role = _managed_role(instance, world)
    if role is not None:
        arguments = (("instance", instance.id), ("role", role))
        yield Guess(need="ssm", code="assumption.needs-managed", arguments=arguments)


def _managed_role(instance: Instance, world: World) -> str | None:
    """Return the instance's role where Systems Manager's policy is attached to it, as far as that is recorded."""
    profile = Arn.parse(instance.instance_profile_arn or "")
    if profile is None:
        return None
    role = world.instance_profiles.get(f"{profile.account}/{profile.resource.rpartition('/')[2]}")
    arn = Arn.parse(role or "")
    if arn is None:
        return None
    name = arn.resource.rpartition("/")[2]
    identity = world.identities.get(f"{arn.account}/role/{name}")
    policies = () if identity is None else identity.policies
    attached = (policy.name for policy in policies if isinstance(policy, PolicyText))
    return name if any(text.endswith(_MANAGED) for text in attached) else None
