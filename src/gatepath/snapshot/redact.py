"""A snapshot without the names of its owner, that still gives the same answer.

Only what the loaders read is kept, and of that every text is replaced unless it is known to be AWS's own word:
an enumeration, a service's name, a Region, an action. Ids, names and addresses become pseudonyms (`pseudonyms.py`)
consistently, also inside ARNs and policy documents.
"""

import json
import re
from collections.abc import Iterable, Iterator
from ipaddress import ip_network
from typing import Any

from gatepath.model.shown import keeps, without_password
from gatepath.snapshot.aws_words import AWS_OWN, AWS_VALUE, HOSTS, KEPT_KEYS
from gatepath.snapshot.containers import to_dict
from gatepath.snapshot.pages import ANSWERS
from gatepath.snapshot.pruned import pruned
from gatepath.snapshot.pseudonyms import IDS, Pseudonyms, Public
from gatepath.snapshot.record import Record

Json = Any

_TAGS = frozenset({"Tags", "TagSet", "tags"})
_DOCUMENTS = frozenset({"Document", "Policy", "PolicyDocument", "AssumeRolePolicyDocument", "Content"})
_TAG_KEY = re.compile(
    r"(?P<head>(?:aws:(?:Principal|Resource|Request)Tag|s3:(?:Existing|Request)ObjectTag|iam:ResourceTag)/)"
    r"(?P<tag>[^}\"]+)",
    re.IGNORECASE,
)
_AWS_TAG = re.compile(r"(?P<head>aws:|eks:|kubernetes\.io/cluster/|k8s\.io/)(?P<rest>.*)")
_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*|\*):(?P<service>[a-z0-9-]+|\*):(?P<region>[a-z0-9-]*|\*)"
    r":(?P<account>[^:\s\"']*):(?P<resource>[^\"'\s]*)"
)
_KIND = re.compile(
    r"(?P<kind>role|user|group|policy|assumed-role|federated-user|instance-profile|function|table|index|stream|backup"
    r"|cluster|service|task|task-definition|container-instance|nodegroup|key|alias|accesspoint|bucket|object|root"
    r"|aws-service-role|service-role|vpc|subnet|instance)(?P<sep>[/:]|$)"
)
_BUCKET_HOST = re.compile(r"(?P<bucket>.+?)(?P<tail>\.s3[.-].*)", re.IGNORECASE)
_ENDPOINT_HOST = re.compile(r"(?P<id>\*?\.?vpce-[0-9a-f]+)-(?P<rest>[0-9a-z-]+)(?P<tail>\..*)")
_PLACE = re.compile(
    r"(?P<scheme>\b[a-z][a-z0-9+]*://)|(?P<cidr>(?<![\w.])\d{1,3}(\.\d{1,3}){3}(/\d+)?|\[[0-9a-fA-F:.]+\]"
    r"|(?<![\w.])[0-9a-fA-F]{0,4}:[0-9a-fA-F:]*:[0-9a-fA-F:.]*(/\d+)?)|(?P<host>[\w*-]+(\.[\w*-]+)*\.?)"
)
_LAMBDA_INTERFACE = re.compile(r"(?P<head>AWS Lambda VPC ENI-)(?P<name>.*)")
_AWS_DESCRIPTION = re.compile(
    r"(Interface for NAT Gateway|VPC Endpoint Interface|Network Interface for Transit Gateway Attachment|ELB|EFS"
    r"|aws-K8S-|Amazon EKS|RDSNetworkInterface|Primary network interface)"
)


