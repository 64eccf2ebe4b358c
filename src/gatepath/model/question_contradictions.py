"""Questions whose parts don't go together: told at once, for any answer to them would be about something else."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from gatepath.model.naming import Arn
from gatepath.model.question_reading import QuestionError
from gatepath.packets import parse_address

if TYPE_CHECKING:
    from gatepath.model.question import Question

_ACTION = re.compile(r"(?P<service>[A-Za-z0-9-]+):[A-Za-z0-9*?]+")
_ACCOUNT = re.compile(r"\d{12}")
_OF_SERVICE = {
    "s3": frozenset({"s3", "s3-object-lambda", "s3-outposts", "s3express"}),
    "s3express": frozenset({"s3express", "s3"}),
    "dynamodb": frozenset({"dynamodb", "dax"}),
}
"""Prefixes of actions and ARNs that requests to a service may carry:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html"""


def check(question: "Question") -> None:
    """Raise the `QuestionError` of the first contradiction."""
    for error in _contradictions(question):
        raise error


def _contradictions(question: "Question") -> Iterator[QuestionError]:
    yield from _action(question)
    yield from _resource(question)
    client = question.client
    found = [parse_address(text) for text in client.resolves_to or ()]
    versions = {address.version for address in found if address is not None}
    if client.ip_version is not None and versions and client.ip_version not in versions:
        shown = ", ".join(client.resolves_to or ())
        yield _clash("client.resolves_to", shown, "ip_version", str(client.ip_version))


def _action(question: "Question") -> Iterator[QuestionError]:
    if question.action is None or question.action == "*":
        return
    form = _ACTION.fullmatch(question.action)
    if form is None:
        yield QuestionError("action", "question.not-an-action", (("value", question.action),))
    elif form["service"].lower() not in _OF_SERVICE[question.service]:
        yield _clash("action", question.action, "service", question.service)


def _resource(question: "Question") -> Iterator[QuestionError]:
    arn, owner = Arn.parse(question.resource or ""), question.resource_account
    if arn is not None and arn.service not in _OF_SERVICE[question.service]:
        yield _clash("resource", str(arn), "service", question.service)
    if owner is not None and not _ACCOUNT.fullmatch(owner):
        yield QuestionError("resource_account", "question.not-an-account", (("value", owner),))
    elif owner is not None and arn is not None and _ACCOUNT.fullmatch(arn.account) and arn.account != owner:
        yield _clash("resource_account", owner, "resource", str(arn))


def _clash(path: str, value: str, other: str, other_value: str) -> QuestionError:
    arguments = (("value", value), ("other", other), ("other_value", other_value))
    return QuestionError(path, "question.contradicts", arguments)
