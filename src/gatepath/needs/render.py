"""The answer on needs as text, and as the `needs` key of a diagnosis."""

from collections.abc import Iterator
from types import MappingProxyType

from gatepath.messages.catalogue import finding, render
from gatepath.needs.catalogue import HTTPS, names, need, when_text
from gatepath.needs.results import BucketResult, EndpointTrial, HostResult, NeedResult, NeedsResult
from gatepath.report.layout import Style
from gatepath.report.parts import finding_text, points_of, severity_of
from gatepath.trace import Argument, Finding, PathKind, StepVerdict, Verdict

Row = dict[str, object]
_MARKS = MappingProxyType(
    {
        Verdict.OK: (StepVerdict.PASS, "green"),
        Verdict.BYPASS: (StepVerdict.DIVERT, "yellow"),
        Verdict.INTERMITTENT: (StepVerdict.PARTIAL, "yellow"),
        Verdict.UNKNOWN: (StepVerdict.UNKNOWN, "yellow"),
        Verdict.DENIED: (StepVerdict.BLOCK, "red"),
        Verdict.BLOCKED: (StepVerdict.BLOCK, "red"),
    }
)


def render_needs(result: NeedsResult, language: str = "en", style: Style | None = None) -> str:
    """Return the answer as text, with a line break at its end."""
    page = _Page(language, style or Style())
    return "\n".join(page.lines(result)) + "\n"


def render_catalogue(language: str = "en", style: Style | None = None) -> str:
    """Return the names of all needs with their titles."""
    style = style or Style()
    listed = names()
    width = max(len(name) for name in listed) + 2
    lines = style.wrapped(render("needs.catalogue", {"count": len(listed)}, language), 0)
    for name in listed:
        title = need(name).title
        first, *more = style.wrapped(title[language], 2 + width)
        lines += [f"  {name:<{width}}{first.lstrip()}", *more]
    return "\n".join(lines) + "\n"


class _Page:
    def __init__(self, language: str, style: Style) -> None:
        self.language = language
        self.style = style

    def word(self, code: str, **arguments: object) -> str:
        return render(code, arguments, self.language)

    def lines(self, result: NeedsResult) -> Iterator[str]:
        yield self.style.paint(self.word("needs.label"), "bold")
        reasons = {guess.need: self.word(guess.code, **dict(guess.arguments)) for guess in result.guesses}
        if not result.needs:
            yield from self.style.wrapped(self.word("needs.none"), 2)
        for one in result.needs:
            yield from self.need(one, reasons.get(one.need.name))
        yield from self.additions(result)

    def need(self, one: NeedResult, reason: str | None) -> Iterator[str]:
        verdict = self.word(f"report.verdict.{one.verdict}")
        title = one.need.title[self.language]
        first, *more = self.style.wrapped(f"{one.need.name} ({title}): {verdict}", 2, 4)
        yield self.style.paint(first, "bold")
        yield from more
        if reason is not None:
            yield from self.style.wrapped(self.word("needs.guessed", reason=reason), 4)
        for bucket in one.buckets:
            yield from self.item(bucket.verdict, self.bucket(bucket), bucket.bucket.when)
        for host in one.hosts:
            text = self.word("needs.host", name=host.name, state=self.host_state(host))
            yield from self.item(host.verdict, text, host.host.when)

    def item(self, verdict: Verdict, text: str, when: str | None) -> Iterator[str]:
        if when is not None:
            text = f"{text} ({when_text(when, self.language)})"
        step, colour = _MARKS[verdict]
        mark = self.style.glyphs.steps[step]
        first, *more = self.style.wrapped(f"{mark} {text}", 4, 6)
        yield first.replace(mark, self.style.paint(mark, colour), 1)
        yield from more

    def bucket(self, one: BucketResult) -> str:
        port = one.bucket.port
        code = "needs.bucket" if port == HTTPS else "needs.bucket-port"
        return self.word(code, name=one.name, port=port, state=self.bucket_state(one))

    def bucket_state(self, one: BucketResult) -> str:
        if one.refused_at is not None:
            signer = self.word(f"needs.signer.{one.bucket.signed_by}")
            return self.word("needs.state.refused", endpoint=one.refused_at, signer=signer)
        if one.verdict in {Verdict.OK, Verdict.BYPASS}:
            kind, component = _way(one)
            return self.by(kind, component)
        return self.fault(one.verdict, one.because) if one.verdict is not Verdict.UNKNOWN else self.open(one)

    def host_state(self, one: HostResult) -> str:
        if one.verdict is Verdict.OK:
            return self.by(one.way, one.component)
        if one.verdict is Verdict.UNKNOWN:
            return self.open(one)
        details = {} if one.finding is None else dict(one.finding.arguments)
        if off := details.get("private_dns_off"):
            verdict = self.word(f"report.verdict.{one.verdict}")
            return self.word("needs.state.private-dns-off", verdict=verdict, endpoints=off)
        return self.fault(one.verdict, one.because)

    def by(self, kind: PathKind | None, component: str | None) -> str:
        if kind is None:
            return self.word("report.verdict.ok")
        way = self.word(f"report.kind.{kind}")
        return self.word("needs.state.by", way=way, component=component or "")

    def fault(self, verdict: Verdict, because: Finding | None) -> str:
        word = self.word(f"report.verdict.{verdict}")
        if because is None:
            return word
        return f"{word}: {finding_text(because, 'title', self.language)} ({because.component.id})"

    def open(self, one: BucketResult | HostResult) -> str:
        word = self.word("report.verdict.unknown")
        points = points_of(one.unknowns[:1], self.language)
        return f"{word}: {points[0].what}" if points else word

    def additions(self, result: NeedsResult) -> Iterator[str]:
        for mending in result.mendings:
            code = "needs.add" if mending.mends else "needs.add-left"
            yield ""
            label = self.word(code, endpoint=mending.endpoint, left=mending.left)
            yield from self.style.wrapped(label, 2)
            for number, statement in enumerate(mending.statements):
                comma = "," if number + 1 < len(mending.statements) else ""
                yield from (f"    {line}" for line in (statement.text() + comma).splitlines())
            if mending.too_long:
                yield from self.style.wrapped(self.word("needs.too-long"), 2)
        if result.endpoints:
            yield ""
            yield from self.style.wrapped(self.word("needs.create"), 2)
        for trial in result.endpoints:
            yield f"    {trial.service_name}"
            if not trial.verified:
                yield from self.style.wrapped(self.stands_in_way(trial), 6)

    def stands_in_way(self, trial: EndpointTrial) -> str:
        because = trial.because
        if because is None:
            return self.word("needs.not-tried")
        reason = finding_text(because, "title", self.language)
        return self.word("needs.stands-in-way", reason=reason, component=because.component.id)


