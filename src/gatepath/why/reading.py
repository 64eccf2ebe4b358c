"""An error text as users paste it, to the errors it tells of."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from gatepath.why.cleaning import Text, clean
from gatepath.why.fields import Said, around, completed, host_near, sentence, until_blank
from gatepath.why.kinds import Excluded, Kind, Layer, Next, Open
from gatepath.why.patterns import IMPLICIT, Pattern, Row, patterns, row

MOST_PROBLEMS = 10
_MOST_MATCHES = 60
_SENTENCE = "isnotauthorizedtoperform"
_WEAK = 2
_NEAR = 40
_GAPS = {"denial": 200, "connect": 4000}
_GAP = 400
_CONNECTING = frozenset(
    {
        Kind.TIMED_OUT,
        Kind.CONNECT_TIMEOUT,
        Kind.READ_TIMEOUT,
        Kind.CONNECTION_FAILED,
        Kind.REFUSED,
        Kind.RESET,
        Kind.UNREACHABLE,
    }
)
_ONE_AT_A_TIME = frozenset({"denial", "connect"})
"""Families of which an error ends where one of another family begins."""
_CONTEXTS = frozenset({"image-pull", "packages", "task-start", "lambda-timeout"})
"""Families that tell what was being done: the names in them belong to the error beside them as well."""
_ABSORBING = frozenset({Kind.PROXY, Kind.PACKAGES, Kind.IMAGE_PULL})
"""Kinds that a mere `403 Forbidden` beside them belongs to."""
_S3 = frozenset({"s3", "s3express"})
_OF_EXPLICIT_DENIALS: frozenset[Open | Next] = frozenset({Open.BLOCK_PUBLIC_ACCESS, Next.BLOCK_PUBLIC_ACCESS})
_OF_S3 = _OF_EXPLICIT_DENIALS | {
    Open.ENDPOINT_POLICY_UNNAMED,
    Open.DIRECTORY_BUCKET,
    Open.MISSING_OBJECT,
    Open.NO_LOGS,
}
_METADATA = ("169.254.", "fd00:ec2::254")
_FORBIDDEN = "403"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One error. `said` holds `fields.FIELDS`, as far as the text has them."""

    kind: Kind
    layer: Layer | None = None
    effect: str | None = None
    """`explicit_deny` or `implicit_deny`."""
    said: tuple[tuple[str, str], ...] = ()
    count: int = 1
    excludes: tuple[Excluded, ...] = ()
    open: tuple[Open, ...] = ()
    next: tuple[Next, ...] = ()

    @property
    def row(self) -> Row:
        """Return what the table says of it."""
        return row(self.kind, self.layer)

    def says(self, name: str) -> str | None:
        """Return one field."""
        return dict(self.said).get(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a text tells, in its order. `left_out`: further errors that are not listed."""

    problems: tuple[Problem, ...] = ()
    left_out: int = 0


@dataclass(slots=True)
class _Part:
    """A stretch of the text that tells of one error."""

    start: int
    end: int
    kind: Kind
    layer: Layer | None = None
    effect: str | None = None
    said: Said = field(default_factory=dict)
    opens: bool = False
    is_sentence: bool = False

    @property
    def row(self) -> Row:
        return row(self.kind, self.layer)


def read(pasted: str) -> Reading:
    """Return the errors in a text; the time it takes is in proportion to its length."""
    text = Text(clean(pasted))
    parts = _joined(text, sorted(_parts(text), key=lambda part: (part.start, -part.end)))
    found: dict[tuple[object, ...], Problem] = {}
    for index, part in enumerate(parts):
        made = _problem(text, part, _bounds(text, parts, index))
        key = (
            made.kind,
            made.layer,
            made.effect,
            tuple(pair for pair in made.said if pair[0] != "request_id"),
        )
        old = found.get(key)
        found[key] = made if old is None else replace(old, count=old.count + 1)
    problems = tuple(found.values())
    return Reading(problems=problems[:MOST_PROBLEMS], left_out=max(0, len(problems) - MOST_PROBLEMS))


def _parts(text: Text) -> Iterator[_Part]:
    low = text.low
    for pattern in patterns():
        yield from islice(_matches(text, low, pattern), _MOST_MATCHES)
    place, count = low.find(_SENTENCE), 0
    while place >= 0 and count < _MOST_MATCHES:
        found = sentence(text, place)
        if found is not None:
            count += 1
            yield _Part(start=found[0], end=found[1], kind=Kind.DENIED, said=found[2], is_sentence=True)
        place = low.find(_SENTENCE, place + 1)


def _matches(text: Text, low: str, pattern: Pattern) -> Iterator[_Part]:
    for found in islice(pattern.regex.finditer(low), _MOST_MATCHES * 4):
        begins, ends = text.whole_words(*found.span())
        if not begins or (not ends and not found.groupdict()):
            continue
        named = {name: text.cut(*found.span(name)) for name, value in found.groupdict().items() if value}
        said = {
            name: until_blank(value) if name == "policy" else "".join(value.split())
            for name, value in named.items()
        }
        yield _Part(
            start=found.start(),
            end=found.end(),
            kind=pattern.kind,
            layer=pattern.layer,
            effect=pattern.effect,
            said=said,
            opens=pattern.opens,
        )


def _joined(text: Text, parts: list[_Part]) -> list[_Part]:
    """Join what tells of one error."""
    made: list[_Part] = []
    last: dict[str, _Part] = {}
    for part in parts:
        family = part.row.family
        if family == "connect" and "host" not in part.said:
            _add_host(text, part)
        old = last.get(family)
        if old is not None and _same(
            text, old, part, interrupted=family in _ONE_AT_A_TIME and made[-1] is not old
        ):
            _join(old, part)
            continue
        host_of = _absorber(made, part)
        if host_of is not None:
            host_of.said.setdefault("status", _FORBIDDEN)
            continue
        made.append(part)
        last[family] = part
    return made


def _add_host(text: Text, part: _Part) -> None:
    """Take the host that follows into the part."""
    begin = text.begin(part.start)
    window = text.plain[begin : begin + 300]
    host = host_near(window, 0)
    if host:
        part.said["host"] = host
        found = window.lower().find(host)
        part.end = max(part.end, text.place(begin + found + len(host)) if found >= 0 else 0)


def _same(text: Text, old: _Part, new: _Part, *, interrupted: bool) -> bool:
    gap = new.start - old.end
    if gap > (_NEAR if interrupted else _GAPS.get(old.row.family, _GAP)):
        return False
    if new.opens or _contradicts(old, new) or (new.is_sentence and _is_over(text, old, new)):
        return False
    if old.kind == new.kind or gap <= _NEAR or min(old.row.weight, new.row.weight) <= _WEAK:
        return True
    return gap <= _GAP and "\n" not in text.plain[text.begin(old.end) : text.begin(new.start)]


def _is_over(text: Text, old: _Part, new: _Part) -> bool:
    """Tell whether an SDK's message ended with a bare "Access Denied" on a line before."""
    ended = old.opens and text.low.endswith("accessdenied", old.start, old.end)
    return ended and "\n" in text.plain[text.begin(old.end - 1) : text.begin(new.start)]


def _contradicts(old: _Part, new: _Part) -> bool:
    """Tell whether two parts can't tell of one error."""
    if any(old.said.get(name, value).lower() != value.lower() for name, value in new.said.items()):
        return True
    if new.is_sentence and (old.is_sentence or old.layer is not None):
        return True
    both = old.layer is not None and new.layer is not None
    return both and (old.layer, old.effect) != (new.layer, new.effect)


def _join(old: _Part, new: _Part) -> None:
    if new.row.weight > old.row.weight:
        old.kind = new.kind
    old.layer, old.effect = old.layer or new.layer, old.effect or new.effect
    old.said = {**new.said, **old.said}
    old.end = max(old.end, new.end)
    old.is_sentence = old.is_sentence or new.is_sentence


def _absorber(made: list[_Part], part: _Part) -> _Part | None:
    """Return the error that a bare 403 belongs to."""
    if part.kind is not Kind.FORBIDDEN or part.opens:
        return None
    near = [old for old in made[-3:] if old.kind in _ABSORBING and part.start - old.end <= _GAP]
    return near[-1] if near else None


def _bounds(text: Text, parts: list[_Part], index: int) -> tuple[int, int]:
    """Return how far what stands around an error can belong to it: up to the errors beside it."""
    before = [part.end for part in parts[:index] if part.row.family not in _CONTEXTS]
    after = [part.start for part in parts[index + 1 :] if part.row.family not in _CONTEXTS]
    return max(before, default=0), min(after, default=len(text.low))


def _problem(text: Text, part: _Part, bounds: tuple[int, int]) -> Problem:
    said = completed({**around(text, part.start, part.end, bounds), **part.said})
    kind = _by_host(part.kind, said.get("host", ""))
    found = row(kind, part.layer)
    excludes, left, following = list(found.excludes), list(found.open), list(found.next)
    if kind in _ABSORBING - {Kind.PROXY} and said.get("status") == _FORBIDDEN:
        excludes.append(Excluded.NETWORK)
    unfit = _unfit(part, said)
    left = [word for word in left if word not in unfit]
    following = [word for word in following if word not in unfit]
    if kind is Kind.ACCESS_DENIED and not _is_of_aws(text, part, said):
        excludes.remove(Excluded.NETWORK)
        left.append(Open.PROXY_ANSWERED)
    if found.family == "connect" and _is_other_service(said):
        left.append(Open.OTHER_SERVICE)
        following.insert(0, Next.INTERFACE_ENDPOINT)
    if said.get("service") == "kms":
        left.append(Open.KEY)
        following.insert(0, Next.KEY)
    if said.get("operation") == "CreateSession" or said.get("service") == "s3express":
        left.append(Open.DIRECTORY_BUCKET)
    return Problem(
        kind=kind,
        layer=part.layer,
        effect=part.effect,
        said=tuple(said.items()),
        excludes=tuple(dict.fromkeys(excludes)),
        open=tuple(dict.fromkeys(left)),
        next=tuple(dict.fromkeys(following)),
    )


def _unfit(part: _Part, said: Said) -> frozenset[Open | Next]:
    """Return what the table says of S3, or of explicit denials, where it is neither."""
    if said.get("service", "s3") not in _S3:
        return _OF_S3
    return _OF_EXPLICIT_DENIALS if part.effect == IMPLICIT else frozenset()


def _is_of_aws(text: Text, part: _Part, said: Said) -> bool:
    """Tell whether it was the service that refused: proxies say "Access Denied" too, but have no such code."""
    return bool(said.keys() & {"operation", "request_id"}) or "AccessDenied" in text.cut(part.start, part.end)


def _by_host(kind: Kind, host: str) -> Kind:
    """Return the kind of a failed connection by what it was to."""
    if kind in _CONNECTING and host.startswith(_METADATA):
        return Kind.IMDS
    if kind in _CONNECTING and (host.startswith(("sts.", "sts-fips.")) or ".sts." in host):
        return Kind.STS
    return kind


def _is_other_service(said: Said) -> bool:
    """Tell whether the host is one of AWS that no gateway endpoint carries."""
    from gatepath.engine.hostnames import Reach, classify

    host = said.get("host", "")
    if not host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws")):
        return False
    return classify(host).reach in {Reach.NO, Reach.OTHER}
