"""`gatepath completion`: the script a shell evaluates."""

import click
from click.shell_completion import get_completion_class

from gatepath.cli.output import put
from gatepath.cli.texts import help_text


@click.command(name="completion", help=help_text("help.command.completion"))
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script."""
    made = get_completion_class(shell)
    if made is not None:
        script = made(context.find_root().command, {}, "gatepath", "_GATEPATH_COMPLETE")
        put(script.source_template % script.source_vars())
