"""The catalogue is closed: every code has its texts in both languages, and every text has its code."""

import ast
import re
import tomllib
from enum import StrEnum
from functools import cache
from pathlib import Path

import pytest
from tests.case_files import Case, all_cases

from gatepath.checks import ORDER
from gatepath.checks.base import INFO_CODES
from gatepath.cli.main import COMMANDS
from gatepath.diagnose import diagnose
from gatepath.messages.catalogue import LANGUAGES, fill, finding, finding_codes, messages, placeholders
from gatepath.model.ref import GapReason
from gatepath.trace import Arguments, Certainty, PathKind, Severity, StepVerdict, Verdict

SOURCE = Path("src/gatepath")
PARTS = ("title", "message", "explain", "remedy")
CODE = re.compile(r"[a-z][a-z0-9-]*(\.[a-z0-9-]+)+")
PUNCTUATION = {
    "report.comma",
    "report.evidence-place",
    "gap.of-request",
    "snapshot.empty",
    "gap.in-region",
    "cli.question-error",
}
"""Texts that hold no words, or in English only."""
OPTIONAL = {"error"}
"""Arguments that AWS need not give."""
NOT_CODES = {"snapshot.jsonl", "question.json", "source.ip"}
"""File names and paths in a question that look like codes."""
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
HALF_WIDTH_KANA = re.compile(r"[\uff61-\uff9f]")


@cache
def literals() -> tuple[frozenset[str], frozenset[str]]:
    """Return the constant strings of the product, and the beginnings of codes put together at run time."""
    constants: set[str] = set()
    beginnings: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and ast.unparse(node.func) == "self.say":
                _note(node.args[0], constants, beginnings, "report.")
            _note(node, constants, beginnings, "")
    beginnings |= {text for text in constants if text.endswith((".", "-"))}
    return frozenset(constants), frozenset(text for text in beginnings if text.partition(".")[0] in groups())


def _note(node: ast.AST, constants: set[str], beginnings: set[str], prefix: str) -> None:
    if isinstance(node, ast.IfExp):
        _note(node.body, constants, beginnings, prefix)
        _note(node.orelse, constants, beginnings, prefix)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        constants.add(prefix + node.value)
    elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        beginnings.add(prefix + str(node.values[0].value))


@cache
def groups() -> frozenset[str]:
    """Return the first words of message codes."""
    return frozenset(code.partition(".")[0] for code in messages())


@cache
def checks() -> frozenset[str]:
    return frozenset(code.partition(".")[0] for code in finding_codes())


def used(kinds: frozenset[str]) -> set[str]:
    found = {text for text in literals()[0] if CODE.fullmatch(text) and text[-1] != "-"} - NOT_CODES
    return {code for code in found if code.partition(".")[0] in kinds}


def test_every_message_code_in_the_source_has_texts() -> None:
    assert used(groups()) - messages().keys() == set()


def test_no_text_without_use() -> None:
    constants, beginnings = literals()
    words = {text.lstrip("-") for text in constants} | {
        part for text in constants for part in text.split(".")
    }

    def is_used(code: str) -> bool:
        if code in constants:
            return True
        rests = [code.removeprefix(text) for text in beginnings if code.startswith(text)]
        return any(all(part in words for part in rest.split(".")) for rest in rests)

    assert [code for code in messages() if not is_used(code)] == []


def test_finding_codes_of_source_and_catalogue_are_the_same() -> None:
    assert used(checks()) == set(finding_codes())


def test_findings_stand_in_the_file_of_their_check() -> None:
    for path in (SOURCE / "checks").glob("*.toml"):
        check = path.stem.replace("_", "-")
        assert check in ORDER
        for code in tomllib.loads(path.read_text(encoding="utf-8")):
            assert code.startswith(f"{check}."), path


def test_no_message_stands_twice() -> None:
    paths = (SOURCE / "messages").glob("*.toml")
    assert sum(len(tomllib.loads(path.read_text(encoding="utf-8"))) for path in paths) == len(messages())


WORDS: dict[str, type[StrEnum]] = {
    "report.verdict": Verdict,
    "report.summary": Verdict,
    "report.certainty": Certainty,
    "report.severity": Severity,
    "report.step": StepVerdict,
    "report.kind": PathKind,
    "gap": GapReason,
}


@pytest.mark.parametrize("group", WORDS)
def test_every_word_of_an_answer_has_a_text(group: str) -> None:
    wanted = {f"{group}.{word}" for word in WORDS[group] if word != PathKind.DROPPED}
    assert wanted <= messages().keys()


def test_every_command_has_a_help_text() -> None:
    assert {f"help.command.{name}" for name in COMMANDS} <= messages().keys()


def every_text() -> list[tuple[str, dict[str, str]]]:
    """Return (place, language -> text) of messages and findings."""
    made = [(code, dict(texts)) for code, texts in messages().items()]
    for code in finding_codes():
        texts = finding(code).texts
        made += [(f"{code}:{part}", {one: texts[one].get(part, "") for one in texts}) for part in PARTS]
    return made


@pytest.mark.parametrize(
    ("place", "texts"), every_text(), ids=lambda value: value if str(value) == value else ""
)
def test_both_languages_say_the_same(place: str, texts: dict[str, str]) -> None:
    assert set(texts) == set(LANGUAGES)
    assert all(texts.values())
    assert placeholders(texts["en"]) == placeholders(texts["ja"])
    if place not in PUNCTUATION:
        assert JAPANESE.search(texts["ja"])
    assert not JAPANESE.search(texts["en"])
    for text in texts.values():
        assert not re.search(r"!(?!=)|！", re.sub(r"`[^`]*`", "", text))
        assert not HALF_WIDTH_KANA.search(text)


def test_an_empty_argument_leaves_no_gap() -> None:
    assert (
        fill("state `{state}` {error}: dropped", {"state": "failed", "error": ""})
        == "state `failed`: dropped"
    )
    assert fill("{a} {b}", {"a": ("x", "y"), "b": True}) == "x, y true"


@pytest.mark.parametrize("code", finding_codes())
def test_a_finding_has_severity_certainty_and_source(code: str) -> None:
    entry = finding(code)
    assert entry.severity in set(Severity)
    assert entry.certainty in {Certainty.PROVEN, Certainty.SUSPECT}
    assert entry.source.startswith("https://")


def test_codes_graded_info_are_those_that_change_nothing() -> None:
    assert {code for code in finding_codes() if finding(code).severity == Severity.INFO} == INFO_CODES


def unfilled(texts: dict[str, str], arguments: Arguments) -> set[str]:
    given = {name for name, value in arguments if value not in {None, ""}}
    return {name for text in texts.values() for name in placeholders(text)} - given - OPTIONAL


@pytest.mark.parametrize("case", list(all_cases()), ids=lambda case: case.name)
def test_every_placeholder_is_filled(case: Case) -> None:
    found = diagnose(case.question(), case.world(), only=frozenset({"network"}))
    for item in found.findings:
        texts = finding(item.code).texts
        for part in ("title", "message", "remedy"):
            assert unfilled({one: texts[one][part] for one in texts}, item.arguments) == set(), item.code
    said = [(each.code, each.arguments) for each in found.assumptions]
    said += [(each.code, each.arguments) for each in found.unknowns]
    for code, arguments in said:
        assert unfilled(dict(messages()[code]), arguments) == set(), code
