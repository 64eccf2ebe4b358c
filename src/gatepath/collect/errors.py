"""`CollectError`: AWS or the network failed in a way that leaves nothing to work with (exit code 4)."""

from collections.abc import Mapping
from types import MappingProxyType

EXIT_CODE = 4
"""The exit code of a command that ends in a `CollectError`."""


class CollectError(Exception):
    """A failure with a message code of `messages/collect.toml` and its named arguments."""

    def __init__(self, code: str, **arguments: str) -> None:
        super().__init__(code, arguments)
        self.code = code
        self.arguments: Mapping[str, str] = MappingProxyType(arguments)
