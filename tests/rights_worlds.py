"""The sound VPC with a role and a bucket, seen over each kind of way."""

from gatepath.trace import Diagnosis, Verdict
from tests import scenarios_policies as p
from tests import snapshots as s
from tests.scenarios import private_routes, with_public_address, without_endpoint_route
from tests.scenarios_clients import PROXY, interface_endpoint, proxied
from tests.snapshots import Json, Snapshot

INTERFACE = "vpce-0e1"
OBJECTS = f"arn:aws:s3:::{p.BUCKET}/*"
TRANSITED = {Verdict.OK, Verdict.BYPASS}
"""Let through, by the gateway endpoint or another way."""


def by_gateway() -> tuple[Snapshot, Json]:
    """Return the world in which the gateway endpoint carries the request, and the question."""
    return p.judged(), p.asked()


def by_interface_endpoint() -> tuple[Snapshot, Json]:
    """Return the world in which S3's names lead to an interface endpoint."""
    made = p.judged()
    interface_endpoint(made, private_dns=True)
    return made, p.asked()


def by_nat() -> tuple[Snapshot, Json]:
    """Return the world in which the endpoint has no route, so that the NAT gateway carries the request."""
    made = p.judged()
    without_endpoint_route(made)
    return made, p.asked()


def by_internet_gateway() -> tuple[Snapshot, Json]:
    """Return the world in which the instance goes out with its own public address."""
    made = p.judged()
    with_public_address(made)
    without_endpoint_route(made, keep_default=False)
    private_routes(made).append(s.route("0.0.0.0/0", GatewayId=s.IGW))
    return made, p.asked()


def by_proxy() -> tuple[Snapshot, Json]:
    """Return the world in which a proxy in the public subnet sends the request on."""
    made = p.judged()
    proxied(made)
    return made, p.asked(client={**p.asked()["client"], "sdk": "botocore", "env": PROXY})


def from_outside() -> tuple[Snapshot, Json]:
    """Return the question of somebody who is not in a VPC."""
    return p.judged(), p.asked(source={"external": "a laptop"}, region=s.REGION)


def denied_if(made: Snapshot, question: Json, condition: Json) -> Verdict:
    """Return the verdict with a bucket policy that denies under one condition."""
    p.bucket_policy(made, p.deny(Action="s3:*", Resource=OBJECTS, Condition=condition))
    return whole(made, question).verdict


def whole(made: Snapshot, question: Json) -> Diagnosis:
    """Diagnose with policies."""
    return s.ask(made, question, network=False)


def codes(found: Diagnosis) -> list[str]:
    """Return the findings of the policy checks, the root cause first."""
    return [f.code for f in found.findings if f.check.endswith("-policy")]


def keys_asked(found: Diagnosis) -> set[object]:
    """Return the condition keys that the answer says it hangs on."""
    return {dict(u.arguments)["key"] for u in found.unknowns if u.code == "unknown.condition-key"}
