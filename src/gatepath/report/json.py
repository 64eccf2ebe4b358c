"""A diagnosis as data: `gatepath-diagnosis/1`, described by `schema/gatepath-diagnosis-1.json`."""

import json

from gatepath.messages.catalogue import finding, render
from gatepath.model.question import to_json
from gatepath.model.ref import Ref
from gatepath.model.shown import without_password
from gatepath.packets import Packet, PacketSet, Range
from gatepath.report.parts import finding_text, open_points, severity_of, summary
from gatepath.trace import Argument, Diagnosis, Evidence, Finding, Path, RuleHit, Step

FORMAT = "gatepath-diagnosis/1"
Row = dict[str, object]


def diagnosis_json(diagnosis: Diagnosis, language: str = "en") -> Row:
    """Return the diagnosis as JSON values."""
    return {
        "format": FORMAT,
        "question": _question(diagnosis),
        "verdict": diagnosis.verdict.value,
        "certainty": diagnosis.certainty.value,
        "summary": summary(diagnosis, language),
        "request": {name: _argument(value) for name, value in diagnosis.request_summary},
        "assumptions": [
            {
                "code": assumption.code,
                "text": render(assumption.code, assumption.arguments, language),
                "conditional": assumption.conditional,
            }
            for assumption in diagnosis.assumptions
        ],
        "left_out": list(diagnosis.left_out),
        "paths": [_path(path) for path in diagnosis.paths],
        "steps": [_step(step) for step in diagnosis.steps],
        "findings": [_finding(found, language) for found in diagnosis.findings],
        "fixes": [],
        "unknowns": [
            {"code": unsettled.code, "what": point.what, "why": point.why, "settle_with": point.settle_with}
            for unsettled, point in zip(diagnosis.unknowns, open_points(diagnosis, language), strict=True)
        ],
    }


def _question(diagnosis: Diagnosis) -> Row:
    """Return the question without user names and passwords of proxies."""
    made = to_json(diagnosis.question)
    client = made.get("client")
    if isinstance(client, dict) and isinstance(client.get("env"), dict):
        env = {name: without_password(str(value)) for name, value in client["env"].items()}
        made["client"] = {**client, "env": env}
    return made


def render_json(diagnosis: Diagnosis, language: str = "en") -> str:
    """Return the diagnosis as JSON text."""
    return json.dumps(diagnosis_json(diagnosis, language), ensure_ascii=False, indent=1) + "\n"


def _path(path: Path) -> Row:
    made: Row = {
        "kind": path.kind.value,
        "ip_version": path.ip_version,
        "component": path.component,
        "hops": list(path.hops),
        "share": None if path.share is None else float(path.share),
    }
    if path.decision is not None:
        made["decision"] = path.decision
    return made


def _step(step: Step) -> Row:
    return {
        "check": step.check,
        "direction": step.direction,
        "verdict": step.verdict.value,
        "components": [component.id for component in step.components],
        "rule_hits": [_hit(hit) for hit in step.rule_hits],
    }


def _hit(hit: RuleHit) -> Row:
    return {
        "rule": hit.rule,
        "component": hit.component,
        "allow": hit.allow,
        "ref": _ref(hit.ref),
        "packets": _packets(hit.packets),
    }


def _packets(packets: PacketSet) -> Row:
    return {
        "ip_version": packets.version,
        "addresses": [str(block) for block in packets.addresses()],
        "ports": _ranges(packets.ports()),
        "source_ports": _ranges(packets.source_ports()),
    }


def _ranges(ranges: tuple[Range, ...]) -> list[list[int]]:
    return [[low, high] for low, high in ranges]


def _finding(found: Finding, language: str) -> Row:
    entry = finding(found.code)
    made: Row = {
        "code": found.code,
        "severity": severity_of(found),
        "certainty": found.certainty.value,
        "check": found.check,
        "component": {
            "type": found.component.type,
            "id": found.component.id,
            "account": found.component.account,
            "region": found.component.region,
        },
        "title": finding_text(found, "title", language),
        "message": finding_text(found, "message", language),
        "remedy": finding_text(found, "remedy", language),
        "arguments": {name: _argument(value) for name, value in found.arguments},
        "evidence": [_evidence(seen) for seen in found.evidence],
        "source": entry.source,
    }
    if entry.reachability_analyzer:
        made["reachability_analyzer"] = entry.reachability_analyzer
    return made


def _evidence(seen: Evidence) -> Row:
    return {"ref": _ref(seen.ref), "example_packet": _packet(seen.example)}


def _packet(packet: Packet | None) -> Row | None:
    if packet is None:
        return None
    return {"address": str(packet.address), "port": packet.port, "source_port": packet.source_port}


def _ref(ref: Ref | None) -> Row | None:
    if ref is None:
        return None
    call = ref.call
    return {
        "call": call.index,
        "account": call.account,
        "region": call.region,
        "operation": f"{call.service}.{call.operation}",
        "request": json.loads(call.request),
        "pointer": ref.pointer,
    }


def _argument(value: Argument) -> object:
    return list(value) if isinstance(value, tuple) else value
