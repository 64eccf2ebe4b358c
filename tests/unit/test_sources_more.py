"""Which interface and which source ports send: platforms, pods, ECS tasks, and what their calls hide."""

import pytest
from tests import scenarios as sc
from tests import snapshots as s
from tests.snapshots import Json, Snapshot

from gatepath.diagnose import diagnose
from gatepath.model.question import parse_question
from gatepath.placing import UnknownSourceError
from gatepath.snapshot.load import load_world
from gatepath.trace import Diagnosis, Verdict

POD_ENI, POD_SUBNET, POD_TABLE, POD_GROUP = "eni-0p1", "subnet-0p1", "rtb-0p1", "sg-0p1"
WORKS = ["gateway-endpoint vpce-0a1"]


def return_ports(made: Snapshot, low: int, high: int) -> None:
    """Let the private subnet's ACL admit answers to these ports only."""
    sc.own_acl(made, [s.entry(100, egress=True), s.entry(100, egress=False, **s.tcp("0.0.0.0/0", low, high))])


def windows(made: Snapshot) -> None:
    made.rows("ec2.DescribeInstances")[0]["Instances"][0]["Platform"] = "windows"


def paths(found: Diagnosis) -> list[str]:
    return [f"{path.kind} {path.component}" for path in found.paths]


def without(made: Snapshot, operation: str, asked: Json) -> Diagnosis:
    """Diagnose as if a call had not been recorded."""
    world = load_world(r for r in made.records() if r.operation != operation)
    return diagnose(parse_question(asked), world, only=frozenset({"network"}))


@pytest.mark.parametrize(
    "source", [{"instance": s.INSTANCE}, {"network_interface": s.ENI}, {"ip": "10.0.1.10"}], ids=str
)
def test_windows_sends_from_its_own_ports_however_it_is_named(source: Json) -> None:
    made = s.sound()
    windows(made)
    return_ports(made, 49152, 65535)
    asked = s.question(source=source)
    assert s.ask(made, asked).verdict is Verdict.OK
    hidden = without(made, "DescribeInstances", asked)
    assert hidden.verdict is Verdict.UNKNOWN
    assert "DescribeInstances" in {gap.operation for u in hidden.unknowns for gap in u.unknown.gaps}


def test_a_platform_that_changes_nothing_may_stay_unknown() -> None:
    found = without(s.sound(), "DescribeInstances", s.question())
    assert (found.verdict, found.unknowns) == (Verdict.OK, ())


def test_given_ports_need_no_platform() -> None:
    made = s.sound()
    return_ports(made, 32768, 60999)
    asked = s.question(client=s.client(ephemeral_ports=[32768, 60999]))
    assert without(made, "DescribeInstances", asked).verdict is Verdict.OK
    asked = s.question(client=s.client(platform="linux"))
    assert without(made, "DescribeInstances", asked).verdict is Verdict.OK


def test_the_interface_of_a_function_sends_from_lambdas_ports() -> None:
    made = s.sound()
    made.rows("ec2.DescribeNetworkInterfaces").append(
        s.interface("eni-0l1", s.PRIVATE, "10.0.1.77", (s.GROUP,), InterfaceType="lambda")
    )
    return_ports(made, 32768, 65535)
    assert s.ask(made, s.question(source={"network_interface": "eni-0l1"})).verdict is Verdict.INTERMITTENT


def service(made: Snapshot, **more: object) -> Json:
    """Record an ECS service on Fargate; return the question."""
    network = {"awsvpcConfiguration": {"subnets": [s.PRIVATE], "securityGroups": [s.GROUP]}}
    row = {
        "serviceName": "web",
        "clusterArn": f"arn:aws:ecs:{s.REGION}:{s.ACCOUNT}:cluster/c",
        "taskDefinition": "arn:web:1",
        "networkConfiguration": network,
    }
    made.add_call(
        "ecs", "DescribeServices", {"cluster": "c", "services": ["web"]}, response={"services": [row]}
    )
    definition = {"taskDefinitionArn": "arn:web:1", "networkMode": "awsvpc", **more}
    made.add_call(
        "ecs",
        "DescribeTaskDefinition",
        {"taskDefinition": "arn:web:1"},
        response={"taskDefinition": definition},
    )
    return s.question(source={"ecs_service": "c/web"})


def test_ecs_on_windows() -> None:
    made = s.sound()
    return_ports(made, 32768, 60999)
    asked = service(made, runtimePlatform={"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"})
    assert s.ask(made, asked).verdict is Verdict.INTERMITTENT
    hidden = without(made, "DescribeTaskDefinition", asked)
    assert hidden.verdict is Verdict.UNKNOWN
    assert "DescribeTaskDefinition" in {gap.operation for u in hidden.unknowns for gap in u.unknown.gaps}


