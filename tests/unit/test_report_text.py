"""The terminal report: whole outputs of a few cases, and what holds of all."""

import os
from pathlib import Path

import pytest
from tests.case_files import CASES, Case, all_cases

from gatepath.diagnose import diagnose
from gatepath.report.layout import ASCII, Style, width_of, wrap
from gatepath.report.text import render_text
from gatepath.snapshot.load import load_world

NETWORK = frozenset({"network"})
GOLDEN = Path(__file__).parents[1] / "golden"
EVERY = list(all_cases())
SHOWN = ("case-045-stale-hardcoded-service-cidrs", "case-026-proxy-misconfigured")


def named(name: str) -> Case:
    return next(case for case in EVERY if case.name == name)


def text(case: Case, language: str, style: Style | None = None) -> str:
    return render_text(diagnose(case.question(), case.world(), only=NETWORK), language, style)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("name", SHOWN)
def test_whole_output(name: str, language: str) -> None:
    """Write anew with GATEPATH_UPDATE_GOLDEN=1, and read the difference."""
    found = text(named(name), language)
    path = GOLDEN / f"{name}.{language}.txt"
    if os.environ.get("GATEPATH_UPDATE_GOLDEN"):
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("width", [60, 80, 120])
def test_lines_fit_but_for_what_cannot_be_broken(width: int, language: str) -> None:
    for case in EVERY:
        for line in text(case, language, Style(width=width)).splitlines():
            first, _, more = line.strip("─ ").partition(" ")
            assert width_of(line) <= width or not more, (case.name, first, line)


@pytest.mark.parametrize("case", EVERY, ids=lambda case: case.name)
def test_both_languages_name_the_same_ids(case: Case) -> None:
    found = diagnose(case.question(), case.world(), only=NETWORK)
    for language in ("en", "ja"):
        shown = "".join(render_text(found, language, Style(width=500)).split())
        for finding in found.findings:
            assert finding.component.id in shown
        for path in found.paths:
            assert (path.component or "") in shown


def test_the_path_ends_where_it_drops_also_if_an_acl_judges_twice() -> None:
    case = named("findings/network-acl.return-denied/fires")
    lines = text(case, "en", Style(width=500)).splitlines()
    hops = next(line for line in lines if " BLOCK" in line)
    assert "network ACL out ✓ PASS" in hops
    assert hops.endswith("network ACL in ✗ BLOCK")


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "(the request has no such key)"), ("ja", "(リクエストにこのキーはありません)")],
)
def test_a_condition_tells_what_the_request_carries(language: str, words: str) -> None:
    case = named("case-036-source-ip-condition-with-endpoint")
    found = "".join(render_text(diagnose(case.question(), case.world()), language).split())
    assert f"IpAddress aws:SourceIp [203.0.113.0/24, 10.0.0.0/16] {words}".replace(" ", "") in found


def test_colour_only_if_asked() -> None:
    case = named(SHOWN[0])
    assert "\x1b" not in text(case, "en")
    coloured = text(case, "en", Style(colour=True))
    assert "\x1b[31m" in coloured
    assert "\x1b[1mRoot cause\x1b[0m" in coloured


def test_plain_marks_where_the_encoding_has_no_others() -> None:
    shown = text(named(SHOWN[0]), "en", Style(glyphs=ASCII))
    assert "security group x BLOCK" in shown
    assert not {"─", "→", "✗", "✓", "•"} & set(shown)


def test_an_unknown_is_shown_with_what_settles_it() -> None:
    case = named(SHOWN[0])
    kept = [record for record in case.records() if record.operation != "DescribeSecurityGroups"]
    shown = render_text(diagnose(case.question(), load_world(kept), only=NETWORK), "en", Style(width=200))
    assert shown.startswith("UNKNOWN: ")
    assert "settle with: record `ec2 DescribeSecurityGroups` in us-west-2" in shown


def test_no_empty_root_cause_where_all_is_well() -> None:
    shown = text(named("case-042-misread-public-ip-as-bypass"), "en")
    assert shown.startswith("OK: ")
    assert "Root cause" not in shown
    assert "What to do" not in shown


def test_japanese_is_wrapped_between_letters_but_not_before_marks() -> None:
    lines = wrap("あいうえおかきくけこ、さしすせそ。", 20, 0, 2)
    assert all(width_of(line) <= 20 for line in lines)
    assert not any(line.strip()[0] in "、。" for line in lines)
    assert "".join(line.strip() for line in lines) == "あいうえおかきくけこ、さしすせそ。"


def test_folders_exist() -> None:
    assert all((CASES / name).is_dir() for name in SHOWN)