def _way(one: BucketResult) -> tuple[PathKind | None, str | None]:
    path = next((path for path in one.paths if path.kind is not PathKind.DROPPED), None)
    return (None, None) if path is None else (path.kind, path.component)


def needs_json(result: NeedsResult, language: str = "en") -> Row:
    """Return the answer as JSON values: the key `needs` of `gatepath-diagnosis/1`."""
    return {
        "verdict": result.verdict.value,
        "auto": result.auto,
        "assumed": [
            {
                "need": guess.need,
                "code": guess.code,
                "reason": render(guess.code, guess.arguments, language),
            }
            for guess in result.guesses
        ],
        "items": [_need_row(one, language) for one in result.needs],
        "add_statements": [
            {
                "endpoint": mending.endpoint,
                "statements": [statement.row() for statement in mending.statements],
                "if_needed": [s.sid for s in mending.statements if not s.required],
                "verified": mending.mends,
                "left": list(mending.left),
                "too_long": mending.too_long,
                "policy": mending.policy,
            }
            for mending in result.mendings
        ],
        "add_endpoints": [
            {
                "service_name": trial.service_name,
                "verified": trial.verified,
                "because": _finding_row(trial.because, language),
            }
            for trial in result.endpoints
        ],
    }


def _need_row(one: NeedResult, language: str) -> Row:
    return {
        "need": one.need.name,
        "title": one.need.title[language],
        "source": one.need.source,
        "verdict": one.verdict.value,
        "buckets": [_bucket_row(bucket, language) for bucket in one.buckets],
        "hosts": [_host_row(host, language) for host in one.hosts],
    }


def _bucket_row(one: BucketResult, language: str) -> Row:
    kind, component = _way(one)
    return {
        "bucket": one.name,
        "resources": list(one.resources),
        "actions": list(one.bucket.actions),
        "signed_by": one.bucket.signed_by.value,
        "hostname": one.hostname,
        "port": one.bucket.port,
        "source": one.bucket.source,
        **_common(one, language),
        "name_known": not one.guessed_name,
        "way": None if kind is None else kind.value,
        "component": component,
    }


def _host_row(one: HostResult, language: str) -> Row:
    return {
        "hostname": one.name,
        "port": HTTPS,
        "endpoint_service": one.endpoint_service,
        "source": one.host.source,
        **_common(one, language),
        "way": None if one.way is None else one.way.value,
        "component": one.component,
    }


def _common(one: BucketResult | HostResult, language: str) -> Row:
    when = one.bucket.when if isinstance(one, BucketResult) else one.host.when
    return {
        "required": one.required,
        "when": None if when is None else when_text(when, language),
        "verdict": one.verdict.value,
        "certainty": one.certainty.value,
        "finding": _finding_row(one.finding, language),
        "because": _finding_row(one.because, language),
        "unknowns": [
            {"code": unsettled.code, "what": point.what, "why": point.why, "settle_with": point.settle_with}
            for unsettled, point in zip(one.unknowns, points_of(one.unknowns, language), strict=True)
        ],
    }


def _finding_row(found: Finding | None, language: str) -> Row | None:
    if found is None:
        return None
    return {
        "code": found.code,
        "severity": severity_of(found),
        "certainty": found.certainty.value,
        "component": found.component.id,
        "title": finding_text(found, "title", language),
        "message": finding_text(found, "message", language),
        "remedy": finding_text(found, "remedy", language),
        "arguments": {name: _value(value) for name, value in found.arguments},
        "source": finding(found.code).source,
    }


def _value(value: Argument) -> object:
    return list(value) if isinstance(value, tuple) else value
