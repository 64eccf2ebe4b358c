"""Each wording of AWS's errors, as a row: what is read of it."""

import re
import time
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepath.messages.catalogue import finding_codes, messages
from gatepath.needs.catalogue import names
from gatepath.why.agree import DROPPED
from gatepath.why.asking import commands, question_row
from gatepath.why.kinds import Excluded, Kind, Layer, Next, Open
from gatepath.why.patterns import patterns, row
from gatepath.why.reading import Problem, read

USER = "arn:aws:sts::111122223333:assumed-role/app/i-0123456789abcdef0"
OBJECT = "arn:aws:s3:::orders/2026/one.json"
POLICY = "arn:aws:iam::111122223333:policy/team/guard"
HEAD = "An error occurred (AccessDenied) when calling the GetObject operation: "
WORDS = {
    Layer.IDENTITY: "identity-based policy",
    Layer.RESOURCE: "resource-based policy",
    Layer.VPCE: "VPC endpoint policy",
    Layer.BOUNDARY: "permissions boundary",
    Layer.SCP: "service control policy",
    Layer.RCP: "resource control policy",
    Layer.SESSION: "session policy",
}


def implicit(layer: Layer, action: str = "s3:GetObject") -> str:
    return f"because no {WORDS[layer]} allows the {action} action"


def explicit(layer: Layer) -> str:
    article = "an" if layer is Layer.IDENTITY else "a"
    return f"with an explicit deny in {article} {WORDS[layer]}"


def sentence(reason: str, resource: str = f' on resource: "{OBJECT}"') -> str:
    return f"User: {USER} is not authorized to perform: s3:GetObject{resource} {reason}"


def only(text: str) -> Problem:
    found = read(text).problems
    assert len(found) == 1, [(each.kind, each.said) for each in found]
    return found[0]


@pytest.mark.parametrize("head", ["", HEAD, "<Code>AccessDenied</Code><Message>", "Error: AccessDenied: "])
@pytest.mark.parametrize("layer", WORDS)
@pytest.mark.parametrize("effect", ["implicit_deny", "explicit_deny"])
def test_each_layer_of_the_documented_messages(layer: Layer, effect: str, head: str) -> None:
    reason = implicit(layer) if effect == "implicit_deny" else explicit(layer)
    found = only(head + sentence(reason))
    assert (found.kind, found.layer, found.effect, found.count) == (Kind.DENIED, layer, effect, 1)
    said = dict(found.said)
    assert (said["principal"], said["action"], said["resource"]) == (USER, "s3:GetObject", OBJECT)
    assert (said["service"], said["bucket"]) == ("s3", "orders")
    assert Excluded.NETWORK in found.excludes
    assert Open.OTHER_LAYERS in found.open
    assert found.next


def test_an_implicit_denial_without_resource() -> None:
    found = only(sentence(implicit(Layer.VPCE), resource=""))
    assert (found.layer, found.says("action"), found.says("resource")) == (Layer.VPCE, "s3:GetObject", None)
    assert Open.NO_LOGS in found.open
    assert Next.NETWORK_EVENTS in found.next


def test_the_trust_policy() -> None:
    role = "arn:aws:iam::444455556666:role/deploy"
    text = (
        f"User: {USER} is not authorized to perform: sts:AssumeRole on resource: {role} "
        "because no role trust policy allows the sts:AssumeRole action"
    )
    found = only(text)
    assert (found.layer, found.effect) == (Layer.TRUST, "implicit_deny")
    assert (found.says("resource"), found.says("service")) == (role, "sts")
    denied = only("not allowed with an explicit deny in the role trust policy")
    assert (denied.layer, denied.effect) == (Layer.TRUST, "explicit_deny")


def test_the_arn_of_the_policy_is_read() -> None:
    found = only(f"{sentence(explicit(Layer.IDENTITY))}: {POLICY}")
    assert found.says("policy") == POLICY
    scp = "arn:aws:organizations::111122223333:policy/o-abc1234567/service_control_policy/p-abcd1234"
    assert only(f"{sentence(explicit(Layer.SCP))}: {scp}.\nDone").says("policy") == scp


