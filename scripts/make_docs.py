"""Write docs/findings: an index and one page a finding code, in English and Japanese (`make docs`)."""

import sys
from pathlib import Path

from gatepath.messages.catalogue import finding, finding_codes

OUT = Path(__file__).parent.parent / "docs" / "findings"

WORDS = {
    "en": {"remedy": "What to do", "source": "Source", "severity": "Severity", "ra": "Reachability Analyzer"},
    "ja": {"remedy": "対処方法", "source": "出典", "severity": "重大度", "ra": "Reachability Analyzer"},
}


def page(code: str) -> str:
    """Return the page of a code."""
    text = finding(code)
    lines = [f"# `{code}`", ""]
    for language, words in WORDS.items():
        found = text.texts[language]
        lines += [f"## {found['title']}", "", found["message"], "", found["explain"], ""]
        lines += [f"**{words['remedy']}**: {found['remedy']}", ""]
    lines += [f"{WORDS['en']['severity']}: {text.severity}. {WORDS['en']['source']}: <{text.source}>"]
    if text.reachability_analyzer:
        lines[-1] += f". {WORDS['en']['ra']}: `{text.reachability_analyzer}`"
    return "\n".join(lines) + "\n"


def index(codes: list[str]) -> str:
    """Return the index page."""
    lines = [
        "# Findings",
        "",
        "Made from the catalogue by `make docs`; `gatepath explain CODE` prints the same.",
        "",
    ]
    lines += ["| code | | |", "|---|---|---|"]
    for code in codes:
        texts = finding(code).texts
        lines.append(f"| [`{code}`]({code}.md) | {texts['en']['title']} | {texts['ja']['title']} |")
    return "\n".join(lines) + "\n"


def pages() -> dict[str, str]:
    """Return file name -> text of everything this script writes."""
    codes = sorted(finding_codes())
    return {"README.md": index(codes), **{f"{code}.md": page(code) for code in codes}}


def main() -> int:
    """Write the pages, or with `--check` say whether they are up to date."""
    made = pages()
    if "--check" in sys.argv:
        old = {path.name: path.read_text(encoding="utf-8") for path in OUT.glob("*.md")}
        return 0 if old == made else 1
    OUT.mkdir(parents=True, exist_ok=True)
    for path in OUT.glob("*.md"):
        path.unlink()
    for name, text in made.items():
        (OUT / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
