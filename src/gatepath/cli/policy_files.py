"""Policies given as files: JSON that AWS would accept, as a document or as the AWS CLI prints it."""

import json
from pathlib import Path

from gatepath.cli.errors import CliError
from gatepath.engine.iam.documents import Problem, decode, parse
from gatepath.messages.catalogue import messages, render
from gatepath.model.told import of_json, of_system

_MOST = 1024 * 1024
_INSIDE = ("Policy", "PolicyDocument", "Document", "PolicyVersion")
"""Keys under which AWS CLI prints a document (`s3api get-bucket-policy`, `iam get-role-policy`, …)."""
_TOLERATED = frozenset({"operator-case"})


def policy_file(place: str, language: str) -> object:
    """Return the document in a file; raises `CliError` with file and place for what AWS would not accept."""
    try:
        text = Path(place).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CliError("cli.cannot-read", place=place, detail=of_system(error)) from error
    if len(text) > _MOST:
        raise CliError("policy.too-long", place=place, most=_MOST)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CliError("cli.bad-json", place=place, detail=of_json(error)) from error
    document = _document(found)
    problem = next((each for each in parse(document).problems if each.code not in _TOLERATED), None)
    if problem is not None:
        raise _malformed(place, problem, language)
    return document


def _document(found: object) -> object:
    """Return the document inside what the AWS CLI prints around it."""
    for _ in _INSIDE:
        found = decode(found)
        if not isinstance(found, dict) or "Statement" in found:
            break
        inner = next((name for name in _INSIDE if name in found), None)
        if inner is None:
            break
        found = found[inner]
    return found


def _malformed(place: str, problem: Problem, language: str) -> CliError:
    code = f"policy.problem.{problem.code}"
    words = render(code, {"detail": problem.detail}, language) if code in messages() else problem.code
    return CliError("policy.malformed", place=place, pointer=problem.pointer or "/", problem=words)