def test_a_sentence_without_a_reason_excludes_no_layer() -> None:
    found = only(sentence(""))
    assert (found.kind, found.layer, found.says("action")) == (Kind.DENIED, None, "s3:GetObject")
    assert {Open.ANY_LAYER, Open.NO_LOGS} <= set(found.open)
    assert Open.OTHER_LAYERS not in found.open
    assert {Next.ENDPOINT_POLICY, Next.RESOURCE_POLICY, Next.IDENTITY} <= set(found.next)


def test_dynamodb_through_an_endpoint() -> None:
    table = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
    text = (
        "An error occurred (AccessDeniedException) when calling the Query operation: "
        f"User: {USER} is not authorized to perform: dynamodb:Query on resource: {table} "
        "because no VPC endpoint policy allows the dynamodb:Query action"
    )
    found = only(text)
    assert (found.layer, found.says("table"), found.says("region")) == (Layer.VPCE, "orders", "eu-west-1")
    assert (found.says("resource"), found.says("operation")) == (table, "Query")
    assert question_row(found)["action"] == "dynamodb:Query"


def test_what_holds_for_s3_is_not_said_of_dynamodb() -> None:
    text = "An error occurred (AccessDeniedException) when calling the GetItem operation: Access Denied"
    found = only(text)
    assert found.says("service") == "dynamodb"
    assert not {Open.NO_LOGS, Open.MISSING_OBJECT, Open.DIRECTORY_BUCKET} & set(found.open)
    assert Open.ANY_LAYER in found.open


@pytest.mark.parametrize(
    ("reason", "expected"), [(implicit(Layer.RESOURCE), False), (explicit(Layer.RESOURCE), True)]
)
def test_block_public_access_is_worded_as_an_explicit_denial(reason: str, expected: bool) -> None:
    found = only(sentence(reason))
    assert (Open.BLOCK_PUBLIC_ACCESS in found.open) == expected
    assert (Next.BLOCK_PUBLIC_ACCESS in found.next) == expected


def test_a_denied_key_is_not_the_bucket() -> None:
    key = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d"
    text = (
        f"{HEAD}User: {USER} is not authorized to perform: kms:Decrypt on resource: {key} "
        "because no identity-based policy allows the kms:Decrypt action"
    )
    found = only(text)
    assert Open.KEY in found.open
    assert found.next[0] is Next.KEY
    assert question_row(found) == {}


def test_a_proxy_may_have_said_access_denied() -> None:
    found = only("Access Denied")
    assert found.excludes == ()
    assert Open.PROXY_ANSWERED in found.open


@pytest.mark.parametrize("text", ["AccessDenied", f"{HEAD}Access Denied", "AccessDenied: Access Denied"])
def test_a_bare_denial_excludes_no_layer(text: str) -> None:
    found = only(text)
    assert (found.kind, found.layer, found.effect) == (Kind.ACCESS_DENIED, None, None)
    assert found.excludes == (Excluded.NETWORK,)
    assert {Open.ANY_LAYER, Open.ENDPOINT_POLICY_UNNAMED, Open.NO_LOGS} <= set(found.open)
    assert Next.ENDPOINT_POLICY in found.next


