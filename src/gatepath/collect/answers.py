"""What has been asked and answered so far: the input of the plan. Half answers are read, never trusted."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gatepath.collect.session import GLOBAL_REGION, GLOBAL_SERVICES

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One read call to make. `arguments` is the request as canonical JSON text (hashable)."""

    region: str
    service: str
    operation: str
    arguments: str = "{}"

    @property
    def name(self) -> str:
        """Return `service.Operation`."""
        return f"{self.service}.{self.operation}"

    @property
    def request(self) -> dict[str, object]:
        """Return the request as botocore takes it."""
        request: dict[str, object] = json.loads(self.arguments)
        return request


def ask(region: str, name: str, /, **request: object) -> ApiCall:
    """Return the call `service.Operation`; global services are asked in `aws-global`."""
    service, _, operation = name.partition(".")
    place = GLOBAL_REGION if service in GLOBAL_SERVICES else region
    return ApiCall(place, service, operation, json.dumps(request, sort_keys=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One page: `response` is empty where the call failed; `headers` only where they are evidence."""

    call: ApiCall
    response: Json
    error: str = ""
    headers: Mapping[str, str] | None = None


class Answers:
    """All answers of one recording, by operation; the last page of a call comes last."""

    def __init__(self) -> None:
        self._asked: set[ApiCall] = set()
        self._pages: dict[str, list[Answer]] = {}

    def add(self, answer: Answer) -> None:
        """Remember one page (or the error) of a call."""
        self._asked.add(answer.call)
        self._pages.setdefault(answer.call.name, []).append(answer)

    def asked(self, call: ApiCall) -> bool:
        """Tell whether the call has been answered, be it with an error."""
        return call in self._asked

    def pages(self, name: str, region: str | None = None) -> Iterator[Answer]:
        """Iterate over the answers of `service.Operation`, errors included."""
        for answer in self._pages.get(name, ()):
            if region is None or answer.call.region == region:
                yield answer

    def rows(self, name: str, key: str, region: str | None = None) -> Iterator[Json]:
        """Iterate over the objects of the list `key` in all answers of `service.Operation`."""
        for answer in self.pages(name, region):
            yield from objects(answer.response.get(key))

    def of(self, call: ApiCall) -> Answer | None:
        """Return the first page of one call."""
        return next((page for page in self._pages.get(call.name, ()) if page.call == call), None)


def objects(value: object) -> Iterator[Json]:
    """Iterate over the objects of what should be a list of objects."""
    if isinstance(value, list):
        for item in value:
            if isinstance(item, Mapping):
                yield item


def part(value: Json, key: str) -> Json:
    """Return the object at `key`, empty if there is none."""
    found = value.get(key)
    return found if isinstance(found, Mapping) else {}


def text(value: Json, key: str) -> str:
    """Return the text at `key`, empty if there is none."""
    found = value.get(key)
    return found if isinstance(found, str) else ""


def texts(value: object) -> tuple[str, ...]:
    """Return the texts of what should be a list of texts."""
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def unique(values: Iterable[str]) -> tuple[str, ...]:
    """Return the non-empty values once each, in order."""
    return tuple(value for value in dict.fromkeys(values) if value)
