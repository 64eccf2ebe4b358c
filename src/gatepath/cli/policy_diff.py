"""`gatepath policy diff`: two policies of a kind, and the requests they answer differently."""

from pathlib import Path

import click

from gatepath.cli.policy_files import policy_file
from gatepath.cli.policy_questions import SERVICES, caller_of, output_options, tell_answer
from gatepath.cli.texts import asked_language, help_text

_KINDS = ("endpoint", "identity", "resource", "scp", "rcp")


@click.command(name="diff", help=help_text("help.policy.diff"))
@click.argument("old")
@click.argument("new")
@click.option(
    "--kind", type=click.Choice(_KINDS), default=_KINDS[0], help=help_text("help.policy.option.kind")
)
@click.option("--as", "principal", metavar="WHO", help=help_text("help.policy.option.as"))
@click.option("--service", type=click.Choice(SERVICES), help=help_text("help.policy.option.diff-service"))
@output_options
@click.pass_context
def diff(
    context: click.Context,
    /,
    *,
    old: str,
    new: str,
    kind: str,
    principal: str | None,
    service: str | None,
    output: str,
    out: Path | None,
) -> int:
    """Answer; exit 0 if all is decided (whether they differ or not), else 3."""
    from gatepath.policy.asked import Asked, Kind
    from gatepath.rights.differences import Compared, compare, services_of

    language = asked_language(context)
    documents = tuple(policy_file(place, language) for place in (old, new))
    caller = None if principal is None else caller_of(principal)
    services = (service,) if service is not None else services_of(documents)
    found = compare(Compared(old=documents[0], new=documents[1], kind=kind, services=services, caller=caller))
    asked = Asked(
        kind=Kind.DIFF,
        principal=principal or "",
        services=services,
        policy_kind=kind,
        names=(old, new),
    )
    return tell_answer(asked, found, language, output, out)