ROWS: tuple[tuple[str, Kind, dict[str, str]], ...] = (
    (
        "fatal error: An error occurred (403) when calling the HeadObject operation: Forbidden",
        Kind.FORBIDDEN,
        {"operation": "HeadObject", "status": "403", "service": "s3"},
    ),
    (
        'An error occurred (404) when calling the HeadObject operation: Key "a" does not exist',
        Kind.NOT_FOUND,
        {"operation": "HeadObject", "status": "404"},
    ),
    ("botocore.errorfactory.NoSuchKey: An error occurred (NoSuchKey)", Kind.NOT_FOUND, {}),
    ("An error occurred (NoSuchBucket): The specified bucket does not exist", Kind.NO_SUCH_BUCKET, {}),
    ("ResourceNotFoundException: Requested resource not found", Kind.NO_SUCH_TABLE, {}),
    (
        (
            "An error occurred (AccessDenied) when calling the CopyObject operation: "
            "VPC endpoints do not support cross-region requests"
        ),
        Kind.CROSS_REGION_COPY,
        {"operation": "CopyObject", "service": "s3"},
    ),
    (
        (
            "An error occurred (AccessDenied) when calling the UploadPartCopy operation: "
            "VPC endpoints do not support cross-region requests"
        ),
        Kind.CROSS_REGION_COPY,
        {"operation": "UploadPartCopy"},
    ),
    (
        (
            "VPC S3 endpoint validation failed for SubnetId: subnet-0123456789abcdef0. VPC: vpc-0123456789abcdef0. "
            "Reason: Could not find S3 endpoint or NAT gateway for subnetId: subnet-0123456789abcdef0"
        ),
        Kind.GLUE,
        {"subnet": "subnet-0123456789abcdef0", "vpc": "vpc-0123456789abcdef0"},
    ),
    (
        (
            "ERROR: S3ServiceException: The bucket you are attempting to access must be addressed using the "
            "specified endpoint. Please send all future requests to this endpoint.,Status 301,Error PermanentRedirect"
        ),
        Kind.REDSHIFT,
        {},
    ),
    (
        "The bucket you are attempting to access must be addressed using the specified endpoint",
        Kind.REDIRECT,
        {},
    ),
    (
        "An error occurred (PermanentRedirect) when calling the ListObjectsV2 operation",
        Kind.REDIRECT,
        {"operation": "ListObjectsV2", "service": "s3"},
    ),
    ("<Code>TemporaryRedirect</Code>", Kind.REDIRECT, {}),
    (
        (
            "An error occurred (AuthorizationHeaderMalformed) when calling the PutObject operation: The authorization "
            "header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'"
        ),
        Kind.REDIRECT,
        {"region": "us-east-1", "wanted_region": "eu-west-1", "operation": "PutObject"},
    ),
    (
        (
            "IllegalLocationConstraintException: The eu-west-1 location constraint is incompatible for the region "
            "specific endpoint this request was sent to."
        ),
        Kind.REDIRECT,
        {"region": "eu-west-1"},
    ),
    ("400 IncorrectEndpoint", Kind.REDIRECT, {}),
    (
        (
            "botocore.exceptions.ConnectTimeoutError: Connect timeout on endpoint URL: "
            '"https://orders.s3.eu-west-1.amazonaws.com/a/b"'
        ),
        Kind.CONNECT_TIMEOUT,
        {"host": "orders.s3.eu-west-1.amazonaws.com", "bucket": "orders", "region": "eu-west-1"},
    ),
    (
        'Read timeout on endpoint URL: "https://dynamodb.eu-west-1.amazonaws.com/"',
        Kind.READ_TIMEOUT,
        {"host": "dynamodb.eu-west-1.amazonaws.com", "service": "dynamodb"},
    ),
    (
        'Could not connect to the endpoint URL: "https://orders.s3.eu-wst-1.amazonaws.com/"',
        Kind.CONNECTION_FAILED,
        {"host": "orders.s3.eu-wst-1.amazonaws.com"},
    ),
    ("NoCredentialsError: Unable to locate credentials", Kind.NO_CREDENTIALS, {}),
    ("botocore.exceptions.NoRegionError: You must specify a region.", Kind.NO_REGION, {}),
    (
        "SSL validation failed for https://s3.eu-west-1.amazonaws.com/ [SSL: CERTIFICATE_VERIFY_FAILED]",
        Kind.TLS,
        {"host": "s3.eu-west-1.amazonaws.com"},
    ),
    ("An error occurred (RequestTimeTooSkewed) when calling the PutObject operation", Kind.CLOCK, {}),
    ("An error occurred (SignatureDoesNotMatch) when calling the PutObject operation", Kind.SIGNATURE, {}),
    (
        "2026-01-01T00:00:00.000Z 0a1b Task timed out after 3.05 seconds",
        Kind.LAMBDA_TIMEOUT,
        {"seconds": "3.05"},
    ),
    ("Unknown: curl: (6) Could not resolve host: s3.eu-west-1.amazonaws.com", Kind.DNS_NO_NAME, {}),
    (
        "dial tcp: lookup s3.eu-west-1.amazonaws.com on 10.0.0.2:53: no such host",
        Kind.DNS_NO_NAME,
        {"host": "s3.eu-west-1.amazonaws.com"},
    ),
    (
        "lookup s3.eu-west-1.amazonaws.com: read udp 10.0.1.5:4321->10.0.0.9:53: i/o timeout",
        Kind.DNS_NO_ANSWER,
        {},
    ),
    ("dial tcp: lookup s3.eu-west-1.amazonaws.com: i/o timeout", Kind.DNS_NO_ANSWER, {"service": "s3"}),
    (
        "An error occurred (ResourceNotFoundException) when calling the GetItem operation",
        Kind.NO_SUCH_TABLE,
        {"operation": "GetItem", "service": "dynamodb"},
    ),
    ("socket.gaierror: [Errno -3] Temporary failure in name resolution", Kind.DNS_NO_ANSWER, {}),
    (
        "Error: getaddrinfo ENOTFOUND orders.s3.eu-west-1.amazonaws.com",
        Kind.DNS_NO_NAME,
        {"bucket": "orders"},
    ),
    ("dial tcp 52.218.1.1:443: i/o timeout", Kind.CONNECT_TIMEOUT, {}),
    ("ls: s3.eu-west-1.amazonaws.com: 名前またはサービスが不明です", Kind.DNS_NO_NAME, {"service": "s3"}),
    ("curl: (7) 接続がタイムアウトしました", Kind.CONNECT_TIMEOUT, {}),
    ("アクセスが拒否されました", Kind.ACCESS_DENIED, {}),
    ("TimeoutError: The operation was aborted", Kind.TIMED_OUT, {}),
    (
        "net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)",
        Kind.CONNECT_TIMEOUT,
        {},
    ),
    ("Client.Timeout exceeded while awaiting headers", Kind.READ_TIMEOUT, {}),
    ("failed to do request: context deadline exceeded", Kind.TIMED_OUT, {}),
    (
        'Post "https://api.ecr.eu-west-1.amazonaws.com/": dial tcp 52.1.1.1:443: i/o timeout',
        Kind.CONNECT_TIMEOUT,
        {"service": "ecr"},
    ),
    ("connect ETIMEDOUT 52.218.1.1:443", Kind.CONNECT_TIMEOUT, {}),
    (
        "curl: (28) Failed to connect to s3.eu-west-1.amazonaws.com port 443: Connection timed out",
        Kind.CONNECT_TIMEOUT,
        {},
    ),
    ("curl: (7) Failed to connect to proxy.example port 3128: Connection refused", Kind.REFUSED, {}),
    ("java.net.SocketTimeoutException: Read timed out", Kind.READ_TIMEOUT, {}),
    ("read: connection reset by peer", Kind.RESET, {}),
    ("OSError: [Errno 101] Network is unreachable", Kind.UNREACHABLE, {}),
    ("net/http: TLS handshake timeout", Kind.TLS_TIMEOUT, {}),
    (
        'ProxyConnectionError: Failed to connect to proxy URL: "http://proxy.example:3128"',
        Kind.PROXY,
        {"host": "proxy.example"},
    ),
    ("Tunnel connection failed: 403 Forbidden", Kind.PROXY, {"status": "403"}),
    ('Connect timeout on endpoint URL: "https://sts.eu-west-1.amazonaws.com/"', Kind.STS, {"service": "sts"}),
    ('Connect timeout on endpoint URL: "http://169.254.169.254/latest/api/token"', Kind.IMDS, {}),
    (
        "An error occurred (ExpiredToken) when calling the ListBuckets operation: The provided token has expired.",
        Kind.CREDENTIALS,
        {},
    ),
    ("<Code>SlowDown</Code><Message>Please reduce your request rate.</Message>", Kind.THROTTLED, {}),
    (
        "RouteAlreadyExists: route table rtb-0123456789abcdef0 already has a route with destination-prefix-list-id pl-6da54004",
        Kind.ENDPOINT_ROUTE_EXISTS,
        {"prefix_list": "pl-6da54004"},
    ),
    (
        "To set PrivateDnsOnlyForInboundResolverEndpoint to true, the VPC vpce_id must have a gateway endpoint for the service.",
        Kind.PRIVATE_DNS_NEEDS_GATEWAY,
        {},
    ),
    ("CannotPullContainerError: pull image manifest has been retried 5 time(s)", Kind.IMAGE_PULL, {}),
    ("ResourceInitializationError: unable to pull secrets or registry auth", Kind.TASK_START, {}),
    ("Cannot find a valid baseurl for repo: amzn2-core/2/x86_64", Kind.PACKAGES, {}),
    (
        (
            "Errors during downloading metadata for repository 'amazonlinux':\n  - Status code: 403 for "
            "https://al2023-repos-eu-west-1-de612dc2.s3.dualstack.eu-west-1.amazonaws.com/core/mirror.list"
        ),
        Kind.PACKAGES,
        {"status": "403", "region": "eu-west-1"},
    ),
    (
        "PutBucketPolicy: AccessDenied because public policies are blocked by the BlockPublicPolicy setting in S3 Block Public Access",
        Kind.S3_BLOCK_PUBLIC_ACCESS,
        {},
    ),
    ("explanation: VPC_BLOCK_PUBLIC_ACCESS_ENABLED", Kind.VPC_BLOCK_PUBLIC_ACCESS, {}),
    ("Encoded authorization failure message: 3Yb0aaaaaaaa", Kind.ENCODED, {}),
    (
        (
            '{"eventName": "GetObject", "errorCode": "VpceAccessDenied", '
            '"errorMessage": "The request was denied due to a VPC endpoint policy"}'
        ),
        Kind.DENIED,
        {"operation": "GetObject"},
    ),
)


