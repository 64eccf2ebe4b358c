"""SDK families: programs that share rules for host names, Regions and proxies."""

from collections.abc import Mapping
from enum import StrEnum


class Sdk(StrEnum):
    """A family of clients whose rules are known, or `OTHER`."""

    PYTHON = "python"
    """botocore, boto3, AWS CLI version 1."""
    CLI = "cli"
    """AWS CLI version 2: botocore's rules except where its own documentation says otherwise."""
    CURL = "curl"
    GO = "go"
    JAVA = "java"
    JAVASCRIPT = "javascript"
    OTHER = "other"


DEFAULT_SDK = "botocore"

_NAMES = {
    Sdk.PYTHON: ("botocore", "boto3", "boto", "python", "aws-cli-v1", "awscli-v1", "aws-cli-1", "awscli"),
    Sdk.CLI: ("aws-cli", "cli", "aws", "aws-cli-v2", "awscli-v2", "aws-cli-2"),
    Sdk.CURL: ("curl", "libcurl"),
    Sdk.GO: ("go", "golang", "aws-sdk-go", "aws-sdk-go-v2", "go-v2"),
    Sdk.JAVA: ("java", "aws-sdk-java", "aws-sdk-java-v2", "java-v2", "aws-sdk-java-2.x"),
    Sdk.JAVASCRIPT: (
        "javascript",
        "js",
        "node",
        "nodejs",
        "node.js",
        "aws-sdk-js",
        "aws-sdk-js-v3",
        "javascript-v3",
        "js-v3",
    ),
}


def family(sdk: str | None) -> Sdk:
    """Return the family of an SDK as users name it (`boto3`, `aws-cli/2.15.0`); None is botocore."""
    text = (sdk or DEFAULT_SDK).strip().lower().replace(" ", "-").replace("_", "-")
    name, _, version = text.partition("/")
    if name in {"aws-cli", "awscli"} and version:
        return Sdk.PYTHON if version.startswith("1") else Sdk.CLI
    return next((kind for kind, names in _NAMES.items() if name in names), Sdk.OTHER)


def environment(env: Mapping[str, str] | None, name: str) -> str:
    """Return an `AWS_…` variable, empty if unset. On Windows names differ in case; elsewhere one exists."""
    if env is None:
        return ""
    if name in env:
        return env[name]
    return next((value for key, value in env.items() if key.upper() == name), "")


def is_on(env: Mapping[str, str] | None, name: str) -> bool:
    """Tell whether a boolean variable is set to true."""
    return environment(env, name).strip().lower() == "true"
