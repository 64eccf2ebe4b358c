"""Files as the AWS CLI prints them (`aws ec2 describe-vpcs > vpcs.json`) to calls."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gatepath.model.naming import partition
from gatepath.model.told import Told, of_json, of_system, told
from gatepath.snapshot.awscli_answers import call_of, named_call, request_of, word_of
from gatepath.snapshot.calls import CALLS
from gatepath.snapshot.record import SnapshotError

Call = dict[str, Any]

_REGION = re.compile(r"^[a-z]{2,4}(-[a-z]+)+-\d+$")
_OTHER_FORMS = frozenset({".yaml", ".yml", ".txt", ".text", ".table", ".out", ".csv"})
_REFUSED = re.compile(
    r"An error occurred \((?P<code>[\w.]+)\) when calling the (?P<operation>\w+) operation[^:]*:?\s*(?P<text>.*)",
    re.DOTALL,
)
"""What the CLI prints in place of an answer: https://docs.aws.amazon.com/cli/latest/userguide/cli-chap-troubleshooting.html"""


@dataclass(slots=True)
class Imported:
    """The calls of a folder, and the files that could not be told, each with its reason."""

    calls: list[Call] = field(default_factory=list)
    skipped: list[tuple[str, Told]] = field(default_factory=list)


def import_folder(path: Path, account: str, region: str | None) -> Imported:
    """Return the calls in a file or folder of the AWS CLI's output.

    The Region is the nearest folder named like one, else `region`. The CLI joins pages itself, so a list counts
    as whole unless it carries a token; several files of one list are its pages. Raises `SnapshotError` for a
    file that is no JSON, or that needs a Region and has none.
    """
    made = Imported()
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    known = [file for file in files if file.suffix.lower() == ".json" or file == path]
    if not known:
        raise SnapshotError(str(path), "snapshot.empty", detail=told("snapshot.detail.no-json-file"))
    for file in files:
        if file not in known:
            if file.suffix.lower() in _OTHER_FORMS:
                made.skipped.append((str(file), told("import.other-form")))
            continue
        found = _read(file, path, account, region)
        if isinstance(found, Told):
            made.skipped.append((str(file), found))
        else:
            made.calls.append(found)
    _name_policies(made.calls)
    made.calls = list(_paged(made.calls))
    return made


def _read(file: Path, root: Path, account: str, region: str | None) -> Call | Told:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SnapshotError(str(file), "snapshot.unreadable", detail=of_system(error)) from error
    if not text.strip():
        return told("import.empty")
    if refused := _REFUSED.search(text[:100_000]) if not text.lstrip().startswith(("{", "[")) else None:
        words = {"Code": refused["code"], "Message": " ".join(refused["text"].split())}
        name = _called(refused["operation"], file.stem)
        return told("import.unknown") if name is None else _call(name, {}, file, root, account, region, words)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SnapshotError(str(file), "snapshot.bad-json", detail=of_json(error)) from error
    name = call_of(data, file.stem) if isinstance(data, dict) else None
    return told("import.unknown") if name is None else _call(name, data, file, root, account, region)


def _called(operation: str, stem: str) -> str | None:
    """Return the call of an operation's name; the file's name decides between services."""
    names = [name for name, call in CALLS.items() if call.operation == operation]
    named = named_call(stem)[0]
    return named if named in names else names[0] if names else None


def _call(
    name: str,
    data: Call,
    file: Path,
    root: Path,
    account: str,
    region: str | None,
    error: dict[str, str] | None = None,
) -> Call | Told:
    request = request_of(name, data, file.stem, account)
    if request is None:
        return told("import.needs-name", file=f"{word_of(name)}.NAME.json")
    near = _region_of(file, root) or region
    where = "aws-global" if CALLS[name].is_global else near
    if where is None:
        raise SnapshotError(str(file), "snapshot.no-region")
    if name == "route53.ListHostedZonesByVPC":
        if near is None:
            raise SnapshotError(str(file), "snapshot.no-region")
        request["VPCRegion"] = near
    if name == "dynamodb.GetResourcePolicy" and not request["ResourceArn"].startswith("arn:"):
        table = request["ResourceArn"]
        request["ResourceArn"] = f"arn:{partition(where)}:dynamodb:{where}:{account}:table/{table}"
    service, _, operation = name.partition(".")
    return {
        "account": account,
        "region": where,
        "service": service,
        "operation": operation,
        "request": request,
        **({"response": data} if error is None else {"error": error}),
    }


def _region_of(file: Path, root: Path) -> str | None:
    inside = file.relative_to(root).parts if file.is_relative_to(root) and file != root else file.parts
    return next((part for part in reversed(inside[:-1]) if _REGION.match(part)), None) or (
        root.name if _REGION.match(root.name) else None
    )


def _name_policies(calls: list[Call]) -> None:
    """Give `GetPolicyVersion`, which is asked for by ARN, the ARN of the policy that its file names."""
    arns: dict[str, str] = {}
    for call in calls:
        answer = call.get("response", {})
        rows = (
            [*answer.get("AttachedPolicies", ()), answer["Policy"]]
            if _is_policy(answer)
            else answer.get("AttachedPolicies", ())
        )
        for row in rows:
            arn = row.get("PolicyArn") or row.get("Arn")
            if isinstance(arn, str):
                arns[arn.rpartition("/")[2]] = arn
    for call in calls:
        if call["operation"] == "GetPolicyVersion":
            name = call["request"]["PolicyArn"]
            call["request"]["PolicyArn"] = arns.get(name, name)


def _is_policy(answer: Call) -> bool:
    return isinstance(answer.get("Policy"), dict)


def _paged(calls: list[Call]) -> Iterator[Call]:
    """Yield the calls; several answers of one list become its pages, the one without a token last.

    The CLI's tokens are its own and of one run, so they are replaced. A last page with a token stays cut short.
    """
    groups: dict[str, list[Call]] = {}
    for call in calls:
        name = f"{call['service']}.{call['operation']}"
        request = json.dumps(call["request"], sort_keys=True)
        groups.setdefault(f"{name} {call['region']} {request}", []).append(call)
    for group in groups.values():
        needed = CALLS[f"{group[0]['service']}.{group[0]['operation']}"]
        pages = [call for call in group if "response" in call]
        if len(pages) < 2 or "NextToken" not in needed.page_inputs:  # noqa: PLR2004 - one page is the list
            yield from group
            continue
        pages.sort(key=lambda call: not call["response"].get("NextToken"))
        for number, call in enumerate(pages):
            asked = {"NextToken": f"file {number}"} if number else {}
            last = number + 1 == len(pages)
            more = {} if last else {"NextToken": f"file {number + 1}"}
            yield {**call, "request": {**call["request"], **asked}, "response": {**call["response"], **more}}