@pytest.mark.parametrize(("text", "kind", "said"), ROWS, ids=[each[0][:40] for each in ROWS])
def test_wordings(text: str, kind: Kind, said: dict[str, str]) -> None:
    found = only(text)
    assert found.kind is kind
    assert said.items() <= dict(found.said).items()


def test_every_kind_has_a_row() -> None:
    assert {kind for _, kind, _ in ROWS} | {Kind.ACCESS_DENIED} == set(Kind)


TIMEOUTS = (Kind.CONNECT_TIMEOUT, Kind.READ_TIMEOUT, Kind.DNS_NO_NAME, Kind.DNS_NO_ANSWER, Kind.UNREACHABLE)


@pytest.mark.parametrize("kind", TIMEOUTS)
def test_a_failed_connection_excludes_policies_and_no_network(kind: Kind) -> None:
    assert Excluded.POLICIES in row(kind).excludes
    assert Excluded.NETWORK not in row(kind).excludes


def test_cloudtrails_endpoint_denial_names_the_endpoint_policy() -> None:
    found = only("errorCode=VpceAccessDenied")
    assert (found.layer, found.effect) == (Layer.VPCE, None)


def test_an_image_pull_with_403_reached_the_service() -> None:
    text = "CannotPullContainerError: failed to copy: httpReadSeeker: unexpected status code: 403 Forbidden"
    found = only(text)
    assert found.says("status") == "403"
    assert Excluded.NETWORK in found.excludes
    assert Open.STRANGERS_SIGN in found.open