class Redactor(Pseudonyms):
    """Walks JSON values and replaces what names somebody."""

    def __init__(self, key: bytes, kept: Iterable[str] = (), public: Public | None = None) -> None:
        """Take a key, what keeps its meaning (`meaningful`), and what tells AWS's published buckets."""
        super().__init__(key, kept)
        self._public = public or (lambda _: False)

    def bucket(self, text: str) -> str:
        """Return a pseudonym of a bucket's name; names that AWS publishes stay."""
        return text if AWS_OWN.match(text) or self._public(text) else self.name(text)

    def hostname(self, text: str) -> str:
        """Return a host name with the bucket in it replaced, or all of it."""
        if found := _ENDPOINT_HOST.fullmatch(text):
            return f"{self.ids(found['id'])}-{self.word(found['rest'])}{found['tail']}"
        if not AWS_OWN.match(text):
            return self.name(text)
        found = _BUCKET_HOST.fullmatch(text)
        if found is None or found["bucket"] in {"*", r"\052"} or self._public(found["bucket"]):
            return self.ids(text)
        return self.bucket(found["bucket"]) + found["tail"]

    def places(self, text: str) -> str:
        """Return a proxy's URL, or a list of names and addresses such as NO_PROXY, with each replaced."""
        return _PLACE.sub(self._place, without_password(text))

    def _place(self, found: re.Match[str]) -> str:
        if found["cidr"]:
            return self.address(found[0])
        known = found["host"] is None or AWS_VALUE.fullmatch(found[0]) or found[0] == "localhost"
        return found[0] if known else self.hostname(found[0])

    def arn(self, found: re.Match[str]) -> str:
        """Return an ARN with account and resource replaced; AWS's own policies stay."""
        part = found.groupdict()
        if part["account"] == "aws":
            return found[0]
        head = ":".join(
            ("arn", part["partition"], part["service"], part["region"], self.ids(part["account"]))
        )
        resource = part["resource"]
        if part["service"] == "s3" and not part["account"] and not part["region"]:
            bucket, slash, key = resource.partition("/")
            return f"{head}:{self.bucket(bucket)}{slash}{self.name(key)}"
        kind = _KIND.match(resource)
        if kind is None or part["service"] == "*":
            return f"{head}:{self.name(resource)}"
        return f"{head}:{kind[0]}{self._below(resource[kind.end() :])}"

    def _below(self, text: str) -> str:
        """Return the rest of a resource: kinds in the middle (`/index/`, `/object/`) stay."""
        parts = re.split(r"([/:])", text)
        return "".join(part if _KIND.fullmatch(part) else self.name(part) for part in parts)

    def text(self, text: str) -> str:
        """Return a free text: ARNs by their parts, known words of AWS as they are, every other word replaced."""
        if AWS_VALUE.fullmatch(text):
            return text
        if _ARN.search(text):
            return _ARN.sub(self.arn, text)
        if AWS_OWN.match(text) and "/" not in text:
            return self.hostname(text)
        return _TAG_KEY.sub(self._tag_key, self.name(text))

    def _tag_key(self, found: re.Match[str]) -> str:
        return found["head"] + self.tag(found["tag"])

    def tag(self, key: str) -> str:
        """Return a tag's key; conditions compare it whatever its case."""
        found = _AWS_TAG.match(key)
        if found is None:
            return self.name(key.lower())
        return found["head"] + (self.name(found["rest"]) if "/" in found["head"] else found["rest"])

    def value(self, value: Json, key: str = "") -> Json:
        """Return any JSON value redacted; `key` is the member it is the value of."""
        if isinstance(value, dict):
            return self._members(value)
        if isinstance(value, list):
            return self._tags(value) if key in _TAGS else [self.value(item, key) for item in value]
        return self._string(value, key) if isinstance(value, str) else value

    def _members(self, value: dict[str, Json]) -> dict[str, Json]:
        made: dict[str, Json] = {}
        for key, item in value.items():
            plain = (key == "State" and isinstance(item, dict)) or (
                key in {"Name", "name"} and {"Values", "value"} & value.keys()
            )
            if plain:
                made[key] = item  # a state's name, a filter's or a detail's name
            elif key == "Variables" and isinstance(item, dict):
                made[key] = {k: self._setting(k, v) for k, v in item.items() if keeps(k)}
            elif key == "environment" and isinstance(item, list):
                rows = [row for row in item if isinstance(row, dict) and keeps(str(row.get("name")))]
                made[key] = [
                    {**row, "value": self._setting(str(row["name"]), row.get("value"))} for row in rows
                ]
            else:
                made[_TAG_KEY.sub(self._tag_key, key)] = self.value(item, key)
        return made

    def _setting(self, name: str, value: Json) -> Json:
        return self.places(value) if isinstance(value, str) and "REGION" not in name.upper() else value

    def _tags(self, rows: list[Json]) -> list[Json]:
        return [
            {
                **row,
                **{k: self.tag(str(row[k])) for k in ("Key", "key") if k in row},
                **{k: self.text(str(row[k])) for k in ("Value", "value") if k in row},
            }
            for row in rows
            if isinstance(row, dict)
        ]

    def _string(self, text: str, key: str) -> str:
        if key in KEPT_KEYS or (key == "Key" and AWS_VALUE.fullmatch(text)):
            return text
        if key in _DOCUMENTS or text.lstrip().startswith(("{", "%7B")):
            return self._document(text, key)
        if key == "Message":
            return ""
        if key in {"Description", "PrefixListName", "ServiceName"}:
            return self._described(text)
        return self._named(text, key)

    def _named(self, text: str, key: str) -> str:
        plain = not text.startswith("arn:") and not AWS_VALUE.fullmatch(text)
        if plain and key in {"Bucket", "bucket"}:
            return self.bucket(text)
        if plain and key in HOSTS:
            return self.places(text) if _only_place(text) else self.hostname(text)
        return self.text(text)

    def _described(self, text: str) -> str:
        """Return a description; loaders know interfaces and lists by AWS's own."""
        if found := _LAMBDA_INTERFACE.fullmatch(text):
            return found["head"] + self.name(found["name"])
        own = _AWS_DESCRIPTION.match(text) or AWS_OWN.match(text)
        return self.ids(text) if own and IDS.search(text) else text if own else self.name(text)

    def _document(self, text: str, key: str) -> str:
        from urllib.parse import unquote

        try:
            read = json.loads(unquote(text) if text.startswith("%7B") else text)
        except (ValueError, RecursionError):
            return self.text(text)
        return (
            json.dumps(self.value(read)) if isinstance(read, dict | list) else self._string(text, f"{key}?")
        )


