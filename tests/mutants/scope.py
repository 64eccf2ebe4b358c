"""Which modules are mutated, and the tests that must notice."""

import re
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src"
_FIRST = "routing filters delivery onward nat transit legs resolver hosted_zones dns_firewall endpoint_names"
_SECOND = "hostnames host_building proxies no_proxy service_ranges"
_FIRST_MODULES = [f"gatepath.engine.{name}" for name in f"{_FIRST} {_SECOND}".split()]
_ENGINE = sorted(f"gatepath.engine.{path.stem}" for path in (SOURCE / "gatepath/engine").glob("[a-z]*.py"))
_CHECKS = "region region_rules dns dns_asking dns_answers dns_targets dns_proxy proxy security_group network_acl route route_faults"
MODULES = tuple(
    dict.fromkeys(
        [
            "gatepath.packets",
            *_FIRST_MODULES,
            *_ENGINE,
            *(f"gatepath.checks.{name}" for name in _CHECKS.split()),
        ]
    )
)
TESTS = (
    "tests/unit/test_cases.py",
    "tests/unit/test_finding_cases.py",
    "tests/unit/test_proxies.py",
    "tests/unit/test_hostnames.py",
    "tests/unit/test_hostnames_botocore.py",
    "tests/unit/test_onward.py",
    "tests/unit/test_request.py",
    "tests/unit/test_verdicts.py",
    "tests/unit/test_dns_more.py",
    "tests/unit/test_dns_profiles.py",
    "tests/unit/test_dns_servers.py",
    "tests/unit/test_far_addresses.py",
    "tests/unit/test_proxy_names.py",
    "tests/unit/test_region_doubts.py",
    "tests/unit/test_sources_more.py",
    "tests/unit/test_report_text.py",
    "tests/properties/test_packets_laws.py",
    "tests/properties/test_packets_brute_force.py",
    "tests/properties/test_filters_naive.py",
    "tests/differential/test_known_differences.py",
    "tests/differential/test_lab_more.py",
    *sorted(str(p) for p in Path(__file__).parents[1].glob("unit/test_mutants_*.py")),
)
LEFT_OUT = re.compile(r"-all\]$|::test_lines_fit")
"""Slow tests that say nothing more about the network half."""


def path_of(module: str) -> Path:
    """Return a module's source file."""
    return SOURCE / (module.replace(".", "/") + ".py")
