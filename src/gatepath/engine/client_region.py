"""Which Region a client works in, by each SDK's own order.

Sources: https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html and
https://github.com/boto/botocore (which reads `AWS_DEFAULT_REGION` only)
"""

from collections.abc import Mapping

from gatepath.engine.hostnames import classify
from gatepath.engine.sdks import DEFAULT_SDK, Sdk, environment, family
from gatepath.model.question import Question
from gatepath.trace import Assumption

_VARIABLES = {
    Sdk.PYTHON: ("AWS_DEFAULT_REGION",),
    Sdk.CLI: ("AWS_REGION", "AWS_DEFAULT_REGION"),
    Sdk.CURL: (),
}


def client_region(
    question: Question, env: Mapping[str, str] | None, sdk: str | None, source_region: str
) -> tuple[str | None, tuple[Assumption, ...]]:
    """Return the client's Region and what was assumed to get it.

    The question's own word counts as the client's explicit setting, then the Region in the host name, then
    the SDK's variables; else the source's Region is assumed (its profile isn't recorded). None = no Region.
    """
    client = question.client
    if client.region is not None:
        return client.region, ()
    if client.hostname is not None and (named := classify(client.hostname, question.service).region):
        return named, ()
    variables = _VARIABLES.get(family(sdk), ("AWS_REGION",))
    for variable in variables:
        if value := environment(env, variable):
            return value, ()
    assumed = [Assumption(code="assumption.client-region", arguments=(("region", source_region),))]
    assumed += [
        Assumption(
            code="assumption.region-variable-ignored",
            arguments=(("variable", variable), ("value", value), ("sdk", sdk or DEFAULT_SDK)),
        )
        for variable in ("AWS_DEFAULT_REGION", "AWS_REGION")
        if (value := environment(env, variable))
    ]
    return source_region or None, tuple(assumed)
