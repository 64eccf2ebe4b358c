"""moto's server with a thin layer in front that makes it behave like AWS where it matters for gateway endpoints.

It answers calls that moto lacks, refuses what AWS refuses, and puts moto's state right after each EC2 write.
Tests and the demo import it; it is no part of the package.
"""

import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from demo.moto_state import put_right

Start = Callable[..., Any]
Wsgi = Callable[[dict[str, Any], Start], Iterable[bytes]]
_SCOPE = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request")
_READS = ("Describe", "Get", "List", "Search")
_ACL_QUOTA = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What of an HTTP request matters here."""

    key: str
    """The access key id, by which moto knows the account."""
    service: str
    region: str
    operation: str
    method: str
    path: str
    form: Mapping[str, str]

    @classmethod
    def of(cls, environ: dict[str, Any]) -> "Request":
        """Read the request; the body stays readable for moto."""
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        key, region, service = scope.groups() if scope else ("", "us-east-1", "")
        form = dict(parse_qsl(body.decode("utf-8", "replace"))) if service == "ec2" else {}
        if form.get("Action") == "CreateVpcEndpoint" and "VpcEndpointType" not in form:
            body += b"&VpcEndpointType=Gateway"  # AWS's default; moto would keep None and fail at deletion
            environ["wsgi.input"] = io.BytesIO(body)
            environ["CONTENT_LENGTH"] = str(len(body))
        target = environ.get("HTTP_X_AMZ_TARGET", "")
        return cls(
            key=key,
            service=service,
            region=region,
            operation=form.get("Action", "") or target.rpartition(".")[2],
            method=environ.get("REQUEST_METHOD", "GET"),
            path=environ.get("PATH_INFO", "/"),
            form=form,
        )

    def values(self, name: str) -> list[str]:
        """Return the members of a list parameter (`RouteTableId.1`, …)."""
        return [value for key, value in self.form.items() if re.fullmatch(rf"{name}\.\d+", key)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer of our own."""

    status: str = "200 OK"
    body: str = ""
    kind: str = "text/xml"
    headers: tuple[tuple[str, str], ...] = ()


