"""Which texts of an answer are AWS's own words, and are not redacted."""

import re

_KEPT = """
Action NotAction AddressFamily Attribute AvailabilityMode AvailabilityZone BlockResponse BucketRegion Code
ConnectivityType DefaultVersionId DnsRecordIpType Effect FeatureSet Filter InterfaceType
InternetGatewayBlockMode InternetGatewayExclusionMode IpAddressType IpProtocol KeyManager LocationConstraint
Mode NextRecordType Origin OwningService Platform Protocol Qtype Region RegionName ResourceType RuleAction
RuleType SSEAlgorithm State StartRecordType Status TableStatus Type VPCRegion Version VersionId
VpcEndpointType addonName assignPublicIp networkMode operatingSystemFamily platformFamily type service
action region operation copy_source_region sdk addressing platform
"""
KEPT_KEYS = frozenset(_KEPT.split())
"""Members whose text is one of AWS's words, of a snapshot and of a question."""

HOSTS = frozenset(
    {
        "DNSName",
        "DnsName",
        "DomainName",
        "Domains",
        "Name",
        "Value",
        "NextRecordName",
        "StartRecordName",
        "BlockOverrideDomain",
        "hostname",
        "value",
    }
)
"""Members that may hold host names."""

AWS_OWN = re.compile(
    r"(com\.amazonaws\.|cn\.com\.amazonaws\.|amazonprovideddns$|default$|internet resolver$|route 53)"
    r"|(.*\.)?(amazonaws\.com(\.cn)?|amazonaws\.eu|api\.aws|amazonwebservices\.com(\.cn)?|awsdns-\d+\.[a-z.]+)\.?$",
    re.IGNORECASE,
)
AWS_VALUE = re.compile(
    r"aws|amazon|amazon-elb|true|false|null|https?|tcp|udp|none|standard|strict|all|default|disabled|enabled"
    r"|\d{4}-\d\d(-\d\d)?(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?|-\d|\d{1,11}(\.\d+)?|[a-z]{2,4}(-[a-z]+)+-\d[a-z]?|aws:kms(:dsse)?|AES256"
    r"|(private|public-read(-write)?|authenticated-read|bucket-owner-(read|full-control)|aws-exec-read|log-delivery-write)"
    r"|AWS4-HMAC-SHA256|REST-(HEADER|QUERY-STRING)|POST|[\*?]+|(svc|user|root)?:?[\*?]+|domain-name(-servers)?|ntp-servers"
    r"|Anonymous|Account|AssumedRole|FederatedUser|User|Role|Root|s3|dynamodb|ec2|lambda|external|local|active|blackhole",
    re.IGNORECASE,
)
"""Values of condition keys, tags and options that are AWS's or nobody's."""
