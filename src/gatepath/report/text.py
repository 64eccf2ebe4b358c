"""A diagnosis for a terminal."""

from collections.abc import Iterable, Iterator
from types import MappingProxyType

from gatepath.messages.catalogue import finding, render
from gatepath.report.layout import Style
from gatepath.report.parts import finding_text, is_info, open_points, percent, severity_of, summary, whole_of
from gatepath.trace import Diagnosis, Evidence, Finding, Path, PathKind, Step, StepVerdict, Verdict

_SHOWN_EVIDENCE = 3
_QUIET = frozenset({"source", "region", "proxy", "dns"})
"""Checks that a path names only where they say more than "pass"."""
_OF_A_VPC = frozenset({"security-group", "network-acl", "route"})
"""Checks that a source outside any VPC does not pass through."""
_VERDICT_COLOUR = MappingProxyType({"ok": "green", "bypass": "yellow", "unknown": "yellow"})
_STEP_COLOUR = MappingProxyType(
    {"pass": "green", "divert": "yellow", "partial": "yellow", "block": "red", "unknown": "yellow"}
)
_SEVERITY_COLOUR = MappingProxyType(
    {"critical": "red", "high": "red", "medium": "yellow", "low": "cyan", "info": "cyan"}
)


def render_text(diagnosis: Diagnosis, language: str = "en", style: Style | None = None) -> str:
    """Return the diagnosis as text, with a line break at its end."""
    page = _Page(language, style or Style())
    causes, open_ends = page.causes(diagnosis), page.unknowns(diagnosis)
    unknown = diagnosis.verdict is Verdict.UNKNOWN
    parts = (
        page.head(diagnosis),
        page.paths(diagnosis),
        *((open_ends, causes) if unknown else (causes, open_ends)),
        page.assumptions(diagnosis),
    )
    return "\n\n".join(text for part in parts if (text := "\n".join(part))) + "\n"


