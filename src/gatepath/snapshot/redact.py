"""A snapshot without the names of its owner, that still gives the same answer.

Account ids, resource ids, names and addresses are replaced consistently: the same input is the same pseudonym
everywhere, also inside ARNs and policy documents. Addresses are permuted so that two that share a prefix of n
bits still do (longest-prefix matches stay what they are). What AWS owns (service names, prefix lists, the
service's public addresses, Regions) stays as it is.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from gatepath.model.network import Network
from gatepath.model.shown import without_password
from gatepath.packets import PacketSet
from gatepath.snapshot.containers import to_dict
from gatepath.snapshot.public_ranges import public_ranges
from gatepath.snapshot.record import Record

Json = Any

ACCOUNT = re.compile(r"(?<![0-9a-zA-Z.-])\d{12}(?![0-9a-zA-Z])")
RESOURCE_ID = re.compile(
    r"\b(?P<kind>vpce-svc|vpce|vpc-cidr-assoc|vpcbpa-exclude|vpc|subnet|rtbassoc|rtb|aclassoc|acl|sgr|sg|eni-attach|eni"
    r"|igw|eigw|nat|pcx|tgw-attach|tgw-rtb|tgw|vgw|dopt|eipalloc|eipassoc|rslvr-rrassoc|rslvr-rr|rslvr-frgassoc"
    r"|rslvr-frg|rslvr-fdl|rslvr-out|rslvr-in|i|r)-(?P<id>[0-9a-f]{3,17}|[0-9a-f]{8}-[0-9a-f-]{27})\b"
)
ZONE_ID = re.compile(r"\bZ[0-9A-Z]{6,32}\b")
CIDR = re.compile(
    r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?(?![\w.])"
    r"|(?<![\w.:/])[0-9a-fA-F]{0,4}:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(?:/\d{1,3})?(?![\w.:])"
)
S3_ARN = re.compile(r"(?P<head>arn:aws[a-z-]*:s3:::)(?P<bucket>[^/\"'*?\s,$]+)(?P<key>/[^\"'\s]*)?")
NAMED_ARN = re.compile(
    r"(?P<head>arn:aws[a-z-]*:(?:iam|sts|lambda|dynamodb|ecs|eks|kms|s3|s3express):[a-z0-9-]*:\d{12}:"
    r"(?:role|user|group|policy|assumed-role|instance-profile|function|table|cluster|service|task|key|accesspoint)[/:])"
    r"(?P<name>[^\"'\s,*?]+)"
)
NAME_KEYS = frozenset(
    {
        "GroupName", "RoleName", "UserName", "PolicyName", "InstanceProfileName", "FunctionName", "TableName", "Bucket",
        "clusterName", "clusterArn", "serviceName", "KeyName", "Value", "Description", "Name", "PublicDnsName",
        "PrivateDnsName", "UserId", "Sid", "serviceArn", "family",
    }
)  # fmt: skip
"""Members whose text is a name the owner chose (unless it is one of AWS's)."""

DROPPED_KEYS = frozenset({"UserData", "MacAddress", "RequestId", "CreatorRequestId", "StatusMessage"})

KEPT_VARIABLES = re.compile(
    r"^(https?_proxy|no_proxy|all_proxy|aws_(default_)?region|aws_endpoint_url.*)$", re.IGNORECASE
)

AWS_OWN = re.compile(
    r"^(com\.amazonaws\.|cn\.com\.amazonaws\.|amazonprovideddns$|default$|system rule|internet resolver|route 53)"
    r"|(^|\.)(amazonaws\.com(\.cn)?|amazonaws\.eu|api\.aws|awsdns-\d+\.[a-z.]+)\.?$|^\d+ \d+|^[a-z-]+\.amazonaws\.com$",
    re.IGNORECASE,
)
BUCKET_HOST = re.compile(r"^(?P<bucket>.+?)(?P<tail>\.s3[.-].*)$")


class Redactor:
    """Pseudonyms from one secret key; the same key gives the same pseudonyms."""

    def __init__(self, key: bytes, resolvers: Iterable[str] = ()) -> None:
        """Take a key, and the addresses of VPC resolvers (VPC base plus two), which keep their meaning."""
        self._key = key
        self._kept = _service_addresses()
        self._resolvers = frozenset(resolvers)

    def _digest(self, kind: str, text: str) -> str:
        return hmac.new(self._key, f"{kind}:{text}".encode(), hashlib.sha256).hexdigest()

    def account(self, text: str) -> str:
        """Return a pseudonym of an account id."""
        return str(int(self._digest("account", text), 16) % 10**12).zfill(12)

    def identifier(self, kind: str, text: str) -> str:
        """Return a pseudonym of a resource id, `vpc-…` staying `vpc-…`."""
        return f"{kind}-0{self._digest(kind, text)[:16]}"

    def name(self, text: str) -> str:
        """Return a pseudonym of a name."""
        return f"name-{self._digest('name', text)[:10]}"

    def address(self, text: str) -> str:
        """Return a pseudonym of an address or CIDR block that keeps common prefixes.

        The first octet (IPv6: the first 16 bits) stays, so private stays private and public public; the
        service's own addresses and everything wider than that stay as they are.
        """
        try:
            network = ip_network(text, strict=False) if "/" in text else ip_network(text)
            address = ip_address(text.split("/", maxsplit=1)[0])
        except ValueError:
            return text
        if text in self._resolvers:
            return "169.254.169.253"
        fixed = 8 if address.version == 4 else 16  # noqa: PLR2004 - IP version
        if network.prefixlen <= fixed or self._is_service(network) or _special(address):
            return text
        kept = 12 if network.version == 4 and int(address) >> 20 in range(0xAC1, 0xAC2) else fixed  # noqa: PLR2004
        changed = self._permuted(address, kept)
        suffix = f"/{text.split('/')[1]}" if "/" in text else ""
        return f"{changed}{suffix}"

    def _is_service(self, network: Network) -> bool:
        packets = PacketSet.of(network.version, [network])
        return not packets.isdisjoint(self._kept[network.version])

    def _permuted(self, address: IPv4Address | IPv6Address, fixed: int) -> IPv4Address | IPv6Address:
        """Flip each bit by a function of the bits before it."""
        width = address.max_prefixlen
        value = made = int(address)
        for place in range(fixed, width):
            before = value >> (width - place)
            bit = int(self._digest("bit", f"{address.version}:{place}:{before}")[0], 16) & 1
            made ^= bit << (width - 1 - place)
        return IPv4Address(made) if address.version == 4 else IPv6Address(made)  # noqa: PLR2004 - IP version

    def bucket(self, text: str) -> str:
        """Return a pseudonym of a bucket's name; names that AWS's own hosts carry stay."""
        return text if AWS_OWN.search(text) else f"bucket-{self._digest('bucket', text)[:10]}"

    def text(self, text: str) -> str:
        """Return a text with every id, ARN and address in it replaced."""
        text = S3_ARN.sub(self._s3_arn, text)
        text = NAMED_ARN.sub(lambda m: m["head"] + "/".join(self.name(p) for p in m["name"].split("/")), text)
        text = RESOURCE_ID.sub(lambda m: self.identifier(m["kind"], m["id"]), text)
        text = ZONE_ID.sub(lambda m: "Z" + self._digest("zone", m[0])[:12].upper(), text)
        text = ACCOUNT.sub(lambda m: self.account(m[0]), text)
        return CIDR.sub(lambda m: self.address(m[0]), text)

    def _s3_arn(self, match: re.Match[str]) -> str:
        return (
            match["head"]
            + self.bucket(match["bucket"])
            + ("/redacted" if match["key"] and match["key"] != "/*" else match["key"] or "")
        )

    def hostname(self, text: str) -> str:
        """Return a host name with the bucket in it replaced."""
        found = BUCKET_HOST.match(text)
        if not found or not AWS_OWN.search(text) or found["bucket"] in {"*", r"\052"}:
            return self.text(text)
        return self.bucket(found["bucket"]) + found["tail"]

    def value(self, value: Json, key: str = "") -> Json:
        """Return any JSON value redacted; `key` is the member it is the value of."""
        if isinstance(value, dict):
            return self._members(value)
        if isinstance(value, list):
            return [self.value(item, key) for item in value]
        return self._string(value, key) if isinstance(value, str) else value

    def _members(self, value: dict[str, Json]) -> dict[str, Json]:
        made: dict[str, Json] = {}
        for key, item in value.items():
            if key in DROPPED_KEYS:
                continue
            if (key == "State" and isinstance(item, dict)) or (key == "Name" and "Values" in value):
                made[key] = item  # a state's name, a filter's name
            elif key in {"Tags", "TagSet"}:
                made[key] = []
            elif key == "Variables" and isinstance(item, dict):
                made[key] = {k: self.value(v) for k, v in item.items() if KEPT_VARIABLES.match(k)}
            elif key == "environment" and isinstance(item, list):
                kept = [
                    row
                    for row in item
                    if isinstance(row, dict) and KEPT_VARIABLES.match(str(row.get("name")))
                ]
                made[key] = [{k: self.text(str(v)) for k, v in row.items()} for row in kept]
            else:
                made[key] = self.value(item, key)
        return made

    def _string(self, text: str, key: str) -> str:
        if key == "Bucket":
            return self.bucket(text)
        if text.lstrip().startswith("{"):
            return self._document(text)
        changed = self.text(text)
        if (
            key in NAME_KEYS
            and changed == text
            and text
            and not AWS_OWN.search(text)
            and not CIDR.fullmatch(text)
        ):
            return self.name(text)
        return self.hostname(text) if changed == text and BUCKET_HOST.match(text) else changed

    def _document(self, text: str) -> str:
        try:
            return json.dumps(self.value(json.loads(text)))
        except ValueError:
            return self.text(text)


def _special(address: IPv4Address | IPv6Address) -> bool:
    inside_nat64 = address.version == 6 and address in NAT64  # noqa: PLR2004 - IP version
    fixed = address.is_link_local or address.is_loopback or address.is_multicast or address.is_unspecified
    return inside_nat64 or fixed


def _service_addresses() -> dict[int, PacketSet]:
    ranges = public_ranges().cidrs
    return {
        version: PacketSet.of(version, [c for key in ranges if key[2] == version for c in ranges[key]])
        for version in (4, 6)
    }


NAT64 = ip_network("64:ff9b::/96")
"""Keeps its meaning: https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html"""


def vpc_resolvers(records: Iterable[Record]) -> frozenset[str]:
    """Return the addresses of the recorded VPCs' resolvers: the primary block's base plus two.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html
    """
    found = set()
    for record in records:
        if f"{record.service}.{record.operation}" == "ec2.DescribeVpcs" and record.response:
            for row in json.loads(record.response).get("Vpcs", ()):
                if isinstance(block := row.get("CidrBlock"), str):
                    found.add(str(ip_network(block, strict=False).network_address + 2))
    return frozenset(found)


def redact(
    records: Iterable[Record], key: bytes, resolvers: frozenset[str] = frozenset()
) -> Iterator[dict[str, Any]]:
    """Yield the records redacted, one by one; `resolvers` from `vpc_resolvers` of the same records."""
    redactor = Redactor(key, resolvers)
    for record in records:
        call = to_dict(record)
        yield {
            **call,
            "account": redactor.account(record.account),
            "request": redactor.value(call["request"]),
            **({"response": redactor.value(call["response"])} if "response" in call else {}),
            **({"error": {**call["error"], "Message": ""}} if "error" in call else {}),
        }


def redact_question(question: dict[str, Any], key: bytes) -> dict[str, Any]:
    """Return a question in the same pseudonyms."""
    redactor = Redactor(key)
    made: dict[str, Any] = redactor.value(question)
    client = question.get("client")
    if isinstance(client, dict) and isinstance(client.get("hostname"), str):
        made["client"]["hostname"] = redactor.hostname(client["hostname"])
    if isinstance(client, dict) and isinstance(client.get("env"), dict):
        made["client"]["env"] = {
            name: redactor.value(without_password(text)) if isinstance(text, str) else text
            for name, text in client["env"].items()
        }
    source = question.get("source")
    if isinstance(source, dict):
        for kind in ("lambda", "ecs_task", "ecs_service"):
            if isinstance(source.get(kind), str) and made["source"][kind] == source[kind]:
                made["source"][kind] = redactor.name(source[kind])
    return made
