"""Texts by code and language: `messages/*.toml` for everything but findings, `checks/*.toml` for findings.

A missing code or argument never hides an answer: the code itself, or an empty text, takes its place.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType

from gatepath.model.shown import plain
from gatepath.model.told import Told

LANGUAGES = ("en", "ja")
_PACKAGE = Path(__file__).parent.parent
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_PLACE = re.compile(r"( ?)\{([a-z_]+)\}")
_YES_NO = MappingProxyType({True: "true", False: "false"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingText:
    """What the catalogue says of a finding code; the texts are by language."""

    code: str
    severity: str = "high"
    source: str = ""
    """A documentation page, or the report a field fact comes from."""
    certainty: str = "proven"
    reachability_analyzer: str = ""
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def text(self, part: str, language: str, arguments: object = ()) -> str:
        """Return `title`, `message`, `explain` or `remedy`; empty if the catalogue has none."""
        found = self.texts.get(language) or self.texts.get("en") or {}
        return fill(found.get(part, ""), arguments, language)


def render(code: str, arguments: object = (), language: str = "en") -> str:
    """Return the text of a code; `arguments` is a mapping or pairs."""
    texts = messages().get(code)
    if texts is None:
        pairs = _pairs(arguments)
        shown = ", ".join(f"{name}={_shown(value, language)}" for name, value in pairs.items())
        return f"{code} ({shown})" if shown else code
    return fill(texts.get(language) or texts.get("en", code), arguments, language)


def fill(text: str, arguments: object = (), language: str = "en") -> str:
    """Put arguments into the placeholders `{name}` of a text; an empty one takes the blank before it along.

    Names and values may come from anywhere, so they are put in as one line that steers no terminal.
    """
    pairs = _pairs(arguments)
    shown = {name: _shown(value, language) for name, value in pairs.items()}
    return _PLACE.sub(lambda found: found[1] + value if (value := shown.get(found[2], "")) else "", text)


def placeholders(text: str) -> frozenset[str]:
    """Return the names of a text's placeholders."""
    return frozenset(_PLACEHOLDER.findall(text))


@cache
def messages() -> Mapping[str, Mapping[str, str]]:
    """Return all texts that are not findings: code -> language -> text."""
    made: dict[str, Mapping[str, str]] = {}
    for path in sorted((_PACKAGE / "messages").glob("*.toml")):
        made.update(tomllib.loads(path.read_text(encoding="utf-8")))
    return MappingProxyType(made)


@cache
def findings_of(check: str) -> Mapping[str, FindingText]:
    """Return the findings of one check by code."""
    path = _PACKAGE / "checks" / f"{check.replace('-', '_')}.toml"
    if not path.is_file():
        return MappingProxyType({})
    rows = tomllib.loads(path.read_text(encoding="utf-8"))
    return MappingProxyType({code: _finding(code, row) for code, row in rows.items()})


def finding(code: str) -> FindingText:
    """Return the catalogue's entry of a finding; a bare one for a code it doesn't have."""
    return findings_of(code.partition(".")[0]).get(code) or FindingText(code=code)


def finding_codes() -> tuple[str, ...]:
    """Return every finding code of the catalogue, sorted."""
    checks = sorted(path.stem for path in (_PACKAGE / "checks").glob("*.toml"))
    return tuple(sorted(code for check in checks for code in findings_of(check)))


def default_language(environ: Mapping[str, str]) -> str:
    """Return the locale's language where we have it, else English (POSIX order of the variables)."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(name):
            language = re.split(r"[_.@-]", value.lower())[0]
            return language if language in LANGUAGES else "en"
    return "en"


def _finding(code: str, row: Mapping[str, object]) -> FindingText:
    plain = {key: str(value) for key, value in row.items() if key in FindingText.__slots__}
    texts = {key: value for key in LANGUAGES if isinstance(value := row.get(key), dict)}
    return FindingText(code=code, texts=MappingProxyType(texts), **plain)


def _pairs(arguments: object) -> dict[str, object]:
    if isinstance(arguments, Mapping):
        return dict(arguments)
    return dict(arguments) if isinstance(arguments, Iterable) else {}


def _shown(value: object, language: str) -> str:
    if value is None:
        return ""
    if isinstance(value, Told):
        return render(value.code, value.arguments, language)
    if isinstance(value, bool):
        return _YES_NO[value]
    if isinstance(value, tuple | list | frozenset):
        return ", ".join(_shown(item, language) for item in value)
    return plain(str(value))
