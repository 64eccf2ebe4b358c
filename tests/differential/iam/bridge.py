"""The independent evaluator: where it is installed, and requests through it."""

import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gatepath.engine.iam.context import fill, read_context
from gatepath.engine.iam.principals import who

HERE = Path(__file__).parent
CACHE = Path.home() / ".cache" / "gatepath" / "iam-simulate"
Row = dict[str, Any]


class NotInstalledError(Exception):
    """The evaluator can't be run here; the text says why."""


def installed() -> Path:
    """Return the folder with the evaluator, installed on first use; raises `NotInstalledError`."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            raise NotInstalledError(f"{program} is not installed")
    if not (CACHE / "node_modules" / "@cloud-copilot" / "iam-simulate").is_dir() or _stale():
        CACHE.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, CACHE / name)
        done = subprocess.run(
            ["npm", "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"],
            cwd=CACHE,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            (CACHE / "package-lock.json").unlink(missing_ok=True)
            raise NotInstalledError(f"npm could not install the evaluator: {done.stderr.strip()[-200:]}")
    return CACHE


def _stale() -> bool:
    kept = CACHE / "package-lock.json"
    return not kept.is_file() or kept.read_bytes() != (HERE / "package-lock.json").read_bytes()


def simulation(line: Mapping[str, Any]) -> Row:
    """Return one of our requests in the evaluator's form; both see the same context."""
    request, policies = line["request"], line["policies"]
    caller = who(request["principal"])
    if caller is None:
        raise ValueError(request["principal"])
    account = request["resource_account"] or caller.account or ""
    context = read_context(request["context"])
    fill(context, caller, request["action"].lower(), request["resource"], account or None)
    anonymous = request["principal"] == "anonymous"
    made: Row = {
        "request": {
            "principal": {"type": "Anonymous"} if anonymous else request["principal"],
            "action": request["action"],
            "resource": {"resource": request["resource"], "accountId": account},
            "contextVariables": {
                key: value if isinstance(value, str) else list(value)  # type: ignore[arg-type]
                for key, value in context.items()
            },
        },
        "identityPolicies": _named(policies.get("identity") or (), "identity"),
        "serviceControlPolicies": _levels(policies.get("scp")),
        "resourceControlPolicies": _levels(policies.get("rcp")),
    }
    if policies.get("resource"):
        made["resourcePolicy"] = policies["resource"]
    if policies.get("session"):
        made["sessionPolicy"] = policies["session"]
    if policies.get("boundary"):
        made["permissionBoundaryPolicies"] = _named([policies["boundary"]], "boundary")
    if policies.get("vpce"):
        made["vpcEndpointPolicies"] = _named([policies["vpce"]], "vpce")
    return made


def _named(documents: Iterable[Row], name: str) -> list[Row]:
    return [{"name": f"{name}{n}", "policy": document} for n, document in enumerate(documents)]


def _levels(levels: Iterable[Row] | None) -> list[Row]:
    return [
        {"orgIdentifier": level["target"], "policies": _named(level["policies"], level["target"])}
        for level in levels or ()
    ]


def answers(folder: Path, simulations: Iterable[Row]) -> list[Row]:
    """Return the evaluator's answers in order: `decision`, or `error`."""
    text = "\n".join(json.dumps(row) for row in simulations) + "\n"
    done = subprocess.run(
        ["node", str(HERE / "simulate.mjs"), str(folder)],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return [json.loads(line) for line in done.stdout.splitlines()]


def rates(folder: Path, simulations: Iterable[Row], place: Path) -> dict[str, float]:
    """Return requests a second of its public API and of its core; `place` takes the requests."""
    place.write_text("\n".join(json.dumps(row) for row in simulations) + "\n", encoding="utf-8")
    done = subprocess.run(
        ["node", str(HERE / "simulate.mjs"), str(folder), "bench", str(place)],
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found
