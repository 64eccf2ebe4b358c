"""`gatepath policy blocks` and `only-via`: what an endpoint policy refuses; what is allowed through an endpoint."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from gatepath.cli.errors import UNKNOWN, USAGE, CliError
from gatepath.cli.output import columns, is_unicode, put, spoken, wants_colour
from gatepath.cli.policy_files import policy_file
from gatepath.cli.question_words import condition_keys, principal_row, source_row
from gatepath.cli.texts import asked_language, help_text
from gatepath.messages.catalogue import render
from gatepath.model.question import Question, QuestionError, parse_question

if TYPE_CHECKING:
    from gatepath.engine.iam.principals import Who
    from gatepath.model.policies import PolicyText
    from gatepath.model.world import World
    from gatepath.policy.asked import Asked
    from gatepath.rights.answers import PolicyAnswer
    from gatepath.rights.posed import Given, Posed, PoseError

Command = TypeVar("Command", bound=Callable[..., object])
SERVICES = ("s3", "dynamodb")
_OPTIONS = {"source": "--from", "principal": "--as"}
_FILE = click.Path(path_type=Path)


def output_options(command: Command) -> Command:
    """Add the options that say where an answer goes."""
    added = (
        click.option(
            "--output",
            type=click.Choice(["text", "json"]),
            default="text",
            help=help_text("help.option.output"),
        ),
        click.option("--out", type=_FILE, metavar="FILE", help=help_text("help.option.out")),
    )
    for option in reversed(added):
        command = option(command)
    return command


def _options(command: Command) -> Command:
    added = (
        click.argument("snapshot", required=False, type=_FILE),
        click.option("--from", "sender", metavar="WHO", help=help_text("help.policy.option.from")),
        click.option("--as", "principal", metavar="WHO", help=help_text("help.policy.option.as")),
        click.option("--endpoint", metavar="ID", help=help_text("help.policy.option.endpoint")),
        click.option("--service", type=click.Choice(SERVICES), help=help_text("help.policy.option.service")),
        click.option(
            "--endpoint-policy", metavar="FILE", help=help_text("help.policy.option.endpoint-policy")
        ),
        click.option(
            "--identity-policy",
            multiple=True,
            metavar="FILE",
            help=help_text("help.policy.option.identity-policy"),
        ),
        click.option(
            "--bucket-policy",
            multiple=True,
            metavar="NAME=FILE",
            help=help_text("help.policy.option.bucket-policy"),
        ),
        click.option("--resource-account", metavar="ACCOUNT", help=help_text("help.option.resource-account")),
        click.option("--context", multiple=True, metavar="KEY=VALUE", help=help_text("help.option.context")),
    )
    command = output_options(command)
    for option in reversed(added):
        command = option(command)
    return command


@click.command(name="blocks", help=help_text("help.policy.blocks"))
@_options
@click.pass_context
def blocks(
    context: click.Context, /, *, snapshot: Path | None, output: str, out: Path | None, **values: object
) -> int:
    """Answer; exit 0 if all is decided, else 3."""
    return _answer(context, "blocks", snapshot, values, output, out)


@click.command(name="only-via", help=help_text("help.policy.only-via"))
@_options
@click.pass_context
def only_via(
    context: click.Context, /, *, snapshot: Path | None, output: str, out: Path | None, **values: object
) -> int:
    """Answer; exit 0 if all is decided, else 3."""
    return _answer(context, "only-via", snapshot, values, output, out)


def _answer(
    context: click.Context,
    kind: str,
    snapshot: Path | None,
    values: dict[str, object],
    output: str,
    out: Path | None,
) -> int:
    from gatepath.model.world import World
    from gatepath.policy.asked import Asked, Kind
    from gatepath.rights.answers import answer_blocks, answer_only_via
    from gatepath.snapshot.load import load_file

    language = asked_language(context)
    if snapshot is None:
        _enough(kind, values)
    world = World() if snapshot is None else load_file(snapshot).world
    posed = _posed(_given(values, language), world, alone=snapshot is None, language=language)
    found = (answer_blocks if kind == Kind.BLOCKS else answer_only_via)(posed, world)
    asked = Asked(
        kind=Kind(kind),
        principal=posed.caller.arn or "anonymous",
        endpoint=posed.endpoint.id if posed.endpoint is not None else str(values["endpoint"] or ""),
        services=(posed.service,),
    )
    return tell_answer(asked, found, language, output, out)


def tell_answer(asked: "Asked", found: "PolicyAnswer", language: str, output: str, out: Path | None) -> int:
    """Write an answer in the form asked for and return the exit code."""
    if output == "json":
        from gatepath.policy.rows import policy_json

        put(json.dumps(policy_json(asked, found, language), ensure_ascii=False, indent=1) + "\n", out)
    else:
        from gatepath.policy.render import render_policy_answer
        from gatepath.report.layout import ASCII, UNICODE, Style

        style = Style()
        if out is None:
            glyphs = UNICODE if is_unicode() else ASCII
            style = Style(width=columns(), colour=wants_colour(), glyphs=glyphs)
            language = spoken(language)
        put(render_policy_answer(asked, found, language, style), out)
    return 0 if found.decided else UNKNOWN


def _enough(kind: str, values: dict[str, object]) -> None:
    """Raise `CliError` where there is neither a recording nor enough in files."""
    if values["sender"] is not None or values["principal"] is None:
        raise CliError("policy.nothing-given")
    if kind == "blocks" and values["endpoint_policy"] is None:
        raise CliError("policy.nothing-given")
    if kind == "only-via" and values["endpoint"] is None:
        raise CliError("policy.needs-endpoint-id")


def _given(values: dict[str, object], language: str) -> "Given":
    from gatepath.rights.posed import Given

    endpoint_policy, identity = values["endpoint_policy"], _texts(values["identity_policy"])
    service = _text(values["service"])
    principal, sender = _text(values["principal"]), _text(values["sender"])
    caller = None if principal is None else caller_of(principal)
    context = condition_keys(_texts(values["context"])) or {}
    row: dict[str, object] = {
        "source": source_row(sender) or {"external": "anywhere"},
        "service": service or "s3",
        "context": context,
        "principal": None if principal is None else principal_row(principal),
        "resource_account": values["resource_account"],
    }
    question = _question({key: value for key, value in row.items() if value is not None}, language)
    return Given(
        caller=caller,
        service=service,
        question=None if sender is None else question,
        endpoint=_text(values["endpoint"]),
        endpoint_policy=None if endpoint_policy is None else _policy(str(endpoint_policy), language),
        identity=tuple(_policy(place, language) for place in identity) or None,
        resources=dict(_resource(text, language) for text in _texts(values["bucket_policy"])),
        context=context,
        resource_account=_text(values["resource_account"]),
    )


def _question(row: dict[str, object], language: str) -> Question:
    """Return the question as far as options make one; raises `CliError` with the option that is wrong."""
    try:
        return parse_question(row)
    except QuestionError as error:
        name = error.path.partition(".")[0]
        place = _OPTIONS.get(name, f"--{name.replace('_', '-')}")
        problem = render(error.code, error.arguments, language)
        raise CliError("cli.question-error", place=place, problem=problem) from error


def caller_of(text: str) -> "Who":
    """Return the principal that a word names; raises `CliError`."""
    from gatepath.engine.iam.principals import who

    found = who(text)
    if found is None:
        raise CliError("policy.bad-principal", value=text)
    return found


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _texts(value: object) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _policy(place: str, language: str) -> "PolicyText":
    from gatepath.model.policies import PolicyText

    return PolicyText(text=json.dumps(policy_file(place, language)), name=place)


def _resource(text: str, language: str) -> "tuple[str, PolicyText]":
    """Return the ARN and the policy of `NAME=FILE`."""
    from gatepath.rights.named_resources import whole_arn

    name, equals, place = text.partition("=")
    arn = name if name.startswith("arn:") else f"arn:aws:s3:::{name}"
    whole = whole_arn(arn, "dynamodb" if ":dynamodb:" in arn else "s3")
    if not equals or not place or whole is None:
        raise CliError("policy.bad-resource-policy", value=text)
    return whole, _policy(place, language)


def _posed(given: "Given", world: "World", *, alone: bool, language: str) -> "Posed":
    from gatepath.rights.posed import PoseError
    from gatepath.rights.posing import pose

    try:
        return pose(given, world, alone=alone)
    except PoseError as error:
        raise _fault(error, language) from error


def _fault(error: "PoseError", language: str) -> CliError:
    """Return what is wrong: 3 where evidence is missing, else 2."""
    words = dict(error.arguments)
    if error.unsettled is None:
        return CliError(error.code, exit_code=USAGE, **words)
    from gatepath.report.parts import points_of

    words["settle"] = points_of((error.unsettled,), language)[0].settle_with
    return CliError(error.code, exit_code=UNKNOWN, **words)
