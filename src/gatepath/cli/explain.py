"""`gatepath explain`: what a finding code means, from the catalogue."""

import difflib
import json
import re

import click

from gatepath.cli.errors import CliError
from gatepath.cli.output import columns, put
from gatepath.cli.texts import help_text, language_of, say
from gatepath.messages.catalogue import FindingText, finding_codes
from gatepath.messages.catalogue import finding as entry_of


@click.command(name="explain", help=help_text("help.command.explain"))
@click.argument("code", required=False)
@click.option(
    "--output", type=click.Choice(["text", "json"]), default="text", help=help_text("help.option.output")
)
@click.pass_context
def explain(context: click.Context, code: str | None, output: str) -> None:
    """Explain one code, or list all of them."""
    language = language_of(context)
    codes = finding_codes()
    if code is not None and code not in codes:
        raise CliError(
            "cli.no-such-code", name=code, similar=tuple(difflib.get_close_matches(code, codes, cutoff=0.5))
        )
    entries = [entry_of(each) for each in ((code,) if code is not None else codes)]
    if output == "json":
        rows = [_row(entry, language) for entry in entries]
        put(json.dumps(rows if code is None else rows[0], ensure_ascii=False, indent=1) + "\n")
    elif code is None:
        put("".join(f"{entry.code}: {_part(entry, 'title', language)}\n" for entry in entries))
    else:
        put("\n".join(_page(entries[0], language)) + "\n")


def _part(entry: FindingText, part: str, language: str) -> str:
    """Return a text as it stands, placeholders as words in capitals: `{acl}` is ACL."""
    texts = entry.texts.get(language) or entry.texts.get("en") or {}
    return re.sub(r"\{(\w+)\}", lambda match: match[1].upper(), texts.get(part, ""))


def _row(entry: FindingText, language: str) -> dict[str, str]:
    texts = {part: _part(entry, part, language) for part in ("title", "message", "explain", "remedy")}
    made = {"code": entry.code, "severity": entry.severity, "certainty": entry.certainty, **texts}
    return {**made, "reachability_analyzer": entry.reachability_analyzer, "source": entry.source}


def _page(entry: FindingText, language: str) -> list[str]:
    from gatepath.report.layout import wrap

    width = columns()
    severity = say(f"report.severity.{entry.severity}", language)
    certainty = say(f"report.certainty.{entry.certainty}", language)
    lines = [entry.code, *wrap(_part(entry, "title", language), width)]
    lines += [say("cli.explain.severity", language, severity=severity, certainty=certainty), ""]
    lines += [*wrap(_part(entry, "explain", language), width), ""]
    lines += [say("cli.explain.remedy", language), *wrap(_part(entry, "remedy", language), width, 2, 2)]
    if entry.reachability_analyzer:
        lines += ["", say("cli.explain.analyzer", language, analyzer=entry.reachability_analyzer)]
    if entry.source:
        lines += ["", f"{say('report.label.source', language)}: {entry.source}"]
    return lines
