"""VPC Encryption Controls at gateway endpoints.

Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-encryption-controls.html
"""

from dataclasses import replace

from gatepath.engine.faults import dropped
from gatepath.engine.legs import DROPPED, End, Fault, Journey, Leg, Notes
from gatepath.model.network import EncryptionControl
from gatepath.model.ref import GapReason, unknown
from gatepath.packets import PacketSet
from gatepath.trace import Component

ENCRYPTED = [(443, 443)]
"""The port that counts as encrypted on the way to a gateway endpoint."""


def enforced(journey: Journey, leg: Leg, end: End, notes: Notes) -> list[End]:
    """Return what becomes of packets at a gateway endpoint where the VPC enforces encryption.

    Plain HTTP can be rejected there (flow logs call it `EC`); not every rejection is certain, so it is suspect.
    """
    plain = end.packets - PacketSet.of(end.packets.version, ports=ENCRYPTED)
    control = control_of(journey, leg.vpc_id) if plain else None
    if control is None or journey.passes("route", control.id):
        return [end]
    rest = end.packets - plain
    passed = [replace(end, packets=rest)] if rest else []
    if control.state != "available":
        gap = unknown("", "", GapReason.NOT_IN_API, detail=f"{control.id}:{control.state}")
        return [*passed, replace(end, packets=plain, fates=end.fates | DROPPED, gaps=(*end.gaps, gap))]
    component = Component(
        type="vpc-encryption-control", id=control.id, account=leg.account, region=leg.region
    )
    notes.faults.append(
        Fault(
            code="route.encryption-enforced",
            check="route",
            component=component,
            packets=plain,
            arguments=(("vpc", leg.vpc_id), ("control", control.id)),
            refs=(control.ref,),
            suspect=True,
        )
    )
    return [*passed, dropped(plain, "route", control.id, end.hops, suspect=True)]


def control_of(journey: Journey, vpc_id: str) -> EncryptionControl | None:
    """Return the VPC's encryption control in enforce mode, None if there is none or none was recorded."""
    return next(
        (c for c in journey.world.encryption_controls.of_vpc(vpc_id) if c.mode == "enforce"),
        None,
    )
