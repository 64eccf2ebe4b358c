"""Docs that are made are up to date, links lead somewhere, and nothing of a workplace is named."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_finding_pages_are_up_to_date() -> None:
    done = subprocess.run([sys.executable, "scripts/make_docs.py", "--check"], cwd=ROOT, check=False)
    assert done.returncode == 0, "run `make docs`"


@pytest.mark.parametrize("path", sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md")), ids=str)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)", path.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (path.parent / target).exists(), target


def test_no_workplace_is_named() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    words = ["/wo" + "rk/main", "/wo" + "rk/shared", "../sha" + "red", "DESI" + "GN", "FAC" + "TS"]
    for name in listed.splitlines():
        path = ROOT / name
        if path.suffix not in {".py", ".md", ".toml", ".cfg", ""} or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="ignore")
        assert not [word for word in words if word in text], name


@pytest.mark.parametrize(("name", "language"), [("README.md", "en"), ("README.ja.md", "ja")])
def test_the_readme_shows_what_the_demo_prints(name: str, language: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    shown = text.split("<!-- demo:start -->")[1].split("<!-- demo:end -->")[0]
    done = subprocess.run(
        [str(Path(sys.executable).parent / "gatepath"), "--language", language, "demo"],
        check=True,
        capture_output=True,
        text=True,
        env={"COLUMNS": "80", "PATH": "/usr/bin:/bin", "PYTHONIOENCODING": "utf-8"},
    )
    assert done.stdout.strip() in shown
