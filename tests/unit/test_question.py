"""Reading questions: every error names its place, whatever is read goes back to JSON."""

import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepath.model.question import (
    Client,
    Principal,
    Question,
    QuestionError,
    Source,
    SourceKind,
    parse_question,
    to_json,
)

SRC = Path(__file__).parents[2] / "src" / "gatepath"
FULL = {
    "source": {"lambda": "reader", "subnet": "subnet-1", "network_interface": "eni-1"},
    "service": "s3",
    "region": "eu-west-1",
    "action": "s3:GetObject",
    "resource": "arn:aws:s3:::b/k",
    "resource_account": "111122223333",
    "principal": {"arn": "arn:aws:iam::111122223333:role/app"},
    "client": {
        "region": "eu-west-1",
        "hostname": "b.s3.eu-west-1.amazonaws.com",
        "port": 443,
        "sdk": "botocore",
        "ip_version": 4,
        "addressing": "virtual,dualstack",
        "env": {"no_proxy": ""},
        "ephemeral_ports": [32768, 60999],
        "platform": "linux",
        "resolves_to": ["52.218.1.1"],
    },
    "context": {"aws:PrincipalOrgID": None, "aws:TagKeys": ["a"]},
    "operation": "CopyObject",
    "copy_source": "arn:aws:s3:::a/k",
    "copy_source_region": "us-east-1",
}


def test_a_full_question_goes_there_and_back() -> None:
    question = parse_question(FULL)
    assert question.source == Source(
        kind=SourceKind.LAMBDA, id="reader", subnet_id="subnet-1", interface_id="eni-1"
    )
    assert question.client.ephemeral_ports == (32768, 60999)
    assert question.context == {"aws:PrincipalOrgID": None, "aws:TagKeys": ["a"]}
    assert to_json(question) == FULL


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"subnet": "subnet-1", "security_groups": ["sg-1"]}, ("subnet", "subnet-1", None, None, ("sg-1",))),
        ({"network_interface": "eni-1"}, ("network_interface", "eni-1", None, None, None)),
        (
            {"network_interface": "eni-1", "subnet": "subnet-1"},
            ("network_interface", "eni-1", "subnet-1", None, None),
        ),
        ({"instance": "i-1", "network_interface": "eni-2"}, ("instance", "i-1", None, "eni-2", None)),
        ({"eks_pod": {"node": "i-1", "network_interface": "eni-2"}}, ("eks_pod", "i-1", None, "eni-2", None)),
        ({"eks_pod": {"network_interface": "eni-2"}}, ("eks_pod", "", None, "eni-2", None)),
        ({"ip": "10.0.0.1", "subnet": "subnet-1"}, ("ip", "10.0.0.1", "subnet-1", None, None)),
        ({"external": "a laptop"}, ("external", "a laptop", None, None, None)),
    ],
)
def test_sources(source: dict[str, object], expected: tuple[object, ...]) -> None:
    question = parse_question({"source": source, "service": "dynamodb"})
    found = question.source
    assert (found.kind, found.id, found.subnet_id, found.interface_id, found.group_ids) == expected
    assert to_json(question)["source"] == source


def test_an_external_source_needs_no_name() -> None:
    question = parse_question({"source": {"external": True}, "service": "s3"})
    assert to_json(question)["source"] == {"external": "external"}
    with pytest.raises(QuestionError):
        parse_question({"source": {"external": False}, "service": "s3"})


FAULTS = [
    ([], "", "question.wrong-type"),
    ({}, "service", "question.missing"),
    ({"service": "s3"}, "source", "question.missing"),
    ({"service": "ec2", "source": {"instance": "i-1"}}, "service", "question.not-one-of"),
    ({"service": "s3", "source": "i-1"}, "source", "question.wrong-type"),
    ({"service": "s3", "source": {}}, "source", "question.exactly-one"),
    ({"service": "s3", "source": {"instance": "i", "lambda": "f"}}, "source", "question.exactly-one"),
    ({"service": "s3", "source": {"instanz": "i"}}, "source.instanz", "question.unknown-key"),
    ({"service": "s3", "source": {"instance": 7}}, "source.instance", "question.wrong-type"),
    ({"service": "s3", "source": {"instance": " "}}, "source.instance", "question.empty"),
    ({"service": "s3", "source": {"ip": "10.0.0.300"}}, "source.ip", "question.not-an-address"),
    ({"service": "s3", "source": {"eks_pod": {}}}, "source.eks_pod.node", "question.missing"),
    (
        {"service": "s3", "source": {"subnet": "s", "security_groups": ["sg-1", 2]}},
        "source.security_groups[1]",
        "question.wrong-type",
    ),
]
CLIENT_FAULTS = [
    ({"port": 0}, "client.port", "question.out-of-range"),
    ({"port": "443"}, "client.port", "question.wrong-type"),
    ({"port": True}, "client.port", "question.wrong-type"),
    ({"ip_version": 5}, "client.ip_version", "question.not-one-of"),
    ({"ephemeral_ports": [1024]}, "client.ephemeral_ports", "question.wrong-type"),
    ({"ephemeral_ports": [1024, 70000]}, "client.ephemeral_ports[1]", "question.out-of-range"),
    ({"ephemeral_ports": [2000, 1024]}, "client.ephemeral_ports[1]", "question.out-of-range"),
    ({"resolves_to": ["52.218.1.1", "s3"]}, "client.resolves_to[1]", "question.not-an-address"),
    ({"env": {"no_proxy": 1}}, "client.env.no_proxy", "question.wrong-type"),
    ({"hostname": "https://s3.amazonaws.com"}, "client.hostname", "question.not-a-hostname"),
    ({"addressing": "virtual,flat"}, "client.addressing", "question.not-one-of"),
    ({"platform": "plan9"}, "client.platform", "question.not-one-of"),
    ({"proxy": "x"}, "client.proxy", "question.unknown-key"),
]
BASE: dict[str, object] = {"service": "s3", "source": {"instance": "i-1"}}
OTHER_FAULTS: list[tuple[dict[str, object], str, str]] = [
    ({"resource": "bucket/key"}, "resource", "question.not-an-arn"),
    ({"principal": {}}, "principal", "question.exactly-one"),
    ({"principal": {"anonymous": False}}, "principal", "question.exactly-one"),
    ({"principal": {"anonymous": "yes"}}, "principal.anonymous", "question.wrong-type"),
    ({"principal": {"arn": "role"}}, "principal.arn", "question.not-an-arn"),
    ({"context": []}, "context", "question.wrong-type"),
]
ALL_FAULTS = [
    *FAULTS,
    *(({**BASE, "client": client}, path, code) for client, path, code in CLIENT_FAULTS),
    *(({**BASE, **more}, path, code) for more, path, code in OTHER_FAULTS),
]


