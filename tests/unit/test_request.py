"""Question and world to a request: where the source sits, what is asked for, which defaults were taken."""

import re
import tomllib
from dataclasses import replace
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from tests.case_files import Case, all_cases

from gatepath.model.network import Instance, NetworkInterface, Subnet
from gatepath.model.question import parse_question
from gatepath.model.ref import CallRef, GapReason, Ref, Unknown
from gatepath.model.store import Coverage
from gatepath.model.workload import Bucket, Caller, EcsWorkload, LambdaFunction, Table
from gatepath.model.world import World
from gatepath.placing import ElsewhereError
from gatepath.request import Part, Request, UnknownSourceError, build_request

REGION, ACCOUNT, VPC = "eu-west-1", "111122223333", "vpc-1"
REF = Ref(CallRef(index=0, account=ACCOUNT, region=REGION, service="ec2", operation="DescribeVpcs"))
COMPLETE = (Coverage(account=ACCOUNT, region=REGION),)
SRC = Path(__file__).parents[2] / "src" / "gatepath"


def subnet(name: str, block: str = "10.0.1.0/24", *, public: bool = False, v6: str | None = None) -> Subnet:
    blocks = (ip_network(block), *((ip_network(v6),) if v6 else ()))
    return Subnet(
        id=name,
        region=REGION,
        vpc_id=VPC,
        owner=ACCOUNT,
        cidrs=blocks,
        availability_zone="eu-west-1a",
        map_public_ip_on_launch=public,
        ipv6_native=False,
        enable_dns64=False,
        ref=REF,
    )


def interface(name: str, address: str = "10.0.1.10", **more: object) -> NetworkInterface:
    made = NetworkInterface(
        id=name,
        region=REGION,
        vpc_id=VPC,
        subnet_id="subnet-1",
        owner=ACCOUNT,
        addresses=(ip_address(address),),
        public_addresses=(),
        group_ids=("sg-1",),
        interface_type="interface",
        description="",
        requester_managed=False,
        source_dest_check=True,
        status="in-use",
        instance_id=None,
        device_index=None,
        ref=REF,
    )
    return replace(made, **more)  # type: ignore[arg-type]


def instance(name: str, *interfaces: str, state: str = "running", platform: str = "") -> Instance:
    return Instance(
        id=name,
        region=REGION,
        owner=ACCOUNT,
        state=state,
        platform=platform,
        vpc_id=VPC,
        subnet_id="subnet-1",
        interface_ids=interfaces,
        instance_profile_arn=None,
        tags=(),
        ref=REF,
    )


def function(
    *, subnets: tuple[str, ...] = ("subnet-1",), env: tuple[tuple[str, str], ...] = ()
) -> LambdaFunction:
    return LambdaFunction(
        name="reader",
        region=REGION,
        account=ACCOUNT,
        arn=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:reader",
        role_arn="",
        vpc_id=VPC if subnets else "",
        subnet_ids=subnets,
        group_ids=("sg-1",) if subnets else (),
        ipv6_allowed_for_dual_stack=False,
        environment=env,
        ref=REF,
    )


def service(**more: object) -> EcsWorkload:
    made = EcsWorkload(
        name="web",
        region=REGION,
        account=ACCOUNT,
        cluster="main",
        network_mode="awsvpc",
        subnet_ids=("subnet-1", "subnet-2"),
        group_ids=("sg-1",),
        interface_ids=(),
        task_role_arn=None,
        assign_public_ip=False,
        container_instance_id=None,
        platform="linux",
        environment=(),
        ref=REF,
    )
    return replace(made, **more)  # type: ignore[arg-type]


def bucket(region: str, *, exists: bool = True) -> Bucket:
    return Bucket(name="b-b", region=region, exists=exists, status=200, account=ACCOUNT, ref=REF)


