"""A redacted snapshot gives the same answer and none of the owner's names."""

import json
import random
from ipaddress import ip_address
from itertools import pairwise

import pytest
from tests.case_files import Case, all_cases

from gatepath.diagnose import diagnose
from gatepath.model.question import parse_question
from gatepath.snapshot.load import load_world
from gatepath.snapshot.record import decode_line
from gatepath.snapshot.redact import Redactor, redact, redact_question, vpc_resolvers

KEY = b"k" * 32
NETWORK = frozenset({"network"})


@pytest.mark.parametrize("case", list(all_cases()), ids=lambda case: case.name)
def test_same_verdict_and_paths(case: Case) -> None:
    asked = json.loads((case.folder / "question.json").read_text(encoding="utf-8"))
    before = diagnose(case.question(), case.world(), only=NETWORK)
    lines = [json.dumps(call).encode() for call in redact(case.records(), KEY, vpc_resolvers(case.records()))]
    records = [decode_line(line, n, f"x:{n}") for n, line in enumerate(lines)]
    after = diagnose(parse_question(redact_question(asked, KEY)), load_world(records), only=NETWORK)
    assert after.verdict is before.verdict
    assert sorted((p.kind, p.share or 0) for p in after.paths) == sorted(
        (p.kind, p.share or 0) for p in before.paths
    )
    assert sorted(f.code for f in after.findings) == sorted(f.code for f in before.findings)
    text = b"\n".join(lines).decode()
    for name in ("111122223333", "app-role", "subnet-0bbb", "i-0abc0000000000001", "10.0.1.10"):
        assert name not in text


def test_addresses_keep_common_prefixes_and_differ() -> None:
    redactor, rng = Redactor(KEY), random.Random(3)
    made = {}
    for _ in range(300):
        address = str(ip_address((10 << 24) + rng.randrange(1 << 24)))
        made[address] = redactor.address(address)
    assert len(set(made.values())) == len(made)
    listed = list(made.items())
    for (a, b), (c, d) in pairwise(listed):
        assert common(a, c) == common(b, d)


def common(left: str, right: str) -> int:
    return 32 - (int(ip_address(left)) ^ int(ip_address(right))).bit_length()


@pytest.mark.parametrize("text", ["0.0.0.0/0", "::/0", "52.218.0.0/17", "10.0.0.0/8", "169.254.169.253"])
def test_what_aws_owns_or_means_stays(text: str) -> None:
    assert Redactor(KEY).address(text) == text


def test_secrets_in_environments_are_dropped() -> None:
    made = Redactor(KEY).value({"Environment": {"Variables": {"TOKEN": "s3cr3t", "no_proxy": ".corp"}}})
    assert made == {"Environment": {"Variables": {"no_proxy": ".corp"}}}
