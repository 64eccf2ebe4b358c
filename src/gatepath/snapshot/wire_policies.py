"""AWS's answers about policies as typed structs; documents stay as they came (object or text)."""

from typing import Any

from gatepath.snapshot.wire import Answer, Tag, Wire


class PolicyAnswer(Answer, frozen=True):
    """`GetBucketPolicy`, `GetKeyPolicy`, `GetAccessPointPolicy`, `GetResourcePolicy`."""

    Policy: Any = None


class AccessBlockConfiguration(Wire, frozen=True):
    RestrictPublicBuckets: bool = False
    IgnorePublicAcls: bool = False


class AccessBlockAnswer(Answer, frozen=True):
    PublicAccessBlockConfiguration: AccessBlockConfiguration = AccessBlockConfiguration()


class OwnershipRule(Wire, frozen=True):
    ObjectOwnership: str = ""


class OwnershipRules(Wire, frozen=True):
    Rules: tuple[OwnershipRule, ...] = ()


class OwnershipAnswer(Answer, frozen=True):
    OwnershipControls: OwnershipRules = OwnershipRules()


class EncryptionDefault(Wire, frozen=True):
    SSEAlgorithm: str = ""
    KMSMasterKeyID: str | None = None


class EncryptionRule(Wire, frozen=True):
    ApplyServerSideEncryptionByDefault: EncryptionDefault | None = None


class EncryptionConfiguration(Wire, frozen=True):
    Rules: tuple[EncryptionRule, ...] = ()


class EncryptionAnswer(Answer, frozen=True):
    ServerSideEncryptionConfiguration: EncryptionConfiguration = EncryptionConfiguration()


class AccessPointVpc(Wire, frozen=True):
    VpcId: str | None = None


class AccessPointAnswer(Answer, frozen=True):
    Bucket: str = ""
    BucketAccountId: str | None = None
    VpcConfiguration: AccessPointVpc | None = None
    PublicAccessBlockConfiguration: AccessBlockConfiguration = AccessBlockConfiguration()


class KeyRow(Wire, frozen=True):
    Arn: str = ""
    AWSAccountId: str = ""
    KeyManager: str = ""
    Enabled: bool = True


class KeyAnswer(Answer, frozen=True, kw_only=True):
    KeyMetadata: KeyRow


class IamAnswer(Answer, frozen=True, kw_only=True):
    """IAM's page marks."""

    Marker: str | None = None

    @property
    def token(self) -> str | None:
        """Return the mark of the next page, or None."""
        return self.Marker if self.IsTruncated else None


class Boundary(Wire, frozen=True):
    PermissionsBoundaryArn: str = ""


class InlinePolicy(Wire, frozen=True):
    PolicyName: str = ""
    PolicyDocument: Any = None


class AttachedPolicy(Wire, frozen=True):
    PolicyArn: str = ""
    PolicyName: str = ""


class VersionRow(Wire, frozen=True):
    Document: Any = None
    VersionId: str = ""
    IsDefaultVersion: bool = False


class Entity(Wire, frozen=True):
    """A role, user or group, alone or in the account's authorization details."""

    Arn: str = ""
    RoleName: str | None = None
    RoleId: str | None = None
    UserName: str | None = None
    UserId: str | None = None
    GroupName: str | None = None
    GroupId: str | None = None
    Tags: tuple[Tag, ...] = ()
    PermissionsBoundary: Boundary | None = None
    RolePolicyList: tuple[InlinePolicy, ...] = ()
    UserPolicyList: tuple[InlinePolicy, ...] = ()
    GroupPolicyList: tuple[InlinePolicy, ...] = ()
    AttachedManagedPolicies: tuple[AttachedPolicy, ...] = ()
    GroupList: tuple[str, ...] = ()


class RoleAnswer(IamAnswer, frozen=True, kw_only=True):
    Role: Entity


class UserAnswer(IamAnswer, frozen=True, kw_only=True):
    User: Entity


class GroupsAnswer(IamAnswer, frozen=True):
    Groups: tuple[Entity, ...] = ()


class NamesAnswer(IamAnswer, frozen=True):
    PolicyNames: tuple[str, ...] = ()


