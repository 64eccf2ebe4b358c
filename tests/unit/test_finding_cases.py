"""Each finding code: a case in which it fires, and a near miss in which it must not."""

import pytest
from tests.case_files import Case, all_cases

from gatepath.diagnose import diagnose

CASES = [case for case in all_cases() if "code" in case.expected]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.folder.parent.name}-{case.name}")
def test_fires_or_stays_quiet(case: Case) -> None:
    only = None if case.needs_policies else frozenset({"network"})
    found = diagnose(case.question(), case.world(), only=only)
    codes = {finding.code for finding in found.findings}
    assert (case.expected["code"] in codes) is case.expected["fires"], codes