def world_of(*rows: object, complete: bool = True) -> World:
    """Return a world of these rows; its EC2 lists are complete, or were never recorded."""
    world = World(callers=World().callers.with_row(ACCOUNT, Caller(account=ACCOUNT, arn="", ref=REF)))
    names = {
        Subnet: "subnets",
        NetworkInterface: "network_interfaces",
        Instance: "instances",
        LambdaFunction: "lambda_functions",
        EcsWorkload: "ecs_workloads",
        Bucket: "buckets",
        Table: "tables",
    }
    for row in rows:
        name = names[type(row)]
        match row:
            case Subnet() | NetworkInterface() | Instance():
                key = row.id
            case EcsWorkload():
                key = f"{row.region}/{row.cluster}/{row.name}"
            case Bucket():
                key = row.name
            case LambdaFunction() | Table():
                key = f"{row.region}/{row.name}"
            case _:
                raise TypeError(row)
        world = replace(
            world, **{name: getattr(world, name).with_row(key, row, getattr(row, "vpc_id", None))}
        )
    if complete:
        for name in ("subnets", "network_interfaces", "instances"):
            world = replace(world, **{name: replace(getattr(world, name), coverage=COMPLETE)})
    return world


PLAIN = world_of(
    subnet("subnet-1"),
    subnet("subnet-2", "10.0.2.0/24"),
    interface("eni-1", instance_id="i-1", device_index=0),
    interface("eni-2", "10.0.1.11", instance_id="i-1", device_index=1),
    instance("i-1", "eni-1", "eni-2"),
    bucket(REGION),
)


def ask(source: object, world: World = PLAIN, **more: object) -> Request:
    made = {"source": source, "service": "s3", "resource": "arn:aws:s3:::b-b/key", **more}
    return build_request(parse_question({k: v for k, v in made.items() if v is not None}), world)


def parts(request: Request) -> tuple[Part, ...]:
    assert not isinstance(request.parts, Unknown)
    return request.parts


def codes(request: Request) -> list[str]:
    return [f.code for f in request.findings] + [a.code for a in request.assumptions]


def test_an_instance_sends_by_its_primary_interface() -> None:
    request = ask({"instance": "i-1"})
    (part,) = parts(request)
    assert part.interface is not None
    assert (part.interface.id, str(part.address), part.group_ids) == ("eni-1", "10.0.1.10", ("sg-1",))
    assert (part.public_address, part.source_ports) == (None, (32768, 60999))
    assert (request.region, request.account, request.vpc_id) == (REGION, ACCOUNT, VPC)
    assert (request.host.name, request.port) == ("b-b.s3.eu-west-1.amazonaws.com", 443)
    assert (request.bucket, request.resource_region, request.second_host) == ("b-b", REGION, None)
    assert codes(request) == [
        "source.other-interfaces",
        "assumption.sdk",
        "assumption.client-region",
        "assumption.hostname-form",
        "assumption.port",
        "assumption.ephemeral-ports",
    ]


def test_a_full_client_leaves_nothing_to_assume() -> None:
    client = {"region": REGION, "sdk": "boto3", "port": 443, "ephemeral_ports": [1024, 2000]}
    request = ask({"instance": "i-1", "network_interface": "eni-2"}, client=client)
    (part,) = parts(request)
    assert part.interface is not None
    assert (part.interface.id, part.source_ports, codes(request)) == ("eni-2", (1024, 2000), [])


def test_an_id_that_a_complete_list_does_not_hold() -> None:
    for source in ({"instance": "i-9"}, {"network_interface": "eni-9"}, {"subnet": "subnet-9"}):
        with pytest.raises(UnknownSourceError) as caught:
            ask(source, region=REGION)
        assert caught.value.id in source.values()


SPREAD = world_of(
    subnet("subnet-1"),
    subnet("subnet-2", "10.0.2.0/24"),
    subnet("subnet-3", "10.0.3.0/24"),
    interface("eni-1", instance_id="i-1", device_index=0),
    interface("eni-2", "10.0.2.11", instance_id="i-1", device_index=1, subnet_id="subnet-2"),
    interface("eni-3", "10.0.2.12", instance_id="i-2", device_index=0, subnet_id="subnet-2"),
    instance("i-1", "eni-1", "eni-2"),
    instance("i-2", "eni-3"),
)


