"""Random requests with all their policies, in the JSON of `gatepath authorize`; biased so that much matches."""

import base64
from random import Random
from typing import Any

Row = dict[str, Any]
HOME, OTHER = "111122223333", "444455556666"
BUCKET, KEY_ID = "orders", "0a1b2c3d-0000-4000-8000-000000000001"
REQUESTS: tuple[tuple[str, str], ...] = (
    ("s3:GetObject", "arn:aws:s3:::orders/2026/a.csv"),
    ("s3:PutObject", "arn:aws:s3:::orders/team-blue/b.csv"),
    ("s3:DeleteObject", "arn:aws:s3:::orders/tmp/c"),
    ("s3:ListBucket", "arn:aws:s3:::orders"),
    ("s3:GetBucketLocation", "arn:aws:s3:::orders"),
    ("s3:ListAllMyBuckets", "*"),
    ("dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:{account}:table/orders"),
    ("dynamodb:Query", "arn:aws:dynamodb:eu-west-1:{account}:table/orders/index/by-date"),
    ("kms:Decrypt", "arn:aws:kms:eu-west-1:{account}:key/" + KEY_ID),
)
PRINCIPALS = {
    "role": "arn:aws:iam::{account}:role/app",
    "session": "arn:aws:sts::{account}:assumed-role/app/s1",
    "user": "arn:aws:iam::{account}:user/ann",
    "root": "arn:aws:iam::{account}:root",
    "federated": "arn:aws:sts::{account}:federated-user/fred",
    "anonymous": "anonymous",
    "service": "logging.s3.amazonaws.com",
}
TEXTS = {
    "aws:SourceVpce": ("vpce-0aaa1111", "vpce-0bbb2222"),
    "aws:SourceVpc": ("vpc-0aaa1111", "vpc-0bbb2222"),
    "aws:PrincipalOrgID": ("o-aaaa1111", "o-bbbb2222"),
    "aws:PrincipalTag/team": ("team-blue", "Team-Blue", "red*"),
    "aws:RequestedRegion": ("eu-west-1", "us-east-1"),
    "aws:UserAgent": ("aws-cli/2", "Boto3/1"),
    "aws:Referer": ("https://example.com/a?b", ""),
}
LISTS = {
    "aws:TagKeys": ("team", "cost", "Team"),
    "aws:PrincipalOrgPaths": ("o-aaaa1111/r-1/ou-1/", "o-aaaa1111/r-1/ou-2/", "o-bbbb2222/r-2/"),
}
NUMBERS = {"aws:MultiFactorAuthAge": ("300", "3600", "3600.5")}
DATES = {
    "aws:CurrentTime": ("2026-11-24T10:00:00Z", "2025-01-01T00:00:00Z"),
    "aws:EpochTime": ("1795514400", "0"),
}
BOOLS = {"aws:SecureTransport": ("true", "false"), "aws:MultiFactorAuthPresent": ("true", "false")}
ADDRESSES = {"aws:SourceIp": ("203.0.113.9", "198.51.100.7", "2001:db8::1")}
ARNS = {"aws:SourceArn": ("arn:aws:s3:::orders", "arn:aws:sns:eu-west-1:111122223333:topic-a")}
STRING_OPERATORS = (
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
)
COMPARED = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")


