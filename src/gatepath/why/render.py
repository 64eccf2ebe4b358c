"""An answer as text, and as JSON values: `gatepath-why/1`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gatepath.messages.catalogue import render
from gatepath.report.layout import Style
from gatepath.report.parts import finding_text
from gatepath.why.agree import Agreement, codes
from gatepath.why.asking import commands
from gatepath.why.kinds import GENERAL
from gatepath.why.reading import Problem, Reading

FORMAT = "gatepath-why/1"
_SUSPECT = "suspect"
_TITLES = 3
Row = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A reading, with one comparison a problem where a configuration was given.

    A comparison is None where the text names nothing that could be compared. `shortened`: MiB read of a
    text that was longer.
    """

    reading: Reading
    agreements: tuple[Agreement | None, ...] | None = None
    shortened: int | None = None


def render_why(answer: Answer, language: str = "en", style: Style | None = None) -> str:
    """Return the answer for a reader."""
    return "\n".join(_Page(language, style or Style()).lines(answer)) + "\n"


class _Page:
    def __init__(self, language: str, style: Style) -> None:
        self.language = language
        self.style = style

    def word(self, code: str, **arguments: object) -> str:
        return render(code, arguments, self.language)

    def lines(self, answer: Answer) -> Iterator[str]:
        problems = answer.reading.problems
        for index, problem in enumerate(problems):
            if index:
                yield ""
            yield from self.problem(index + 1, problem)
            if answer.agreements is not None:
                yield from self.agreement(answer.agreements[index])
        if not problems:
            yield from self.style.wrapped(self.word("why.unrecognised"), 0)
            yield from self.listed(f"why.next.{each}" for each in GENERAL)
        if answer.reading.left_out:
            yield from ("", *self.style.wrapped(self.word("why.left-out", count=answer.reading.left_out), 0))
        if answer.shortened is not None:
            yield from ("", *self.style.wrapped(self.word("why.shortened", size=answer.shortened), 0))

    def problem(self, number: int, problem: Problem) -> Iterator[str]:
        title = self.word(f"why.kind.{problem.kind}")
        code = "why.count" if problem.count == 1 else "why.times"
        first, *more = self.style.wrapped(
            self.word(code, number=number, title=title, count=problem.count), 0, 3
        )
        yield from (self.style.paint(line, "bold") for line in (first, *more))
        if problem.layer is not None or problem.row.family == "denial":
            yield from self.style.wrapped(f"{self.word('why.label.layer')}: {self.layer(problem)}", 3, 5)
        if problem.said:
            yield self.label("why.label.said")
            for name, value in problem.said:
                yield from self.style.wrapped(f"{self.word(f'why.field.{name}')}: {value}", 5, 7)
        yield from self.section("why.label.excludes", "why.excludes.", problem.excludes)
        yield from self.section("why.label.open", "why.open.", problem.open)
        yield from self.section("why.label.next", "why.next.", problem.next)
        yield self.label("why.label.commands")
        yield from (f"     {line}" for line in commands(problem))  # not wrapped: they are copied
        if problem.row.certainty == _SUSPECT:
            yield from self.style.wrapped(self.word("why.suspect"), 3)
        yield from self.style.wrapped(f"{self.word('report.label.source')}: {problem.row.source}", 3, 5)

    def layer(self, problem: Problem) -> str:
        if problem.layer is None:
            return self.word("why.layer-none")
        layer = self.word(f"why.layer.{problem.layer}")
        effect = self.word(f"why.effect.{problem.effect}") if problem.effect else ""
        return self.word("report.comma").join(filter(None, (layer, effect)))

    def label(self, code: str) -> str:
        return f"   {self.word(code)}:"

    def section(self, label: str, prefix: str, words: Sequence[str]) -> Iterator[str]:
        if words:
            yield self.label(label)
            yield from self.listed((f"{prefix}{word}" for word in words), indent=5)

    def listed(self, found: Iterator[str], indent: int = 2) -> Iterator[str]:
        for code in found:
            text = f"{self.style.glyphs.bullet} {self.word(code)}"
            yield from self.style.wrapped(text, indent, indent + 2)

    def agreement(self, found: Agreement | None) -> Iterator[str]:
        yield self.label("why.label.agreement")
        yield from self.style.wrapped(agreement_text(found, self.language), 5)


def agreement_text(found: Agreement | None, language: str) -> str:
    """Return a comparison as a sentence."""
    if found is None:
        return render("why.agreement.no-target", (), language)
    verdict = render(f"report.verdict.{found.verdict}", (), language)
    because = _because(found, language) or render("why.because-nothing", (), language)
    return render(f"why.agreement.{found.state}", {"verdict": verdict, "because": because}, language)


def _because(found: Agreement, language: str) -> str:
    made = [
        f"{finding_text(each, 'title', language)} ({each.component.id})" for each in found.findings[:_TITLES]
    ]
    return "; ".join(dict.fromkeys(made))


def why_json(answer: Answer, language: str = "en") -> Row:
    """Return the answer as JSON values, described by `report/schema/gatepath-why-1.json`."""
    compared = answer.agreements
    return {
        "format": FORMAT,
        "recognised": bool(answer.reading.problems),
        "shortened": answer.shortened is not None,
        "left_out": answer.reading.left_out,
        "problems": [
            {
                **_problem_row(problem, language),
                "agreement": None if compared is None else _agreement_row(compared[index], language),
            }
            for index, problem in enumerate(answer.reading.problems)
        ],
        "general": [] if answer.reading.problems else _texts("why.next.", GENERAL, language),
    }


def _problem_row(problem: Problem, language: str) -> Row:
    return {
        "kind": problem.kind.value,
        "title": render(f"why.kind.{problem.kind}", (), language),
        "layer": None if problem.layer is None else problem.layer.value,
        "effect": problem.effect,
        "count": problem.count,
        "said": dict(problem.said),
        "excludes": _texts("why.excludes.", problem.excludes, language),
        "does_not_exclude": _texts("why.open.", problem.open, language),
        "next": _texts("why.next.", problem.next, language),
        "commands": list(commands(problem)),
        "certainty": problem.row.certainty,
        "source": problem.row.source,
    }


def _texts(prefix: str, words: Sequence[str], language: str) -> list[Row]:
    return [{"code": str(word), "text": render(f"{prefix}{word}", (), language)} for word in words]


def _agreement_row(found: Agreement | None, language: str) -> Row | None:
    if found is None:
        return None
    return {
        "state": found.state.value,
        "verdict": found.verdict.value,
        "deciding": [{"layer": layer, "effect": effect or None} for layer, effect in found.deciding],
        "findings": list(codes(found.findings)),
        "text": agreement_text(found, language),
    }
