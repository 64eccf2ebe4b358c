"""The sound VPC beside stores of other kinds: a table, a directory bucket, an access point, a second bucket."""

from tests import scenarios_policies as p
from tests import snapshots as s
from tests.scenarios import private_routes
from tests.snapshots import Json, Snapshot

TABLE_ENDPOINT, EXPRESS_ENDPOINT = "vpce-0d1", "vpce-0f1"
TABLE = f"arn:aws:dynamodb:{s.REGION}:{s.ACCOUNT}:table/orders"
TABLE_POLICY = "dynamodb:table-policy/orders"
DIRECTORY = "data--euw1-az1--x-s3"
DIRECTORY_ARN = f"arn:aws:s3express:{s.REGION}:{s.ACCOUNT}:bucket/{DIRECTORY}"
DIRECTORY_POLICY = f"s3:bucket-policy/{DIRECTORY}"
NOTHING_OF_S3 = {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}
SESSION = {"arn": f"arn:aws:sts::{s.ACCOUNT}:assumed-role/{p.ROLE}/session"}


def may(*actions: str, resource: object = "*", **more: object) -> Json:
    """Return an identity policy's Allow."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}


def none(code: str) -> Json:
    """Return the answer that there is no such thing."""
    return {"error": {"Code": code, "Message": "none"}}


def policy_of(statements: tuple[Json, ...], code: str) -> Json:
    """Return an answer with a policy, or that there is none."""
    return {"response": {"Policy": p.document(*statements)}} if statements else none(code)


def with_table(
    *identity: Json, endpoint: tuple[Json, ...] = (), policy: tuple[Json, ...] = (), owner: str = s.ACCOUNT
) -> Snapshot:
    """Return the world with a table behind DynamoDB's gateway endpoint."""
    made = p.judged(*(identity or (may("dynamodb:*"),)))
    row = s.endpoint(TABLE_ENDPOINT, "dynamodb")
    if endpoint:
        row["PolicyDocument"] = p.document(*endpoint)
    made.rows("ec2.DescribeVpcEndpoints").append(row)
    private_routes(made).append(s.route(s.DDB_LIST, GatewayId=TABLE_ENDPOINT))
    arn = TABLE.replace(s.ACCOUNT, owner)
    shown = {"Table": {"TableName": "orders", "TableArn": arn, "TableStatus": "ACTIVE"}}
    made.add_call("dynamodb", "DescribeTable", {"TableName": "orders"}, response=shown, account=owner)
    answer = policy_of(policy, "PolicyNotFoundException")
    made.add_call("dynamodb", "GetResourcePolicy", {"ResourceArn": arn}, account=owner, **answer)
    return made


def of_table(action: str, resource: str = TABLE, **more: object) -> Json:
    """Return a question on the table."""
    client = {"region": s.REGION, "hostname": f"dynamodb.{s.REGION}.amazonaws.com", "port": 443}
    return {
        "source": {"instance": s.INSTANCE},
        "service": "dynamodb",
        "action": action,
        "resource": resource,
        "principal": SESSION,
        "client": client,
        **more,
    }


def with_directory_bucket(
    *identity: Json, endpoint: tuple[Json, ...] = (), policy: tuple[Json, ...] = (), encrypted: bool = False
) -> Snapshot:
    """Return the world with a directory bucket behind its own gateway endpoint."""
    made = p.judged(*(identity or (may("s3express:*"),)))
    row = s.endpoint(EXPRESS_ENDPOINT, "s3express")
    if endpoint:
        row["PolicyDocument"] = p.document(*endpoint)
    made.rows("ec2.DescribeVpcEndpoints").append(row)
    name = f"com.amazonaws.{s.REGION}.s3express"
    listed = {"PrefixListId": "pl-0f1", "PrefixListName": name, "Cidrs": ["52.95.140.0/24"]}
    made.rows("ec2.DescribePrefixLists").append(listed)
    private_routes(made).append(s.route("pl-0f1", GatewayId=EXPRESS_ENDPOINT))
    s.bucket(made, DIRECTORY, s.REGION)
    place = {"Bucket": DIRECTORY}
    made.add_call("s3", "GetBucketPolicy", place, **policy_of(policy, "NoSuchBucketPolicy"))
    default = (
        {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": p.KEY} if encrypted else {"SSEAlgorithm": "AES256"}
    )
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}
    made.add_call("s3", "GetBucketEncryption", place, response={"ServerSideEncryptionConfiguration": rules})
    if encrypted:
        p.key(made, p.DELEGATES)
    return made


def of_directory_bucket(action: str | None = "s3:GetObject", **more: object) -> Json:
    """Return a question on the directory bucket."""
    host = f"{DIRECTORY}.s3express-euw1-az1.{s.REGION}.amazonaws.com"
    made: Json = {
        "source": {"instance": s.INSTANCE},
        "service": "s3express",
        "action": action,
        "resource": DIRECTORY_ARN,
        "principal": SESSION,
        "client": {"region": s.REGION, "hostname": host, "port": 443},
        **more,
    }
    return {key: value for key, value in made.items() if value is not None}


def second_bucket(made: Snapshot, name: str, *policy: Json, owner: str = s.ACCOUNT) -> None:
    """Record one more bucket of the Region."""
    head = {"status": 200, "headers": {"x-amz-bucket-region": s.REGION}}
    place = {"Bucket": name}
    made.add_call("s3", "HeadBucket", place, response={"BucketRegion": s.REGION}, http=head, account=owner)
    made.add_call("s3", "GetBucketPolicy", place, account=owner, **policy_of(policy, "NoSuchBucketPolicy"))
    for operation, code in (
        ("GetPublicAccessBlock", "NoSuchPublicAccessBlockConfiguration"),
        ("GetBucketEncryption", "ServerSideEncryptionConfigurationNotFoundError"),
    ):
        made.add_call("s3", operation, place, account=owner, **none(code))


def point_arn(account: str = s.ACCOUNT) -> str:
    """Return the access point's ARN."""
    return f"arn:aws:s3:{s.REGION}:{account}:accesspoint/team"


def with_access_point(
    made: Snapshot,
    *policy: Json,
    account: str = s.ACCOUNT,
    bucket_account: str = s.ACCOUNT,
    vpc: str | None = None,
    restricted: bool = False,
) -> Json:
    """Record an access point on the bucket; return the question for an object through it."""
    place = {"AccountId": account, "Name": "team"}
    shown: Json = {"Name": "team", "Bucket": p.BUCKET, "BucketAccountId": bucket_account}
    shown["PublicAccessBlockConfiguration"] = {"RestrictPublicBuckets": restricted}
    if vpc is not None:
        shown["VpcConfiguration"] = {"VpcId": vpc}
    made.add_call("s3control", "GetAccessPoint", place, response=shown, account=account)
    answer = policy_of(policy, "NoSuchAccessPointPolicy")
    made.add_call("s3control", "GetAccessPointPolicy", place, account=account, **answer)
    host = f"team-{account}.s3-accesspoint.{s.REGION}.amazonaws.com"
    client = {"region": s.REGION, "hostname": host, "port": 443}
    return p.asked(resource=f"{point_arn(account)}/object/2026/a.csv", client=client)
