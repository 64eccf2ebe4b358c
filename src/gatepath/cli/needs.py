"""`--needs` of `gatepath diagnose`: its list of names, and its answer beside the diagnosis."""

import difflib
import json
from typing import TYPE_CHECKING

from gatepath.cli.errors import UNKNOWN, CliError

if TYPE_CHECKING:
    from gatepath.needs.results import NeedsResult
    from gatepath.report.layout import Style
    from gatepath.trace import Diagnosis

LIST = "list"


def needs_of(text: str) -> tuple[str, ...]:
    """Return the names of a comma-separated list; raises `CliError` for one that is not in the catalogue."""
    from gatepath.needs.catalogue import names
    from gatepath.needs.judge import AUTO

    known = (*names(), AUTO)
    wanted = tuple(name for part in text.split(",") if (name := part.strip().lower()))
    for name in wanted or (text,):
        if name not in known:
            similar = tuple(difflib.get_close_matches(name, known, cutoff=0.5))
            raise CliError("cli.unknown-need", name=name, similar=similar)
    return wanted


def catalogue_page(output: str, language: str) -> str:
    """Return the catalogue for a reader, or as JSON."""
    from gatepath.needs.catalogue import names, need
    from gatepath.needs.render import render_catalogue

    if output != "json":
        return render_catalogue(language)
    rows = [
        {
            "need": name,
            "title": found.title[language],
            "source": found.source,
            "buckets": [bucket.pattern for bucket in found.buckets],
            "hosts": [host.service for host in found.hosts],
        }
        for name, found in ((name, need(name)) for name in names())
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


def with_needs_json(found: "Diagnosis", result: "NeedsResult", language: str) -> str:
    """Return the diagnosis as JSON text with the key `needs`."""
    from gatepath.needs.render import needs_json
    from gatepath.report.json import diagnosis_json

    row = {**diagnosis_json(found, language), "needs": needs_json(result, language)}
    return json.dumps(row, ensure_ascii=False, indent=1) + "\n"


def needs_text(result: "NeedsResult", language: str, style: "Style") -> str:
    """Return the answer on needs as the last part of a text report."""
    from gatepath.needs.render import render_needs

    return "\n" + render_needs(result, language, style)


def worse(code: int, result: "NeedsResult | None", *, strict: bool = False) -> int:
    """Return the exit code of diagnosis and needs together: a fault of either, else what is not known."""
    if result is None:
        return code
    verdict = result.verdict
    sound = verdict == "ok" and (not strict or result.proven)
    own = UNKNOWN if verdict == "unknown" else 0 if sound else 1
    return 1 if 1 in {code, own} else max(code, own)
