"""A pasted text as it was before terminals, logs and JSON got at it, without secrets."""

import html
import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

MOST = 4 * 1024 * 1024
"""Bytes that are read; what comes after is left out."""
_ANSI = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]{0,40}[ -/]{0,8}[@-~]|\x1b\][^\x07\x1b\n]{0,400}(?:\x07|\x1b\\)?|\x1b[@-_]"
)
_ESCAPES = re.compile(r"\\{1,8}(?:r\\{1,8}n|[nrt]|u00(?P<hex>2[267]|3[ce])|(?P<quote>[\"'/]))")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});")
_STEERING = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)
_BREAK = re.compile(r"\r\n?|\u0085|\u2028|\u2029")
_MARKS = " \t>│|┃╷╵║"
_PREFIX = re.compile(
    r"[\w.-]{1,60}[ \t]{1,20}\|[ \t]{0,4}"
    r"|\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d[.,\d]{0,12}(?:Z|[+-]\d\d:?\d\d)?\]?[ \t]{0,8}"
    r"(?:\[?(?:DEBUG|INFO|WARN|WARNING|ERROR|FATAL|CRITICAL)\]?:?[ \t]{0,8})?"
)
"""What programs put before each line: a container's name, the time, a level."""
_QUOTES = str.maketrans(
    {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "「": '"', "」": '"', "\u3000": " ", "：": ":"}
)
_NAMED_SECRET = re.compile(
    r"(?P<name>x-amz-(?:signature|credential|security-token)|awsaccesskeyid|(?:aws_?)?secret_?access_?key"
    r"|(?:aws_?)?session_?token|authorization|x-amz-server-side-encryption-customer-key|password|signature|credential)"
    r"(?P<is>[\"']?[ \t]{0,4}(?:=|:|%3d)[ \t]{0,4}[\"']?)(?:(?:bearer|basic|aws4-hmac-sha256)[ \t]{1,4})?[^\s\"'&<>,;]{4,4096}",
    re.IGNORECASE,
)
_KEY_ID = re.compile(r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{12,28}(?![A-Za-z0-9])")
_USER_INFO = re.compile(r"://[^\s/@,\"']{1,300}@")
HIDDEN = "***"


def decoded(data: bytes) -> str:
    """Return bytes as text: UTF-8 or UTF-16 by their mark, Windows' Japanese, else what can be read."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", errors="replace")


def without_secrets(text: str) -> str:
    """Return a text without signatures, tokens, keys and passwords."""
    text = _USER_INFO.sub("://", text)
    text = _NAMED_SECRET.sub(lambda found: f"{found['name']}{found['is']}{HIDDEN}", text)
    return _KEY_ID.sub(HIDDEN, text)


def clean(text: str) -> str:
    """Return a text in plain lines: no colours, escapes, entities, quoting marks, control characters, secrets."""
    text = _ANSI.sub("", text)
    text = _ESCAPES.sub(_meant, text)
    if "&" in text:
        text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    text = _BREAK.sub("\n", text)
    text = _STEERING.sub("", text).translate(_QUOTES)
    return without_secrets("\n".join(map(_bare, text.split("\n"))))


def _bare(line: str) -> str:
    """Return a line without what frames it."""
    line = line.strip(_MARKS)
    found = _PREFIX.match(line)
    return line[found.end() :].strip(_MARKS) if found else line


def _meant(found: re.Match[str]) -> str:
    if found["quote"]:
        return found["quote"]
    return chr(int(found["hex"], 16)) if found["hex"] else "\n"


@dataclass(frozen=True)
class Text:
    """A clean text, and the same without any blanks, so that it doesn't matter where lines were broken.

    `low` is the text in small letters without blanks: patterns are looked for there. `begin` and `cut` lead
    back.
    """

    plain: str

    @cached_property
    def _runs(self) -> list[tuple[int, int]]:
        return [found.span() for found in re.finditer(r"\S+", self.plain)]

    @cached_property
    def _starts(self) -> list[int]:
        starts, at = [], 0
        for begin, end in self._runs:
            starts.append(at)
            at += end - begin
        return starts

    @cached_property
    def low(self) -> str:
        """Return the text without blanks, in small letters (of ASCII only, so that places stay)."""
        return "".join(self.plain.split()).translate(_SMALL)

    def begin(self, place: int) -> int:
        """Return where a character of `low` stands in `plain`."""
        if not self._runs:
            return 0
        run = max(bisect_right(self._starts, place) - 1, 0)
        return min(self._runs[run][0] + place - self._starts[run], len(self.plain))

    def place(self, index: int) -> int:
        """Return where a character of `plain` stands in `low`; of a blank: where the next one does."""
        run = bisect_right(self._runs, (index, len(self.plain) + 1)) - 1
        if run < 0:
            return 0
        begin, end = self._runs[run]
        return self._starts[run] + min(index, end) - begin

    def cut(self, start: int, end: int) -> str:
        """Return a part of `plain` by its places in `low`."""
        return self.plain[self.begin(start) : self.begin(end - 1) + 1] if end > start else ""

    def whole_words(self, start: int, end: int) -> tuple[bool, bool]:
        """Tell whether a part of `low` begins and ends where a word does."""
        first, last = self.begin(start), self.begin(end - 1)
        before = self.plain[first - 1] if first else " "
        after = self.plain[last + 1] if last + 1 < len(self.plain) else " "
        inside = (self.plain[first], self.plain[last]) if self.plain else (" ", " ")
        return (
            not (_is_word(before) and _is_word(inside[0])),
            not (_is_word(after) and _is_word(inside[1])),
        )


_SMALL = {ord(big): ord(big) + 32 for big in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def _is_word(character: str) -> bool:
    return character.isascii() and character.isalnum()
