"""Random small policies of all layers, and random requests, for symbolic questions."""

from random import Random
from typing import Any

from gatepath.engine.iam.ask import Ask
from gatepath.engine.iam.compiled import Role
from gatepath.engine.iam.principals import who
from gatepath.engine.iam.symbolic import Action, Scenario, Target, written
from gatepath.engine.iam.symbolic_fold import Way, fixed_of
from gatepath.engine.iam.symbolic_system import compiled_of

Row = dict[str, Any]
HOME, OTHER = "111122223333", "444455556666"
ROLE = "arn:aws:iam::111122223333:role/app"
VPCE, VPC = "vpce-0aaa1111", "vpc-0aaa1111"
ACTIONS = (
    Action(name="s3:GetObject", kinds=frozenset({"object"})),
    Action(name="s3:PutObject", kinds=frozenset({"object"})),
    Action(name="s3:ListBucket", kinds=frozenset({"bucket"})),
)
RESOURCES = (
    "*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::ab",
    "arn:aws:s3:::ab/*",
    "arn:aws:s3:::a*",
    "arn:aws:s3:::ab/x*",
    "arn:aws:s3:::ab/*x",
    "arn:aws:s3:::b?/?",
    "arn:aws:s3:::*/x?*y",
    "arn:aws:s3:::ba/x",
    "arn:aws:s3:::ab/${aws:PrincipalAccount}*",
)
TEXT_VALUES = ("x", "xy", "x*", "*y", "?", "x?z*", "X", "")
NETS = ("10.0.0.0/8", "10.1.0.0/16", "203.0.113.0/24", "203.0.113.7", "2001:db8::/32")
DATES = ("2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z", "1780000000")
ORGS = ("o-a", "o-b", "o-*")


def condition(random: Random) -> Row:  # noqa: PLR0911 - one return a kind of key
    def values(among: tuple[str, ...]) -> list[str]:
        return random.sample(among, random.randint(1, 2))

    kind = random.randrange(9)
    if kind == 0:
        operator = random.choice(["StringEquals", "StringNotEquals", "StringLike", "StringNotLikeIfExists"])
        return {operator: {"aws:UserAgent": values(TEXT_VALUES)}}
    if kind == 1:
        return {random.choice(["IpAddress", "NotIpAddress"]): {"aws:VpcSourceIp": values(NETS)}}
    if kind == 2:
        return {
            random.choice(["IpAddress", "NotIpAddress", "NotIpAddressIfExists"]): {
                "aws:SourceIp": values(NETS)
            }
        }
    if kind == 3:
        operator = random.choice(["StringEquals", "StringNotEquals", "StringNotEqualsIfExists"])
        return {operator: {"aws:SourceVpce": values((VPCE, "vpce-0bbb2222"))}}
    if kind == 4:
        return {
            random.choice(["Bool", "BoolIfExists"]): {"aws:SecureTransport": random.choice(["true", "false"])}
        }
    if kind == 5:
        return {random.choice(["DateLessThan", "DateGreaterThanEquals"]): {"aws:CurrentTime": values(DATES)}}
    if kind == 6:
        operator = random.choice(["NumericLessThan", "NumericEquals", "NumericNotEqualsIfExists"])
        return {operator: {"s3:max-keys": values(("0", "5", "6", "10"))}}
    if kind == 7:
        operator = random.choice(
            ["ForAllValues:StringEquals", "ForAnyValue:StringLike", "ForAnyValue:StringNotEquals"]
        )
        return {
            operator: {"aws:TagKeys": values(("x", "xy", "x*"))},
            "Null": {"aws:TagKeys": random.choice(["true", "false"])},
        }
    key = random.choice(["aws:PrincipalOrgID", "aws:ResourceOrgID"])
    return {random.choice(["StringEquals", "StringLike", "StringNotEqualsIfExists"]): {key: values(ORGS)}}


def statement(random: Random, *, principal: bool, deny: float = 0.3) -> Row:
    actions = ["s3:*", "s3:Get*", "s3:getobject", "s3:PutObject", "s3:ListBucket", "*"]
    made: Row = {"Effect": "Deny" if random.random() < deny else "Allow"}
    made[random.choice(["Action", "Action", "Action", "NotAction"])] = random.sample(
        actions, random.randint(1, 2)
    )
    made[random.choice(["Resource", "Resource", "Resource", "NotResource"])] = random.sample(
        RESOURCES, random.randint(1, 3)
    )
    if principal:
        made["Principal"] = random.choice(["*", {"AWS": HOME}, {"AWS": ROLE}, {"AWS": "*"}])
    if random.random() < 0.6:
        made["Condition"] = condition(random)
        if random.random() < 0.3:
            made["Condition"] |= condition(random)
    return made


