"""A simulator that leaves out keys and ignores filters: the collector must not fall over it.

`ministack` is no truth, only trouble. It wants a botocore of its own, so it is no dependency of the tests:
`uv tool install ministack` puts it on the path; without it these tests are skipped.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from gatepath.collect.live import record_for_question, record_regions
from gatepath.collect.session import SessionOptions
from gatepath.model.question import Question, Source, SourceKind

REGION = "eu-west-1"
PROGRAM = shutil.which(
    "ministack", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
)
pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="ministack is not installed: `uv tool install ministack`"
)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    assert PROGRAM is not None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tmp_path_factory.mktemp("ministack")
    place = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "HOME": str(home), "TMPDIR": str(home)}
    with (home / "log").open("wb") as log:
        server = subprocess.Popen([PROGRAM], env={**os.environ, **place}, cwd=home, stdout=log, stderr=log)
    try:
        wait_for(f"http://127.0.0.1:{port}", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)


def wait_for(address: str, server: "subprocess.Popen[bytes]") -> None:
    for _ in range(150):
        if server.poll() is not None:
            pytest.skip("ministack does not start here")
        try:
            urllib.request.urlopen(address, timeout=1)  # noqa: S310 - our own loopback server
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
        else:
            return
    pytest.skip("ministack does not answer here")


@pytest.fixture
def options(url: str, monkeypatch: pytest.MonkeyPatch) -> SessionOptions:
    for name in (
        "AWS_PROFILE",
        "AWS_SESSION_TOKEN",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "http_proxy",
        "https_proxy",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    return SessionOptions(endpoint_url=url, region=REGION)


@pytest.fixture
def subnet(url: str, options: SessionOptions) -> str:
    ec2: Any = boto3.client("ec2", region_name=REGION, endpoint_url=url)
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    subnet: str = ec2.create_subnet(VpcId=vpc, CidrBlock="10.7.1.0/24")["Subnet"]["SubnetId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    service = f"com.amazonaws.{REGION}.s3"
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=service, VpcEndpointType="Gateway", RouteTableIds=[table])
    return subnet


def test_a_question_is_recorded(options: SessionOptions, subnet: str) -> None:
    records: list[dict[str, object]] = []
    question = Question(
        source=Source(kind=SourceKind.SUBNET, id=subnet), service="s3", resource="arn:aws:s3:::b/k"
    )
    record_for_question(question, options, lambda _: None, records.append)
    assert {"DescribeSubnets", "DescribeRouteTables", "HeadBucket"} <= {
        record["operation"] for record in records
    }
    json.dumps(records)


def test_a_region_is_recorded(options: SessionOptions, subnet: str) -> None:
    records: list[dict[str, object]] = []
    record_regions(options, (REGION,), lambda _: None, records.append, buckets=("b",))
    assert len(records) > 20
    json.dumps(records)