def test_a_hidden_task_is_named_by_the_call_that_shows_tasks() -> None:
    for source, operation in (
        ({"ecs_task": "c/t1"}, "DescribeTasks"),
        ({"ecs_service": "c/web"}, "DescribeServices"),
    ):
        found = s.ask(s.sound(), s.question(source=source))
        assert found.verdict is Verdict.UNKNOWN
        assert {gap.operation for u in found.unknowns for gap in u.unknown.gaps} == {operation}


def pod(made: Snapshot, **more: object) -> Json:
    """Put a pod's interface into a subnet without the endpoint's route; return the question."""
    made.rows("ec2.DescribeSubnets").append(s.subnet(POD_SUBNET, "10.0.2.0/24"))
    made.rows("ec2.DescribeNetworkAcls")[0]["Associations"].append(
        {"NetworkAclId": s.ACL, "SubnetId": POD_SUBNET}
    )
    made.rows("ec2.DescribeRouteTables").append(s.table(POD_TABLE, [], (POD_SUBNET,)))
    made.rows("ec2.DescribeSecurityGroups").append(s.group(POD_GROUP))
    made.rows("ec2.DescribeNetworkInterfaces").append(
        s.interface(POD_ENI, POD_SUBNET, "10.0.2.5", (POD_GROUP,), **more)
    )
    return s.question(source={"eks_pod": {"node": s.INSTANCE, "network_interface": POD_ENI}})


def addon(made: Snapshot, values: str | None, cluster: str = "c") -> None:
    """Record the settings of the VPC CNI add-on."""
    row = {"addonName": "vpc-cni", "clusterName": cluster}
    made.add_call(
        "eks",
        "DescribeAddon",
        {"clusterName": cluster, "addonName": "vpc-cni"},
        response={"addon": row if values is None else {**row, "configurationValues": values}},
    )


JSON_OFF = '{"env":{"AWS_VPC_K8S_CNI_EXTERNALSNAT":"true"}}'
YAML_OFF = "env:\n  AWS_VPC_K8S_CNI_EXTERNALSNAT: 'true'\n"


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        (None, "interface", WORKS),
        ("{}", "interface", WORKS),
        (JSON_OFF, "interface", [f"dropped {POD_TABLE}"]),
        (YAML_OFF, "interface", [f"dropped {POD_TABLE}"]),
        (JSON_OFF.replace("true", "false"), "interface", WORKS),
        ("{}", "branch", [f"dropped {POD_TABLE}"]),
        ('{"env":{"POD_SECURITY_GROUP_ENFORCING_MODE":"standard"}}', "branch", WORKS),
        ('{"env":{"AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS":"10.0.0.0/8,172.16.0.0/12"}}', "interface", WORKS),
    ],
)
def test_the_addon_tells_which_interface_a_pod_sends_by(
    values: str | None, kind: str, expected: list[str]
) -> None:
    made = s.sound()
    asked = pod(made, InterfaceType=kind)
    addon(made, values)
    found = s.ask(made, asked)
    assert paths(found) == expected
    assert not any(a.code.startswith("assumption.eks") or "pod" in a.code for a in found.assumptions)


def test_public_destinations_without_translation_leave_it_open() -> None:
    made = s.sound()
    asked = pod(made)
    addon(made, '{"env":{"AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS":"52.218.0.0/17"}}')
    assert s.ask(made, asked).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(("values", "verdict"), [(JSON_OFF, "ok"), ("{}", "intermittent")])
def test_a_translated_pod_sends_from_any_port(values: str, verdict: str) -> None:
    made = s.sound()
    return_ports(made, 32768, 65535)
    addon(made, values)
    assert s.ask(made, s.question(source={"eks_pod": {"node": s.INSTANCE}})).verdict == verdict


def test_the_tags_of_the_node_name_its_cluster() -> None:
    made = s.sound()
    asked = pod(made)
    addon(made, JSON_OFF, "mine")
    addon(made, "{}", "other")
    assert paths(s.ask(made, asked)) == WORKS  # two clusters, none named: the default is assumed
    row = made.rows("ec2.DescribeInstances")[0]["Instances"][0]
    row["Tags"] = [{"Key": "kubernetes.io/cluster/mine", "Value": "owned"}]
    assert paths(s.ask(made, asked)) == [f"dropped {POD_TABLE}"]
    row["Tags"] = [{"Key": "eks:cluster-name", "Value": "other"}]
    assert paths(s.ask(made, asked)) == WORKS


def test_a_pods_own_address_is_private_whatever_its_node_has() -> None:
    made = s.sound()
    sc.with_public_address(made)
    sc.without_endpoint_route(made)
    sc.private_routes(made)[-1] = s.route("0.0.0.0/0", GatewayId=s.IGW)
    addon(made, JSON_OFF)
    found = s.ask(made, s.question(source={"eks_pod": {"node": s.INSTANCE}}))
    assert paths(found) == [f"dropped {s.PRIVATE_TABLE}"]


