"""The keys of a request that follow from who asks for what; reading of given ones.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from collections.abc import Mapping

from gatepath.engine.iam.logic import UNKNOWN, Context, Value
from gatepath.engine.iam.principals import Kind, Who, role_arn
from gatepath.model.naming import Arn

UNKNOWN_VALUE = {"$unknown": True}
_TYPES = {
    Kind.USER: "User",
    Kind.ROLE: "AssumedRole",
    Kind.SESSION: "AssumedRole",
    Kind.FEDERATED: "FederatedUser",
    Kind.ROOT: "Account",
    Kind.ANONYMOUS: "Anonymous",
}
_TEXTS = frozenset({str})
_LISTS = (list, tuple)
_S3 = frozenset({"s3", "s3express", "s3-object-lambda", "s3-outposts"})


class ContextError(ValueError):
    """A context that can't be read: `code` and the key at fault."""

    def __init__(self, code: str, key: str) -> None:
        """Take the message code and the key."""
        super().__init__(f"{key}: {code}")
        self.code = code
        self.key = key


def read_context(given: Mapping[str, object]) -> Context:
    """Return given keys in lower case: a list is multi-valued, numbers and booleans are their text.

    Raises `ContextError` for two keys that differ only in case and for a value of another shape.
    """
    made: Context = {}
    for key, value in given.items():
        made[key.lower()] = value if value.__class__ is str else _value(key, value)
    if len(made) < len(given):
        raise ContextError("iam.key-twice", _twice(given))
    return made


def _twice(given: Mapping[str, object]) -> str:
    seen: set[str] = set()
    return next(key for key in given if key.lower() in seen or seen.add(key.lower()))  # type: ignore[func-returns-value]


def _value(key: str, value: object) -> Value:
    if value is None:
        return ()  # a key that is given as null is not in the request, also where it would follow
    if isinstance(value, _LISTS):
        if set(map(type, value)) <= _TEXTS:
            return tuple(value)
        return tuple(_text(key, item) for item in value)
    if isinstance(value, Mapping):
        if value == UNKNOWN_VALUE:
            return UNKNOWN
        raise ContextError("iam.bad-context-value", key)
    return _text(key, value)


def _text(key: str, value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise ContextError("iam.bad-context-value", key)


def fill(context: Context, caller: Who, action: str, resource: str, resource_account: str | None) -> None:
    """Add the keys that follow from principal and resource, where they are not given.

    Clock and network keys are never filled in.
    """
    for key, value in caller_keys(caller).items():
        context.setdefault(key, value)
    fill_resource(context, action, resource, resource_account)


def caller_keys(caller: Who) -> Context:
    """Return the keys that follow from who asks.

    `aws:PrincipalArn` of a session is its role's ARN. Principal keys of a stranger are not known; anonymous
    requests have none but the kind.
    """
    made: Context = {}
    kind = caller.kind
    if kind is Kind.STRANGER:
        for key in ("aws:principalarn", "aws:principalaccount", "aws:principaltype", "aws:userid"):
            made[key] = UNKNOWN
    elif kind is Kind.SERVICE:
        made["aws:principalisawsservice"] = "true"
        made["aws:principalservicename"] = caller.arn
    else:
        made["aws:principaltype"] = _TYPES[kind]
    if kind is not Kind.SERVICE:
        made["aws:principalisawsservice"] = "false"
    if caller.account is not None:
        made["aws:principalaccount"] = caller.account
        made["aws:principalarn"] = role_arn(caller) if kind is Kind.SESSION else caller.arn
        _identifiers(made, caller)
    return made


def _identifiers(context: Context, caller: Who) -> None:
    if caller.kind is Kind.USER:
        context.setdefault("aws:username", caller.name)
    elif caller.kind is Kind.ROOT and caller.account:
        context.setdefault("aws:userid", caller.account)
    elif caller.kind is Kind.FEDERATED:
        context.setdefault("aws:userid", f"{caller.account}:{caller.name}")


def fill_resource(context: Context, action: str, resource: str, account: str | None) -> None:
    """Add the keys that follow from what is asked for, where they are not given."""
    if resource == "*":
        return
    prefix = action.partition(":")[0]
    value: Value = UNKNOWN if account is None else account
    context.setdefault("aws:resourceaccount", value)
    if prefix in _S3:
        context.setdefault("s3:resourceaccount", value)
        if ":accesspoint/" in resource:
            _fill_access_point(context, resource)


def _fill_access_point(context: Context, resource: str) -> None:
    """Add the access point's own keys: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html."""
    arn = Arn.parse(resource)
    if arn is None:
        return
    name = "/".join(arn.resource.split("/")[:2])
    context.setdefault(
        "s3:dataaccesspointarn", f"arn:{arn.partition}:{arn.service}:{arn.region}:{arn.account}:{name}"
    )
    context.setdefault("s3:dataaccesspointaccount", arn.account)
