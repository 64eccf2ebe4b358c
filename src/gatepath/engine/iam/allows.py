"""Everything that has to allow a request, layer by layer.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
"""

from collections.abc import Iterator

from gatepath.engine.iam.ask import Ask, Attached, Decider, Layer, has_account, stack_of
from gatepath.engine.iam.compiled import Rule
from gatepath.engine.iam.logic import MAYBE, NO, YES, Truth
from gatepath.engine.iam.principals import Grant, Kind


class _Scan:
    """What allows in one layer: truth by how the statement names the caller, and the first statement."""

    __slots__ = ("any", "by_grant", "hit", "open")

    def __init__(self, ask: Ask, policies: Attached) -> None:
        self.any: Truth = NO
        self.by_grant: list[Truth] = [NO, NO, NO, NO]
        self.hit: tuple[int, int] | None = None
        self.open: list[Rule | None] = []
        if policies:
            self._scan(ask, policies)
            self.any = max(self.by_grant)

    def _scan(self, ask: Ask, policies: Attached) -> None:
        action, context, resource = ask.action, ask.context, ask.resource_arn
        stack, best = stack_of(policies), Grant.NONE
        for number, rule in (stack.memo.get(action) or stack.concerned(action))[1]:
            if rule is None:
                self._may(Grant.DIRECT, None)
                continue
            found = rule.resource(context, resource)
            if found == NO:
                continue
            grant = (
                Grant.DIRECT if rule.anyone else rule.principal.grant(ask.caller, ask.boundary is not None)
            )
            if not grant:
                continue
            found = min(found, rule.holds(context))
            if found == YES:
                self.by_grant[grant] = YES
                if grant > best:
                    best, self.hit = grant, (number, rule.number)
                if grant is Grant.DIRECT:
                    return
            elif found == MAYBE:
                self._may(grant, rule)

    def _may(self, grant: Grant, rule: Rule | None) -> None:
        self.by_grant[grant] = max(self.by_grant[grant], MAYBE)
        self.open.append(rule)


class Allows:
    """What allows a request, layer by layer.

    `identity`, `limits` (permissions boundary and session policy), `guardrails` (service control policies and
    the endpoint policy): whether these allow.
    """

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
        self.levels = tuple(_Scan(ask, level) for level in ask.scp) if own and ask.scp else ()
        self.identity = self._identity()
        self.limits = self._limits()
        self.guardrails = self._guardrails()

    def _truth(self, layer: Layer, *, absent: Truth) -> Truth:
        scan = self.scans.get(layer)
        return absent if scan is None else scan.any

    def _identity(self) -> Truth:
        """Whether identity policies allow; the root user needs none, a federated user a session policy."""
        if self._ask.caller.kind is Kind.ROOT:
            return YES
        return NO if self._lacks_session() else self._truth(Layer.IDENTITY, absent=NO)

    def _lacks_session(self) -> bool:
        """Tell whether it is a federated user without the session policy that lets identity policies count."""
        return self._ask.caller.kind is Kind.FEDERATED and self._ask.session is None

    def _limits(self) -> Truth:
        """Whether permissions boundary and session policy allow."""
        return min(self._truth(Layer.BOUNDARY, absent=YES), self._truth(Layer.SESSION, absent=YES))

    def _guardrails(self) -> Truth:
        """Whether every level of service control policies and the endpoint policy allow."""
        found = self._truth(Layer.VPCE, absent=YES)
        for level in self.levels:
            found = min(found, level.any)
        return found

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
        return max(granted, min(account, own)) if strict(self._ask) else max(granted, own)

    def _cross(self) -> Truth:
        return min(self.identity, self.limits, self.scans[Layer.RESOURCE].any)

    def granted(self) -> tuple[Decider, ...]:
        """Return the allowing statement of each layer that counts."""
        counting = dict(self.scans)
        if self._lacks_session():
            del counting[Layer.IDENTITY]
        made = [Decider(layer, *scan.hit) for layer, scan in counting.items() if scan.hit is not None]
        made += self._level_hits()
        return tuple(made)

    def _level_hits(self) -> Iterator[Decider]:
        before = 0
        for attached, level in zip(self._ask.scp, self.levels, strict=False):
            if level.hit is not None:
                yield Decider(Layer.SCP, before + level.hit[0], level.hit[1])
            before += len(attached)

    def lacking(self) -> tuple[Decider, ...]:
        """Return the layers that lack an Allow, each once, those with a near miss first."""
        layers = list(self._lacking_core())
        if self._truth(Layer.VPCE, absent=YES) == NO:
            layers.append(Layer.VPCE)
        made = [near_miss(self._ask, layer, self._policies(layer)) for layer in layers]
        before = 0
        for attached, level in zip(self._ask.scp, self.levels, strict=False):
            if level.any == NO:
                made.append(near_miss(self._ask, Layer.SCP, attached, before))
            before += len(attached)
        return tuple(dict.fromkeys(sorted(made, key=lambda decider: decider.statement is None)))

    def _lacking_core(self) -> Iterator[Layer]:
        if self.core() != NO:
            return
        resource = self.scans[Layer.RESOURCE]
        if not has_account(self._ask):
            yield Layer.RESOURCE
            return
        cross = self.across() != NO
        if self.identity == NO:
            yield Layer.SESSION if self._lacks_session() else Layer.IDENTITY
        for layer in (Layer.BOUNDARY, Layer.SESSION):
            if self._truth(layer, absent=YES) == NO:
                yield layer
        needed = cross or strict(self._ask) or (self.identity == NO and bool(self._ask.resource))
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

    def depends_on(self) -> Iterator[str]:
        """Yield what would settle whether the layers allow."""
        named = [(layer, scan) for layer, scan in self.scans.items() if scan.any == MAYBE or scan.open]
        named += [(Layer.SCP, level) for level in self.levels if level.any == MAYBE]
        for layer, scan in named:
            for rule in scan.open:
                yield from (layer.value,) if rule is None else rule.open_keys(self._ask.context)
        if self.across() == MAYBE and self._same() != self._cross():
            yield "resource_account"


def near_miss(ask: Ask, layer: Layer, policies: Attached, before: int = 0) -> Decider:
    """Return the layer with its Allow that fails on its conditions alone, if there is one."""
    bounded = ask.boundary is not None
    doubtful = misnamed = False
    stack = stack_of(policies)
    for number, rule in (stack.memo.get(ask.action) or stack.concerned(ask.action))[1]:
        if rule is None or rule.resource(ask.context, ask.resource_arn) == NO:
            continue
        if rule.anyone or rule.principal.grant(ask.caller, bounded):
            return Decider(layer, before + number, rule.number)
        misnamed = True
        doubtful = doubtful or rule.principal.doubtful
    return Decider(layer, doubtful=doubtful, misnamed=misnamed)


def strict(ask: Ask) -> bool:
    """Tell whether the resource's policy must allow or delegate even in its own account.

    Key policies and role trust policies: https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
    """
    if ask.resource_arn == "*":
        return False
    service = ask.action.partition(":")[0]
    return (service == "kms" and ":key/" in ask.resource_arn) or (
        service == "sts" and ":role/" in ask.resource_arn
    )
