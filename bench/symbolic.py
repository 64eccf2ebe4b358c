"""Symbolic "blocks" on the bucket and object actions of S3 and fourteen buckets."""

import statistics
import time

from gatepath.engine.iam.compiled import Role
from gatepath.engine.iam.principals import who
from gatepath.engine.iam.symbolic import Answer, Scenario, Target, blocks, endpoint_way, written
from gatepath.rights.service_actions import service_actions

HOME, ORG, VPCE, VPC = "111122223333", "o-a1b2c3d4e5", "vpce-0a1b2c3d4e5f60718", "vpc-0a1b2c3d4e5f60718"
BUCKETS = 14
REPEATS = 7


def _bucket_policy(name: str, number: int) -> object:
    arn = f"arn:aws:s3:::{name}"
    both = [arn, f"{arn}/*"]
    everyone = {"Principal": "*", "Resource": both}
    statements: list[object] = [
        {
            **everyone,
            "Effect": "Deny",
            "Action": "s3:*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        {
            **everyone,
            "Effect": "Deny",
            "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"],
            "Condition": {"StringNotEquals": {"aws:SourceVpce": [VPCE, f"vpce-{number:017x}"]}},
        },
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{HOME}:role/app"},
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": [f"{arn}/in/*", f"{arn}/out/*.csv"],
        },
        {
            **everyone,
            "Effect": "Deny",
            "Action": "s3:PutObject",
            "Condition": {"StringNotEqualsIfExists": {"s3:x-amz-server-side-encryption": "aws:kms"}},
        },
        {
            **everyone,
            "Effect": "Deny",
            "Action": "s3:Delete*",
            "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
        },
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def scenario() -> Scenario:
    """Return a role, an endpoint and the buckets: 78 statements."""
    names = [f"team-{number:02d}-data" for number in range(BUCKETS)]
    mine = [f"arn:aws:s3:::{name}{tail}" for name in names for tail in ("", "/*")]
    identity = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["s3:Get*", "s3:List*", "s3:PutObject*", "s3:DeleteObject"],
                "Resource": mine,
            },
            {
                "Effect": "Allow",
                "Action": "s3:*",
                "Resource": [f"arn:aws:s3:::{name}/scratch/*" for name in names],
            },
            {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::*/secret/*"},
            {"Effect": "Deny", "Action": "s3:Put*Acl", "Resource": "*"},
        ],
    }
    endpoint = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": ["s3:GetObject*", "s3:PutObject", "s3:ListBucket", "s3:GetBucket*"],
                "Resource": mine[: 2 * BUCKETS - 2],
                "Condition": {"StringEquals": {"aws:PrincipalOrgID": ORG}},
            },
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::amazonlinux-*/*",
            },
            {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::*/in/*.exe"},
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:PutObject",
                "Resource": "*",
                "Condition": {"StringNotEquals": {"s3:x-amz-acl": ["private", "bucket-owner-full-control"]}},
            },
        ],
    }
    caller = who(f"arn:aws:iam::{HOME}:role/app")
    if caller is None:
        raise ValueError(HOME)
    return Scenario(
        caller=caller,
        identity=(written(identity, Role.IDENTITY),),
        vpce=(written(endpoint, Role.GATEWAY),),
        targets=tuple(
            Target(
                kind="bucket",
                arn=f"arn:aws:s3:::{name}",
                account=HOME,
                policy=(written(_bucket_policy(name, number), Role.RESOURCE),),
            )
            for number, name in enumerate(names)
        ),
    )


def answer() -> Answer:
    """Compile the policies and answer."""
    return blocks(scenario(), service_actions("s3"), endpoint_way(VPCE, VPC))


def symbolic() -> None:
    """Print the figure."""
    found = answer()
    times, busy = [], []
    for _ in range(REPEATS):
        begin, cpu = time.perf_counter(), time.process_time()
        answer()
        times.append(time.perf_counter() - begin)
        busy.append(time.process_time() - cpu)
    actions = len(service_actions("s3"))
    print(
        f"symbolic blocks on {actions} S3 actions x {BUCKETS} buckets  {statistics.median(times):6.3f} s"
        f" ({statistics.median(busy):.3f} s of one core)"
        f"  {len(found.classes)} classes, {'all' if found.decided else 'not all'} decided  (goal: under 0.2 s)"
    )


if __name__ == "__main__":
    symbolic()