class AwsTruth:
    """The layer: a WSGI application around moto's."""

    def __init__(self, app: Wsgi) -> None:
        self._app = app
        self._lock = Lock()

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        """Answer, refuse or pass on; one EC2 request at a time, as moto's state is shared."""
        request = Request.of(environ)
        with self._lock:
            if request.service == "ec2":
                _touch(request)
                put_right()
            reply = own_answer(request) or refusal(request)
            if reply is not None:
                body = reply.body.encode()
                headers = [("Content-Type", reply.kind), ("Content-Length", str(len(body))), *reply.headers]
                start(reply.status, headers)
                return [body]
            if request.operation == "ModifyVpcEndpoint":
                _reset_policy(request)
            if request.service == "lambda":
                return self._with_real_vpc(environ, start)
            try:
                answer = [b"".join(self._app(environ, start))]
            except NotImplementedError:
                start("400 Bad Request", [("Content-Type", "application/x-amz-json-1.1")])
                return [b'{"__type": "UnknownOperationException", "message": "moto lacks this call"}']
            if request.service == "ec2" and not request.operation.startswith(_READS):
                put_right()
        return answer

    def _with_real_vpc(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        kept: list[Any] = []
        body = _real_vpc(b"".join(self._app(environ, lambda *given: kept.extend(given))))
        headers = [(name, value) for name, value in kept[1] if name.lower() != "content-length"]
        start(kept[0], [*headers, ("Content-Length", str(len(body)))])
        return [body]


def own_answer(request: Request) -> Reply | None:
    """Return the answer to a call that moto lacks, or answers without what AWS says."""
    if request.service == "ec2":
        build = _EC2_ANSWERS.get(request.operation)
        return Reply(body=_ec2_xml(request.operation, build(request))) if build else None
    empty = _EMPTY_LISTS.get((request.service, request.operation))
    if empty is not None:
        return Reply(body=json.dumps({empty: []}), kind="application/x-amz-json-1.1")
    if request.service == "route53profiles" and request.method == "GET":
        return Reply(body=json.dumps({"ProfileAssociations": []}), kind="application/json")
    if request.service == "s3" and request.method == "HEAD":
        return _head_bucket(request)
    return None


def refusal(request: Request) -> Reply | None:
    """Return the error that AWS raises where moto says yes."""
    if request.operation == "CreateVpcEndpoint":
        return _endpoint_refusal(request)
    if request.operation == "CreateNetworkAclEntry":
        return _acl_refusal(request)
    return None


def _endpoint_refusal(request: Request) -> Reply | None:
    name = request.form.get("ServiceName", "")
    if not re.fullmatch(rf"(cn\.)?com\.amazonaws\.{re.escape(request.region)}\.[a-z0-9.-]+", name):
        return _ec2_error("InvalidServiceName", f"The Vpc Endpoint Service '{name}' does not exist")
    kind = request.form.get("VpcEndpointType", "Gateway")
    if kind == "Gateway" and name.rpartition(".")[2] not in {"s3", "dynamodb", "s3express"}:
        return _ec2_error("InvalidServiceName", f"The Vpc Endpoint Service '{name}' does not exist")
    policy = request.form.get("PolicyDocument")
    if policy is not None and not _is_json(policy):
        return _ec2_error("InvalidPolicyDocument", "The policy document is not valid JSON")
    for backend in _backends(request.region):
        for endpoint in backend.vpc_end_points.values():
            taken = set(request.values("RouteTableId")) & set(endpoint.route_table_ids or [])
            if endpoint.service_name == name and kind == "Gateway" and taken:
                text = f"route table {min(taken)} already has a route with destination-prefix-list-id"
                return _ec2_error("RouteAlreadyExists", text)
    return None


def _acl_refusal(request: Request) -> Reply | None:
    for backend in _backends(request.region):
        acl = backend.network_acls.get(request.form.get("NetworkAclId", ""))
        egress = request.form.get("Egress") == "true"
        rules = [entry for entry in acl.network_acl_entries if _is_egress(entry) is egress] if acl else []
        if len([entry for entry in rules if int(entry.rule_number) <= 32766]) >= _ACL_QUOTA:  # noqa: PLR2004 - the last number a user may give
            return _ec2_error(
                "NetworkAclEntryLimitExceeded", "The maximum number of network acl entries has been reached."
            )
    return None


def _is_egress(entry: Any) -> bool:
    return str(entry.egress).lower() == "true"


def _reset_policy(request: Request) -> None:
    if request.form.get("ResetPolicy") == "true":
        for backend in _backends(request.region):
            endpoint = backend.vpc_end_points.get(request.form.get("VpcEndpointId", ""))
            if endpoint is not None:
                endpoint.policy_document = json.dumps(type(endpoint).DEFAULT_POLICY)


def _head_bucket(request: Request) -> Reply | None:
    """Answer 301 with the bucket's Region if another Region was asked: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html."""
    from moto.s3.models import s3_backends

    name = request.path.strip("/")
    for partitions in list(s3_backends.values()):
        bucket = partitions["aws"].buckets.get(name)
        if bucket is not None and bucket.region_name != request.region:
            region = (("x-amz-bucket-region", bucket.region_name),)
            return Reply(status="301 Moved Permanently", kind="application/xml", headers=region)
    return None


def _describe_prefix_lists(request: Request) -> str:
    wanted = request.values("PrefixListId")
    names = [value for key, value in request.form.items() if re.fullmatch(r"Filter\.\d+\.Value\.\d+", key)]
    items = []
    for backend in _backends(request.region):
        for listed in backend.managed_prefix_lists.values():
            name = str(listed.prefix_list_name)
            if listed.resource_owner_id != "AWS" or (wanted and listed.id not in wanted):
                continue
            if names and name not in names and listed.id not in names:
                continue
            cidrs = "".join(f"<item>{entry['Cidr']}</item>" for entry in list(listed.entries.values())[-1])
            items.append(
                f"<item><prefixListId>{listed.id}</prefixListId><prefixListName>{escape(name)}</prefixListName>"
                f"<cidrSet>{cidrs}</cidrSet></item>"
            )
    return f"<prefixListSet>{''.join(items)}</prefixListSet>"


def _block_public_access(request: Request) -> str:
    return (
        "<vpcBlockPublicAccessOptions><awsAccountId>123456789012</awsAccountId>"
        f"<awsRegion>{request.region}</awsRegion><state>default-state</state>"
        "<internetGatewayBlockMode>off</internetGatewayBlockMode><managedBy>account</managedBy>"
        "<exclusionsAllowed>allowed</exclusionsAllowed></vpcBlockPublicAccessOptions>"
    )


_EC2_ANSWERS: dict[str, Callable[[Request], str]] = {
    "DescribePrefixLists": _describe_prefix_lists,
    "DescribeVpcBlockPublicAccessOptions": _block_public_access,
    "DescribeVpcBlockPublicAccessExclusions": lambda _: "<vpcBlockPublicAccessExclusionSet/>",
    "DescribeVpcEncryptionControls": lambda _: "<vpcEncryptionControlSet/>",
    "DescribeSecurityGroupVpcAssociations": lambda _: "<securityGroupVpcAssociationSet/>",
}
_EMPTY_LISTS = {
    ("route53resolver", "ListFirewallRuleGroupAssociations"): "FirewallRuleGroupAssociations",
    ("route53resolver", "ListFirewallRules"): "FirewallRules",
}


def _ec2_xml(operation: str, inner: str) -> str:
    namespace = "http://ec2.amazonaws.com/doc/2016-11-15/"
    return (
        f'<{operation}Response xmlns="{namespace}"><requestId>truth</requestId>{inner}</{operation}Response>'
    )


def _ec2_error(code: str, message: str) -> Reply:
    error = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    body = f"<Response><Errors>{error}</Errors><RequestID>truth</RequestID></Response>"
    return Reply(status="400 Bad Request", body=body)


def _touch(request: Request) -> None:
    """Make moto build the account's state for the Region, so that it can be put right before it is read."""
    from moto.ec2.models import ec2_backends
    from moto.iam.models import get_account_id_from

    ec2_backends[get_account_id_from(request.key)][request.region]


def _backends(region: str) -> Iterator[Any]:
    """Return the EC2 backends of a Region, one an account."""
    from moto.ec2.models import ec2_backends

    for regions in list(ec2_backends.values()):
        if region in regions:
            yield regions[region]


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _real_vpc(body: bytes) -> bytes:
    """Name the VPC of a function's subnets, where moto answers with a constant."""
    from moto.ec2.models import ec2_backends

    if b"vpc-123abc" not in body:
        return body
    for regions in list(ec2_backends.values()):
        for backend in list(regions.values()):
            for subnet in (subnet for zone in backend.subnets.values() for subnet in zone.values()):
                if subnet.id.encode() in body:
                    return body.replace(b"vpc-123abc", subnet.vpc_id.encode())
    return body


@contextmanager
def running_server() -> Iterator[str]:
    """Run moto with the layer on a free loopback port, its memory empty; yield its URL."""
    from moto.moto_api._internal.models import moto_api_backend
    from moto.moto_server.werkzeug_app import (
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )
    from werkzeug.serving import make_server

    class Quiet(MotoRequestHandler):
        def log(self, *_: object) -> None:
            """Say nothing: the demo's own words are what people should read."""

    moto_api_backend.reset()
    app = AwsTruth(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