@pytest.mark.parametrize(("data", "path", "code"), ALL_FAULTS, ids=lambda value: str(value)[:40])
def test_errors_name_the_place(data: object, path: str, code: str) -> None:
    with pytest.raises(QuestionError) as caught:
        parse_question(data)
    assert (caught.value.path, caught.value.code) == (path, code)


def test_every_code_has_a_text_in_both_languages_with_its_arguments() -> None:
    texts = tomllib.loads((SRC / "messages" / "question_errors.toml").read_text(encoding="utf-8"))
    for data, _, code in ALL_FAULTS:
        with pytest.raises(QuestionError) as caught:
            parse_question(data)
        for language in ("en", "ja"):
            wanted = set(re.findall(r"\{(\w+)\}", texts[code][language]))
            assert wanted <= {name for name, _ in caught.value.arguments}


SCALARS = st.none() | st.booleans() | st.integers(-1, 70000) | st.floats() | st.text(max_size=8)
WORDS = st.sampled_from(
    ["source", "service", "client", "principal", "context", "instance", "ip", "port", "s3", "eks_pod", "env"]
)
GARBAGE = st.recursive(
    SCALARS | WORDS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)
SHAPED = st.fixed_dictionaries(
    {"source": GARBAGE, "service": st.just("s3") | GARBAGE},
    optional={"client": GARBAGE, "principal": GARBAGE, "context": GARBAGE, "resource": GARBAGE},
)
DEEPER = st.fixed_dictionaries(
    {"source": st.just({"instance": "i-1"}), "service": st.just("s3")},
    optional={
        "client": st.fixed_dictionaries(
            {},
            optional={name: GARBAGE for name in Client.__dataclass_fields__},  # noqa: C420 - one strategy each
        ),
        "principal": st.fixed_dictionaries({}, optional={n: GARBAGE for n in Principal.__dataclass_fields__}),  # noqa: C420 - likewise
    },
)


@settings(max_examples=300, deadline=None)
@given(GARBAGE | SHAPED | DEEPER)
def test_garbage_raises_nothing_else(data: object) -> None:
    try:
        question = parse_question(data)
    except QuestionError:
        return
    assert parse_question(to_json(question)) == question


TEXT = st.text(min_size=1, max_size=6).filter(lambda text: bool(text.strip()))
OPTIONAL = st.none() | TEXT
ASKED_OF = st.sampled_from(
    [
        ("s3", None, None),
        ("s3", "s3:GetObject", "arn:aws:s3:::b/*"),
        ("s3", "*", "*"),
        ("s3express", "s3express:CreateSession", None),
        ("dynamodb", "dynamodb:Query", "arn:aws:dynamodb:eu-west-1:111122223333:table/t"),
        ("dynamodb", None, "*"),
    ]
)
"""Service, action and resource that go together."""


def asked_of(question: Question, asked: tuple[str, str | None, str | None]) -> Question:
    return replace(question, service=asked[0], action=asked[1], resource=asked[2])


ANY = st.builds(
    Question,
    source=st.builds(
        Source,
        kind=st.sampled_from(
            [
                k
                for k in SourceKind
                if k not in {SourceKind.IP, SourceKind.SUBNET, SourceKind.NETWORK_INTERFACE}
            ]
        ),
        id=TEXT,
        subnet_id=OPTIONAL,
        interface_id=OPTIONAL,
        group_ids=st.none() | st.lists(TEXT, max_size=2).map(tuple),
    ),
    service=st.just("s3"),
    region=OPTIONAL,
    principal=st.none()
    | st.just(Principal(anonymous=True))
    | TEXT.map(lambda text: Principal(presigned_by=text)),
    client=st.builds(
        Client,
        region=OPTIONAL,
        port=st.none() | st.integers(1, 65535),
        ip_version=st.sampled_from([None, 4, 6]),
        env=st.none() | st.dictionaries(TEXT, st.text(max_size=4), max_size=2),
        ephemeral_ports=st.none() | st.tuples(st.integers(1, 9), st.integers(9, 65535)),
        resolves_to=st.none() | st.just(("52.218.1.1", "2600::1")),
    ),
    context=st.dictionaries(TEXT, st.none() | TEXT, max_size=2),
)
QUESTIONS = st.builds(asked_of, ANY, ASKED_OF)


@settings(max_examples=200, deadline=None)
@given(QUESTIONS)
def test_json_and_back(question: Question) -> None:
    assert parse_question(to_json(question)) == question
