"""Making one read call: pages, errors as evidence, nothing that raises for what AWS answers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from gatepath.collect.answers import Answer, ApiCall
from gatepath.collect.errors import CollectError
from gatepath.collect.plain import response_of, utc
from gatepath.collect.session import Clients, aws_error, to_collect_error
from gatepath.model.shown import without_passwords
from gatepath.snapshot.pages import ANSWERS, INCOMPLETE

_MAX_PAGES = 10_000
_GENERIC_RULE: Mapping[str, object] = {"input_token": "NextToken", "output_token": "NextToken"}
_KEPT_HEADERS = ("x-amz-bucket-region",)
NETWORK_FAILURE = "collect.cannot-connect"
Record = dict[str, object]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of an answer: `record` for the snapshot, `answer` for the plan.

    `reason` says why there is none, `failure` is the same where AWS wasn't reached at all.
    """

    record: Record
    answer: Answer
    failure: CollectError | None = None
    reason: CollectError | None = None


def call_pages(clients: Clients, call: ApiCall, account: str) -> Iterator[Page]:
    """Make a call and yield its pages; an error is the last page."""
    request: Record = call.request
    try:
        client = clients.get(call.service, call.region)
        method = getattr(client, _method_name(call.operation))
        rule = clients.pagination(call.service, call.operation) or _GENERIC_RULE
        for _ in range(_MAX_PAGES):
            response = method(**request)
            yield _answered(call, account, request, response)
            tokens = next_tokens(rule, response)
            if not tokens or all(request.get(key) == value for key, value in tokens.items()):
                return
            request = {**call.request, **tokens}
    except Exception as error:  # noqa: BLE001 - whatever one call does, it must not stop the rest
        yield _failed(call, account, request, error)


def next_tokens(rule: Mapping[str, object], response: object) -> Record:
    """Return the inputs that ask for the next page, empty if there is none."""
    if not isinstance(response, Mapping):
        return {}
    more = rule.get("more_results")
    if isinstance(more, str) and not response.get(more):
        return {}
    inputs, outputs = _names(rule.get("input_token")), _names(rule.get("output_token"))
    pairs = zip(inputs, outputs, strict=False)
    return {name: response[key] for name, key in pairs if response.get(key)}


def _names(value: object) -> list[str]:
    return (
        [value]
        if isinstance(value, str)
        else [str(item) for item in value]
        if isinstance(value, list)
        else []
    )


def _method_name(operation: str) -> str:
    from botocore import xform_name

    name: str = xform_name(operation)
    return name


def _record(call: ApiCall, account: str, request: Record) -> Record:
    return {
        "account": account,
        "region": call.region,
        "service": call.service,
        "operation": call.operation,
        "request": request,
    }


def _answered(call: ApiCall, account: str, request: Record, response: object) -> Page:
    body = response_of(call.service, response)
    if fault := _fault(call, body):
        return _half(call, account, request, fault)
    record = _record(call, account, request) | {
        "response": body,
        "at": utc(datetime.now(UTC).replace(microsecond=0)),
    }
    headers = _http(call, response, record)
    return Page(record, Answer(call=call, response=body, headers=headers))


def _fault(call: ApiCall, body: Record) -> str:
    """Return what keeps a body from being an answer of the call, empty if nothing does."""
    if call.name not in ANSWERS:
        return ""
    try:
        msgspec.convert(body, ANSWERS[call.name])
    except (msgspec.ValidationError, RecursionError) as error:
        return str(error)
    return ""


def _half(call: ApiCall, account: str, request: Record, fault: str) -> Page:
    """Return the page of an answer that is none: with it the snapshot could not be read."""
    record = _record(call, account, request) | {
        "error": {"Code": INCOMPLETE, "Message": fault},
        "at": utc(datetime.now(UTC).replace(microsecond=0)),
    }
    reason = CollectError("collect.failed", error=INCOMPLETE, detail=fault)
    return Page(record, Answer(call=call, response={}, error=INCOMPLETE), reason=reason)


def _failed(call: ApiCall, account: str, request: Record, error: Exception) -> Page:
    response, details = getattr(error, "response", None), aws_error(error)
    code = details.get("Code") or type(error).__name__
    message = details.get("Message") or ("" if details else " ".join(str(error).split()))
    record = _record(call, account, request) | {
        "error": {"Code": code, "Message": without_passwords(message)},
        "at": utc(datetime.now(UTC).replace(microsecond=0)),
    }
    headers = _http(call, response, record)
    reason = to_collect_error(error)
    fatal = reason if not details and reason.code != "collect.failed" else None
    return Page(record, Answer(call=call, response={}, error=code, headers=headers), fatal, reason)


def _http(call: ApiCall, response: object, record: Record) -> dict[str, str] | None:
    """Keep what only the HTTP answer tells: HeadBucket's status and the bucket's Region.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
    """
    if call.name != "s3.HeadBucket" or not isinstance(response, Mapping):
        return None
    metadata = response.get("ResponseMetadata")
    if not isinstance(metadata, Mapping) or "HTTPStatusCode" not in metadata:
        return None
    sent = metadata.get("HTTPHeaders") or {}
    headers = {name: str(sent[name]) for name in _KEPT_HEADERS if name in sent}
    record["http"] = {"status": metadata["HTTPStatusCode"], "headers": headers}
    return headers
