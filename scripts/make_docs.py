"""Write docs/findings (an index and one page a finding code) and the table of docs/needs.md (`make docs`)."""

import sys
from pathlib import Path

from gatepath.messages.catalogue import finding, finding_codes
from gatepath.needs.catalogue import HTTPS, NeededBucket, names, need, when_text

OUT = Path(__file__).parent.parent / "docs" / "findings"
NEEDS = OUT.parent / "needs.md"
START, END = "<!-- catalogue:start -->", "<!-- catalogue:end -->"

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


def needs_page(old: str) -> str:
    """Return docs/needs.md with the catalogue's table between its marks."""
    before, rest = old.split(START)
    return before + START + "\n" + needs_table() + END + rest.split(END)[1]


def needs_table() -> str:
    """Return the catalogue of needs as a table."""
    lines = ["| need | buckets (who signs) | hosts | source |", "|---|---|---|---|"]
    for name in names():
        found = need(name)
        buckets = [_bucket(bucket) for bucket in found.buckets]
        hosts = [f"`{host.service}`{_when(host.when)}" for host in found.hosts]
        cells = (f"`{name}`: {found.title['en']}", "<br>".join(buckets), "<br>".join(hosts))
        lines.append(f"| {' | '.join(cells)} | [page]({found.source}) |")
    return "\n".join(lines) + "\n"


def _bucket(bucket: NeededBucket) -> str:
    port = "" if bucket.port == HTTPS else f", port {bucket.port}"
    actions = "" if bucket.actions == ("s3:GetObject",) else ", " + ", ".join(bucket.actions)
    return f"`{bucket.pattern}` ({bucket.signed_by}{actions}{port}){_when(bucket.when)}"


def _when(word: str | None) -> str:
    return "" if word is None else f", {when_text(word, 'en')}"


def main() -> int:
    """Write the pages, or with `--check` say whether they are up to date."""
    made = pages()
    text = NEEDS.read_text(encoding="utf-8")
    if "--check" in sys.argv:
        old = {path.name: path.read_text(encoding="utf-8") for path in OUT.glob("*.md")}
        return 0 if old == made and text == needs_page(text) else 1
    NEEDS.write_text(needs_page(text), encoding="utf-8")
    OUT.mkdir(parents=True, exist_ok=True)
    for path in OUT.glob("*.md"):
        path.unlink()
    for name, text in made.items():
        (OUT / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
