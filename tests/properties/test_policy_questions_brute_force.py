"""`policy blocks` and `policy diff` against random requests, one by one through `authorize`'s evaluator."""

import json
from collections.abc import Iterable
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from gatepath.engine.iam.authorize import Authorizer, authorize
from gatepath.engine.iam.compiled import Policy, Role, compile_policy
from gatepath.engine.iam.evaluate import Decision, evaluate
from gatepath.engine.iam.globs import glob
from gatepath.engine.iam.symbolic import Class
from gatepath.policy.asked import Kind
from gatepath.rights.alone import from_snapshot
from gatepath.rights.differences import Compared, compare
from tests import scenarios_policies as p
from tests import snapshots as s
from tests.policy_worlds import blocked, confirm_blocked, lines, recorded, rows

Row = dict[str, Any]
ACTIONS = ("s3:GetObject", "s3:PutObject", "s3:ListBucket")
OTHER = "444455556666"
ARNS = (
    f"arn:aws:iam::{s.ACCOUNT}:role/app",
    f"arn:aws:iam::{s.ACCOUNT}:role/other",
    f"arn:aws:iam::{s.ACCOUNT}:user/admin",
    f"arn:aws:iam::{OTHER}:role/app",
    f"arn:aws:iam::{OTHER}:root",
)
RESOURCES = (
    "*",
    "arn:aws:s3:::reports*",
    "arn:aws:s3:::reports",
    "arn:aws:s3:::reports/x*",
    "arn:aws:s3:::*/x?*",
)
KEYS = ("key", "x", "xyz", "q/x", "yx1")


def condition(random: Random, *, callers: bool) -> Row:
    choices: list[Row] = [
        {random.choice(["Bool", "BoolIfExists"]): {"aws:SecureTransport": random.choice(["true", "false"])}},
        {
            random.choice(["StringLike", "StringNotLike"]): {
                "aws:UserAgent": random.choice(["x*", "*y", "xy"])
            }
        },
        {random.choice(["StringEquals", "StringNotEquals"]): {"aws:SourceVpce": [s.ENDPOINT]}},
        {random.choice(["IpAddress", "NotIpAddress"]): {"aws:VpcSourceIp": "10.0.0.0/16"}},
    ]
    if callers:
        choices += [
            {
                random.choice(["ArnLike", "ArnNotLike"]): {
                    "aws:PrincipalArn": random.sample([*ARNS, "arn:aws:iam::*:role/a*"], 2)
                }
            },
            {
                random.choice(["StringEquals", "StringNotEquals"]): {
                    "aws:PrincipalAccount": random.choice([s.ACCOUNT, OTHER])
                }
            },
            {random.choice(["StringEquals", "StringNotEqualsIfExists"]): {"aws:PrincipalOrgID": "o-a"}},
            {random.choice(["StringEquals", "StringNotEquals"]): {"aws:ResourceAccount": s.ACCOUNT}},
        ]
    return random.choice(choices)


def statement(random: Random, *, principal: bool, callers: bool = False, named: bool = False) -> Row:
    made: Row = {
        "Effect": random.choice(["Allow", "Allow", "Deny"]),
        "Action": random.choice(["s3:*", "s3:Get*", "s3:PutObject", ["s3:GetObject", "s3:ListBucket"]]),
        "Resource": random.sample(RESOURCES, random.randint(1, 2)),
    }
    if principal:
        made["Principal"] = "*"
        if named and random.random() < 0.5:
            made["Principal"] = {"AWS": random.choice([*ARNS, s.ACCOUNT])}
    if random.random() < 0.6:
        made["Condition"] = condition(random, callers=callers)
    return made


def document(random: Random, **how: bool) -> Row:
    listed = [statement(random, **how) for _ in range(random.randint(1, 3))]
    if random.random() < 0.5:
        opening: Row = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
        listed.append({**opening, "Principal": "*"} if how["principal"] else opening)
    return {"Version": "2012-10-17", "Statement": listed}


def inside(found: Class, action: str, arn: str) -> bool:
    """Tell whether a class is about an action on a resource."""
    kind = "/*" if "/" in arn else ""
    own = {arn.partition("/")[0] + kind, f"arn:aws:s3:::*{kind}"}
    if action not in found.actions or found.resource not in own:
        return False

    def matches(text: str) -> bool:
        return glob(((text, True),))(arn)

    return all(matches(t) for t in found.matching) and not any(matches(t) for t in found.excluding)


