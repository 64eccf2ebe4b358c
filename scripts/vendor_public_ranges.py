"""Cut AWS's ip-ranges.json down to what the package ships: `vendor_public_ranges.py IP-RANGES.JSON`.

Source of the input: https://ip-ranges.amazonaws.com/ip-ranges.json
"""

import json
import sys
from pathlib import Path

OUT = Path(__file__).parent.parent / "src/gatepath/data/public-ranges.json"
SERVICES = {"S3": "s3", "DYNAMODB": "dynamodb"}


def main(source: Path) -> None:
    """Write the subset: S3 and DynamoDB by Region and IP version, and the names of all Regions."""
    data = json.loads(source.read_text(encoding="utf-8"))
    ranges: dict[str, dict[str, dict[str, list[str]]]] = {"s3": {}, "dynamodb": {}}
    regions = set()
    for version, key, field in (("4", "prefixes", "ip_prefix"), ("6", "ipv6_prefixes", "ipv6_prefix")):
        for row in data[key]:
            regions.add(row["region"])
            if row["service"] in SERVICES:
                by_region = ranges[SERVICES[row["service"]]].setdefault(row["region"], {})
                by_region.setdefault(version, []).append(row[field])
    made = {
        "source": "https://ip-ranges.amazonaws.com/ip-ranges.json",
        "created": data["createDate"],
        "regions": sorted(regions - {"GLOBAL"}),
        "ranges": ranges,
    }
    OUT.write_text(json.dumps(made, separators=(",", ":"), sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
