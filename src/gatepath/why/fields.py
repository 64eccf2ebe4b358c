"""What stands around an error: who, what, where, which request."""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from gatepath.engine.hostnames import classify
from gatepath.model.naming import Arn
from gatepath.why.cleaning import HIDDEN, Text, without_secrets

FIELDS = (
    "principal",
    "action",
    "resource",
    "policy",
    "operation",
    "service",
    "bucket",
    "table",
    "host",
    "region",
    "wanted_region",
    "vpc_endpoint",
    "vpc",
    "subnet",
    "prefix_list",
    "status",
    "seconds",
    "request_id",
    "authorization_id",
)
"""Names of what a text may say, in the order in which they are shown."""
BEFORE, AFTER = 400, 900
_DYNAMODB = frozenset(
    {
        "BatchExecuteStatement",
        "BatchGetItem",
        "BatchWriteItem",
        "DeleteItem",
        "DescribeTable",
        "ExecuteStatement",
        "ExecuteTransaction",
        "GetItem",
        "PutItem",
        "Query",
        "Scan",
        "TransactGetItems",
        "TransactWriteItems",
        "UpdateItem",
    }
)
_ARN = r"arn:aws[a-z-]{0,16}:[a-z0-9-]{1,30}:[a-z0-9-]{0,30}:[a-z0-9]{0,14}:"
_PRINCIPAL = re.compile(rf"user:?[\"']?(?P<principal>{_ARN}[a-z0-9+=,.@_/:-]{{1,600}})[\"']?$")
_ACTION = re.compile(
    r":?[\"']?(?P<action>[a-z0-9-]{1,40}:[a-z0-9*]{1,80}?)[\"']?"
    r"(?P<after>onresources?:?[\"']?|because|withanexplicitdeny|[^a-z0-9*]|$)"
)
_REASON = re.compile(r"[\"']?(?:becauseno|withanexplicitdeny)")
_AWS = r"(?:[A-Za-z0-9_-]{1,63}\.){1,12}(?:amazonaws\.com(?:\.cn)?|api\.aws)(?![A-Za-z0-9-])"
_SUFFIX = re.compile(r"\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$")
_REGION = re.compile(r"[a-z]{2,4}(?:-[a-z]{2,12}){1,3}-[0-9]{1,2}")
_AWS_URL = re.compile(rf"://(?P<host>{_AWS})")
_HOST = re.compile(rf"(?<![A-Za-z0-9._-]){_AWS}")
_URL = re.compile(r"https?://(?P<host>[A-Za-z0-9._-]{1,253}|\[[0-9a-fA-F:]{2,45}\])")
_METADATA = re.compile(r"(?<![0-9.])169\.254\.(?:169\.254|170\.23|170\.2)(?![0-9])|\[?fd00:ec2::254\]?")
_NEAR = {
    "operation": re.compile(
        r"(?:when calling the |operation error [A-Za-z0-9 ]{1,40}: |\"eventName\":[ ]?\")(?P<v>[A-Z][A-Za-z0-9]{2,60})"
    ),
    "request_id": re.compile(
        r"(?i)(?:<RequestId>|x-amzn?-request-?id[\"']?[:=]? ?[\"']?|request[ -]?id[\"']?[:=]? ?[\"']?)(?P<v>[A-Z0-9-]{12,52})(?![A-Za-z0-9])"
    ),
    "authorization_id": re.compile(
        r"(?i)authorization[ -]?id[\"']?[:=]? ?[\"']?(?P<v>[a-z0-9-]{12,80})(?![A-Za-z0-9])"
    ),
    "status": re.compile(
        r"(?i)(?:status(?:[ _]?code)?[\"']?[:=]? ?|HTTP/?[0-9.]{0,3} (?:Error )?|returned error: |\()(?P<v>[345]\d\d)(?!\d)"
    ),
    "vpc_endpoint": re.compile(r"(?P<v>vpce-[0-9a-f]{8,17})(?![0-9a-z])"),
    "uri": re.compile(r"(?P<v>s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/[^\s\"'<>]{0,1024})?)"),
}
Said = dict[str, str]


def sentence(text: Text, place: int) -> tuple[int, int, Said] | None:
    """Return start, end and fields of the sentence around "is not authorized to perform" at `place` of `text.low`."""
    low = text.low
    start, said = place, dict[str, str]()
    head = _PRINCIPAL.search(low, max(0, place - 700), place)
    if head is not None:
        start = head.start()
        said["principal"] = _joined(text, *head.span("principal"))
    after = place + len("isnotauthorizedtoperform")
    found = _ACTION.match(low, after, after + 200)
    if found is None:
        return (start, after, said) if said else None
    closed = found["after"] not in {"", None} and found["after"][:1] not in set(",.;)")
    said["action"] = (
        _joined(text, *found.span("action")) if closed else _first_word(text, *found.span("action"))
    )
    end = found.end("action")
    if found["after"].startswith("onresource"):
        end, value = _resource(text, found.end())
        said["resource"] = value
    return start, end, {name: value for name, value in said.items() if value}