def meets(found: Class, context: Row, action: str, arn: str, policies: Iterable[Policy]) -> bool:
    """Tell whether a request's keys do to the statements that may apply what those of a class do."""
    lower = {key.lower(): value for key, value in context.items() if value is not None}
    given = {key.lower(): value for key, value in found.conditions}
    mixed = {key: value for key, value in lower.items() if key not in given}
    mixed |= {key: value for key, value in given.items() if value is not None}
    groups = ({"aws:principalarn", "aws:principalaccount"}, *({key} for key in given))
    for each in policies:
        for rule in (*each.concerned(action.lower())[0], *each.concerned(action.lower())[1]):
            if not rule.resource({}, arn):
                continue
            for group in groups:
                read = [c for c in rule.compiled if c.keys[0] in group & given.keys()]
                if all(c.run(mixed) for c in read) is not all(c.run(lower) for c in read):
                    return False
    return True


def request(random: Random) -> tuple[str, str, Row]:
    action = random.choice(ACTIONS)
    bucket = random.choice(["reports", "reports", "another"])
    arn = f"arn:aws:s3:::{bucket}" + ("" if action == "s3:ListBucket" else f"/{random.choice(KEYS)}")
    context: Row = {
        "aws:SecureTransport": random.choice(["true", "false"]),
        "aws:VpcSourceIp": random.choice(["10.0.1.9", "10.9.0.1"]),
    }
    if random.random() < 0.8:
        context["aws:UserAgent"] = random.choice(["x", "xy", "y", "q"])
    return action, arn, context


@pytest.mark.parametrize("seed", range(25))
def test_blocks_of_a_recording_are_what_authorize_refuses_request_by_request(seed: int) -> None:
    random = Random(seed)
    made = recorded()
    made.calls = [call for call in made.calls if call["request"].get("Bucket") in {None, p.BUCKET}]
    p.endpoint_policy(made, *document(random, principal=True)["Statement"])
    p.bucket_policy(made, *document(random, principal=True, named=True)["Statement"])
    text = document(random, principal=False)
    call = {"RoleName": p.ROLE, "PolicyName": "own"}
    made.replace_call("iam.GetRolePolicy", call, response={**call, "PolicyDocument": text})
    answer = blocked(made)
    assert answer.decided, answer.unsettled
    confirm_blocked(answer)
    world, authorizer = made.world(), Authorizer()
    policies = [compile_policy(text, Role.IDENTITY)]
    endpoint, bucket = world.vpc_endpoints.get(s.ENDPOINT), world.bucket_rights.get(p.BUCKET)
    assert endpoint is not None
    assert bucket is not None
    policies.append(compile_policy(endpoint.policy_document, Role.GATEWAY))
    policies.append(compile_policy(bucket.policy.text, Role.RESOURCE))  # type: ignore[union-attr] # recorded
    for _ in range(150):
        action, arn, context = request(random)
        if ":another" in arn:
            continue
        context |= {"aws:SourceVpce": s.ENDPOINT, "aws:SourceVpc": s.VPC}
        asked = {"principal": p.ROLE_ARN, "action": action, "resource": arn, "context": context}
        ask = from_snapshot(authorizer.read(json.dumps({"request": asked}).encode()), world)
        without = evaluate(replace(ask, vpce=None)).decision is Decision.ALLOWED
        within = evaluate(ask).decision is Decision.ALLOWED
        fitting = [
            told
            for told in answer.told
            if told.recorded
            and inside(told.of, action, arn)
            and meets(told.of, context, action, arn, policies)
        ]
        if without:
            assert bool(fitting) is not within, (action, arn, context)


def callers(random: Random, kind: str) -> tuple[str, Row]:
    """Return who asks, and the keys that follow."""
    if kind in {"endpoint", "resource", "rcp"} and random.random() < 0.2:
        return "anonymous", {}
    arn = random.choice([*ARNS, "arn:aws:iam::777788889999:role/x"])
    if kind == "identity" and arn.endswith(":root"):  # no policy can be attached to a root user
        arn = ARNS[0]
    account = arn.split(":")[4]
    return arn, {
        "aws:PrincipalArn": arn,
        "aws:PrincipalAccount": account,
        "aws:PrincipalOrgID": random.choice([None, "o-a", "o-b"]),
    }


