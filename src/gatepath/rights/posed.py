"""A question about all requests at once, put together: who asks, which policies have a say, what is missing."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatepath.engine.iam.ask import Layer
from gatepath.engine.iam.principals import Who
from gatepath.engine.iam.symbolic import Action, Scenario, Way
from gatepath.model.network import VpcEndpoint
from gatepath.model.policies import PolicyText
from gatepath.model.question import Question
from gatepath.rights.layers import Part
from gatepath.trace import Assumption, Unsettled


class PoseError(ValueError):
    """A question that can't be put: message code and arguments; `unsettled` where only evidence is missing."""

    def __init__(self, code: str, unsettled: Unsettled | None = None, **arguments: str) -> None:
        """Take what is wrong."""
        super().__init__(code)
        self.code = code
        self.unsettled = unsettled
        self.arguments = arguments


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the asker gives in place of what is recorded (None: nothing)."""

    caller: Who | None = None
    service: str | None = None
    question: Question | None = None
    """The source, where one is named."""
    endpoint: str | None = None
    """An endpoint's id."""
    endpoint_policy: PolicyText | None = None
    identity: tuple[PolicyText, ...] | None = None
    resources: Mapping[str, PolicyText] = field(default_factory=dict)
    """Policies by the ARN of their bucket or table."""
    context: Mapping[str, str | None] = field(default_factory=dict)
    """Keys of the request; None = it has no such key."""
    resource_account: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """A bucket or table of a group: where its policy comes from, and what is missing of it.

    `recorded` False: it stands for those of the caller's account that are not known and have no policy.
    """

    arn: str
    part: Part | None
    block_unsettled: Unsettled | None = None
    recorded: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The resources of one account with what decides about them. `aims` match the scenario's targets."""

    scenario: Scenario
    aims: tuple[Aim, ...]
    parts: tuple[Part, ...]

    def part(self, layer: Layer, target: int) -> Part | None:
        """Return where a layer's policies come from."""
        if layer in {Layer.RESOURCE, Layer.SETTINGS}:
            return self.aims[target].part
        return next((part for part in self.parts if part.layer is layer), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posed:
    """The question. `left_out`: resources it can't be about, by ARN, and the reason's word."""

    caller: Who
    service: str
    endpoint: VpcEndpoint | None
    way: Way
    actions: tuple[Action, ...]
    groups: tuple[Group, ...]
    unsettled: tuple[Unsettled, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    doubtful: bool = False
    """Whether a statement's meaning here rests on no documented rule."""