def _resource(text: Text, start: int) -> tuple[int, str]:
    """Return end and value of a resource; between quotes it may hold blanks."""
    low = text.low
    if start and low[start - 1] in "\"'":
        end = low.find(low[start - 1], start, start + 1500)
        if end > 0:
            return end + 1, " ".join(text.cut(start, end).replace("\n", "").split())
    reason = _REASON.search(low, start, start + 1500)
    end = reason.start() if reason is not None else min(start + 1500, len(low))
    value = text.cut(start, end)
    word = re.match(r"(?:[^\s\"'<>,;)]|\n){0,1500}", value)
    taken = (word[0] if reason is not None else word[0].split("\n")[0]) if word is not None else ""
    taken = taken.replace("\n", "").rstrip(".:")
    return start + len(taken), taken


def _joined(text: Text, start: int, end: int) -> str:
    return "".join(text.cut(start, end).split())


def _first_word(text: Text, start: int, end: int) -> str:
    words = text.cut(start, end).split()
    return words[0] if words else ""


def around(text: Text, start: int, end: int, bounds: tuple[int, int]) -> Said:
    """Return what stands around the part `start` to `end` of `text.low`, within `bounds`."""
    first, last = max(bounds[0], start - BEFORE), min(bounds[1], end + AFTER)
    low, high = text.begin(first), text.begin(max(last - 1, 0)) + 1
    window, here = text.plain[low:high], text.begin(start) - low
    said: Said = {}
    for name, regex in _NEAR.items():
        value = _nearest(regex.finditer(window), here)
        if value:
            said[name] = value
    host = host_near(window, here)
    if host:
        said["host"] = host
    uri = said.pop("uri", "")
    if uri:
        said["resource"] = f"arn:aws:s3:::{uri.removeprefix('s3://').rstrip('/.,:;)')}"
    return said


def _nearest(found: Iterator[re.Match[str]], here: int) -> str:
    """Return what is nearest, what follows before what precedes."""
    best = ""
    for match in found:
        if match.start() >= here:
            return match["v"]
        best = match["v"]
    return best


def host_near(window: str, here: int) -> str:
    """Return the host named nearest to a place, in or after it first; one broken by the end of a line too."""
    whole, place = window.replace("\n", ""), here - window.count("\n", 0, here)
    views = ((window, here), (whole, place))
    tries = [(_METADATA, views[:1]), (_AWS_URL, views), (_HOST, views), (_URL, views[:1])]
    for regex, looked_at in tries:
        for view, at in looked_at:
            best = ""
            for found in regex.finditer(view):
                best = found.groupdict().get("host") or found[0]
                if found.start() >= at:
                    break
            if best:
                return best.strip("[]").lower()
    return ""


def until_blank(value: str) -> str:
    """Return the first word, and what a broken line cut off it: only small letters, digits and marks go on."""
    lines = value.split("\n")
    made = lines[0]
    for line in lines[1:]:
        if " " in made or not line or line[0].isupper():
            break
        made += line
    return made.split(" ")[0].rstrip(".,:;")


def completed(said: Said) -> Said:
    """Return the fields with what follows from them: service, bucket, table, Region; secrets hidden."""
    made = {name: hidden for name, value in said.items() if (hidden := without_secrets(value)[:1500])}
    arn = Arn.parse(made.get("resource", ""))
    host = classify(made["host"]) if "host" in made else None
    service = made.get("action", "").partition(":")[0]
    if not service and arn is not None:
        service = arn.service
    if not service and host is not None:
        service = host.service or _service_of_host(host.name)
    if not service:
        service = _service_of(made.get("operation", ""))
    if arn is not None and arn.service == "s3" and not arn.account:
        made["bucket"] = arn.resource.partition("/")[0]
    elif arn is not None and arn.service == "dynamodb" and arn.resource.startswith("table/"):
        made["table"] = arn.resource.split("/")[1]
    elif host is not None and host.bucket:
        made["bucket"] = host.bucket
    region = (arn.region if arn is not None else "") or (host.region if host is not None else None)
    if region and "region" not in made:
        made["region"] = region
    if service:
        made["service"] = service
    return {name: made[name] for name in FIELDS if made.get(name) and made[name] != HIDDEN}


def _service_of_host(name: str) -> str:
    """Return the last part of the name that is no Region, such as `ecr` of `api.ecr.eu-west-1.amazonaws.com`."""
    found = _SUFFIX.search(name)
    labels = name[: found.start()].split(".") if found is not None else []
    while labels and (labels[-1] == "vpce" or _REGION.fullmatch(labels[-1])):
        labels.pop()
    return labels[-1] if labels else ""


def _service_of(operation: str) -> str:
    if operation in _DYNAMODB:
        return "dynamodb"
    return "s3" if operation in s3_operations() else ""


@cache
def s3_operations() -> frozenset[str]:
    """Return the names of S3's API operations."""
    import json

    text = (files("gatepath") / "data/s3_operations.json").read_text(encoding="utf-8")
    return frozenset(json.loads(text)["operations"])