def test_a_host_of_another_service_is_none_of_the_gateways() -> None:
    found = only('Connect timeout on endpoint URL: "https://ssm.eu-west-1.amazonaws.com/"')
    assert Open.OTHER_SERVICE in found.open
    assert found.next[0] is Next.INTERFACE_ENDPOINT
    assert question_row(found) == {}
    own = only('Connect timeout on endpoint URL: "https://s3.eu-west-1.amazonaws.com/"')
    assert Open.OTHER_SERVICE not in own.open


def test_several_errors_in_one_paste() -> None:
    text = "\n".join(
        [
            f"{HEAD}Access Denied",
            'Connect timeout on endpoint URL: "https://orders.s3.eu-west-1.amazonaws.com/a"',
            sentence(implicit(Layer.VPCE)),
            sentence(explicit(Layer.SCP), resource=' on resource: "arn:aws:s3:::other/key"'),
            f"{HEAD}Access Denied",
        ]
    )
    found = read(text).problems
    assert [(each.kind, each.layer, each.count) for each in found] == [
        (Kind.ACCESS_DENIED, None, 2),
        (Kind.CONNECT_TIMEOUT, None, 1),
        (Kind.DENIED, Layer.VPCE, 1),
        (Kind.DENIED, Layer.SCP, 1),
    ]
    assert [each.says("bucket") for each in found] == [None, "orders", "orders", "other"]
    assert found[2].says("host") is None