def _only_place(text: str) -> bool:
    """Tell whether a text is one address."""
    found = IDS.fullmatch(text)
    return found is not None and found["cidr"] is not None


def meaningful(records: Iterable[Record]) -> frozenset[str]:
    """Return what must keep its meaning: the VPC resolvers' addresses, and the ids of AWS's own prefix lists.

    A resolver has the primary block's base plus two: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html.
    """
    found = set()
    for record in records:
        rows = json.loads(record.response) if record.response and record.name in _TELLING else {}
        for row in (*rows.get("Vpcs", ()), *rows.get("PrefixLists", ())):
            if isinstance(block := row.get("CidrBlock"), str):
                found.add(str(ip_network(block, strict=False).network_address + 2))
            if "com.amazonaws." in str(row.get("PrefixListName")):
                found.add(str(row.get("PrefixListId")))
    return frozenset(found)


_TELLING = frozenset({"ec2.DescribeVpcs", "ec2.DescribePrefixLists", "ec2.DescribeManagedPrefixLists"})


def redact(
    records: Iterable[Record], key: bytes, kept: frozenset[str] = frozenset(), public: Public | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the records redacted, one by one, without those that are not read; `kept` from `meaningful`."""
    redactor = Redactor(key, kept, public)
    for record in records:
        if record.name not in ANSWERS:
            continue
        call = to_dict(record)
        answer = pruned(record.name, call["response"]) if "response" in call else None
        yield {
            **call,
            "account": redactor.account(record.account),
            "request": redactor.value(call["request"]),
            **({"response": redactor.value(answer)} if "response" in call else {}),
            **({"error": {"Code": record.error_code, "Message": ""}} if "error" in call else {}),
        }


def redact_question(
    question: dict[str, Any], key: bytes, kept: frozenset[str] = frozenset(), public: Public | None = None
) -> dict[str, Any]:
    """Return a question in the same pseudonyms."""
    redactor = Redactor(key, kept, public)
    made: dict[str, Any] = redactor.value({k: v for k, v in question.items() if k != "client"})
    client = question.get("client")
    if isinstance(client, dict):
        made["client"] = {
            name: {k: redactor._setting(k, v) for k, v in item.items()}  # noqa: SLF001 - of the same module
            if name == "env" and isinstance(item, dict)
            else redactor.value(item, name)
            for name, item in client.items()
        }
    return made
