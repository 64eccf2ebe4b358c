"""Everything that has to allow a request, layer by layer.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
"""

from collections.abc import Iterator

from gatepath.engine.iam.ask import Ask, Attached, Decider, Layer, has_account, matching
from gatepath.engine.iam.compiled import Rule
from gatepath.engine.iam.logic import MAYBE, NO, YES, Truth
from gatepath.engine.iam.principals import Grant, Kind


class _Scan:
    """What allows in one layer: truth by how the statement names the caller, and the first statement."""

    __slots__ = ("by_grant", "hit", "open")

    def __init__(self, ask: Ask, policies: Attached) -> None:
        self.by_grant: list[Truth] = [NO, NO, NO, NO]
        self.hit: tuple[int, int] | None = None
        self.open: list[Rule | None] = []
        best = Grant.NONE
        for number, rule, truth, grant in matching(ask, policies, deny=False):
            if truth == YES and rule is not None:
                self.by_grant[grant] = YES
                if grant > best:
                    best, self.hit = grant, (number, rule.number)
                if grant is Grant.DIRECT:
                    break
            else:
                self.by_grant[grant] = max(self.by_grant[grant], MAYBE)
                self.open.append(rule)

    @property
    def any(self) -> Truth:
        return max(self.by_grant)


class Allows:
    """What allows a request, layer by layer."""

    def __init__(self, ask: Ask) -> None:
        """Scan every layer that has to allow."""
        self._ask = ask
        self.scans: dict[Layer, _Scan] = {}
        own = has_account(ask)
        if own:
            self.scans[Layer.IDENTITY] = _Scan(ask, ask.identity)
            if ask.boundary is not None:
                self.scans[Layer.BOUNDARY] = _Scan(ask, ask.boundary)
            if ask.session is not None:
                self.scans[Layer.SESSION] = _Scan(ask, ask.session)
        self.scans[Layer.RESOURCE] = _Scan(ask, ask.resource)
        if ask.vpce is not None:
            self.scans[Layer.VPCE] = _Scan(ask, ask.vpce)
        self.levels = tuple(_Scan(ask, level) for level in ask.scp) if own else ()

    def _truth(self, layer: Layer, *, absent: Truth) -> Truth:
        scan = self.scans.get(layer)
        return absent if scan is None else scan.any

    @property
    def identity(self) -> Truth:
        """Whether identity policies allow; the root user needs none, a federated user a session policy."""
        kind = self._ask.caller.kind
        if kind is Kind.ROOT:
            return YES
        if kind is Kind.FEDERATED and Layer.SESSION not in self.scans:
            return NO
        return self._truth(Layer.IDENTITY, absent=NO)

    @property
    def limits(self) -> Truth:
        """Whether permissions boundary and session policy allow."""
        return min(self._truth(Layer.BOUNDARY, absent=YES), self._truth(Layer.SESSION, absent=YES))

    @property
    def guardrails(self) -> Truth:
        """Whether every level of service control policies and the endpoint policy allow."""
        return min(self._truth(Layer.VPCE, absent=YES), *(level.any for level in self.levels), YES)

    def total(self) -> Truth:
        """Tell whether all that must allow do."""
        return min(self.core(), self.guardrails)

    def core(self) -> Truth:
        """Tell whether identity and resource policies together allow."""
        caller, resource = self._ask.caller, self.scans[Layer.RESOURCE]
        if caller.kind in {Kind.ANONYMOUS, Kind.SERVICE}:
            return resource.any
        across = self.across()
        if across == YES:
            return self._cross()
        if across == NO:
            return self._same()
        same, cross = self._same(), self._cross()
        return same if same == cross else MAYBE

    def across(self) -> Truth:
        """Tell whether caller and resource belong to different accounts."""
        ask = self._ask
        if ask.resource_arn == "*":
            return NO
        if ask.caller.account is None:
            return YES
        if ask.resource_account is None:
            return MAYBE
        return YES if ask.resource_account != ask.caller.account else NO

    def _same(self) -> Truth:
        _, account, role, direct = self.scans[Layer.RESOURCE].by_grant
        own = min(self.identity, self.limits)
        granted = max(direct, min(role, self.limits))
        return max(granted, min(account, own)) if _strict(self._ask) else max(granted, own)

    def _cross(self) -> Truth:
        return min(self.identity, self.limits, self.scans[Layer.RESOURCE].any)

    def granted(self) -> tuple[Decider, ...]:
        """Return the allowing statement of each layer."""
        made = [Decider(layer, *scan.hit) for layer, scan in self.scans.items() if scan.hit is not None]
        made += self._level_hits()
        return tuple(made)

    def _level_hits(self) -> Iterator[Decider]:
        before = 0
        for attached, level in zip(self._ask.scp, self.levels, strict=False):
            if level.hit is not None:
                yield Decider(Layer.SCP, before + level.hit[0], level.hit[1])
            before += len(attached)

    def lacking(self) -> tuple[Decider, ...]:
        """Return the layers that lack an Allow, those with a near miss first."""
        layers = list(self._lacking_core())
        if self._truth(Layer.VPCE, absent=YES) == NO:
            layers.append(Layer.VPCE)
        made = [self._near(layer, self._policies(layer)) for layer in layers]
        before = 0
        for attached, level in zip(self._ask.scp, self.levels, strict=False):
            if level.any == NO:
                made.append(self._near(Layer.SCP, attached, before))
            before += len(attached)
        return tuple(sorted(made, key=lambda decider: decider.statement is None))

    def _lacking_core(self) -> Iterator[Layer]:
        if self.core() != NO:
            return
        resource = self.scans[Layer.RESOURCE]
        if not has_account(self._ask):
            yield Layer.RESOURCE
            return
        cross = self.across() != NO
        if self.identity == NO:
            yield Layer.IDENTITY
        for layer in (Layer.BOUNDARY, Layer.SESSION):
            if self._truth(layer, absent=YES) == NO:
                yield layer
        needed = cross or _strict(self._ask) or (self.identity == NO and bool(self._ask.resource))
        if resource.any == NO and needed:
            yield Layer.RESOURCE

    def _policies(self, layer: Layer) -> Attached:
        ask = self._ask
        listed = {
            Layer.IDENTITY: ask.identity,
            Layer.RESOURCE: ask.resource,
            Layer.BOUNDARY: ask.boundary,
            Layer.SESSION: ask.session,
            Layer.VPCE: ask.vpce,
        }
        return listed[layer] or ()

    def _near(self, layer: Layer, policies: Attached, before: int = 0) -> Decider:
        """Return the layer with its Allow that fails on its conditions alone, if there is one."""
        ask = self._ask
        bounded = ask.boundary is not None
        doubtful = misnamed = False
        for number, policy in enumerate(policies):
            if policy is None:
                continue
            for rule in policy.concerned(ask.action)[1]:
                if rule.resource(ask.context, ask.resource_arn) == NO:
                    continue
                if rule.principal.grant(ask.caller, bounded):
                    return Decider(layer, before + number, rule.number)
                misnamed = True
                doubtful = doubtful or rule.principal.doubtful
        return Decider(layer, doubtful=doubtful, misnamed=misnamed)

    def depends_on(self) -> Iterator[str]:
        """Yield what would settle whether the layers allow."""
        named = [(layer, scan) for layer, scan in self.scans.items() if scan.any == MAYBE or scan.open]
        named += [(Layer.SCP, level) for level in self.levels if level.any == MAYBE]
        for layer, scan in named:
            for rule in scan.open:
                yield from (layer.value,) if rule is None else rule.open_keys(self._ask.context)
        if self.across() == MAYBE and self._same() != self._cross():
            yield "resource_account"


def _strict(ask: Ask) -> bool:
    """Tell whether the resource's policy must allow or delegate even in its own account.

    Key policies and role trust policies: https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
    """
    if ask.resource_arn == "*":
        return False
    return (ask.action.startswith("kms:") and ":key/" in ask.resource_arn) or ask.action.startswith(
        "sts:assumerole"
    )
