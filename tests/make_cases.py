"""Write every scenario as two case folders: `python -m tests.make_cases`."""

from pathlib import Path

from tests import scenarios, scenarios_clients, scenarios_policies


def main() -> None:
    """Write `tests/cases/findings/CODE/{fires,quiet}`."""
    root = Path(__file__).parent / "cases" / "findings"
    every = scenarios.SCENARIOS | scenarios_clients.SCENARIOS | scenarios_policies.SCENARIOS
    for code, makers in every.items():
        for name, make in zip(("fires", "quiet"), makers, strict=True):
            made, asked, expected = make()
            made.write(root / code / name, asked, {**expected, "code": code, "fires": name == "fires"})


if __name__ == "__main__":
    main()