def test_the_two_ends_of_a_traceback_are_one_error() -> None:
    text = (
        "urllib3.exceptions.NewConnectionError: <botocore.awsrequest.AWSHTTPSConnection object at 0x7f>: "
        "Failed to establish a new connection: [Errno -2] Name or service not known\n\n"
        "During handling of the above exception, another exception occurred:\n"
        + '  File "/usr/lib/python3/httpsession.py", line 464, in send\n'
        * 8
        + "botocore.exceptions.EndpointConnectionError: Could not connect to the endpoint URL: "
        '"https://orders.s3.eu-west-1.amazonaws.com/"\n'
    )
    found = only(text)
    assert (found.kind, found.says("bucket")) == (Kind.DNS_NO_NAME, "orders")


def test_a_repeated_error_is_one() -> None:
    found = only("\n".join([sentence(implicit(Layer.VPCE))] * 7))
    assert found.count == 7


def test_more_errors_than_are_shown() -> None:
    lines = [sentence(implicit(Layer.VPCE), f' on resource: "arn:aws:s3:::b{n}/k"') for n in range(14)]
    made = read("\n".join(lines))
    assert (len(made.problems), made.left_out) == (10, 4)


def test_a_pull_that_times_out_is_told_with_its_host() -> None:
    layer = "prod-eu-west-1-starport-layer-bucket"
    text = (
        'Failed to pull image "111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1": failed to resolve ref: Get '
        f'"https://{layer}.s3.eu-west-1.amazonaws.com/a?X-Amz-Signature=5ec4e7": dial tcp 52.218.1.1:443: i/o timeout'
    )
    pull, timeout = read(text).problems
    assert (pull.kind, timeout.kind) == (Kind.IMAGE_PULL, Kind.CONNECT_TIMEOUT)
    assert (timeout.says("bucket"), Excluded.NETWORK in pull.excludes) == (layer, False)


def test_yum_says_one_thing_on_three_lines() -> None:
    place = (
        "https://amazonlinux-2-repos-eu-west-1.s3.eu-west-1.amazonaws.com/2/core/latest/x86_64/mirror.list"
    )
    text = (
        f"{place}: [Errno 12] Timeout on {place}: (28, 'Connection timed out after 5001 milliseconds')\n"
        "Trying other mirror.\n One of the configured repositories failed (Unknown),\n"
        "Cannot find a valid baseurl for repo: amzn2-core/2/x86_64"
    )
    found = read(text).problems
    assert [each.kind for each in found] == [Kind.PACKAGES, Kind.CONNECT_TIMEOUT]
    assert "--needs amazon-linux-2" in commands(found[0])[0]


