"""What all reports say with the same words: summary, shares, unknowns, findings' texts."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from gatepath.messages.catalogue import FindingText, finding, messages, render
from gatepath.model.ref import Gap, GapReason
from gatepath.snapshot.calls import CALLS
from gatepath.trace import Argument, Diagnosis, Finding, Severity, Unsettled


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPoint:
    """One thing not known, in words."""

    what: str
    why: str
    settle_with: str


def summary(diagnosis: Diagnosis, language: str) -> str:
    """Return the answer as one sentence."""
    hostname = dict(diagnosis.request_summary).get("hostname")
    return render(f"report.summary.{diagnosis.verdict}", {"hostname": hostname}, language)


def severity_of(found: Finding) -> str:
    """Return a finding's severity: as graded, else the catalogue's."""
    return found.severity.value if found.severity is not None else finding(found.code).severity


def is_info(found: Finding) -> bool:
    """Tell whether a finding drops, diverts and refuses nothing."""
    return severity_of(found) == Severity.INFO


def finding_text(found: Finding, part: str, language: str) -> str:
    """Return `title`, `message` or `remedy`; a code without texts stands for itself in the message."""
    entry: FindingText = finding(found.code)
    arguments = {name: _worded(name, value, language) for name, value in found.arguments}
    if conditions := _conditions(dict(found.arguments), language):
        arguments["conditions"] = conditions
    text = entry.text(part, language, arguments)
    if text or part == "remedy":
        return text
    return found.code if part == "title" else render(found.code, found.arguments, language)


def _worded(name: str, value: Argument, language: str) -> Argument:
    """Return an argument as a reader's words where it is a list of codes, or a dash for nowhere."""
    if name == "target" and value == "-":
        return render("report.nowhere", (), language)
    if name != "reasons" or not isinstance(value, tuple):
        return value
    return tuple(dict.fromkeys(render(f"reason.{code}", (), language) for code in value))


def _conditions(arguments: dict[str, Argument], language: str) -> tuple[str, ...]:
    """Return each condition of a statement with what the request carries."""
    conditions, carried = arguments.get("conditions"), arguments.get("carried")
    if not isinstance(conditions, tuple) or not isinstance(carried, tuple):
        return ()
    codes = {"-": "report.carries-no-key", "?": "report.carries-unknown"}
    return tuple(
        render(codes.get(str(value), "report.carries"), (("condition", told), ("value", value)), language)
        for told, value in zip(conditions, carried, strict=True)
    )


def whole_of(diagnosis: Diagnosis, ip_version: int) -> str:
    """Return the message code of what shares are parts of: addresses, source ports, or both.

    It follows from the end of the walk: where every part holds all addresses, the ports alone were cut.
    """
    last = diagnosis.steps[-1].out if diagnosis.steps else ()
    packets = [t.packets for t in last if t.packets and t.packets.version == ip_version]
    same_addresses = len({found.addresses() for found in packets}) <= 1
    same_ports = len({found.source_ports() for found in packets}) <= 1
    if same_ports:
        return "report.share"
    return "report.share-of-ports" if same_addresses else "report.share-of-packets"


def percent(share: Fraction | None, language: str, whole: str = "report.share") -> str:
    """Return a share in words (`whole`: of what): never 0 % or 100 % of what is neither."""
    if share is None:
        return render("report.share-unknown", (), language)
    if share == 1:
        return render("report.share-all", (), language)
    hundred = share * 100
    text = str(min(max(round(hundred), 1), 99)) if 0 < hundred < 100 else str(int(hundred))  # noqa: PLR2004 - per cent
    shown = "< 1 %" if 0 < hundred < 1 else f"{text} %"
    return render(whole, {"share": shown}, language)


def open_points(diagnosis: Diagnosis, language: str) -> tuple[OpenPoint, ...]:
    """Return what is not known, why, and what would settle it."""
    return points_of(diagnosis.unknowns, language)


def points_of(unknowns: Iterable[Unsettled], language: str) -> tuple[OpenPoint, ...]:
    """Return each unknown in words."""
    return tuple(_open_point(unsettled, language) for unsettled in unknowns)


def _open_point(unsettled: Unsettled, language: str) -> OpenPoint:
    slug = unsettled.code.removeprefix("unknown.")
    gaps = unsettled.unknown.gaps
    why = [gap_text(gap, language) for gap in gaps] or [_first(f"gap.{slug}", "gap.none", language)]
    settle = [_settle(gap, slug, language) for gap in gaps] or [_own(slug, language)]
    return OpenPoint(
        what=render(unsettled.code, unsettled.arguments, language),
        why="; ".join(dict.fromkeys(why)),
        settle_with="; ".join(dict.fromkeys(settle)),
    )


def _first(code: str, otherwise: str, language: str) -> str:
    return render(code if code in messages() else otherwise, (), language)


def _own(slug: str, language: str) -> str:
    return _first(f"settle.{slug}", "settle.by-hand", language)


def gap_text(gap: Gap, language: str) -> str:
    """Return why something is missing."""
    if f"gap.detail.{gap.detail}" in messages():
        return render(f"gap.detail.{gap.detail}", (), language)
    reason = gap.reason if gap.operation else GapReason.NOT_IN_API
    request = ", ".join(f"{key}={value}" for key, value in gap.request)
    words = {"call": f"{gap.service}:{gap.operation}", "place": _place(gap, language), "detail": gap.detail}
    words["request"] = f"`{request}`"
    return render(f"gap.{reason}", words, language).replace(" ()", "")


def _settle(gap: Gap, slug: str, language: str) -> str:
    if not gap.operation or gap.reason is GapReason.NOT_IN_API:
        return _own(slug, language)
    call = CALLS.get(f"{gap.service}.{gap.operation}")
    actions = call.actions if call is not None else (f"{gap.service}:{gap.operation}",)
    request = ", ".join(f"{key}={value}" for key, value in gap.request)
    words = {
        "call": f"{gap.service} {gap.operation}",
        "request": render("gap.of-request", {"request": request}, language) if request else "",
        "place": _place(gap, language),
        "permission": ", ".join(f"`{action}`" for action in actions),
    }
    owner = gap.reason is GapReason.NOT_OWNER
    return render("settle.record-as-owner" if owner else "settle.record", words, language)


def _place(gap: Gap, language: str) -> str:
    return render("gap.in-region", {"region": gap.region}, language) if gap.region else ""
