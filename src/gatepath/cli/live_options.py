"""The AWS options that every command which talks to AWS takes, with the AWS CLI's names."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from gatepath.cli.errors import CliError
from gatepath.cli.texts import help_text
from gatepath.collect.session import SessionOptions
from gatepath.model.told import told

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


_URL = re.compile(r"https?://[^\s/]+(/\S*)?")
_ROLE = re.compile(r"arn:[a-z0-9-]+:iam::\d{12}:role/\S+")
_REGION = re.compile(r"[a-z]{2,5}(-[a-z]+)+-\d{1,2}")
_FORMS = {
    "region": (_REGION, "collect.bad-region-option"),
    "role_arn": (_ROLE, "collect.bad-role-option"),
    "endpoint_url": (_URL, "collect.bad-url-option"),
}


def is_region(text: str) -> bool:
    """Tell whether a word has the form of a Region's name."""
    return _REGION.fullmatch(text) is not None


def session_options(values: dict[str, object]) -> SessionOptions:
    """Take the AWS options out of a command's keywords; raises `CliError` for what can't be used."""
    taken = {name: values.pop(name, None) for name in NAMES}
    verify = not taken.pop("no_verify_ssl")
    given = {name: value for name, value in taken.items() if isinstance(value, str)}
    for flag, name in _OPTIONS:
        value = given.get(name)
        if value is not None and name in _FORMS and not _FORMS[name][0].fullmatch(value):
            raise CliError(_FORMS[name][1], name=flag, value=value)
    bundle = given.get("ca_bundle")
    if bundle is not None and not Path(bundle).exists():
        raise CliError("cli.cannot-read", place=bundle, detail=told("system.no-such-file"))
    return SessionOptions(**given, verify_ssl=verify)