def test_an_instance_sends_by_its_interface_in_the_named_subnet() -> None:
    (part,) = parts(ask({"instance": "i-1", "subnet": "subnet-2"}, SPREAD, resource=None))
    assert part.interface is not None
    assert part.interface.id == "eni-2"


@pytest.mark.parametrize(
    ("source", "region", "where"),
    [
        ({"instance": "i-1", "subnet": "subnet-3"}, None, "subnet-3"),
        ({"instance": "i-1", "network_interface": "eni-3"}, None, "i-1"),
        ({"instance": "i-1"}, "us-west-2", "us-west-2"),
        ({"network_interface": "eni-1"}, "us-west-2", "us-west-2"),
        ({"subnet": "subnet-1", "security_groups": ["sg-1"]}, "us-west-2", "us-west-2"),
    ],
)
def test_a_source_that_is_recorded_elsewhere_than_the_question_says(
    source: dict[str, object], region: str | None, where: str
) -> None:
    with pytest.raises(ElsewhereError) as caught:
        ask(source, SPREAD, resource=None, region=region)
    assert caught.value.where == where


def test_a_source_that_was_not_recorded() -> None:
    for source in (
        {"instance": "i-9"},
        {"network_interface": "eni-9"},
        {"lambda": "f"},
        {"ecs_service": "c/s"},
    ):
        request = ask(source, world_of(complete=False), region=REGION)
        assert isinstance(request.parts, Unknown)
        assert request.parts.gaps


def test_interfaces_tell_the_instance_where_its_own_list_is_missing() -> None:
    world = replace(PLAIN, instances=World().instances)
    (part,) = parts(ask({"instance": "i-1"}, world))
    assert part.interface is not None
    assert part.interface.id == "eni-1"


def test_a_stopped_instance() -> None:
    world = world_of(subnet("subnet-1"), interface("eni-1"), instance("i-1", "eni-1", state="stopped"))
    assert "source.instance-not-running" in codes(ask({"instance": "i-1"}, world))


def test_windows_has_its_own_ports() -> None:
    world = world_of(subnet("subnet-1"), interface("eni-1"), instance("i-1", "eni-1", platform="windows"))
    assert parts(ask({"instance": "i-1"}, world))[0].source_ports == (49152, 65535)
    ports = parts(ask({"instance": "i-1"}, world, client={"platform": "linux"}))[0].source_ports
    assert ports == (32768, 60999)


