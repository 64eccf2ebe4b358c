"""Private hosted zones: which records answer a name.

Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html
"""

from collections.abc import Callable
from dataclasses import replace

from gatepath.engine.resolution import NOTHING, Follow, Outcome, Resolution, hidden, record_type, unseen
from gatepath.model.names import HostedZone, ResourceRecordSet
from gatepath.model.network import Address, Vpc, VpcEndpoint
from gatepath.model.ref import Unknown
from gatepath.packets import parse_address
from gatepath.trace import Component

EndpointAt = Callable[[Address], VpcEndpoint | None]
"""Finds the interface endpoint that owns an address."""


def by_zone(
    zone: HostedZone, vpc: Vpc, name: str, version: int, follow: Follow, endpoint_at: EndpointAt
) -> Resolution:
    """Return a private zone's answer; a name without a record does not exist, public DNS is not asked."""
    component = Component(type="hosted-zone", id=f"dns:{zone.id}", account=vpc.owner, region=vpc.region)
    if isinstance(zone.records, Unknown):
        return replace(hidden(name, zone.records), decider=component)
    arguments = (("zone", zone.id), ("zone_name", zone.name), ("hostname", name))
    named = records_of(zone.records, zone.name, name)
    found = [r for r in named if r.type in {record_type(version), "CNAME"}]
    if not found:
        return Resolution(
            outcome=Outcome.NO_DATA if named else Outcome.NO_SUCH_NAME,
            name=name,
            decider=component,
            code="dns.zone-lacks-record",
            arguments=arguments,
            refs=(zone.ref,),
        )
    answer = _joined([_record(r, name, version, follow, endpoint_at) for r in found], name)
    if answer.code and answer.outcome is not Outcome.ADDRESSES:
        return answer  # whatever the alias led to names itself
    leads = answer.endpoint is not None and answer.outcome is Outcome.ADDRESSES
    code = "dns.zone-leads-to-interface-endpoint" if leads else "dns.zone-answers-elsewhere"
    more = (
        *arguments,
        ("endpoint", answer.endpoint.id if answer.endpoint else ""),
        ("addresses", ", ".join(str(a) for a in answer.addresses)),
    )
    return replace(
        answer,
        decider=component,
        code="" if answer.outcome is Outcome.HIDDEN else code,
        arguments=more,
        refs=tuple(r.ref for r in found),
    )


def records_of(records: tuple[ResourceRecordSet, ...], zone_name: str, name: str) -> list[ResourceRecordSet]:
    """Return the record sets of a name, else those of the wildcard at its closest existing ancestor."""
    exact = [r for r in records if r.name == name]
    parent = name
    while not exact and parent != zone_name and "." in parent:
        parent = parent.partition(".")[2]
        exact = [r for r in records if r.name == f"*.{parent}"]
        if any(r.name == parent or r.name.endswith("." + parent) for r in records):
            break  # this ancestor exists, so no wildcard above it counts
    return exact


def _record(
    record: ResourceRecordSet, name: str, version: int, follow: Follow, endpoint_at: EndpointAt
) -> Resolution:
    target = record.alias or (
        record.values[0].lower().rstrip(".") if record.type == "CNAME" and record.values else None
    )
    if target is not None:
        return follow(target)
    parsed = [parse_address(value) for value in record.values]
    addresses = tuple(a for a in parsed if a is not None and a.version == version)
    if not addresses:
        return Resolution(outcome=Outcome.NO_DATA, name=name)
    endpoint = next((e for e in map(endpoint_at, addresses) if e is not None), None)
    return Resolution(outcome=Outcome.ADDRESSES, name=name, addresses=addresses, endpoint=endpoint)


def _joined(answers: list[Resolution], name: str) -> Resolution:
    """Return several record sets' answers as one.

    Any of their addresses may be given; which record a routing policy picks can't be seen where they differ
    in kind.
    """
    first = answers[0]
    kinds = {(a.outcome, a.name if a.outcome is Outcome.PUBLIC else "") for a in answers}
    if all(a.outcome in NOTHING for a in answers):
        return first
    if len(kinds) > 1:
        gaps = [a.gap for a in answers if a.gap is not None]
        return hidden(name, gaps[0]) if gaps else unseen(name, name)
    addresses = tuple(dict.fromkeys(address for a in answers for address in a.addresses))
    endpoint = next((a.endpoint for a in answers if a.endpoint is not None), None)
    return replace(first, addresses=addresses, endpoint=endpoint)
