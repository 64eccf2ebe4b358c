"""The question as options, `--from i-… --to s3://bucket/key`, or as `--question FILE`; options win."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import click

from gatepath.cli.errors import CliError
from gatepath.cli.question_words import (
    Row,
    condition_keys,
    ports_row,
    principal_row,
    source_row,
    target_row,
    variables,
)
from gatepath.cli.texts import help_text
from gatepath.engine.hostnames import classify
from gatepath.messages.catalogue import render
from gatepath.model.question import Question, QuestionError, parse_question
from gatepath.model.told import of_json, of_system, once, told

Command = TypeVar("Command", bound=Callable[..., object])

_TEXTS = (
    ("--from", "sender", "WHO"),
    ("--to", "target", "WHERE"),
    ("--service", "service", "NAME"),
    ("--action", "action", "ACTION"),
    ("--as", "principal", "WHO"),
    ("--client-region", "client_region", "REGION"),
    ("--sdk", "sdk", "NAME"),
    ("--hostname", "hostname", "NAME"),
    ("--ephemeral-ports", "ephemeral_ports", "LOW-HIGH"),
    ("--operation", "operation", "NAME"),
    ("--copy-source", "copy_source", "ARN"),
    ("--resource-account", "resource_account", "ACCOUNT"),
)
NAMES = (
    *(name for _, name, _ in _TEXTS),
    "question_file",
    "port",
    "ip_version",
    "env",
    "resolves_to",
    "context",
)
_OPTION_OF = {
    "source": "--from",
    "service": "--service",
    "resource": "--to",
    "action": "--action",
    "principal": "--as",
    "region": "--region",
    "operation": "--operation",
    "copy_source": "--copy-source",
    "resource_account": "--resource-account",
    "context": "--context",
    "client.region": "--client-region",
    "client.sdk": "--sdk",
    "client.hostname": "--hostname",
    "client.port": "--port",
    "client.env": "--env",
    "client.ip_version": "--ip-version",
    "client.ephemeral_ports": "--ephemeral-ports",
    "client.resolves_to": "--resolves-to",
}


def question_options(command: Command) -> Command:
    """Add the options; the command takes them as keywords and gives them to `question_of`."""
    added = [
        click.option("--question", "question_file", metavar="FILE", help=help_text("help.option.question")),
        *(
            click.option(flag, name, metavar=metavar, help=help_text(f"help.option.{flag.lstrip('-')}"))
            for flag, name, metavar in _TEXTS
        ),
        click.option("--port", type=int, metavar="PORT", help=help_text("help.option.port")),
        click.option("--env", multiple=True, metavar="NAME=VALUE", help=help_text("help.option.env")),
        click.option("--context", multiple=True, metavar="KEY=VALUE", help=help_text("help.option.context")),
        click.option("--ip-version", type=click.Choice(["4", "6"]), help=help_text("help.option.ip-version")),
        click.option(
            "--resolves-to", multiple=True, metavar="ADDRESS", help=help_text("help.option.resolves-to")
        ),
    ]
    for option in reversed(added):
        command = option(command)
    return command


def question_of(values: dict[str, object], *, region: str | None, language: str) -> Question:
    """Take the options out of a command's keywords and return the question; raises `CliError`."""
    taken = {name: values.pop(name, None) for name in NAMES}
    given = _given(taken, region)
    place = taken["question_file"]
    if place is None and not {"source", "service"} & given.keys():
        raise CliError("cli.no-question")
    row = _merged(question_row(str(place)), given) if place is not None else given
    try:
        return _of_its_host(parse_question(row))
    except QuestionError as error:
        words = render(error.code, error.arguments, language)
        raise CliError("cli.question-error", place=_place(error, given, place), problem=words) from error


def _given(taken: Mapping[str, object], region: str | None) -> Row:
    """Return what the options alone say, in the question's JSON form."""
    client: Row = {
        "region": taken["client_region"],
        "sdk": taken["sdk"],
        "hostname": taken["hostname"],
        "port": taken["port"],
        "ip_version": int(str(taken["ip_version"])) if taken["ip_version"] else None,
        "ephemeral_ports": ports_row(_text(taken["ephemeral_ports"])),
        "env": variables(_texts(taken["env"])),
        "resolves_to": [part for text in _texts(taken["resolves_to"]) for part in text.split(",")] or None,
    }
    row: Row = {
        "source": source_row(_text(taken["sender"])),
        "service": taken["service"],
        "action": taken["action"],
        "principal": principal_row(_text(taken["principal"])),
        "region": region,
        "operation": taken["operation"],
        "copy_source": taken["copy_source"],
        "resource_account": taken["resource_account"],
        "context": condition_keys(_texts(taken["context"])),
        "client": {key: value for key, value in client.items() if value is not None},
    }
    row = {key: value for key, value in row.items() if value}
    near = _text(taken["client_region"]) or region
    return _merged(target_row(_text(taken["target"]), near), row)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _texts(value: object) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _merged(base: object, over: Row) -> Row:
    """Return the file's question with the options put over it, the client's settings one by one."""
    if not isinstance(base, dict):
        return over if base is None else {"": base}
    client = base.get("client")
    made = {**base, **over}
    if isinstance(client, dict) and isinstance(over.get("client"), dict):
        made["client"] = {**client, **over["client"]}  # type: ignore[dict-item] # told by isinstance
    return made


def question_row(place: str) -> Row:
    """Return the JSON object in a file (`-`: standard input); raises `CliError`."""
    try:
        text = _standard_input() if place == "-" else Path(place).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CliError("cli.cannot-read", place=place, detail=of_system(error)) from error
    try:
        found = json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise CliError("cli.bad-json", place=place, detail=of_json(error)) from error
    if not isinstance(found, dict):
        raise CliError("cli.not-an-object", place=place)
    return found


def _standard_input() -> str:
    if sys.stdin is None:
        raise CliError("cli.cannot-read", place="-", detail=told("system.closed"))
    return sys.stdin.read().removeprefix("\ufeff")


def parsed_question(row: Row, place: str, language: str) -> Question:
    """Return the question of a file; raises `CliError` with the place in it."""
    try:
        return _of_its_host(parse_question(row))
    except QuestionError as error:
        words = render(error.code, error.arguments, language)
        raise CliError("cli.question-error", place=_place(error, {}, place), problem=words) from error


def _of_its_host(question: Question) -> Question:
    """Return the question; raises `QuestionError` where the host name is one of another service."""
    name = question.client.hostname
    service = classify(name, question.service).service if name is not None else ""
    if service not in {"", question.service} and {service, question.service} != _ONE_FAMILY:
        words = (("value", name or ""), ("other", "service"), ("other_value", question.service))
        raise QuestionError("client.hostname", "question.contradicts", words)
    return question


_ONE_FAMILY = frozenset({"s3", "s3express"})


def _place(error: QuestionError, given: Row, place: object) -> str:
    """Return the option that is wrong, or the file and the path in it."""
    for path, option in _OPTION_OF.items():
        if error.path == path or error.path.startswith((f"{path}.", f"{path}[")):
            key, _, below = path.partition(".")
            inside = given.get(key)
            mine = key in given and (not below or (isinstance(inside, dict) and below in inside))
            if mine or place is None:
                return "--to" if path == "service" and place is None and not mine else option
    return ": ".join(part for part in (str(place or ""), error.path) if part)