def test_object_keys_may_hold_blanks() -> None:
    resource = "arn:aws:s3:::orders/my file 日本.txt"
    found = only(sentence(implicit(Layer.IDENTITY), f' on resource: "{resource}"'))
    assert found.says("resource") == resource


def test_request_ids_of_xml_and_the_sdks() -> None:
    xml = (
        '<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message>'
        "<RequestId>3VQ4PA3SMTBCZ16R</RequestId><HostId>aaaa</HostId></Error>"
    )
    assert only(xml).says("request_id") == "3VQ4PA3SMTBCZ16R"
    go = "StatusCode: 403, RequestID: 3VQ4PA3SMTBCZ16R, HostID: abc, api error AccessDenied: Access Denied"
    assert only(go).says("request_id") == "3VQ4PA3SMTBCZ16R"


def test_the_cli_names_bucket_and_key_before_the_error() -> None:
    text = "upload failed: ./a.txt to s3://orders/in/a.txt An error occurred (AccessDenied) when calling the PutObject operation: Access Denied"
    found = only(text)
    assert found.says("resource") == "arn:aws:s3:::orders/in/a.txt"
    assert question_row(found)["action"] == "s3:PutObject"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "all is well",
        "ResourceNotFoundException: Function not found",
        "thread timeouts are fine",
        "reconnect timed outside",
        "すべて正常です",
    ],
)
def test_texts_without_errors(text: str) -> None:
    assert read(text).problems == ()


SECRETS = (
    "https://orders.s3.eu-west-1.amazonaws.com/a?X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260101&X-Amz-Signature=5ec4e7",
    "Authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101, Signature=5ec4e75ec4e7",
    "x-amz-security-token: 5ec4e7IQoJb3JpZ2luX2VjE",
    '"aws_secret_access_key": "5ec4e7/wJalrXUtnFEMI/K7MDENG"',
    "http://bob:5ec4e7@proxy.example:3128",
)


@pytest.mark.parametrize("secret", SECRETS)
def test_secrets_are_never_kept(secret: str) -> None:
    texts = (
        f'Connect timeout on endpoint URL: "{secret}"',
        sentence(implicit(Layer.VPCE), f' on resource: "{OBJECT}?{secret}"'),
        sentence(implicit(Layer.VPCE), f' on resource: "{OBJECT}?{secret[:30]}\n{secret[30:]}"'),
        f"AccessDenied {secret} RequestId: {secret}",
    )
    for text in texts:
        kept = repr(read(text))
        assert "5ec4e7" not in kept
        assert "AKIAIOSFODNN7EXAMPLE" not in kept


# how people paste

PASTED = [
    HEAD + sentence(implicit(Layer.VPCE)),
    HEAD + sentence(explicit(Layer.RESOURCE)),
    'botocore.exceptions.ConnectTimeoutError: Connect timeout on endpoint URL: "https://orders.s3.eu-west-1.amazonaws.com/a"',
    "VPC endpoints do not support cross-region requests",
    ROWS[7][0],
]
PREFIXES = (
    "",
    "> ",
    "│ ",
    "2026-01-01T00:00:00.123Z ",
    "[2026-01-01 00:00:00,123] ERROR: ",
    "app-1  | ",
    "\x1b[31m",
)


def facts(text: str) -> list[object]:
    return [(each.kind, each.layer, each.effect, each.said) for each in read(text).problems]


