"""The table of needed calls: collector, `policy self`, page joining and gap texts are generated from it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class NeededCall:
    """One AWS read call. The fields are those of `calls.toml`."""

    service: str
    operation: str
    group: str
    actions: tuple[str, ...] = ()
    page_inputs: tuple[str, ...] = ()
    page_tokens: tuple[str, ...] = ()
    page_more: str | None = None
    result_keys: tuple[str, ...] = ()
    vpc_filter: str | None = None
    id_inputs: tuple[str, ...] = ()
    none_errors: tuple[str, ...] = ()
    not_found_errors: tuple[str, ...] = ()
    is_global: bool = False

    @property
    def name(self) -> str:
        """Return `service.Operation`."""
        return f"{self.service}.{self.operation}"


@cache
def calls() -> Mapping[str, NeededCall]:
    """Return the table by `service.Operation`."""
    text = (files("gatepath.snapshot") / "calls.toml").read_text(encoding="utf-8")
    return MappingProxyType({name: _call(name, row) for name, row in tomllib.loads(text).items()})


def _call(name: str, row: dict[str, object]) -> NeededCall:
    service, _, operation = name.partition(".")
    fields = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    fields["is_global"] = fields.pop("global", False)
    return NeededCall(service=service, operation=operation, **fields)  # type: ignore[arg-type]


CALLS: Mapping[str, NeededCall] = calls()
