"""The AWS options that every command which talks to AWS takes, with the AWS CLI's names."""

from collections.abc import Callable
from typing import TypeVar

import click

from gatepath.cli.texts import help_text
from gatepath.collect.session import SessionOptions

Command = TypeVar("Command", bound=Callable[..., object])

_OPTIONS = (
    ("--profile", "profile"),
    ("--region", "region"),
    ("--role-arn", "role_arn"),
    ("--external-id", "external_id"),
    ("--session-name", "session_name"),
    ("--mfa-serial", "mfa_serial"),
    ("--endpoint-url", "endpoint_url"),
    ("--ca-bundle", "ca_bundle"),
)
NAMES = (*(name for _, name in _OPTIONS), "no_verify_ssl")


def aws_options(command: Command) -> Command:
    """Add the options; the command takes them as keywords and gives them to `session_options`."""
    command = click.option(
        "--no-verify-ssl", is_flag=True, help=help_text("help.collect.option.no-verify-ssl")
    )(command)
    for flag, name in reversed(_OPTIONS):
        text = help_text(f"help.collect.option.{flag.removeprefix('--')}")
        command = click.option(flag, name, metavar="TEXT", help=text)(command)
    return command


def session_options(values: dict[str, object]) -> SessionOptions:
    """Take the AWS options out of a command's keywords."""
    taken = {name: values.pop(name, None) for name in NAMES}
    verify = not taken.pop("no_verify_ssl")
    return SessionOptions(
        **{name: value for name, value in taken.items() if isinstance(value, str)}, verify_ssl=verify
    )
