"""`gatepath policy self`: the least rights the tool itself needs."""

import click

from gatepath.cli.output import put
from gatepath.cli.texts import help_text
from gatepath.collect.least_privilege import PolicyFormat, policy_document, render_policy
from gatepath.collect.needed import KINDS, actions_for


@click.command(name="self", help=help_text("help.policy.self"))
@click.option(
    "--format",
    "form",
    type=click.Choice([form.value for form in PolicyFormat]),
    default=PolicyFormat.JSON.value,
    help=help_text("help.collect.option.format"),
)
@click.option(
    "--for", "kinds", type=click.Choice(list(KINDS)), multiple=True, help=help_text("help.collect.option.for")
)
def policy_self(form: str, kinds: tuple[str, ...]) -> None:
    """Print the policy."""
    put(render_policy(policy_document(actions_for(kinds)), PolicyFormat(form)))
