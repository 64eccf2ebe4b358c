"""Many random VPCs at once: the kernel, the packets one by one, and the product, each held against the others."""

import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.differential.brute import brute
from tests.differential.one_packet import Fate, Packet, fate_of
from tests.differential.recorded import Recorded
from tests.differential.versus import ask, disagreement
from tests.lab import probes, product
from tests.lab.aws_json import Json
from tests.lab.process import LabProcess
from tests.lab.random_vpcs import Made, make
from tests.lab.shrink import shrink, write_case

SIZE = 40
"""VPCs a lab: larger ones gain nothing, since routing rules are a linear list."""
SHRUNK = 2
"""Failures of one comparison that are made small; the others are only told."""


@dataclass(slots=True)
class Report:
    """Counts and disagreements."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)

    def add(self, other: "Report") -> None:
        """Take over another report."""
        self.counts.update(other.counts)
        self.problems.extend(other.problems)


def vpcs_of(seeds: Iterable[int]) -> list[Made]:
    """Return the random VPCs that the lab can carry."""
    return [made for made in map(make, seeds) if made.kernel]


def stage_of(fate: Fate) -> str:
    """Return where a packet was dropped: the station after the last one it passed."""
    what = fate.rule.split()[0].split("-")[0]
    if fate.rule.endswith(("no route", "no public address", "local", "unusable")):
        return fate.rule.split(" ", 1)[1]
    passed = {station for station, _ in fate.trail}
    leg = "nat " if passed & {"nat-acl-in", "nat-acl-out"} or fate.kind == "nat-gateway" else ""
    way = f" {fate.rule.split()[1]}" if what in {"acl", "sg"} else ""
    return f"{leg}{what}{way}"


class Comparison:
    """The three comparisons; the first failures are made small and kept as case folders."""

    def __init__(self, lab: LabProcess | None, *, small: int = SHRUNK) -> None:
        """Take a lab (None: the product and the naive evaluator only) and how many failures to make small."""
        self._lab, self._small = lab, small
        self.report = Report()

    def _run(self, vpcs: Sequence[Made], sent: Sequence[Json], *, trail: bool) -> list[Json]:
        assert self._lab is not None
        return self._lab.run([made.calls for made in vpcs], sent, trail=trail)

    def kernel_and_naive(self, vpcs: Sequence[Made], count: int, *, trail: bool) -> None:
        """Send probes through the kernel and compare each with the packet walked by hand."""
        todo: list[tuple[Made, Recorded, Packet]] = []
        for made in vpcs:
            recorded = Recorded(made.calls)
            todo += [(made, recorded, packet) for packet in probes.draw(made, recorded, count)]
        sent = [probes.probe_of(recorded, packet) for _, recorded, packet in todo]
        answers = self._run(vpcs, sent, trail=trail)
        for (made, recorded, packet), seen, probe in zip(todo, answers, sent, strict=True):
            fate = fate_of(recorded, packet)
            self._count(packet, fate)
            if wrong := probes.difference(recorded, packet, fate, seen):
                fails = self._kernel_fails(packet, trail=trail)
                self._tell(made, f"kernel and naive: {probe}: {wrong}", fails)
        self.report.counts["VPCs in the kernel"] += len(vpcs)

    def _count(self, packet: Packet, fate: Fate) -> None:
        counts = self.report.counts
        counts[f"probes IPv{packet.version} {packet.protocol}"] += 1
        counts[f"probes IPv{packet.version} to {fate.kind}"] += 1
        if fate.kind == "dropped":
            counts[f"drops IPv{packet.version} at {stage_of(fate)}"] += 1

    def _kernel_fails(self, packet: Packet, *, trail: bool) -> Callable[[Made], bool]:
        def fails(made: Made) -> bool:
            recorded = Recorded(made.calls)
            seen = self._run([made], [probes.probe_of(recorded, packet)], trail=trail)[0]
            return probes.difference(recorded, packet, fate_of(recorded, packet), seen) is not None

        return fails

    def kernel_and_product(self, vpcs: Sequence[Made]) -> None:
        """Send packets of every part that the product makes, and compare its answer with what happened."""
        todo: list[Any] = []
        for made in vpcs:
            if "env" in made.question["client"]:
                continue  # what the product divides there is the way beyond the proxy
            recorded, found = Recorded(made.calls), ask(made.calls, made.question)
            parts = product.parts(found, _sender(recorded, made), made.seed)
            todo.extend((made, recorded, found, part) for part in parts)
        sent = [probes.probe_of(recorded, part.packet) for _, recorded, _, part in todo]
        answers = self._run(vpcs, sent, trail=True)
        told: set[int] = set()
        for (made, recorded, found, part), seen, probe in zip(todo, answers, sent, strict=True):
            self.report.counts["packets of the product's parts"] += 1
            wrong = product.difference(recorded, found, part, seen)
            if wrong and made.seed not in told:
                told.add(made.seed)
                self._tell(made, f"kernel and product: {probe}: {wrong}", self._part_fails(part.packet))

    def _part_fails(self, packet: Packet) -> Callable[[Made], bool]:
        def fails(made: Made) -> bool:
            recorded, found = Recorded(made.calls), ask(made.calls, made.question)
            seen = self._run([made], [probes.probe_of(recorded, packet)], trail=True)[0]
            every = product.parts(found, packet.sender, made.seed)
            part = next(p for p in every if p.packet == packet)
            return product.difference(recorded, found, part, seen) is not None

        return fails

    def naive_and_product(self, vpcs: Iterable[Made]) -> None:
        """Compare verdict, shares, and the components that drop."""
        for made in vpcs:
            expected, found = brute(made), ask(made.calls, made.question)
            self.report.counts[f"verdict {expected.verdict}"] += 1
            self.report.counts.update(f"path {path.kind.value}" for path in found.paths)
            self.report.counts.update(f"finding {f.code}" for f in found.findings)
            wrong = disagreement(expected, found)
            if wrong is not None:
                self._tell(made, f"naive and product: {wrong}", _answer_fails)

    def call_removed(self, vpcs: Iterable[Made]) -> None:
        """Take one recorded call away: the verdict stays, or becomes `unknown` and says what is missing."""
        for made in vpcs:
            whole = ask(made.calls, made.question).verdict.value
            gone = random.Random(f"gap {made.seed}").randrange(len(made.calls))
            rest = [call for number, call in enumerate(made.calls) if number != gone]
            found = ask(rest, made.question)
            verdict = found.verdict.value
            self.report.counts[f"a call removed: {'same' if verdict == whole else verdict}"] += 1
            if verdict not in {whole, "unknown"} or (verdict == "unknown" and not found.unknowns):
                name = made.calls[gone]["operation"]
                self.report.problems.append(f"seed {made.seed}: without {name}: {verdict} instead of {whole}")

    def _tell(self, made: Made, what: str, fails: Callable[[Made], bool]) -> None:
        text = f"seed {made.seed}: {what}"
        if self._small > 0:
            self._small -= 1
            small = shrink(made, fails, attempts=150)
            outcome = brute(small)
            expected: Json = {"verdict": outcome.verdict, "components": sorted(outcome.drops)}
            folder = Path(tempfile.mkdtemp(prefix=f"gatepath-seed-{made.seed}-"))
            text += f"\n    {write_case(small, folder, expected)}"
        self.report.problems.append(text)


def _sender(recorded: Recorded, made: Made) -> str:
    instance = made.question["source"]["instance"]
    return next(i for i, e in recorded.enis.items() if e.get("Attachment", {}).get("InstanceId") == instance)


def _answer_fails(made: Made) -> bool:
    return disagreement(brute(made), ask(made.calls, made.question)) is not None
