"""Answers as text."""

from collections.abc import Iterable, Iterator

from gatepath.engine.iam.logic import Value
from gatepath.messages.catalogue import render
from gatepath.policy.asked import Asked, Kind
from gatepath.policy.joining import Shown, excluding, joined, matching
from gatepath.policy.rows import is_only
from gatepath.report.layout import Style
from gatepath.report.parts import points_of
from gatepath.rights.answers import Named, PolicyAnswer, Told
from gatepath.rights.some import usual_first

_ACTIONS, _RESOURCES, _PATTERNS = 8, 6, 6
"""How many of each are written out; the JSON output has all."""
_INTERNET = "internet"
_REACHES = ("only", "endpoints", "internet", "open")
"""Where else a class is allowed: nowhere, through other endpoints, from the internet, or not decided."""


def render_policy_answer(
    asked: Asked, answer: PolicyAnswer, language: str = "en", style: Style | None = None
) -> str:
    """Return the answer as text, with a line break at its end."""
    page = _Page(asked, language, style or Style())
    return "\n".join(page.lines(answer)) + "\n"


class _Page:
    def __init__(self, asked: Asked, language: str, style: Style) -> None:
        self.asked = asked
        self.language = language
        self.style = style

    def word(self, code: str, **arguments: object) -> str:
        return render(code, arguments, self.language)

    def lines(self, answer: PolicyAnswer) -> Iterator[str]:
        number = 0
        yield from (self.style.paint(line, "bold") for line in self.style.wrapped(self.title(answer), 0, 2))
        yield from self.style.wrapped(self.about(answer), 2)
        for code, told in self.sections(answer):
            shown = joined(told)
            if code:
                yield ""
                yield from self.style.wrapped(self.word(code, count=len(shown)), 0, 2)
            for each in shown:
                number += 1
                yield ""
                yield from self.told(number, each)
        yield from self.open(answer)
        yield from self.assumed(answer)
        yield from self.left_out(answer)

    def title(self, answer: PolicyAnswer) -> str:
        count = len(joined(answer.told))
        some = "none" if not count else "some"
        whole = "decided" if answer.decided else "open"
        code = f"policy.{self.asked.kind}.{some}.{whole}"
        return self.word(code, count=count, endpoint=self.asked.endpoint or self.word("policy.endpoint"))

    def about(self, answer: PolicyAnswer) -> str:
        certainty = self.word(f"report.certainty.{answer.certainty}")
        if self.asked.kind is Kind.DIFF:
            return self.word(
                "policy.diff.about",
                kind=self.word(f"policy.kind.{self.asked.policy_kind}"),
                old=self.asked.names[0],
                new=self.asked.names[1],
                actions=answer.actions,
                services=self.asked.services,
                certainty=certainty,
            )
        return self.word(
            "policy.about",
            principal=self.asked.principal,
            actions=answer.actions,
            services=self.asked.services,
            resources=len(answer.resources),
            certainty=certainty,
        )

    def sections(self, answer: PolicyAnswer) -> Iterator[tuple[str, list[Told]]]:
        """Yield headings (empty: none) and what stands below."""
        told = answer.told
        if self.asked.kind is Kind.BLOCKS:
            yield "", list(told)
            return
        if self.asked.kind is Kind.DIFF:
            parts = [
                (f"policy.diff.{change}", [t for t in told if t.of.change == change])
                for change in ("lost", "gained")
            ]
        else:
            reached = [(_reach(each), each) for each in told]
            parts = [
                (f"policy.only-via.{reach}", [each for found, each in reached if found == reach])
                for reach in _REACHES
            ]
        yield from ((code, listed) for code, listed in parts if listed)

    def told(self, number: int, shown: Shown) -> Iterator[str]:
        told, found = shown.first, shown.first.of
        lead = f"{number}. "
        yield from self.style.wrapped(lead + self.cut(usual_first(found.actions), _ACTIONS), 2, 2 + len(lead))
        where = self.cut(shown.resources, _RESOURCES)
        if not told.recorded:
            where = self.word("policy.any-other", resource=where)
        yield from self.row("policy.on", where)
        if patterns := matching(told):
            yield from self.row("policy.matching", self.cut(patterns, _PATTERNS))
        if patterns := excluding(told):
            yield from self.row("policy.excluding", self.cut(patterns, _PATTERNS))
        if told.principals:
            yield from self.row("policy.by", ", ".join(self.principal(one) for one in told.principals))
        if told.ways:
            yield from self.row(
                "policy.coming", ", ".join(self.word(f"policy.way.{way}") for way in told.ways)
            )
        if found.conditions:
            keys = (self.condition(key, value) for key, value in found.conditions)
            yield from self.row("policy.when", ", ".join(keys))
        if told.decided_by:
            yield from self.row("policy.refused-by", self.statements(told.decided_by))
        if told.allowed_by:
            yield from self.row("policy.allowed-by", self.statements(told.allowed_by))
        request = found.witness["request"]
        if isinstance(request, dict):
            yield from self.row("policy.example", f"{request['action']} {request['resource']}")

    def row(self, code: str, text: str) -> list[str]:
        return self.style.wrapped(f"{self.word(code)}: {text}", 5, 7)

    def cut(self, texts: Iterable[str], most: int) -> str:
        listed = list(texts)
        if len(listed) <= most:
            return ", ".join(listed)
        return self.word("policy.and-more", listed=listed[: most - 2], count=len(listed) - most + 2)

    def principal(self, name: str) -> str:
        return self.word(f"policy.principal.{name}") if name in {"others", "signed", "anonymous"} else name

    def condition(self, key: str, value: Value | None) -> str:
        if value is None:
            return self.word("policy.absent", key=key)
        return (
            f"{key} = {value if isinstance(value, str) else list(value) if isinstance(value, tuple) else ''}"
        )

    def statements(self, listed: Iterable[Named]) -> str:
        return "; ".join(dict.fromkeys(self.statement(each) for each in listed))

    def statement(self, each: Named) -> str:
        layer = self.word(f"policy.layer.{each.layer}")
        component = (
            self.word(f"policy.side.{each.component}") if self.asked.kind is Kind.DIFF else each.component
        )
        name = " ".join(filter(None, (component, each.policy_name)))
        sid = f"`{each.sid}`" if each.sid else ""
        return self.word(
            f"policy.effect.{each.effect}", layer=layer, name=name, statement=each.statement, sid=sid
        )

    def open(self, answer: PolicyAnswer) -> Iterator[str]:
        if answer.unsettled:
            yield ""
            yield self.style.paint(self.word("policy.not-decided"), "bold")
        for point in points_of(answer.unsettled, self.language):
            yield from self.style.wrapped(f"{self.style.glyphs.bullet} {point.what}", 2, 4)
            yield from self.style.wrapped(f"{self.word('report.label.why')}: {point.why}", 4, 6)
            yield from self.style.wrapped(f"{self.word('report.label.settle')}: {point.settle_with}", 4, 6)

    def assumed(self, answer: PolicyAnswer) -> Iterator[str]:
        if answer.assumptions:
            yield ""
            yield self.style.paint(self.word("report.label.assumptions"), "bold")
        for each in answer.assumptions:
            text = render(each.code, each.arguments, self.language)
            mark = f" ({self.word('report.label.conditional')})" if each.conditional else ""
            yield from self.style.wrapped(f"{self.style.glyphs.bullet} {text}{mark}", 2, 4)

    def left_out(self, answer: PolicyAnswer) -> Iterator[str]:
        if answer.left_out:
            yield ""
            yield self.style.paint(self.word("policy.left-out"), "bold")
        for what, why in answer.left_out:
            text = self.word(f"policy.why.{why}", what=what)
            yield from self.style.wrapped(f"{self.style.glyphs.bullet} {text}", 2, 4)


def _reach(told: Told) -> str:
    """Return the word for where else a class is allowed."""
    if _INTERNET in told.of.ways:
        return "internet"
    if is_only(told):
        return "only"
    return "endpoints" if not told.of.open_ways else "open"