class Maker:
    """Makes one request after another from a seed."""

    def __init__(self, seed: int) -> None:
        """Take the seed."""
        self.random = Random(seed)

    def line(self, number: int) -> Row:
        """Return a request."""
        r = self.random
        account = OTHER if r.random() < 0.25 else HOME
        kind = r.choices(list(PRINCIPALS), (4, 5, 4, 1, 1, 1, 1))[0]
        self.principal = PRINCIPALS[kind].format(account=HOME)
        action, resource = r.choice(REQUESTS)
        while kind in {"anonymous", "service"} and resource == "*":
            action, resource = r.choice(REQUESTS)
        if resource == "*":
            account = HOME
        self.action, self.resource = action, resource.format(account=account)
        self.context = self._context(kind)
        own = kind not in {"anonymous", "service"}
        policies: Row = {"identity": [self.policy() for _ in range(r.randint(0, 3))] if own else []}
        policies["resource"] = self.policy(principal=True) if r.random() < 0.6 and resource != "*" else None
        policies["boundary"] = (
            self.limit() if kind in {"role", "session", "user"} and r.random() < 0.2 else None
        )
        policies["session"] = self.limit() if kind in {"session", "federated"} and r.random() < 0.4 else None
        policies["scp"] = self._levels("scp") if own and r.random() < 0.3 else []
        policies["rcp"] = self._levels("rcp") if r.random() < 0.2 else []
        policies["vpce"] = self.limit(everyone=True) if kind != "service" and r.random() < 0.4 else None
        policies["vpce_type"] = "gateway"
        request = {
            "principal": self.principal,
            "action": action,
            "resource": self.resource,
            "resource_account": account,
            "context": self.context,
        }
        return {"id": number, "kind": kind, "request": request, "policies": policies}

    def _context(self, kind: str) -> Row:
        r = self.random
        made: Row = {}
        for pool in (TEXTS, NUMBERS, DATES, BOOLS, ADDRESSES, ARNS):
            for key, values in pool.items():
                if r.random() < 0.6 and not (kind == "anonymous" and "Principal" in key):
                    made[key] = r.choice(values)
        for key, values in LISTS.items():
            if r.random() < 0.6 and kind != "anonymous":
                made[key] = r.sample(values, r.randint(0, len(values)))
        return made

    def policy(self, *, principal: bool = False) -> Row:
        """Return a policy about the last request."""
        r = self.random
        version = "2012-10-17" if r.random() < 0.85 else "2008-10-17"
        rows = [self._statement(principal=principal) for _ in range(r.randint(1, 4))]
        return {"Version": version, "Statement": rows if len(rows) > 1 or r.random() < 0.8 else rows[0]}

    def limit(self, *, everyone: bool = False) -> Row:
        """Return a policy that mostly allows: a boundary, a session policy, an endpoint policy."""
        made = self.policy(principal=False)
        if isinstance(made["Statement"], dict):
            made["Statement"] = [made["Statement"]]
        if self.random.random() < 0.7:
            made["Statement"].append({"Effect": "Allow", "Action": "*", "Resource": "*"})
        if everyone:
            for row in made["Statement"]:
                row["Principal"] = "*"
        return made

    def _levels(self, kind: str) -> list[Row]:
        r = self.random
        made = []
        for target in r.sample(("r-1", "ou-1", HOME), r.randint(1, 3)):
            rows: list[Row] = []
            if kind == "scp" and r.random() < 0.85:
                rows.append(_allow_all())
            if r.random() < 0.5:
                denial = self._statement(principal=False, effect="Deny")
                if kind == "rcp":
                    denial["Principal"] = "*"
                    _plain_elements(denial, self)
                rows.append({"Version": "2012-10-17", "Statement": [denial]})
            made.append({"target": target, "policies": rows})
        return made

    def _statement(self, *, principal: bool, effect: str | None = None) -> Row:
        r = self.random
        made: Row = {"Effect": effect or r.choices(("Allow", "Deny"), (6, 1))[0]}
        made["NotAction" if r.random() < 0.1 else "Action"] = self._some(self._actions())
        made["NotResource" if r.random() < 0.1 else "Resource"] = self._some(self._resources())
        if principal:
            element = "NotPrincipal" if made["Effect"] == "Deny" and r.random() < 0.15 else "Principal"
            made[element] = self._principals()
        if r.random() < 0.45:
            made["Condition"] = self._conditions()
        return made

    def _some(self, pool: list[str]) -> str | list[str]:
        r = self.random
        chosen = r.sample(pool, r.randint(1, min(3, len(pool))))
        return chosen[0] if len(chosen) == 1 and r.random() < 0.5 else chosen

    def _actions(self) -> list[str]:
        service, name = self.action.split(":")
        near = [self.action, self.action.upper(), f"{service}:{name[:3]}*", f"{service}:*", "*"]
        return [*near, f"{service}:?{name[1:]}", f"{service}:Delete*", "ec2:*", f"{service}:{name[:-1]}"]

    def _resources(self) -> list[str]:
        if self.resource == "*":
            return ["*", "*", "arn:aws:s3:::orders"]
        head, _, tail = self.resource.rpartition("/")
        near = [self.resource, "*", f"{self.resource[:-1]}?", f"{self.resource[:20]}*"]
        if head:
            near += [f"{head}/*", f"{head}/{tail.upper()}", head]
        if self.resource.startswith("arn:aws:s3"):
            near += ["arn:aws:s3:::orders/${aws:PrincipalTag/team}/*", "arn:aws:s3:::*"]
            near += ["arn:aws:s3:::orders/${aws:PrincipalTag/team, 'tmp'}/*", "arn:aws:s3:::other/*"]
        return near

    def _principals(self) -> object:
        r = self.random
        pool: list[object] = ["*", {"AWS": "*"}, {"AWS": HOME}, {"AWS": f"arn:aws:iam::{HOME}:root"}]
        pool += [{"AWS": f"arn:aws:iam::{HOME}:role/app"}, {"AWS": [f"arn:aws:iam::{HOME}:user/ann", OTHER]}]
        pool += [{"AWS": f"arn:aws:sts::{HOME}:assumed-role/app/s1"}, {"Service": "logging.s3.amazonaws.com"}]
        pool += [{"AWS": f"arn:aws:sts::{HOME}:federated-user/fred"}]
        everyone = [HOME, f"arn:aws:iam::{HOME}:role/app", f"arn:aws:sts::{HOME}:assumed-role/app/s1"]
        pool += [{"AWS": everyone}]
        return r.choice(pool)

    def _conditions(self) -> Row:
        made: Row = {}
        for _ in range(self.random.randint(1, 2)):
            operator, key, values = self._condition()
            made.setdefault(operator, {})[key] = values
        return made

    def _condition(self) -> tuple[str, str, object]:
        r = self.random
        kind = r.choice(
            ("text", "text", "text", "list", "number", "date", "bool", "address", "arn", "null", "binary")
        )
        qualifier = ""
        match kind:
            case "text":
                key = r.choice(list(TEXTS))
                operator, pool = (
                    r.choice(STRING_OPERATORS),
                    [*TEXTS[key], "x*", "*", "${aws:RequestedRegion}", "team-*"],
                )
            case "list":
                key = r.choice(list(LISTS))
                operator, pool = r.choice(STRING_OPERATORS), [*LISTS[key], "*", "o-aaaa1111/*"]
                qualifier = r.choice(("ForAllValues:", "ForAnyValue:", "ForAnyValue:", ""))
            case "number":
                key, pool = "aws:MultiFactorAuthAge", ["300", "1000", "3600.5"]
                operator = f"Numeric{r.choice(COMPARED)}"
            case "date":
                key = r.choice(list(DATES))
                operator = f"Date{r.choice(COMPARED)}"
                pool = ["2026-11-24T10:00:00Z", "2026-01-01", "1795514400"]
            case "bool":
                key, operator, pool = r.choice(list(BOOLS)), "Bool", ["true", "false"]
            case "address":
                key, operator = "aws:SourceIp", r.choice(("IpAddress", "NotIpAddress"))
                pool = ["203.0.113.0/24", "198.51.100.7", "0.0.0.0/0", "2001:db8::/32", "::/0"]
            case "arn":
                key, operator = (
                    r.choice(("aws:SourceArn", "aws:PrincipalArn")),
                    r.choice(("ArnLike", "ArnEquals", "ArnNotLike", "ArnNotEquals")),
                )
                pool = [
                    "arn:aws:s3:::*",
                    "arn:aws:iam::*:role/app",
                    f"arn:aws:iam::{HOME}:*",
                    "arn:aws:*:*:*:*",
                ]
            case "null":
                key, operator, pool = r.choice([*TEXTS, *LISTS, *ADDRESSES]), "Null", ["true", "false"]
            case _:
                key, operator = "aws:Referer", "BinaryEquals"
                pool = [base64.b64encode(b"abc").decode(), base64.b64encode(b"x").decode()]
        exists = "IfExists" if operator != "Null" and r.random() < 0.25 else ""
        single = operator in {"Bool", "Null"}
        chosen = r.sample(pool, 1 if single else r.randint(1, min(2, len(pool))))
        return f"{qualifier}{operator}{exists}", key, chosen[0] if len(chosen) == 1 else chosen


def _allow_all() -> Row:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def _plain_elements(row: Row, maker: Maker) -> None:
    """Leave out what resource control policies don't take."""
    for element, plain in (("NotAction", maker.action), ("NotResource", maker.resource)):
        if element in row:
            del row[element]
            row[element.removeprefix("Not")] = plain
    service = maker.action.split(":")[0]
    actions = row["Action"] if isinstance(row["Action"], list) else [row["Action"]]
    row["Action"] = [f"{service}:*" if action in {"*", "ec2:*"} else action for action in actions]
