"""Answers as JSON values: `gatepath-policy-blocks/1`, `gatepath-policy-only-via/1`, `gatepath-policy-diff/1`."""

import json

from gatepath.engine.iam.logic import Value
from gatepath.messages.catalogue import render
from gatepath.policy.asked import Asked, Kind
from gatepath.policy.joining import excluding, matching
from gatepath.report.parts import points_of
from gatepath.rights.answers import Named, PolicyAnswer, Told

Row = dict[str, object]
ENDPOINT = "endpoint"


def policy_json(asked: Asked, answer: PolicyAnswer, language: str = "en") -> Row:
    """Return the answer, described by `report/schema/gatepath-policy-….json`."""
    points = points_of(answer.unsettled, language)
    sets = _Sets()
    classes = [_class(asked.kind, told, sets) for told in answer.told]
    return {
        "format": f"gatepath-policy-{asked.kind}/1",
        "question": _question(asked),
        "decided": answer.decided,
        "certainty": answer.certainty.value,
        "actions": answer.actions,
        **({} if asked.kind is Kind.DIFF else {"resources": list(answer.resources)}),
        "classes": classes,
        "policy_sets": sets.rows,
        "unknowns": [
            {"code": unsettled.code, "what": point.what, "why": point.why, "settle_with": point.settle_with}
            for unsettled, point in zip(answer.unsettled, points, strict=True)
        ],
        "assumptions": [
            {
                "code": assumed.code,
                "text": render(assumed.code, assumed.arguments, language),
                "conditional": assumed.conditional,
            }
            for assumed in answer.assumptions
        ],
        "left_out": [{"what": what, "why": why} for what, why in answer.left_out],
    }


def _question(asked: Asked) -> Row:
    if asked.kind is Kind.DIFF:
        return {
            "kind": asked.policy_kind,
            "old": asked.names[0],
            "new": asked.names[1],
            "principal": asked.principal or None,
            "services": list(asked.services),
        }
    return {
        "principal": asked.principal,
        "endpoint": asked.endpoint or None,
        "services": list(asked.services),
    }


def _class(kind: Kind, told: Told, sets: "_Sets") -> Row:
    found = told.of
    made: Row = {
        "actions": list(found.actions),
        "resource": found.resource,
        "matching": list(matching(told)),
        "excluding": list(excluding(told)),
        "conditions": [{"key": key, "value": _value(value)} for key, value in found.conditions],
        "allowed_by": [_named(each) for each in told.allowed_by],
        "witness": sets.short(found.witness),
    }
    if kind is Kind.DIFF:
        made |= {"change": found.change, "principals": list(told.principals), "ways": list(told.ways)}
    else:
        made["recorded"] = told.recorded
    if kind is Kind.ONLY_VIA:
        made |= {
            "only": is_only(told),
            "ways": list(found.ways),
            "open_ways": list(found.open_ways),
            "other_witnesses": {way: sets.short(row) for way, row in found.others},
        }
    else:
        made["decided_by"] = [_named(each) for each in told.decided_by]
    return made


class _Sets:
    """The policies of all witnesses, each set once: most have the same."""

    def __init__(self) -> None:
        self.rows: list[object] = []
        self._known: dict[str, int] = {}

    def short(self, witness: Row) -> Row:
        """Return a witness with the number of its set in place of the policies."""
        policies = witness["policies"]
        text = json.dumps(policies, sort_keys=True)
        if text not in self._known:
            self._known[text] = len(self.rows)
            self.rows.append(policies)
        return {**witness, "policies": self._known[text]}


def is_only(told: Told) -> bool:
    """Tell whether a class is allowed on no other way."""
    return told.of.ways == (ENDPOINT,) and not told.of.open_ways


def _value(value: Value | None) -> object:
    return list(value) if isinstance(value, tuple) else value


def _named(each: Named) -> Row:
    return {
        "layer": each.layer.value,
        "effect": each.effect,
        "component": each.component,
        "policy_name": each.policy_name,
        "policy": each.policy,
        "statement": each.statement,
        "sid": each.sid,
    }
