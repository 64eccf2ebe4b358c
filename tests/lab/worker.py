"""The lab as a process: `python -m tests.lab.worker` takes one batch a line and answers one line, in JSON.

A batch is `{"vpcs": [[CALL, …], …], "probes": [{PROBE}, …], "trail": false}`; the answer is
`{"results": [{"by", "source", "rule", "trail"}, …]}`, or `{"skip": REASON}` where the lab can't run here.
"""

import json
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any

from tests.lab import kernel
from tests.lab.aws_json import Json
from tests.lab.kernel import CommandFailed, NoLab, Spaces
from tests.lab.prober import Probe, Prober, Server
from tests.lab.render import Rendered, render
from tests.lab.rulesets import services, skeleton, translation

CHUNK = 300
"""Commands a transaction where the socket buffer is small (not root)."""


def load(spaces: Spaces, rendered: Rendered, *, trail: bool, chunk: int | None) -> None:
    """Put the rules into the kernel."""
    hops = [f"add element inet vpc nh4 {{ {', '.join(rendered.hops4)} }}"]
    if rendered.hops6:
        hops.append(f"add element inet vpc nh6 {{ {', '.join(rendered.hops6)} }}")
    with spaces.inside("vpc"):
        try:
            kernel.nft(skeleton(trail=trail))
        except CommandFailed as error:
            raise NoLab(f"this kernel lacks what the rules need: {error}") from error
        for text in _transactions([*rendered.chains, hops], chunk):
            kernel.nft(text)
        kernel.ip("\n".join([*rendered.rules4, *rendered.routes4]) + "\n")
        kernel.ip("\n".join([*rendered.rules6, *rendered.routes6, ""]), "-6")
    with spaces.inside("client"):
        kernel.ip("\n".join(rendered.client4) + "\n")
        kernel.ip("\n".join([*rendered.client6, ""]), "-6")
    with spaces.inside("service"):
        kernel.nft(services(rendered.elastic))
    with spaces.inside("nat"):
        kernel.nft(translation(rendered.nats))


def _transactions(groups: Sequence[Sequence[str]], chunk: int | None) -> list[str]:
    if chunk is None:
        return ["\n".join(line for group in groups for line in group) + "\n"]
    made, waiting = [], list[str]()
    for group in groups:
        for line in group:
            waiting.append(line)
            if len(waiting) >= chunk:
                made.append("\n".join(waiting) + "\n")
                waiting = []
    return [*made, "\n".join(waiting) + "\n"]


def run_batch(batch: Json, *, chunk: int | None) -> list[Json]:
    """Build a lab, send the probes, tear it down."""
    rendered = render(batch["vpcs"])
    trail = bool(batch.get("trail"))
    spaces = Spaces()
    try:
        load(spaces, rendered, trail=trail, chunk=chunk)
        with Server(spaces):
            seen = Prober(spaces, trail=trail).run([Probe(**p) for p in batch["probes"]])
    finally:
        spaces.close()
    return [
        {
            "by": one.by,
            "source": one.source,
            "rule": rendered.names[one.mark] if one.mark >= 0 else "",
            "trail": {station: rendered.names[mark] for station, mark in one.trail.items() if mark},
        }
        for one in seen
    ]


def _answer(line: str, *, chunk: int | None) -> Json:
    try:
        return {"results": run_batch(json.loads(line), chunk=chunk)}
    except NoLab as reason:
        return {"skip": str(reason)}
    except Exception:  # noqa: BLE001 - the other side shows it
        return {"error": traceback.format_exc()}


def main() -> None:
    """Answer batches until the input ends; each in a child of its own."""
    kernel.die_with_parent()
    reason: Any = kernel.missing()
    root = os.getuid() == 0
    if reason is None:
        try:
            kernel.enter_user_namespace()
        except NoLab as error:
            reason = str(error)
    for line in sys.stdin:
        if reason is not None:
            print(json.dumps({"skip": reason}), flush=True)  # noqa: T201 - the protocol
            continue
        child = os.fork()
        if child == 0:
            kernel.die_with_parent()
            print(json.dumps(_answer(line, chunk=None if root else CHUNK)), flush=True)  # noqa: T201 - the protocol
            os._exit(0)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
