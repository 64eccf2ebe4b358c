"""The commands that ask precisely, and the question, filled in with what a text says."""

import json
import shlex

from gatepath.engine.hostnames import classify
from gatepath.model.naming import Arn, partition
from gatepath.why.fields import s3_operations
from gatepath.why.kinds import Kind, Next
from gatepath.why.reading import Problem

SERVICES = frozenset({"s3", "dynamodb", "s3express"})
SNAPSHOT, SOURCE, TARGET = "SNAPSHOT", "SOURCE", "TARGET"
"""Stand in a command for what no text tells."""
_NEEDS = {Kind.IMAGE_PULL: "ecr", Kind.PACKAGES: "amazon-linux-2023", Kind.TASK_START: "ecr", Kind.STS: "sts"}
_AMAZON_LINUX_2 = "amazonlinux-2"
Row = dict[str, object]


def question_row(problem: Problem) -> Row:
    """Return what a text says, in the question's JSON form; nothing for services other than S3 and DynamoDB."""
    service = problem.says("service")
    if service not in SERVICES:
        return {}
    host = problem.says("host")
    own = host if host and classify(host).service == service else None
    client = {"hostname": own, "region": _client_region(problem)}
    principal = problem.says("principal")
    row: Row = {
        "service": service,
        "resource": _resource(problem),
        "action": action_of(problem),
        "principal": {"arn": principal} if principal and Arn.parse(principal) else None,
        "client": {name: value for name, value in client.items() if value} or None,
    }
    return {name: value for name, value in row.items() if value}


def action_of(problem: Problem) -> str | None:
    """Return the action, or the operation as one."""
    action, operation = problem.says("action"), problem.says("operation")
    if action or not operation or problem.says("service") not in SERVICES:
        return action
    if problem.says("service") == "s3" and operation not in s3_operations():
        return None
    return f"{problem.says('service')}:{operation}"


def _client_region(problem: Problem) -> str | None:
    return problem.says("region") if problem.kind is Kind.REDIRECT else None


def _resource(problem: Problem) -> str | None:
    resource, bucket = problem.says("resource"), problem.says("bucket")
    if resource and Arn.parse(resource) is not None:
        return resource
    if not bucket:
        return None
    return f"arn:{partition(problem.says('region') or '')}:s3:::{bucket}"


def commands(problem: Problem) -> tuple[str, ...]:
    """Return the command lines to ask with; words in capitals are for the reader to fill in."""
    made = []
    if problem.says("service") in SERVICES or problem.kind not in {Kind.GLUE, Kind.THROTTLED}:
        made.append(_diagnose(problem))
    line = authorize_line(problem)
    if line is not None and problem.row.family == "denial":
        made.append(
            f"printf '%s\\n' {shlex.quote(json.dumps(line, ensure_ascii=False))}"
            f" | gatepath authorize --requests - --snapshot {SNAPSHOT} --explain"
        )
    return tuple(made)


def authorize_line(problem: Problem) -> Row | None:
    """Return the request as a line of `gatepath authorize`, if the text says enough."""
    names = ("principal", "action", "resource")
    found = {name: problem.says(name) for name in names}
    return {"request": found} if all(found.values()) else None


def _diagnose(problem: Problem) -> str:
    row = question_row(problem)
    subnet = problem.says("subnet")
    target = row.get("resource") or problem.says("host") if row else None
    words = [
        "gatepath",
        "diagnose",
        SNAPSHOT,
        "--from",
        subnet or SOURCE,
        "--to",
        str(target or row.get("service") or TARGET),
    ]
    if row.get("action"):
        words += ["--action", str(row["action"])]
    if problem.says("principal") and row:
        words += ["--as", str(problem.says("principal"))]
    if Next.NEEDS in problem.next or problem.kind is Kind.STS:
        need = _NEEDS.get(problem.kind, "auto")
        old = _AMAZON_LINUX_2 in (problem.says("host") or "") + (problem.says("bucket") or "")
        words += ["--needs", "amazon-linux-2" if problem.kind is Kind.PACKAGES and old else need]
    if problem.row.family == "connect" and problem.kind is not Kind.STS:
        words += ["--only", "network"]
    return shlex.join(words)