def policy(random: Random, *, principal: bool = False, open_too: float = 0.0, everyone: bool = False) -> Row:
    listed = [statement(random, principal=principal) for _ in range(random.randint(1, 3))]
    if everyone:
        listed = [{**row, "Principal": "*"} for row in listed]
    if random.random() < open_too:
        listed.append(
            {"Effect": "Allow", "Action": "*", "Resource": "*"} | ({"Principal": "*"} if principal else {})
        )
    return {"Version": "2012-10-17", "Statement": listed}


def scenario(random: Random) -> Scenario:
    caller = who(ROLE)
    assert caller is not None
    targets = []
    for name in ("ab", "ba"):
        has = random.random() < 0.7
        document = written(policy(random, principal=True, open_too=0.4), Role.RESOURCE)
        account = random.choice([HOME, HOME, OTHER])
        targets.append(
            Target(
                kind="bucket", arn=f"arn:aws:s3:::{name}", account=account, policy=(document,) if has else ()
            )
        )
    identity = tuple(
        written(policy(random, open_too=0.6), Role.IDENTITY) for _ in range(random.randint(1, 2))
    )
    boundary = (written(policy(random, open_too=0.7), Role.IDENTITY),) if random.random() < 0.2 else None
    scp = ((written(policy(random, open_too=0.8), Role.IDENTITY),),) if random.random() < 0.2 else ()
    vpce = (written(policy(random, principal=True, everyone=True), Role.GATEWAY),)
    return Scenario(
        caller=caller, targets=tuple(targets), identity=identity, boundary=boundary, scp=scp, vpce=vpce
    )


def request(random: Random, given: Scenario, way: Way) -> tuple[Ask, Target, Action]:
    target, action = random.choice(given.targets), random.choice(ACTIONS)
    arn = target.arn
    if "object" in action.kinds:
        arn += "/" + random.choice(
            [
                "x",
                "y",
                "xx",
                "xzy",
                "q",
                "xqqy",
                "1",
                "yx",
                "111122223333/a",
                "".join(random.choices("xyzq/", k=4)),
            ]
        )
    known = fixed_of(given, way, target.account, target.arn).known
    context = dict(known)
    one = ["x", "xy", "zy", "", "q", "X", "xaz", "xazq"]
    ips = ["10.0.0.0", "10.255.255.255", "10.1.0.0", "10.1.255.255", "10.2.0.0", "11.0.0.0", "203.0.113.7"]
    ips += ["203.0.113.0", "203.0.114.0", "2001:db8::1", "2001:db9::", "8.8.8.8"]
    if random.random() < 0.8:
        context["aws:useragent"] = random.choice(one)
    if way.endpoint:
        context["aws:vpcsourceip"] = random.choice(ips)
        context.setdefault("aws:sourcevpce", random.choice([VPCE, "vpce-0bbb2222", "vpce-0ccc"]))
        context.setdefault("aws:sourcevpc", "vpc-1")
    else:
        context["aws:sourceip"] = random.choice(ips)
    context["aws:securetransport"] = random.choice(["true", "false"])
    context["aws:currenttime"] = random.choice(
        [
            "2025-01-01T00:00:00Z",
            "2026-01-01T00:00:00Z",
            "2026-03-01T00:00:00Z",
            "1780000000",
            "2027-01-01T00:00:00Z",
        ]
    )
    if random.random() < 0.8:
        context["s3:max-keys"] = random.choice(["0", "1", "5", "6", "7", "10", "11"])
    if random.random() < 0.8:
        context["aws:tagkeys"] = tuple(random.sample(["x", "xy", "xz", "q"], random.randint(1, 3)))
    if random.random() < 0.7:
        context["aws:principalorgid"] = random.choice(["o-a", "o-b", "o-c", "p"])
        if target.account == HOME:
            context["aws:resourceorgid"] = context["aws:principalorgid"]
    if target.account != HOME and random.random() < 0.7:
        context["aws:resourceorgid"] = random.choice(["o-a", "o-b", "o-c", "p"])
    ask = Ask(
        caller=given.caller,
        action=action.name.lower(),
        resource_arn=arn,
        resource_account=target.account,
        context=context,
        identity=compiled_of(given.identity),
        resource=compiled_of(target.policy),
        boundary=None if given.boundary is None else compiled_of(given.boundary),
        scp=tuple(compiled_of(level) for level in given.scp),
        vpce=compiled_of(given.vpce or ()),
    )
    return ask, target, action
