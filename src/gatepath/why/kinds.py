"""The words of an answer: kinds of errors, what they exclude, what they leave open, what to look at next."""

from enum import StrEnum


class Kind(StrEnum):
    """What an error text tells of."""

    DENIED = "denied"
    ACCESS_DENIED = "access-denied"
    FORBIDDEN = "forbidden"
    ENCODED = "encoded"
    S3_BLOCK_PUBLIC_ACCESS = "s3-block-public-access"
    VPC_BLOCK_PUBLIC_ACCESS = "vpc-block-public-access"
    NOT_FOUND = "not-found"
    NO_SUCH_BUCKET = "no-such-bucket"
    NO_SUCH_TABLE = "no-such-table"
    CROSS_REGION_COPY = "cross-region-copy"
    REDIRECT = "redirect"
    NO_REGION = "no-region"
    CONNECT_TIMEOUT = "connect-timeout"
    READ_TIMEOUT = "read-timeout"
    TIMED_OUT = "timed-out"
    CONNECTION_FAILED = "connection-failed"
    DNS_NO_NAME = "dns-no-name"
    DNS_NO_ANSWER = "dns-no-answer"
    REFUSED = "refused"
    RESET = "reset"
    UNREACHABLE = "unreachable"
    PROXY = "proxy"
    TLS_TIMEOUT = "tls-timeout"
    TLS = "tls"
    CLOCK = "clock"
    SIGNATURE = "signature"
    CREDENTIALS = "credentials"
    NO_CREDENTIALS = "no-credentials"
    IMDS = "imds"
    STS = "sts"
    THROTTLED = "throttled"
    GLUE = "glue"
    REDSHIFT = "redshift"
    IMAGE_PULL = "image-pull"
    TASK_START = "task-start"
    PACKAGES = "packages"
    LAMBDA_TIMEOUT = "lambda-timeout"
    ENDPOINT_ROUTE_EXISTS = "endpoint-route-exists"
    PRIVATE_DNS_NEEDS_GATEWAY = "private-dns-needs-gateway"


class Layer(StrEnum):
    """The kind of policy that a text names."""

    IDENTITY = "identity"
    RESOURCE = "resource"
    VPCE = "vpce"
    BOUNDARY = "boundary"
    SESSION = "session"
    SCP = "scp"
    RCP = "rcp"
    TRUST = "trust"


class Excluded(StrEnum):
    """What can't be the cause, given the text."""

    NETWORK = "network"
    POLICIES = "policies"
    DNS = "dns"
    CONNECTION = "connection"
    OTHER_DENIALS = "other-denials"


class Open(StrEnum):
    """What may still be the cause although one might think otherwise, and what the text hides."""

    ANY_LAYER = "any-layer"
    OTHER_LAYERS = "other-layers"
    ENDPOINT_POLICY_UNNAMED = "endpoint-policy-unnamed"
    DIRECTORY_BUCKET = "directory-bucket"
    NO_LOGS = "no-logs"
    MISSING_OBJECT = "missing-object"
    PROXY_ANSWERED = "proxy-answered"
    OTHER_ADDRESSES = "other-addresses"
    EARLIER_CAUSE = "earlier-cause"
    SEVERAL_CAUSES = "several-causes"
    OTHER_SERVICE = "other-service"
    KEY = "key"
    BLOCK_PUBLIC_ACCESS = "block-public-access"
    WHOSE_ENDPOINT = "whose-endpoint"
    PROPAGATION = "propagation"
    STRANGERS_SIGN = "strangers-sign"
    SECOND_REQUEST = "second-request"
    LIST_HIDES = "list-hides"


class Next(StrEnum):
    """What to look at next."""

    REGION = "region"
    DNS = "dns"
    ROUTE_TABLE = "route-table"
    SECURITY_GROUP = "security-group"
    NETWORK_ACL = "network-acl"
    ENDPOINT_POLICY = "endpoint-policy"
    RESOURCE_POLICY = "resource-policy"
    PROXY = "proxy"
    IDENTITY = "identity"
    BOUNDARY = "boundary"
    SESSION = "session"
    SCP = "scp"
    RCP = "rcp"
    TRUST = "trust"
    KEY = "key"
    BLOCK_PUBLIC_ACCESS = "block-public-access"
    VPC_BLOCK_PUBLIC_ACCESS = "vpc-block-public-access"
    NETWORK_EVENTS = "network-events"
    NAME = "name"
    CREDENTIALS = "credentials"
    CLOCK = "clock"
    CERTIFICATES = "certificates"
    PACKET_SIZE = "packet-size"
    NEEDS = "needs"
    INTERFACE_ENDPOINT = "interface-endpoint"
    SERVICE_SUBNET = "service-subnet"
    FUNCTION = "function"
    SHORT_TIMEOUT = "short-timeout"
    SAME_REGION = "same-region"
    RETRY = "retry"
    DECODE = "decode"
    PATH = "path"


GENERAL = (
    Next.REGION,
    Next.DNS,
    Next.ROUTE_TABLE,
    Next.SECURITY_GROUP,
    Next.NETWORK_ACL,
    Next.ENDPOINT_POLICY,
    Next.RESOURCE_POLICY,
    Next.PROXY,
    Next.IDENTITY,
    Next.PATH,
)
"""What to look at where nothing is known, in this order.

Source: https://repost.aws/knowledge-center/connect-s3-vpc-endpoint
"""
