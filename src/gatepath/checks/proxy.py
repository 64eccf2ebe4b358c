"""Check `proxy`: does this SDK's own proxy logic take the request away.

Sources: https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-proxy.html and
https://repost.aws/knowledge-center/connect-s3-vpc-endpoint
"""

from gatepath.checks.base import Check, Removed, Traffics
from gatepath.engine.proxies import ProxyDecision, suggest_no_proxy
from gatepath.model.world import World
from gatepath.request import Request
from gatepath.trace import (
    Assumption,
    Certainty,
    Component,
    Finding,
    Step,
    StepVerdict,
)

NAME = "proxy"


def run(request: Request, _: World, traffics: Traffics, __: Removed) -> Step:
    """Name the setting that sends the request to a proxy."""
    decision = request.proxy
    if decision.url is None:
        ignored = (_ignored(request),) if _set_but_ignored(request) else ()
        verdict = StepVerdict.NOT_APPLICABLE if not request.env else StepVerdict.PASS
        return Step(check=NAME, out=traffics, verdict=verdict, findings=ignored)
    component = Component(type="client", id="client:no_proxy", account=request.account, region=request.region)
    findings = [_diverts(request, decision, component)]
    if decision.imds_proxied:
        findings.append(
            Finding(
                code="proxy.metadata-through-proxy",
                check=NAME,
                component=component,
                arguments=(("variable", decision.variable or ""),),
            )
        )
    return Step(
        check=NAME,
        out=traffics,
        verdict=StepVerdict.DIVERT,
        components=(component,),
        findings=tuple(findings),
        assumptions=(
            Assumption(
                code="assumption.proxy-access-list", arguments=(("proxy", decision.url),), conditional=True
            ),
        ),
    )


def _diverts(request: Request, decision: ProxyDecision, component: Component) -> Finding:
    code = "proxy.no-proxy-does-not-match" if decision.entries else "proxy.not-exempted"
    return Finding(
        code=code,
        check=NAME,
        component=component,
        arguments=(
            ("proxy", decision.url or ""),
            ("hostname", request.host.name),
            ("variable", decision.variable or ""),
            ("entries", tuple(entry.text for entry in decision.entries)),
            ("reasons", tuple(entry.reason for entry in decision.entries)),
            ("suggestion", suggest_no_proxy(request.host.name, request.sdk)),
        ),
        certainty=Certainty.PROVEN if decision.certain else Certainty.SUSPECT,
    )


def _set_but_ignored(request: Request) -> bool:
    names = {name.lower() for name, value in request.env if value}
    return request.proxy.variable is None and bool(names & {"https_proxy", "http_proxy", "all_proxy"})


def _ignored(request: Request) -> Finding:
    variable = next(
        (n for n, v in request.env if v and n.lower() in {"https_proxy", "http_proxy", "all_proxy"}), ""
    )
    return Finding(
        code="proxy.ignored-by-sdk",
        check=NAME,
        component=Component(
            type="client", id="client:no_proxy", account=request.account, region=request.region
        ),
        arguments=(("variable", variable), ("sdk", request.sdk)),
    )


CHECK = Check(name=NAME, reads=frozenset(), run=run)