class _Page:
    def __init__(self, language: str, style: Style) -> None:
        self.language = language
        self.style = style

    def say(self, code: str, **arguments: object) -> str:
        return render(f"report.{code}", arguments, self.language)

    def label(self, name: str) -> str:
        return self.style.paint(self.say(f"label.{name}"), "bold")

    def head(self, diagnosis: Diagnosis) -> Iterator[str]:
        word = self.say(f"verdict.{diagnosis.verdict}")
        certainty = self.say(f"certainty.{diagnosis.certainty}")
        sure = "" if diagnosis.verdict is Verdict.UNKNOWN else f" ({certainty})"
        first, *more = self.style.wrapped(f"{word}: {summary(diagnosis, self.language)}{sure}", 0, 2)
        colour = _VERDICT_COLOUR.get(diagnosis.verdict, "red")
        yield self.style.paint(word, "bold", colour) + first.removeprefix(word)
        yield from more
        if diagnosis.left_out:
            checks = self.say("comma").join(self.say(f"check.{name}") for name in diagnosis.left_out)
            yield from self.style.wrapped(self.say("left-out", checks=checks), 2)

    def paths(self, diagnosis: Diagnosis) -> Iterator[str]:
        if not diagnosis.paths:
            return
        yield self.label("paths")
        several = len({path.ip_version for path in diagnosis.paths}) > 1
        for path in diagnosis.paths:
            version = f"IPv{path.ip_version}: " if several else ""
            share = percent(path.share, self.language, whole_of(diagnosis, path.ip_version))
            yield from self.style.wrapped(f"{version}{share} {self.style.glyphs.arrow} {self.end(path)}")
            yield from self.style.joined(self.hops(diagnosis, path))

    def end(self, path: Path) -> str:
        if path.kind is PathKind.DROPPED:
            return self.say("dropped-at", component=path.component)
        decision = f" ({self.say(f'decision.{path.decision}')})" if path.decision else ""
        return f"{self.say(f'kind.{path.kind}')} {path.component or ''}".rstrip() + decision

    def hops(self, diagnosis: Diagnosis, path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the stations of a path up to where it ends, each with a mark and a word."""
        yield (path.hops[0] if path.hops else "") or diagnosis.question.source.id, ()
        dropped = path.kind is PathKind.DROPPED
        for step in diagnosis.steps:
            here = dropped and _drops(step, path.component)
            verdict = StepVerdict.BLOCK if here else _mark(step, path)
            if verdict is StepVerdict.NOT_APPLICABLE or (
                verdict is StepVerdict.PASS and (step.check in _QUIET)
            ):
                continue
            name = self.check(step)
            if step.check == "route" and (onward := [hop for hop in path.hops[1:] if hop[:4] != "rtb-"]):
                name = f" {self.style.glyphs.arrow} ".join((name, *onward))
            mark = self.style.glyphs.steps[verdict]
            yield f"{name} {mark} {self.say(f'step.{verdict}')}", _colours(verdict)
            if here:
                return

    def check(self, step: Step) -> str:
        known = step.direction is not None and step.check in {"network-acl", "security-group", "region"}
        return self.say(f"check.{step.check}.{step.direction}" if known else f"check.{step.check}")

    def causes(self, diagnosis: Diagnosis) -> Iterator[str]:
        faults = [found for found in diagnosis.findings if not is_info(found)]
        notes = [found for found in diagnosis.findings if is_info(found)]
        if faults:
            root = diagnosis.verdict is not Verdict.UNKNOWN
            yield self.label("root-cause" if root else "other-findings")
            yield from self.full(faults[0])
            if remedy := finding_text(faults[0], "remedy", self.language):
                yield ""
                yield self.label("remedy")
                yield from self.style.wrapped(remedy)
        yield from self.listed("other-findings", faults[1:], first=not faults)
        yield from self.listed("notes", notes, first=not faults)

    def listed(self, label: str, findings: list[Finding], *, first: bool) -> Iterator[str]:
        if not findings:
            return
        if not first:
            yield ""
        yield self.label(label)
        for found in findings:
            yield from self.headline(found)
            yield from self.style.wrapped(finding_text(found, "message", self.language), 4)
            if remedy := finding_text(found, "remedy", self.language):
                yield from self.style.wrapped(f"{self.style.glyphs.arrow} {remedy}", 4, 6)

    def headline(self, found: Finding) -> Iterator[str]:
        severity = severity_of(found)
        word = f"[{self.say(f'severity.{severity}')}]"
        suspect = "" if found.certainty == "proven" else f" ({self.say(f'certainty.{found.certainty}')})"
        title = finding_text(found, "title", self.language)
        first, *more = self.style.wrapped(f"{word} {title}{suspect} ({found.component.id})", 2, 4)
        yield first.replace(word, self.style.paint(word, _SEVERITY_COLOUR[severity]), 1)
        yield from more

    def full(self, found: Finding) -> Iterator[str]:
        yield from self.headline(found)
        yield from self.style.wrapped(finding_text(found, "message", self.language), 4)
        component = found.component
        place = ", ".join(part for part in (component.account, component.region) if part)
        where = f"{component.type} {component.id}" + (f" ({place})" if place else "")
        yield from self.row("component", where)
        yield from self.evidence(found.evidence)
        if source := finding(found.code).source:
            yield from self.row("source", source)
        yield from self.row("code", found.code)

    def row(self, label: str, text: str) -> Iterator[str]:
        name = f"{self.say(f'label.{label}')}: "
        yield from self.style.wrapped(name + text, 4, 6)

    def evidence(self, evidence: Iterable[Evidence]) -> Iterator[str]:
        seen = tuple(evidence)
        refs = [item.ref for item in seen if item.ref is not None]
        for ref in refs[:_SHOWN_EVIDENCE]:
            place = self.say("evidence-place", region=ref.call.region)
            words = {"call": ref.call.index, "operation": f"{ref.call.service}.{ref.call.operation}"}
            yield from self.row("evidence", self.say("evidence", **words, place=place, pointer=ref.pointer))
        if len(refs) > _SHOWN_EVIDENCE:
            yield from self.row("evidence", self.say("more", count=len(refs) - _SHOWN_EVIDENCE))
        if packet := next((item.example for item in seen if item.example is not None), None):
            words = {"address": packet.address, "port": packet.port, "source_port": packet.source_port}
            yield from self.row("example", self.say("example-packet", **words))

    def unknowns(self, diagnosis: Diagnosis) -> Iterator[str]:
        if not diagnosis.unknowns:
            return
        yield self.label("unknowns")
        for point in dict.fromkeys(open_points(diagnosis, self.language)):
            yield from self.style.wrapped(f"{self.style.glyphs.bullet} {point.what}", 2, 4)
            yield from self.row("why", point.why)
            yield from self.row("settle", point.settle_with)

    def assumptions(self, diagnosis: Diagnosis) -> Iterator[str]:
        if not diagnosis.assumptions:
            return
        yield self.label("assumptions")
        for assumed in diagnosis.assumptions:
            text = render(assumed.code, assumed.arguments, self.language)
            mark = f" ({self.say('label.conditional')})" if assumed.conditional else ""
            yield from self.style.wrapped(f"{self.style.glyphs.bullet} {text}{mark}", 2, 4)


def _mark(step: Step, path: Path) -> StepVerdict:
    """Return a step's verdict for one path: what another part of the traffic does is not this one's."""
    if path.kind is PathKind.INTERNET and step.check in _OF_A_VPC:
        return StepVerdict.NOT_APPLICABLE
    own_way = step.check == "route" and path.kind is PathKind.GATEWAY_ENDPOINT
    return StepVerdict.PASS if own_way and step.verdict is StepVerdict.DIVERT else step.verdict


def _drops(step: Step, component: str | None) -> bool:
    """Tell whether packets that ended at this component had ended when the step was done."""
    return any(t.dropped is not None and t.dropped.component == component for t in step.out)


def _colours(verdict: StepVerdict) -> tuple[str, ...]:
    colour = _STEP_COLOUR.get(verdict)
    return () if colour is None else (colour,)