class AttachedAnswer(IamAnswer, frozen=True):
    AttachedPolicies: tuple[AttachedPolicy, ...] = ()


class InlineAnswer(IamAnswer, frozen=True):
    PolicyDocument: Any = None


class ManagedPolicy(Wire, frozen=True):
    Arn: str = ""
    DefaultVersionId: str = ""
    PolicyVersionList: tuple[VersionRow, ...] = ()


class ManagedPolicyAnswer(IamAnswer, frozen=True, kw_only=True):
    Policy: ManagedPolicy


class PolicyVersionAnswer(IamAnswer, frozen=True, kw_only=True):
    PolicyVersion: VersionRow


class AuthorizationDetails(IamAnswer, frozen=True):
    UserDetailList: tuple[Entity, ...] = ()
    GroupDetailList: tuple[Entity, ...] = ()
    RoleDetailList: tuple[Entity, ...] = ()
    Policies: tuple[ManagedPolicy, ...] = ()


class ProfileRole(Wire, frozen=True):
    Arn: str = ""


class Profile(Wire, frozen=True):
    Arn: str = ""
    Roles: tuple[ProfileRole, ...] = ()


class ProfileAnswer(IamAnswer, frozen=True, kw_only=True):
    InstanceProfile: Profile


class OrganizationRow(Wire, frozen=True):
    Id: str = ""
    MasterAccountId: str = ""
    FeatureSet: str = "ALL"


class OrganizationAnswer(Answer, frozen=True, kw_only=True):
    Organization: OrganizationRow


class Parent(Wire, frozen=True):
    Id: str = ""
    Type: str = ""


class ParentsAnswer(Answer, frozen=True):
    Parents: tuple[Parent, ...] = ()


class SummaryRow(Wire, frozen=True):
    Id: str = ""
    Name: str = ""


class PolicySummaries(Answer, frozen=True):
    Policies: tuple[SummaryRow, ...] = ()


class GuardrailPolicy(Wire, frozen=True):
    Content: Any = None
    PolicySummary: SummaryRow | None = None


class GuardrailAnswer(Answer, frozen=True, kw_only=True):
    Policy: GuardrailPolicy


POLICY_ANSWERS: dict[str, type[Answer]] = {
    "s3.GetBucketPolicy": PolicyAnswer,
    "s3.GetPublicAccessBlock": AccessBlockAnswer,
    "s3.GetBucketEncryption": EncryptionAnswer,
    "s3.GetBucketOwnershipControls": OwnershipAnswer,
    "s3control.GetPublicAccessBlock": AccessBlockAnswer,
    "s3control.GetAccessPoint": AccessPointAnswer,
    "s3control.GetAccessPointPolicy": PolicyAnswer,
    "kms.DescribeKey": KeyAnswer,
    "kms.GetKeyPolicy": PolicyAnswer,
    "dynamodb.GetResourcePolicy": PolicyAnswer,
    "iam.GetRole": RoleAnswer,
    "iam.GetUser": UserAnswer,
    "iam.ListRolePolicies": NamesAnswer,
    "iam.ListUserPolicies": NamesAnswer,
    "iam.ListGroupPolicies": NamesAnswer,
    "iam.GetRolePolicy": InlineAnswer,
    "iam.GetUserPolicy": InlineAnswer,
    "iam.GetGroupPolicy": InlineAnswer,
    "iam.ListAttachedRolePolicies": AttachedAnswer,
    "iam.ListAttachedUserPolicies": AttachedAnswer,
    "iam.ListAttachedGroupPolicies": AttachedAnswer,
    "iam.ListGroupsForUser": GroupsAnswer,
    "iam.GetPolicy": ManagedPolicyAnswer,
    "iam.GetPolicyVersion": PolicyVersionAnswer,
    "iam.GetAccountAuthorizationDetails": AuthorizationDetails,
    "iam.GetInstanceProfile": ProfileAnswer,
    "organizations.DescribeOrganization": OrganizationAnswer,
    "organizations.ListParents": ParentsAnswer,
    "organizations.ListPoliciesForTarget": PolicySummaries,
    "organizations.DescribePolicy": GuardrailAnswer,
}
"""`service.Operation` -> the type of its answer."""
