"""AWS sessions and clients for reading: the AWS CLI's default credential chain and nothing else.

Options have the AWS CLI's names and meaning:
https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-options.html
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from gatepath.collect.errors import CollectError
from gatepath.model.shown import without_passwords

if TYPE_CHECKING:
    import boto3
    from botocore.client import BaseClient
    from botocore.config import Config
    from botocore.loaders import Loader

MAX_THREADS = 32
GLOBAL_REGION = "aws-global"
GLOBAL_SERVICES = frozenset({"iam", "route53", "organizations"})
"""Services whose records stand under `aws-global`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOptions:
    """How to reach AWS; None everywhere is what the AWS CLI does without options."""

    profile: str | None = None
    region: str | None = None
    role_arn: str | None = None
    external_id: str | None = None
    session_name: str | None = None
    mfa_serial: str | None = None
    endpoint_url: str | None = None
    ca_bundle: str | None = None
    verify_ssl: bool = True


class Clients:
    """One client per service and Region, shared by all threads (adaptive retries limit per client)."""

    def __init__(self, session: "boto3.Session", options: SessionOptions) -> None:
        self._session = session
        self._options = options
        self._clients: dict[tuple[str, str], BaseClient] = {}
        self._lock = Lock()

    @property
    def region(self) -> str | None:
        """Return the Region of the options, the environment or the profile."""
        return self._options.region or self._session.region_name

    def credential_method(self) -> str:
        """Return where the credentials come from (`env`, `sso`, `iam-role`, …), empty if there are none."""
        from botocore.exceptions import BotoCoreError

        try:
            found = self._session.get_credentials()
        except BotoCoreError as error:
            raise to_collect_error(error) from error
        if found is None:
            raise CollectError("collect.no-credentials", error="NoCredentialsError", detail="")
        return str(found.method)

    def pagination(self, service: str, operation: str) -> dict[str, Any] | None:
        """Return botocore's pagination rule for an operation, if it has one."""
        try:
            model = self._session._session.get_paginator_model(service)  # noqa: SLF001 - boto3 shows no other way
            rule: dict[str, Any] = model.get_paginator(operation)
        except (ValueError, LookupError):
            return None
        return rule

    def get(self, service: str, region: str) -> "BaseClient":
        """Return the client of a service in a Region; `aws-global` asks the partition's global endpoint."""
        key = (service, region)
        with self._lock:
            if key not in self._clients:
                self._clients[key] = self._create(service, region)
            return self._clients[key]

    def _create(self, service: str, region: str) -> "BaseClient":
        options = self._options
        verify = options.ca_bundle if options.verify_ssl else False
        name = (self.region or "us-east-1") if region == GLOBAL_REGION else region
        client: BaseClient = self._session.client(
            service,  # type: ignore[call-overload] # the stubs know services by literal name only
            region_name=name,
            endpoint_url=options.endpoint_url,
            verify=verify,
            config=client_config(
                custom_endpoint=options.endpoint_url is not None,
                attempts=_ATTEMPTS.get(service, _MANY_ATTEMPTS),
            ),
        )
        if service == "s3":
            client.meta.events.register("before-call.s3", _keep_first_answer)
        if service == "s3control" and options.endpoint_url is not None:
            client.meta.events.register("before-call.s3-control", _without_account_host)
        return client


_MANY_ATTEMPTS = 8
_ATTEMPTS = {"sts": 3}  # the first call of all: whoever has no network should hear of it soon


def client_config(*, custom_endpoint: bool = False, attempts: int = _MANY_ATTEMPTS) -> "Config":
    """Return the settings of every client: adaptive retries, short connect timeout, a pool for all threads.

    With an endpoint of the user's, host prefixes (`ACCOUNT.s3-control…`) would not resolve: left out.
    """
    from botocore.config import Config

    return Config(
        retries={"mode": "adaptive", "total_max_attempts": attempts},
        connect_timeout=5,
        read_timeout=30,
        max_pool_connections=MAX_THREADS,
        user_agent_extra="gatepath",
        inject_host_prefix=not custom_endpoint,
        s3={"addressing_style": "path"} if custom_endpoint else None,
    )


