"""Explicit denials: one in any layer wins.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from gatepath.engine.iam.ask import Ask, Attached, Decider, Layer, flat, has_account, stack_of
from gatepath.engine.iam.compiled import Rule
from gatepath.engine.iam.logic import MAYBE, NO, YES, Truth
from gatepath.engine.iam.principals import Kind
from gatepath.engine.iam.public import is_public

_BUCKET_REPAIR = frozenset({"s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"})
"""The owner's root user may always do these: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html"""
_NO_RCP = frozenset({"kms:retiregrant"})


class Denials:
    """Explicit denials of every layer."""

    def __init__(self, ask: Ask) -> None:
        self.truth: Truth = NO
        self.hits: list[Decider] = []
        self.depends_on: list[str] = []
        """What would settle the denials that are open."""
        self._unread_boundary = ask.boundary is not None and None in ask.boundary
        own, repairs = has_account(ask), _repairs(ask)
        if ask.vpce is not None:
            self._layer(ask, Layer.VPCE, ask.vpce)
        if ask.rcp and ask.action not in _NO_RCP:
            self._layer(ask, Layer.RCP, flat(ask.rcp))
        if ask.scp and own:
            self._layer(ask, Layer.SCP, flat(ask.scp))
        if ask.resource and repairs != YES:
            self._layer(ask, Layer.RESOURCE, ask.resource, unless="resource_account" if repairs else "")
        if own:
            self._layer(ask, Layer.IDENTITY, ask.identity)
            if ask.boundary is not None:
                self._layer(ask, Layer.BOUNDARY, ask.boundary)
            if ask.session is not None:
                self._layer(ask, Layer.SESSION, ask.session)
        if ask.block_public is not False:
            self._settings(ask)

    def _layer(self, ask: Ask, layer: Layer, policies: Attached, *, unless: str = "") -> None:
        """Find a layer's first denying statement; `unless` names what may take the denial away."""
        stack, action = stack_of(policies), ask.action
        for number, rule in (stack.memo.get(action) or stack.concerned(action))[0]:
            if rule is None:
                self._may(layer.value)
                continue
            # the commonest misses first: this loop is where an evaluation spends its time
            found = rule.resource(ask.context, ask.resource_arn)
            if found == NO:
                continue
            if not rule.anyone and not rule.principal.grant(ask.caller, ask.boundary is not None):
                continue
            found = min(found, rule.holds(ask.context))
            if found == NO:
                continue
            doubt = unless or self._spares_without_boundary(ask, rule)
            if found == YES and not doubt:
                self.truth = YES
                self.hits.append(Decider(layer, number, rule.number, rule.principal.doubtful))
                return
            self._may(*rule.open_keys(ask.context), *filter(None, (doubt,)))

    def _spares_without_boundary(self, ask: Ask, rule: Rule) -> str:
        """Return `boundary` where a `NotPrincipal` hits the caller only if there is one, which is not known."""
        if not self._unread_boundary or rule.anyone or rule.principal.grant(ask.caller, False):
            return ""
        return Layer.BOUNDARY.value

    def _may(self, *names: str) -> None:
        self.truth = max(self.truth, MAYBE)
        self.depends_on += names

    def _settings(self, ask: Ask) -> None:
        """Block cross-account and anonymous use of a public bucket policy."""
        if ask.caller.kind is Kind.SERVICE or not ask.action.startswith("s3:") or not ask.resource:
            return
        policy = ask.resource[0]
        if policy is not None and not is_public(policy.document):
            return
        known = policy is not None and ask.block_public is True
        if ask.caller.kind is Kind.ANONYMOUS:
            outside: Truth = YES
        elif ask.resource_account is None or ask.caller.account is None:
            outside = MAYBE
        else:
            outside = YES if ask.caller.account != ask.resource_account else NO
        if outside == NO:
            return
        if known and outside == YES:
            self.truth = YES
            self.hits.append(Decider(Layer.SETTINGS))
        else:
            self._may(Layer.SETTINGS.value)


def _repairs(ask: Ask) -> Truth:
    """Tell whether the bucket owner's root user repairs the bucket policy, which no bucket policy can stop."""
    if ask.caller.kind is not Kind.ROOT or ask.action not in _BUCKET_REPAIR:
        return NO
    if ask.resource_account is None:
        return MAYBE
    return YES if ask.caller.account == ask.resource_account else NO