def judged(kind: str, policy: Row, who: str, action: str, arn: str, context: Row) -> bool:
    """Let `authorize` judge a request by one policy, with nothing else in the way."""
    open_to_all = {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}
    layers: Row = {"identity": [{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}]}
    owner = context.get("aws:ResourceAccount")
    match kind:
        case "endpoint":
            layers |= {"vpce": policy, "resource": open_to_all}
        case "resource":
            layers |= {"resource": policy}
            owner = "121212121212"
        case "identity":
            layers = {"identity": [policy]}
            owner = who.split(":")[4]
        case _:
            layers |= {kind: [{"target": "r", "policies": [policy]}], "resource": open_to_all}
    asked = {
        "principal": who,
        "action": action,
        "resource": arn,
        "resource_account": owner,
        "context": {key: value for key, value in context.items() if value is not None},
    }
    return authorize({"request": asked, "policies": layers})["decision"] == "allowed"


@pytest.mark.parametrize("kind", ["endpoint", "identity", "resource", "scp", "rcp"])
@pytest.mark.parametrize("seed", range(12))
def test_a_difference_is_what_authorize_answers_differently_request_by_request(seed: int, kind: str) -> None:
    random = Random(500 + seed)
    principal = kind in {"endpoint", "resource", "rcp"}
    how = {"principal": principal, "callers": True, "named": kind == "resource"}
    old, new = (document(random, **how) for _ in "ab")
    answer = compare(Compared(old=old, new=new, kind=kind, services=("s3",)))
    assert answer.decided, answer.unsettled
    role = {"endpoint": Role.GATEWAY, "resource": Role.RESOURCE}.get(kind, Role.IDENTITY)
    policies = [compile_policy(each, role) for each in (old, new)]
    for _ in range(200):
        action, arn, context = request(random)
        who, keys = callers(random, kind)
        context |= {**keys, "aws:ResourceAccount": random.choice([s.ACCOUNT, OTHER])}
        if random.random() < 0.5 or kind == "endpoint":
            context["aws:SourceVpce"] = random.choice([s.ENDPOINT, "vpce-0bbb"])
        else:
            context.pop("aws:VpcSourceIp")
        sides = [judged(kind, each, who, action, arn, context) for each in (old, new)]
        fitting = {
            told.of.change
            for told in answer.told
            if inside(told.of, action, arn)
            and (not told.ways or ("endpoint" if "aws:SourceVpce" in context else "internet") in told.ways)
            and named(told.principals, who, {each for t in answer.told for each in t.principals})
            and meets(told.of, context, action, arn, policies)
        }
        if sides[0] == sides[1]:
            assert not fitting, (who, action, arn, context)
        else:
            assert fitting == {"gained" if sides[1] else "lost"}, (who, action, arn, context)


def named(principals: tuple[str, ...], who: str, everybody: set[str]) -> bool:
    """Tell whether a class is told of a principal: those that are not named are one."""
    if not principals:
        return True
    account = who.split(":")[4] if who != "anonymous" else ""
    known = who if who in everybody or who == "anonymous" else ""
    if not known and f"arn:aws:iam::{account}:role/any" in everybody:
        known = f"arn:aws:iam::{account}:role/any"
    return (known in principals) if known else bool({"others", "signed"} & set(principals))


@pytest.mark.parametrize("kind", ["endpoint", "identity", "resource", "scp", "rcp"])
@pytest.mark.parametrize("seed", range(6))
def test_every_witness_of_a_difference_is_confirmed_by_authorize(seed: int, kind: str) -> None:
    random = Random(900 + seed)
    how = {"principal": kind in {"endpoint", "resource", "rcp"}, "callers": True, "named": kind == "resource"}
    old, new = (document(random, **how) for _ in "ab")
    answer = compare(Compared(old=old, new=new, kind=kind, services=("s3",)))
    layer = {"endpoint": "vpce"}.get(kind, kind)
    for row, line in lines(rows(Kind.DIFF, answer)):
        sides = []
        for each in (old, new):
            value: object = each
            if kind == "identity":
                value = [each]
            elif kind in {"scp", "rcp"}:
                value = [{"target": "", "policies": [each]}]
            policies = {**line["policies"], layer: value}
            sides.append(authorize({**line, "policies": policies})["decision"] == "allowed")
        assert sides == [row["change"] == "lost", row["change"] == "gained"], (row, line)
