"""What may be shown: texts without characters that steer a terminal, settings without passwords."""

import json
import re

_STEERING = (
    r"\x00-\x1f\x7f-\x9f"  # C0, DEL and C1: ESC begins what moves, recolours, retitles
    r"\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"  # line separators and marks that turn the direction of text
    r"\u200b\u2060\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"  # what no terminal shows
    r"\ud800-\udfff"  # halves of a character: no encoding has them
)
_UNSAFE = re.compile(f"[{_STEERING}]")
_UNSAFE_IN_PAGE = re.compile(rf"(?!\n)[{_STEERING}]")
_UNSAFE_IN_COLOURED_PAGE = re.compile(rf"(?!\n|\x1b\[[0-9;]*m)[{_STEERING}]")
_KEPT = re.compile(
    r"(?i)(https?|all|no)_proxy"
    r"|AWS_(DEFAULT_)?REGION|AWS_ENDPOINT_URL(_[A-Z0-9_]+)?|AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"
    r"|AWS_USE_(DUALSTACK|FIPS)_ENDPOINT|AWS_S3_US_EAST_1_REGIONAL_ENDPOINT|AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS"
)
"""Environment variables that decide where a client connects; all others are nobody's business."""
_USER_INFO = re.compile(r"^(?P<scheme>\s*([a-z][a-z0-9+.-]*:)?//)?.*@", re.IGNORECASE | re.DOTALL)
_INSIDE = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]*://)[^\s/@,]*@", re.IGNORECASE)


def plain(text: str) -> str:
    r"""Return a text as one line that steers no terminal: such characters as JSON writes them, `\u001b`."""
    return _UNSAFE.sub(_escaped, text)


def plain_page(text: str, *, coloured: bool = False) -> str:
    """Return a text likewise, its line breaks kept; `coloured`: and the sequences that set colours."""
    return (_UNSAFE_IN_COLOURED_PAGE if coloured else _UNSAFE_IN_PAGE).sub(_escaped, text)


def encodable(text: str, encoding: str) -> str:
    r"""Return a text in letters that the encoding has, the others as JSON writes them, `\u00e9`."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "".join(letter if _has(encoding, letter) else escaped(letter) for letter in text)
    return text


def escaped(text: str) -> str:
    """Return a text as JSON writes it in ASCII."""
    return json.dumps(text)[1:-1]


def _escaped(found: re.Match[str]) -> str:
    made = escaped(found[0])
    return made if made != found[0] else f"\\u{ord(found[0]):04x}"  # JSON leaves DEL as it is


def _has(encoding: str, letter: str) -> bool:
    try:
        letter.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def keeps(name: str) -> bool:
    """Tell whether an environment variable of this name is recorded."""
    return _KEPT.fullmatch(name) is not None


def without_password(value: str) -> str:
    """Return a proxy or endpoint URL without its user name and password: all before the last `@`."""
    return _USER_INFO.sub(lambda found: found["scheme"] or "", value, count=1)


def without_passwords(text: str) -> str:
    """Return a sentence whose URLs hold no user names and passwords."""
    return _INSIDE.sub(lambda found: found["scheme"], text)
