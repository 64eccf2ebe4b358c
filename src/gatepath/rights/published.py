"""Buckets that AWS owns and that its workloads read: nobody but AWS sees their policies.

Source: https://github.com/aws-samples/data-perimeter-policy-examples (service_owned_resources.md)
"""

import re
from functools import cache
from importlib.resources import files


@cache
def _patterns() -> re.Pattern[str]:
    text = (files("gatepath") / "data/published_buckets.txt").read_text(encoding="utf-8")
    names = [line for line in text.splitlines() if line and not line.startswith("#")]
    return re.compile("|".join(_regex(name) for name in names))


def _regex(name: str) -> str:
    """Return a pattern of a name in which `{region}`, `{account}` and `{suffix}` stand for what varies."""
    made = re.escape(name)
    made = made.replace(re.escape("{region}"), r"[a-z]{2,4}(?:-[a-z]+)+-\d")
    made = made.replace(re.escape("{region_without_dashes}"), r"[a-z]{2,4}[a-z]+\d")
    made = made.replace(re.escape("{account}"), r"\d{12}")
    return made.replace(re.escape("{suffix}"), r"[a-z0-9]+")


def is_published(bucket: str) -> bool:
    """Tell whether a bucket is one that AWS publishes for its workloads."""
    return _patterns().fullmatch(bucket) is not None
