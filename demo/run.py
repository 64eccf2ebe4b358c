"""`make demo`: break a VPC on a simulated AWS, record it over HTTP, diagnose it, mend it, diagnose it again.

Exits 0 only if the demonstration itself worked: the verdicts and the faults are the expected ones.
"""

import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FAULTS = {
    "dns.zone-lacks-record": "a private hosted zone left over from a trial shadows S3's names",
    "security-group.no-egress": "the security group lets traffic out to the VPC only",
    "route.endpoint-not-associated": "the endpoint hangs on the main route table, the subnet uses its own",
    "network-acl.partial-return": "the network ACL lets answers in on ports 49152-65535 only",
}

REFUSAL = "resource-policy.explicit-deny"


def say(text: str = "") -> None:
    """Print a line of the demonstration's own words."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def gatepath(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the command line as a user would, with credentials that only a simulator takes."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "GATEPATH_"))}
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        kept.pop(name, None)
    simulated = {
        "AWS_ACCESS_KEY_ID": "demo",
        "AWS_SECRET_ACCESS_KEY": "demo",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    program = Path(sys.executable).with_name("gatepath")
    command = [str(program), *arguments]
    return subprocess.run(  # noqa: S603 - our own program
        command, cwd=folder, env={**kept, **simulated}, check=False, text=True, stdout=subprocess.PIPE
    )


def shown(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the command line and show both the command and what it prints."""
    say("  $ gatepath " + shlex.join(arguments))
    done = gatepath(folder, *arguments)
    for line in done.stdout.splitlines():
        say("    " + line)
    return done


class Demonstration:
    """One VPC on one simulated AWS, and a folder for what is recorded."""

    def __init__(self, url: str, folder: Path) -> None:
        from demo.vpc import Builder, question_text

        self.url = url
        self.folder = folder
        self.builder = Builder(url)
        self.demo = self.builder.build()
        (folder / "question.json").write_text(question_text(self.demo), "utf-8")

    def record(self, name: str) -> None:
        """Record what the question needs, over HTTP."""
        from demo.vpc import REGION

        place = ("--endpoint-url", self.url, "--region", REGION)
        done = shown(self.folder, "snapshot", "record", "--question", "question.json", "--out", name, *place)
        if done.returncode:
            raise SystemExit(f"recording failed (exit {done.returncode})")

    def diagnosed(self, name: str) -> dict[str, Any]:
        """Diagnose and print; return the diagnosis as JSON."""
        command = ("diagnose", name, "--question", "question.json")
        done = shown(self.folder, *command)
        say(f"  exit code {done.returncode}")
        diagnosis: dict[str, Any] = json.loads(gatepath(self.folder, *command, "--output", "json").stdout)
        return diagnosis


def check(diagnosis: dict[str, Any], verdict: str, codes: set[str]) -> None:
    """End the demonstration with an error unless verdict and faults are the expected ones."""
    found = {finding["code"] for finding in diagnosis["findings"] if finding["severity"] != "info"}
    if diagnosis["verdict"] != verdict or not codes <= found or (not codes and found):
        expected = f"{verdict} {sorted(codes)}"
        raise SystemExit(
            f"the demonstration failed: expected {expected}, got {diagnosis['verdict']} {sorted(found)}"
        )


def demonstrate() -> None:
    """Tell the story."""
    from demo.aws_truth import running_server

    started = time.monotonic()
    with running_server() as url, tempfile.TemporaryDirectory(prefix="gatepath-demo-") as folder:
        say(f"1. A simulated AWS runs at {url} (moto, on this computer only; no account, no internet).")
        story = Demonstration(url, Path(folder))
        say(
            f"2. Built with boto3: {story.demo.vpc}, private, with the S3 gateway endpoint {story.demo.endpoint}."
        )
        say(
            f"   Instance {story.demo.instance} can't read from S3. We put {len(FAULTS)} mistakes in its way:"
        )
        for text in FAULTS.values():
            say(f"   - {text}")
        say("3. gatepath doesn't know that. It records AWS's answers:")
        story.record("broken.jsonl")
        say("4. It follows every packet:")
        check(story.diagnosed("broken.jsonl"), "blocked", set(FAULTS))
        say(f"   All {len(FAULTS)} were found.")
        say("5. We mend the VPC with boto3 as the findings say, and record again:")
        story.builder.repair(story.demo)
        story.record("reachable.jsonl")
        say("6. The packets get there now, and the service answers 403. Why?")
        check(story.diagnosed("reachable.jsonl"), "denied", {REFUSAL})
        say(
            "   The bucket policy expects an address that a VPC endpoint hides. We name the endpoint instead:"
        )
        story.builder.repair_policy(story.demo)
        story.record("mended.jsonl")
        check(story.diagnosed("mended.jsonl"), "ok", set())
    say(f"7. The way is free. Done in {time.monotonic() - started:.1f} s.")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    demonstrate()