@given(
    text=st.sampled_from(PASTED),
    prefix=st.sampled_from(PREFIXES),
    newline=st.sampled_from(["\n", "\r\n", "\n    "]),
    cuts=st.lists(st.integers(min_value=1, max_value=400), max_size=6),
)
@settings(max_examples=150, deadline=None)
def test_lines_may_be_broken_anywhere(text: str, prefix: str, newline: str, cuts: list[int]) -> None:
    places = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    wrapped = newline.join(prefix + text[low:high] for low, high in pairwise(places))
    assert facts(wrapped) == facts(text)


@given(
    text=st.sampled_from(PASTED),
    before=st.sampled_from(
        [
            "",
            "昨日から次のエラーが出ます。「",
            "Hi all, since yesterday: ",
            "Error: ",
            '{"message": "',
            "```\n",
        ]
    ),
    after=st.sampled_from(
        ["", "」どうすればよいですか。", " Any idea?", "\n```\nThanks", '", "level": "error"}']
    ),
    escaped=st.booleans(),
    bom=st.booleans(),
)
@settings(max_examples=100, deadline=None)
def test_surroundings_change_nothing(text: str, before: str, after: str, escaped: bool, bom: bool) -> None:
    inside = text.replace('"', '\\"') if escaped else text
    assert facts(("\ufeff" if bom else "") + before + inside + after) == facts(text)


@given(st.text(max_size=400))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read(text: str) -> None:
    read(text)
    for problem in read(text + PASTED[0]).problems:
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", repr(problem.said))


# the tables


def test_patterns_repeat_nothing_without_bound() -> None:
    document = Path("src/gatepath/why/patterns.toml").read_text(encoding="utf-8")
    table = tomllib.loads(document)
    texts = [text for found in table["kind"].values() for text in found["patterns"]]
    assert [text for text in texts if re.search(r"(?<!\\)[*+]", text)] == []
    assert [text for text in texts if text != text.lower() and "(?P<" not in text] == []
    assert len(patterns()) > len(texts)


@pytest.mark.parametrize("kind", Kind)
def test_the_table_is_complete(kind: Kind) -> None:
    found = row(kind)
    assert found.source.startswith("https://")
    assert found.certainty in {"proven", "suspect"}
    assert f"why.kind.{kind}" in messages()
    assert found.next


def test_every_word_has_texts_and_is_used() -> None:
    prefixes = {"why.excludes": Excluded, "why.open": Open, "why.next": Next, "why.layer": Layer}
    for prefix, words in prefixes.items():
        assert {f"{prefix}.{word}" for word in words} <= messages().keys()
    rows = [row(kind) for kind in Kind] + [row(Kind.DENIED, layer) for layer in Layer]
    assert {word for each in rows for word in each.excludes} == set(Excluded)
    assert {word for each in rows for word in each.open} | {Open.KEY} == set(Open)
    assert {word for each in rows for word in each.next} == set(Next)


@pytest.mark.parametrize("kind", Kind)
def test_findings_compared_with_exist(kind: Kind) -> None:
    for text in set(row(kind).agrees) - {DROPPED}:
        assert any(code == text or (text[-1] == "." and code.startswith(text)) for code in finding_codes()), (
            text
        )


def test_the_commands_name_needs_of_the_catalogue() -> None:
    said = [command for text, *_ in ROWS for command in commands(only(text)) if "--needs" in command]
    assert {command.split("--needs ")[1].split()[0] for command in said} <= {*names(), "auto"}
    assert len(said) > 3


@pytest.mark.parametrize("text", ["&#" + "1" * 6000 + ";", "&#x1b;]0;AccessDenied", "&#0;&bogus;&amp"])
def test_odd_entities(text: str) -> None:
    assert "\x1b" not in repr(read(text))


def test_a_megabyte_of_everything_takes_bounded_time() -> None:
    texts = [text.replace("orders", f"b{number}") for number in range(150) for text, *_ in ROWS]
    pasted = "\n".join(texts)[:1_000_000]
    begun = time.process_time()
    made = read(pasted)
    assert time.process_time() - begun < 12
    assert len(made.problems) == 10
    assert made.left_out > 0
