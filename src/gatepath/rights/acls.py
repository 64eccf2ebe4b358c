"""Access control lists, where they count: nobody records an object's own.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
"""

from gatepath.engine.iam.ask import Decision, Layer
from gatepath.rights.blame import Failure
from gatepath.rights.layers import Applied

ACL = "access control list"
_OBJECT_READS = frozenset({"s3:getobject", "s3:getobjectversion"})
_GRANTED = _OBJECT_READS | {
    "s3:getobjectacl",
    "s3:getobjectversionacl",
    "s3:listbucket",
    "s3:listbucketmultipartuploads",
    "s3:listbucketversions",
    "s3:putobject",
    "s3:putobjectacl",
}
"""What lists can grant: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html"""


def may_grant(one: Applied, failures: tuple[Failure, ...]) -> bool:
    """Tell whether a list may allow what only the bucket's policy fails to allow."""
    return one.acls is True and _would_help(one, failures)


def assumes_none(one: Applied, failures: tuple[Failure, ...]) -> bool:
    """Tell whether a refusal takes lists as switched off, for no call says whether they count."""
    return one.acls is None and _would_help(one, failures)


def _would_help(one: Applied, failures: tuple[Failure, ...]) -> bool:
    lacking = [f.layer is Layer.RESOURCE and f.effect is Decision.IMPLICIT_DENY for f in failures]
    return one.permission.action.lower() in _GRANTED and all(lacking)


def assumes_owner(one: Applied) -> bool:
    """Tell whether the answer takes the object as one of the bucket's owner, for whose objects alone a policy allows."""
    return one.acls is True and one.permission.action.lower() in _OBJECT_READS