def open_clients(options: SessionOptions) -> Clients:
    """Return clients for the options; raises `CollectError` for a profile or role that can't be used."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        session = _session(profile=options.profile, region=options.region)
        if options.role_arn is not None:
            session = _assume(session, options)
        session.region_name  # noqa: B018 - reads the profile, which fails here rather than at the first call
        return Clients(session, options)
    except (BotoCoreError, ClientError) as error:
        raise to_collect_error(error) from error


def to_collect_error(error: Exception) -> CollectError:
    """Return the failure as a `CollectError` that names what to do about it."""
    name, code = type(error).__name__, aws_error(error).get("Code", "")
    shown = {"error": code or name, "detail": _detail(error)}
    for names, message in _FAILURES:
        if name in names or code in names:
            return CollectError(message, **shown)
    return CollectError("collect.failed", **shown)


def aws_error(error: Exception) -> dict[str, str]:
    """Return `Code` and `Message` of what AWS answered; nothing where it did not answer.

    botocore's own network errors have a `response` too, mostly None.
    """
    response = getattr(error, "response", None)
    said = response.get("Error") if isinstance(response, dict) else None
    return {key: str(value) for key, value in said.items()} if isinstance(said, dict) else {}


_NAMED = ("profile", "region_name", "proxy_url", "endpoint_url", "path")
"""Arguments of botocore's errors that say more than its English sentences."""


def _detail(error: Exception) -> str:
    if message := aws_error(error).get("Message"):
        return " ".join(message.split())
    arguments = getattr(error, "kwargs", None)
    named = [str(arguments[key]) for key in _NAMED if key in arguments] if isinstance(arguments, dict) else []
    return without_passwords(named[0] if named else " ".join(str(error).split()))


_FAILURES = (
    (frozenset({"NoCredentialsError"}), "collect.no-credentials"),
    (frozenset({"PartialCredentialsError"}), "collect.half-credentials"),
    (frozenset({"ProfileNotFound"}), "collect.profile-not-found"),
    (frozenset({"ConfigNotFound", "ConfigParseError"}), "collect.bad-configuration"),
    (frozenset({"NoRegionError"}), "collect.no-region"),
    (frozenset({"InvalidRegionError"}), "collect.bad-region"),
    (
        frozenset(
            {
                "AccessDenied",
                "AuthFailure",
                "CredentialRetrievalError",
                "ExpiredToken",
                "ExpiredTokenException",
                "IncompleteSignature",
                "InvalidAccessKeyId",
                "InvalidClientTokenId",
                "MissingAuthenticationToken",
                "OptInRequired",
                "SSOTokenLoadError",
                "TokenRetrievalError",
                "UnauthorizedSSOTokenError",
                "UnrecognizedClientException",
            }
        ),
        "collect.credentials-refused",
    ),
    (frozenset({"RequestTimeTooSkewed", "SignatureDoesNotMatch", "RequestExpired"}), "collect.clock"),
    (
        frozenset(
            {
                "ConnectTimeoutError",
                "ConnectionClosedError",
                "ConnectionError",
                "EndpointConnectionError",
                "HTTPClientError",
                "ProxyConnectionError",
                "ReadTimeoutError",
                "SSLError",
            }
        ),
        "collect.cannot-connect",
    ),
)


def _keep_first_answer(params: dict[str, Any], **_: object) -> None:
    """Stop botocore from following a bucket to its Region: the first answer is the evidence."""
    params.setdefault("context", {}).setdefault("s3_redirect", {})["redirected"] = True


def _without_account_host(params: dict[str, Any], **_: object) -> None:
    """Leave the account out of the host name, which no endpoint of the user's can be expected to resolve."""
    params["url"] = re.sub(r"(?<=//)\d{12}\.", "", str(params.get("url", "")))


@lru_cache(maxsize=1)
def _loader() -> "Loader":
    """Return the one data loader of all sessions (a new one for each costs 40 MB and half a second)."""
    from botocore.loaders import Loader

    return Loader(include_default_search_paths=True)


def _session(**arguments: str | None) -> "boto3.Session":
    import boto3
    from botocore.session import Session

    core = Session()
    core.register_component("data_loader", _loader())
    region, profile = arguments.pop("region", None), arguments.pop("profile", None)
    return boto3.Session(botocore_session=core, region_name=region, profile_name=profile, **arguments)


def _assume(
    session: "boto3.Session", options: SessionOptions, ask: Callable[[str], str] | None = None
) -> "boto3.Session":
    """Return a session of the role, for one hour at most: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html."""
    sts = Clients(session, options).get("sts", options.region or session.region_name or "us-east-1")
    request = {"RoleArn": options.role_arn, "RoleSessionName": options.session_name or "gatepath"}
    if options.external_id is not None:
        request["ExternalId"] = options.external_id
    if options.mfa_serial is not None:
        request["SerialNumber"] = options.mfa_serial
        request["TokenCode"] = (ask or _ask_token)(options.mfa_serial)
    keys = sts.assume_role(**request)["Credentials"]  # type: ignore[attr-defined] # made from the service model
    return _session(
        region=options.region or session.region_name,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )


def _ask_token(serial: str) -> str:
    import getpass

    return getpass.getpass(f"MFA {serial}: ")