def test_a_function_has_a_part_a_subnet() -> None:
    shared = interface("eni-3", "10.0.1.30", interface_type="lambda")
    world = world_of(
        subnet("subnet-1"),
        subnet("subnet-2", "10.0.2.0/24"),
        shared,
        function(subnets=("subnet-1", "subnet-2")),
    )
    first, second = parts(ask({"lambda": "reader"}, world))
    assert first.interface == shared
    assert (second.interface, second.group_ids) == (None, ("sg-1",))
    assert second.subnet is not None
    assert (second.subnet.id, second.source_ports, second.public_address) == ("subnet-2", (1024, 65535), None)
    (only,) = parts(
        ask({"lambda": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:reader", "subnet": "subnet-2"}, world)
    )
    assert only.subnet == second.subnet


def test_a_function_outside_any_vpc() -> None:
    request = ask({"lambda": "reader"}, world_of(function(subnets=())))
    assert [part.subnet for part in parts(request)] == [None]
    assert "source.function-outside-vpc" in codes(request)


def test_a_function_that_is_not_recorded_is_found_by_its_interface() -> None:
    eni = interface("eni-3", interface_type="lambda", description="AWS Lambda VPC ENI-reader-6f1d")
    (part,) = parts(ask({"lambda": "reader"}, world_of(subnet("subnet-1"), eni)))
    assert part.interface == eni


def test_a_functions_variables_are_the_clients() -> None:
    env = (("HTTPS_PROXY", "http://10.0.9.9:3128"), ("AWS_ENDPOINT_URL_S3", "http://s3.internal:9000"))
    world = world_of(subnet("subnet-1"), function(env=env))
    request = ask({"lambda": "reader"}, world)
    assert (request.host.name, request.port, request.host.form) == ("s3.internal", 9000, "foreign")
    assert request.proxy.variable is None
    request = ask({"lambda": "reader"}, world, client={"env": {}})
    assert (request.env, request.port) == ((), 443)


def test_a_service_in_awsvpc_mode_has_a_part_a_subnet() -> None:
    world = world_of(subnet("subnet-1"), subnet("subnet-2", "10.0.2.0/24"), service())
    for name in ("web", "main/web", f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/main/web"):
        found = parts(ask({"ecs_service": name}, world))
        assert [part.subnet.id for part in found if part.subnet] == ["subnet-1", "subnet-2"]
        assert {part.public_address for part in found} == {None}


def test_a_task_has_its_own_interface() -> None:
    eni = interface("eni-3", "10.0.1.30")
    world = world_of(subnet("subnet-1"), eni, service(interface_ids=("eni-3",)))
    assert [part.interface for part in parts(ask({"ecs_task": "web"}, world))] == [eni]


def test_a_bridge_task_sends_by_its_instance() -> None:
    rows = (subnet("subnet-1"), interface("eni-1"), instance("i-1", "eni-1"))
    request = ask(
        {"ecs_task": "web"}, world_of(*rows, service(network_mode="bridge", container_instance_id="i-1"))
    )
    assert [part.interface.id for part in parts(request) if part.interface] == ["eni-1"]
    assert "assumption.container-uses-instance" in codes(request)
    unseen = ask({"ecs_task": "web"}, world_of(*rows, service(network_mode="bridge")))
    assert isinstance(unseen.parts, Unknown)


def test_a_pod_sends_by_its_node() -> None:
    pod = interface("eni-9", "10.0.1.99")
    world = replace(PLAIN, network_interfaces=PLAIN.network_interfaces.with_row("eni-9", pod, VPC))
    request = ask({"eks_pod": {"node": "i-1", "network_interface": "eni-9"}}, world)
    (part,) = parts(request)
    assert part.interface is not None
    assert (part.interface.id, part.source_ports) == ("eni-1", (1024, 65535))
    assert "source.pod-uses-node-interface" in codes(request)
    assert "assumption.eks-snat" in codes(request)
    branch = replace(pod, interface_type="branch")
    world = replace(PLAIN, network_interfaces=PLAIN.network_interfaces.with_row("eni-9", branch, VPC))
    request = ask({"eks_pod": {"node": "i-1", "network_interface": "eni-9"}}, world)
    assert [part.interface for part in parts(request)] == [branch]
    assert "assumption.pod-own-interface" in codes(request)


def test_a_subnet_source() -> None:
    world = world_of(subnet("subnet-1", public=True), subnet("subnet-2", "10.0.2.0/24"))
    (public,) = parts(ask({"subnet": "subnet-1", "security_groups": ["sg-7"]}, world))
    assert (public.public_address, public.group_ids, public.address) == (Unknown(()), ("sg-7",), None)
    request = ask({"subnet": "subnet-2"}, world)
    (private,) = parts(request)
    assert private.public_address is None
    assert isinstance(private.group_ids, Unknown)
    assert private.group_ids.gaps[0].reason is GapReason.NOT_IN_API
    assert "assumption.public-address" in codes(request)


def test_an_address() -> None:
    (part,) = parts(ask({"ip": "10.0.1.11"}))
    assert part.interface is not None
    assert (part.interface.id, str(part.address)) == ("eni-2", "10.0.1.11")
    (free,) = parts(ask({"ip": "10.0.2.77"}))
    assert free.subnet is not None
    assert (free.subnet.id, str(free.address), free.interface) == ("subnet-2", "10.0.2.77", None)
    assert isinstance(free.group_ids, Unknown)
    (outside,) = parts(ask({"ip": "203.0.113.9"}))
    assert outside.subnet is None
    assert isinstance(ask({"ip": "10.9.9.9"}, world_of(complete=False)).parts, Unknown)


def test_an_external_source_is_in_no_vpc() -> None:
    request = ask({"external": "laptop"}, client={"region": REGION})
    assert [part.subnet for part in parts(request)] == [None]
    assert (request.vpc_id, request.account) == (None, ACCOUNT)


def test_dual_stack_names_use_what_the_interface_has() -> None:
    both = interface("eni-3", addresses=(ip_address("10.0.1.30"), ip_address("2001:db8::30")))
    world = world_of(subnet("subnet-1", v6="2001:db8::/64"), both, interface("eni-4"))

    def versions(eni: str, **client: object) -> list[int]:
        return [p.ip_version for p in parts(ask({"network_interface": eni}, world, client=client))]

    assert versions("eni-3") == [4]
    assert versions("eni-3", addressing="dualstack") == [6, 4]
    assert versions("eni-4", addressing="dualstack") == [4]
    assert versions("eni-3", addressing="dualstack", ip_version=6) == [6]
    named = parts(
        ask(
            {"network_interface": "eni-3"}, world, client={"hostname": "s3.dualstack.eu-west-1.amazonaws.com"}
        )
    )
    assert [str(p.address) for p in named] == ["2001:db8::30", "10.0.1.30"]
    assert named[0].public_address == ip_address("2001:db8::30")


@pytest.mark.parametrize(
    ("client", "home", "second"),
    [
        ({"region": "eu-west-1"}, "eu-west-2", "b-b.s3.eu-west-2.amazonaws.com"),
        ({"region": "us-east-1"}, "eu-west-2", "b-b.s3.eu-west-2.amazonaws.com"),
        ({"region": "us-east-1"}, "us-east-1", None),
        ({"region": "eu-west-1"}, "us-east-1", "b-b.s3.us-east-1.amazonaws.com"),
        ({"region": "eu-west-1", "addressing": "path"}, "eu-west-2", "s3.eu-west-2.amazonaws.com"),
        (
            {"region": "eu-west-1", "addressing": "dualstack"},
            "eu-west-2",
            "b-b.s3.dualstack.eu-west-2.amazonaws.com",
        ),
        ({"region": "eu-west-1", "sdk": "java"}, "eu-west-2", None),
        (
            {"region": "eu-west-1", "env": {"AWS_ENDPOINT_URL": "https://s3.eu-west-1.amazonaws.com"}},
            "eu-west-2",
            None,
        ),
        (
            {"hostname": "b-b.s3.eu-west-1.amazonaws.com", "sdk": "aws-cli"},
            "eu-west-2",
            "b-b.s3.eu-west-2.amazonaws.com",
        ),
    ],
)
def test_the_second_host(client: dict[str, object], home: str, second: str | None) -> None:
    world = replace(PLAIN, buckets=World().buckets.with_row("b-b", bucket(home)))
    request = ask({"instance": "i-1"}, world, client=client)
    assert (request.second_host.name if request.second_host else None) == second
    assert request.resource_region == home


def test_the_buckets_region() -> None:
    gone = replace(PLAIN, buckets=World().buckets.with_row("b-b", bucket("", exists=False)))
    assert ask({"instance": "i-1"}, gone).resource_region == ""
    unseen = ask({"instance": "i-1"}, replace(PLAIN, buckets=World().buckets)).resource_region
    assert isinstance(unseen, Unknown)
    assert unseen.gaps[0].operation == "HeadBucket"
    assert ask({"instance": "i-1"}, resource=None).resource_region is None
    named = ask({"instance": "i-1"}, resource=None, client={"hostname": "b-b.s3.eu-west-1.amazonaws.com"})
    assert (named.bucket, named.resource_region) == ("b-b", REGION)
    assert ask({"instance": "i-1"}, resource="arn:aws:s3:::b*").bucket is None


def test_access_points_and_directory_buckets() -> None:
    arn = f"arn:aws:s3:us-west-2:{ACCOUNT}:accesspoint/ap/object/k"
    request = ask({"instance": "i-1"}, resource=arn)
    assert request.host.name == f"ap-{ACCOUNT}.s3-accesspoint.us-west-2.amazonaws.com"
    assert (request.bucket, request.resource_region, request.second_host) == (None, "us-west-2", None)
    arn = f"arn:aws:s3express:{REGION}:{ACCOUNT}:bucket/d--euw1-az1--x-s3"
    request = ask({"instance": "i-1"}, service="s3express", resource=arn, action="s3express:CreateSession")
    assert request.host.name == "d--euw1-az1--x-s3.s3express-euw1-az1.eu-west-1.amazonaws.com"
    assert (request.bucket, request.resource_region) == ("d--euw1-az1--x-s3", REGION)
    request = ask({"instance": "i-1"}, service="s3express", resource=arn, action="s3express:GetBucketPolicy")
    assert request.host.name == "s3express-control.eu-west-1.amazonaws.com"


def test_tables_are_where_their_arn_says() -> None:
    arn = f"arn:aws:dynamodb:eu-west-2:{ACCOUNT}:table/t/index/i"
    request = ask({"instance": "i-1"}, service="dynamodb", resource=arn)
    assert (request.table, request.resource_region, request.second_host) == ("t", "eu-west-2", None)
    assert request.host.name == "dynamodb.eu-west-1.amazonaws.com"
    gone = Table(
        name="t", region="eu-west-2", account=ACCOUNT, exists=False, status="", replica_regions=(), ref=REF
    )
    world = replace(PLAIN, tables=World().tables.with_row("eu-west-2/t", gone))
    assert ask({"instance": "i-1"}, world, service="dynamodb", resource=arn).resource_region == ""
    stream = ask({"instance": "i-1"}, service="dynamodb", resource=arn, action="dynamodb:GetRecords")
    assert stream.host.form == "streams"


def test_ports_of_plain_http() -> None:
    host = "b-b.s3-website-eu-west-1.amazonaws.com"
    assert ask({"instance": "i-1"}, client={"hostname": host}).port == 80
    request = ask({"instance": "i-1"}, client={"port": 80, "env": {"HTTP_PROXY": "http://p:1"}})
    assert request.proxy.url == "http://p:1"


def test_the_proxy_is_judged_for_the_host() -> None:
    env = {"https_proxy": "http://10.0.9.9:3128", "no_proxy": "s3.eu-west-1.amazonaws.com"}
    assert ask({"instance": "i-1"}, client={"env": env}).proxy.url is None
    assert ask({"instance": "i-1"}, client={"env": {**env, "no_proxy": "x"}}).proxy.host == "10.0.9.9"


def test_resolved_addresses_are_kept() -> None:
    request = ask({"instance": "i-1"}, client={"resolves_to": ["52.218.1.1"]})
    assert request.resolves_to == (ip_address("52.218.1.1"),)


def test_every_assumption_has_texts_with_its_arguments() -> None:
    texts = tomllib.loads((SRC / "messages" / "assumptions.toml").read_text(encoding="utf-8"))
    world = world_of(subnet("subnet-1"), interface("eni-1"), instance("i-1", "eni-1"))
    requests = [
        ask({"instance": "i-1"}, world, client={"env": {"AWS_REGION": "eu-west-2"}}),
        ask({"subnet": "subnet-1"}, world, client={"env": {"AWS_ENDPOINT_URL": "http://x"}}),
        ask({"eks_pod": {"node": "i-1"}}, world),
        ask({"eks_pod": {"network_interface": "eni-1"}}, world),
        ask({"external": "laptop"}, world_of(complete=False), client={"region": REGION}),
    ]
    assert "assumption.source-region" in codes(requests[-1])
    for assumption in (a for request in requests for a in request.assumptions):
        for language in ("en", "ja"):
            wanted = set(re.findall(r"\{(\w+)\}", texts[assumption.code][language]))
            assert wanted <= {name for name, _ in assumption.arguments}, assumption.code


REPORTED = [case for case in all_cases() if not case.name.startswith("findings/")]


@pytest.mark.parametrize("case", REPORTED, ids=lambda case: case.name)
def test_every_case_builds(case: Case) -> None:
    request = build_request(case.question(), case.world())
    assert request.host.region is not None or request.host.form == "global"
    assert parts(request)
    assert request.vpc_id is not None
    assert isinstance(request.resource_region, str)
    assert request.resource_region
