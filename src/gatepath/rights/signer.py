"""Who signs the request, and the policies that come with the signature."""

from dataclasses import dataclass, field

from gatepath.engine.iam.principals import ANONYMOUS, STRANGER, Kind, Who, who
from gatepath.model.naming import Arn
from gatepath.model.policies import Attached, Identity, PolicyText
from gatepath.model.question import SourceKind
from gatepath.model.ref import Unknown, unknown
from gatepath.model.world import World
from gatepath.request import Request
from gatepath.trace import Assumption

GLOBAL = "aws-global"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """The caller with identity policies, boundary, and what is recorded of it.

    `who` Unknown = nobody says who signs. `presigned`: the signature is in the URL.
    """

    who: Who | Unknown
    policies: Attached = ()
    boundary: PolicyText | Unknown | None = None
    identity: Identity | None = None
    missing: bool = False
    """AWS says that there is no such role or user."""
    presigned: bool = False
    own_role: bool = False
    """Whether it is the source's own role, so that its credentials come from the source's instance."""
    assumptions: tuple[Assumption, ...] = field(default=())


def signer(request: Request, world: World) -> Signer:
    """Return who signs: the named principal, else the source's own role."""
    principal = request.question.principal
    if request.host.form == "website":
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/WebsiteEndpoints.html
        return Signer(who=ANONYMOUS, assumptions=(Assumption(code="assumption.website-unsigned"),))
    if principal is None:
        return _own_role(request, world)
    if principal.anonymous:
        return Signer(who=ANONYMOUS)
    if principal.service is not None:
        return Signer(who=Who(kind=Kind.SERVICE, arn=principal.service))
    named = who(principal.presigned_by or principal.arn or "")
    presigned = principal.presigned_by is not None
    if named is None or named.account is None:
        return Signer(who=STRANGER, presigned=presigned)
    own = _source_role(request, world)
    same = isinstance(own, str) and _role_of(own) == (named.account, named.name)
    return _with_policies(named, world, presigned=presigned, own_role=same)


def _role_of(arn: str) -> tuple[str, str]:
    parsed = Arn.parse(arn)
    return (parsed.account, parsed.resource.rpartition("/")[2]) if parsed is not None else ("", "")


def _own_role(request: Request, world: World) -> Signer:
    role = _source_role(request, world)
    if isinstance(role, Unknown):
        return Signer(who=role)
    named = who(role) if role else None
    if named is None:
        return Signer(who=unknown("", "", detail=request.question.source.id))
    assumed = Assumption(code="assumption.principal", arguments=(("principal", role or ""),))
    made = _with_policies(named, world, presigned=False, own_role=True)
    return Signer(
        who=made.who,
        policies=made.policies,
        boundary=made.boundary,
        identity=made.identity,
        missing=made.missing,
        own_role=True,
        assumptions=(assumed, *made.assumptions),
    )


def _source_role(request: Request, world: World) -> str | Unknown | None:
    """Return the ARN of the role that the source's programs get their credentials for.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html
    """
    source = request.question.source
    if source.kind is SourceKind.INSTANCE:
        instance = world.instances.get(source.id)
        if instance is None:
            return unknown("ec2", "DescribeInstances", region=request.region)
        arn = Arn.parse(instance.instance_profile_arn or "")
        if arn is None:
            return None
        name = arn.resource.rpartition("/")[2]
        found = world.instance_profiles.get(f"{arn.account}/{name}")
        gap = unknown("iam", "GetInstanceProfile", request=(("InstanceProfileName", name),))
        return found if found is not None else gap
    if source.kind is SourceKind.LAMBDA:
        name = source.id.rpartition(":function:")[2].split(":")[0]
        function = world.lambda_functions.get(f"{request.region}/{name}")
        return unknown("lambda", "GetFunctionConfiguration") if function is None else function.role_arn
    if source.kind in {SourceKind.ECS_TASK, SourceKind.ECS_SERVICE}:
        names = (w for w in world.ecs_workloads if source.id in {w.name, w.name.rpartition("/")[2]})
        return next((workload.task_role_arn for workload in names), None)
    return None


def signer_of(caller: Who, world: World) -> Signer:
    """Return a caller with its recorded policies."""
    if caller.account is None:
        return Signer(who=caller)
    return _with_policies(caller, world, presigned=False, own_role=False)


def _with_policies(named: Who, world: World, *, presigned: bool, own_role: bool) -> Signer:
    plain = Signer(who=named, presigned=presigned, own_role=own_role)
    if named.kind is Kind.ROOT or named.account is None:
        return plain
    if named.kind is Kind.FEDERATED:
        gap = unknown("iam", "GetUser", account=named.account)
        return Signer(who=named, policies=(gap,), presigned=presigned)
    kind = "user" if named.kind is Kind.USER else "role"
    key = f"{named.account}/{kind}/{named.name}"
    found = world.identities.get(key)
    if found is None:
        if world.identities.missing(region=GLOBAL, account=named.account) is None:
            return Signer(who=named, missing=True, presigned=presigned, own_role=own_role)
        named_gap = unknown(
            "iam",
            f"Get{kind.capitalize()}",
            account=named.account,
            request=((f"{kind.capitalize()}Name", named.name),),
        )
        return Signer(
            who=named,
            policies=(named_gap,),
            boundary=named_gap,
            presigned=presigned,
            own_role=own_role,
        )
    if found.exists is False:
        return Signer(who=named, identity=found, missing=True, presigned=presigned, own_role=own_role)
    session = named.kind in {Kind.ROLE, Kind.SESSION} and not own_role
    assumed = (Assumption(code="assumption.no-session-policy"),) if session else ()
    return Signer(
        who=named,
        policies=found.policies,
        boundary=found.boundary,
        identity=found,
        presigned=presigned,
        own_role=own_role,
        assumptions=assumed,
    )
