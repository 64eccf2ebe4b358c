"""`make bench`: each figure beside a physical limit or peer measured in the same run; medians over repeats."""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from bench.make_big_snapshot import write_big
from bench.policies import policies
from bench.symbolic import symbolic
from gatepath.diagnose import diagnose
from gatepath.model.question import parse_question
from gatepath.snapshot.load import load_file, load_world
from gatepath.snapshot.record import decode_line
from gatepath.snapshot.wire import ANSWERS

ROOT = Path(__file__).parent.parent
CASE = ROOT / "tests/cases/case-045-stale-hardcoded-service-cidrs"
REPEATS = 15


def seconds(command: list[str]) -> float:
    """Return the wall time of one whole process."""
    begin = time.perf_counter()
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
    return time.perf_counter() - begin


def processes() -> None:
    """Compare start-up and one question with the bare interpreter, in turn."""
    gatepath = str(Path(sys.executable).parent / "gatepath")
    asked = [str(CASE / "snapshot.jsonl"), "--question", str(CASE / "question.json"), "--only", "network"]
    commands = {
        "bare interpreter": [sys.executable, "-c", "pass"],
        "gatepath --help": [gatepath, "--help"],
        "one question, text": [gatepath, "diagnose", *asked],
        "one question, JSON": [gatepath, "diagnose", *asked, "--output", "json"],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(REPEATS):
        for name, command in commands.items():
            times[name].append(seconds(command))
    bare = statistics.median(times["bare interpreter"])
    goals = {"gatepath --help": 10, "one question, text": 20, "one question, JSON": 20}
    for name, values in times.items():
        median = statistics.median(values)
        goal = f"  (goal: at most {goals[name]} times)" if name in goals else ""
        print(f"{name:<28} {median * 1000:8.1f} ms  {median / bare:6.1f} times the bare interpreter{goal}")


def median_of(repeats: int, action: Callable[[], object]) -> float:
    """Return the median time of an action."""
    values = []
    for _ in range(repeats):
        begin = time.perf_counter()
        action()
        values.append(time.perf_counter() - begin)
    return statistics.median(values)


def bare_decode(path: Path) -> None:
    """Decode the same bytes with the same types and nothing else."""
    line_type = msgspec.defstruct("Line", [("service", str), ("operation", str), ("response", msgspec.Raw)])
    envelope = msgspec.json.Decoder(line_type)
    decoders = {name: msgspec.json.Decoder(answer) for name, answer in ANSWERS.items()}
    kept = []
    with path.open("rb") as lines:
        for line in lines:
            row = envelope.decode(line)
            kept.append(decoders[f"{row.service}.{row.operation}"].decode(row.response))  # type: ignore[attr-defined]


def loading() -> None:
    """Compare loading a large snapshot with the bare typed decode of its bytes; memory in a child process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "big.jsonl"
        size = write_big(path, 100_000_000)
        bare = median_of(3, lambda: bare_decode(path))
        ours = median_of(3, lambda: load_file(path))
        child = (
            "import resource,sys;from pathlib import Path;from gatepath.snapshot.load import load_file;"
            "l=load_file(Path(sys.argv[1]));print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        )
        peak = subprocess.run(
            [sys.executable, "-c", child, str(path)], check=True, capture_output=True, text=True
        )
    print(
        f"loading {size / 1e6:.0f} MB             {ours:8.2f} s   {ours / bare:6.1f} times a bare typed decode"
        f" ({bare:.2f} s)  (goal: at most 4 times)"
    )
    print(f"peak memory of loading it     {int(peak.stdout) / 1024:6.0f} MB            (goal: under 400 MB)")


def analysis() -> None:
    """Time one analysis in-process: S3 in us-east-1 with all its published prefixes."""
    ranges = json.loads((ROOT / "src/gatepath/data/public-ranges.json").read_text(encoding="utf-8"))
    cidrs = ranges["ranges"]["s3"]["us-east-1"]["4"]
    lines = (
        (CASE / "snapshot.jsonl").read_text(encoding="utf-8").replace("us-west-2", "us-east-1").splitlines()
    )
    calls = [json.loads(line) for line in lines]
    for call in calls:
        for row in call.get("response", {}).get("PrefixLists", ()):
            if row.get("PrefixListName", "").endswith(".s3") and "Cidrs" in row:
                row["Cidrs"] = cidrs
    world = load_world(
        decode_line(json.dumps(call).encode(), n, f"bench:{n}") for n, call in enumerate(calls)
    )
    text = (CASE / "question.json").read_text(encoding="utf-8").replace("us-west-2", "us-east-1")
    question = parse_question(json.loads(text))
    network = frozenset({"network"})
    found = diagnose(question, world, only=network)
    median = median_of(50, lambda: diagnose(question, world, only=network))
    print(
        f"one analysis, {len(cidrs)} prefixes    {median * 1000:8.2f} ms  verdict {found.verdict}"
        "  (goal: under 5 ms)"
    )


def main() -> None:
    """Print all figures."""
    print(
        f"Python {sys.version.split()[0]}, medians of {REPEATS} (processes, in turn), 3 (loading), 50 (analysis)"
    )
    processes()
    analysis()
    policies()
    symbolic()
    loading()


if __name__ == "__main__":
    main()