def test_a_pods_interface_that_is_not_recorded() -> None:
    made = s.sound()
    asked = pod(made, InterfaceType="branch")
    made.row("ec2.DescribeSecurityGroups", GroupId=POD_GROUP)["IpPermissionsEgress"] = []
    assert s.ask(made, asked).verdict is Verdict.BLOCKED
    hidden = without(made, "DescribeNetworkInterfaces", asked)
    assert hidden.verdict is Verdict.UNKNOWN
    assert "DescribeNetworkInterfaces" in {gap.operation for u in hidden.unknowns for gap in u.unknown.gaps}
    made.rows("ec2.DescribeNetworkInterfaces").pop()
    with pytest.raises(UnknownSourceError):
        s.ask(made, asked)


def test_a_container_whose_instance_is_hidden_names_the_call() -> None:
    made = s.sound()
    service(made, networkMode="bridge")
    made.calls[-2]["response"]["services"][0].pop("networkConfiguration")
    task = {"taskArn": "arn:aws:ecs:eu-west-1:111122223333:task/c/t1", "containerInstanceArn": "arn:ci/1"}
    task |= {"clusterArn": "arn:aws:ecs:eu-west-1:111122223333:cluster/c", "taskDefinitionArn": "arn:web:1"}
    made.add_call("ecs", "DescribeTasks", {"cluster": "c", "tasks": ["t1"]}, response={"tasks": [task]})
    for source, operation in (
        ({"ecs_task": "c/t1"}, "DescribeContainerInstances"),
        ({"ecs_service": "c/web"}, "DescribeTasks"),
    ):
        found = s.ask(made, s.question(source=source))
        assert found.verdict is Verdict.UNKNOWN
        assert {gap.operation for u in found.unknowns for gap in u.unknown.gaps} == {operation}


@pytest.mark.parametrize("source", [{"subnet": s.PRIVATE}, {"ip": "10.0.1.99"}], ids=str)
def test_groups_that_nobody_names_are_some_of_the_vpcs(source: Json) -> None:
    made = s.sound()
    asked = s.question(source=source)
    found = s.ask(made, asked)
    assert (found.verdict, found.certainty) == (Verdict.OK, "proven")
    assert "assumption.any-groups" in {a.code for a in found.assumptions}
    made.rows("ec2.DescribeSecurityGroups").append(s.group("sg-0b1", []))
    mixed = s.ask(made, asked)
    assert mixed.verdict is Verdict.UNKNOWN
    assert {u.code for u in mixed.unknowns} == {"unknown.security-groups"}
    sc.egress(made)
    closed = s.ask(made, asked)
    assert (closed.verdict, closed.findings[0].code) == (Verdict.BLOCKED, "security-group.no-egress")
    made.rows("ec2.DescribeSecurityGroups").clear()
    assert s.ask(made, asked).verdict is Verdict.UNKNOWN
    hidden = without(made, "DescribeSecurityGroups", asked)
    assert hidden.verdict is Verdict.UNKNOWN
    assert "DescribeSecurityGroups" in {gap.operation for u in hidden.unknowns for gap in u.unknown.gaps}


def test_groups_that_admit_a_part_each() -> None:
    made = s.sound()
    sc.egress(made, s.permission("tcp", 443, cidrs=s.S3_CIDRS[:3]))
    made.rows("ec2.DescribeSecurityGroups").append(
        s.group("sg-0b1", [s.permission("tcp", 443, cidrs=s.S3_CIDRS[1:2])])
    )
    found = s.ask(made, s.question(source={"subnet": s.PRIVATE}))
    assert found.verdict is Verdict.INTERMITTENT  # one block each admits, one none does, the rest is open
    made.rows("ec2.DescribeSecurityGroups")[1]["VpcId"] = "vpc-0b1"
    assert s.ask(made, s.question(source={"subnet": s.PRIVATE})).unknowns == ()


def shared_from_another_account(made: Snapshot) -> None:
    """Record the VPC as a participant sees it: the owner's endpoints and NAT gateways are not shown."""
    for name in ("Subnets", "Vpcs", "RouteTables", "NetworkAcls", "InternetGateways", "DhcpOptions"):
        for row in made.rows(f"ec2.Describe{name}"):
            row["OwnerId"] = "999900001111"
    made.rows("ec2.DescribeVpcEndpoints").clear()
    made.rows("ec2.DescribeNatGateways").clear()


@pytest.mark.parametrize("hidden", ["DescribeVpcs", "DescribeVpcEndpoints", "DescribeDhcpOptions"])
def test_less_evidence_never_decides_more_in_a_shared_vpc(hidden: str) -> None:
    made = s.sound()
    shared_from_another_account(made)
    sc.egress(made, s.permission("tcp", 443, cidrs=["10.0.0.0/16"]))
    assert s.ask(made).verdict is Verdict.UNKNOWN  # an interface endpoint of the owner's may answer
    assert without(made, hidden, s.question()).verdict is Verdict.UNKNOWN


def test_alternatives_that_fare_alike_are_counted_once() -> None:
    made = s.sound()
    shared_from_another_account(made)
    found = s.ask(made, s.question(client=s.client(ip_version=6)))
    (path,) = found.paths
    assert path.component == s.ENI
    assert path.share == 1
